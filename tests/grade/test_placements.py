"""Cells that the instructor placed by hand."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from corpus import RELEASE
from fake_results import SPEC
from hypothesis import given, settings
from hypothesis import strategies as st

from labs_engine.grade.graded import Submission
from labs_engine.grade.placements import add_placements, with_placements
from labs_engine.grade.spreadsheet import TableError

CELLS = len(json.loads(RELEASE.read_text(encoding="utf-8"))["cells"])
FOUND = [Submission(student, RELEASE) for student in ("ada", "bob:2", "=eve")]


def test_places_are_kept_and_come_back(tmp_path: Path) -> None:
    table = tmp_path / "placements.csv"
    assert with_placements(FOUND, table, SPEC) == FOUND
    add_placements(table, ["ada:12=count", "bob:2:3=longer"], SPEC, FOUND)
    add_placements(table, ["ada:12=floor", "=eve:1=sgd"], SPEC, FOUND)
    placed = {one.student: one.placed for one in with_placements(FOUND, table, SPEC)}
    assert placed == {
        "ada": ((12, "todo-floor"),),
        "bob:2": ((3, "answer-longer"),),
        "=eve": ((1, "todo-sgd"),),
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ada=count", "expected STUDENT:CELL=NAME"),
        ("ada:x=count", "expected STUDENT:CELL=NAME"),
        ("adda:3=count", "no submission of 'adda'. The nearest: ada"),
        ("ada:999=count", f"there is no cell 999; the notebook of 'ada' has the cells 1 to {CELLS}"),
        ("ada:0=count", f"there is no cell 0; the notebook of 'ada' has the cells 1 to {CELLS}"),
        (f"ada:{CELLS + 1}=count", f"there is no cell {CELLS + 1}"),
        ("ada:²=count", "expected STUDENT:CELL=NAME"),
        ("ada:3=counting", "'counting' is not one of: noise_free"),
    ],
)
def test_what_names_nobody_or_nothing_is_refused(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(TableError) as raised:
        add_placements(tmp_path / "placements.csv", [text], SPEC, FOUND)
    assert says in str(raised.value)
    assert not (tmp_path / "placements.csv").exists()


def test_a_line_that_fits_nobody_stops_with_its_number(tmp_path: Path) -> None:
    table = tmp_path / "placements.csv"
    table.write_text("student,cell,place\nada,3,count\nzoe,4,count\n")
    with pytest.raises(TableError, match="line 3: no submission of 'zoe'"):
        with_placements(FOUND, table, SPEC)


@pytest.mark.parametrize("line", ["ada;3;count", "ada\t3\tcount"])
def test_a_line_with_another_separator_is_understood(line: str, tmp_path: Path) -> None:
    table = tmp_path / "placements.csv"
    add_placements(table, ["=eve:1=sgd"], SPEC, FOUND)
    with table.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    placed = {one.student: one.placed for one in with_placements(FOUND, table, SPEC)}
    assert placed["ada"] == ((3, "todo-count"),)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ada,999,count", "line 2: there is no cell 999"),
        ("ada,0,count", "line 2: there is no cell 0"),
        ("ada,²,count", "line 2: the cell is a number from 1"),
        ("ada,3", "line 2: 2 of 3 cells"),
        ("ada 3 count", "line 2: 1 of 3 cells"),
        ("ada,3,count,x", "line 2: 4 cells below 3 headings"),
    ],
)
def test_a_line_that_does_not_fit_stops_with_its_number(line: str, says: str, tmp_path: Path) -> None:
    table = tmp_path / "placements.csv"
    table.write_text(f"student,cell,place\n{line}\n", encoding="utf-8")
    with pytest.raises(TableError, match=says):
        with_placements(FOUND, table, SPEC)


def test_what_is_no_notebook_has_no_cell_to_be_placed(tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").write_text("no notebook")
    found = [Submission("ada", tmp_path / "x.ipynb")]
    with pytest.raises(TableError, match="nothing of 'ada' can be placed: the file is not a notebook"):
        add_placements(tmp_path / "placements.csv", ["ada:3=count"], SPEC, found)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(max_size=40))
def test_no_text_raises_anything_else(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with contextlib.suppress(TableError):
        add_placements(tmp_path_factory.getbasetemp() / "never.csv", [text], SPEC, FOUND)
