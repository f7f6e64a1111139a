"""The page on the class: scores, what each exercise tells, which mistakes were made, what went wrong."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from labs_engine.declare.course import course
from labs_engine.declare.framework import LabSpec
from labs_engine.grade.final_grades import Mark
from labs_engine.grade.pages import image, render, write_page
from labs_engine.grade.spreadsheet import figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FEW = 10  # students; a correlation over fewer means nothing


def write_class_page(marks: Sequence[Mark], spec: LabSpec, path: Path) -> None:
    """Write `class.html`.

    Args:
        marks: The marks.
        spec: The lab.
        path: The page.
    """
    graded = [mark for mark in marks if mark.status == "graded"]
    items = item_statistics(graded, spec)
    page = render(
        "class.html.j2",
        title=f"Lab {spec.number} · {spec.title}: the class",
        counts=_counts(marks),
        notices=_notices(marks),
        summary=_summary(graded),
        items=items,
        few=len(graded) < _FEW,
        graded=len(graded),
        mistakes=mistakes_made(graded, spec),
        limits=_limits(marks),
        others=[mark for mark in marks if mark.status != "graded"],
        remarks=[mark for mark in graded if mark.remarks],
        unplaced=[(mark, piece) for mark in graded for piece in mark.result.get("unplaced", ())],
        helpers=helpers_by_exercise(graded, spec),
        package=course().package,
        figures=_figures(graded, items) if graded else [],
    )
    write_page(path, page)


def item_statistics(graded: Sequence[Mark], spec: LabSpec) -> list[dict[str, Any]]:
    """Return the difficulty and the discrimination of each exercise.

    Difficulty is the mean share of the points. Discrimination is the correlation of the exercise's points
    with the points of all other exercises (corrected item-total correlation: with the exercise itself in
    the total, it would correlate with itself). Decisions of the instructor are in both.

    Args:
        graded: The marks of what was graded.
        spec: The lab.

    Returns:
        For each exercise `name`, `title`, `number`, `points`, `share`, `attempted`, `discrimination` (None
        where one of the two does not vary) and `n`.
    """
    points = np.array([[mark.exercises[e.name] for e in spec.exercises] for mark in graded]).reshape(
        len(graded), len(spec.exercises)
    )
    return [
        {
            "name": exercise.name,
            "title": exercise.title,
            "number": number + 1,
            "points": exercise.points,
            "share": float(points[:, number].mean() / exercise.points) if len(graded) else 0.0,
            "attempted": sum(
                mark.result["exercises"].get(exercise.name, {}).get("status") != "unattempted"
                for mark in graded
            ),
            "discrimination": _correlation(points[:, number], np.delete(points, number, axis=1).sum(axis=1)),
            "n": len(graded),
        }
        for number, exercise in enumerate(spec.exercises)
    ]


def mistakes_made(graded: Sequence[Mark], spec: LabSpec) -> list[dict[str, Any]]:
    """Return the mistakes that were recognised, the most frequent first, with their hints.

    Wrong answers in which no mistake was recognised are counted as well, without a hint: if they are many, a common
    mistake is still to be declared.
    """
    hints = {(e.name, m.name): m.hint for e in spec.exercises for m in e.mistakes}
    counted: dict[tuple[str, str], int] = {}
    for mark in graded:
        for exercise in spec.exercises:
            found: Mapping[str, Any] = mark.result["exercises"].get(exercise.name, {})
            if found.get("status") == "failed":
                key = exercise.name, str(found.get("mistake", ""))
                counted[key] = counted.get(key, 0) + 1
    return [
        {
            "exercise": spec.exercise(exercise).title,
            "number": spec.todo(exercise),
            "name": mistake.replace("_", " "),
            "hint": hints.get((exercise, mistake), ""),
            "count": count,
        }
        for (exercise, mistake), count in sorted(
            counted.items(), key=lambda item: (-item[1], spec.todo(item[0][0]), item[0][1])
        )
    ]


def helpers_by_exercise(graded: Sequence[Mark], spec: LabSpec) -> list[dict[str, Any]]:
    """Return for each exercise the course's own helpers that answers used, and by whom.

    Args:
        graded: The marks of what was graded.
        spec: The lab.
    """
    rows = []
    for exercise in spec.exercises:
        used: dict[str, list[str]] = {}
        for mark in graded:
            for helper in mark.result.get("helpers", {}).get(exercise.name, ()):
                used.setdefault(helper, []).append(mark.student)
        rows += [
            {
                "number": spec.todo(exercise.name),
                "title": exercise.title,
                "helper": helper,
                "students": students,
            }
            for helper, students in sorted(used.items())
        ]
    return rows


def _correlation(first: np.ndarray, second: np.ndarray) -> float | None:
    if len(first) < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _counts(marks: Sequence[Mark]) -> str:
    order = ("graded", "unreadable", "unclear", "missing", "lost")
    counted = {status: sum(mark.status == status for mark in marks) for status in order}
    return f"{len(marks)} students: " + ", ".join(f"{n} {status}" for status, n in counted.items() if n) + "."


def _notices(marks: Sequence[Mark]) -> list[str]:
    notices = []
    if any(mark.result.get("sandbox") == "none" for mark in marks):
        notices.append(
            "Graded without a sandbox: the submissions could reach files, the network and each other. "
            "These points are to be believed as far as the students are."
        )
    unread = sum(len(mark.open_questions) for mark in marks)
    if unread:
        notices.append(f"Not final: {unread} short answers are not read yet and count 0 so far.")
    return notices


def _summary(graded: Sequence[Mark]) -> str:
    if not graded:
        return "Nothing was graded."
    totals = [mark.total for mark in graded]
    spread = f", standard deviation {np.std(totals, ddof=1):.1f}" if len(totals) > 1 else ""
    return (
        f"Of {figure(graded[0].possible)} points: mean {np.mean(totals):.1f}{spread}, median "
        f"{figure(float(np.median(totals)))}, lowest {figure(min(totals))}, highest {figure(max(totals))}."
    )


def _limits(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    return [
        {"student": mark.student, "run": number, "limit": run.get("limit", ""), "ended": run["ended"]}
        for mark in marks
        for number, run in enumerate(mark.result.get("runs", ()), start=1)
        if run.get("ended")
    ]


def _figures(graded: Sequence[Mark], items: Sequence[Mapping[str, Any]]) -> list[Markup]:
    # Matplotlib is loaded only where it is needed, as everywhere in the course.
    from matplotlib.figure import Figure

    from labs_engine.base.style import use_style
    from labs_engine.grade.class_statistics import exercise_shares, score_histogram

    use_style()
    names = [f"{item['number']} {item['title']}" for item in items]
    scores, exercises = Figure(figsize=(7, 3.6)), Figure(figsize=(7, 1.6 + 0.42 * len(names)))
    score_histogram([mark.total for mark in graded], graded[0].possible, ax=scores.subplots())
    exercise_shares(
        dict(zip(names, (item["share"] for item in items), strict=True)),
        dict(zip(names, (item["discrimination"] for item in items), strict=True)),
        ax=exercises.subplots(),
    )
    return [_image(scores), _image(exercises)]


def _image(drawn: Figure) -> Markup:
    from labs_engine.base.style import alt_text

    buffer = io.BytesIO()
    # No version names in the file, so that the same class gives the same bytes.
    drawn.savefig(buffer, format="png", dpi=200, metadata={"Software": None})
    return image(buffer.getvalue(), alt_text(drawn), 700)
