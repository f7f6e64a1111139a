"""Class lists as platforms export them, and who is meant by what a file name tells."""

from __future__ import annotations

import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs_engine.grade.roster import Person, Roster, read_roster
from labs_engine.grade.spreadsheet import TableError
from labs_engine.grade.times import AmbiguousTime, end_of_day, moment_of

bounded = settings(max_examples=200, deadline=None, derandomize=True)
DEADLINE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)


def _roster(folder: Path, text: str) -> Roster:
    path = folder / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return read_roster(path)


def test_the_gradebook_of_canvas_is_a_roster(tmp_path: Path) -> None:
    roster = _roster(
        tmp_path,
        "Student,ID,SIS User ID,SIS Login ID,Section,Lab 01 (77)\n"
        "    Points Possible,,,,,19.00\n"
        '"Lovelace, Ada",1001,A-7,ada7,Monday,\n',
    )
    assert roster.people == (Person("1001", "Lovelace, Ada", sis="A-7", login="ada7", section="Monday"),)


def test_the_worksheet_of_moodle_is_a_roster(tmp_path: Path) -> None:
    roster = _roster(
        tmp_path,
        "Identifier,Full name,Email address,Status,Grade,Last modified (submission),Last modified (grade)\n"
        'Participant 123456,Ada Lovelace,ada@example.org,Submitted,,"Saturday, 21 November 2026, 1:59 AM",-\n'
        "Participant 123457,Alan Turing,alan@example.org,No submission,,-,-\n",
    )
    ada, alan = roster.people
    assert (ada.student, ada.name, ada.email) == ("123456", "Ada Lovelace", "ada@example.org")
    assert ada.late_after(DEADLINE) == 7200
    assert alan.late_after(DEADLINE) is None


@pytest.mark.parametrize(
    "told",
    ["1001", "A-7", "ADA7", "ada@example.org", "Ada Lovelace", "lovelaceada", "adalovelace", "ADA lovelace"],
)
def test_a_person_is_found_by_ids_addresses_and_names(told: str) -> None:
    ada = Person("1001", "Lovelace, Ada", email="ada@example.org", sis="A-7", login="ada7")
    assert Roster([ada, Person("1002", "Alan Turing")]).find(told) == ada


def test_accents_in_file_names_do_not_matter() -> None:
    zoe = Person("1", "Zoë Ünal")
    assert Roster([zoe]).find("unalzoe") == zoe


def test_a_name_that_two_people_have_means_neither() -> None:
    roster = Roster([Person("1", "Ada King"), Person("2", "King, Ada")])
    assert roster.find("adaking") is None
    assert roster.find("9", "", "nobody") is None


def test_names_in_two_columns_are_put_together(tmp_path: Path) -> None:
    roster = _roster(tmp_path, "Surname;First name;Student ID\nLovelace;Ada;1\n")
    assert roster.people == (Person("1", "Ada Lovelace"),)


def test_names_that_were_made_harmless_come_back(tmp_path: Path) -> None:
    assert _roster(tmp_path, "id,name\n1,'=Ada\n").people == (Person("1", "=Ada"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,name\n1,Ada\n2,Alan\n1,Grace\n", "lines 2 and 4 have the same id '1'"),
        ("id,name\n,Ada\n", "line 2: there is no id"),
        ("surname,mark\nLovelace,1\n", "no column for the students' ids. It has: surname, mark"),
        ("id,late seconds\n1,soon\n", "line 2: lateness is a number of seconds or H:M:S, not 'soon'"),
    ],
)
def test_a_roster_that_cannot_be_used_says_where(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TableError, match=message.replace(".", r"\.")):
        _roster(tmp_path, text)


