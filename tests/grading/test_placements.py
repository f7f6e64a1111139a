"""Cells that the instructor placed by hand."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs_lib.exercises.registry import find_lab
from labs_lib.grading.placements import add_placements, with_placements
from labs_lib.grading.run import Submission
from labs_lib.grading.tables import TableError

SPEC = find_lab("01")
FOUND = [Submission(student, Path("x.ipynb")) for student in ("ada", "bob:2", "=eve")]
STUDENTS = [submission.student for submission in FOUND]


def test_places_are_kept_and_come_back(tmp_path: Path) -> None:
    table = tmp_path / "placements.csv"
    assert with_placements(FOUND, table, SPEC) == FOUND
    add_placements(table, ["ada:12=count", "bob:2:3=longer"], SPEC, STUDENTS)
    add_placements(table, ["ada:12=floor", "=eve:1=sgd"], SPEC, STUDENTS)
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
        ("ada:3=counting", "'counting' is not one of: noise_free"),
    ],
)
def test_what_names_nobody_or_nothing_is_refused(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(TableError) as raised:
        add_placements(tmp_path / "placements.csv", [text], SPEC, STUDENTS)
    assert says in str(raised.value)
    assert not (tmp_path / "placements.csv").exists()


def test_a_line_that_fits_nobody_stops_with_its_number(tmp_path: Path) -> None:
    table = tmp_path / "placements.csv"
    table.write_text("student,cell,place\nada,3,count\nzoe,4,count\n")
    with pytest.raises(TableError, match="line 3: no submission of 'zoe'"):
        with_placements(FOUND, table, SPEC)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(max_size=40))
def test_no_text_raises_anything_else(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with contextlib.suppress(TableError):
        add_placements(tmp_path_factory.getbasetemp() / "never.csv", [text], SPEC, STUDENTS)
