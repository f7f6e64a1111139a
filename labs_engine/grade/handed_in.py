"""Whose a submitted file is, read from its path: the platform writes a name, and the student's own follows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from labs_engine.grade.identity import student_id
from labs_engine.grade.reading import NOTEBOOK, ZIP
from labs_engine.grade.roster import Roster

# Each is tried from the front: the shortest name that the platform can have written.
_PATTERNS = {
    # 'Full Name_participant_assignsubmission_file_', a folder or the beginning of a file's name.
    "Moodle": re.compile(
        r"(?P<name>.*?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)_?(?P<file>.*)",
        re.DOTALL | re.ASCII,
    ),
    # lastnamefirst_LATE_userid_fileid_name; without LATE where it came in time; a text or a link has no file's id.
    "Canvas": re.compile(
        r"(?P<name>.*?)(?:_(?P<late>LATE))?_(?P<id>[1-9]\d*)_(?:[1-9]\d*_(?P<file>.*)|(?:text|link)\.html)",
        re.DOTALL | re.ASCII,
    ),
    # LATE_anon_letters_fileid_name, where markers do not see names.
    "Canvas, anonymous": re.compile(
        r"(?:(?P<late>LATE)_)?(?P<id>anon_[0-9A-Za-z]+)_(?:[1-9]\d*_(?P<file>.*)|(?:text|link)\.html)",
        re.DOTALL | re.ASCII,
    ),
}
# Files that operating systems leave in folders; no student made them.
_SYSTEM = {"__MACOSX", "Thumbs.db", "desktop.ini", "__pycache__"}


class NoSubmissions(ValueError):
    """There is nothing to grade; the message says where submissions were looked for."""


@dataclass(frozen=True)
class HandedIn:
    """A file that was handed in, and what its path says.

    `claim` is what says whose it is: what the platform wrote, the student's folder, or in a folder of notebooks
    the notebook's own name.
    """

    path: Path
    student: str
    name: str = ""
    file: str = ""
    late: bool = False
    claim: str = ""

    @property
    def is_notebook(self) -> bool:
        """Whether the student gave it a notebook's name."""
        return NOTEBOOK.search(self.file) is not None


def files_below(root: Path) -> list[Path]:
    """Return all files below a folder but those of operating systems; links are left out, as they may lead anywhere."""
    return sorted(
        place
        for place in root.rglob("*")
        if place.is_file()
        and not place.is_symlink()
        and not any(part in _SYSTEM or part.startswith(".") for part in place.relative_to(root).parts)
        and root.resolve() in place.resolve().parents
    )


def without_wrapper(root: Path, lab: str, roster: Roster | None) -> Path:
    """Return the folder that holds the submissions: an archive often has one folder around them."""
    inside = [p for p in root.iterdir() if not (p.name in _SYSTEM or p.name.startswith("."))]
    if len(inside) != 1 or not inside[0].is_dir() or _PATTERNS["Moodle"].fullmatch(inside[0].name):
        return root
    if roster and roster.find(student_id(inside[0].name)):
        return root
    deeper = list(inside[0].iterdir())
    # A single student's folder looks the same, but holds the lab and no other notebook. (One that somebody called
    # like the lab in a class's folder must not make it a student's.)
    notebooks = [place.name for place in deeper if NOTEBOOK.search(place.name)]
    wraps = len(deeper) > 1 or any(
        place.is_dir() or _PATTERNS["Canvas"].fullmatch(place.name) for place in deeper
    )
    return inside[0] if wraps and notebooks != [f"{lab}.ipynb"] else root


def platform_of(entries: Collection[str]) -> str:
    """Return the platform whose names all entries have, '' where people named them.

    Args:
        entries: The names in the uppermost folder.

    Raises:
        NoSubmissions: Most entries have a platform's names, but not all.
    """
    entries = {_composed(name) for name in entries}
    starts: dict[str, list[int]] = {}
    odd: dict[str, list[str]] = {}
    for platform, pattern in _PATTERNS.items():
        found = {name: pattern.fullmatch(name) for name in entries}
        starts[platform] = [match.start("id") for match in found.values() if match]
        odd[platform] = [name for name, match in found.items() if not match]
    # A student's file may look like another platform's, but the student cannot have written what stands in front.
    whole = [platform for platform in _PATTERNS if not odd[platform]]
    if whole:
        return min(whole, key=lambda platform: sum(starts[platform]))
    most = max(_PATTERNS, key=lambda platform: len(starts[platform]))
    if len(starts[most]) > len(entries) / 2:
        raise NoSubmissions(
            f"{len(starts[most])} of {len(entries)} files are named as {most} names them, these are not: "
            f"{some_of(sorted(odd[most]))}. Put them somewhere else, or give them such a name"
        )
    return ""


def read_path(path: Path, parts: tuple[str, ...], platform: str) -> HandedIn:
    """Return what a file's path says of its student."""
    first, *rest = map(_composed, parts)
    match = _PATTERNS[platform].fullmatch(first) if platform else None
    if match:
        found = match.groupdict()
        name, number = found.get("name") or "", found["id"]
        file = path.name if rest else found["file"] or first
        return HandedIn(
            path, number, name, file, late=found.get("late") is not None, claim=f"{name}_{number}".strip("_")
        )
    if rest:
        return HandedIn(path, student_id(first), file=path.name, claim=first)
    stem = NOTEBOOK.sub("", first) if NOTEBOOK.search(first) else Path(first).stem
    counts = NOTEBOOK.search(first) or ZIP.search(first)
    return HandedIn(path, student_id(stem), file=path.name, claim=first if counts else "")


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def some_of(names: Sequence[str]) -> str:
    """Return the first five names, and how many more there are."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
