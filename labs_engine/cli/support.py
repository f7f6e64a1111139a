"""What the commands share: the course at hand, errors in one line, parameters, progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from labs_engine.base import terminal
from labs_engine.base.terminal import CourseError, console
from labs_engine.build.project import Project, ProjectNotFound, find_project
from labs_engine.build.stubs import SourceError
from labs_engine.declare.course import CourseNotFound, UnknownLab
from labs_engine.declare.parameters import ParameterError


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn what a user can cause into a `CourseError`."""
    with terminal.clear_errors(ParameterError, UnknownLab, CourseNotFound, ProjectNotFound, SourceError):
        yield


def project_of(ctx: click.Context) -> Project:
    """Return the course that the command works on."""
    with clear_errors():
        return find_project(ctx.find_root().obj)


def split_pairs(pairs: Sequence[str]) -> dict[str, str]:
    """Split 'NAME=VALUE' options.

    Raises:
        CourseError: One has no '=', or a name is given twice.

    Example:
        >>> split_pairs(["seed=3", "rates=[0.1, 0.2]"])
        {'seed': '3', 'rates': '[0.1, 0.2]'}
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


__all__ = ["CourseError", "clear_errors", "console", "project_of", "show_path", "split_pairs"]
