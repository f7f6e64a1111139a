"""Class lists as platforms export them, and who is meant by what a file name tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from labs_lib.grading.roster import Person, Roster, read_roster
from labs_lib.grading.tables import TableError

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
