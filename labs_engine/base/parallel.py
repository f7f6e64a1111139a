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

_AHEAD = 2  # items in work or waiting, per worker: bounds the memory


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    what: str = "",
    workers: int | None = None,
) -> Iterator[Result]:
    """Yield `function(item)` for each item, in their order, computed in threads.

    For functions that spend their time in NumPy, SciPy or a sound codec, which let other
    threads run. BLAS is held to one thread meanwhile: the cores are taken already.

    Args:
        function: What is done with each item.
        items: The items.
        what: Label of the progress bar; none is shown without.
        workers: Number of threads; one for each core without.

    Example:
        >>> list(in_threads(len, ["a", "bc", ""], workers=2))
        [1, 2, 0]
    """
    if not items:
        return  # holding BLAS back takes 4 ms
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
