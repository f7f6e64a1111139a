"""`labs grade` as its user meets it; what a run of a submission gives is made up."""

from __future__ import annotations

import csv
import errno
import json
import os
import shlex
from concurrent.futures import Executor, Future
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from corpus import RELEASE, ROOT
from fake_results import result

from labs_engine.base import storage
from labs_engine.base.storage import StorageError
from labs_engine.cli.app import main
from labs_engine.declare.course import find_lab
from labs_engine.grade import schedule
from labs_engine.grade.graded import Submission
from labs_engine.grade.grader import Settings


class Here(Executor):
    """Does the work at once, in this process."""

    def submit(self, function: Any, /, *arguments: Any, **keywords: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments, **keywords))
        except OSError as error:
            future.set_exception(error)
        return future


def _fake_result(settings: Settings, submission: Submission, notebooks: Path) -> dict[str, Any]:
    remarks = [submission.remark] if submission.remark else []
    return result(
        submission.student,
        spec=find_lab(settings.lab),
        name=submission.name,
        late_seconds=submission.late_seconds,
        remarks=remarks,
    )


@pytest.fixture(autouse=True)
def nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "processes", lambda workers: Here)
    monkeypatch.setattr(schedule, "grade_one", _fake_result)


def _hand_in(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def _labs(*arguments: str | Path) -> Result:
    command = ["--project", str(ROOT), "grade", *map(str, arguments), "--sandbox", "none"]
    done = CliRunner(env={"COLUMNS": "400"}).invoke(main, command)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def _gradebook(out: Path) -> dict[str, dict[str, str]]:
    with (out / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("name", ["eve[/b]", "[bold]eve[/bold]", ":smile:"])
def test_names_and_paths_are_no_markup(tmp_path: Path, name: str) -> None:
    handed_in, out = _hand_in(tmp_path / "in", "eve.ipynb"), tmp_path / "out [final]"
    (tmp_path / "class.csv").write_text(f"id,login\n{name},eve\n", encoding="utf-8")
    call = [handed_in, "--lab", "01", "--roster", tmp_path / "class.csv"]
    done = _labs(*call, "--out", out)
    assert done.exit_code == 0
    assert "out [final]/gradebook.csv" in done.output
    done = _labs(*call, "--out", tmp_path / "[again]", "--only", name)
    assert done.exit_code == 0
    assert f"{name}: graded, 6 of 6" in done.output
    assert "[again]/runs" in done.output


def test_a_deadline_without_a_time_is_the_end_of_that_day_and_says_so(tmp_path: Path) -> None:
    handed_in = _hand_in(tmp_path / "in", "ada.ipynb", "bob.ipynb")
    for name, moment in (("ada", datetime(2026, 11, 30, 23, 0)), ("bob", datetime(2026, 12, 1, 0, 0))):
        os.utime(handed_in / f"{name}.ipynb", (0, moment.timestamp()))
    call = ["--lab", "01", "--out", tmp_path / "out", "--deadline", "2026-11-30", "--late", "10%/day"]
    done = _labs(handed_in, *call)
    assert "Deadline: 2026-11-30 23:59:59 (the end of that day, in this machine's time zone)" in done.output
    rows = _gradebook(tmp_path / "out")
    assert (rows["ada"]["late seconds"], rows["ada"]["penalty"]) == ("0", "0")
    assert (rows["bob"]["late seconds"], rows["bob"]["penalty"]) == ("1", "0.8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3/4/2026 10:00", "may be day 3 of month 4"),
        ("soon", "expected a time"),
        ("3/4/2026", "may be day 3 of month 4"),
        ("30.11.26", "no time of day; write it as '2026-11-30 23:59' or '30.11.2026 23:59', or a day alone"),
        ("31.11.2026", "there is no day '31.11.2026'; write it as '2026-11-30 23:59'"),
        ("soon", "or a day alone as '2026-11-30' or '30.11.2026'"),
    ],
)
def test_a_deadline_that_is_not_clear_is_refused(tmp_path: Path, text: str, message: str) -> None:
    done = _labs(
        _hand_in(tmp_path / "in", "a.ipynb"), "--lab", "01", "--out", tmp_path / "o", "--deadline", text
    )
    assert done.exit_code == 1
    assert message in done.output


@pytest.mark.parametrize("text", ["30.11.2026", "30/11/2026", "2026-11-30"])
def test_a_deadline_may_be_a_day_alone(tmp_path: Path, text: str) -> None:
    done = _labs(
        _hand_in(tmp_path / "in", "a.ipynb"), "--lab", "1", "--out", tmp_path / "o", "--deadline", text
    )
    assert "Deadline: 2026-11-30 23:59:59 (the end of that day" in done.output


