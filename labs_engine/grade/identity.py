"""Ids and names made comparable: platforms, spreadsheets and students write the same one in different ways."""

from __future__ import annotations

import unicodedata


def student_id(text: str) -> str:
    """Return an id as a table shows it: on one line, of visible characters."""
    signs = unicodedata.normalize("NFC", text).strip()
    return "".join(sign if sign.isprintable() else "_" for sign in signs) or "_"


def plain(text: str) -> str:
    """Return an id for comparing, whatever its capitals and however its letters are composed."""
    return composed(text).casefold()


def composed(text: str) -> str:
    """Return a text with its letters composed in one way, without spaces around it."""
    return unicodedata.normalize("NFKC", text).strip()


def number_of(text: str) -> str:
    """Return a number without the zeros in front, '' for other texts."""
    text = plain(text)
    return text.lstrip("0") if text.isascii() and text.isdigit() else ""


def name_forms(name: str) -> set[str]:
    """Return the ways in which a file name may write a name: first name first or last."""
    last, comma, first = name.partition(",")
    words = name.split()
    ways = {name, f"{first} {last}"} if comma else {name, " ".join([*words[-1:], *words[:-1]])}
    return {letters(way) for way in ways} - {""}


def letters(text: str) -> str:
    """Return the letters and digits alone, without accents: what is left of a name in a file's name."""
    flat = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in flat if sign.isalnum())
