"""All reports of a grading, from its results: tables, pages, forms for platforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from labs_engine.base.storage import explained
from labs_engine.declare.framework import LabSpec
from labs_engine.grade.classpage import write_class_page
from labs_engine.grade.feedback import write_feedback
from labs_engine.grade.final_grades import Mark, marks_of
from labs_engine.grade.gradebook import write_gradebook
from labs_engine.grade.graded import file_name
from labs_engine.grade.late import NO_PENALTY, LatePolicy
from labs_engine.grade.manual_grading import collect
from labs_engine.grade.overrides import read_overrides
from labs_engine.grade.platforms import write_canvas, write_gradescope, write_moodle
from labs_engine.grade.roster import Roster
from labs_engine.grade.wording import grade_of

# How the course's own pages and results begin: other files are not removed.
_OURS = {".html": b'<meta http-equiv="Content-Security-Policy"', ".json": b'{\n "score": '}


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
        unanswered: What stands in a question's cell in the release (`manual_grading.unanswered_in`).
        assignment: The column's heading in Canvas' gradebook.
        students: Ids that `overrides.csv` may name besides those of the results: students who are not graded yet.

    Returns:
        The marks, sorted by student.

    Raises:
        TableError: `overrides.csv` or `by_hand.csv` holds what cannot be used; nothing else is written then.
    """
    known = [*(str(result["student"]) for result in results), *students]
    overrides = read_overrides(out / "overrides.csv", spec, known)
    manual = collect(results, spec, out, unanswered)
    marks = marks_of(results, spec, policy=policy, manual=manual, overrides=overrides)
    write_gradebook(marks, spec, out / "gradebook.csv", rerun)
    write_canvas(marks, spec, out / "gradebook_canvas.csv", roster, assignment)
    write_moodle(marks, spec, out / "gradebook_moodle.csv", roster)
    write_gradescope(marks, spec, out / "gradescope")
    write_feedback(marks, spec, out / "feedback", out / "runs")
    write_class_page(marks, spec, out / "class.html")
    _remove_left(marks, students, out / "feedback", out / "gradescope")
    return marks


def _remove_left(marks: Sequence[Mark], keep: Sequence[str], feedback: Path, gradescope: Path) -> None:
    """Remove the pages and Gradescope's files of students who have left or have no grade any more.

    Args:
        marks: The marks whose files were written.
        keep: Ids of whoever is still to be graded.
        feedback: The folder of the pages.
        gradescope: The folder with a folder for each student.
    """
    pages = {f"{file_name(student)}.html" for student in (*keep, *(mark.student for mark in marks))}
    folders = {file_name(student) for student in (*keep, *(mark.student for mark in marks if grade_of(mark)))}
    stale = [page for page in feedback.glob("*.html") if page.name not in pages]
    stale += [file for file in gradescope.glob("*/results.json") if file.parent.name not in folders]
    for file in stale:
        with explained(file):
            if _OURS[file.suffix] not in file.read_bytes()[:300]:
                continue
            file.unlink()
            if file.name == "results.json" and not any(file.parent.iterdir()):
                file.parent.rmdir()
