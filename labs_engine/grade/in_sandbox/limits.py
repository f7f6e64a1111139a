"""Limits of one run, as far as the kernel enforces them on a process."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path

_MB = 1_000_000
_MOST_OPEN = 1024  # files of a process: what lies in pipes and sockets is counted nowhere else


@dataclass(frozen=True)
class Limits:
    """Limits of one run of a submission.

    Attributes:
        cell_seconds: Time for a cell, which is then interrupted; the next one runs.
        seconds: Time for the run, which is then ended.
        cpu_seconds: Processor time of a process.
        memory_mb: Memory of a process, on top of what the libraries take; all processes together may take half as
            much again.
        file_mb: Size of a file, and of all files together, shared memory included.
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
    output_mb: int = 200
    cell_output_kb: int = 3000

    @property
    def all_mb(self) -> float:
        """What processes and files may take together."""
        return 1.5 * self.memory_mb + self.file_mb


def limit_this_process(limits: Limits) -> None:
    """Set what the kernel enforces by itself; memory beyond it raises MemoryError."""
    import resource  # not on Windows, where there is no sandbox either

    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for what, most in (
        (resource.RLIMIT_AS, taken + limits.memory_mb * _MB),
        (resource.RLIMIT_FSIZE, limits.file_mb * _MB),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        # The grader ends a job that starts too many. The kernel's limit, which does not apply to root, is set higher
        # than the grader's, so that the same run ends in the same way for every user.
        (resource.RLIMIT_NPROC, 2 * limits.processes),
        (resource.RLIMIT_NOFILE, _MOST_OPEN),
        (resource.RLIMIT_CORE, 0),
    ):
        ceiling = resource.getrlimit(what)[1]
        value = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(what, (value, value))


def be_ended_first() -> None:
    """Let the kernel choose this process, and not the server, if memory runs out."""
    Path("/proc/self/oom_score_adj").write_text("1000")


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
    """Discard what libraries write past Python; a notebook does not show it either."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    sys.stdin = io.StringIO()
