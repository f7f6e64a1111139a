"""CSV files that go through a spreadsheet and come back: read by the names of their columns, written whole."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from labs_engine.base.storage import write_whole
from labs_engine.grade.spreadsheet import TableError

_SIGNS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
_LARGEST = 50_000_000  # bytes of a table


def read_table(path: Path, needed: Collection[str] = ()) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV file, separated by comma, semicolon or tab, as spreadsheets write them.

    A line that somebody typed with another separator than that of the headings is read if it is unambiguous.

    Args:
        path: The file.
        needed: Columns that every line must have; missing cells after them are empty.

    Returns:
        Line number and cells of each row that is not empty, by the column's heading.

    Raises:
        TableError: It is not there, no text, has no heading or two equal ones, or a line with more cells than there
            are headings, or with fewer than are needed.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise TableError(f"{path}: {path.stat().st_size / 1e6:.0f} MB is no table of a class")
        data = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}") from None
    text = _decoded(data)
    hint = re.match(r"sep=([,;\t])\r?\n", text)  # Excel's own way to name the separator
    separator = hint[1] if hint else _separator(text)
    rows = _split(path, text[hint.end() :] if hint else text, separator, 1 + bool(hint))
    if not rows or not any(cell.strip() for cell in rows[0][1]):
        raise TableError(f"{path} is empty: its first line must name the columns")
    names = [name.strip() for name in rows[0][1]]
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise TableError(f"{path} has the column {', '.join(sorted(twice))} twice")
    least = max((place for place, name in enumerate(names, start=1) if name in needed), default=0)
    table = []
    for line, row, raw in rows[1:]:
        if any(cell.strip() for cell in row):
            fitting = _fitting(row, raw, names, separator, least, f"{path}, line {line}")
            table.append((line, dict(zip(names, [*fitting, *[""] * len(names)], strict=False))))
    return table


def _split(path: Path, text: str, separator: str, first: int) -> list[tuple[int, list[str], str]]:
    """Return each row's line number, its cells, and its text in the file."""
    raw: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            raw.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=separator)
    rows = []
    try:
        for row in reader:
            # Where a row begins: its text may go on over several lines.
            rows.append((reader.line_num - len(raw) + first, row, "".join(raw)))
            raw.clear()
    except csv.Error as error:
        raise TableError(f"{path}, line {reader.line_num + first - 1}: {error}") from None
    return rows


def _fitting(
    row: list[str], raw: str, names: Sequence[str], separator: str, least: int, where: str
) -> list[str]:
    """Return the cells of a row, split again if somebody typed another separator than that of the headings.

    Raises:
        TableError: They do not fit the headings, or fit them in more than one way.
    """
    filled = len(row) - next((place for place, cell in enumerate(reversed(row)) if cell.strip()), 0)
    if filled <= len(names) <= len(row):
        return row
    others = {sign: _cells_of(raw, sign) for sign in ",;\t" if sign != separator}
    fits = {sign: cells for sign, cells in others.items() if max(2, least) <= len(cells) <= len(names)}
    if len(row) == 1 and len(fits) == 1:
        (cells,) = fits.values()
        return cells
    hints = [sign for sign, cells in fits.items() if len(cells) == len(names)]
    said = (
        f"; is it {_SIGNS[hints[0]]} that separates them? The headings have {_SIGNS[separator]}"
        if hints
        else ""
    )
    if filled > len(names):
        raise TableError(
            f"{where}: {filled} cells below {len(names)} headings"
            + (said or f". A text that holds {_SIGNS[separator]} stands in quotation marks")
        )
    if hints or len(row) < least:
        raise TableError(f"{where}: {len(row)} of {len(names)} cells{said}")
    return row


def _cells_of(raw: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(raw, newline=""), delimiter=separator), [])
    except csv.Error:
        return []


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
    writer = csv.DictWriter(
        stream, columns, lineterminator="\n", restval="", extrasaction="ignore", quoting=csv.QUOTE_ALL
    )
    writer.writeheader()
    writer.writerows(rows)
    data = stream.getvalue().encode("utf-8-sig" if spreadsheet else "utf-8", errors="replace")
    write_whole(path, data, durable=True)  # it may hold what somebody typed


def _separator(text: str) -> str:
    """Return what separates the headings; one within quotation marks does not."""
    heading = next(iter(re.sub(r'"[^"]*"', "", text[:100_000]).splitlines()), "")
    return max(",;\t", key=heading.count)


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # Excel's 'Unicode text'
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp1252"):  # the second is what older spreadsheets write
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")
