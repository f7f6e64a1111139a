"""All reports together: complete, the same bytes for the same results, with decisions that survive."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from fake_results import SECRET_NUMBER, SPEC, result, school
from test_feedback import assert_harmless

from labs_engine.grade.graded import file_name
from labs_engine.grade.overrides import COLUMNS
from labs_engine.grade.reports import write_reports
from labs_engine.grade.spreadsheet import TableError
from labs_engine.grade.tables import write_table


def _files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def _rerun(student: str) -> str:
    return f"labs grade --only {student}"


def test_the_same_results_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    results = school(300)
    write_reports(results, SPEC, tmp_path / "a", rerun=_rerun)
    first = _files(tmp_path / "a")
    write_reports(results, SPEC, tmp_path / "a", rerun=_rerun)
    assert _files(tmp_path / "a") == first
    random.Random(0).shuffle(results)
    write_reports(results, SPEC, tmp_path / "b", rerun=_rerun)
    assert _files(tmp_path / "b") == first


def test_everything_is_there_for_everybody_and_nothing_of_it_runs(tmp_path: Path) -> None:
    results = school(60)
    marks = write_reports(results, SPEC, tmp_path, rerun=_rerun)
    names = {file_name(mark.student) for mark in marks}
    assert set(_files(tmp_path)) == {
        *("gradebook.csv", "gradebook_canvas.csv", "gradebook_moodle.csv", "overrides.csv"),
        *("by_hand.csv", "by_hand.html", "class.html"),
        *(f"feedback/{name}.html" for name in names),
        *(f"gradescope/{file_name(m.student)}/results.json" for m in marks if m.status != "missing"),
    }
    for name, data in _files(tmp_path).items():
        assert str(SECRET_NUMBER).encode() not in data
        if name.startswith("feedback/") or name == "by_hand.html":
            assert_harmless(data.decode())


def test_decisions_survive_another_call_and_change_the_total(tmp_path: Path) -> None:
    results = [result("ada", {"sgd": "adam"}), result("bob")]
    write_reports(results, SPEC, tmp_path, rerun=_rerun)
    decision = {"student": "ada", "exercise": "sgd", "points": "2", "reason": "ill"}
    write_table(tmp_path / "overrides.csv", COLUMNS, [decision])
    before = (tmp_path / "overrides.csv").read_bytes()
    for _ in range(2):
        ada, bob = write_reports(results, SPEC, tmp_path, rerun=_rerun)
        assert (ada.total, bob.total) == (15, 15)
        assert (tmp_path / "overrides.csv").read_bytes() == before
    with (tmp_path / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        assert "(ill)" in next(csv.DictReader(file))["override"]


def test_a_decision_that_cannot_be_followed_writes_nothing(tmp_path: Path) -> None:
    write_table(
        tmp_path / "overrides.csv", COLUMNS, [{"student": "nobody", "exercise": "sgd", "points": "2"}]
    )
    with pytest.raises(TableError, match="no student 'nobody'"):
        write_reports([result("ada")], SPEC, tmp_path, rerun=_rerun)
    assert list(_files(tmp_path)) == ["overrides.csv"]
    # Grading that was interrupted has not come to everybody yet.
    (ada,) = write_reports([result("ada")], SPEC, tmp_path, rerun=_rerun, students=["nobody"])
    assert ada.total == 15


def test_pages_of_who_has_left_are_removed_and_nothing_else(tmp_path: Path) -> None:
    write_reports([result("ada"), result("bob"), result("eve")], SPEC, tmp_path, rerun=_rerun)
    for own in ("feedback/notes.html", "feedback/more.txt", "gradescope/mine/results.json"):
        (tmp_path / own).parent.mkdir(exist_ok=True)
        (tmp_path / own).write_text("the instructor's own", encoding="utf-8")
    (tmp_path / "gradescope" / "bob" / "mine.txt").write_text("too")
    # Grading was stopped before it came to eve, and bob has left.
    write_reports([result("ada")], SPEC, tmp_path, rerun=_rerun, students=["ada", "eve"])
    assert {name for name in _files(tmp_path) if name.startswith(("feedback", "gradescope/"))} == {
        *("feedback/ada.html", "feedback/eve.html", "feedback/notes.html", "feedback/more.txt"),
        *("gradescope/ada/results.json", "gradescope/eve/results.json"),
        *("gradescope/bob/mine.txt", "gradescope/mine/results.json"),
    }
