"""Finding what was handed in: a folder of notebooks, a folder per student, or a platform's zip.

Every file that is found belongs to a row, so nothing is dropped in silence: what is no notebook, and what
does not count beside another notebook of the same student, is named in the row's remark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labs_lib.exercises.framework import LabSpec
from labs_lib.grading.archives import unpack
from labs_lib.grading.roster import Person, Roster, read_roster, student_id
from labs_lib.grading.run import Submission, new_result

# Canvas: lastnamefirst_LATE_userid_fileid_name; without LATE where it came in time.
_CANVAS = re.compile(
    r"(?P<name>.+?)(?:_(?P<late>LATE))?_(?P<id>[1-9]\d*)_(?P<file_id>[1-9]\d*)_(?P<file>.+)", re.DOTALL
)
# Moodle: 'Full Name_participant_assignsubmission_file_', a folder or the beginning of a file's name.
_MOODLE = re.compile(r"(?P<name>.*)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)_?(?P<file>.*)", re.DOTALL)
# What systems leave in folders; no student made it.
_SYSTEM = {"__MACOSX", "Thumbs.db", "desktop.ini", "__pycache__"}


class NoSubmissions(ValueError):
    """There is nothing to grade; the message says where it was looked for."""


@dataclass(frozen=True)
class _File:
    """A file that was handed in, and what its path tells."""

    path: Path
    student: str
    name: str = ""
    file: str = ""
    late: bool = False


@dataclass
class _Row:
    """All files of one student."""

    student: str
    name: str = ""
    files: list[_File] = field(default_factory=list)
    person: Person | None = None
    remarks: list[str] = field(default_factory=list)


def find_submissions(
    path: Path,
    *,
    lab: str,
    roster: Path | None = None,
    deadline: datetime | None = None,
    unpack_to: Path | None = None,
    leave_out: Path | None = None,
) -> list[Submission]:
    """Return what each student handed in, sorted by id.

    How late a submission is comes, in this order, from the roster (a column with the lateness or the time
    of submission), from the mark LATE in Canvas' file names (which does not say how late: one second is
    counted, the first day of a policy), and in a folder from the files' own times, which a remark says.
    The times inside a zip are not used: Canvas writes that of the export there.

    Args:
        path: A folder of notebooks (the student is the file's name), a folder with one for each student,
            or a zip from Canvas or Moodle, or of such folders; an unpacked one is fine, too, and so is a
            single notebook.
        lab: The lab's name; it tells which notebook of several counts.
        roster: The class list, or None.
        deadline: After which a submission is late, or None.
        unpack_to: Where a zip is unpacked; that folder is emptied.
        leave_out: A folder whose files were not handed in, though it may lie among them: that of the reports.

    Returns:
        The submissions. Students of the roster without one are what `missing_results` returns.

    Raises:
        NoSubmissions: There is nothing.
        ArchiveError: The zip cannot be unpacked, or not safely.
        TableError: The roster cannot be used.
        ValueError: A zip without a folder to unpack it to.
    """
    people = read_roster(roster) if roster else None
    single = path.is_file() and path.suffix.casefold() == ".ipynb"
    from_zip = path.is_file() and not single
    if not path.exists():
        raise NoSubmissions(f"{path} is not there")
    if from_zip:
        if unpack_to is None:
            raise ValueError("a zip needs a folder to be unpacked to")
        unpack(path, unpack_to)
    if single:
        root, files = path.parent, [path]
    else:
        root = _without_wrapper(unpack_to if from_zip and unpack_to else path, lab)
        # The class list and the reports may lie beside the submissions.
        others = {place.resolve() for place in (roster, None if from_zip else leave_out) if place}
        files = [file for file in _files(root) if not others & {file.resolve(), *file.resolve().parents}]
    rows = _rows(root, files, people)
    if not rows:
        raise NoSubmissions(
            f"{path} holds no submissions. Give a folder of notebooks, a folder with one for each student, "
            "or the zip that Canvas or Moodle exports."
        )
    found = [_submission(row, lab, deadline, times_count=not from_zip) for row in rows]
    return sorted(found, key=lambda submission: submission.student)


def missing_results(roster: Roster, submissions: Sequence[Submission], spec: LabSpec) -> list[dict[str, Any]]:
    """Return results for those of the class who handed nothing in, with the status 'missing'.

    Args:
        roster: The class.
        submissions: What was found.
        spec: The lab.
    """
    there = {submission.student for submission in submissions}
    possible = sum(exercise.points for exercise in spec.exercises)
    return [
        new_result(person.student, "missing", ["no submission"], name=person.name, points_possible=possible)
        for person in sorted(roster.people, key=lambda person: person.student)
        if person.student not in there
    ]


def _files(root: Path) -> list[Path]:
    """Return all files below a folder but those of systems; links are left alone, they may lead anywhere."""
    return sorted(
        place
        for place in root.rglob("*")
        if place.is_file()
        and not place.is_symlink()
        and not any(part in _SYSTEM or part.startswith(".") for part in place.relative_to(root).parts)
        and root.resolve() in place.resolve().parents
    )


def _without_wrapper(root: Path, lab: str) -> Path:
    """Return the folder that holds the submissions: an archive often has one folder around them."""
    inside = [p for p in root.iterdir() if not (p.name in _SYSTEM or p.name.startswith("."))]
    if len(inside) != 1 or not inside[0].is_dir() or _MOODLE.fullmatch(inside[0].name):
        return root
    deeper = list(inside[0].iterdir())
    # A single student's folder looks the same, but holds the lab.
    wraps = len(deeper) > 1 or any(place.is_dir() or _CANVAS.fullmatch(place.name) for place in deeper)
    return inside[0] if wraps and not (inside[0] / f"{lab}.ipynb").exists() else root


def _rows(root: Path, files: Sequence[Path], roster: Roster | None) -> list[_Row]:
    rows: dict[str, _Row] = {}
    for path in files:
        file = _told_by(path, path.relative_to(root).parts)
        person, remark = _person_of(file, roster) if roster else (None, "")
        student = person.student if person else file.student
        row = rows.setdefault(student, _Row(student, person.name if person else file.name, person=person))
        row.files.append(file)
        if remark and remark not in row.remarks:
            row.remarks.append(remark)
    return list(rows.values())


def _told_by(path: Path, parts: tuple[str, ...]) -> _File:
    """Return what a file's place tells of its student."""
    first, *rest = (unicodedata.normalize("NFC", part) for part in parts)
    moodle = _MOODLE.fullmatch(first)
    if moodle:
        name = moodle["file"] if not rest else path.name
        return _File(path, moodle["id"], moodle["name"], name)
    canvas = _CANVAS.fullmatch(first)
    if canvas and not rest:
        return _File(path, canvas["id"], canvas["name"], canvas["file"], late=canvas["late"] is not None)
    return _File(path, student_id(first if rest else Path(first).stem), file=path.name)


def _person_of(file: _File, roster: Roster) -> tuple[Person | None, str]:
    """Return whom of the class a file is of, and what is to be said of it."""
    by_id, by_name = roster.find(file.student), roster.find(file.name)
    if by_id and by_name and by_id != by_name:
        return (
            None,
            f"the roster has the id {file.student} for {by_id.name}, and the name for {by_name.student}",
        )
    person = by_id or by_name or roster.find(re.split(r"[_\s]", file.student)[0])
    return person, "" if person else "not in the roster"


def _submission(row: _Row, lab: str, deadline: datetime | None, *, times_count: bool) -> Submission:
    notebooks = sorted((f for f in row.files if _is_notebook(f)), key=lambda f: _rank(f, lab))
    # A file that is no notebook is graded as what it is: an unreadable submission.
    chosen = notebooks[-1] if notebooks else row.files[0]
    others = [f.file or f.path.name for f in row.files if f is not chosen]
    remarks = list(row.remarks)
    if len(notebooks) > 1:
        remarks.append(f"{len(notebooks)} notebooks: {chosen.file} counts")
    if not notebooks:
        remarks.append(f"{chosen.file} is not a notebook")
    if others:
        shown = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
        remarks.append(f"not graded: {shown}")
    late, told = _late(row, chosen, deadline, times_count)
    if told:
        remarks.append(told)
    return Submission(row.student, chosen.path, row.name, "; ".join(remarks), late)


def _is_notebook(file: _File) -> bool:
    return (file.file or file.path.name).casefold().endswith(".ipynb")


def _rank(file: _File, lab: str) -> tuple[bool, bool, int, str]:
    """Return where a notebook stands among several of one student; the last one counts.

    That is the one named as the lab; platforms add -1, -2, ... to what is handed in again.
    """
    stem = Path(file.file).stem
    again = re.fullmatch(re.escape(lab) + r"(?:[-_ ]?\(?(\d{1,3})\)?)?", stem)
    of_lab = again is not None or stem.startswith(lab)
    return of_lab, again is not None, int(again[1] or 0) if again else 0, file.path.as_posix()


def _late(row: _Row, chosen: _File, deadline: datetime | None, times_count: bool) -> tuple[float, str]:
    """Return how many seconds late a submission is, and what is to be said of how that is known."""
    from_roster = row.person.late_after(deadline) if row.person else None
    if from_roster is not None:
        return from_roster, ""
    if chosen.late:
        return 1.0, "marked LATE by Canvas, which does not say how late: counted as one second"
    if deadline is None or not times_count:
        return 0.0, ""
    moment = datetime.fromtimestamp(chosen.path.stat().st_mtime, UTC)
    late = (moment - deadline.astimezone(UTC)).total_seconds()
    return (float(round(late)), "late by the time of its file") if late > 0 else (0.0, "")
