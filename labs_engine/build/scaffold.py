"""A new lab, small but complete, meant to be edited: source, declaration, tests and the instructor's side."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2

from labs_engine.build.project import Project
from labs_engine.build.stubs import SourceError
from labs_engine.declare.course import all_labs, course

_TEMPLATES = "new_lab"  # a folder beside the labs


def new_lab(project: Project, slug: str, title: str, number: str = "") -> list[Path]:
    """Write the files of a new lab, which works as it stands: one exercise with two known mistakes.

    Args:
        project: The course, with its sources.
        slug: Name of its files without the number, 'speech_commands'.
        title: The notebook's heading.
        number: Two digits; the next free number without it.

    Returns:
        The files, all of which are new.

    Raises:
        SourceError: A name that cannot be one, or a course without sources.
        FileExistsError: There is a lab of that number or name.
    """
    _check_names(slug, title, number)
    package = labs_folder(project)
    number = _free_number(slug, number)
    files = hand_edited(project, number, slug)
    there = [path for path in files if path.exists()]
    if there:
        raise FileExistsError(f"{there[0]} is there already: nothing was written")
    # Python and py:percent, never HTML: nothing is to be escaped, and the title is checked above.
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(package / _TEMPLATES),
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    for path, template in zip(files, ("source", "declaration", "test", "grading"), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        text = environment.get_template(f"{template}.py.j2").render(number=number, slug=slug, title=title)
        path.write_text(text, encoding="utf-8")
    return files


def hand_edited(project: Project, number: str, slug: str) -> list[Path]:
    """Return the four places of a lab: source, declaration, tests, the instructor's side.

    The declaration of a long lab is a folder of that name, without the ending.
    """
    return [
        project.solutions / f"{number}_{slug}.py",
        labs_folder(project) / f"lab{number}.py",
        project.root / "tests" / "labs" / f"test_lab{number}.py",
        project.solutions / "grading" / f"lab{number}.py",
    ]


def labs_folder(project: Project) -> Path:
    """Return the folder of the labs' declarations, which this command may write to.

    Raises:
        SourceError: The course has no sources, or the command runs from another copy of it.
    """
    package = project.root.joinpath(*course().labs.split("."))
    if not project.solutions.is_dir() or not package.is_dir():
        raise SourceError(
            f"{project.root} holds no sources: labs are made and removed in a clone of the course"
        )
    helpers = course().folder
    if helpers.resolve() != package.parent.resolve():
        raise SourceError(
            f"the labs command belongs to another copy of the course ({helpers}): "
            f"use the one that is installed in {project.root}"
        )
    return package


def _check_names(slug: str, title: str, number: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", slug):
        raise SourceError(
            f"{slug!r} cannot be a file's name in the course: expected small letters, digits and _, "
            "such as 'speech_commands'"
        )
    if any(c in title for c in '"\\\n') or not title.strip():
        raise SourceError(f"{title!r} cannot be a title: expected one line without quotation marks")
    if number and not re.fullmatch(r"\d\d", number):
        raise SourceError(f"{number!r} cannot be a lab's number: expected two digits")


def _free_number(slug: str, wanted: str) -> str:
    """Return the number of a new lab, two digits: the one that is wanted, or the next."""
    taken = {lab.number: lab.name for lab in all_labs()}
    number = wanted or f"{max(map(int, taken)) + 1:02d}"
    same = [name for have, name in taken.items() if have == number or name[3:] == slug]
    if same:
        raise FileExistsError(f"there is a lab {same[0]} already: choose another number and name")
    return number
