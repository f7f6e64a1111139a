"""What a submission is worth in the end: checks, points by hand, lateness, and what the instructor decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labs_engine.declare.framework import LabSpec
from labs_engine.grade.late import NO_PENALTY, LatePolicy
from labs_engine.grade.overrides import PENALTY, TOTAL, Override

Result = Mapping[str, Any]


@dataclass(frozen=True)
class HandMark:
    """What the instructor gave for one short answer.

    Attributes:
        points: The points; None where nothing was typed yet.
        comment: What the student is told.
        answered: Whether there is an answer to read.
        note: What the instructor should know, 'the answer has changed since ...'.
    """

    points: float | None = None
    comment: str = ""
    answered: bool = True
    note: str = ""


@dataclass(frozen=True)
class Mark:
    """What one submission is worth.

    Attributes:
        result: What grading found.
        exercises: Points of each exercise, after overrides.
        by_hand: Points of each question after overrides; None where they are still to be given.
        hands: What was typed for each question.
        penalty: Points taken off for lateness.
        overrides: The instructor's decisions, by what they are on.
        total: The points in the end; questions without points count 0.
        possible: The points that there are.
        remarks: What the instructor should know.
    """

    result: Result
    exercises: Mapping[str, float]
    by_hand: Mapping[str, float | None]
    hands: Mapping[str, HandMark]
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
        """graded, unreadable, missing, lost, or unclear: files of which nobody knows whose they are."""
        return str(self.result["status"])

    @property
    def open_questions(self) -> tuple[str, ...]:
        """The questions that nobody has read yet."""
        return tuple(name for name, points in self.by_hand.items() if points is None)


def marks_of(
    results: Sequence[Result],
    spec: LabSpec,
    *,
    policy: LatePolicy = NO_PENALTY,
    by_hand: Mapping[tuple[str, str], HandMark] | None = None,
    overrides: Mapping[str, Mapping[str, Override]] | None = None,
) -> list[Mark]:
    """Return what each submission is worth, sorted by student.

    Args:
        results: What grading found.
        spec: The lab.
        policy: What lateness costs.
        by_hand: Points for short answers, by student and question.
        overrides: Decisions, by student and what they are on.
    """
    hands, decided = by_hand or {}, overrides or {}
    ordered = sorted(results, key=lambda result: str(result["student"]))
    return [_mark(result, spec, policy, hands, decided.get(str(result["student"]), {})) for result in ordered]


def _mark(
    result: Result,
    spec: LabSpec,
    policy: LatePolicy,
    by_hand: Mapping[tuple[str, str], HandMark],
    decided: Mapping[str, Override],
) -> Mark:
    student = str(result["student"])
    exercises = {
        exercise.name: float(result["exercises"].get(exercise.name, {}).get("points", 0))
        for exercise in spec.exercises
    }
    # Where there is nothing to read, nothing waits for the instructor.
    nothing = HandMark(answered=False) if result["status"] != "graded" else HandMark()
    hands = {q.name: by_hand.get((student, q.name), nothing) for q in spec.questions}
    questions = {
        name: 0.0 if hand.points is None and not hand.answered else hand.points
        for name, hand in hands.items()
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
    notes = [f"{name}: {hand.note}" for name, hand in hands.items() if hand.note]
    remarks = (*(str(remark) for remark in result.get("remarks", ())), *notes)
    return Mark(result, exercises, questions, hands, penalty, decided, round(total, 2), possible, remarks)
