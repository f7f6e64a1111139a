"""Finding what was handed in: a folder of notebooks, a folder for each student, or a platform's zip.

Every file that is found belongs to a row, so nothing is dropped in silence: the row's remark names what is not a
notebook, and what does not count beside another notebook of the same student. In a file's name, what the platform
wrote comes first and what the student wrote last; all names together decide which platform it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labs_engine.declare.framework import LabSpec
from labs_engine.grade.archives import unpack
from labs_engine.grade.graded import Submission, new_result
from labs_engine.grade.handed_in import (
    HandedIn,
    NoSubmissions,
    files_below,
    platform_of,
    read_path,
    some_of,
    without_wrapper,
)
from labs_engine.grade.reading import NOTEBOOK, ZIP, rank
from labs_engine.grade.roster import Person, Roster, read_roster

_NOT_IN_ROSTER = "not in the roster"


@dataclass(frozen=True)
class Unclear(Submission):
    """Files whose owner is not clear; they wait for the instructor's decision."""


@dataclass
class _Row:
    """All files of one student."""

    student: str
    name: str = ""
    files: list[HandedIn] = field(default_factory=list)
    person: Person | None = None
    remarks: list[str] = field(default_factory=list)
    contradicted: bool = False


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

    A row that files with different names of the platform claim, or an id and a name of two people, is `Unclear`.

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
        deadline: The deadline, or None.
        unpack_to: Where a zip is unpacked; that folder is emptied.
        leave_out: A folder whose files were not handed in, though it may lie among them: that of the reports.

    Returns:
        The submissions. Students of the roster without one are what `missing_results` returns.

    Raises:
        NoSubmissions: There is nothing; or most files are named as a platform names them, and some are not.
        ArchiveError: The zip cannot be unpacked, or not safely.
        TableError: The roster cannot be used.
        ValueError: A zip without a folder to unpack it to.
    """
    people = read_roster(roster) if roster else None
    if not path.exists():
        raise NoSubmissions(f"{path} is not there")
    from_zip = path.is_file() and NOTEBOOK.search(path.name) is None
    place = _unpacked(path, unpack_to) if from_zip else path
    # The class list and the reports may lie beside the submissions.
    beside = [other for other in (roster, None if from_zip else leave_out) if other]
    root, files = _handed_in(place, lab, people, beside)
    rows = _rows(root, files, people)
    if not rows:
        raise NoSubmissions(
            f"{path} holds no submissions. Give a folder of notebooks, a folder with one for each student, "
            "or the zip that Canvas or Moodle exports."
        )
    found = [_submission(row, lab, deadline, times_count=not from_zip) for row in rows]
    return sorted(found, key=lambda submission: submission.student)


def missing_results(roster: Roster, submissions: Sequence[Submission], spec: LabSpec) -> list[dict[str, Any]]:
    """Return results with the status 'missing' for those of the class who handed nothing in.

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


def unclear_results(submissions: Sequence[Submission], spec: LabSpec) -> list[dict[str, Any]]:
    """Return results for the submissions that are `Unclear`: without points, with the status 'unclear'.

    Args:
        submissions: What was found.
        spec: The lab.
    """
    possible = sum(exercise.points for exercise in spec.exercises)
    return [
        new_result(one.student, "unclear", [one.remark], name=one.name, points_possible=possible)
        for one in submissions
        if isinstance(one, Unclear)
    ]


def _unpacked(archive: Path, folder: Path | None) -> Path:
    """Unpack an archive; return the folder that holds its files."""
    if folder is None:
        raise ValueError("a zip needs a folder to be unpacked to")
    unpack(archive, folder)
    return folder


def _handed_in(
    place: Path, lab: str, roster: Roster | None, beside: Sequence[Path]
) -> tuple[Path, list[Path]]:
    """Return the folder that holds the submissions, and all files in it but those that lie `beside` them."""
    if place.is_file():
        return place.parent, [place]
    root = without_wrapper(place, lab, roster)
    others = {other.resolve() for other in beside}
    return root, [
        file for file in files_below(root) if not others & {file.resolve(), *file.resolve().parents}
    ]


def _rows(root: Path, files: Sequence[Path], roster: Roster | None) -> list[_Row]:
    rows: dict[str, _Row] = {}
    paths = {path: path.relative_to(root).parts for path in files}
    platform = platform_of({parts[0] for parts in paths.values()})
    for path, parts in paths.items():
        file = read_path(path, parts, platform)
        person, remark = _person_of(file, roster, platform) if roster else (None, "")
        student = person.student if person else file.student
        row = rows.setdefault(student, _Row(student, person.name if person else file.name, person=person))
        row.files.append(file)
        row.contradicted |= remark not in ("", _NOT_IN_ROSTER)
        if remark and remark not in row.remarks:
            row.remarks.append(remark)
    return list(rows.values())


def _person_of(file: HandedIn, roster: Roster, platform: str) -> tuple[Person | None, str]:
    """Return who of the class handed in a file, and a remark."""
    by_id, by_name = roster.find(file.student), roster.find(file.name)
    if by_id and by_name and by_id != by_name:
        return (
            None,
            f"the roster has the id {file.student} for {by_id.name}, and the name for {by_name.student}",
        )
    person = by_id or by_name
    if not person and not platform:  # ada_lab01.ipynb
        person = roster.find(re.split(r"[_\s]", file.student)[0])
    return person, "" if person else _NOT_IN_ROSTER


def _submission(row: _Row, lab: str, deadline: datetime | None, *, times_count: bool) -> Submission:
    claims = sorted({file.claim for file in row.files} - {""})
    if len(claims) > 1 or row.contradicted:
        return _unclear(row, claims)
    notebooks = sorted(
        (f for f in row.files if f.is_notebook), key=lambda f: (rank(f.file, lab), f.path.as_posix())
    )
    zips = [f for f in row.files if ZIP.search(f.file)]
    # A file that is no notebook is graded as what it is: an unreadable submission.
    chosen = notebooks[-1] if notebooks else (zips or row.files)[-1 if zips else 0]
    others = [f.file for f in row.files if f is not chosen]
    remarks = list(row.remarks)
    if len(notebooks) > 1:
        remarks.append(f"{len(notebooks)} notebooks: {chosen.file} counts")
    if not notebooks:
        remarks.append(f"{chosen.file} is not a notebook" + (" but an archive" if zips else ""))
    if others:
        remarks.append(f"not graded: {some_of(others)}")
    late, remark = _late(row, chosen, deadline, times_count)
    if remark:
        remarks.append(remark)
    return Submission(row.student, chosen.path, row.name, "; ".join(remarks), late)


def _unclear(row: _Row, claims: Sequence[str]) -> Unclear:
    remarks, name = list(row.remarks), row.name
    if len(claims) > 1:
        name = row.person.name if row.person else ""
        remarks.append(f"unclear whose this is: {some_of(claims)} all stand for this row")
    remarks.append(
        "nothing of it is graded: rename or remove what is not this student's and call again with --resume, "
        "or decide on the total in overrides.csv"
    )
    return Unclear(row.student, row.files[0].path, name, "; ".join(remarks))


def _late(row: _Row, chosen: HandedIn, deadline: datetime | None, times_count: bool) -> tuple[float, str]:
    """Return how many seconds late a submission is, and a remark on how that is known."""
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
