"""Many submissions: kept one by one, resumed, and none lost with its worker."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest
from corpus import ALL, INSTRUCTOR, LAB, RELEASE, ROOT, needs_sandbox, with_cells

from labs_engine.grade.graded import Submission
from labs_engine.grade.grader import Settings
from labs_engine.grade.schedule import dask_cluster, grade_all

SETTINGS = Settings(LAB, RELEASE, INSTRUCTOR, "a secret of this test", runs=1)


class Here(Executor):
    """Does the work at once, in this process; a student's worker breaks as often as told."""

    def __init__(self, breaks: dict[str, int], seen: list[str]) -> None:
        self._breaks, self._seen = breaks, seen

    def submit(self, function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Future[Any]:
        student = arguments[1].student
        self._seen.append(student)
        future: Future[Any] = Future()
        if self._breaks.get(student, 0) > 0:
            self._breaks[student] -= 1
            future.set_exception(BrokenProcessPool("a worker died"))
        elif self._breaks.get(student) == -1:
            raise KeyboardInterrupt
        else:
            future.set_result(function(*arguments, **keywords))
        return future


def _unreadable(folder: Path, students: str) -> list[Submission]:
    """Return submissions that are graded at once, because there is nothing to run."""
    for student in students:
        (folder / f"{student}.ipynb").write_text("no notebook")
    return [Submission(student, folder / f"{student}.ipynb") for student in students]


def _grade(
    submissions: list[Submission], out: Path, breaks: dict[str, int] | None = None
) -> tuple[list[Any], list[str]]:
    seen: list[str] = []
    results = grade_all(SETTINGS, submissions, out, lambda: Here(breaks or {}, seen), at_once=1)
    return results, seen


def test_what_is_kept_is_not_graded_again(tmp_path: Path) -> None:
    submissions = _unreadable(tmp_path, "abc")
    first, _ = _grade(submissions, tmp_path / "out")
    submissions[1].path.write_text("another version")
    again, seen = _grade(submissions, tmp_path / "out")
    assert seen == ["b"]
    assert again == first


def test_a_damaged_row_is_graded_again(tmp_path: Path) -> None:
    submissions = _unreadable(tmp_path, "ab")
    first, _ = _grade(submissions, tmp_path / "out")
    (tmp_path / "out" / "rows" / "a.json").write_text('{"key": "')
    again, seen = _grade(submissions, tmp_path / "out")
    assert (seen, again) == (["a"], first)


def test_a_stop_keeps_what_was_reached(tmp_path: Path) -> None:
    submissions = _unreadable(tmp_path, "abcd")
    stopped, _ = _grade(submissions, tmp_path / "out", {"c": -1})
    assert [result["student"] for result in stopped] == ["a", "b"]
    all_of_them, seen = _grade(submissions, tmp_path / "out")
    assert (seen, len(all_of_them)) == (["c", "d"], 4)


def test_a_lost_worker_costs_a_second_try(tmp_path: Path) -> None:
    results, seen = _grade(_unreadable(tmp_path, "abc"), tmp_path / "out", {"b": 1})
    assert seen == ["a", "b", "b", "c"]
    assert {result["status"] for result in results} == {"unreadable"}


def test_who_loses_every_worker_is_named_and_tried_again_later(tmp_path: Path) -> None:
    submissions = _unreadable(tmp_path, "abc")
    results, _ = _grade(submissions, tmp_path / "out", {"b": 9})
    assert [result["status"] for result in results] == ["unreadable", "lost", "unreadable"]
    assert "worker was lost" in results[1]["remarks"][0]
    results, seen = _grade(submissions, tmp_path / "out")
    assert (seen, results[1]["status"]) == (["b"], "unreadable")


def test_ids_with_slashes_stay_in_their_folder(tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").write_text("no notebook")
    names = ["../../evil", "a/b", "a_b", "." * 5, "ä" * 300]
    _grade([Submission(name, tmp_path / "x.ipynb") for name in names], tmp_path / "out")
    assert len(list((tmp_path / "out" / "rows").glob("*.json"))) == len(names)
    assert {path.name for path in tmp_path.iterdir()} == {"x.ipynb", "out"}


@needs_sandbox
def test_a_dask_cluster_that_loses_a_worker(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    submissions = _unreadable(tmp_path, "abcdef")
    for name in ("right", "also_right"):
        (tmp_path / f"{name}.ipynb").write_bytes(with_cells()())
        submissions.insert(0, Submission(name, tmp_path / f"{name}.ipynb"))
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        killed: list[int] = []

        def kill_one(result: dict[str, Any]) -> None:
            if not killed:
                with distributed.Client(cluster.scheduler_address) as client:
                    workers = client.run(os.getpid)
                killed.append(next(iter(workers.values())))
                os.kill(killed[0], signal.SIGKILL)

        make = dask_cluster(cluster.scheduler_address)
        results = grade_all(SETTINGS, submissions, tmp_path / "out", make, at_once=2, finished=kill_one)
    assert killed
    found = {result["student"]: (result["status"], result["points"]) for result in results}
    assert found["right"] == found["also_right"] == ("graded", ALL)
    assert all(found[student] == ("unreadable", 0) for student in "abcdef")


def _hear_ctrl_c() -> None:
    """A job in the background, as a whole test run may be, starts with Ctrl-C ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _labs(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).parent / "labs"), "grade", *map(str, arguments)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        preexec_fn=_hear_ctrl_c,
    )


@needs_sandbox
def test_stopped_and_resumed_the_gradebook_is_the_same(tmp_path: Path) -> None:
    handed_in, secret = tmp_path / "handed in", tmp_path / "secret"
    handed_in.mkdir()
    secret.write_text("a secret of this test")
    _unreadable(handed_in, "wxyz")
    for name in ("ada", "bob"):
        (handed_in / f"{name}.ipynb").write_bytes(with_cells()())
    out = tmp_path / "out"
    call = [handed_in, "--lab", "01", "--out", out, "--runs", "1", "--workers", "1", "--secret-file", secret]
    stopped = _labs(*call)
    deadline = time.monotonic() + 120
    while not (out / "rows" / "ada.json").exists():
        assert time.monotonic() < deadline
        assert stopped.poll() is None, stopped.communicate()[0]
        time.sleep(0.1)
    stopped.send_signal(signal.SIGINT)
    said = stopped.communicate(timeout=60)[0]
    assert stopped.returncode == 130, said
    assert "Add --resume to go on" in said
    refused = _labs(*call)
    assert "holds a grading already" in refused.communicate(timeout=60)[0]
    resumed = _labs(*call, "--resume")
    said = resumed.communicate(timeout=200)[0]
    assert resumed.returncode == 1, said  # four are no notebooks
    gradebook = (out / "gradebook.csv").read_bytes()
    shutil.rmtree(out)
    _labs(*call).communicate(timeout=300)
    assert (out / "gradebook.csv").read_bytes() == gradebook
    assert gradebook.count(b"\n") == 7
