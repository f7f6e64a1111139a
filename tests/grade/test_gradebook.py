"""The gradebook and the platforms' forms: every figure there, names harmless, the same bytes each time."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from fake_results import FORMULA, NAMES, SCRIPT, SPEC, not_graded, result
from test_roster import MOODLE

from labs_engine.grade.final_grades import ManualMark, Mark, marks_of
from labs_engine.grade.gradebook import write_gradebook
from labs_engine.grade.graded import file_name
from labs_engine.grade.late import LatePolicy
from labs_engine.grade.overrides import Override
from labs_engine.grade.platforms import write_canvas, write_gradescope, write_moodle
from labs_engine.grade.roster import Person, Roster, read_roster


def _marks() -> list[Mark]:
    ended = [
        {"parameters": {}, "notebook": "x", "ended": "more than 600 s in all", "limit": "time", "points": 0}
    ]
    return marks_of(
        [
            result(
                "2",
                {"sgd": "adam", "floor": ""},
                name="Ada",
                late_seconds=90000.0,
                remarks=["no cell for: sgd"],
            ),
            result("10", runs=ended),
            not_graded("eve", "missing", "no submission"),
        ],
        SPEC,
        policy=LatePolicy.parse("10%/day"),
        manual={("2", "longer"): ManualMark(1.5, "Which <floor>?")},
        overrides={"2": {"sgd": Override(1, "nearly")}},
    )


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_holds_everything_that_its_total_comes_from(tmp_path: Path) -> None:
    write_gradebook(_marks(), SPEC, tmp_path / "g.csv", lambda student: f"labs grade --only {student}")
    ten, two, eve = _read(tmp_path / "g.csv")
    assert [row["student"] for row in (ten, two, eve)] == ["10", "2", "eve"]
    assert (two["4 sgd (2)"], two["8 floor (1)"], two["1 noise_free (2)"]) == ("1", "0", "2")
    assert (two["longer (2)"], two["beat_the_floor (2)"], two["to read"]) == ("1.5", "", "1")
    assert (two["late seconds"], two["penalty"], two["possible"]) == ("90000", "3.8", "19")
    assert float(two["total"]) == 12 + 1 + 1.5 - 3.8
    assert two["override"] == "Train with SGD: 1 points by decision of the instructor (nearly)"
    assert two["remark"] == "no cell for: sgd"
    assert two["runs"] == "run 1: came to its end; run 2: came to its end"
    assert two["again"] == "labs grade --only 2"
    assert ten["runs"] == "run 1: more than 600 s in all"
    assert (eve["status"], eve["total"], eve["again"]) == ("missing", "0", "")


def test_canvas_finds_its_columns(tmp_path: Path) -> None:
    roster = Roster([Person("2", "Lovelace, Ada", sis="A-7", login="ada7", section="Mo")])
    write_canvas(_marks(), SPEC, tmp_path / "c.csv", roster, "Lab 01 (77)")
    possible, ten, two, eve = _read(tmp_path / "c.csv")
    assert list(two) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lab 01 (77)"]
    assert list(two.values()) == ["Lovelace, Ada", "2", "A-7", "ada7", "Mo", "10.7"]
    assert (possible["Student"].strip(), possible["Lab 01 (77)"]) == ("Points Possible", "19")
    assert (ten["ID"], ten["SIS Login ID"]) == ("10", "")
    assert (eve["ID"], eve["SIS Login ID"]) == ("", "eve")
    assert not (tmp_path / "c.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_moodle_finds_its_columns(tmp_path: Path) -> None:
    roster = Roster([Person("2", "Ada Lovelace", email="ada@example.org")])
    write_moodle(_marks(), SPEC, tmp_path / "m.csv", roster)
    _, two, eve = _read(tmp_path / "m.csv")
    assert (two["Identifier"], two["Full name"], two["Email address"]) == (
        "Participant 2",
        "Ada Lovelace",
        "ada@example.org",
    )
    assert (two["Grade"], two["Maximum Grade"], two["Last modified (grade)"]) == ("10.7", "19", "-")
    assert "Train with SGD: 1 of 2" in two["Feedback comments"]
    assert "longer: 1.5 of 2 (Which &lt;floor&gt;?)" in two["Feedback comments"], "Moodle takes it for HTML"
    assert eve["Status"] == "No submission"


@pytest.mark.parametrize("language", MOODLE)
def test_the_worksheet_of_moodle_is_filled_in_in_its_language(tmp_path: Path, language: str) -> None:
    heading, line = MOODLE[language]
    other = line.replace("123", "124").replace("Ada King", "=1+1")
    (tmp_path / "class.csv").write_text("\n".join([heading, line, other]), encoding="utf-8")
    roster = read_roster(tmp_path / "class.csv")
    (mark,) = marks_of([result("123", late_seconds=1.0)], SPEC, policy=LatePolicy.parse("10%/day"))
    write_moodle([mark], SPEC, tmp_path / "m.csv", roster)
    before, after = _read(tmp_path / "class.csv"), _read(tmp_path / "m.csv")
    grade, comments = roster.columns["grade"], roster.columns["comments"]
    assert after[0] == before[0] | {grade: "13,1", comments: after[0][comments]}
    assert "Train with SGD: 2 of 2" in after[0][comments]
    assert after[1] == before[1] | {roster.columns["name"]: "'=1+1"}


def test_gradescope_finds_what_an_autograder_leaves(tmp_path: Path) -> None:
    write_gradescope(_marks(), SPEC, tmp_path)
    found = json.loads((tmp_path / "2" / "results.json").read_text())
    assert found["score"] == 10.7
    assert found["output_format"] == "text"
    tests = {test["name"]: test for test in found["tests"]}
    assert len(tests) == 11
    assert (tests["Train with SGD"]["score"], tests["Train with SGD"]["max_score"]) == (1, 2)
    assert "What happened with sgd: adam" in tests["Train with SGD"]["output"]
    assert tests["beat_the_floor"]["output"] == "Not read yet."
    assert "3.8 points taken off for lateness" in found["output"]


def test_a_submission_that_was_not_graded_sends_no_zero_to_a_platform(tmp_path: Path) -> None:
    statuses = ("lost", "missing", "unclear", "unreadable")
    results = [not_graded(status, status, f"why {status}") for status in statuses]
    results.append(not_graded("pardoned", "missing", "no submission"))
    marks = marks_of(results, SPEC, overrides={"pardoned": {"total": Override(12, "oral exam")}})
    write_canvas(marks, SPEC, tmp_path / "c.csv", assignment="Lab")
    write_moodle(marks, SPEC, tmp_path / "m.csv")
    write_gradescope(marks, SPEC, tmp_path)
    grades = {row["SIS Login ID"]: row["Lab"] for row in _read(tmp_path / "c.csv")[1:]}
    assert grades == {"lost": "", "missing": "", "unclear": "", "unreadable": "0", "pardoned": "12"}
    worksheet = {row["Identifier"]: row for row in _read(tmp_path / "m.csv")}
    assert {name: row["Grade"] for name, row in worksheet.items()} == grades
    assert worksheet["unreadable"]["Feedback comments"] == "why unreadable"
    assert "oral exam" in worksheet["pardoned"]["Feedback comments"]
    assert "why" not in worksheet["unclear"]["Feedback comments"], "it names other students' files"
    assert {path.parent.name for path in tmp_path.rglob("results.json")} == {"unreadable", "pardoned"}
    found = json.loads((tmp_path / "unreadable" / "results.json").read_text())
    assert (found["score"], found["tests"], found["output"]) == (0, [], "why unreadable")


def test_no_cell_of_any_table_is_a_formula_and_no_file_leaves_its_folder(tmp_path: Path) -> None:
    remarks = [FORMULA, SCRIPT]
    results = [result(name, name=name, remarks=remarks) for name in NAMES]
    marks = marks_of(results, SPEC)
    roster = Roster([Person(name, name, name, name, name, name) for name in NAMES])
    out = tmp_path / "a" / "out"
    write_gradebook(marks, SPEC, out / "g.csv", lambda student: student)
    write_canvas(marks, SPEC, out / "c.csv", roster, FORMULA)
    write_moodle(marks, SPEC, out / "m.csv", roster)
    write_gradescope(marks, SPEC, out / "gradescope")
    for name in ("g.csv", "c.csv", "m.csv"):
        rows = _read(out / name)
        assert len(rows) == len(NAMES) + (name == "c.csv")
        cells = {cell for row in rows for cell in [*row, *row.values()]}
        assert not {cell for cell in cells if cell.lstrip()[:1] in set("=+-@") and cell != "-"}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 3 + len(NAMES)
    assert {path.parent.name for path in out.rglob("results.json")} == {file_name(name) for name in NAMES}
