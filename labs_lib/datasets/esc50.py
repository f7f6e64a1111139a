"""ESC-50, environmental sounds: 2000 clips of 5 s in 50 classes and five official folds.

Piczak, K. J. (2015). ESC: Dataset for Environmental Sound Classification.
doi 10.1145/2733373.2806390. Licence CC BY-NC 3.0.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from labs_lib.datasets.locate import DataNotFound, find_real
from labs_lib.datasets.recordings import Recordings
from labs_lib.datasets.standin import environment

# Targets 0 to 9, the classes that the course uses.
CLASS_NAMES = ("dog", "rooster", "pig", "cow", "frog", "cat", "hen", "insects", "sheep", "crow")
RATE = 44_100
SECONDS = 5.0

_NAME = re.compile(r"^(?P<fold>[1-5])-(?P<source>\d+)-(?P<take>[A-Z])-(?P<target>\d{1,2})\.wav$")
_HINT = "a folder with ESC-50-master/audio/1-100032-A-0.wav and so on"


class ClipName(NamedTuple):
    """What the name of a clip says.

    Attributes:
        fold: Official fold, 1 to 5.
        source: Number of the original recording on Freesound.
        take: Letter of the clip within its recording.
        target: Class index, 0 to 49.
    """

    fold: int
    source: int
    take: str
    target: int


def parse_name(name: str) -> ClipName:
    """Parse '{FOLD}-{SOURCE}-{TAKE}-{TARGET}.wav'.

    Raises:
        ValueError: The name is not of this form.
    """
    match = _NAME.match(name)
    if match is None:
        raise ValueError(f"{name!r} is not a clip of ESC-50; expected a name like '1-100032-A-0.wav'")
    return ClipName(int(match["fold"]), int(match["source"]), match["take"], int(match["target"]))


def load(
    data_home: str | Path | None = None,
    source: str = "auto",
    *,
    clips_per_fold: int = environment.CLIPS_PER_FOLD,
    seed: int = 0,
) -> Recordings:
    """Return the clips of the first ten classes, in the order of their names.

    Args:
        data_home: Folder of the real recordings, in their official layout.
        source: 'real', 'standin', or 'auto' for the real ones where a folder is named
            (here or in $LABS_DATA) and the stand-in else.
        clips_per_fold: Clips of each class in each fold of the stand-in.
        seed: Seed of the stand-in.

    Raises:
        DataNotFound: The real recordings were asked for and are not there, or a folder
            was named that does not hold them.
    """
    folder = None if source == "standin" else find_real(data_home, ("ESC-50-master", "ESC-50"), _holds, _HINT)
    if folder is None and source == "real":
        raise DataNotFound(f"source='real' needs the recordings: set data_home to {_HINT}")
    if folder is not None:
        return _read(folder, is_standin=False)
    return _read(environment.environment(CLASS_NAMES, clips_per_fold, seed), is_standin=True)


def _read(folder: Path, is_standin: bool) -> Recordings:
    found = []
    for path in sorted((folder / "audio").glob("*.wav")):
        if path.name.startswith("._"):  # left behind by macOS archives
            continue
        clip = parse_name(path.name)
        if clip.target < len(CLASS_NAMES):
            found.append((path, clip))
    paths, clips = zip(*found, strict=True)
    made = "synthesised from a seed" if is_standin else f"read from {folder.name}"
    return Recordings(
        name="ESC-50, first ten classes",
        paths=paths,
        labels=np.array([clip.target for clip in clips]),
        class_names=CLASS_NAMES,
        groups={
            "fold": np.array([clip.fold for clip in clips]),
            "source": np.array([clip.source for clip in clips]),
        },
        standin=is_standin,
        provenance=f"{len(paths)} clips of {SECONDS:g} s, {made}.",
    )


def _holds(folder: Path) -> bool:
    return any((folder / "audio").glob("[1-5]-*.wav"))
