"""A page for each student: points, what was right, what was not and where to look.

It says what the notebook's own checks would say. No parameters are shown, so that the drawn values stay secret if the
same secret is used again. Of what a submission made, only escaped text and checked pictures are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from labs_engine.declare.framework import LabSpec
from labs_engine.grade.final_grades import Mark
from labs_engine.grade.graded import file_name
from labs_engine.grade.outputs import errors_in
from labs_engine.grade.overrides import describe_overrides
from labs_engine.grade.pages import image, render, write_page
from labs_engine.grade.pictures import pictures_in
from labs_engine.grade.spreadsheet import figure
from labs_engine.grade.wording import UNCLEAR, cards_of

_STATUS = {
    "missing": "No submission was found, so there is nothing to grade.",
    "lost": "Grading did not come to its end, which is no fault of yours. Please tell your instructor.",
    "unclear": UNCLEAR,
    "unreadable": "What was handed in could not be read as a notebook:",
}


def write_feedback(marks: Sequence[Mark], spec: LabSpec, folder: Path, notebooks: Path) -> None:
    """Write `feedback/STUDENT.html` for each student.

    Args:
        marks: The marks.
        spec: The lab.
        folder: Where the pages go.
        notebooks: Where the executed notebooks are.
    """
    for mark in marks:
        write_page(folder / f"{file_name(mark.student)}.html", feedback_page(mark, spec, notebooks))


def feedback_page(mark: Mark, spec: LabSpec, notebooks: Path) -> str:
    """Return the page of one student.

    Args:
        mark: The mark.
        spec: The lab.
        notebooks: Where the executed notebooks are.
    """
    runs = list(mark.result.get("runs", ()))
    first = notebooks / Path(str(runs[0]["notebook"])).name if runs else None
    return render(
        "feedback.html.j2",
        title=f"Lab {spec.number} · {spec.title}",
        mark=mark,
        total=figure(mark.total),
        possible=figure(mark.possible),
        penalty=figure(mark.penalty) if mark.penalty else "",
        decisions=describe_overrides(mark.overrides, spec),
        status=_STATUS.get(mark.status, ""),
        exercises=_exercises(mark, spec, errors_in(first) if first else {})
        if mark.status == "graded"
        else [],
        questions=_questions(mark, spec) if mark.status == "graded" else [],
        unplaced=mark.result.get("unplaced", ()),
        runs=[run.get("ended") or "came to its end" for run in runs],
        figures=[image(p.png, p.alt, min(p.width, 900)) for p in pictures_in(first)] if first else [],
    )


def _exercises(mark: Mark, spec: LabSpec, errors: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    runs = list(mark.result["runs"])
    cut_short = any(run.get("ended") for run in runs)
    for (name, card), exercise in zip(cards_of(mark, spec), spec.exercises, strict=True):
        lines = [(label, line) for label, line in card.lines if line]
        passed = int(mark.result["exercises"].get(name, {}).get("passed_runs", 0))
        if card.status == "unattempted" and cut_short:
            lines.append(("", "A run ended early, perhaps before this answer was there: see below."))
        if card.status != "passed" and f"todo-{name}" in errors:
            lines.append(("Error in the first run", errors[f"todo-{name}"]))
        if card.status != "passed" and passed:
            lines.append(
                ("Runs", f"right in {passed} of {len(runs)}; an answer must hold with other numbers, too")
            )
        mistake = str(mark.result["exercises"].get(name, {}).get("mistake", ""))
        if mistake:
            lines.append(("Recognised as", mistake.replace("_", " ")))
        found.append({"status": card.status, "title": card.title, "lines": lines})
        if name in mark.overrides:
            points = f"{figure(mark.exercises[name])} of {exercise.points} points count, by decision of the instructor"
            lines.append(("Changed", points))
    return found


def _questions(mark: Mark, spec: LabSpec) -> list[dict[str, Any]]:
    return [
        {
            "name": question.name.replace("_", " "),
            "answer": str(mark.result["questions"].get(question.name, "")) if given.answered else "",
            "points": _points(mark.questions[question.name], question.points),
            "comment": given.comment,
        }
        for question in spec.questions
        for given in [mark.manual[question.name]]
    ]


def _points(points: float | None, possible: int) -> str:
    return "not read yet" if points is None else f"{figure(points)} of {possible} points"
