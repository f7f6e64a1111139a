"""ESC-50, environmental sounds: 2000 clips of 5 s in 50 classes and five official folds.

Piczak, K. J. (2015). ESC: Dataset for Environmental Sound Classification.
doi 10.1145/2733373.2806390. Licence CC BY-NC 3.0.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from labs_lib.audio import printable
from labs_lib.datasets.locate import DataNotFound, Found, find_or_synthesise
from labs_lib.datasets.recordings import Recordings, Skipped, copy_of, left_out, visible_files
from labs_lib.datasets.registry import data_sets
from labs_lib.datasets.standin import STANDINS

_STANDIN = STANDINS["esc50"]

# Targets 0 to 9, the classes that the course uses.
CLASS_NAMES = ("dog", "rooster", "pig", "cow", "frog", "cat", "hen", "insects", "sheep", "crow")
RATE = 44_100
SECONDS = 5.0
_CLIPS = 400  # of the first ten classes

# Recordings on Freesound whose clips lie in two folds, with different labels. They are in the real set,
# so "no recording on both sides" holds for its folds with these exceptions alone. The second and the
# last are hens in one fold and roosters in another; the other two are clocks.
SOURCES_IN_TWO_FOLDS = (131_943, 134_049, 209_698, 234_879)

_NAME = re.compile(r"^(?P<fold>[1-5])-(?P<source>\d+)-(?P<take>[A-Z])-(?P<target>\d{1,2})\.(?i:wav)$")


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

    Example:
        >>> parse_name("1-100032-A-0.wav")
        ClipName(fold=1, source=100032, take='A', target=0)
    """
    match = _NAME.match(name)
    if match is None:
        raise ValueError(f"{name!r} is not a clip of ESC-50; expected a name like '1-100032-A-0.wav'")
    return ClipName(int(match["fold"]), int(match["source"]), match["take"], int(match["target"]))


def load(
    data_home: str | Path | None = None,
    source: str = "auto",
    *,
    clips_per_fold: int = _STANDIN.size,
    seed: int = 0,
) -> Recordings:
    """Return the clips of the first ten classes, in the order of their names; other files are named in `skipped`.

    Args:
        data_home: Folder of the real recordings, in their official layout.
        source: 'real', 'standin', or 'auto' for the real ones where they are found (here, in
            $LABS_DATA or downloaded) and the stand-in else.
        clips_per_fold: Clips of each class in each fold of the stand-in.
        seed: Seed of the stand-in.

    Raises:
        DataNotFound: The real recordings were asked for and are not there, or a folder
            was named that does not hold them.
    """
    return _read(
        find_or_synthesise(
            data_sets()["esc50"],
            data_home,
            source,
            lambda: _STANDIN.folder(clips_per_fold, seed),
        )
    )


def sources_in_several_folds(clips: Recordings) -> list[int]:
    """Return the numbers of recordings whose clips lie in more than one fold."""
    pairs = np.unique(np.stack([clips.sources, clips.folds], axis=1), axis=0)
    sources, counts = np.unique(pairs[:, 0], return_counts=True)
    return [int(source) for source in sources[counts > 1]]


def _read(found: Found) -> Recordings:
    files: dict[ClipName, Path] = {}
    skipped = []
    for path in visible_files(found.folder / "audio"):
        try:
            clip = parse_name(path.name)
        except ValueError as error:
            original = copy_of(path)
            skipped.append(Skipped(path, f"is a copy of {original} by its name" if original else str(error)))
            continue
        if clip in files:
            skipped.append(Skipped(path, f"is the clip of {files[clip].name} once more"))
        elif clip.target < len(CLASS_NAMES):
            files[clip] = path
    clips = [(path, clip) for clip, path in files.items()]
    if not clips:
        raise DataNotFound(f"{found.folder} holds clips of ESC-50, but none of its first ten classes")
    paths, names = zip(*clips, strict=True)
    if found.standin:
        provenance = f"{len(paths)} clips of {SECONDS:g} s, synthesised from a seed."
    else:
        share = f"{len(paths)}" if len(paths) == _CLIPS else f"{len(paths)} of the {_CLIPS}"
        provenance = f"{share} clips of {SECONDS:g} s, read from {printable(found.folder.name)}."
    return Recordings(
        name="ESC-50, first ten classes",
        paths=paths,
        labels=np.array([clip.target for clip in names]),
        class_names=CLASS_NAMES,
        groups={
            "fold": np.array([clip.fold for clip in names]),
            "source": np.array([clip.source for clip in names]),
        },
        standin=found.standin,
        provenance=provenance + left_out(skipped),
        skipped=skipped,
    )
