"""What one run may take, and how its process is shut in."""

from __future__ import annotations

import ctypes
import io
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_MB = 1_000_000
# From <sched.h> and <sys/mount.h>.
_NEW_MOUNTS, _NEW_IPC, _NEW_USER, _NEW_PROCESSES = 0x00020000, 0x08000000, 0x10000000, 0x20000000
_NO_SUID, _NO_DEVICES, _RECURSIVE, _PRIVATE = 2, 4, 16384, 1 << 18
_SET_PARENT_DEATH_SIGNAL = 1  # of prctl
_SET_DUMPABLE = 4  # of prctl: whether other processes of this user may look into this one's memory


@dataclass(frozen=True)
class Limits:
    """What one run of a submission may take.

    Attributes:
        cell_seconds: Time for a cell; then it is interrupted and the next one runs.
        seconds: Time for the run; then it is ended.
        cpu_seconds: Processor time of a process.
        memory_mb: Memory, on top of what the libraries take.
        file_mb: Size of a file, and of all temporary files together.
        processes: Processes and threads at a time.
        output_mb: What the run may hand out, answers, models and figures together.
        cell_output_kb: Text and figures kept of a cell.
    """

    cell_seconds: float = 60.0
    seconds: float = 600.0
    cpu_seconds: int = 900
    memory_mb: int = 3000
    file_mb: int = 500
    processes: int = 200
    output_mb: int = 400
    cell_output_kb: int = 3000


def limit_this_process(limits: Limits) -> None:
    """Set what the kernel enforces by itself; memory beyond it raises MemoryError."""
    import resource  # not on Windows, where there is no sandbox either

    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for what, most in (
        (resource.RLIMIT_AS, taken + limits.memory_mb * _MB),
        (resource.RLIMIT_FSIZE, limits.file_mb * _MB),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_CORE, 0),
    ):
        ceiling = resource.getrlimit(what)[1]
        value = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(what, (value, value))


def keep_memory_private() -> None:
    """Forbid other processes of this user to read or change this one's memory."""
    _call("prctl", _SET_DUMPABLE, 0, 0, 0, 0)


def die_with_parent() -> None:
    """Let the kernel end this process when its parent ends."""
    _call("prctl", _SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def enter_own_world(limits: Limits, private: Sequence[str]) -> None:
    """Move this process into namespaces of its own, with empty temporary folders.

    The fork server has the network and the file system of the sandbox already. What this adds keeps one
    run from the next: its own process numbers (when its first process ends, the kernel ends all others),
    its own shared memory, and temporary folders that nobody else sees. The first child that is forked
    afterwards is process 1 of that world.

    Raises:
        OSError: The kernel does not allow it.
    """
    _call(
        "prctl", _SET_DUMPABLE, 1, 0, 0, 0
    )  # this copy may be looked into; else its /proc would not be its own
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NEW_USER | _NEW_MOUNTS | _NEW_IPC | _NEW_PROCESSES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _call("mount", None, b"/", None, _RECURSIVE | _PRIVATE, None)
    for folder in private:
        size = f"size={limits.file_mb}m,mode=1777".encode()
        _call("mount", b"tmpfs", folder.encode(), b"tmpfs", _NO_SUID | _NO_DEVICES, size)
    os.chdir(private[0])


def _call(name: str, *arguments: object) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    given = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    if getattr(library, name)(*given) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def leave_nothing_open(keep: set[int]) -> None:
    """Close every file descriptor but standard streams and those to keep."""
    for path in list(Path("/proc/self/fd").iterdir()):
        number = int(path.name)
        if number > 2 and number not in keep:
            try:
                os.close(number)
            except OSError:
                continue  # the one that listed the folder


def silence_standard_streams() -> None:
    """Let what is written below Python go nowhere; a notebook does not show it either."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    sys.stdin = io.StringIO()
