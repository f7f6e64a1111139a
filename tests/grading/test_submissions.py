"""Finding submissions: every layout, every file accounted for, lateness that can be believed."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_up import SCRIPT, SPEC

from labs_lib.grading.archives import ArchiveError
from labs_lib.grading.roster import read_roster
from labs_lib.grading.run import Submission
from labs_lib.grading.submissions import NoSubmissions, find_submissions, missing_results

LAB = "01_synthetic_regression"
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


def test_two_files_of_one_person_are_one_row(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("id,email\n1,ada@example.org\n", encoding="utf-8")
    (row,) = find_submissions(_folder(tmp_path / "in", ["1.ipynb", "ada.ipynb"]), lab=LAB, roster=roster)
    assert row.remark == "2 notebooks: ada.ipynb counts; not graded: 1.ipynb"


def test_an_id_and_a_name_of_two_people_are_nobody_of_the_roster(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\n1001,Ada Lovelace\n1002,Alan Turing\n", encoding="utf-8")
    files = ["turingalan_1001_555_lab.ipynb"]
    (row,) = find_submissions(_folder(tmp_path / "in", files), lab=LAB, roster=roster)
    assert (row.student, row.name) == ("1001", "turingalan")
    assert "the roster has the id 1001 for Ada Lovelace" in row.remark


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
