"""CSV files that go through a spreadsheet and come back: read by the names of columns, written harmless."""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from labs_engine.base.storage import write_whole

# A cell that begins with one of these is a formula to a spreadsheet, also in their full-width forms.
_FORMULA = "=+-@\t\r＝＋－＠"
# What spreadsheets pass over in front of it: quotation marks and spaces, also those that cannot be seen.
_BEFORE = "'\" \u00a0\u200b\u2060\u3000\ufeff"
# Where a spreadsheet of another country may begin a new cell.
_SEPARATORS = re.compile(r"([,;\t\n])")
_SIGNS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
_LARGEST = 50_000_000  # bytes of a table
# An id of many digits after Excel: 1.23457E+15.
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?E\+?(\d{1,3})", re.IGNORECASE)
_EXCEL_DIGITS = 15  # all that Excel keeps of a number


class TableError(ValueError):
    """A table cannot be used; the message names the file, the line and what to do."""


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: what could be one is led by an apostrophe.

    Half of Europe's spreadsheets split at semicolons and take commas for decimal points, so a quoted cell may be
    cut in pieces: each piece that could be a formula gets its apostrophe. Control characters are left out, line
    breaks are kept.

    Example:
        >>> harmless("=1+1"), harmless("Ada")
        ("'=1+1", 'Ada')
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
    first, *others = _SEPARATORS.split(text)
    others[1::2] = [f"'{piece}" if _is_formula(piece) else piece for piece in others[1::2]]
    text = "".join([first, *others])
    # A text that begins so already gets another one, so that `as_typed` knows which of them is ours.
    return f"'{text}" if _is_formula(text) else text


def as_typed(text: str) -> str:
    """Return what `harmless` was given, for texts of one line without spaces around them."""
    text = _without_ours(text.strip())
    first, *others = _SEPARATORS.split(text)
    others[1::2] = map(_without_ours, others[1::2])
    return "".join([first, *others])


def _is_formula(text: str) -> bool:
    return text.lstrip(_BEFORE + "\n")[:1] in (*_FORMULA,)


def _without_ours(text: str) -> str:
    return text[1:] if text.startswith("'") and _is_formula(text[1:]) else text


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

    Example:
        >>> points_in("1,5", "overrides.csv, line 3"), points_in("", "overrides.csv, line 4")
        (1.5, None)
    """
    text = text.strip().removeprefix("'")
    if not text:
        return None
    try:
        value = float(text.replace(",", ".").replace("_", "?"))
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise TableError(f"{where}: points are a number from 0, not {text[:40]!r}")
    return value


def ids_like(text: str, ids: Iterable[str]) -> list[str]:
    """Return the ids that a spreadsheet may have turned into a text.

    Excel strips leading zeros ('007' to '7'), shows numbers of many digits as '1.23457E+11', and keeps 15 of
    their digits.

    Args:
        text: What stands in the table now.
        ids: The ids that there are.
    """
    ids = dict.fromkeys(ids)
    if text in ids:
        return [text]
    numbers = [one for one in ids if one.isascii() and one.isdigit()]
    short = _SCIENTIFIC.fullmatch(text)
    if short:
        whole, part, exponent = short[1], short[2] or "", int(short[3])
        form = f"{whole}.{part}" if part else whole
        return [
            one
            for one in numbers
            if len(one.lstrip("0")) == exponent + 1 and f"{int(one):.{len(part)}E}".partition("E")[0] == form
        ]
    if not (text.isascii() and text.isdigit()):
        return []
    cut = text[:_EXCEL_DIGITS] if not text[_EXCEL_DIGITS:].strip("0") else text
    return [
        one
        for one in numbers
        if one.lstrip("0") == text.lstrip("0")
        or (len(one) == len(text) > _EXCEL_DIGITS and one[:_EXCEL_DIGITS] == cut)
    ]


def is_shortened(text: str) -> bool:
    """Tell whether a text is a long number as a spreadsheet shows it, '1.2E+15', and so no id any more."""
    found = _SCIENTIFIC.fullmatch(text)
    return found is not None and int(found[3]) >= 9


def nearest(text: str, among: Collection[str]) -> str:
    """Return ' The nearest: ...' for an error, '' where nothing is near.

    Example:
        >>> nearest("sepctra", ["spectra", "level", "count"])
        '. The nearest: spectra'
    """
    near = difflib.get_close_matches(text, list(among)[:5000], n=3, cutoff=0.5)
    return f". The nearest: {', '.join(near)}" if near else ""


def read_table(path: Path, needed: Collection[str] = ()) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV file, separated by comma, semicolon or tab, as spreadsheets write them.

    A line that somebody typed with another separator than the headings have is understood where that is certain.

    Args:
        path: The file.
        needed: Columns that no line may end before; cells that are missing behind them are empty.

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
    """Return the number of each row's line, its cells, and the row as it was typed."""
    typed: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            typed.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=separator)
    rows = []
    try:
        for row in reader:
            # Where a row begins: its text may go on over several lines.
            rows.append((reader.line_num - len(typed) + first, row, "".join(typed)))
            typed.clear()
    except csv.Error as error:
        raise TableError(f"{path}, line {reader.line_num + first - 1}: {error}") from None
    return rows


def _fitting(
    row: list[str], raw: str, names: Sequence[str], separator: str, least: int, where: str
) -> list[str]:
    """Return the cells of a row, split where somebody typed another separator than the headings have.

    Raises:
        TableError: They fit the headings in no way, or it is not certain in which.
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
    write_whole(path, data, durable=True)  # somebody may have typed into it


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
