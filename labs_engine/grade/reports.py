"""All reports of a grading, from its results: tables, pages, forms for platforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from labs_engine.declare.framework import LabSpec
from labs_engine.grade.classpage import write_class_page
from labs_engine.grade.feedback import write_feedback
from labs_engine.grade.final_grades import Mark, marks_of
from labs_engine.grade.gradebook import (
    remove_left,
    write_canvas,
    write_gradebook,
    write_gradescope,
    write_moodle,
)
from labs_engine.grade.late import NO_PENALTY, LatePolicy
from labs_engine.grade.manual_grading import collect
from labs_engine.grade.overrides import read_overrides
from labs_engine.grade.roster import Roster


def write_reports(
    results: Sequence[Mapping[str, Any]],
    spec: LabSpec,
    out: Path,
    *,
    rerun: Callable[[str], str],
    policy: LatePolicy = NO_PENALTY,
    roster: Roster | None = None,
    unanswered: Mapping[str, str] | None = None,
    assignment: str = "",
    students: Sequence[str] = (),
) -> list[Mark]:
    """Write everything that is made from results; the same results and decisions give the same bytes.

    Args:
        results: What grading found, one for each student; those of `missing_results` with them.
        spec: The lab.
        out: The folder: `runs/` in it has the executed notebooks, `overrides.csv` and `by_hand.csv` the
            instructor's decisions and points, which are read and kept.
        rerun: Returns the command that grades one student alone.
        policy: What lateness costs.
        roster: The class, or None.
        unanswered: What stands in a question's cell in the release (`byhand.unanswered_in`).
        assignment: The column's heading in Canvas' gradebook.
        students: Ids that `overrides.csv` may name beside those of the results: of whoever is not graded yet.

    Returns:
        The marks, sorted by student.

    Raises:
        TableError: `overrides.csv` or `by_hand.csv` holds what cannot be used; nothing else is written then.
    """
    known = [*(str(result["student"]) for result in results), *students]
    overrides = read_overrides(out / "overrides.csv", spec, known)
    by_hand = collect(results, spec, out, unanswered)
    marks = marks_of(results, spec, policy=policy, by_hand=by_hand, overrides=overrides)
    write_gradebook(marks, spec, out / "gradebook.csv", rerun)
    write_canvas(marks, spec, out / "gradebook_canvas.csv", roster, assignment)
    write_moodle(marks, spec, out / "gradebook_moodle.csv", roster)
    write_gradescope(marks, spec, out / "gradescope")
    write_feedback(marks, spec, out / "feedback", out / "runs")
    write_class_page(marks, spec, out / "class.html")
    remove_left(marks, students, out / "feedback", out / "gradescope")
    return marks
