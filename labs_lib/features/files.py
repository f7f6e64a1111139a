"""Features of many files: computed in parallel, resumed after a stop, kept and mapped."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from labs_engine.base import storage
from labs_engine.base.parallel import in_threads
from labs_lib.audio import cutting, flac, headers, mpeg
from labs_lib.audio import files as sound_files
from labs_lib.features import recipes, spectral
from labs_lib.features.digests import file_digests
from labs_lib.features.recipes import Clips
from labs_lib.features.rows import DamagedRows, Rows, RowsWriter, read_rows
from labs_lib.features.spectral import Spectral

# What the numbers depend on: a change in one of these modules computes them anew.
_CODE = storage.code_digest([cutting, flac, headers, mpeg, recipes, sound_files, spectral])


class Recipe(Protocol):
    """What is computed from one file; its repr is part of the key of the result."""

    @property
    def row_shape(self) -> Sequence[int]:
        """Shape of a row."""

    def __call__(self, path: Path) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of a file and their numbers within it."""


def from_files(
    paths: Sequence[Path],
    recipe: Recipe,
    *,
    unreadable: Literal["raise", "skip"] = "raise",
    what: str = "computing features",
    workers: int | None = None,
) -> Rows:
    """Compute features of files, or map them into memory where they have been computed before.

    The result is kept in the cache under a key made of the files' content and the recipe.
    It is written as it is computed, so memory stays flat, and a call that was stopped goes on
    where it was.

    Args:
        paths: The files.
        recipe: What to compute from each, such as `Clips`, `Segments` or `Notes`.
        unreadable: Whether a file that cannot be read is an error or gives no rows.
        what: Label of the progress bar; none is shown if it is empty.
        workers: Number of threads; one for each core without.

    Raises:
        FileNotFoundError: A file is not there.
        AudioError: A file cannot be read and `unreadable` is 'raise'; the message names it.
        StorageError: The cache cannot be written to.
    """
    *shared, folder = storage.places("features", _key(paths, recipe, unreadable))
    for place in (*shared, folder):
        if place.is_dir():
            try:
                return read_rows(place)
            except DamagedRows:
                warnings.warn(f"kept features were damaged and are computed anew: {place}", stacklevel=2)
    if folder.is_dir():
        storage.discard(folder)
    with storage.new_folder(folder, resume=True) as part:
        if part is not None:
            _compute(part, paths, recipe, unreadable, what, workers)
    return read_rows(folder)


def clips_mel_power(
    paths: Sequence[Path], rate: int, n_mels: int = 128, seconds: float = 5.0, progress: bool = True
) -> np.ndarray:
    """Return the mel power spectrograms of clips of one length, as librosa does by default.

    Args:
        paths: The clips' files.
        rate: Samples per second at which they are read.
        n_mels: Number of mel bands.
        seconds: Length; longer clips are cut, shorter ones end in silence.
        progress: Whether to show a progress bar.

    Returns:
        Power, shape (clips, n_mels, frames), float32, read-only.

    Raises:
        AudioError: A file cannot be read; the message names it.
        StorageError: The cache cannot be written to.
    """
    recipe = Clips(seconds, "mel", Spectral(rate=rate, n_mels=n_mels))
    return from_files(paths, recipe, what="reading clips" if progress else "").x


def _key(paths: Sequence[Path], recipe: Recipe, unreadable: str) -> str:
    parts = [repr(recipe), unreadable, _CODE, *file_digests(paths)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _compute(
    part: Path,
    paths: Sequence[Path],
    recipe: Recipe,
    unreadable: Literal["raise", "skip"],
    what: str,
    workers: int | None,
) -> None:
    writer = RowsWriter(part, recipe.row_shape)
    try:
        for result in _results(paths[writer.done :], recipe, what, workers):
            if not isinstance(result, sound_files.AudioError):
                writer.append(*result)
            elif unreadable == "skip":
                writer.fail(str(result))
            else:
                raise result
        writer.finish()
    finally:
        writer.close()


def _results(
    paths: Sequence[Path], recipe: Recipe, what: str, workers: int | None
) -> Iterator[tuple[np.ndarray, np.ndarray] | sound_files.AudioError]:
    def one(path: Path) -> tuple[np.ndarray, np.ndarray] | sound_files.AudioError:
        try:
            return recipe(path)
        except sound_files.AudioError as error:
            return error

    yield from in_threads(one, paths, what, workers)
