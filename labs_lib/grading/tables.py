"""CSV files that go through a spreadsheet and come back: read by the names of columns, written harmless."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from labs_lib.grading.files import write_whole

# A cell that begins with one of these is a formula to a spreadsheet, also in their full-width forms.
_FORMULA = "=+-@\t\r＝＋－＠"
_LARGEST = 50_000_000  # bytes of a table


class TableError(ValueError):
    """A table cannot be used; the message names the file, the line and what to do."""


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that could be is led by an apostrophe.

    Control characters are left out, line breaks are kept.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
    # A text that begins so already gets another one, so that `as_typed` knows which of them is ours.
    return f"'{text}" if text.lstrip("' \n\u00a0\ufeff")[:1] in (*_FORMULA,) else text


def as_typed(text: str) -> str:
    """Return what `harmless` was given, for texts of one line."""
    text = text.strip()
    return text[1:] if text[:1] == "'" and harmless(text[1:]) == text else text


def figure(value: float) -> str:
    """Return points as a table shows them: at most two digits behind the point, none where they are 0."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def points_in(text: str, where: str) -> float | None:
    """Return the points that somebody typed, None for an empty cell; a decimal comma is fine.

    Args:
        text: The cell.
        where: What to call the place in an error, 'overrides.csv, line 3'.

    Raises:
        TableError: It is no number from 0.
    """
    text = text.strip().removeprefix("'")
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise TableError(f"{where}: points are a number from 0, not {text[:40]!r}")
    return value


def read_table(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV file, separated by comma, semicolon or tab, as spreadsheets write them.

    Args:
        path: The file.

    Returns:
        Line number and cells of each row that is not empty, by the column's heading.

    Raises:
        TableError: It is not there, no text, or has no heading or two equal ones.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise TableError(f"{path}: {path.stat().st_size / 1e6:.0f} MB is no table of a class")
        data = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}") from None
    text = _decoded(data)
    heading = next(iter(text.splitlines()), "")
    separator = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise TableError(f"{path}, line {reader.line_num}: {error}") from None
    if not rows or not any(cell.strip() for cell in rows[0][1]):
        raise TableError(f"{path} is empty: its first line must name the columns")
    names = [name.strip() for name in rows[0][1]]
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise TableError(f"{path} has the column {', '.join(sorted(twice))} twice")
    return [
        (line, dict(zip(names, [*row, *[""] * len(names)], strict=False)))
        for line, row in rows[1:]
        if any(cell.strip() for cell in row)
    ]


def write_table(
    path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]], *, spreadsheet: bool = True
) -> None:
    """Write a CSV file, whole or not at all; the same rows give the same bytes.

    Args:
        path: The file.
        columns: The headings, in order.
        rows: The cells by heading, made `harmless` already where they are texts of others.
        spreadsheet: Whether to begin with the mark by which spreadsheets know UTF-8.
    """
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, lineterminator="\n", restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    data = stream.getvalue().encode("utf-8-sig" if spreadsheet else "utf-8", errors="replace")
    write_whole(path, data, durable=True)  # somebody may have typed into it


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):  # the second is what older spreadsheets write
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")
