"""The course: the one object through which the engine knows what is taught, and its labs by number or name."""

from __future__ import annotations

import functools
import importlib
import os
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import labs_engine
from labs_engine.declare.framework import LabSpec

# 'module:OBJECT' of a course. Where it is set it comes before what is installed.
VARIABLE = "LABS_COURSE"
_GROUP = "labs_engine.course"


class UnknownLab(LookupError):
    """No lab of that number or name."""


class CourseNotFound(LookupError):
    """No course is installed, or more than one."""


@dataclass(frozen=True)
class Course:
    """A course. All code is named as 'module:object', so that declaring it loads nothing.

    Attributes:
        title: As its pages show it.
        package: The helper package that its notebooks import. The modules of `package.labs` whose names begin with
            'lab' declare a lab each, as `LAB`.
        distribution: The name under which pip knows it.
        rule: What counts as an answer, for the first cell of each lab.
        at_open: A function that is called when a lab opens in a notebook; returns lines for the lab's card.
        before_judging: A function that is called once in a process that judges recorded answers.
        preload: Modules to be loaded before runs are forked.
        packages: Distributions whose versions decide the figures of a run.
        codec: A module that writes and reads answers which are neither numbers, texts nor arrays: `write`, `read`,
            `shared` and `share`, see `labs_lib.kinds.frozen`.
        warm_up: A function that compiles what some labs need, called ahead of graded runs that ask for it.
        after_probes: A function that frees the memory that making probes has taken.
        shared_cache: Folders of the cache that every graded run may read; they hold no personal data.
        commands: Further commands of `labs`.
        own_files: Parameters of labs that name a file of the user's own, which is never published.
    """

    title: str
    package: str
    distribution: str
    rule: str = ""
    at_open: str = ""
    before_judging: str = ""
    preload: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    codec: str = ""
    warm_up: str = ""
    after_probes: str = ""
    shared_cache: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    own_files: tuple[str, ...] = ()
    name: str = field(default="", compare=False)  # 'module:OBJECT', set when it is found

    @property
    def folder(self) -> Path:
        """Folder of the helper package."""
        origin = importlib.import_module(self.package).__file__
        assert origin is not None
        return Path(origin).parent

    @property
    def labs(self) -> str:
        """The package of the labs' declarations."""
        return f"{self.package}.labs"

    def call(self, function: str) -> Any:
        """Call the function that an attribute names; return None if it names none."""
        return load(getattr(self, function))() if getattr(self, function) else None


def load(name: str) -> Any:
    """Return the object that 'module:object' names.

    Raises:
        CourseNotFound: There is none.
    """
    module, _, attribute = name.partition(":")
    try:
        found = importlib.import_module(module)
        return getattr(found, attribute) if attribute else found
    except (ImportError, AttributeError) as error:
        raise CourseNotFound(f"{name!r} cannot be loaded: {error}") from None


def course() -> Course:
    """Return the course: the one that $LABS_COURSE names, or else the one that is installed.

    Raises:
        CourseNotFound: There is none, or more than one is installed.
    """
    return _course(os.environ.get(VARIABLE, ""))


@functools.cache
def _course(named: str) -> Course:
    if not named:
        installed = sorted({point.value for point in entry_points(group=_GROUP)})
        if len(installed) != 1:
            raise CourseNotFound(
                f"expected one installed course, found {', '.join(installed) or 'none'}: install the course again "
                f"(`make install`), or name one, {VARIABLE}=module:COURSE"
            )
        (named,) = installed
    found = load(named)
    if not isinstance(found, Course):
        raise CourseNotFound(f"{named} is no course but an object of type {type(found).__name__}")
    return replace(found, name=named)


def course_packages() -> tuple[Path, Path]:
    """Return the folders of the engine and of the course's helper package."""
    return Path(labs_engine.__file__).parent, course().folder


def all_labs(of: Course | None = None) -> list[LabSpec]:
    """Return every lab of a course, in order; by default of the current course."""
    package = importlib.import_module((of or course()).labs)
    modules = sorted(
        module.name for module in pkgutil.iter_modules(package.__path__) if module.name.startswith("lab")
    )
    return [importlib.import_module(f"{package.__name__}.{name}").LAB for name in modules]


def find_lab(name: str, of: Course | None = None) -> LabSpec:
    """Return the lab of that number ('1', '01') or name ('01_synthetic_regression').

    Raises:
        UnknownLab: There is none; the message names those that exist.
    """
    labs = all_labs(of)
    wanted = name.strip().removesuffix(".ipynb").removesuffix(".py")
    for lab in labs:
        if wanted in (lab.number, lab.number.lstrip("0"), lab.name, lab.slug):
            return lab
    raise UnknownLab(f"unknown lab {name!r}; there are: {', '.join(lab.name for lab in labs)}")


def select_labs(names: Iterable[str]) -> list[LabSpec]:
    """Return the labs of those names, without repetition, or all where none is named."""
    found = {lab.name: lab for lab in map(find_lab, names)}
    return list(found.values()) or all_labs()
