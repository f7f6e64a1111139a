"""A submission and the result of grading it, as plain data: what the grader writes and the reports read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs_engine.declare.framework import LabSpec


@dataclass(frozen=True)
class Submission:
    """A file that a student handed in.

    Attributes:
        student: The student's id, the name of its row.
        path: The file.
        name: The student's name, if it is known.
        remark: A remark on how the file was found.
        late_seconds: How long after the deadline it came.
        placed: Cells that the instructor placed: the number of each, and the id of the cell that it is.
    """

    student: str
    path: Path
    name: str = ""
    remark: str = ""
    late_seconds: float = 0.0
    placed: tuple[tuple[int, str], ...] = ()


def new_result(
    student: str,
    status: str,
    remarks: list[str],
    *,
    name: str,
    file: str = "",
    points_possible: int = 0,
    late_seconds: float = 0.0,
) -> dict[str, Any]:
    """Return a result without points, exercises and runs, with all that the reports read.

    Args:
        student: The student's id.
        status: 'graded', 'unreadable', 'missing' or 'lost'.
        remarks: What the instructor should know.
        name: The student's name, or ''.
        file: Name of the submission's file, or ''.
        points_possible: Points of all exercises.
        late_seconds: How long after the deadline it came.
    """
    return {
        "student": student,
        "name": name,
        "file": file,
        "status": status,
        "points": 0,
        "points_possible": points_possible,
        "remarks": remarks,
        "late_seconds": late_seconds,
        "exercises": {},
        "questions": {},
        "runs": [],
    }


def file_name(student: str) -> str:
    """Return a name for a student's files: an id may contain characters that a file name may not."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in student).strip(".")[:60]
    return safe if safe == student else f"{safe}-{hashlib.sha256(student.encode()).hexdigest()[:8]}"


def worst_of_runs(spec: LabSpec, runs: list[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return what counts for each exercise: the worst of its runs, since a right answer is right in all."""
    together = {}
    for exercise in spec.exercises:
        found = [verdicts[exercise.name] for verdicts in runs if exercise.name in verdicts]
        if not found:
            found = [{"status": "unattempted", "points": 0}]
        worst = min(found, key=lambda verdict: verdict["points"])
        together[exercise.name] = {
            **{
                key: worst.get(key, "")
                for key in ("status", "points", "expected", "found", "hint", "mistake")
            },
            "points_possible": exercise.points,
            "passed_runs": sum(verdict["status"] == "passed" for verdict in found),
        }
    return together
