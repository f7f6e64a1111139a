"""Many items at once, on the cores of this machine."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

from labs_engine.base.progress import track

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 2  # items being processed or waiting, per worker; bounds the memory


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    what: str = "",
    workers: int | None = None,
) -> Iterator[Result]:
    """Compute `function(item)` in threads and yield the results in the order of the items.

    For functions that spend their time in NumPy, SciPy or a sound codec, which let other
    threads run. BLAS is limited to one thread meanwhile, because the cores are in use already.

    Args:
        function: Called with each item.
        items: The items.
        what: Label of the progress bar; without one no bar is shown.
        workers: Number of threads; by default one for each core.

    Example:
        >>> list(in_threads(len, ["a", "bc", ""], workers=2))
        [1, 2, 0]
    """
    if not items:
        return  # limiting BLAS takes 4 ms
    workers = workers or cores()
    with threadpool_limits(1), ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Result]] = deque()
        upcoming = iter(items)
        try:
            for _ in track(items, what) if what else items:
                for item in upcoming:
                    waiting.append(pool.submit(function, item))
                    if len(waiting) >= _AHEAD * workers:
                        break
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
