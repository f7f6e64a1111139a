"""What a sandbox takes: control groups where they can be made, else counted from outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labs_engine.grade import accounting
from labs_engine.grade.accounting import Group, Watch, make_group


def _version_2(root: Path, delegated: str) -> Path:
    """A tree of control groups, as plain files; every new folder gets the files of a group where it is delegated."""
    (root / delegated).mkdir(parents=True)
    own = root / "own"
    own.write_text(f"0::/{delegated}/session.scope\n")
    (root / delegated / "session.scope").mkdir()
    return own


def test_no_group_where_the_controller_is_not_ours(tmp_path: Path) -> None:
    # mkdir succeeds in a plain folder, but no files for memory appear in it: nothing is left behind then.
    own = _version_2(tmp_path, "user.slice")
    assert make_group(tmp_path, own) is None
    assert [p.name for p in (tmp_path / "user.slice").iterdir()] == ["session.scope"]
    assert list((tmp_path / "user.slice" / "session.scope").iterdir()) == []


def test_no_group_without_control_groups(tmp_path: Path) -> None:
    assert make_group(tmp_path, tmp_path / "no such file") is None
    (tmp_path / "own").write_text("3:cpu:/a\n0::/../../etc\n")
    assert make_group(tmp_path, tmp_path / "own") is None


def _group_2(folder: Path) -> Group:
    folder.mkdir()
    (folder / "memory.current").write_text("700000000\n")
    (folder / "memory.max").write_text("max\n")
    (folder / "memory.swap.max").write_text("max\n")
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n")
    return Group(folder, 2)


def test_a_group_of_version_2(tmp_path: Path) -> None:
    group = _group_2(tmp_path / "group")
    group.allow(300)
    assert (tmp_path / "group" / "memory.max").read_text() == "1000000000"
    assert (tmp_path / "group" / "memory.swap.max").read_text() == "0"
    assert group.kills() == 2
    command = group.started_in(["bwrap", "--help me"])
    assert command[0] == "/bin/sh"
    assert command[-2:] == ["bwrap", "--help me"]


def test_a_command_starts_in_its_group(tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "cgroup.procs").touch()
    done = subprocess.run(
        Group(tmp_path, 2).started_in(["/bin/echo", "a b", "$x"]), capture_output=True, text=True, check=True
    )
    assert done.stdout == "a b $x\n"
    assert (tmp_path / "cgroup.procs").read_text().strip().isdecimal()


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="no smaps_rollup on this system")
def test_what_a_process_takes_is_counted() -> None:
    watch = Watch(os.getpid())
    held = bytearray(80_000_000)
    held[::4096] = b"x" * len(held[::4096])
    assert 70 < watch.taken() < 200
    del held


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="no smaps_rollup on this system")
def test_kernels_that_tell_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_text", lambda self, *a, **k: "0-1 [rollup]\nRss: 9000 kB\nPss: 5000 kB\n")
    assert accounting._shares_mb(1) == pytest.approx(5.12)


def test_a_process_that_may_not_be_looked_into_is_counted_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(path: Path, *_: object, **__: object) -> str:
        if path.name == "smaps_rollup":
            raise PermissionError
        return "Name:\tx\nVmRSS:\t 9000 kB\nRssAnon:\t 3000 kB\nRssFile:\t 4000 kB\nRssShmem:\t 2000 kB\n"

    monkeypatch.setattr(Path, "read_text", read)
    assert accounting._shares_mb(1) == pytest.approx(5.12)
