"""Times as learning platforms and people write them, in several languages; ambiguous ones are refused."""

from __future__ import annotations

import re
from datetime import datetime

from labs_engine.grade.identity import letters

_MONTHS = (
    "january januar janvier enero gennaio januari janeiro",
    "february februar février febrero febbraio februari fevereiro",
    "march märz mars marzo maart março",
    "april avril abril aprile",
    "may mai mayo maggio mei maio",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august août agosto augustus",
    "september septembre septiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember décembre diciembre dicembre dezembro",
)
# 'Saturday, 21 November 2026, 1:59 AM' in these languages, also '21. November 2026, 01:59'.
_IN_WORDS = re.compile(
    r"(?:[^\W\d]+(?:-feira)?,? )?(?P<day>\d{1,2})\.?(?: de)? (?P<month>[^\W\d]+)\.?(?: de)? (?P<year>\d{4})"
    r"(?:,|,? às| om| à| um)? (?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?: (?P<half>[AP])M)?",
    re.IGNORECASE,
)
# '21.11.2026 01:59'; with slashes and dashes day and month may be meant either way.
_IN_NUMBERS = re.compile(
    r"(?P<first>\d{1,2})(?P<sign>[./-])(?P<second>\d{1,2})(?P=sign)(?P<year>\d{4}),? (?P<time>\d{1,2}:\d\d(?::\d\d)?)"
)
_DAY_YEAR_FIRST = re.compile(r"\d{4}([-/])\d{1,2}\1\d{1,2}")
_DAY_IN_NUMBERS = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{4}")
_DATE_ALONE = re.compile(r"\d{4}-\d\d-\d\d|\d{8}|\d{4}-?W\d\d(?:-?\d)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")


class AmbiguousTime(ValueError):
    """A time that can be read in more than one way, or in none; the message says why."""


def moment_of(text: str) -> datetime | None:
    """Return the moment that a platform or a person wrote, None where it is none (Moodle writes '-').

    Args:
        text: ISO 8601, or as Moodle, Gradescope or a spreadsheet writes it.

    Raises:
        AmbiguousTime: Day and month may be meant either way, or the time of day is missing.

    Example:
        >>> moment_of("30.11.2026 23:59").isoformat()[:16], moment_of("-")
        ('2026-11-30T23:59', None)
    """
    text = " ".join(text.split())
    if _DATE_ALONE.fullmatch(text):
        raise AmbiguousTime(f"{text!r} has no time of day")
    if words := _IN_WORDS.fullmatch(text):
        return _made(words["year"], _month(words["month"]), words["day"], _clock(words))
    if numbers := _IN_NUMBERS.fullmatch(text):
        return _made(numbers["year"], *_month_and_day(numbers, text), numbers["time"])
    # Gradescope writes '2026-11-21 00:59:00 +0100', people '2026/11/21 9:30'.
    text = re.sub(r"^(\d{4})/(\d\d)/(\d\d)", r"\1-\2-\3", text)
    text = re.sub(r" (\d):", r" 0\1:", text)
    zone = re.sub(r" (UTC|Z|[+-]\d\d:?\d\d)$", lambda found: found[1].replace("UTC", "Z"), text)
    try:
        return _of_our_time(datetime.fromisoformat(zone))
    except ValueError:
        return None


def end_of_day(text: str) -> datetime | None:
    """Return the last second of a day written as '2026-11-30', '30.11.2026' or '30/11/2026', None where a text is none.

    Args:
        text: What was typed.

    Raises:
        AmbiguousTime: Day and month may be meant either way, or there is no such day.
    """
    text = text.strip()
    if _DAY_YEAR_FIRST.fullmatch(text):
        year, month, number = re.split("[-/]", text)
        day = _made(year, int(month), number, "23:59:59")
    elif _DAY_IN_NUMBERS.fullmatch(text):
        day = moment_of(f"{text} 23:59:59")
    else:
        return None
    if day is None:
        raise AmbiguousTime(f"there is no day {text!r}")
    return day


def _month(word: str) -> int:
    """Return the number of a month's name, of at least three letters; 0 where it is none or several."""
    start = letters(word)
    found = [
        number
        for number, names in enumerate(_MONTHS, start=1)
        if len(start) > 2 and any(letters(name).startswith(start) for name in names.split())
    ]
    return found[0] if len(found) == 1 else 0


def _clock(words: re.Match[str]) -> str:
    hour = int(words["hour"])
    if words["half"] and hour <= 12:  # Dutch Moodle adds it to 23:59, too
        hour = hour % 12 + 12 * (words["half"].upper() == "P")
    return f"{hour}:{words['minute']}:{words['second'] or '00'}"


def _month_and_day(numbers: re.Match[str], text: str) -> tuple[int, str]:
    first, second = int(numbers["first"]), int(numbers["second"])
    if numbers["sign"] != "." and first != second and max(first, second) <= 12:
        raise AmbiguousTime(f"{text!r} may be day {first} of month {second} or day {second} of month {first}")
    day, month = (second, first) if second > 12 and numbers["sign"] != "." else (first, second)
    return month, str(day)


def _made(year: str, month: int, day: str, clock: str) -> datetime | None:
    form = "%H:%M:%S" if clock.count(":") == 2 else "%H:%M"
    try:
        return _of_our_time(datetime.strptime(f"{year}-{month}-{day} {clock}", f"%Y-%m-%d {form}"))
    except ValueError:
        return None


def _of_our_time(moment: datetime) -> datetime | None:
    return moment if 1970 < moment.year < 3000 else None
