"""Finding what was handed in: a folder of notebooks, a folder per student, or a platform's zip.

Every file that is found belongs to a row, so nothing is dropped in silence: what is no notebook, and what
does not count beside another notebook of the same student, is named in the row's remark. In a name, what the
platform wrote stands first and what the student wrote last; which platform it is, all names decide together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labs_engine.declare.framework import LabSpec
from labs_engine.grade.archives import unpack
from labs_engine.grade.grader import Submission, new_result
from labs_engine.grade.identity import student_id
from labs_engine.grade.reading import NOTEBOOK, ZIP, rank
from labs_engine.grade.roster import Person, Roster, read_roster

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
# What systems leave in folders; no student made it.
_SYSTEM = {"__MACOSX", "Thumbs.db", "desktop.ini", "__pycache__"}
_NOT_IN_ROSTER = "not in the roster"


class NoSubmissions(ValueError):
    """There is nothing to grade; the message says where it was looked for."""


@dataclass(frozen=True)
class Unclear(Submission):
    """Files of which it is not clear whose they are; they wait for the instructor's decision."""


@dataclass(frozen=True)
class _File:
    """A file that was handed in, and what its path tells.

    `claim` is what says whose it is: what the platform wrote, the student's folder, or in a folder of notebooks
    the notebook's own name.
    """

    path: Path
    student: str
    name: str = ""
    file: str = ""
    late: bool = False
    claim: str = ""


@dataclass
class _Row:
    """All files of one student."""

    student: str
    name: str = ""
    files: list[_File] = field(default_factory=list)
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
        deadline: After which a submission is late, or None.
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
    single = path.is_file() and NOTEBOOK.search(path.name) is not None
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
        root = _without_wrapper(unpack_to if from_zip and unpack_to else path, lab, people)
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


def _without_wrapper(root: Path, lab: str, roster: Roster | None) -> Path:
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


def _platform_of(entries: Collection[str]) -> str:
    """Return the platform whose names all entries have, '' where people named them.

    Args:
        entries: The names in the uppermost folder.

    Raises:
        NoSubmissions: Most entries have a platform's names, but not all.
    """
    starts: dict[str, list[int]] = {}
    odd: dict[str, list[str]] = {}
    for platform, pattern in _PATTERNS.items():
        found = {name: pattern.fullmatch(name) for name in entries}
        starts[platform] = [match.start("id") for match in found.values() if match]
        odd[platform] = [name for name, match in found.items() if not match]
    # A student's file may look like another platform's; what stands in front of it was not the student's to write.
    whole = [platform for platform in _PATTERNS if not odd[platform]]
    if whole:
        return min(whole, key=lambda platform: sum(starts[platform]))
    most = max(_PATTERNS, key=lambda platform: len(starts[platform]))
    if len(starts[most]) > len(entries) / 2:
        raise NoSubmissions(
            f"{len(starts[most])} of {len(entries)} files are named as {most} names them, these are not: "
            f"{_some(sorted(odd[most]))}. Put them somewhere else, or give them such a name"
        )
    return ""


def _rows(root: Path, files: Sequence[Path], roster: Roster | None) -> list[_Row]:
    rows: dict[str, _Row] = {}
    paths = {path: path.relative_to(root).parts for path in files}
    platform = _platform_of({_composed(parts[0]) for parts in paths.values()})
    for path, parts in paths.items():
        file = _told_by(path, parts, platform)
        person, remark = _person_of(file, roster, platform) if roster else (None, "")
        student = person.student if person else file.student
        row = rows.setdefault(student, _Row(student, person.name if person else file.name, person=person))
        row.files.append(file)
        row.contradicted |= remark not in ("", _NOT_IN_ROSTER)
        if remark and remark not in row.remarks:
            row.remarks.append(remark)
    return list(rows.values())


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _told_by(path: Path, parts: tuple[str, ...], platform: str) -> _File:
    """Return what a file's place tells of its student."""
    first, *rest = map(_composed, parts)
    match = _PATTERNS[platform].fullmatch(first) if platform else None
    if match:
        told = match.groupdict()
        name, number = told.get("name") or "", told["id"]
        file = path.name if rest else told["file"] or first
        return _File(
            path, number, name, file, late=told.get("late") is not None, claim=f"{name}_{number}".strip("_")
        )
    if rest:
        return _File(path, student_id(first), file=path.name, claim=first)
    stem = NOTEBOOK.sub("", first) if NOTEBOOK.search(first) else Path(first).stem
    counts = NOTEBOOK.search(first) or ZIP.search(first)
    return _File(path, student_id(stem), file=path.name, claim=first if counts else "")


def _person_of(file: _File, roster: Roster, platform: str) -> tuple[Person | None, str]:
    """Return whom of the class a file is of, and what is to be said of it."""
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
        (f for f in row.files if _is_notebook(f)), key=lambda f: (rank(f.file, lab), f.path.as_posix())
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
        remarks.append(f"not graded: {_some(others)}")
    late, told = _late(row, chosen, deadline, times_count)
    if told:
        remarks.append(told)
    return Submission(row.student, chosen.path, row.name, "; ".join(remarks), late)


def _unclear(row: _Row, claims: Sequence[str]) -> Unclear:
    remarks, name = list(row.remarks), row.name
    if len(claims) > 1:
        name = row.person.name if row.person else ""
        remarks.append(f"unclear whose this is: {_some(claims)} all stand for this row")
    remarks.append(
        "nothing of it is graded: rename or remove what is not this student's and call again with --resume, "
        "or decide on the total in overrides.csv"
    )
    return Unclear(row.student, row.files[0].path, name, "; ".join(remarks))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _is_notebook(file: _File) -> bool:
    return NOTEBOOK.search(file.file) is not None


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