@pytest.mark.parametrize("file", ["ada", "ADA"])
def test_of_two_ids_that_differ_in_capitals_the_same_one_is_meant(tmp_path: Path, file: str) -> None:
    (tmp_path / "class.csv").write_text("id,name\nada,Ada King\nADA,Ada Lovelace\n", encoding="utf-8")
    handed_in = _hand_in(tmp_path / "in", f"{file}.ipynb")
    _labs(handed_in, "--lab", "01", "--out", tmp_path / "out", "--roster", tmp_path / "class.csv")
    rows = _gradebook(tmp_path / "out")
    other = {"ada": "ADA", "ADA": "ada"}[file]
    assert {student: row["status"] for student, row in rows.items()} == {file: "graded", other: "missing"}
    assert rows[file]["remark"] == ""


def test_one_student_alone_gets_no_gradebook_and_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(settings: Settings, submission: Submission, notebooks: Path) -> dict[str, Any]:
        return result(submission.student, status="unreadable", remarks=["no notebook at all"])

    monkeypatch.setattr(schedule, "grade_one", unreadable)
    handed_in, out = _hand_in(tmp_path / "in", "ada.ipynb", "bob.ipynb"), tmp_path / "out"
    done = _labs(handed_in, "--lab", "01", "--out", out, "--only", "ada")
    assert done.exit_code == 1
    assert "no notebook at all" in done.output
    assert "could not be graded: ada (see above)" in done.output
    assert "--only writes no gradebook: call with --resume and without --only for that." in done.output
    assert not (out / "gradebook.csv").exists()
    done = _labs(handed_in, "--lab", "01", "--out", out, "--resume")
    assert "could not be graded: ada, bob (see the gradebook)" in done.output
    assert set(_gradebook(out)) == {"ada", "bob"}


@pytest.mark.parametrize("earlier", [False, True])
def test_a_folder_goes_on_with_its_own_lab_alone(tmp_path: Path, earlier: bool) -> None:
    handed_in, out = _hand_in(tmp_path / "in", "ada.ipynb"), tmp_path / "out"
    _labs(handed_in, "--lab", "01", "--out", out)
    row = out / "rows" / "ada.json"
    if earlier:  # before rows told their lab
        kept = json.loads(row.read_text())
        del kept["lab"]
        row.write_text(json.dumps(kept))
    before = row.read_bytes()
    done = _labs(handed_in, "--lab", "02", "--out", out, "--resume")
    assert done.exit_code == 1
    assert "holds a grading of the lab 01_ramp, not of 02_" in done.output
    assert row.read_bytes() == before
    assert _labs(handed_in, "--lab", "01", "--out", out, "--resume").exit_code == 0


@pytest.mark.parametrize("row", ["", "[1]", "{}", '{"result": 3}', '{"result": {"exercises": 3}}', "\0"])
def test_a_damaged_row_tells_no_lab_and_is_graded_anew(tmp_path: Path, row: str) -> None:
    handed_in, out = _hand_in(tmp_path / "in", "ada.ipynb"), tmp_path / "out"
    (out / "rows").mkdir(parents=True)
    (out / "rows" / "ada.json").write_text(row)
    assert _labs(handed_in, "--lab", "01", "--out", out, "--resume").exit_code == 0
    assert _gradebook(out)["ada"]["status"] == "graded"


def test_a_place_that_is_not_there_stops_and_is_not_kept(tmp_path: Path) -> None:
    handed_in, out = _hand_in(tmp_path / "in", "ada.ipynb"), tmp_path / "out"
    (handed_in / "ada.ipynb").write_bytes(RELEASE.read_bytes())
    call = [handed_in, "--lab", "01", "--out", out]
    for place in ("ada:999=count", "ada:0=count"):
        done = _labs(*call, "--place", "ada:12=count", "--place", place, "--resume")
        assert done.exit_code == 1
        assert "the notebook of 'ada' has the cells 1 to " in done.output
        assert not (out / "placements.csv").exists()
    assert _labs(*call, "--place", "ada:12=count", "--resume").exit_code == 0
    assert '"ada","12","count"' in (out / "placements.csv").read_text(encoding="utf-8-sig")


def test_a_cache_that_cannot_be_written_to_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_text("no folder")
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "home" / "cache"))
    handed_in, out = _hand_in(tmp_path / "in", "ada.ipynb"), tmp_path / "out"
    done = _labs(handed_in, "--lab", "01", "--out", out)
    assert done.exit_code == 0
    assert f"{out / 'cache'} is used instead" in done.output
    assert os.environ["LABS_CACHE"] == str(out / "cache")


def test_a_student_who_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    done = _labs(
        _hand_in(tmp_path / "in", "ada.ipynb"), "--lab", "01", "--out", tmp_path / "o", "--only", "aad"
    )
    assert (done.exit_code, "no submission of: aad. The nearest: ada" in done.output) == (1, True)


def test_a_policy_that_takes_nothing_off_says_so(tmp_path: Path) -> None:
    handed_in = _hand_in(tmp_path / "in", "ada.ipynb")
    done = _labs(handed_in, "--lab", "01", "--out", tmp_path / "out", "--late", "10%/day")
    assert "--late takes nothing off" in done.output
    handed_in = _hand_in(tmp_path / "canvas", "ada_LATE_1_2_x.ipynb")
    done = _labs(handed_in, "--lab", "01", "--out", tmp_path / "out2", "--late", "10%/day")
    assert "takes nothing off" not in done.output


