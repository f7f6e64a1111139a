"""The most memory that something took, watched from a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Self


class PeakMemory:
    """Reads a size again and again while a context lasts.

    Attributes:
        peak: The largest size read, in the unit of `read`.
    """

    def __init__(self, read: Callable[[], float], every: float) -> None:
        """Prepare to watch.

        Args:
            read: Returns the size now.
            every: Seconds between two readings.
        """
        self.peak = 0.0
        self._read, self._every = read, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        ended = False
        while not ended:
            ended = self._stop.wait(self._every)  # read once more at the end
            self.peak = max(self.peak, self._read())
