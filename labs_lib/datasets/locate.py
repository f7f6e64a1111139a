"""Finding a data set: the folder that was named, $LABS_DATA, or else a stand-in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path


class DataNotFound(FileNotFoundError):
    """The real recordings were asked for and are not there."""


def find_real(
    data_home: str | Path | None, layouts: Sequence[str], holds: Callable[[Path], bool], hint: str
) -> Path | None:
    """Return the folder of a real data set, or None if nobody named one.

    Args:
        data_home: The folder that the user named, or None.
        layouts: Folder names under which common copies of the set come.
        holds: Tells whether a folder is the data set.
        hint: What a right folder looks like, for the error.

    Raises:
        DataNotFound: A folder was named and does not hold the data set.
    """
    for origin, home in _named(data_home):
        candidates = [home, *(home / layout for layout in layouts)]
        for candidate in candidates:
            if holds(candidate):
                return candidate
        if origin == "data_home":
            what = "does not exist" if not home.is_dir() else "holds no such data set"
            raise DataNotFound(f"data_home={home} {what}; expected {hint}")
    return None


def _named(data_home: str | Path | None) -> Iterator[tuple[str, Path]]:
    if data_home:
        yield "data_home", Path(data_home).expanduser()
    if os.environ.get("LABS_DATA"):
        yield "$LABS_DATA", Path(os.environ["LABS_DATA"]).expanduser()
