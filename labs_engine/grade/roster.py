"""The class list: a CSV file whose columns are known by name, as learning platforms export it.

Canvas' exported gradebook, Moodle's grading worksheet in several languages, and Gradescope's list of scores are
rosters as they are. What cannot be read for certain is refused with its line.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from labs_engine.grade.tables import TableError, as_typed, is_shortened, read_table

# What a column is called, by what it holds; the first that is there is taken. Moodle's names are those of its
# language packs: English, German, French, Spanish, Italian, Dutch, Portuguese (Portugal, Brazil).
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "student": (
        *("id", "student id", "identifier", "user id", "sid"),
        *("identifiant", "identificador", "identificativo", "identificatie", "número de identificação"),
        *("username", "login", "student", "matrikelnummer"),
    ),
    "name": (
        *("name", "full name", "student name", "student", "display name"),
        *("vollständiger name", "nom complet", "nombre completo", "nome completo", "volledige naam"),
    ),
    "first": (
        *("first name", "given name", "firstname", "vorname", "prénom", "nombre", "nombre(s)", "nome"),
        *("voornaam", "nome próprio", "primeiro nome"),
    ),
    "last": (
        *("last name", "surname", "family name", "lastname", "nachname", "nom", "nom de famille"),
        *("apellido", "apellidos", "apellido(s)", "cognome", "achternaam", "apelido", "sobrenome"),
    ),
    "email": (
        *("email", "email address", "e-mail", "mail", "e-mail-adresse", "adresse de courriel"),
        *("correo electrónico", "dirección de correo", "dirección de correo electrónico", "indirizzo email"),
        *("e-mailadres", "endereço de correio eletrónico", "endereço de e-mail", "endereço de email"),
    ),
    "sis": (
        *("sis user id", "sis id", "id number", "student number", "matrikelnummer"),
        *("numéro d'identification", "número de id", "codice identificativo", "id-nummer"),
    ),
    "login": (
        *("sis login id", "login id", "username", "login", "user name", "anmeldename", "nom d'utilisateur"),
        *("nombre de usuario", "gebruikersnaam", "nome de utilizador"),
    ),
    "section": ("section", "sections", "group", "groups", "gruppe", "groupe", "grupo", "gruppo", "groep"),
    "submitted": (
        *("submitted", "submitted at", "submission time", "last modified (submission)"),
        *("zuletzt geändert (abgabe)", "dernière modification (travail remis)"),
        *("última modificación (entrega)", "ultima modifica (consegna)", "laatst gewijzigd (inzending)"),
        *("última atualização (submissão)", "última modificação (submissão)", "última modificação (envio)"),
    ),
    "late": ("late seconds", "lateness (h:m:s)", "lateness"),
    # What Moodle takes back.
    "grade": (
        *("grade", "bewertung", "note", "calificación", "valutazione", "cijfer", "beoordeling", "nota"),
        "avaliação",
    ),
    "most": (
        *("maximum grade", "bestwertung", "note maximale", "calificación máxima", "valutazione massima"),
        *("maximaal cijfer", "nota máxima", "avaliação máxima"),
    ),
    "graded": (
        *("last modified (grade)", "zuletzt geändert (bewertung)", "dernière modification (note)"),
        *("última modificación (calificación)", "ultima modifica (valutazione)"),
        *("laatst gewijzigd (beoordeling)", "última atualização (avaliação)", "última modificação (nota)"),
    ),
    "comments": (
        *("feedback comments", "feedback als kommentar", "feedback par commentaires"),
        *("comentarios de retroalimentación", "commenti", "feedback", "comentários de feedback"),
    ),
}
# 'Participant 123' in Moodle's worksheet, where its file names have '123'.
_PARTICIPANT = re.compile(
    r"(?:participante?|partecipante|teilnehmer(?:/in|in)?|deelnemer)\s*([0-9]+)", re.IGNORECASE
)
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
_NOT_PEOPLE = {"points possible"}
_NO_TIME = {"", "-", "–"}


class AmbiguousTime(ValueError):
    """A time that may be read in more than one way, or in none; the message says which."""


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
        row: The cells as the list has them, by heading.
    """

    student: str
    name: str = ""
    email: str = ""
    sis: str = ""
    login: str = ""
    section: str = ""
    submitted: str = ""
    late_seconds: float | None = None
    row: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def late_after(self, deadline: datetime | None) -> float | None:
        """Return how many seconds after the deadline the list says that the submission came, None if it does not."""
        if self.late_seconds is not None or deadline is None or not self.submitted:
            return self.late_seconds
        moment = moment_of(self.submitted)
        if moment is None:
            return None
        # A time without a zone is in the deadline's; a deadline without one is in this machine's, summer or winter.
        if deadline.tzinfo is None:
            deadline = deadline.astimezone()
            moment = moment.astimezone()
        elif moment.tzinfo is None:
            moment = moment.replace(tzinfo=deadline.tzinfo)
        return max(0.0, (moment - deadline).total_seconds())


