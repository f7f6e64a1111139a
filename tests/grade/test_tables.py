"""Tables that go through spreadsheets: harmless when opened, read back whatever wrote them."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs_engine.grade.spreadsheet import (
    TableError,
    figure,
    harmless,
    ids_like,
    nearest,
    points_in,
    unescaped,
)
from labs_engine.grade.tables import read_table, write_table

bounded = settings(max_examples=200, deadline=None, derandomize=True)
# Texts of what matters to spreadsheets, and of anything else.
TEXTS = st.text(st.sampled_from("=+-@;,\t\n\r'\" ax1|!＝\u00a0\ufeff")) | st.text()


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\n=1", "\r=1", "＝1+1", "'=1", "''=1"]
)
def test_what_could_be_a_formula_is_none_any_more(text: str) -> None:
    assert harmless(text).startswith("'")
    assert unescaped(harmless(text)) == text.replace("\r", "\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a;=cmd|' /C calc'!A0;b", "a;'=cmd|' /C calc'!A0;b"),
        ("a,+1", "a,'+1"),
        ("a\t@SUM(A1)", "a\t'@SUM(A1)"),
        ("a\n=1", "a\n'=1"),
        ('a;"=1";b', 'a;\'"=1";b'),
        ("=1;=2", "'=1;'=2"),
        ("a; -2 and b", "a;' -2 and b"),
    ],
)
def test_a_formula_behind_a_separator_is_none_either(text: str, shown: str) -> None:
    assert harmless(text) == shown
    assert unescaped(shown) == text


@bounded
@given(TEXTS)
def test_what_was_made_harmless_comes_back(text: str) -> None:
    line = harmless(text).replace("\n", " ").strip()  # what a table can hold in one line
    assert unescaped(harmless(line)) == line


@bounded
@given(TEXTS, st.sampled_from(",;\t"))
def test_no_cell_is_a_formula_wherever_a_spreadsheet_splits(text: str, separator: str) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(["eve", harmless(text), "2"])
    written = stream.getvalue()
    careless = [cell for line in written.split("\n") for cell in line.split(separator)]
    careful = [c for row in csv.reader(io.StringIO(written, newline=""), delimiter=separator) for c in row]
    for cell in [*careless, *careful]:
        assert not re.match('["\\s\u00a0\ufeff]*[=+\\-@＝＋－＠]', cell), (written, cell)


@pytest.mark.parametrize("text", ["Ada", "O'Neil", "'t Hooft", "1.5", "", "Zoë 李", "a-b", "two\nlines"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
    assert unescaped(text) == text


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


def _table(folder: Path, text: str, needed: tuple[str, ...] = ()) -> list[tuple[int, list[str]]]:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return [(line, list(row.values())) for line, row in read_table(path, needed)]


def test_a_short_row_has_empty_cells_and_empty_cells_too_many_do_not_matter(tmp_path: Path) -> None:
    assert _table(tmp_path, "a,b\n1\n1,2,,\n") == [(2, ["1", ""]), (3, ["1", "2"])]


@pytest.mark.parametrize("heading", [",", ";", "\t"])
@pytest.mark.parametrize("typed", [",", ";", "\t"])
@pytest.mark.parametrize(
    "cells", [["ada", "floor", "1", "why"], ["ada", "floor", "1"], ["ada", "floor", "", ""]]
)
def test_a_line_typed_with_another_separator_is_understood(
    tmp_path: Path, heading: str, typed: str, cells: list[str]
) -> None:
    text = heading.join("abcd") + "\n" + typed.join(cells) + "\n"
    assert _table(tmp_path, text, ("a", "b", "c")) == [(2, [*cells, ""][:4])]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "ada,floor,1,why,and more",
            "line 3: 5 cells below 4 headings. A text that holds a comma stands in quotation",
        ),
        (
            "ada;floor;1,5;why",
            "line 3: 2 of 4 cells; is it a semicolon that separates them? The headings have a comma",
        ),
        ("ada;floor;1;so, he said, it, was", "line 3"),
        ("ada,floor", "line 3: 2 of 4 cells"),
        ("ada|floor|1|why", "line 3: 1 of 4 cells"),
        ("ada floor 1", "line 3: 1 of 4 cells"),
    ],
)
def test_a_line_that_does_not_fit_is_told(tmp_path: Path, line: str, message: str) -> None:
    text = f'student,exercise,points,reason\n"eve","sgd","1","a; b; c"\n{line}\n'
    if line.count(",") == 3:  # as many cells as there are headings, but nobody of that name: its reader stops
        assert _table(tmp_path, text, ("points",))[1][1][0] == "ada;floor;1;so"
        return
    with pytest.raises(TableError, match=re.escape(message)):
        _table(tmp_path, text, ("student", "exercise", "points"))


def test_a_line_has_the_number_of_its_beginning(tmp_path: Path) -> None:
    assert _table(tmp_path, 'sep=;\na;b\n1;"two\nlines"\n3;4\n') == [
        (3, ["1", "two\nlines"]),
        (5, ["3", "4"]),
    ]


@bounded
@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=4), st.sampled_from(",;\t"))
def test_a_line_loses_no_cell_in_silence(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]], separator: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *lines])
    try:
        found = [list(row.values()) for _, row in read_table(path)]
    except TableError:
        return
    typed = [[cell for cell in line if cell.strip()] for line in lines]
    assert [[c for c in row if c.strip()] for row in found] == [
        [cell.encode("utf-8", "replace").decode() for cell in row] for row in typed if row
    ]


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


def test_every_cell_is_quoted(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", ["a", "b"], [{"a": "x;y"}], spreadsheet=False)
    assert (tmp_path / "t.csv").read_text() == '"a","b"\n"x;y",""\n'


@pytest.mark.parametrize(
    "text",
    ['id;"a,b,c,d"\n1;2\n', "sep=;\nid;x,y,z\n1;2\n"],
)
def test_a_separator_within_a_heading_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    ((line, row),) = read_table(path)
    assert (line, row["id"]) == (text.count("\n"), "1")


def test_unicode_text_of_excel_is_read(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("id\tname\r\n1\tZoë\r\n".encode("utf-16"))
    assert read_table(path) == [(2, {"id": "1", "name": "Zoë"})]


@pytest.mark.parametrize(
    ("text", "ids", "found"),
    [
        ("7", ["007", "70", "x7"], ["007"]),
        ("7", ["007", "07"], ["007", "07"]),
        ("7", ["007", "7"], ["7"]),
        ("1.23457E+11", ["123456789012", "123406789012"], ["123456789012"]),
        ("1,2E+15", ["1234567890123456", "123456789012345"], ["1234567890123456"]),
        ("1E+03", ["1234", "2345"], ["1234"]),
        ("1234567890123450000", ["1234567890123456789", "1234567890123999999"], ["1234567890123456789"]),
        ("ada", ["ada2"], []),
        ("12", ["123"], []),
    ],
)
def test_ids_that_a_spreadsheet_changed_are_recognised(text: str, ids: list[str], found: list[str]) -> None:
    assert ids_like(text, ids) == found


def test_the_nearest_names_are_told() -> None:
    assert nearest("aad", ["ada", "bob"]) == ". The nearest: ada"
    assert nearest("xyz", ["ada", "bob"]) == ""


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


@pytest.mark.parametrize("text", ["two", "-1", "nan", "inf", "1e9", "1/2", "1_5"])
def test_what_is_no_number_of_points_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(TableError, match="line 7: points are a number from 0"):
        points_in(text, "overrides.csv, line 7")