@pytest.mark.parametrize("line", ["2;Alan;Monday", "2\tAlan\tMonday", "2;Alan"])
def test_a_line_with_another_separator_is_understood(tmp_path: Path, line: str) -> None:
    roster = _roster(tmp_path, f"id,name,section\n1,Ada,\n{line}\n")
    assert [(p.student, p.name) for p in roster.people] == [("1", "Ada"), ("2", "Alan")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2;Turing, Alan;Monday", "line 3: 2 of 3 cells; is it a semicolon"),
        ("2,Turing, Alan,Monday", "line 3: 4 cells below 3 headings"),
        ("2;Turing, Alan, or so", "line 3: the id '2;Turing' is several cells"),
    ],
)
def test_a_line_whose_cells_do_not_fit_stops(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        _roster(tmp_path, f"id,name,section\n1,Ada,\n{line}\n")


def test_an_id_in_the_same_capitals_comes_first() -> None:
    small, large = Person("ada", "Ada King"), Person("ADA", "Ada Lovelace")
    roster = Roster([small, large])
    assert [roster.find(text) for text in ("ada", "ADA", "Ada")] == [small, large, None]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-11-21T00:59:00+00:00", 3600),
        ("2026-11-21T01:59:00+01:00", 3600),
        ("2026-11-21 00:59:00 UTC", 3600),
        ("2026-11-21 00:59", 3600),
        ("2026-11-20T12:00:00Z", 0),
        ("yesterday", None),
        ("", None),
    ],
)
def test_how_late_comes_from_the_time_of_submission(written: str, seconds: float | None) -> None:
    assert Person("1", submitted=written).late_after(DEADLINE) == seconds


def test_a_time_without_zone_is_in_the_zone_of_the_deadline() -> None:
    tokyo = DEADLINE.replace(tzinfo=timezone(timedelta(hours=9)))
    assert Person("1", submitted="2026-11-21 00:59").late_after(tokyo) == 3600
    assert Person("1", submitted="2026-11-21 00:59").late_after(tokyo.replace(tzinfo=None)) == 3600


def test_lateness_that_the_list_tells_counts_first(tmp_path: Path) -> None:
    roster = _roster(tmp_path, "id,Lateness (H:M:S),submitted\n1,1:30:00,2026-12-24\n2,90,\n3,,\n")
    assert [person.late_after(None) for person in roster.people] == [5400, 90, None]


CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Lab 01 (77),Final Score\n"
    ",,,,,Manual Posting,\n"
    "    Points Possible,,,,,19.00,(read only)\n"
    '"Lovelace, Ada",1001,A-7,ada7,"Monday and Tuesday",N/A,\n'
    '"Student, Test",1002,,3f2a,Monday,,\n'
)


def test_the_lines_that_canvas_puts_below_its_headings_are_nobody(tmp_path: Path) -> None:
    assert [person.student for person in _roster(tmp_path, CANVAS).people] == ["1001", "1002"]
    split = (
        "LastName,FirstName,ID,SIS Login ID,Section,Lab (77)\n"
        ",,,,,Manual Posting (scores hidden from instructors)\n"
        "    Points Possible,,,,,19.00\n"
        "Lovelace,Ada,1001,ada7,Monday,\n"
    )
    assert _roster(tmp_path, split).people[0].name == "Ada Lovelace"


def test_the_scores_of_gradescope_are_a_roster(tmp_path: Path) -> None:
    roster = _roster(
        tmp_path,
        "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,Submission ID,Submission Time,"
        "Submission Count,View Count,Lateness (H:M:S)\n"
        "Ada,Lovelace,1001,ada@example.org,,10.0,15.0,Graded,55,2026-11-21 01:59:00 +0100,1,2,01:00:00\n"
        "Alan,Turing,1002,alan@example.org,,,,Missing,,,,,\n",
    )
    ada, alan = roster.people
    assert (ada.name, ada.email, ada.late_after(None)) == ("Ada Lovelace", "ada@example.org", 3600)
    assert moment_of(ada.submitted) == datetime(2026, 11, 21, 0, 59, tzinfo=UTC)
    assert alan.late_after(DEADLINE) is None


