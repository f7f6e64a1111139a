"""The instructor's decisions, read from `overrides.csv`: points that count instead of those that grading found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labs_engine.declare.framework import LabSpec
from labs_engine.grade.spreadsheet import TableError, figure, ids_like, nearest, points_in, unescaped
from labs_engine.grade.tables import read_table, write_table

COLUMNS = ("student", "exercise", "points", "reason")
TOTAL, PENALTY = "total", "penalty"  # what can be overridden beside exercises and questions


@dataclass(frozen=True)
class Override:
    """A decision of the instructor's.

    Attributes:
        points: What counts instead.
        reason: Why; the student's page shows it.
    """

    points: float
    reason: str = ""


def read_overrides(path: Path, spec: LabSpec, students: Sequence[str]) -> dict[str, dict[str, Override]]:
    """Read the instructor's decisions; a file with the headings alone is made where there is none.

    A line says who (student), what (exercise: the name of an exercise or a question, 'penalty' or 'total'),
    how many points count instead, and why. A line without points decides nothing, but must still name somebody and
    something. The file is never changed.

    Args:
        path: `overrides.csv`.
        spec: The lab.
        students: The known ids.

    Returns:
        The decisions, by student and by what they are on.

    Raises:
        TableError: A line names nobody or nothing, decides the same twice, or its points are not a number or are too
            many.
    """
    if not path.exists():
        write_table(path, COLUMNS, [])
        return {}
    most = {e.name: e.points for e in spec.exercises} | {q.name: q.points for q in spec.questions}
    most |= dict.fromkeys((PENALTY, TOTAL), sum(most.values()))
    found: dict[str, dict[str, Override]] = {}
    for line, row in read_table(path, COLUMNS[:3]):
        where = f"{path}, line {line}"
        lacking = [name for name in COLUMNS[:3] if name not in row]
        if lacking:
            raise TableError(f"{path} has no column {', '.join(lacking)}; it needs: {', '.join(COLUMNS)}")
        decision = _decision(row, most, students, where)
        if decision is None:
            continue
        student, what, override = decision
        if what in found.setdefault(student, {}):
            raise TableError(f"{where}: {what} of {student} is decided twice")
        found[student][what] = override
    return found


def _decision(
    row: Mapping[str, str], most: Mapping[str, int], students: Sequence[str], where: str
) -> tuple[str, str, Override] | None:
    """Return whom a line is about, what it decides, and the decision; None where it has no points."""
    who, what = unescaped(row["student"]), row["exercise"].strip()
    points = points_in(row["points"], where)
    student = _student(who, students, where) if who or points is not None else ""
    if what not in most and (what or points is not None):
        raise TableError(f"{where}: {what!r} is not one of: {', '.join(most)}{nearest(what, most)}")
    if points is None:
        return None
    if points > most[what]:
        raise TableError(f"{where}: {figure(points)} points are more than the {most[what]} of {what}")
    return student, what, Override(points, row.get("reason", "").strip())


def _student(text: str, students: Collection[str], where: str) -> str:
    """Return whom a cell names, even if a spreadsheet has changed the id."""
    like = ids_like(text, students)
    if len(like) == 1:
        return like[0]
    if like:
        raise TableError(f"{where}: {text!r} may be any of: {', '.join(like[:5])}; write the id in full")
    raise TableError(
        f"{where}: there is no student {text!r} among the {len(set(students))} of this grading"
        + nearest(text, students)
    )


def describe_overrides(overrides: Mapping[str, Override], spec: LabSpec) -> list[str]:
    """Return the instructor's decisions on one submission in words.

    Args:
        overrides: The decisions, by what they are on.
        spec: The lab.
    """
    titles = {exercise.name: exercise.title for exercise in spec.exercises}
    return [
        f"{titles.get(name, name)}: {figure(override.points)} points by decision of the instructor"
        + (f" ({override.reason})" if override.reason else "")
        for name, override in overrides.items()
    ]
