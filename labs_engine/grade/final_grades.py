"""The final mark of a submission, from checks, manual grading, lateness and the instructor's decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labs_engine.declare.framework import LabSpec
from labs_engine.grade.late import NO_PENALTY, LatePolicy
from labs_engine.grade.overrides import PENALTY, TOTAL, Override

Result = Mapping[str, Any]


@dataclass(frozen=True)
class ManualMark:
    """What the instructor gave for one short answer.

    Attributes:
        points: The points; None if none have been given yet.
        comment: The comment for the student.
        answered: Whether there is an answer to read.
        note: What the instructor should know, 'the answer has changed since ...'.
    """

    points: float | None = None
    comment: str = ""
    answered: bool = True
    note: str = ""


@dataclass(frozen=True)
class Mark:
    """The final mark of one submission.

    Attributes:
        result: What grading found.
        exercises: Points of each exercise, after overrides.
        questions: Points of each question after overrides; None if none have been given yet.
        manual: What the instructor gave for each question.
        penalty: Points taken off for lateness.
        overrides: The instructor's decisions, by what they are on.
        total: The final points; questions without points count 0.
        possible: The highest possible number of points.
        remarks: What the instructor should know.
    """

    result: Result
    exercises: Mapping[str, float]
    questions: Mapping[str, float | None]
    manual: Mapping[str, ManualMark]
    penalty: float
    overrides: Mapping[str, Override]
    total: float
    possible: float
    remarks: tuple[str, ...] = field(default=())

    @property
    def student(self) -> str:
        """The student's id."""
        return str(self.result["student"])

    @property
    def name(self) -> str:
        """The student's name, '' if it is not known."""
        return str(self.result.get("name", ""))

    @property
    def status(self) -> str:
        """graded, unreadable, missing, lost, or unclear (files whose owner is not known)."""
        return str(self.result["status"])

    @property
    def open_questions(self) -> tuple[str, ...]:
        """The questions that nobody has read yet."""
        return tuple(name for name, points in self.questions.items() if points is None)


def marks_of(
    results: Sequence[Result],
    spec: LabSpec,
    *,
    policy: LatePolicy = NO_PENALTY,
    manual: Mapping[tuple[str, str], ManualMark] | None = None,
    overrides: Mapping[str, Mapping[str, Override]] | None = None,
) -> list[Mark]:
    """Return the final mark of each submission, sorted by student.

    Args:
        results: What grading found.
        spec: The lab.
        policy: What lateness costs.
        manual: Points for short answers, by student and question.
        overrides: Decisions, by student and what they are on.
    """
    given, decided = manual or {}, overrides or {}
    ordered = sorted(results, key=lambda result: str(result["student"]))
    return [_mark(result, spec, policy, given, decided.get(str(result["student"]), {})) for result in ordered]


def _mark(
    result: Result,
    spec: LabSpec,
    policy: LatePolicy,
    given: Mapping[tuple[str, str], ManualMark],
    decided: Mapping[str, Override],
) -> Mark:
    student = str(result["student"])
    exercises = {
        exercise.name: float(result["exercises"].get(exercise.name, {}).get("points", 0))
        for exercise in spec.exercises
    }
    # Without an answer the instructor has nothing to read.
    nothing = ManualMark(answered=False) if result["status"] != "graded" else ManualMark()
    manual = {q.name: given.get((student, q.name), nothing) for q in spec.questions}
    questions = {
        name: 0.0 if one.points is None and not one.answered else one.points for name, one in manual.items()
    }
    for name, override in decided.items():
        if name in exercises:
            exercises[name] = override.points
        elif name in questions:
            questions[name] = override.points
    possible = float(sum(e.points for e in spec.exercises) + sum(q.points for q in spec.questions))
    reached = sum(exercises.values()) + sum(points or 0.0 for points in questions.values())
    penalty = policy.penalty(float(result.get("late_seconds", 0.0)), reached, possible)
    if PENALTY in decided:
        penalty = min(decided[PENALTY].points, reached)
    total = decided[TOTAL].points if TOTAL in decided else reached - penalty
    notes = [f"{name}: {one.note}" for name, one in manual.items() if one.note]
    remarks = (*(str(remark) for remark in result.get("remarks", ())), *notes)
    return Mark(result, exercises, questions, manual, penalty, decided, round(total, 2), possible, remarks)
