"""Cells that the instructor placed by hand, kept in `placements.csv` beside the gradebook."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from labs_lib.exercises.framework import LabSpec
from labs_lib.grading.run import Submission
from labs_lib.grading.tables import TableError, as_typed, harmless, nearest, read_table, write_table

COLUMNS = ("student", "cell", "place")
_FORM = re.compile(r"(?P<student>.+):(?P<cell>\d{1,5})=(?P<place>[^=]+)", re.DOTALL)


def add_placements(path: Path, texts: Sequence[str], spec: LabSpec, students: Sequence[str]) -> None:
    """Add 'STUDENT:CELL=NAME' to the table; a cell that was placed before is placed anew.

    Args:
        path: `placements.csv`, made where there is none.
        texts: What to add. A name is that of an exercise or a question.
        spec: The lab.
        students: The ids that there are.

    Raises:
        TableError: A text is of another form, or names nobody or nothing.
    """
    rows = {(student, cell): place for student, cell, place in _rows(path, spec, students)}
    for text in texts:
        found = _FORM.fullmatch(text)
        if found is None:
            raise TableError(f"--place {text!r}: expected STUDENT:CELL=NAME, such as 'ada:12=count'")
        where = f"--place {text!r}"
        student, place = found["student"], found["place"].strip()
        _check(where, student, place, spec, students)
        rows[student, int(found["cell"])] = place
    write_table(
        path,
        COLUMNS,
        [
            {"student": harmless(student), "cell": str(cell), "place": place}
            for (student, cell), place in sorted(rows.items())
        ],
    )


def with_placements(found: Iterable[Submission], path: Path, spec: LabSpec) -> list[Submission]:
    """Return submissions with the places that the table gives their cells.

    Args:
        found: The submissions.
        path: `placements.csv`; there may be none.
        spec: The lab.

    Raises:
        TableError: A line names nobody or nothing.
    """
    submissions = list(found)
    placed: dict[str, list[tuple[int, str]]] = {}
    questions = {question.name for question in spec.questions}
    for student, cell, place in _rows(path, spec, [submission.student for submission in submissions]):
        identity = f"answer-{place}" if place in questions else f"todo-{place}"
        placed.setdefault(student, []).append((cell, identity))
    return [
        dataclasses.replace(submission, placed=tuple(placed[submission.student]))
        if submission.student in placed
        else submission
        for submission in submissions
    ]


def _rows(path: Path, spec: LabSpec, students: Sequence[str]) -> list[tuple[str, int, str]]:
    if not path.exists():
        return []
    rows = []
    for line, row in read_table(path):
        where = f"{path}, line {line}"
        if not set(COLUMNS) <= set(row):
            raise TableError(f"{path} needs the columns {', '.join(COLUMNS)}")
        student, cell, place = as_typed(row["student"]), row["cell"].strip(), row["place"].strip()
        if not cell.isdecimal():
            raise TableError(f"{where}: the cell is a number from 1, not {cell[:20]!r}")
        _check(where, student, place, spec, students)
        rows.append((student, int(cell), place))
    return rows


def _check(where: str, student: str, place: str, spec: LabSpec, students: Sequence[str]) -> None:
    if student not in students:
        raise TableError(f"{where}: no submission of {student!r}{nearest(student, students)}")
    names = [exercise.name for exercise in spec.exercises] + [question.name for question in spec.questions]
    if place not in names:
        raise TableError(f"{where}: {place!r} is not one of: {', '.join(names)}")