MOODLE = {
    "de": (
        'ID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,"Zuletzt geändert (Abgabe)",'
        '"Zuletzt geändert (Bewertung)","Feedback als Kommentar"',
        'Teilnehmer/in123,"Ada King",a@x.org,-,,"19,00","Samstag, 21. November 2026, 01:59",-,',
    ),
    "fr": (
        'Identifiant,"Nom complet","Adresse de courriel",Statut,Note,"Note maximale",'
        '"Dernière modification (travail remis)","Dernière modification (note)","Feedback par commentaires"',
        'Participant123,"Ada King",a@x.org,-,,"19,00","samedi 21 novembre 2026, 01:59",-,',
    ),
    "es": (
        'Identificador,"Nombre completo","Dirección de correo",Estado,Calificación,"Calificación máxima",'
        '"Última modificación (entrega)","Última modificación (calificación)","Comentarios de retroalimentación"',
        '"Participante 123","Ada King",a@x.org,-,,"19,00","sábado, 21 de noviembre de 2026, 01:59",-,',
    ),
    "it": (
        'Identificativo,"Nome completo","Indirizzo email",Stato,Valutazione,"Valutazione massima",'
        '"Ultima modifica (consegna)","Ultima modifica (valutazione)",Commenti',
        'Partecipante123,"Ada King",a@x.org,-,,"19,00","sabato, 21 novembre 2026, 01:59",-,',
    ),
    "nl": (
        'Identificatie,"Volledige naam",E-mailadres,Status,Cijfer,"Maximaal cijfer",'
        '"Laatst gewijzigd (inzending)","Laatst gewijzigd (beoordeling)",Feedback',
        'Deelnemer123,"Ada King",a@x.org,-,,"19,00","zaterdag, 21 november 2026, 01:59 AM",-,',
    ),
    "pt": (
        '"Número de identificação","Nome completo","Endereço de correio eletrónico",Estado,Nota,"Nota máxima",'
        '"Última atualização (submissão)","Última atualização (avaliação)","Comentários de feedback"',
        'Participante123,"Ada King",a@x.org,-,,"19,00","sábado, 21 de novembro de 2026 às 01:59",-,',
    ),
    "pt_br": (
        'Identificador,"Nome completo","Endereço de email",Status,Nota,"Nota máxima","Última modificação (envio)",'
        '"Última modificação (nota)","Comentários de feedback"',
        'Participante123,"Ada King",a@x.org,-,,"19,00","sábado, 21 nov. 2026, 01:59",-,',
    ),
}


@pytest.mark.parametrize("language", MOODLE)
def test_the_worksheet_of_moodle_is_a_roster_in_other_languages(tmp_path: Path, language: str) -> None:
    roster = _roster(tmp_path, "\n".join(MOODLE[language]) + "\n")
    (ada,) = roster.people
    assert (ada.student, ada.name, ada.email) == ("123", "Ada King", "a@x.org")
    assert ada.late_after(DEADLINE) == 7200
    assert {"grade", "most", "graded", "comments"} <= set(roster.columns)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("21.11.2026 01:59", (11, 21, 1, 59)),
        ("21/11/2026 01:59", (11, 21, 1, 59)),
        ("11/21/2026, 1:59", (11, 21, 1, 59)),
        ("11/11/2026 01:59", (11, 11, 1, 59)),
        ("2026/11/21 1:59", (11, 21, 1, 59)),
        ("Saturday, 21 November 2026, 12:05 AM", (11, 21, 0, 5)),
        ("Saturday, 21 November 2026, 12:05 PM", (11, 21, 12, 5)),
        ("zaterdag, 21 november 2026, 23:59 PM", (11, 21, 23, 59)),
        ("1 août 2026, 08:00", (8, 1, 8, 0)),
        ("dimanche 1 févr. 2026, 08:00", (2, 1, 8, 0)),
        ("segunda-feira, 1 de março de 2026, 08:00", (3, 1, 8, 0)),
    ],
)
def test_times_are_read_as_people_and_platforms_write_them(text: str, moment: tuple[int, ...]) -> None:
    assert moment_of(text) == datetime(2026, *moment)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["3/4/2026 10:00", "03-04-2026 10:00", "2026-11-30", "30.11.2026", "20261130"]
)
def test_a_time_that_may_be_read_in_two_ways_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(AmbiguousTime):
        moment_of(text)
    with pytest.raises(TableError, match=r"line 3: .* write it as '2026-11-30 23:59'"):
        _roster(tmp_path, f"id;submitted\n1;-\n2;{text}\n")


