"""Whoever grades need not be root: an ordinary user has the same promises.

Where the suite is run by root, its tests of the sandbox are run once more by a user without rights; where it is not,
they have been run by one already.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpus import BEFORE, POINTS, ROOT, behind_count, with_cells
from ordinary import closed_above

from labs_engine.grade.sandbox import check_sandbox

NOBODY = 65534
HERE = Path(__file__).parent
TOP = HERE.parent.parent
# What the system itself must allow an ordinary user: a sandbox, and namespaces within it.
TRIAL = (
    *("bwrap", "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--ro-bind", "/", "/"),
    *("--proc", "/proc", "--dev", "/dev", "unshare", "-Urpf", "--mount-proc", "true"),
)
APART = ("unshare", "--mount", "--propagation", "private")
# Hides from who counts its memory, and holds more of it than is allowed.
HOARD = """
import ctypes, os, time
for _ in range(20):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
        hoard = [bytearray(1_000_000) for _ in range(900)]
        for piece in hoard: piece[::4096] = b"x" * len(piece[::4096])
        time.sleep(60)
time.sleep(60)
"""


class Ordinary:
    """Runs commands as an ordinary user.

    Attributes:
        home: A folder that this user may write to.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in command]
        if os.getuid() == 0:
            folders = [sys.prefix, sys.base_prefix, str(TOP), str(self.home)]
            become = [sys.executable, str(HERE / "ordinary.py"), str(NOBODY), *folders, "--"]
            words = [*APART, *become, *words]
        given = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "PYTHONPATH": f"{TOP}:{ROOT}",
            "LABS_COURSE": os.environ["LABS_COURSE"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "COLUMNS": "300",
        }
        return subprocess.run(
            words, capture_output=True, text=True, timeout=900, cwd="/", env={**given, **environment}
        )

    def labs(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command `labs` in the course's folder."""
        start = "from labs_engine.cli.app import main; main()"
        return self(sys.executable, "-c", start, "--project", ROOT, *arguments, **environment)


@pytest.fixture(scope="module")
def ordinary() -> Iterator[Ordinary]:
    # Not pytest's own folder, which belongs to who runs it alone.
    with tempfile.TemporaryDirectory(prefix="labs-ordinary-", dir="/tmp") as folder:
        if os.getuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
            Path(folder).chmod(0o755)
        run = Ordinary(Path(folder))
        if os.getuid() == 0 and subprocess.run([*APART, "true"]).returncode:
            pytest.skip("this root may make no mount namespace, in which another user could be tried out")
        can = run(sys.executable, "-c", "import labs_engine, os; assert os.getuid()")
        assert can.returncode == 0, can.stderr
        if shutil.which("bwrap") is None:
            pytest.skip("bubblewrap is not installed")
        allowed = run(*TRIAL)
        if allowed.returncode:
            pytest.skip(f"this system allows no ordinary user a sandbox: {allowed.stderr.strip()[-300:]}")
        yield run


def test_folders_that_are_closed_to_others_are_found(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a").chmod(0o700)
    assert closed_above(tmp_path / "a" / "b") in (tmp_path / "a", *tmp_path.parents, tmp_path)
    assert closed_above(Path("/usr/bin")) is None


def test_where_the_system_allows_a_sandbox_there_is_one(ordinary: Ordinary) -> None:
    if os.getuid():
        check_sandbox()
    done = ordinary(sys.executable, "-c", "from labs_engine.grade import sandbox; sandbox.check_sandbox()")
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_promises_of_isolation_hold_for_an_ordinary_user(ordinary: Ordinary) -> None:
    if os.getuid():
        pytest.skip("the suite is run by an ordinary user: test_isolation.py has just tried them")
    files = [HERE / name for name in ("test_isolation.py", "test_accounting.py")]
    call = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", TOP, "-c"]
    done = ordinary(*call, TOP / "pyproject.toml", *files)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    passed, skipped = (
        int(n) for n in re.findall(r"(\d+) (?:passed|skipped)", done.stdout + " 0 skipped")[:2]
    )
    assert passed > 30
    assert skipped <= 6  # those that need a control group


def _hand_in(folder: Path, **submissions: bytes) -> Path:
    folder.mkdir()
    for name, data in submissions.items():
        (folder / f"{name}.ipynb").write_bytes(data)
    return folder


def _gradebook(out: Path) -> dict[str, dict[str, str]]:
    with (out / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_the_command_grades_for_an_ordinary_user(ordinary: Ordinary) -> None:
    # The hoard comes first, on the same worker. The home is nobody's to write to.
    handed_in = _hand_in(ordinary.home / "in", b=with_cells()(), a=behind_count(HOARD)())
    out = ordinary.home / "out"
    call = [handed_in, "--lab", "01", "--out", out, "--runs", "1", "--workers", "1"]
    done = ordinary.labs("grade", *call, HOME="/nobodys-home")
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    rows = _gradebook(out)
    assert {name: (row["status"], row["total"]) for name, row in rows.items()} == {
        "a": ("graded", str(BEFORE)),
        "b": ("graded", str(sum(POINTS.values()))),
    }
    assert "MB of memory, at cell 'todo-count'" in " ".join(rows["a"].values())


def test_without_a_sandbox_an_ordinary_user_grades_as_well(ordinary: Ordinary) -> None:
    handed_in = _hand_in(ordinary.home / "in-none", ada=with_cells()())
    out = ordinary.home / "out-none"
    call = [handed_in, "--lab", "01", "--out", out, "--runs", "1", "--workers", "1", "--sandbox", "none"]
    done = ordinary.labs("grade", *call)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    assert _gradebook(out)["ada"]["total"] == str(sum(POINTS.values()))
