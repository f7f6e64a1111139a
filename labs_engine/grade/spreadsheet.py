"""Cells of a table: written so that no spreadsheet takes them for formulas, and read after one has changed them."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable

# A cell that begins with one of these is a formula to a spreadsheet, also in their full-width forms.
_FORMULA = "=+-@\t\r＝＋－＠"
# What spreadsheets ignore in front of it: quotation marks and spaces, invisible ones included.
_BEFORE = "'\" \u00a0\u200b\u2060\u3000\ufeff"
# Where a spreadsheet in another country's format may begin a new cell.
_SEPARATORS = re.compile(r"([,;\t\n])")
# An id of many digits after Excel: 1.23457E+15.
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?E\+?(\d{1,3})", re.IGNORECASE)
_EXCEL_DIGITS = 15  # all that Excel keeps of a number


class TableError(ValueError):
    """A table cannot be used; the message names the file, the line and what to do."""


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: what could be one gets an apostrophe in front.

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
    # A text that begins so already gets another one, so that `unescaped` knows which of them is ours.
    return f"'{text}" if _is_formula(text) else text


def unescaped(text: str) -> str:
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
    """Return the points in a cell, None if it is empty; a decimal comma is fine.

    Args:
        text: The cell.
        where: What to call the place in an error, 'overrides.csv, line 3'.

    Raises:
        TableError: It is not a number from 0.

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
    """Return the ids that a spreadsheet may have turned into this text.

    Excel strips leading zeros ('007' to '7'), shows numbers of many digits as '1.23457E+11', and keeps 15 of
    their digits.

    Args:
        text: What stands in the table now.
        ids: The known ids.
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
