"""Tables that go through spreadsheets: harmless when opened, read back whatever wrote them."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs_lib.grading.tables import TableError, as_typed, figure, harmless, points_in, read_table, write_table


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\n=1", "\r=1", "＝1+1", "'=1", "''=1"]
)
def test_what_could_be_a_formula_is_none_any_more(text: str) -> None:
    assert harmless(text).startswith("'")
    assert as_typed(harmless(text)) == text.replace("\r", "\n")


@pytest.mark.parametrize("text", ["Ada", "O'Neil", "'t Hooft", "1.5", "", "Zoë 李", "a-b", "two\nlines"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
    assert as_typed(text) == text


def test_control_characters_are_left_out() -> None:
    assert harmless("a\0b\x1b[31m\ud800c\r\nd") == "ab[31mc\nd"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables_are_read_as_spreadsheets_write_them(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "table.csv"
    lines = [
        f"id{separator} name ",
        f'1{separator}"Zoë{separator} the ""first"""',
        separator,
        "",
        f"2{separator}",
    ]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    assert read_table(path) == [
        (2, {"id": "1", "name": f'Zoë{separator} the "first"'}),
        (5, {"id": "2", "name": ""}),
    ]


def test_a_short_row_has_empty_cells_and_a_long_one_loses_none_that_has_a_heading(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1\n1,2,3\n", encoding="utf-8")
    assert [row for _, row in read_table(path)] == [{"a": "1", "b": ""}, {"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [("", "is empty"), ("\n1,2", "is empty"), ("a,b,a\n1,2,3", "the column a twice")],
)
def test_a_table_without_clear_headings_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TableError, match=message):
        read_table(path)


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"none\.csv cannot be read: No such file"):
        read_table(tmp_path / "none.csv")


def test_a_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "table.csv"
    rows = [{"a": 'x, "y"\nz', "b": "Zoë 李"}, {"a": "", "b": "2"}]
    write_table(path, ["a", "b"], rows)
    assert [row for _, row in read_table(path)] == rows
    assert [file.name for file in path.parent.iterdir()] == ["table.csv"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (10.0, "10"), (1.5, "1.5"), (2 / 3, "0.67"), (100.0, "100")]
)
def test_points_are_shown_short(value: float, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize(
    ("text", "points"), [("", None), (" 2 ", 2.0), ("1,5", 1.5), ("'3", 3.0), ("0", 0.0)]
)
def test_points_are_read_as_people_type_them(text: str, points: float | None) -> None:
    assert points_in(text, "here") == points


@pytest.mark.parametrize("text", ["two", "-1", "nan", "inf", "1e9", "1/2"])
def test_what_is_no_number_of_points_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(TableError, match="line 7: points are a number from 0"):
        points_in(text, "overrides.csv, line 7")
