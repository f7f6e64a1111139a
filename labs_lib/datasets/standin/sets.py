"""The stand-ins of all data sets, to write them wherever they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from labs_lib.datasets.standin import environment, instruments
from labs_lib.datasets.standin.music import tracks


@dataclass(frozen=True)
class StandIn:
    """The stand-in of one data set.

    Attributes:
        write: Writes it below a folder, given its size, a seed and the folder.
        size: The quick size.
        unit: What the size counts.
    """

    write: Callable[[int, int, Path], None]
    size: int
    unit: str


STANDINS = {
    "esc50": StandIn(
        partial(environment.write, tuple(environment.VOICES)),
        environment.CLIPS_PER_FOLD,
        "clips of each class in each fold",
    ),
    "gtzan": StandIn(tracks.write, tracks.TRACKS_PER_GENRE, "tracks of each genre"),
    "uiowa": StandIn(instruments.write, instruments.FILES_PER_CLASS, "recordings of each instrument"),
}
