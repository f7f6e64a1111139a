"""Short answers: collected in a table in which the instructor enters points; nothing entered is ever lost."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from labs_engine.declare.framework import LabSpec
from labs_engine.grade.final_grades import ManualMark
from labs_engine.grade.pages import render, write_page
from labs_engine.grade.spreadsheet import (
    TableError,
    figure,
    harmless,
    ids_like,
    is_shortened,
    nearest,
    points_in,
    unescaped,
)
from labs_engine.grade.tables import read_table, write_table

COLUMNS = ("student", "name", "question", "answer", "points", "possible", "comment", "note", "text_id")
CHANGED = "the answer has changed since the points were given"
GONE = "no such answer any more"
NOTHING = "not answered"

_Key = tuple[str, str]


def collect(
    results: Sequence[Mapping[str, Any]],
    spec: LabSpec,
    folder: Path,
    unanswered: Mapping[str, str] | None = None,
) -> dict[_Key, ManualMark]:
    """Bring `by_hand.csv` and its reading page up to date, and return the points that were entered.

    Points and comments stay as they are, even if an answer has changed or is gone. The column `note` then says so,
    until the instructor empties it. Columns that the instructor added are kept, too.

    Args:
        results: What grading found.
        spec: The lab.
        folder: Where `by_hand.csv` and `by_hand.html` are.
        unanswered: What stands in a question's cell in the release.

    Returns:
        What was given, by student and question.

    Raises:
        TableError: The table has lost a column, has a line twice, an id that a spreadsheet changed beyond
            recognition, or points that are not a number from 0 to the question's points.
    """
    path = folder / "by_hand.csv"
    if not spec.questions:
        return {}
    rows = _answers(results, spec, unanswered or {})
    old, extra = _read(path, spec, rows) if path.exists() else ({}, [])
    for key, row in old.items():
        if key in rows:
            _merge(rows[key], row)
        elif any(row[name].strip() for name in ("points", "comment", *extra)):
            rows[key] = {**row, "note": GONE}
    write_table(path, [*COLUMNS, *extra], rows.values())
    _write_reading_page(rows, spec, folder)
    return {key: _mark(row) for key, row in rows.items() if row["note"] != GONE}


def unanswered_in(release: Any) -> dict[str, str]:
    """Return what stands in the cell of each question in a released notebook.

    Args:
        release: The notebook (nbformat).
    """
    return {
        cell.id.removeprefix("answer-"): cell.source
        for cell in release.cells
        if cell.id.startswith("answer-")
    }


def _answers(
    results: Sequence[Mapping[str, Any]], spec: LabSpec, unanswered: Mapping[str, str]
) -> dict[_Key, dict[str, str]]:
    """Return a row without points for each answer of a graded submission, question by question."""
    rows: dict[_Key, dict[str, str]] = {}
    ordered = sorted(results, key=lambda result: str(result["student"]))
    for question in spec.questions:
        blank = unanswered.get(question.name, "").strip()
        for result in ordered:
            text = str(result["questions"].get(question.name, "")).strip()
            if result["status"] == "graded":
                key = str(result["student"]), question.name
                rows[key] = _row(result, question.name, question.points, "" if text == blank else text)
    return rows


def _row(result: Mapping[str, Any], question: str, possible: int, text: str) -> dict[str, str]:
    return {
        "student": harmless(str(result["student"])),
        "name": harmless(str(result.get("name", ""))),
        "question": question,
        "answer": harmless(text),
        "points": "",
        "possible": str(possible),
        "comment": "",
        "note": "" if text else NOTHING,
        # A spreadsheet may reformat the text; this says whether it is the one that was read.
        "text_id": "t" + hashlib.sha256(text.encode(errors="replace")).hexdigest()[:12],
    }


def _merge(new: dict[str, str], old: Mapping[str, str]) -> None:
    """Copy what was entered into the new row."""
    entered = {
        name: cell for name, cell in old.items() if name not in COLUMNS or name in ("points", "comment")
    }
    if entered["points"].strip():
        changed = old["text_id"] != new["text_id"] or old["note"] == CHANGED
        new["note"] = CHANGED if changed else new["note"]
    new.update(entered)


def _read(
    path: Path, spec: LabSpec, known: Mapping[_Key, Mapping[str, str]]
) -> tuple[dict[_Key, dict[str, str]], list[str]]:
    rows: dict[_Key, dict[str, str]] = {}
    extra: list[str] = []
    most = {question.name: question.points for question in spec.questions}
    for line, row in read_table(path, COLUMNS):
        where = f"{path}, line {line}"
        lacking = [name for name in COLUMNS if name not in row]
        if lacking:
            raise TableError(
                f"{path} has no column {', '.join(lacking)} any more; put it back, or move the file away"
            )
        extra = [name for name in row if name and name not in COLUMNS]
        key = _key(row, known, where)
        if key in rows:
            raise TableError(f"{where}: {key[1]} of {key[0]} is there twice")
        points = points_in(row["points"], where)
        entered = points is not None or row["comment"].strip()
        if (
            entered and key not in known and not row["text_id"].strip()
        ):  # no line of ours whose answer is gone
            raise TableError(f"{where}: no answer of {key[0]!r} to {key[1]!r}{_near(key, known)}")
        if points is not None and points > most.get(key[1], points):
            raise TableError(f"{where}: {figure(points)} points are more than the {most[key[1]]} of {key[1]}")
        rows[key] = row
    return rows, extra


def _near(key: _Key, known: Collection[_Key]) -> str:
    student, question = key
    students = {one for one, _ in known}
    return nearest(question, {of for _, of in known}) if student in students else nearest(student, students)


def _key(row: Mapping[str, str], known: Mapping[_Key, Mapping[str, str]], where: str) -> _Key:
    """Return whose answer a line is about, even if a spreadsheet has changed the id."""
    student, question = unescaped(row["student"]), row["question"].strip()
    like = ids_like(student, [one for one, of in known if of == question])
    for column in ("text_id", "name"):
        if len(like) > 1:  # several ids look the same now; their answers or names may not
            same = [one for one in like if known[one, question][column] == row[column]]
            like = same or like
    if len(like) == 1:
        return like[0], question
    if like or (is_shortened(student) and (row["points"].strip() or row["comment"].strip())):
        may = f"; it may be any of: {', '.join(like[:5])}" if like else ""
        raise TableError(f"{where}: a spreadsheet has changed the id to {student!r}{may}. Write it in full")
    return student, question


def _mark(row: Mapping[str, str]) -> ManualMark:
    note = row["note"].strip()
    answered = note != NOTHING
    return ManualMark(
        points_in(row["points"], "by_hand.csv"), row["comment"].strip(), answered, note if answered else ""
    )


def _write_reading_page(rows: Mapping[_Key, Mapping[str, str]], spec: LabSpec, folder: Path) -> None:
    questions = [
        {
            "name": question.name,
            "possible": question.points,
            "answers": [
                {**row, **{cell: unescaped(row[cell]) for cell in ("student", "name", "answer")}}
                for (_, name), row in rows.items()
                if name == question.name
            ],
        }
        for question in spec.questions
    ]
    read = sum(bool(row["points"].strip()) for row in rows.values())
    to_read = sum(row["note"] != NOTHING for row in rows.values())
    page = render(
        "by_hand.html.j2",
        title=f"Lab {spec.number} · {spec.title}: short answers",
        questions=questions,
        read=read,
        to_read=to_read,
        nothing=NOTHING,
    )
    write_page(folder / "by_hand.html", page)
