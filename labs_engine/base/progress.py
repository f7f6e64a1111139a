"""Progress of long work, in a terminal or a notebook."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")


def byte_bar(what: str, done: int, total: int | None) -> tqdm:
    """Return a progress bar that counts bytes: call its `update(n)`, and `close()` at the end.

    Args:
        what: What is being done, in a few words.
        done: Bytes that are there already.
        total: All bytes, where that is known.
    """
    return tqdm(
        desc=what,
        initial=done,
        total=total,
        unit="B",
        unit_scale=True,
        file=sys.stdout,
        leave=False,
        dynamic_ncols=True,
    )


def track(items: Sequence[Item], what: str) -> Iterator[Item]:
    """Yield the items with a progress bar, which disappears at the end.

    It is written to stdout, because notebooks show stderr in red.

    Args:
        items: The items.
        what: What is being done, in a few words.
    """
    yield from tqdm(items, desc=what, file=sys.stdout, leave=False, dynamic_ncols=True)
