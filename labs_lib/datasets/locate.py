"""Finding a data set: the folder that was named, $LABS_DATA, a download, or else a stand-in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from labs_engine.base import storage
from labs_lib.datasets.registry import DataSet
from labs_lib.datasets.standin import is_standin

SOURCES = ("auto", "real", "standin")


class DataNotFound(FileNotFoundError):
    """The real recordings were asked for and are not there."""


class Found(NamedTuple):
    """A data set on disk.

    Attributes:
        folder: Where it is.
        origin: How it was found: 'data_home', '$LABS_DATA', 'download' or 'stand-in'.
        standin: Whether its sounds were synthesised.
    """

    folder: Path
    origin: str
    standin: bool


def download_folder(data_set: DataSet) -> Path:
    """Return the folder into which a data set is downloaded."""
    return storage.cache_folder() / "data" / data_set.name


def find(data_set: DataSet, data_home: str | Path | None = None) -> Found | None:
    """Return where the recordings are: in the folder named, in $LABS_DATA, or downloaded; or None.

    Args:
        data_set: What to look for.
        data_home: The folder that the user named, or None.

    Raises:
        DataNotFound: A folder was named and does not hold the data set.
    """
    for origin, home in (*named_homes(data_home), ("download", download_folder(data_set))):
        for candidate in _candidates(data_set, home):
            if data_set.is_in(candidate):
                return Found(candidate, origin, is_standin(candidate))
        if origin == "data_home":
            what = "does not exist" if not home.is_dir() else "holds no such data set"
            raise DataNotFound(f"data_home={home} {what}; expected {_hint(data_set)}")
    return None


def find_or_synthesise(
    data_set: DataSet, data_home: str | Path | None, source: str, synthesise: Callable[[], Path]
) -> Found:
    """Return where the recordings are, or their stand-in.

    Args:
        data_set: What to look for.
        data_home: The folder that the user named, or None.
        source: 'real', 'standin', or 'auto' for the real recordings where they are found and
            the stand-in else.
        synthesise: Returns the folder of the stand-in, which it makes on its first call.

    Raises:
        DataNotFound: The real recordings were asked for and are not there, or a folder was
            named that does not hold them.
        ValueError: `source` is none of the three.
    """
    if source not in SOURCES:
        raise ValueError(f"source={source!r}: expected one of {', '.join(map(repr, SOURCES))}")
    found = None if source == "standin" else find(data_set, data_home)
    if source == "real" and (found is None or found.standin):
        where = "no folder with them was named" if found is None else f"{found.folder} holds stand-ins"
        raise DataNotFound(
            f"source='real' needs the recordings of {data_set.title}, and {where}: set data_home to "
            f"{_hint(data_set)}, or run `labs data get {data_set.name}`"
        )
    return found or Found(synthesise(), "stand-in", True)


def _hint(data_set: DataSet) -> str:
    return f"a folder with {data_set.example} and its neighbours"


def named_homes(data_home: str | Path | None) -> Iterator[tuple[str, Path]]:
    """Yield the folders that the user named, the first to look into first, and how each was named."""
    if data_home:
        yield "data_home", Path(data_home).expanduser()
    if os.environ.get("LABS_DATA"):
        yield "$LABS_DATA", Path(os.environ["LABS_DATA"]).expanduser()


def _candidates(data_set: DataSet, home: Path) -> Iterator[Path]:
    for below in (home, home / data_set.name):
        for layout in data_set.folders:
            yield from sorted(below.glob(layout))
    yield home
    yield home / data_set.name
