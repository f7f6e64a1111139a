"""How a job in a sandbox ends: by itself, or because it passed a limit."""

from __future__ import annotations

import time
from dataclasses import dataclass

from labs_engine.grade.in_sandbox.limits import Limits
from labs_engine.grade.in_sandbox.protocol import Message, plain_text

_GRACE = 10  # seconds beyond a cell's time, in which it may still be interrupted from inside


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    Attributes:
        reason: '' if it ran to its end, else what ended it, in words for the instructor.
        limit: Name of the limit that was hit, or ''.
    """

    reason: str = ""
    limit: str = ""


class WatchedJob:
    """A running job as far as it is known, compared with its limits."""

    def __init__(self, limits: Limits, start: float) -> None:
        self._limits, self._start = limits, start
        self._cell_start = start
        self._cell = ""
        self.fault = ""
        self.complete = True

    def note(self, message: Message) -> None:
        """Take note of a message."""
        if message.kind == "cell":
            cell = message.content.get("id")
            self._cell = plain_text(cell)[:80]
            self._cell_start, self.complete = time.monotonic(), False
        elif message.kind == "done":
            self.complete = True
        elif message.kind == "fault":
            self.fault = plain_text(message.content.get("error"))[:500]

    @property
    def place(self) -> str:
        """The cell at work."""
        return f"cell {self._cell!r}" if self._cell else "no cell"

    def out_of_time(self) -> Ending:
        """Return the limit of time that was passed, if one was."""
        now = time.monotonic()
        if now - self._start > self._limits.seconds:
            return Ending(f"more than {self._limits.seconds:g} s in all, at {self.place}", "time")
        if not self.complete and now - self._cell_start > self._limits.cell_seconds + _GRACE:
            return Ending(f"{self.place} did not end after {self._limits.cell_seconds:g} s", "cell time")
        return Ending()

    def too_large(self, memory: float, tasks: int) -> Ending:
        """Return the limit of memory (MB) or processes and threads that was passed, if one was."""
        # The kernel limits a single process; this is for all of them together.
        if memory > self._limits.all_mb:
            return Ending(f"more than {self._limits.all_mb:g} MB of memory, at {self.place}", "memory")
        if tasks > self._limits.processes:
            return Ending(
                f"more than {self._limits.processes} processes and threads, at {self.place}", "processes"
            )
        return Ending()
