"""What a sandbox uses of this machine: counted by the kernel if a control group can be made, else from outside."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path

_MB = 1_000_000
_ROOT = Path("/sys/fs/cgroup")
_IN_MEMORY = ("RssAnon", "RssShmem")  # names in /proc/PID/status of memory that belongs to no file on disk
_PREFIX = "labs-grading-"  # of its groups, with the grader's process number behind it
_names = itertools.count()


@dataclass(frozen=True)
class Group:
    """A control group for the memory of one sandbox: processes, files in memory, buffers, whatever it is.

    Attributes:
        folder: Its folder in the control group file system.
        version: 1 or 2.
    """

    folder: Path
    version: int

    def started_in(self, command: list[str]) -> list[str]:
        """Return a command that runs another one in this group from its first instruction."""
        entering = 'echo $$ > "$0" && exec "$@"'
        return ["/bin/sh", "-c", entering, str(self.folder / "cgroup.procs"), *command]

    def allow(self, more_mb: float) -> None:
        """Let the group grow by `more_mb` from what it holds now; beyond that the kernel ends its largest process."""
        held, most, swap = (
            ("memory.current", "memory.max", "memory.swap.max")
            if self.version == 2
            else ("memory.usage_in_bytes", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
        )
        limit = int((self.folder / held).read_text()) + int(more_mb * _MB)
        (self.folder / most).write_text(str(limit))
        with contextlib.suppress(OSError):  # no swap, or none that is counted
            (self.folder / swap).write_text("0" if self.version == 2 else str(limit))

    def kills(self) -> int:
        """Return how many processes the kernel has ended because the group grew too large."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        words = (self.folder / name).read_text().split()
        return int(dict(zip(words[::2], words[1::2], strict=False)).get("oom_kill", 0))

    def remove(self) -> None:
        """Remove the group, whose processes have been asked to end."""
        for _ in range(50):
            try:
                self.folder.rmdir()
            except FileNotFoundError:
                return
            except OSError:  # the last process is still ending
                time.sleep(0.02)
            else:
                return


def make_group(root: Path = _ROOT, own: Path = Path("/proc/self/cgroup")) -> Group | None:
    """Return a new control group for memory, None where this user may make none.

    Root may, and so may whoever was given a part of the tree (`systemd-run --user --scope -p Delegate=yes`).

    Args:
        root: Where control groups are mounted.
        own: Which groups this process belongs to.
    """
    for parent, version in _parents(root, own):
        _remove_abandoned(parent)
        folder = parent / f"{_PREFIX}{os.getpid()}-{next(_names)}"
        try:
            folder.mkdir()
        except OSError:
            continue
        group = Group(folder, version)
        try:
            group.allow(1_000_000)
            group.kills()
        except OSError:  # without the files for memory, or not ours to write
            group.remove()
        else:
            return group
    return None


def _remove_abandoned(parent: Path) -> None:
    """Remove the groups of graders that were killed; one with a process in it cannot be removed."""
    for folder in parent.glob(f"{_PREFIX}*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdecimal() and not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()


def _parents(root: Path, own: Path) -> list[tuple[Path, int]]:
    """Return the groups below which one for memory could be made, and their version."""
    found = []
    with contextlib.suppress(OSError):
        for line in own.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:
                found += [(root / path.lstrip("/"), 2), ((root / path.lstrip("/")).parent, 2)]
            elif "memory" in controllers.split(","):
                found.append((root / "memory" / path.lstrip("/"), 1))
    return [(folder, version) for folder, version in found if folder.is_relative_to(root)]


class Watch:
    """Counts the memory of a server and its jobs from outside, without a control group.

    Pages that several processes share are counted once: each process reports its proportional share, unless it has
    made that unreadable. A job cannot hold memory outside its processes: the filter of system calls refuses files in
    memory that belong to no folder, and the job's folders are limited in size.

    Args:
        server: Process number of the fork server, which must be idle.
    """

    def __init__(self, server: int) -> None:
        self._server = server
        self._begin = _shares_mb(server)

    def taken(self) -> float:
        """Return what the server's jobs hold, in MB."""
        import psutil

        memory = -self._begin
        with contextlib.suppress(psutil.Error):
            server = psutil.Process(self._server)
            for process in (server, *server.children(recursive=True)):
                with contextlib.suppress(OSError):
                    memory += _shares_mb(process.pid)
        return memory


def tasks_below(process: int) -> int:
    """Return the number of processes and threads of all that descend from a process."""
    import psutil

    tasks = 0
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(process).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                tasks += child.num_threads()
    return tasks


def _shares_mb(process: int) -> float:
    """Return a process's part of the memory that belongs to no file on disk, in MB.

    A process that hides its share is counted in full, which everybody may read.
    """
    folder = Path(f"/proc/{process}")
    try:
        lines = (folder / "smaps_rollup").read_text().splitlines()
    except PermissionError:
        return _whole_mb((folder / "status").read_text())
    held = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines[1:])}
    # Kernels before 5.3 do not say which part belongs to files; that of the libraries is the same before and after.
    kilobytes = held["Pss_Anon"] + held["Pss_Shmem"] if "Pss_Anon" in held else held["Pss"]
    return kilobytes * 1024 / _MB


def _whole_mb(status: str) -> float:
    """Return all that a process holds of such memory, pages that it shares included, in MB."""
    lines = (line.partition(":") for line in status.splitlines())
    return sum(int(value.split()[0]) for name, _, value in lines if name in _IN_MEMORY) * 1024 / _MB
