"""The labs that exist, found by number or name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable

import labs_lib.exercises as package
from labs_lib.exercises.framework import LabSpec


class UnknownLab(LookupError):
    """No lab of that number or name."""


def all_labs() -> list[LabSpec]:
    """Return every lab, in order."""
    modules = sorted(
        module.name for module in pkgutil.iter_modules(package.__path__) if module.name.startswith("lab")
    )
    return [importlib.import_module(f"{package.__name__}.{name}").LAB for name in modules]


def find_lab(name: str) -> LabSpec:
    """Return the lab of that number ('1', '01') or name ('01_synthetic_regression').

    Raises:
        UnknownLab: There is none; the message names those that exist.
    """
    labs = all_labs()
    wanted = name.strip().removesuffix(".ipynb").removesuffix(".py")
    for lab in labs:
        if wanted in (lab.number, lab.number.lstrip("0"), lab.name, lab.slug):
            return lab
    raise UnknownLab(f"unknown lab {name!r}; there are: {', '.join(lab.name for lab in labs)}")


def select_labs(names: Iterable[str]) -> list[LabSpec]:
    """Return the labs of those names, without repetition, or all where none is named."""
    found = {lab.name: lab for lab in map(find_lab, names)}
    return list(found.values()) or all_labs()
