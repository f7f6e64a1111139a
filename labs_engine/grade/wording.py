"""A mark in words, as tables and pages show it."""

from __future__ import annotations

from labs_engine.declare.framework import LabSpec, Verdict
from labs_engine.grade.final_grades import Mark
from labs_engine.grade.overrides import describe_overrides
from labs_engine.grade.spreadsheet import figure
from labs_engine.session.cards import Card, verdict_card

# Why a platform gets no grade: its own policy holds, or the row is no fault of the student's.
_WITHOUT_GRADE = ("missing", "lost", "unclear")
UNCLEAR = "It is not clear whose submission this is, so it is not graded yet. Your instructor will decide."


def cards_of(mark: Mark, spec: LabSpec) -> list[tuple[str, Card]]:
    """Return the name of each exercise and its card, as the notebook would show it after the worst run."""
    cards = []
    for exercise in spec.exercises:
        found = mark.result["exercises"].get(exercise.name, {})
        verdict = Verdict(
            exercise.name,
            found.get("status", "unattempted"),
            **{key: found.get(key, "") for key in ("expected", "found", "hint", "mistake")},
            points=int(found.get("points", 0)),
        )
        cards.append((exercise.name, verdict_card(spec.todo(exercise.name), exercise, verdict)))
    return cards


def how_runs_ended(mark: Mark) -> str:
    """Return in words how the runs ended, '' where there were none."""
    endings = [
        f"run {number}: {run.get('ended') or 'came to its end'}"
        for number, run in enumerate(mark.result.get("runs", ()), start=1)
    ]
    return "; ".join(endings)


def grade_of(mark: Mark) -> str:
    """Return the total for a platform; nothing where no submission was graded and nobody decided.

    What a missing submission costs is the platform's policy, and a lost or unclear one is no fault of the student's.
    """
    return "" if mark.status in _WITHOUT_GRADE and not mark.overrides else figure(mark.total)


def remarks_on(mark: Mark, spec: LabSpec) -> list[str]:
    """Return what a student should know of the total: lateness, decisions, answers that nobody has read yet."""
    penalty = [f"{figure(mark.penalty)} points taken off for lateness"] if mark.penalty else []
    unread = [f"{len(mark.open_questions)} short answers are not read yet"] if mark.open_questions else []
    return [*penalty, *describe_overrides(mark.overrides, spec), *unread]


def in_one_line(mark: Mark, spec: LabSpec) -> str:
    """Return the points of each exercise and question with all remarks, or why there are none."""
    if mark.status != "graded":
        # The remarks on an unclear row name other students' files.
        remarks = (UNCLEAR,) if mark.status == "unclear" else mark.remarks
        return "; ".join([*remarks, *remarks_on(mark, spec)])
    parts = [f"{e.title}: {figure(mark.exercises[e.name])} of {e.points}" for e in spec.exercises]
    for question in spec.questions:
        points, comment = mark.questions[question.name], mark.manual[question.name].comment
        given = "not read yet" if points is None else f"{figure(points)} of {question.points}"
        parts.append(f"{question.name}: {given}" + (f" ({comment})" if comment else ""))
    return "; ".join([*parts, *remarks_on(mark, spec)])
