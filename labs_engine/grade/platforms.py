"""The forms in which Canvas, Moodle and Gradescope take grades. The same results give the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from labs_engine.base.storage import write_whole
from labs_engine.declare.framework import LabSpec
from labs_engine.grade.final_grades import Mark
from labs_engine.grade.graded import file_name
from labs_engine.grade.roster import Person, Roster
from labs_engine.grade.spreadsheet import figure, harmless, unescaped
from labs_engine.grade.tables import write_table
from labs_engine.grade.wording import UNCLEAR, cards_of, grade_of, how_runs_ended, in_one_line, remarks_on

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


def write_canvas(
    marks: Sequence[Mark], spec: LabSpec, path: Path, roster: Roster | None = None, assignment: str = ""
) -> None:
    """Write the file that Canvas' gradebook imports.

    Args:
        marks: The marks.
        spec: The lab.
        path: The file.
        roster: The class, for names, logins and sections: Canvas' exported gradebook at best.
        assignment: The column's heading as Canvas exports it, 'Lab 01 (12345)'; with any other, Canvas offers to make
            a new assignment.
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
        rows.append({**{name: harmless(cell) for name, cell in cells.items()}, column: grade_of(mark)})
    write_table(path, (*_CANVAS, column), rows, spreadsheet=False)


def write_moodle(marks: Sequence[Mark], spec: LabSpec, path: Path, roster: Roster | None = None) -> None:
    """Write the grading worksheet that Moodle's assignment imports.

    Moodle takes a worksheet only in the language in which it wrote it: a roster that is a worksheet is filled in.

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
                "Grade": grade_of(mark),
                "Maximum Grade": figure(mark.possible),
                "Last modified (grade)": "-",
                "Feedback comments": harmless(escape(in_one_line(mark, spec))),
            }
        )
    write_table(path, _MOODLE, rows, spreadsheet=False)


def _fill_worksheet(marks: Sequence[Mark], spec: LabSpec, path: Path, roster: Roster) -> None:
    """Write the worksheet as Moodle exported it, with grades and comments; students who are not in it are left out."""
    column, by_student = roster.columns, {mark.student: mark for mark in marks}
    headings = list(roster.people[0].row) if roster.people else list(column.values())
    comma = any(
        re.fullmatch(r"\d+,\d+", person.row.get(column.get("most", ""), "")) for person in roster.people
    )
    rows = []
    for person in roster.people:
        # Moodle writes '-' where there is nothing, and reads its own times and statuses.
        row = {
            heading: cell if cell == "-" else harmless(unescaped(cell))
            for heading, cell in person.row.items()
        }
        mark = by_student.get(person.student)
        if mark and grade_of(mark):
            row[column["grade"]] = grade_of(mark).replace(".", "," if comma else ".")
        if mark and "comments" in column:
            row[column["comments"]] = harmless(escape(in_one_line(mark, spec)))
        rows.append(row)
    write_table(path, headings, rows, spreadsheet=False)


def write_gradescope(marks: Sequence[Mark], spec: LabSpec, folder: Path) -> None:
    """Write `STUDENT/results.json`, as Gradescope's autograders do; none for students without a grade.

    Args:
        marks: The marks.
        spec: The lab.
        folder: Where the students' folders go.
    """
    for mark in marks:
        if grade_of(mark):
            data = (json.dumps(_gradescope(mark, spec), indent=1, ensure_ascii=True) + "\n").encode()
            write_whole(folder / file_name(mark.student) / "results.json", data)


def _gradescope(mark: Mark, spec: LabSpec) -> dict[str, Any]:
    tests = [*_exercise_tests(mark, spec), *_question_tests(mark, spec)] if mark.status == "graded" else []
    remarks = UNCLEAR if mark.status == "unclear" else "; ".join(mark.remarks)
    lines = [*remarks_on(mark, spec), how_runs_ended(mark) if tests else remarks]
    return {
        "score": mark.total,
        "output": "\n".join(line for line in lines if line),
        "output_format": "text",
        "tests": tests,
    }


def _exercise_tests(mark: Mark, spec: LabSpec) -> Iterator[dict[str, Any]]:
    for (name, card), exercise in zip(cards_of(mark, spec), spec.exercises, strict=True):
        points = mark.exercises[name]
        yield {
            "name": f"{exercise.title}",
            "number": str(spec.todo(name)),
            "score": points,
            "max_score": exercise.points,
            "status": "passed" if points >= exercise.points else "failed",
            "output": card.text(),
            "output_format": "text",
            "visibility": "visible",
        }


def _question_tests(mark: Mark, spec: LabSpec) -> Iterator[dict[str, Any]]:
    for number, question in enumerate(spec.questions, start=1):
        points = mark.questions[question.name]
        yield {
            "name": question.name,
            "number": f"Q{number}",
            "score": points or 0.0,
            "max_score": question.points,
            "output": "Not read yet." if points is None else mark.manual[question.name].comment,
            "output_format": "text",
            "visibility": "visible",
        }


def _people(roster: Roster | None) -> Mapping[str, Person]:
    return {person.student: person for person in roster.people} if roster else {}
