"""Stand-in for the UIowa recordings: ten instruments synthesised from a seed, in files named like theirs.

Each file is a recording with a player, an instrument, a room and a microphone of its own, which
all its notes share. Most files hold a chromatic run of several notes, 16-bit and mono, as the
older recordings do; every seventh holds one note, 24-bit and stereo, as the newer ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from math import gcd
from pathlib import Path

import numpy as np
import soundfile

from labs_lib.datasets.standin.corpus import corpus, mark, synthesise
from labs_lib.datasets.standin.instruments_notes import DYNAMICS, RATE, Player, Studio
from labs_lib.datasets.standin.instruments_voices import VOICES, Voice

__all__ = [
    "CLASS_NAMES",
    "FILES_PER_CLASS",
    "RATE",
    "Take",
    "instruments",
    "note",
    "record",
    "takes",
    "write",
]

CLASS_NAMES = tuple(VOICES)
FILES_PER_CLASS = 14

_PITCHES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_RUNS = (2, 3, 4)  # notes of a run
_STRING_SPAN = 14  # semitones that are played on one string, except the highest
_NEWER = 7  # every seventh recording is of the newer kind
_ROUND = 63  # files of a class in one folder; names would repeat later on


@dataclass(frozen=True)
class Take:
    """What one recording holds.

    Attributes:
        instrument: Name of the class.
        number: Number of the recording within its class.
        first: Lowest note, as a MIDI number.
        count: Number of notes, a chromatic run upwards.
        dynamic: 'pp', 'mf' or 'ff'.
        vibrato: Whether it is played with vibrato.
        string: The string that is bowed, or nothing.
    """

    instrument: str
    number: int
    first: int
    count: int
    dynamic: str
    vibrato: bool
    string: str

    @property
    def stereo(self) -> bool:
        """Whether it is one of the newer kind: one note, 24-bit, two channels."""
        return self.count == 1

    @property
    def path(self) -> Path:
        """Where it lies below the folder of the set."""
        pitches = pitch_name(self.first)
        if not self.stereo:
            pitches += pitch_name(self.first + self.count - 1)
        tokens = [
            self.instrument,
            VOICES[self.instrument].marks[self.vibrato],
            self.dynamic,
            f"sul{self.string}" if self.string else "",
            pitches,
            "stereo.aif" if self.stereo else "aiff",
        ]
        name = ".".join(token for token in tokens if token)
        session = self.number // _ROUND
        return Path(f"session{session + 1}", name) if session else Path(name)


def instruments(files_per_class: int = FILES_PER_CLASS, seed: int = 0) -> Path:
    """Return the folder of the UIowa stand-in, synthesised on the first call.

    Args:
        files_per_class: Recordings of each instrument.
        seed: Seed of everything in it.

    Returns:
        A folder of AIFF files, kept in the cache.
    """
    key = f"uiowa-{len(CLASS_NAMES)}x{files_per_class}-seed{seed}"
    return corpus(key, partial(write, files_per_class, seed)) / "uiowa"


def write(files_per_class: int, seed: int, top: Path) -> None:
    """Write the stand-in below a folder, which may lie anywhere."""
    jobs = [take for name in CLASS_NAMES for take in takes(name, files_per_class, seed)]
    for folder in {(top / "uiowa" / take.path).parent for take in jobs}:
        folder.mkdir(parents=True, exist_ok=True)
    mark(top / "uiowa")

    def write_one(take: Take) -> None:
        kind = "PCM_24" if take.stereo else "PCM_16"
        soundfile.write(top / "uiowa" / take.path, record(take, seed), RATE, format="AIFF", subtype=kind)

    synthesise(write_one, jobs, "instruments")


def takes(instrument: str, count: int, seed: int) -> list[Take]:
    """Return what the recordings of an instrument hold; more of them begin with the same ones.

    Args:
        instrument: Name of the class.
        count: Number of recordings.
        seed: Seed of the set.
    """
    return [_take(instrument, number, seed) for number in range(count)]


def record(take: Take, seed: int) -> np.ndarray:
    """Synthesise a recording.

    Args:
        take: What it holds.
        seed: Seed of the set.

    Returns:
        Samples at 44.1 kHz below 1 in size, float32, shape (n,) or, in stereo, (n, 2).
    """
    rng = np.random.default_rng([seed, CLASS_NAMES.index(take.instrument), take.number])
    player, studio = Player(VOICES[take.instrument], rng), Studio(rng)
    played = np.concatenate(list(_run(take, player, rng)))
    channels = [studio.record(played, player, rng) for _ in range(2 if take.stereo else 1)]
    return np.stack(channels, axis=1).astype(np.float32) if take.stereo else channels[0].astype(np.float32)


def note(
    instrument: str,
    midi: int,
    dynamic: str = "mf",
    *,
    vibrato: bool = False,
    seconds: float = 1.0,
    seed: int = 0,
) -> np.ndarray:
    """Synthesise a single note, with a player and a room of its own.

    Args:
        instrument: Name of the class.
        midi: Pitch, as a MIDI number.
        dynamic: 'pp', 'mf' or 'ff'.
        vibrato: Whether it is played with vibrato, where the instrument has it.
        seconds: Until its end begins.
        seed: Player, room and everything else follow from it.

    Returns:
        Samples at 44.1 kHz, shape (n,), float32.
    """
    rng = np.random.default_rng([seed, CLASS_NAMES.index(instrument)])
    player, studio = Player(VOICES[instrument], rng), Studio(rng)
    played = player.note(midi, dynamic, vibrato, seconds, rng)
    return studio.record(played, player, rng).astype(np.float32)


def pitch_name(midi: int) -> str:
    """Return the name of a MIDI number: 60 is 'C4', 61 'Db4'."""
    return f"{_PITCHES[midi % 12]}{midi // 12 - 1}"


def _run(take: Take, player: Player, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield silence and notes in turn."""
    yield np.zeros(round(rng.uniform(0.1, 0.2) * RATE))
    length = rng.uniform(0.6, 0.8) if take.stereo else rng.uniform(0.42, 0.56)
    for step in range(take.count):
        seconds = length * rng.uniform(0.9, 1.1)
        yield player.note(take.first + step, take.dynamic, take.vibrato, seconds, rng)
        yield np.zeros(round(rng.uniform(0.1, 0.2) * RATE))


