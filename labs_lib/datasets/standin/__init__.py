"""Stand-ins: sounds that are synthesised where there are no recordings. Loaders enter their synthesis by this door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from labs_lib.datasets.standin import environment, instruments
from labs_lib.datasets.standin.corpus import is_standin
from labs_lib.datasets.standin.music import tracks

__all__ = ["STANDINS", "StandIn", "is_standin"]


@dataclass(frozen=True)
class StandIn:
    """The stand-in of one data set.

    Attributes:
        folder: Returns where it lies in the cache, synthesised at the first call, given its size and a seed.
        write: Writes it below a folder, given its size, a seed and the folder.
        size: The quick size.
        unit: What the size counts.
    """

    folder: Callable[[int, int], Path]
    write: Callable[[int, int, Path], None]
    size: int
    unit: str


_ANIMALS = tuple(environment.VOICES)
STANDINS = {
    "esc50": StandIn(
        partial(environment.environment, _ANIMALS),
        partial(environment.write, _ANIMALS),
        environment.CLIPS_PER_FOLD,
        "clips of each class in each fold",
    ),
    "gtzan": StandIn(tracks.music, tracks.write, tracks.TRACKS_PER_GENRE, "tracks of each genre"),
    "uiowa": StandIn(
        instruments.instruments,
        instruments.write,
        instruments.FILES_PER_CLASS,
        "recordings of each instrument",
    ),
}
