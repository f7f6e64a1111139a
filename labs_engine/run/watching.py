"""Values sampled from a thread while other work goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Self


class Watcher:
    """Calls a function on entry, at intervals while the context lasts, and once more at its end.

    Args:
        look: What is called, in a thread of its own.
        every: Seconds between two calls.
    """

    def __init__(self, look: Callable[[], None], every: float) -> None:
        self._look, self._every = look, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        self._look()
        ended = False
        while not ended:
            ended = self._stop.wait(self._every)
            self._look()


class PeakMemory(Watcher):
    """The peak memory of something.

    Attributes:
        peak: The largest size read, in the unit of `read`.
    """

    def __init__(self, read: Callable[[], float], every: float) -> None:
        """Prepare to watch.

        Args:
            read: Returns the size now.
            every: Seconds between two readings.
        """
        super().__init__(self._note, every)
        self.peak = 0.0
        self._read = read

    def _note(self) -> None:
        self.peak = max(self.peak, self._read())