def _take(instrument: str, number: int, seed: int) -> Take:
    """Plan one recording; within a folder no plan comes twice."""
    runs, singles = _plans(instrument, seed)
    place = number % _ROUND
    # Dynamics in turn; every seventh recording is a single note.
    plan = singles[place // _NEWER] if place % _NEWER == _NEWER - 1 else runs[place - place // _NEWER]
    return Take(instrument, number, *plan[:2], DYNAMICS[number % 3], *plan[2:])


Plan = tuple[int, int, bool, str]  # lowest note, number of notes, vibrato, string


@lru_cache(maxsize=64)
def _plans(instrument: str, seed: int) -> tuple[Sequence[Plan], Sequence[Plan]]:
    """Return all runs that an instrument can play, and all single notes, well mixed."""
    voice = VOICES[instrument]
    rng = np.random.default_rng([seed, CLASS_NAMES.index(instrument), 2**31])
    ways = [False] if voice.vibrato is None else [True] if voice.strings else [False, True]
    ordered = []
    for counts in (_RUNS, (1,)):
        plans = [
            (first, count, vibrato, string)
            for string, low, high in _ranges(voice)
            for count in counts
            for first in range(low, high - count + 2)
            for vibrato in ways
        ]
        plans = sorted((plans[k] for k in rng.permutation(len(plans))), key=lambda plan: plan[0])
        # Steps of a golden section of the range: any few in a row reach low, middle and high notes.
        step = next(s for s in range(round(0.618 * len(plans)), 2 * len(plans)) if gcd(s, len(plans)) == 1)
        start = int(rng.integers(len(plans)))
        ordered.append([plans[(start + k * step) % len(plans)] for k in range(len(plans))])
    return ordered[0], ordered[1]


def _ranges(voice: Voice) -> Iterator[tuple[str, int, int]]:
    """Yield each string with its lowest and highest note, or the instrument's range."""
    if not voice.strings:
        yield "", voice.low, voice.high
    for name, low in voice.strings:
        top_string = (name, low) == voice.strings[-1]
        yield name, low, voice.high if top_string else low + _STRING_SPAN
