"""Short answers by hand: what the instructor typed survives whatever happens around it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from fake_results import FORMULA, SCRIPT, SPEC, not_graded, result

from labs_engine.grade.final_grades import ManualMark
from labs_engine.grade.manual_grading import CHANGED, GONE, NOTHING, collect, unanswered_in
from labs_engine.grade.spreadsheet import TableError
from labs_engine.grade.tables import read_table

BLANK = {"longer": "*Write your answer here.*"}


def _type(folder: Path, student: str, question: str, /, **cells: str) -> None:
    """Type into the table, and save it as a spreadsheet does in many countries: with semicolons."""
    path = folder / "by_hand.csv"
    rows = [row for _, row in read_table(path)]
    for row in rows:
        if (row["student"], row["question"]) == (student, question):
            row.update(cells)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, delimiter=";", restval="")
        writer.writeheader()
        writer.writerows(rows)


def _rows(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    return {(row["student"], row["question"]): row for _, row in read_table(folder / "by_hand.csv")}


def test_answers_are_collected_by_question_with_empty_points(tmp_path: Path) -> None:
    found = collect([result("bob"), result("ada"), not_graded("eve", "missing", "x")], SPEC, tmp_path)
    assert list(_rows(tmp_path)) == [
        ("ada", "longer"),
        ("bob", "longer"),
        ("ada", "beat_the_floor"),
        ("bob", "beat_the_floor"),
    ]
    row = _rows(tmp_path)["ada", "longer"]
    assert (row["answer"], row["points"], row["possible"]) == ("What ada says.", "", "2")
    assert set(found.values()) == {ManualMark()}


def test_points_and_comments_are_taken_over_and_kept(tmp_path: Path) -> None:
    results = [result("ada"), result("bob")]
    collect(results, SPEC, tmp_path)
    _type(tmp_path, "ada", "longer", points="1,5", comment="Which floor?", assistant="Kim")
    for _ in range(2):
        found = collect(results, SPEC, tmp_path)
        assert found["ada", "longer"] == ManualMark(1.5, "Which floor?")
        assert found["bob", "longer"] == ManualMark()
        row = _rows(tmp_path)["ada", "longer"]
        assert (row["points"], row["comment"], row["assistant"]) == ("1,5", "Which floor?", "Kim")


def test_an_answer_that_changed_keeps_its_points_and_is_marked_until_somebody_looked(tmp_path: Path) -> None:
    collect([result("ada")], SPEC, tmp_path)
    _type(tmp_path, "ada", "longer", points="2")
    changed = [result("ada", questions={"longer": "Something else.", "beat_the_floor": "x"})]
    for _ in range(2):
        assert collect(changed, SPEC, tmp_path)["ada", "longer"] == ManualMark(2.0, "", True, CHANGED)
    assert _rows(tmp_path)["ada", "longer"]["answer"] == "Something else."
    assert _rows(tmp_path)["ada", "beat_the_floor"]["note"] == "", "nobody had given points for it"
    _type(tmp_path, "ada", "longer", note="")
    assert collect(changed, SPEC, tmp_path)["ada", "longer"] == ManualMark(2.0)


def test_points_of_an_answer_that_is_gone_are_kept_and_come_back(tmp_path: Path) -> None:
    collect([result("ada"), result("bob")], SPEC, tmp_path)
    _type(tmp_path, "ada", "longer", points="2", comment="Good")
    for _ in range(2):
        assert ("ada", "longer") not in collect([result("bob")], SPEC, tmp_path)
    row = _rows(tmp_path)["ada", "longer"]
    assert (row["points"], row["comment"], row["note"]) == ("2", "Good", GONE)
    assert collect([result("ada")], SPEC, tmp_path)["ada", "longer"] == ManualMark(2.0, "Good")


def test_what_was_left_blank_waits_for_nobody(tmp_path: Path) -> None:
    answers = {"longer": BLANK["longer"] + "\n", "beat_the_floor": "  "}
    found = collect([result("ada", questions=answers)], SPEC, tmp_path, BLANK)
    assert {hand.answered for hand in found.values()} == {False}
    assert {row["note"] for row in _rows(tmp_path).values()} == {NOTHING}


def test_the_release_tells_what_is_blank() -> None:
    import nbformat
    from corpus import RELEASE

    assert unanswered_in(nbformat.read(RELEASE, as_version=4))["why"] == BLANK["longer"]


def test_hostile_answers_are_harmless_in_the_table_and_on_the_page(tmp_path: Path) -> None:
    made = result(FORMULA, name=SCRIPT, questions={"longer": FORMULA, "beat_the_floor": SCRIPT})
    collect([made], SPEC, tmp_path)
    _type(tmp_path, "'" + FORMULA, "longer", points="1", comment=SCRIPT)
    assert collect([made], SPEC, tmp_path)[FORMULA, "longer"].points == 1
    for _, row in read_table(tmp_path / "by_hand.csv"):
        assert not {cell[:1] for cell in row.values()} & set("=+-@")
    page = (tmp_path / "by_hand.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"points": "good"}, "line .: points are a number from 0, not 'good'"),
        ({"points": "3"}, "line .: 3 points are more than the 2 of longer"),
        ({"student": "bob"}, "line .: longer of bob is there twice"),
    ],
)
def test_a_table_that_cannot_be_used_is_left_as_it_is(tmp_path: Path, cells: dict, message: str) -> None:
    collect([result("ada"), result("bob")], SPEC, tmp_path)
    _type(tmp_path, "ada", "longer", **cells)
    before = (tmp_path / "by_hand.csv").read_bytes()
    with pytest.raises(TableError, match=message):
        collect([result("ada"), result("bob")], SPEC, tmp_path)
    assert (tmp_path / "by_hand.csv").read_bytes() == before


def test_points_for_ids_that_excel_changed_reach_their_students(tmp_path: Path) -> None:
    ids = ["0007", "123456789012", "123456789013"]
    results = [result(student) for student in ids]
    collect(results, SPEC, tmp_path)
    for student, shown in zip(ids, ["7", "1.23457E+11", "1.23457E+11"], strict=True):
        _type(
            tmp_path, student, "longer", points=student[-1].replace("7", "1").replace("3", "0"), student=shown
        )
    found = collect(results, SPEC, tmp_path)
    assert [found[student, "longer"].points for student in ids] == [1, 2, 0]
    assert {student for student, _ in _rows(tmp_path)} == set(ids)


def test_an_id_that_nobody_can_read_any_more_stops_with_its_line(tmp_path: Path) -> None:
    same = {"longer": "The same.", "beat_the_floor": "The same."}
    results = [result(student, questions=same) for student in ("123456789012", "123456789013")]
    collect(results, SPEC, tmp_path)
    _type(tmp_path, "123456789012", "longer", points="2", student="1.23457E+11")
    before = (tmp_path / "by_hand.csv").read_bytes()
    with pytest.raises(TableError, match=r"line 2: .* may be any of: 123456789012, 123456789013"):
        collect(results, SPEC, tmp_path)
    with pytest.raises(TableError, match="line 2: a spreadsheet has changed the id"):
        collect([result("ada")], SPEC, tmp_path)
    assert (tmp_path / "by_hand.csv").read_bytes() == before


def test_a_lost_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "by_hand.csv").write_text("student,question,points\nada,longer,1\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"has no column name, answer, .* any more"):
        collect([result("ada")], SPEC, tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("adda;;longer;;2;;;;", "line 4: no answer of 'adda' to 'longer'. The nearest: ada"),
        ("ada;;longest;;2;;;;", "line 4: no answer of 'ada' to 'longest'. The nearest: longer"),
        ("ada;;longer;;2;;;;", "line 4: longer of ada is there twice"),
        ("ada;longer;2", "line 4: 1 of 9 cells"),
        ("ada,longer,2", "line 4: 3 of 9 cells"),
    ],
)
def test_a_line_of_ones_own_that_fits_no_answer_stops(tmp_path: Path, line: str, message: str) -> None:
    collect([result("ada")], SPEC, tmp_path)
    with (tmp_path / "by_hand.csv").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    before = (tmp_path / "by_hand.csv").read_bytes()
    with pytest.raises(TableError, match=message):
        collect([result("ada")], SPEC, tmp_path)
    assert (tmp_path / "by_hand.csv").read_bytes() == before
