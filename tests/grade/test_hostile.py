"""Submissions that cheat, break or attack get what they deserve, and leave nothing behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from corpus import (
    ALL,
    CASES,
    INSTRUCTOR,
    LAB,
    PLANT,
    RELEASE,
    ROOT,
    SOLUTION,
    STEAL,
    Case,
    behind_count,
    needs_sandbox,
    with_cells,
    without_answers,
)

from labs_engine.base import storage
from labs_engine.grade.graded import Submission
from labs_engine.grade.grader import Settings, grade_one
from labs_engine.grade.in_sandbox.limits import Limits

pytestmark = needs_sandbox

SECRET = "a secret of this test"
LIMITS = Limits(cell_seconds=3, seconds=60, memory_mb=1500, file_mb=100, processes=60, cell_output_kb=100)


def _remember_a_path() -> None:
    """Write into the cache's database what no submission may read."""
    folder = storage.cache_folder() / "features"
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "digests.sqlite")) as database:
        database.execute("create table if not exists told (path text)")
        database.execute("insert into told values ('a private path of this test')")
        database.commit()


@pytest.fixture(scope="module")
def settings() -> Settings:
    instructor = INSTRUCTOR
    _remember_a_path()
    return Settings(LAB, RELEASE, instructor, SECRET, runs=1, limits=LIMITS)


@pytest.fixture(scope="module", autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    from labs_engine.grade import grader as run

    run.close_graders()
    left = [p.cmdline() for p in psutil.Process().children(recursive=True) if "bwrap" in p.name()]
    assert left == []


def _grade(settings: Settings, make: Any, folder: Path) -> dict[str, Any]:
    path = folder / "submission.ipynb"
    path.write_bytes(make())
    return grade_one(settings, Submission("ada", path), folder / "runs")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_it_deserves(case: Case, settings: Settings, tmp_path: Path) -> None:
    result = _grade(settings, case.make, tmp_path)
    assert result["status"] == case.status, result
    found = {name: (e["status"], e["found"]) for name, e in result["exercises"].items()}
    assert result["points"] == case.points, (found, result["runs"])
    assert [run["limit"] for run in result["runs"]] == ([case.limit] if case.status == "graded" else [])
    assert case.says in " ".join(result["remarks"])
    for run in result["runs"]:
        assert bool(run["ended"]) == bool(case.limit)
        assert (tmp_path / "runs" / run["notebook"]).stat().st_size < 2_000_000


SPY = """
import gc, glob, importlib, os, sys
found = []
def look(name, action):
    try: found.append(f"{name}: {action()}")
    except BaseException as error: found.append(f"{name} failed")
for module in ("tiny_lib.labs.lab01", "labs_engine.grade.scoring", "labs_engine.grade.sampling", "labs_engine.build"):
    look(module, lambda: importlib.import_module(module))
look("solution", lambda: open(%(solution)r))
look("own copy", lambda: os.listdir("/course/labs_engine/run"))
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
    look(path, lambda: open(path).read())
for path in glob.glob("/proc/[0-9]*/root%(project)s/*") + glob.glob("/course/**/lab0*", recursive=True):
    found.append("SEEN " + path)
look("memory", lambda: [v for v in gc.get_objects() if isinstance(v, str) and "a secret of" + " this test" in v])
look("parent", lambda: os.kill(os.getppid(), 0))
for path in glob.glob(os.environ["LABS_CACHE_READ"] + "/features/*.sqlite*"):
    look("database", lambda: open(path, "rb").read())
look("write", lambda: open("/course/labs_engine/session/lab.py", "a"))
print("\\n".join(found))
"""


def test_there_is_nothing_to_read(settings: Settings, tmp_path: Path) -> None:
    _grade(settings, behind_count(SPY % {"solution": str(SOLUTION), "project": ROOT}), tmp_path)
    text = (tmp_path / "runs" / "ada-1.ipynb").read_text()
    assert "labs_engine.grade.scoring failed" in text  # the spy ran
    for what in (
        "tiny_lib.labs.lab01",
        "labs_engine.grade.sampling",
        "labs_engine.build",
        "solution",
        "own copy",
        "write",
    ):
        assert f"{what} failed" in text
    assert "memory: []" in text
    assert "database failed" in text or "database: b''" in text
    assert "a private path" not in text
    assert "SEEN /" not in text
    assert text.count(SECRET) == 0


def test_one_submission_leaves_nothing_for_the_next(settings: Settings, tmp_path: Path) -> None:
    leave = "import os\nfor place in ('/private/left', '/dev/shm/left', '/tmp/left'):\n    try: open(place, 'w').write('mine')\n    except OSError: pass\nimport tiny_lib\ntiny_lib.left = 1"
    look = "import os, tiny_lib\nprint('LEFT', [p for p in ('/private/left', '/dev/shm/left', '/tmp/left') if os.path.exists(p)], hasattr(tiny_lib, 'left'))"
    _grade(settings, behind_count(leave), tmp_path)
    result = _grade(settings, behind_count(look), tmp_path)
    assert "LEFT [] False" in (tmp_path / "runs" / "ada-1.ipynb").read_text()
    assert result["points"] > 0


def test_the_same_submission_gives_the_same_result(settings: Settings, tmp_path: Path) -> None:
    assert _grade(settings, with_cells(), tmp_path) == _grade(settings, with_cells(), tmp_path)


def test_other_students_get_other_parameters(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "submission.ipynb"
    path.write_bytes(with_cells()())
    runs = [
        grade_one(settings, Submission(who, path), tmp_path / "runs")["runs"][0] for who in ("ada", "bob")
    ]
    assert runs[0]["parameters"] != runs[1]["parameters"]
    assert runs[0]["points"] == runs[1]["points"]


def test_an_honest_submission_after_an_attack_keeps_its_points_and_its_answers(
    settings: Settings, tmp_path: Path
) -> None:
    # One worker, one sandbox: the attack, an honest student, and a friend who has nothing but a line that steals.
    _grade(settings, behind_count(PLANT), tmp_path)
    honest = _grade(settings, with_cells(), tmp_path)
    friend = _grade(settings, without_answers(STEAL), tmp_path)
    again = _grade(settings, with_cells(), tmp_path)
    assert honest["points"] == again["points"] == ALL
    assert friend["points"] == 0
