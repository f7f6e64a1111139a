"""The class list: a CSV file whose columns are known by name, as learning platforms export it.

Canvas' exported gradebook, Moodle's grading worksheet in several languages, and Gradescope's list of scores are
rosters as they are. A line that cannot be read with certainty is refused.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from labs_engine.grade.identity import composed, letters, name_forms, number_of, plain, student_id
from labs_engine.grade.spreadsheet import TableError, is_shortened, unescaped
from labs_engine.grade.tables import read_table
from labs_engine.grade.times import AmbiguousTime, moment_of

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
_NOT_PEOPLE = {"points possible"}
_NO_TIME = {"", "-", "–"}


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
        late_seconds: How late it came, if the list says so, else None.
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
    """The people of a class, found by whatever a file name says of them.

    Attributes:
        people: The people, in order.
        columns: The list's headings by what they hold; empty if the class did not come from a table.
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
            for text in {composed(text) for text in ids} - {""}:
                self._exactly.setdefault(text, []).append(person)
            for text in {plain(text) for text in ids} - {""}:
                self._by.setdefault(text, []).append(person)
            for text in name_forms(person.name):
                self._by_name.setdefault(text, []).append(person)
            if number := number_of(person.student):
                self._by_number.setdefault(number, []).append(person)

    def find(self, *texts: str) -> Person | None:
        """Return the person whom the first unambiguous text names: an id, a login, an address or a name.

        An id in the same capitals comes first: the list may hold 'ada' and 'ADA'.

        Args:
            *texts: What is known about a submission, the most reliable first.
        """
        for text in texts:
            for known, key in (
                (self._exactly, composed(text)),
                (self._by, plain(text)),
                (self._by_name, letters(text)),
            ):
                if len(known.get(key, [])) == 1:
                    return known[key][0]
            # Excel may have stripped the zeros of the list's ids.
            if len(self._by_number.get(number_of(text), [])) == 1:
                return self._by_number[number_of(text)][0]
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
        cell = {kind: unescaped(row[heading]) for kind, heading in columns.items()}
        if _is_no_person(cell, row):
            continue
        person = _person(cell, row, f"{path}, line {line}")
        if person.student in people:
            raise TableError(
                f"{path}: lines {lines[person.student]} and {line} have the same id {person.student!r}"
            )
        people[person.student], lines[person.student] = person, line
    return Roster(people.values(), columns)


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
    """Return seconds from '5400', or from hours, minutes and seconds as in '1:30:00'; a '-' in front means early."""
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
