"""Stand-in corpora on disk: synthesised on first use, kept in the cache."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from labs_engine.base import storage
from labs_engine.base.parallel import in_threads

Job = TypeVar("Job")

# Lies in the folder of every stand-in, so that a copy of it is never taken for the real recordings.
MARKER = "STAND-IN.txt"
_WORDS = "These sounds were synthesised. A score on them says nothing about the real recordings.\n"


def corpus(key: str, write: Callable[[Path], None]) -> Path:
    """Return the folder of a stand-in corpus, synthesised on the first call.

    Args:
        key: Names the set, its size and its seed.
        write: Fills an empty folder with the corpus.

    Raises:
        StorageError: The cache cannot be written to.
    """
    places = storage.places("standin", f"{key}-{_code_digest()}")
    folder = next((place for place in places if place.is_dir()), places[-1])
    if not folder.is_dir():
        with storage.new_folder(folder) as part:
            if part is not None:
                write(part)
    return folder


@functools.cache
def _code_digest() -> str:
    """Return a digest of all that is synthesised with: a change in it makes a new corpus."""
    return storage.tree_digest(Path(__file__).parent)[:12]


def mark(folder: Path) -> None:
    """Mark the folder of a data set as a stand-in."""
    (folder / MARKER).write_text(_WORDS, encoding="utf-8")


def is_standin(folder: Path) -> bool:
    """Tell whether a folder of recordings is a stand-in, or holds one."""
    return next(folder.rglob(MARKER), None) is not None


def synthesise(write_one: Callable[[Job], object], jobs: Sequence[Job], what: str) -> None:
    """Write the files of a corpus, several at once, with a progress bar.

    Args:
        write_one: Synthesises and writes one file; it draws from a seed of its own, so
            the order of the files does not matter.
        jobs: What it is called with.
        what: What is synthesised, for the progress bar.
    """
    _exhaust(in_threads(write_one, jobs, f"synthesising {what} (stand-in)"))


def _exhaust(results: Iterable[object]) -> None:
    for _ in results:
        pass
