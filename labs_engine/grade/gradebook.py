"""The gradebook, and the forms in which learning platforms take grades. The same results give the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from labs_engine.base.storage import explained, write_whole
from labs_engine.declare.framework import LabSpec, Verdict
from labs_engine.grade.final_grades import Mark
from labs_engine.grade.grader import file_name
from labs_engine.grade.overrides import describe_overrides
from labs_engine.grade.roster import Person, Roster
from labs_engine.grade.spreadsheet import as_typed, figure, harmless
from labs_engine.grade.tables import write_table
from labs_engine.session.cards import Card, verdict_card

_CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_MOODLE = (
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum Grade",
    "Last modified (grade)",
    "Feedback comments",
)
# Why a platform gets no grade: its own policy holds, or the row is no fault of the student's.
_WITHOUT_GRADE = ("missing", "lost", "unclear")
# How our own pages and results begin: what else lies there is not removed.
_OURS = {".html": b'<meta http-equiv="Content-Security-Policy"', ".json": b'{\n "score": '}
UNCLEAR = "It is not clear whose submission this is, so it is not graded yet. Your instructor will decide."


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
    rows = []
    for mark in marks:
        rows.append(
            {
                "student": harmless(mark.student),
                "name": harmless(mark.name),
                "status": mark.status,
                "total": figure(mark.total),
                "possible": figure(mark.possible),
                **{column: figure(mark.exercises[name]) for name, column in exercises.items()},
                **{column: _or_empty(mark.by_hand[name]) for name, column in questions.items()},
                "to read": str(len(mark.open_questions)),
                "late seconds": figure(mark.result.get("late_seconds", 0.0)),
                "penalty": figure(mark.penalty),
                "override": harmless("; ".join(describe_overrides(mark.overrides, spec))),
                "remark": harmless("; ".join(mark.remarks)),
                "runs": harmless(how_runs_ended(mark)),
                "again": "" if mark.status == "missing" else harmless(rerun(mark.student)),
            }
        )
    write_table(path, columns, rows)


def write_canvas(
    marks: Sequence[Mark], spec: LabSpec, path: Path, roster: Roster | None = None, assignment: str = ""
) -> None:
    """Write the file that Canvas' gradebook imports.

    Args:
        marks: The marks.
        spec: The lab.
        path: The file.
        roster: The class, for names, logins and sections: Canvas' exported gradebook at best.
        assignment: The column's heading as Canvas exports it, 'Lab 01 (12345)'; with another one Canvas offers
            to make a new assignment.
    """
    column = harmless(assignment or f"Lab {spec.number} {spec.title}")
    people = _people(roster)
    possible = {"Student": "    Points Possible", column: figure(marks[0].possible)} if marks else {}
    rows = [possible] if possible else []
    for mark in marks:
        person = people.get(mark.student)
        # Without a roster a number is Canvas' own id, as its zip has it, and anything else a login.
        number = mark.student if mark.student.isdigit() else ""
        cells = {
            "Student": person.name if person else mark.name,
            "ID": person.student if person else number,
            "SIS User ID": person.sis if person else "",
            "SIS Login ID": person.login if person else "" if number else mark.student,
            "Section": person.section if person else "",
        }
        rows.append({**{name: harmless(cell) for name, cell in cells.items()}, column: _grade(mark)})
    write_table(path, (*_CANVAS, column), rows, spreadsheet=False)


def write_moodle(marks: Sequence[Mark], spec: LabSpec, path: Path, roster: Roster | None = None) -> None:
    """Write the grading worksheet that Moodle's assignment imports.

    Moodle takes a worksheet only in the language in which it wrote it: where the roster is one, it is filled in.

    Args:
        marks: The marks; ids are the participants' numbers of Moodle's zip.
        spec: The lab.
        path: The file.
        roster: The class, for names and addresses: the worksheet that Moodle exported at best.
    """
    people = _people(roster)
    if roster and {"grade", "graded"} <= set(roster.columns):
        _fill_worksheet(marks, spec, path, roster)
        return
    rows = []
    for mark in marks:
        person = people.get(mark.student, Person(mark.student, mark.name))
        number = mark.student.isdigit()
        rows.append(
            {
                "Identifier": f"Participant {mark.student}" if number else harmless(mark.student),
                "Full name": harmless(person.name),
                "Email address": harmless(person.email),
                "Status": "No submission" if mark.status == "missing" else "Submitted for grading",
                "Grade": _grade(mark),
                "Maximum Grade": figure(mark.possible),
                "Last modified (grade)": "-",
                "Feedback comments": harmless(escape(_in_one_line(mark, spec))),
            }
        )
    write_table(path, _MOODLE, rows, spreadsheet=False)


def _fill_worksheet(marks: Sequence[Mark], spec: LabSpec, path: Path, roster: Roster) -> None:
    """Write the worksheet as Moodle exported it, with grades and comments; whoever is not in it is left out."""
    column, by_student = roster.columns, {mark.student: mark for mark in marks}
    headings = list(roster.people[0].row) if roster.people else list(column.values())
    comma = any(
        re.fullmatch(r"\d+,\d+", person.row.get(column.get("most", ""), "")) for person in roster.people
    )
    rows = []
    for person in roster.people:
        # Moodle writes '-' where there is nothing, and reads its own times and statuses.
        row = {
            heading: cell if cell == "-" else harmless(as_typed(cell)) for heading, cell in person.row.items()
        }
        mark = by_student.get(person.student)
        if mark and _grade(mark):
            row[column["grade"]] = _grade(mark).replace(".", "," if comma else ".")
        if mark and "comments" in column:
            row[column["comments"]] = harmless(escape(_in_one_line(mark, spec)))
        rows.append(row)
    write_table(path, headings, rows, spreadsheet=False)


def write_gradescope(marks: Sequence[Mark], spec: LabSpec, folder: Path) -> None:
    """Write `STUDENT/results.json`, as Gradescope's autograders leave it; none where there is no grade.

    Args:
        marks: The marks.
        spec: The lab.
        folder: Where the students' folders go.
    """
    for mark in marks:
        if _grade(mark):
            data = (json.dumps(_gradescope(mark, spec), indent=1, ensure_ascii=True) + "\n").encode()
            write_whole(folder / file_name(mark.student) / "results.json", data)


def remove_left(marks: Sequence[Mark], keep: Sequence[str], feedback: Path, gradescope: Path) -> None:
    """Remove the pages and Gradescope's files of students who have left, and of those who have no grade any more.

    Args:
        marks: The marks whose files were written.
        keep: Ids of whoever is still to be graded.
        feedback: The folder of the pages.
        gradescope: The folder with a folder for each student.
    """
    pages = {f"{file_name(student)}.html" for student in (*keep, *(mark.student for mark in marks))}
    folders = {file_name(student) for student in (*keep, *(mark.student for mark in marks if _grade(mark)))}
    stale = [page for page in feedback.glob("*.html") if page.name not in pages]
    stale += [file for file in gradescope.glob("*/results.json") if file.parent.name not in folders]
    for file in stale:
        with explained(file):
            if _OURS[file.suffix] not in file.read_bytes()[:300]:
                continue
            file.unlink()
            if file.name == "results.json" and not any(file.parent.iterdir()):
                file.parent.rmdir()


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
    told = [
        f"run {number}: {run.get('ended') or 'came to its end'}"
        for number, run in enumerate(mark.result.get("runs", ()), start=1)
    ]
    return "; ".join(told)


def _gradescope(mark: Mark, spec: LabSpec) -> dict[str, Any]:
    tests: list[dict[str, Any]] = []
    for (name, card), exercise in zip(cards_of(mark, spec), spec.exercises, strict=True):
        points = mark.exercises[name]
        tests.append(
            {
                "name": f"{exercise.title}",
                "number": str(spec.todo(name)),
                "score": points,
                "max_score": exercise.points,
                "status": "passed" if points >= exercise.points else "failed",
                "output": card.text(),
                "output_format": "text",
                "visibility": "visible",
            }
        )
    for question in spec.questions:
        points_by_hand = mark.by_hand[question.name]
        tests.append(
            {
                "name": question.name,
                "number": f"Q{len(tests) - len(spec.exercises) + 1}",
                "score": points_by_hand or 0.0,
                "max_score": question.points,
                "output": "Not read yet." if points_by_hand is None else mark.hands[question.name].comment,
                "output_format": "text",
                "visibility": "visible",
            }
        )
    if mark.status != "graded":
        tests = []
    remarks = UNCLEAR if mark.status == "unclear" else "; ".join(mark.remarks)
    lines = [*_about(mark, spec), how_runs_ended(mark) if tests else remarks]
    return {
        "score": mark.total,
        "output": "\n".join(line for line in lines if line),
        "output_format": "text",
        "tests": tests,
    }


def _grade(mark: Mark) -> str:
    """Return the total for a platform; nothing where no submission was graded and nobody decided.

    What a missing submission costs is the platform's policy, and a lost or unclear one is no fault of the student's.
    """
    return "" if mark.status in _WITHOUT_GRADE and not mark.overrides else figure(mark.total)


def _about(mark: Mark, spec: LabSpec) -> list[str]:
    penalty = [f"{figure(mark.penalty)} points taken off for lateness"] if mark.penalty else []
    unread = [f"{len(mark.open_questions)} short answers are not read yet"] if mark.open_questions else []
    return [*penalty, *describe_overrides(mark.overrides, spec), *unread]


def _in_one_line(mark: Mark, spec: LabSpec) -> str:
    if mark.status != "graded":
        # The remarks on an unclear row name other students' files.
        remarks = (UNCLEAR,) if mark.status == "unclear" else mark.remarks
        return "; ".join([*remarks, *_about(mark, spec)])
    parts = [f"{e.title}: {figure(mark.exercises[e.name])} of {e.points}" for e in spec.exercises]
    for question in spec.questions:
        points, comment = mark.by_hand[question.name], mark.hands[question.name].comment
        given = "not read yet" if points is None else f"{figure(points)} of {question.points}"
        parts.append(f"{question.name}: {given}" + (f" ({comment})" if comment else ""))
    return "; ".join([*parts, *_about(mark, spec)])


def _people(roster: Roster | None) -> Mapping[str, Person]:
    return {person.student: person for person in roster.people} if roster else {}


def _or_empty(points: float | None) -> str:
    return "" if points is None else figure(points)
