"""Stand-in for GTZAN: short pieces in ten genres, composed and played from a seed, in the layout of the real set.

Each genre has two to four styles with their own rhythm, harmony, players and sound (modules `roots`,
`concert`, `dance`, `reggae` and `charts`). Each track draws its own piece,
instruments, mix and production from them, and keeps these from its first second to its last:
segments of one track resemble each other as those of one real recording do. The usual copies of the
real set have faults, and so has this one.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from labs_lib.datasets.standin.corpus import corpus, mark, synthesise
from labs_lib.datasets.standin.music import (
    charts,
    concert,
    dance,
    instruments,
    mix,
    reggae,
    roots,
    score,
)
from labs_lib.datasets.standin.music.style import Style

RATE = instruments.RATE
TRACKS_PER_GENRE = 4
LENGTHS = (661_100, 669_680)  # samples of the shortest and the longest track, as in the real set

STYLES: dict[str, Sequence[Style]] = {
    "blues": roots.BLUES,
    "classical": concert.CLASSICAL,
    "country": roots.COUNTRY,
    "disco": dance.DISCO,
    "hiphop": dance.HIPHOP,
    "jazz": concert.JAZZ,
    "metal": charts.METAL,
    "pop": charts.POP,
    "reggae": reggae.REGGAE,
    "rock": charts.ROCK,
}
GENRES = tuple(STYLES)


class Faults(NamedTuple):
    """The files of a corpus that are not what they seem, all of them additional to the regular tracks.

    Attributes:
        unreadable: A file that no library reads; the real set's is jazz.00054.
        leftover: What macOS leaves in an archive; not a sound in spite of its name.
        original: A regular track.
        duplicate: The same bytes under another genre; in the real set rock.00016 and metal.00058.
    """

    unreadable: str
    leftover: str
    original: str
    duplicate: str


def faults(tracks_per_genre: int = TRACKS_PER_GENRE) -> Faults:
    """Return the faulty files of a corpus, as paths below its folder, such as 'jazz/jazz.00004.wav'.

    Args:
        tracks_per_genre: Number of regular tracks in each genre, numbered from 0; faulty files
            get the number after them.
    """
    return Faults(
        unreadable=file_name("jazz", tracks_per_genre),
        leftover="blues/._blues.00000.wav",
        original=file_name("rock", 0),
        duplicate=file_name("metal", tracks_per_genre),
    )


def file_name(genre: str, number: int) -> str:
    """Return the path of a track below the folder of the corpus."""
    return f"{genre}/{genre}.{number:05d}.wav"


def music(tracks_per_genre: int = TRACKS_PER_GENRE, seed: int = 0) -> Path:
    """Return the folder of the GTZAN stand-in, synthesised on the first call.

    Args:
        tracks_per_genre: Regular tracks in each genre; `faults` come on top.
        seed: Seed of everything in it.

    Returns:
        A folder 'genres' in the layout of the real set, kept in the cache.
    """
    key = f"gtzan-{len(GENRES)}x{tracks_per_genre}-seed{seed}"
    return corpus(key, partial(write, tracks_per_genre, seed)) / "genres"


def piece(genre: str, track_seed: Sequence[int], n_samples: int) -> np.ndarray:
    """Compose, play and record one track.

    Args:
        genre: One of `GENRES`.
        track_seed: Decides everything about it.
        n_samples: Length.

    Returns:
        Shape (n_samples,), float32, peak at most 0.96.
    """
    return mix.perform(composition(genre, track_seed, n_samples / RATE), track_seed, n_samples)


def composition(genre: str, track_seed: Sequence[int], seconds: float = 30.4) -> score.Score:
    """Return what `piece` plays: its tempo, key, parts and strokes.

    The last number of the seed counts through the styles of a genre: every second track has the first
    one, which is the most typical, and the others take turns. A small corpus has them all.
    """
    first, *others = STYLES[genre]
    turn, odd = divmod(track_seed[-1], 2)
    style = others[turn % len(others)] if odd else first
    return score.compose(style, track_seed, seconds)


def track_seed(seed: int, genre: str, number: int) -> tuple[int, int, int]:
    """Return the seed of a track of a corpus; it does not depend on the size of the corpus."""
    return (seed, GENRES.index(genre), number)


def track_length(own_seed: Sequence[int]) -> int:
    """Return the number of samples of a track."""
    return int(np.random.default_rng([*own_seed, 20]).integers(LENGTHS[0], LENGTHS[1] + 1))


def write(tracks_per_genre: int, seed: int, top: Path) -> None:
    """Write the stand-in below a folder, which may lie anywhere."""
    folder = top / "genres"
    for genre in GENRES:
        (folder / genre).mkdir(parents=True)
    mark(folder)

    def write_one(job: tuple[str, int]) -> None:
        genre, number = job
        own_seed = track_seed(seed, genre, number)
        sound = piece(genre, own_seed, track_length(own_seed))
        soundfile.write(folder / file_name(genre, number), sound, RATE, subtype="PCM_16")

    jobs = [(genre, number) for genre in GENRES for number in range(tracks_per_genre)]
    synthesise(write_one, jobs, "music")
    _spoil(folder, faults(tracks_per_genre), seed)


def _spoil(folder: Path, faulty: Faults, seed: int) -> None:
    """Add the faults of the usual copies of the real set."""
    garbage = np.random.default_rng([seed, 30]).bytes(40_000)
    (folder / faulty.unreadable).write_bytes(garbage)
    (folder / faulty.leftover).write_bytes(
        bytes.fromhex("00051607 00020000") + b"Mac OS X        " + bytes(144)
    )
    shutil.copyfile(folder / faulty.original, folder / faulty.duplicate)
