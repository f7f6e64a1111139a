"""The gradebook: a row for each student, with everything that its total comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from labs_engine.declare.framework import LabSpec
from labs_engine.grade.final_grades import Mark
from labs_engine.grade.overrides import describe_overrides
from labs_engine.grade.spreadsheet import figure, harmless
from labs_engine.grade.tables import write_table
from labs_engine.grade.wording import how_runs_ended


def write_gradebook(marks: Sequence[Mark], spec: LabSpec, path: Path, rerun: Callable[[str], str]) -> None:
    """Write `gradebook.csv`: a row for each student, with everything that its total comes from.

    Args:
        marks: The marks.
        spec: The lab.
        path: The file.
        rerun: Returns the command that grades one student alone.
    """
    exercises = {e.name: f"{spec.todo(e.name)} {e.name} ({e.points})" for e in spec.exercises}
    questions = {q.name: f"{q.name} ({q.points})" for q in spec.questions}
    columns = [
        "student",
        "name",
        "status",
        "total",
        "possible",
        *exercises.values(),
        *questions.values(),
        "to read",
        "late seconds",
        "penalty",
        "override",
        "remark",
        "runs",
        "again",
    ]
    rows = [
        {
            "student": harmless(mark.student),
            "name": harmless(mark.name),
            "status": mark.status,
            "total": figure(mark.total),
            "possible": figure(mark.possible),
            **{column: figure(mark.exercises[name]) for name, column in exercises.items()},
            **{column: _or_empty(mark.questions[name]) for name, column in questions.items()},
            "to read": str(len(mark.open_questions)),
            "late seconds": figure(mark.result.get("late_seconds", 0.0)),
            "penalty": figure(mark.penalty),
            "override": harmless("; ".join(describe_overrides(mark.overrides, spec))),
            "remark": harmless("; ".join(mark.remarks)),
            "runs": harmless(how_runs_ended(mark)),
            "again": "" if mark.status == "missing" else harmless(rerun(mark.student)),
        }
        for mark in marks
    ]
    write_table(path, columns, rows)


def _or_empty(points: float | None) -> str:
    return "" if points is None else figure(points)