class Roster:
    """The people of a class, found by whatever a file name tells of them.

    Attributes:
        people: The people, in order.
        columns: The list's headings by what they hold; none where the class is no table.
    """

    def __init__(self, people: Iterable[Person], columns: Mapping[str, str] | None = None) -> None:
        self.people = tuple(people)
        self.columns = columns or {}
        self._exactly: dict[str, list[Person]] = {}
        self._by: dict[str, list[Person]] = {}
        self._by_name: dict[str, list[Person]] = {}
        self._by_number: dict[str, list[Person]] = {}
        for person in self.people:
            ids = {person.student, person.sis, person.login, person.email, person.email.partition("@")[0]}
            for text in {_composed(text) for text in ids} - {""}:
                self._exactly.setdefault(text, []).append(person)
            for text in {plain(text) for text in ids} - {""}:
                self._by.setdefault(text, []).append(person)
            for text in _names(person.name):
                self._by_name.setdefault(text, []).append(person)
            if number := _number(person.student):
                self._by_number.setdefault(number, []).append(person)

    def find(self, *told: str) -> Person | None:
        """Return whom the texts mean, the first that means exactly one person: an id, a login, an address or a name.

        An id in the same capitals comes first: the list may hold 'ada' and 'ADA'.

        Args:
            *told: What is known of a submission, the most certain first.
        """
        for text in told:
            for known, key in (
                (self._exactly, _composed(text)),
                (self._by, plain(text)),
                (self._by_name, _letters(text)),
            ):
                if len(known.get(key, [])) == 1:
                    return known[key][0]
            # Excel may have stripped the zeros of the list's ids.
            if len(self._by_number.get(_number(text), [])) == 1:
                return self._by_number[_number(text)][0]
        return None


def read_roster(path: Path) -> Roster:
    """Read a class list.

    Args:
        path: A CSV file with at least a column for the id.

    Raises:
        TableError: It cannot be read, has no such column, a line without id or with one that Excel has shortened, an
            id twice, or a time that is none or may be read in two ways.
    """
    rows = read_table(path)
    headings = {_heading(name): name for _, row in rows[:1] for name in row if name}
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
        if _is_no_person(cell, row):
            continue
        person = _person(cell, row, f"{path}, line {line}")
        if person.student in people:
            raise TableError(
                f"{path}: lines {lines[person.student]} and {line} have the same id {person.student!r}"
            )
        people[person.student], lines[person.student] = person, line
    return Roster(people.values(), columns)


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
    letters = _letters(word)
    found = [
        number
        for number, names in enumerate(_MONTHS, start=1)
        if len(letters) > 2 and any(_letters(name).startswith(letters) for name in names.split())
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


def student_id(text: str) -> str:
    """Return an id as it stands in a single cell of a table: on one line, of signs that can be seen."""
    signs = unicodedata.normalize("NFC", text).strip()
    return "".join(sign if sign.isprintable() else "_" for sign in signs) or "_"


def plain(text: str) -> str:
    """Return an id for comparing: no matter how letters are composed, or in capitals."""
    return _composed(text).casefold()


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


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


def _heading(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().replace("’", "'").strip()


def _is_no_person(cell: Mapping[str, str], row: Mapping[str, str]) -> bool:
    """Tell whether a line is one of those that Canvas puts below its headings."""
    if cell["student"] or cell.get("login") or cell.get("sis"):
        return False
    name = _name(cell).strip().casefold()
    return name in _NOT_PEOPLE or (
        not name and any(text.startswith("Manual Posting") for text in row.values())
    )


def _name(cell: Mapping[str, str]) -> str:
    return cell.get("name") or " ".join(filter(None, (cell.get("first"), cell.get("last"))))


def _person(cell: Mapping[str, str], row: Mapping[str, str], where: str) -> Person:
    if not cell["student"]:
        raise TableError(f"{where}: there is no id")
    if re.search(r"[;\t]|,(?! )", cell["student"]):  # 'Lovelace, Ada' is an id where the list has no other
        raise TableError(
            f"{where}: the id {cell['student'][:60]!r} is several cells: separate them as the headings are separated"
        )
    for kind in ("student", "sis", "login"):
        if is_shortened(cell.get(kind, "")):
            raise TableError(
                f"{where}: a spreadsheet has shortened the id {cell[kind]!r}; give its column the format 'text' "
                "before the file is opened, or take the file that the platform exported"
            )
    number = _PARTICIPANT.fullmatch(cell["student"])
    late = _seconds(cell.get("late", ""), where)
    if late is None:
        _check_time(cell.get("submitted", ""), where)
    return Person(
        student_id(number[1] if number else cell["student"]),
        _name(cell),
        **{kind: cell.get(kind, "") for kind in ("email", "sis", "login", "section", "submitted")},
        late_seconds=late,
        row=row,
    )


def _check_time(text: str, where: str) -> None:
    if text.strip() in _NO_TIME:
        return
    try:
        moment = moment_of(text)
    except AmbiguousTime as error:
        raise TableError(f"{where}: {error}; write it as '2026-11-30 23:59'") from None
    if moment is None:
        raise TableError(
            f"{where}: {text[:60]!r} is no time; write it as '2026-11-30 23:59', or empty the cell"
        )


def _seconds(text: str, where: str) -> float | None:
    """Return seconds from '5400', or from hours, minutes and seconds as in '1:30:00'; a '-' in front is too early."""
    text = text.strip()
    if not text:
        return None
    early = text.startswith("-")
    try:
        parts = [_at_least_0(part) for part in text.removeprefix("-").replace(",", ".").split(":")]
    except ValueError:
        parts = []
    if not 1 <= len(parts) <= 3 or any(part >= 60 for part in parts[1:]):
        raise TableError(f"{where}: lateness is a number of seconds or H:M:S, not {text[:40]!r}")
    return 0.0 if early else sum(part * 60**power for power, part in enumerate(reversed(parts)))


def _at_least_0(text: str) -> float:
    value = float(text)
    if not 0 <= value < math.inf:
        raise ValueError(text)
    return value


def _number(text: str) -> str:
    """Return a number without the zeros in front, '' for other texts."""
    text = plain(text)
    return text.lstrip("0") if text.isascii() and text.isdigit() else ""


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
