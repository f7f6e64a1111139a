"""Cells that the instructor placed manually, kept in `placements.csv` beside the gradebook."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from labs_engine.declare.framework import LabSpec
from labs_engine.grade.graded import Submission
from labs_engine.grade.reading import UnreadableSubmission, read_submission
from labs_engine.grade.spreadsheet import TableError, harmless, nearest, unescaped
from labs_engine.grade.tables import read_table, write_table

COLUMNS = ("student", "cell", "place")
_FORM = re.compile(r"(?P<student>.+):(?P<cell>[0-9]{1,5})=(?P<place>[^=]+)", re.DOTALL)


def add_placements(path: Path, texts: Sequence[str], spec: LabSpec, found: Sequence[Submission]) -> None:
    """Add 'STUDENT:CELL=NAME' to the table; a cell that was placed before is placed anew.

    Args:
        path: `placements.csv`, made where there is none.
        texts: What to add. A name is that of an exercise or a question.
        spec: The lab.
        found: The submissions.

    Raises:
        TableError: A text is of another form, or names nobody, nothing, or a cell that is not there.
    """
    known = _Known(spec, found)
    rows = {(student, cell): place for student, cell, place in _rows(path, known)}
    for text in texts:
        said = _FORM.fullmatch(text)
        if said is None:
            raise TableError(f"--place {text!r}: expected STUDENT:CELL=NAME, such as 'ada:12=count'")
        student, cell, place = said["student"], int(said["cell"]), said["place"].strip()
        known.check(f"--place {text!r}", student, cell, place)
        rows[student, cell] = place
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
        path: `placements.csv`, which may be absent.
        spec: The lab.

    Raises:
        TableError: A line names nobody, nothing, or a cell that is not there.
    """
    submissions = list(found)
    placed: dict[str, list[tuple[int, str]]] = {}
    questions = {question.name for question in spec.questions}
    for student, cell, place in _rows(path, _Known(spec, submissions)):
        identity = f"answer-{place}" if place in questions else f"todo-{place}"
        placed.setdefault(student, []).append((cell, identity))
    return [
        dataclasses.replace(submission, placed=tuple(placed[submission.student]))
        if submission.student in placed
        else submission
        for submission in submissions
    ]


class _Known:
    """What a placement may name.

    Args:
        spec: The lab.
        found: The submissions.
    """

    def __init__(self, spec: LabSpec, found: Sequence[Submission]) -> None:
        self._lab = spec.name
        self._names = [exercise.name for exercise in spec.exercises]
        self._names += [question.name for question in spec.questions]
        self._found = {submission.student: submission for submission in found}
        self._cells: dict[str, int] = {}

    def check(self, where: str, student: str, cell: int, place: str) -> None:
        """Raise TableError where a placement names nobody, nothing, or a cell that is not there."""
        if student not in self._found:
            raise TableError(f"{where}: no submission of {student!r}{nearest(student, self._found)}")
        if place not in self._names:
            raise TableError(f"{where}: {place!r} is not one of: {', '.join(self._names)}")
        if student not in self._cells:
            self._cells[student] = self._number_of_cells(where, student)
        number = self._cells[student]
        if not 1 <= cell <= number:
            raise TableError(
                f"{where}: there is no cell {cell}; the notebook of {student!r} has the cells 1 to {number}"
            )

    def _number_of_cells(self, where: str, student: str) -> int:
        try:
            return len(read_submission(self._found[student].path, self._lab))
        except UnreadableSubmission as error:
            raise TableError(f"{where}: nothing of {student!r} can be placed: {error}") from None


def _rows(path: Path, known: _Known) -> list[tuple[str, int, str]]:
    if not path.exists():
        return []
    rows = []
    for line, row in read_table(path, COLUMNS):
        where = f"{path}, line {line}"
        if not set(COLUMNS) <= set(row):
            raise TableError(f"{path} needs the columns {', '.join(COLUMNS)}")
        student, cell, place = unescaped(row["student"]), row["cell"].strip(), row["place"].strip()
        if not (cell.isascii() and cell.isdigit() and len(cell) <= 5):
            raise TableError(f"{where}: the cell is a number from 1, not {cell[:20]!r}")
        known.check(where, student, int(cell), place)
        rows.append((student, int(cell), place))
    return rows
