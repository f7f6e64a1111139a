"""Finding submissions: every layout, every file accounted for, lateness that can be believed."""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fake_results import SCRIPT, SPEC
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs_engine.grade.archives import ArchiveError
from labs_engine.grade.graded import Submission
from labs_engine.grade.handed_in import NoSubmissions
from labs_engine.grade.roster import read_roster
from labs_engine.grade.submissions import Unclear, find_submissions, missing_results, unclear_results

LAB = "01_ramp"
DEADLINE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)


def _folder(root: Path, files: Iterable[str]) -> Path:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return root


def _zip(path: Path, files: Iterable[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in files:
            archive.writestr(name, name)
    return path


def _rows(found: list[Submission]) -> list[tuple[str, str, str]]:
    return [(s.student, s.path.name, s.remark) for s in found]


def test_a_folder_of_notebooks_has_a_student_for_each(tmp_path: Path) -> None:
    _folder(
        tmp_path / "in", ["bob.ipynb", "ada.ipynb", ".DS_Store", ".ipynb_checkpoints/ada.ipynb", "__MACOSX/x"]
    )
    assert _rows(find_submissions(tmp_path / "in", lab=LAB)) == [
        ("ada", "ada.ipynb", ""),
        ("bob", "bob.ipynb", ""),
    ]


def test_a_folder_per_student_has_the_lab_or_the_only_notebook(tmp_path: Path) -> None:
    files = [
        f"ada/{LAB}.ipynb",
        "ada/notes.txt",
        "bob/deep/anything.ipynb",
        f"eve/{LAB}.ipynb",
        "eve/zzz.ipynb",
    ]
    assert _rows(find_submissions(_folder(tmp_path, files), lab=LAB)) == [
        ("ada", f"{LAB}.ipynb", "not graded: notes.txt"),
        ("bob", "anything.ipynb", ""),
        ("eve", f"{LAB}.ipynb", f"2 notebooks: {LAB}.ipynb counts; not graded: zzz.ipynb"),
    ]


def test_a_file_that_is_no_notebook_is_a_row_that_says_so(tmp_path: Path) -> None:
    files = ["ada.pdf", "bob/report.docx", "bob/image.png"]
    assert _rows(find_submissions(_folder(tmp_path, files), lab=LAB)) == [
        ("ada", "ada.pdf", "ada.pdf is not a notebook"),
        ("bob", "image.png", "image.png is not a notebook; not graded: report.docx"),
    ]


def test_the_zip_of_canvas_is_read(tmp_path: Path) -> None:
    files = [
        f"lovelaceada_1001_555_{LAB}.ipynb",
        f"turingalan_LATE_1002_556_{LAB}.ipynb",
        f"hoppergrace_1003_557_{LAB}.ipynb",
        f"hoppergrace_1003_558_{LAB}-10.ipynb",
        f"hoppergrace_1003_559_{LAB}-2.ipynb",
    ]
    found = find_submissions(
        _zip(tmp_path / "s.zip", files), lab=LAB, deadline=DEADLINE, unpack_to=tmp_path / "to"
    )
    assert [(s.student, s.name, s.late_seconds) for s in found] == [
        ("1001", "lovelaceada", 0.0),
        ("1002", "turingalan", 1.0),
        ("1003", "hoppergrace", 0.0),
    ]
    assert "does not say how late" in found[1].remark
    assert found[2].path.name.endswith("-10.ipynb")
    assert found[2].remark == (f"3 notebooks: {LAB}-10.ipynb counts; not graded: {LAB}.ipynb, {LAB}-2.ipynb")


@pytest.mark.parametrize("wrapper", ["", "Course-Lab 01-42/"])
@pytest.mark.parametrize(
    "form",
    [
        "{}_assignsubmission_file_/lab.ipynb",
        "{}_assignsubmission_file/lab.ipynb",
        "{}_assignsubmission_file_lab.ipynb",
    ],
)
def test_the_zip_of_moodle_is_read(tmp_path: Path, form: str, wrapper: str) -> None:
    files = [wrapper + form.format("Ada King_Lovelace_123456"), wrapper + form.format("Zoë Ünal_123457")]
    found = find_submissions(_zip(tmp_path / "s.zip", files), lab=LAB, unpack_to=tmp_path / "to")
    assert [(s.student, s.name, s.remark) for s in found] == [
        ("123456", "Ada King_Lovelace", ""),
        ("123457", "Zoë Ünal", ""),
    ]


def test_a_text_typed_into_moodle_is_named(tmp_path: Path) -> None:
    files = ["Ada_1_assignsubmission_file_/lab.ipynb", "Ada_1_assignsubmission_onlinetext_/onlinetext.html"]
    assert _rows(find_submissions(_folder(tmp_path, files), lab=LAB)) == [
        ("1", "lab.ipynb", "not graded: onlinetext.html")
    ]


def test_a_single_student_with_a_folder_is_no_wrapper(tmp_path: Path) -> None:
    found = find_submissions(_folder(tmp_path, [f"ada/{LAB}.ipynb", "ada/x.csv"]), lab=LAB)
    assert [s.student for s in found] == ["ada"]


def test_the_roster_gives_ids_and_names_and_tells_who_is_missing(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("id,login,name\n1,ada,Ada Lovelace\n2,bob,Bob\n3,eve,Eve\n", encoding="utf-8")
    files = ["ada_lab01.ipynb", "EVE.ipynb", "mallory.ipynb"]
    found = find_submissions(_folder(tmp_path / "in", files), lab=LAB, roster=roster)
    assert [(s.student, s.name, s.remark) for s in found] == [
        ("1", "Ada Lovelace", ""),
        ("3", "Eve", ""),
        ("mallory", "", "not in the roster"),
    ]
    (missing,) = missing_results(read_roster(roster), found, SPEC)
    assert (missing["student"], missing["name"], missing["status"], missing["points"]) == (
        "2",
        "Bob",
        "missing",
        0,
    )


def test_two_notebooks_that_stand_for_one_person_are_for_the_instructor(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("id,email\n1,ada@example.org\n", encoding="utf-8")
    folder = _folder(tmp_path / "in", ["1.ipynb", "ada.ipynb", "1.pdf"])
    (row,) = find_submissions(folder, lab=LAB, roster=roster)
    assert isinstance(row, Unclear)
    assert row.remark.startswith("unclear whose this is: 1.ipynb, ada.ipynb all stand for this row")
    (made,) = unclear_results([row], SPEC)
    assert (made["student"], made["status"], made["points"]) == ("1", "unclear", 0)
    (folder / "ada.ipynb").unlink()
    (row,) = find_submissions(folder, lab=LAB, roster=roster)
    assert (type(row), row.remark) == (Submission, "not graded: 1.pdf")


def test_an_id_and_a_name_of_two_people_are_nobody_of_the_roster(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\n1001,Ada Lovelace\n1002,Alan Turing\n", encoding="utf-8")
    files = ["turingalan_1001_555_lab.ipynb"]
    (row,) = find_submissions(_folder(tmp_path / "in", files), lab=LAB, roster=roster)
    assert isinstance(row, Unclear)
    assert (row.student, row.name) == ("1001", "turingalan")
    assert "the roster has the id 1001 for Ada Lovelace" in row.remark


@pytest.mark.parametrize(
    "files",
    [
        ["adal_1001_555_lab.ipynb", "eve_1001_556_lab.ipynb"],
        ["Ada_1001_assignsubmission_file_/lab.ipynb", "Eve_1001_assignsubmission_file_/lab.ipynb"],
        ["Ada_1001_assignsubmission_file_lab.ipynb", "Eve_1001_assignsubmission_file_lab.pdf"],
    ],
)
def test_names_of_the_platform_that_differ_for_one_id_are_unclear(tmp_path: Path, files: list[str]) -> None:
    (row,) = find_submissions(_folder(tmp_path, files), lab=LAB)
    assert isinstance(row, Unclear)
    assert "overrides.csv" in row.remark


def test_a_file_of_another_platforms_form_takes_nobodys_row(tmp_path: Path) -> None:
    """A student of a Canvas course named a file as Moodle would name that of student 1001."""
    evil = "x_1001_assignsubmission_file_01_ramp-9.ipynb"
    files = [f"ada_1001_555_{LAB}.ipynb", f"bob_1002_556_{LAB}.ipynb", f"eve_1003_557_{evil}"]
    assert _rows(find_submissions(_folder(tmp_path / "canvas", files), lab=LAB)) == [
        ("1001", files[0], ""),
        ("1002", files[1], ""),
        ("1003", files[2], ""),
    ]
    form = "{}_assignsubmission_file_{}"
    files = [
        form.format("Ada_1001", "lab.ipynb"),
        form.format("Eve_1003", "y_1001_assignsubmission_file_x.ipynb"),
    ]
    assert [row[:2] for row in _rows(find_submissions(_folder(tmp_path / "moodle", files), lab=LAB))] == [
        ("1001", files[0]),
        ("1003", files[1]),
    ]


def test_canvas_hides_names_and_takes_texts(tmp_path: Path) -> None:
    files = ["anon_Ab3dE_55_lab.ipynb", "LATE_anon_12345_56_lab.ipynb"]
    found = find_submissions(_folder(tmp_path / "hidden", files), lab=LAB)
    assert [(s.student, s.late_seconds) for s in found] == [("anon_12345", 1.0), ("anon_Ab3dE", 0.0)]
    files = ["ada_1001_text.html", "bob_LATE_1002_link.html", "eve_1003_55_lab.ipynb"]
    found = find_submissions(_folder(tmp_path / "texts", files), lab=LAB)
    assert [s.student for s in found] == ["1001", "1002", "1003"]
    assert "is not a notebook" in found[0].remark


def test_an_export_with_a_file_of_another_kind_stops_and_names_it(tmp_path: Path) -> None:
    files = ["ada_1001_555_lab.ipynb", "bob_1002_556_lab.ipynb", "carl.ipynb"]
    with pytest.raises(
        NoSubmissions, match=r"2 of 3 files are named as Canvas names them.* not: carl\.ipynb"
    ):
        find_submissions(_folder(tmp_path, files), lab=LAB)


@pytest.mark.parametrize("name", ["lab.ipynb.json", "lab.ipynb.txt", "LAB.IPYNB", f"{LAB} (1).ipynb"])
def test_what_browsers_make_of_a_name_is_a_notebook(tmp_path: Path, name: str) -> None:
    files = [f"ada/{name}", "ada/data.csv", "bob.ipynb.json", "EVE.IPYNB"]
    assert _rows(find_submissions(_folder(tmp_path, files), lab=LAB)) == [
        ("EVE", "EVE.IPYNB", ""),
        ("ada", name, "not graded: data.csv"),
        ("bob", "bob.ipynb.json", ""),
    ]


def test_an_archive_counts_where_there_is_no_notebook(tmp_path: Path) -> None:
    files = ["ada/a.zip", "ada/notes.txt", "bob/lab.ipynb", "bob/b.zip"]
    assert _rows(find_submissions(_folder(tmp_path, files), lab=LAB)) == [
        ("ada", "a.zip", "a.zip is not a notebook but an archive; not graded: notes.txt"),
        ("bob", "lab.ipynb", "not graded: b.zip"),
    ]


# What students call their files, and what those may call them who know how exports are read.
PIECES = (
    st.sampled_from(["_1001_", "_1002_", "_555_", "_LATE", "_assignsubmission_file_", "anon_", "_", "1001"])
    | st.sampled_from(["adalovelace", "Ada", "turingalan", LAB, "lab", "x", "e\u0301", "__MACOSX", " ", "\n"])
    | st.sampled_from([".ipynb", ".pdf", ".zip", ".", "-9", "(1)"])
)
NAMES = (
    st.lists(PIECES | st.text(max_size=5), min_size=1, max_size=8)
    .map(lambda pieces: re.sub(r"[/\0]|\\(?=\.\.)|(?<=\.\.)\\", "_", "".join(pieces)))
    .filter(lambda name: name.strip(".") and len(name.encode()) < 150)
)
bounded = settings(
    max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
CLASS = "id,name,email\n1001,Ada Lovelace,ada@example.org\n1002,Alan Turing,alan@example.org\n1003,Eve,eve@x.org\n"
PLATFORMS = {
    "canvas": ("lovelaceada_1001_5_{}", "turingalan_LATE_1002_6_{}", "eve_1003_7_{}"),
    "moodle": tuple(
        f"{who}_assignsubmission_file_{{}}" for who in ("Ada_1001", "Alan Turing_1002", "Eve_1003")
    ),
    "folders of moodle": tuple(
        f"{who}_assignsubmission_file_/{{}}" for who in ("Ada_1001", "Al_1002", "Eve_1003")
    ),
    "canvas, wrapped": ("C/lovelaceada_1001_5_{}", "C/turingalan_1002_6_{}", "C/eve_1003_7_{}"),
    "folders": ("1001/{}", "alan/{}", "eve/{}"),
    "folders, wrapped": ("C/1001/{}", "C/alan/{}", "C/eve/{}"),
    "deep folders": ("1001/{}", "alan/{}", "eve/1001/{}"),
}


def _found(files: Iterable[str], roster: bool, *, zipped: bool) -> dict[str, tuple[object, ...]]:
    """Return what is found in an export, by student."""
    with tempfile.TemporaryDirectory() as there:
        root = Path(there)
        (root / "class.csv").write_text(CLASS, encoding="utf-8")
        where = _zip(root / "in.zip", files) if zipped else _folder(root / "in", files)
        found = find_submissions(
            where, lab=LAB, roster=root / "class.csv" if roster else None, unpack_to=root / "to"
        )
        return {
            s.student: (type(s), s.name, s.path.read_text(), s.remark, s.late_seconds, s.path.name)
            for s in found
        }


@pytest.mark.parametrize("roster", [False, True])
@pytest.mark.parametrize("form", PLATFORMS)
@bounded
@given(own=st.lists(NAMES, min_size=1, max_size=3), others=st.lists(NAMES, min_size=2, max_size=2))
def test_no_name_of_a_file_touches_another_row(
    form: str, roster: bool, own: list[str], others: list[str]
) -> None:
    ada, alan, eve = PLATFORMS[form]
    honest = [ada.format(others[0]), alan.format(others[1]), alan.format("again.ipynb")]
    before = _found([*honest, eve.format("lab.ipynb")], roster, zipped=False)
    after = _found([*honest, *dict.fromkeys(map(eve.format, own))], roster, zipped=False)
    ids = {"1003", "eve"}
    assert {k: v for k, v in after.items() if k not in ids} == {
        k: v for k, v in before.items() if k not in ids
    }
    assert len(after) <= 3


@pytest.mark.parametrize("form", ["canvas", "moodle", "folders of moodle"])
@bounded
@given(own=st.lists(NAMES, min_size=1, max_size=3, unique=True))
def test_nor_does_one_in_an_archive(form: str, own: list[str]) -> None:
    ada, alan, eve = PLATFORMS[form]
    honest = [ada.format("lab.ipynb"), alan.format("lab.ipynb")]
    after = _found([*honest, *map(eve.format, own)], True, zipped=True)
    assert (after["1001"][2], after["1002"][2]) == tuple(honest)
    assert {after["1001"][3], after["1002"][3]} <= {"", _LATE_REMARK}


_LATE_REMARK = "marked LATE by Canvas, which does not say how late: counted as one second"


@pytest.mark.parametrize("wrapper", ["", "Course/"])
@pytest.mark.parametrize("roster", [False, True])
@bounded
@given(evil=(NAMES | st.just(f"{LAB}.ipynb")).filter(lambda name: name not in ("1001.ipynb", "alan.ipynb")))
def test_where_students_name_the_whole_file_nobody_takes_a_row_in_silence(
    roster: bool, wrapper: str, evil: str
) -> None:
    honest = [f"{wrapper}{name}.ipynb" for name in ("1001", "alan", "bob")]
    before = _found(honest, roster, zipped=False)
    after = _found([*honest, wrapper + evil], roster, zipped=False)
    for student, row in before.items():
        if after[student] != row:
            kind, text, remark = after[student][0], after[student][2], str(after[student][3])
            assert kind is Unclear or (text == row[2] and "not graded" in remark), after[student]
            assert unicodedata.normalize("NFC", evil) in unicodedata.normalize("NFC", remark)


def test_lateness_comes_from_the_roster_before_anything_else(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("id,submitted\n1,2026-11-21T00:59:00Z\n", encoding="utf-8")
    folder = _folder(tmp_path / "in", ["ada_LATE_1_2_lab.ipynb"])
    (row,) = find_submissions(folder, lab=LAB, roster=roster, deadline=DEADLINE)
    assert (row.late_seconds, row.remark) == (3600.0, "")


def test_times_of_files_count_in_a_folder_and_not_in_a_zip(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "in", ["ada.ipynb", "bob.ipynb"])
    for name, seconds in (("ada.ipynb", 90.0), ("bob.ipynb", -90.0)):
        os.utime(folder / name, (0, DEADLINE.timestamp() + seconds))
    ada, bob = find_submissions(folder, lab=LAB, deadline=DEADLINE)
    assert (ada.late_seconds, ada.remark) == (90.0, "late by the time of its file")
    assert (bob.late_seconds, bob.remark) == (0.0, "")
    assert [s.late_seconds for s in find_submissions(folder, lab=LAB)] == [0.0, 0.0]
    archive = _zip(tmp_path / "s.zip", ["ada.ipynb", "bob.ipynb"])
    found = find_submissions(archive, lab=LAB, deadline=DEADLINE, unpack_to=tmp_path / "to")
    assert [s.late_seconds for s in found] == [0.0, 0.0]


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = _folder(tmp_path / "outside", ["secret.ipynb"])
    folder = _folder(tmp_path / "in", ["ada.ipynb"])
    (folder / "link.ipynb").symlink_to(outside / "secret.ipynb")
    (folder / "linked").symlink_to(outside)
    (folder / "copied.ipynb").symlink_to(folder / "ada.ipynb")
    assert [s.student for s in find_submissions(folder, lab=LAB)] == ["ada"]


def test_names_may_hold_anything_that_a_file_name_can(tmp_path: Path) -> None:
    names = [SCRIPT.replace("/", ""), "=1+1", "Zoë 李", "n" * 240, "a\nb"]
    found = find_submissions(_folder(tmp_path, [f"{name}.ipynb" for name in names]), lab=LAB)
    assert [s.student for s in found] == sorted([*names[:-1], "a_b"])


def test_nothing_to_grade_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(NoSubmissions, match="none is not there"):
        find_submissions(tmp_path / "none", lab=LAB)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoSubmissions, match="empty holds no submissions"):
        find_submissions(tmp_path / "empty", lab=LAB)
    (tmp_path / "notes.txt").write_text("no zip", encoding="utf-8")
    with pytest.raises(ArchiveError, match="is not a zip file"):
        find_submissions(tmp_path / "notes.txt", lab=LAB, unpack_to=tmp_path / "to")


def test_a_single_notebook_is_a_submission(tmp_path: Path) -> None:
    folder = _folder(tmp_path, ["ada.ipynb", "bob.ipynb"])
    assert [s.student for s in find_submissions(folder / "ada.ipynb", lab=LAB)] == ["ada"]


def test_reports_and_roster_beside_the_submissions_were_not_handed_in(tmp_path: Path) -> None:
    folder = _folder(tmp_path, ["1.ipynb", "out/runs/1-1.ipynb", "out/gradebook.csv"])
    roster = folder / "class.csv"
    roster.write_text("id\n1\n", encoding="utf-8")
    found = find_submissions(folder, lab=LAB, roster=roster, leave_out=folder / "out")
    assert _rows(found) == [("1", "1.ipynb", "")]
