"""The class list: a CSV file whose columns are known by name, as learning platforms export it.

Canvas' exported gradebook and Moodle's grading worksheet are rosters as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from labs_lib.grading.tables import TableError, as_typed, read_table

# What a column is called, by what it holds; the first that is there is taken.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "student": ("id", "student id", "identifier", "user id", "sid", "username", "login", "student"),
    "name": ("name", "full name", "student name", "student", "display name"),
    "first": ("first name", "given name", "firstname"),
    "last": ("last name", "surname", "family name", "lastname"),
    "email": ("email", "email address", "e-mail", "mail"),
    "sis": ("sis user id", "sis id", "id number", "student number"),
    "login": ("sis login id", "login id", "username", "login", "user name"),
    "section": ("section", "group", "groups"),
    "submitted": ("submitted", "submitted at", "submission time", "last modified (submission)"),
    "late": ("late seconds", "lateness (h:m:s)", "lateness"),
}
# How platforms write a moment, beside ISO 8601.
_MOMENTS = ("%A, %d %B %Y, %I:%M %p", "%d %B %Y, %I:%M %p", "%Y-%m-%d %H:%M:%S %Z", "%Y-%m-%d %H:%M")
_NOT_PEOPLE = {"points possible"}


@dataclass(frozen=True)
class Person:
    """A line of the class list.

    Attributes:
        student: The id, under which results are kept.
        name: The name as the list writes it.
        email: The address.
        sis: The id in the student information system (Canvas).
        login: The login name (Canvas).
        section: The section or group.
        submitted: When the submission came, as the list writes it.
        late_seconds: How late it came, where the list says so, else None.
    """

    student: str
    name: str = ""
    email: str = ""
    sis: str = ""
    login: str = ""
    section: str = ""
    submitted: str = ""
    late_seconds: float | None = None

    def late_after(self, deadline: datetime | None) -> float | None:
        """Return how many seconds after the deadline the list says that the submission came, None if it does not."""
        if self.late_seconds is not None or deadline is None or not self.submitted:
            return self.late_seconds
        moment = moment_of(self.submitted)
        if moment is None:
            return None
        # A time without a zone is one of the deadline's; a deadline without one is in this machine's.
        deadline = deadline if deadline.tzinfo else deadline.astimezone()
        moment = moment if moment.tzinfo else moment.replace(tzinfo=deadline.tzinfo)
        return max(0.0, (moment - deadline).total_seconds())


class Roster:
    """The people of a class, found by whatever a file name tells of them."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = tuple(people)
        self._by: dict[str, list[Person]] = {}
        self._by_name: dict[str, list[Person]] = {}
        for person in self.people:
            ids = {person.student, person.sis, person.login, person.email, person.email.partition("@")[0]}
            for text in {plain(text) for text in ids} - {""}:
                self._by.setdefault(text, []).append(person)
            for text in _names(person.name):
                self._by_name.setdefault(text, []).append(person)

    def find(self, *told: str) -> Person | None:
        """Return whom the texts mean, the first that means exactly one person: an id, a login, an address or a name.

        Args:
            *told: What is known of a submission, the most certain first.
        """
        for text in told:
            for known, key in ((self._by, plain(text)), (self._by_name, _letters(text))):
                if len(known.get(key, [])) == 1:
                    return known[key][0]
        return None


def read_roster(path: Path) -> Roster:
    """Read a class list.

    Args:
        path: A CSV file with at least a column for the id.

    Raises:
        TableError: It cannot be read, has no such column, a line without id, or an id twice.
    """
    rows = read_table(path)
    headings = {name.casefold(): name for _, row in rows for name in row if name}
    columns = _columns(headings)
    if "student" not in columns:
        raise TableError(
            f"{path}: no column for the students' ids. It has: {', '.join(headings.values()) or 'no rows'}; "
            f"expected one of: {', '.join(_COLUMNS['student'])}"
        )
    people: dict[str, Person] = {}
    lines: dict[str, int] = {}
    for line, row in rows:
        cell = {kind: as_typed(row[heading]) for kind, heading in columns.items()}
        person = _person(cell, f"{path}, line {line}")
        if person is None:
            continue
        if person.student in people:
            raise TableError(
                f"{path}: lines {lines[person.student]} and {line} have the same id {person.student!r}"
            )
        people[person.student], lines[person.student] = person, line
    return Roster(people.values())


def moment_of(text: str) -> datetime | None:
    """Return the moment that a platform wrote, None where it is none (Moodle writes '-')."""
    text = " ".join(text.split())
    try:
        return datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError:
        pass
    for form in _MOMENTS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def student_id(text: str) -> str:
    """Return an id as it stands in a single cell of a table: on one line, of signs that can be seen."""
    signs = unicodedata.normalize("NFC", text).strip()
    return "".join(sign if sign.isprintable() else "_" for sign in signs) or "_"


def plain(text: str) -> str:
    """Return an id for comparing: no matter how letters are composed, or in capitals."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _columns(headings: Mapping[str, str]) -> dict[str, str]:
    columns = {
        kind: next(headings[name] for name in names if name in headings)
        for kind, names in _COLUMNS.items()
        if any(name in headings for name in names)
    }
    # 'Student' is an id where nothing else is, else a name; a column is not both.
    if "name" in columns and columns["name"] == columns.get("student"):
        del columns["name"]
    return columns


def _person(cell: Mapping[str, str], where: str) -> Person | None:
    name = cell.get("name") or " ".join(filter(None, (cell.get("first"), cell.get("last"))))
    if not cell["student"]:
        if name.strip().casefold() in _NOT_PEOPLE:
            return None  # the second line of a gradebook from Canvas
        raise TableError(f"{where}: there is no id")
    return Person(
        # Moodle's worksheet writes 'Participant 123', its file names '123'.
        student_id(re.sub(r"^Participant (\d+)$", r"\1", cell["student"])),
        name,
        **{kind: cell.get(kind, "") for kind in ("email", "sis", "login", "section", "submitted")},
        late_seconds=_seconds(cell.get("late", ""), where),
    )


def _seconds(text: str, where: str) -> float | None:
    """Return seconds from '5400', or from hours, minutes and seconds as in '1:30:00'."""
    if not text:
        return None
    try:
        parts = [float(part) for part in text.split(":")]
    except ValueError:
        parts = [-1.0]
    if min(parts) < 0 or len(parts) > 3:
        raise TableError(f"{where}: lateness is a number of seconds or H:M:S, not {text[:40]!r}")
    return sum(part * 60**power for power, part in enumerate(reversed(parts)))


def _names(name: str) -> set[str]:
    """Return the ways in which a file name may write a name: first name first or last."""
    last, comma, first = name.partition(",")
    words = name.split()
    ways = {name, f"{first} {last}"} if comma else {name, " ".join([*words[-1:], *words[:-1]])}
    return {_letters(way) for way in ways} - {""}


def _letters(text: str) -> str:
    """Return the letters and digits alone, without accents: what is left of a name in a file's name."""
    flat = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in flat if sign.isalnum())