def test_the_command_in_the_gradebook_works_from_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    _hand_in(Path("in put"), "ada.ipynb", "bob.ipynb")
    Path("class.csv").write_text("id,late seconds\nada,90\nbob,\n", encoding="utf-8")
    call = ["--lab", "01", "--out", "out", "--roster", "class.csv", "--deadline", "2026-11-30 12:00"]
    _labs("in put", *call, "--late", "10%/day max 50%")
    again = shlex.split(_gradebook(Path("out"))["ada"]["again"])
    assert again[0] == "labs"
    assert again[again.index("--deadline") + 1] == "2026-11-30 12:00:00"
    assert again[again.index("--late") + 1] == "10%/day max 50%"
    monkeypatch.chdir("/")
    done = CliRunner().invoke(main, again[1:])
    assert done.exit_code == 0, done.output
    assert "ada: graded" in done.output
    assert (tmp_path / "here" / "out-again" / "rows" / "ada.json").exists()


def test_an_unclear_row_is_not_graded_and_waits_for_a_decision(tmp_path: Path) -> None:
    files = ["ada_1001_5_lab.ipynb", "eve_1001_6_lab.ipynb", "bob_1002_7_lab.ipynb"]
    handed_in, out = _hand_in(tmp_path / "in", *files), tmp_path / "out"
    done = _labs(handed_in, "--lab", "01", "--out", out)
    assert done.exit_code == 1
    assert "could not be graded: 1001" in done.output
    row = _gradebook(out)["1001"]
    assert (row["status"], row["total"]) == ("unclear", "0")
    assert "ada_1001, eve_1001 all stand for this row" in row["remark"]
    assert '"","1001","","","",""' in (out / "gradebook_canvas.csv").read_text(encoding="utf-8")
    assert "eve" not in (out / "feedback" / "1001.html").read_text(encoding="utf-8")
    decision = "student,exercise,points,reason\n1001,total,5,agreed\n"
    (out / "overrides.csv").write_text(decision, encoding="utf-8")
    _labs(handed_in, "--lab", "01", "--out", out, "--resume")
    assert _gradebook(out)["1001"]["total"] == "5"
    (handed_in / files[1]).unlink()
    done = _labs(handed_in, "--lab", "01", "--out", out, "--resume")
    assert (done.exit_code, _gradebook(out)["1001"]["status"]) == (0, "graded")


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let so many files be written, and then no more; the number can be changed."""
    left = [10**6]
    replace = Path.replace

    def no_space(path: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", no_space)
    return left


@pytest.mark.parametrize("room", range(0, 16, 3))
def test_a_full_disk_ends_with_a_clear_message_and_loses_nothing(
    tmp_path: Path, full_disk: list[int], room: int
) -> None:
    handed_in = _hand_in(tmp_path / "in", *(f"{name}.ipynb" for name in "abcdef"))
    secret = tmp_path / "secret"
    secret.write_text("a secret of this test", encoding="utf-8")
    call = [handed_in, "--lab", "01", "--secret-file", secret]
    _labs(*call, "--out", tmp_path / "whole")
    full_disk[0] = room
    done = _labs(*call, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "cannot be written to: no space left on device" in done.output
    assert "call again with --resume" in done.output
    rows = {path.name: path.read_bytes() for path in (tmp_path / "out" / "rows").glob("*.json")}
    assert len(rows) == min(room, 6)
    full_disk[0] = 10**6
    assert _labs(*call, "--out", tmp_path / "out", "--resume").exit_code == 0
    for name, data in rows.items():
        assert (tmp_path / "out" / "rows" / name).read_bytes() == data
    for name in ("gradebook.csv", "gradebook_canvas.csv", "by_hand.csv", "class.html"):
        whole = (tmp_path / "whole" / name).read_bytes().replace(b"whole-again", b"out-again")
        assert (tmp_path / "out" / name).read_bytes() == whole


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    handed_in = _hand_in(tmp_path / "in", "ada.ipynb")
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(storage, "remove", read_only)
    done = _labs(handed_in, "--lab", "01", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "cannot be written to: read-only file system" in done.output


def test_a_worker_on_a_full_disk_ends_the_grading_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def full(settings: Settings, submission: Submission, notebooks: Path) -> dict[str, Any]:
        seen.append(submission.student)
        if submission.student == "b":
            raise StorageError(errno.ENOSPC, "no space is left")
        return _fake_result(settings, submission, notebooks)

    monkeypatch.setattr(schedule, "grade_one", full)
    handed_in = _hand_in(tmp_path / "in", "a.ipynb", "b.ipynb", "c.ipynb")
    done = _labs(handed_in, "--lab", "01", "--out", tmp_path / "out", "--workers", "1")
    assert (done.exit_code, seen) == (1, ["a", "b"])
    assert "no space left on device" in done.output
    assert [path.name for path in (tmp_path / "out" / "rows").glob("*.json")] == ["a.json"]