@pytest.mark.parametrize(
    "text",
    ["yesterday", "21/11/26 10:00", "1 jui 2026, 10:00", "31.02.2026 10:00", "2026-11-30 25:00", "1e9"],
)
def test_a_time_that_is_none_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(TableError, match=r"line 2: .* is no time"):
        _roster(tmp_path, f'id;submitted\n1;"{text}"\n')


def test_a_day_ends_at_its_last_second() -> None:
    assert end_of_day("2026-11-30") == datetime(2026, 11, 30, 23, 59, 59)
    assert end_of_day("2026-11-30 12:00") is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("30.11.2026", (11, 30)),
        ("3.4.2026", (4, 3)),
        ("30/11/2026", (11, 30)),
        ("11/30/2026", (11, 30)),
        ("4/4/2026", (4, 4)),
        ("2026/11/30", (11, 30)),
        ("2026-4-3", (4, 3)),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: tuple[int, int]) -> None:
    assert end_of_day(text) == datetime(2026, *day, 23, 59, 59)


@pytest.mark.parametrize("text", ["30.11.26", "20261130", "30.11", "", "soon"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert end_of_day(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3/4/2026", "may be day 3 of month 4 or day 4 of month 3"),
        ("31.11.2026", "there is no day '31.11.2026'"),
        ("2026-13-01", "there is no day"),
    ],
)
def test_a_day_that_is_two_or_none_is_refused(text: str, message: str) -> None:
    with pytest.raises(AmbiguousTime, match=message):
        end_of_day(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("-0:10:00", 0), ("-90", 0), ("0:10:00", 600), ("90,5", 90.5), ("01:00:00:", None)]
)
def test_who_came_too_early_is_not_late(tmp_path: Path, text: str, seconds: float | None) -> None:
    if seconds is None:
        with pytest.raises(TableError, match="lateness is a number"):
            _roster(tmp_path, f"id;late seconds\n1;{text}\n")
    else:
        assert _roster(tmp_path, f"id;late seconds\n1;{text}\n").people[0].late_after(None) == seconds


@pytest.mark.parametrize("text", ["nan", "inf", "0:90:00", "1:-5", "--5", "1:2:3:4"])
def test_what_is_no_lateness_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TableError, match="line 2: lateness is a number"):
        _roster(tmp_path, f"id,late seconds\n1,{text}\n")


def test_ids_whose_zeros_excel_stripped_are_found(tmp_path: Path) -> None:
    roster = _roster(tmp_path, "id,name\n7,Ada\n0008,Alan\n08,Grace\n")
    assert roster.find("0007") == roster.people[0]
    assert roster.find("8") is None, "two people may be meant"
    assert roster.find("0008") == roster.people[1]


def test_an_id_that_excel_shortened_stops_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"line 3: a spreadsheet has shortened the id '1\.2E\+15'"):
        _roster(tmp_path, "id,name\n1,Ada\n1.2E+15,Alan\n")


def test_a_time_of_winter_is_held_against_a_deadline_of_summer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        deadline = datetime(2026, 10, 24, 23, 0)
        assert Person("1", submitted="2026-10-25 23:00").late_after(deadline) == 25 * 3600
    finally:
        monkeypatch.undo()
        time.tzset()


WORDS = st.sampled_from(
    [
        "1",
        "12",
        "30",
        "2026",
        "/",
        ".",
        "-",
        ":",
        " ",
        ",",
        "november",
        "mai",
        "de",
        "AM",
        "T",
        "Z",
        "+01:00",
        "E+15",
    ]
)


@bounded
@given(st.lists(WORDS | st.text(max_size=2), max_size=12).map("".join))
def test_a_time_is_read_refused_or_none(text: str) -> None:
    try:
        moment = moment_of(text)
    except AmbiguousTime:
        return
    for deadline in (DEADLINE, DEADLINE.replace(tzinfo=None)):
        assert moment is None or Person("1", submitted=text).late_after(deadline) is not None


@bounded
@given(
    st.lists(
        WORDS | st.sampled_from(["id", "name", ";", "\n", '"', "late seconds", "submitted"]), max_size=30
    )
)
def test_a_roster_is_read_or_refused(words: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, suppress(TableError):
        text = "id;name;submitted;late seconds\n" + "".join(words)
        for person in _roster(Path(folder), text).people:
            assert person.student
            person.late_after(DEADLINE)
