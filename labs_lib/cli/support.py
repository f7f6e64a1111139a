"""What the commands share: the course at hand, errors in one line, parameters, progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from labs_lib.authoring.project import Project, ProjectNotFound, find_project
from labs_lib.exercises.parameters import ParameterError
from labs_lib.exercises.registry import UnknownLab

# Names and paths may hold '[final]' or ':x:': nothing that is printed is taken for markup.
console = Console(highlight=False, markup=False, emoji=False)


class CourseError(Exception):
    """An error whose message is all that the user needs."""


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn what a user can cause into a `CourseError`."""
    from labs_lib.authoring.stubs import SourceError

    try:
        yield
    except KeyError as error:
        raise CourseError(error.args[0] if error.args else "unknown key") from None
    except (ParameterError, UnknownLab, ProjectNotFound, SourceError, OSError) as error:
        raise CourseError(str(error)) from None


def project_of(ctx: click.Context) -> Project:
    """Return the course that the command works on."""
    with clear_errors():
        return find_project(ctx.find_root().obj)


def split_pairs(pairs: Sequence[str]) -> dict[str, str]:
    """Split 'NAME=VALUE' options.

    Raises:
        CourseError: One has no '=', or a name is given twice.
    """
    given: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise CourseError(f"-p {pair}: expected NAME=VALUE")
        if name in given:
            raise CourseError(f"-p {name} is given twice")
        given[name] = value
    return given


def show_path(path: Path) -> str:
    """Return a path as short as it can be written from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
