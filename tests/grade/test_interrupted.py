"""Grading that ends in the middle: on a disk that is full or read-only, or killed; resumed, it is as if nothing was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from corpus import ROOT

# `labs` with made-up runs. With KILL_AT it kills itself when so many files have been moved to their places.
LABS = """
import os, signal, sys
from pathlib import Path
from test_grade_command import Here, _fake_result
from labs_engine.cli.app import main
from labs_engine.grade import schedule

schedule.processes, schedule.grade_one = lambda workers: Here, _fake_result
left, replace = int(os.environ.get("KILL_AT", 10**9)), Path.replace

def counted(path, target):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(path, target)

Path.replace = counted
main()
"""
MOUNTS = """
set -u
mount -t tmpfs -o size=48k none "$DISK" || exit 77
labs() { "$PYTHON" -c "$LABS" "$@"; echo "ended with $?"; }
labs "$@"
ls "$DISK"/out/rows/*.json | wc -l
mount -o remount,size=16m none "$DISK"
labs "$@" --resume
cp "$DISK/out/gradebook.csv" "$SAVED"
echo more >> "$HANDED_IN/a00.ipynb"
mount -o remount,ro none "$DISK"
labs "$@" --resume
cmp "$DISK/out/gradebook.csv" "$SAVED" && echo same
"""


def _hand_in(folder: Path, number: int) -> Path:
    folder.mkdir()
    for place in range(number):
        (folder / f"a{place:02d}.ipynb").write_text(f"{place}", encoding="utf-8")
    return folder


def _call(handed_in: Path, out: Path) -> list[str]:
    secret = handed_in.parent / "secret"
    secret.write_text("a secret of this test", encoding="utf-8")
    options = ["--lab", "01", "--secret-file", str(secret), "--sandbox", "none"]
    return ["--project", str(ROOT), "grade", str(handed_in), "--out", str(out), *options]


def _environment(**more: str) -> dict[str, str]:
    project = ROOT.parent.parent
    path = f"{project}:{ROOT}:{Path(__file__).parent}"
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "PYTHONPATH": path,
        "LABS_COURSE": os.environ["LABS_COURSE"],
        "COLUMNS": "300",
        **more,
    }


def _labs(call: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LABS, *call], capture_output=True, text=True, env=_environment(**environment)
    )


@pytest.mark.parametrize("moment", [2, 7])
def test_killed_in_the_middle_and_resumed_it_ends_with_the_same_gradebook(
    tmp_path: Path, moment: int
) -> None:
    handed_in, out = _hand_in(tmp_path / "in", 5), tmp_path / "out"
    killed = _labs(_call(handed_in, out), KILL_AT=str(moment))
    assert killed.returncode == -9, killed.stderr
    kept = sorted(path.name for path in (out / "rows").glob("*.json"))
    assert len(kept) == min(moment, 5)
    times = {name: (out / "rows" / name).stat().st_mtime_ns for name in kept}
    resumed = _labs([*_call(handed_in, out), "--resume"])
    assert resumed.returncode == 0, resumed.stderr
    assert {name: (out / "rows" / name).stat().st_mtime_ns for name in kept} == times
    found = {name: (out / name).read_bytes() for name in ("gradebook.csv", "by_hand.csv", "class.html")}
    assert not list(out.rglob("*.part"))
    out.rename(tmp_path / "before")
    assert _labs(_call(handed_in, out)).returncode == 0
    assert {name: (out / name).read_bytes() for name in found} == found


def _may_mount() -> bool:
    command = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not _may_mount(), reason="file systems cannot be mounted here")
def test_a_disk_that_is_full_and_then_read_only_loses_no_row(tmp_path: Path) -> None:
    handed_in, disk = _hand_in(tmp_path / "in", 20), tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", MOUNTS, "sh", *_call(handed_in, disk / "out")],
        capture_output=True,
        text=True,
        env=_environment(
            PYTHON=sys.executable,
            LABS=LABS,
            DISK=str(disk),
            SAVED=str(tmp_path / "saved"),
            HANDED_IN=str(handed_in),
        ),
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("ended") or line.isalnum()]
    first, kept, second, third, same = lines
    assert (first, second, third, same) == ("ended with 1", "ended with 0", "ended with 1", "same"), done
    assert 0 < int(kept) < 20
    assert "cannot be written to: no space left on device" in done.stderr
    assert "cannot be written to: read-only file system" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "saved").read_bytes().count(b"\n") == 21
