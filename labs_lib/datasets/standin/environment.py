"""Stand-in for ESC-50: animal calls synthesised from a seed, in the layout of the real set.

Each animal is a source-filter voice: a pitched or noisy source with its own contour,
roughness and rhythm, through formants, in a place with its own background noise. All
takes of one source share voice and place, as clips cut from one recording do.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import scipy.signal
import soundfile

from labs_lib.datasets.standin import synthesis
from labs_lib.datasets.standin.corpus import corpus, mark, synthesise

RATE = 44_100
SECONDS = 5.0
FOLDS = 5
CLIPS_PER_FOLD = 2  # of each class

Range = tuple[float, float]


@dataclass(frozen=True)
class Voice:
    """How a kind of animal sounds; each source draws its own values from the ranges.

    Attributes:
        pitch: Fundamental frequency in Hz.
        contour: Pitch over the event, as factors at equally spaced times.
        formants: Resonances in Hz.
        length: Duration of an event in s.
        gap: Silence between events in s.
        noise: Share of breath in the source, 0 to 1.
        rough: Rate of amplitude modulation in Hz, and its depth.
        tilt: Fall of the harmonics, as a power of their number.
        attack: Share of the event in which it rises.
    """

    pitch: Range
    contour: Sequence[float]
    formants: Sequence[float]
    length: Range
    gap: Range
    noise: float
    rough: tuple[float, float] = (30.0, 0.0)
    tilt: float = 1.0
    attack: float = 0.1


VOICES = {
    "dog": Voice((280, 620), (0.9, 1.25, 0.7), (750, 1500, 2900), (0.1, 0.24), (0.12, 0.7), 0.35, tilt=0.7),
    "rooster": Voice(
        (520, 760),
        (0.8, 1.0, 1.0, 1.5, 1.6, 1.5, 1.0),
        (1300, 2600, 4200),
        (1.4, 2.1),
        (0.8, 2.0),
        0.12,
        tilt=0.5,
    ),
    "pig": Voice((80, 160), (1.0, 1.2, 0.9), (450, 1250, 2400), (0.18, 0.5), (0.1, 0.5), 0.5, (42, 0.8), 0.6),
    "cow": Voice(
        (95, 150), (0.85, 1.35, 1.3, 0.9), (330, 850, 2200), (1.2, 2.4), (0.5, 1.8), 0.12, (25, 0.3), 0.9
    ),
    "frog": Voice(
        (500, 1100), (1.0, 1.15), (1100, 2100), (0.18, 0.4), (0.15, 0.45), 0.1, (45, 1.0), 1.4, 0.2
    ),
    "cat": Voice(
        (380, 620), (0.85, 1.35, 1.2, 0.8), (900, 2200, 3600), (0.5, 1.1), (0.5, 1.6), 0.08, tilt=0.8
    ),
    "hen": Voice(
        (330, 520), (1.0, 1.1, 0.9), (1000, 2000, 3200), (0.05, 0.13), (0.08, 0.4), 0.3, (70, 0.4), 0.6
    ),
    "insects": Voice(
        (130, 260), (1.0, 1.06, 0.97, 1.03), (2800, 4600), (3.5, 5.0), (0.05, 0.3), 0.1, (9, 0.35), 0.3
    ),
    "sheep": Voice(
        (190, 380), (1.0, 1.1, 0.95), (650, 1700, 2900), (0.6, 1.3), (0.4, 1.4), 0.15, (9, 0.75), 0.6
    ),
    "crow": Voice(
        (330, 520), (1.05, 1.0, 0.85), (1150, 1900, 3300), (0.24, 0.45), (0.2, 0.7), 0.6, (85, 0.7), 0.4
    ),
}


def environment(classes: Sequence[str], clips_per_fold: int = CLIPS_PER_FOLD, seed: int = 0) -> Path:
    """Return the folder of the ESC-50 stand-in, synthesised on the first call.

    Args:
        classes: Class names, in the order of their targets.
        clips_per_fold: Clips of each class in each fold.
        seed: Seed of everything in it.

    Returns:
        A folder in the layout of ESC-50-master, kept in the cache.
    """
    key = f"esc50-{len(classes)}x{FOLDS}x{clips_per_fold}-seed{seed}"
    return corpus(key, partial(write, classes, clips_per_fold, seed)) / "ESC-50-master"


def event_clip(voice: Voice, source_seed: Sequence[int], take: int) -> np.ndarray:
    """Synthesise one clip.

    Args:
        voice: The kind of animal.
        source_seed: Seed of the individual and its place; shared by all takes.
        take: Number of the clip within its recording.

    Returns:
        5 s at 44.1 kHz, shape (220500,), float32, peak below 1.
    """
    individual = np.random.default_rng([*source_seed, 0])
    chance = np.random.default_rng([*source_seed, 1, take])
    own = _individual(voice, individual)
    place = _Place(individual)
    clip = np.zeros(round(SECONDS * RATE))
    time = chance.uniform(0.0, 0.6)
    while time < SECONDS - 0.1:
        event = _event(own, chance)
        start = round(time * RATE)
        part = event[: len(clip) - start]
        clip[start : start + len(part)] += part * chance.uniform(0.5, 1.0)
        time += len(event) / RATE + chance.uniform(*voice.gap)
    return place.record(clip, chance)


class _Place:
    """Where a recording was made: background noise, reverberation, microphone, level."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._slope = rng.uniform(0.3, 1.3)
        self._snr_db = rng.uniform(3, 24)
        self._decay = rng.uniform(0.03, 0.35)
        self._wet = rng.uniform(0.05, 0.4)
        self._band = (rng.uniform(40, 180), rng.uniform(6000, 18000))
        self._level = 10 ** (rng.uniform(-18, -3) / 20)

    def record(self, dry: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        tail = rng.standard_normal(round(2 * self._decay * RATE))
        tail *= np.exp(-np.arange(len(tail)) / (self._decay * RATE / 3))
        wet = scipy.signal.fftconvolve(dry, tail / np.linalg.norm(tail))[: len(dry)]
        sound = dry + self._wet * wet
        active = np.sqrt(np.mean(sound[np.abs(sound) > 0.01 * np.abs(sound).max()] ** 2))
        noise = synthesis.coloured_noise(len(dry), self._slope, RATE, rng)
        sound = sound + noise * active * 10 ** (-self._snr_db / 20)
        sos = scipy.signal.butter(2, self._band, "bandpass", fs=RATE, output="sos")
        sound = scipy.signal.sosfilt(sos, sound)
        return (self._level * sound / np.abs(sound).max()).astype(np.float32)


def _individual(voice: Voice, rng: np.random.Generator) -> Voice:
    """Draw one animal of its kind."""
    pitch = np.exp(rng.uniform(*np.log(voice.pitch)))
    size = rng.uniform(0.85, 1.18)
    return replace(
        voice,
        pitch=(pitch * 0.96, pitch * 1.04),
        formants=[f * size * rng.uniform(0.95, 1.05) for f in voice.formants],
        noise=float(np.clip(voice.noise * rng.uniform(0.6, 1.5), 0, 0.9)),
        rough=(voice.rough[0] * rng.uniform(0.8, 1.25), voice.rough[1]),
        tilt=voice.tilt * rng.uniform(0.8, 1.2),
    )


def _event(voice: Voice, rng: np.random.Generator) -> np.ndarray:
    """Synthesise one call of an animal, of unit peak."""
    n = round(rng.uniform(*voice.length) * RATE)
    position = np.linspace(0, 1, n)
    factors = np.interp(position, np.linspace(0, 1, len(voice.contour)), voice.contour)
    pitch = (
        rng.uniform(*voice.pitch)
        * factors
        * (1 + 0.02 * np.sin(2 * np.pi * 5 * position + rng.uniform(0, 6)))
    )
    source = synthesis.harmonics(pitch, voice.tilt, RATE) * (
        1 - voice.noise
    ) + voice.noise * rng.standard_normal(n)
    rate, depth = voice.rough
    source *= 1 - depth * (0.5 + 0.5 * np.sin(2 * np.pi * rate * np.arange(n) / RATE))
    sound = (
        sum(synthesis.resonance(source, f, RATE) / (k + 1) for k, f in enumerate(voice.formants))
        + 0.1 * source
    )
    rise = np.minimum(position / voice.attack, 1.0)
    fall = np.minimum((1 - position) / 0.35, 1.0)
    sound = sound * np.sin(0.5 * np.pi * rise) * np.sin(0.5 * np.pi * fall) ** 1.5
    return sound / np.abs(sound).max()


def write(classes: Sequence[str], clips_per_fold: int, seed: int, top: Path) -> None:
    """Write the stand-in below a folder, which may lie anywhere."""
    audio, meta = top / "ESC-50-master" / "audio", top / "ESC-50-master" / "meta"
    audio.mkdir(parents=True)
    meta.mkdir()
    mark(top / "ESC-50-master")
    rows = list(_plan(classes, clips_per_fold))

    def write_one(row: dict[str, str]) -> None:
        clip = event_clip(VOICES[row["category"]], [seed, int(row["src_file"])], ord(row["take"]) - ord("A"))
        soundfile.write(audio / row["filename"], clip, RATE, subtype="PCM_16")

    synthesise(write_one, rows, "environmental sounds")
    with (meta / "esc50.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def _plan(classes: Sequence[str], clips_per_fold: int) -> list[dict[str, str]]:
    """Name every clip; sources give one or two takes in turn, and never leave their fold."""
    rows = []
    for fold in range(1, FOLDS + 1):
        for target, category in enumerate(classes):
            number, take = 0, 0
            for _ in range(clips_per_fold):
                source = 10_000 * fold + 100 * target + number
                letter = chr(ord("A") + take)
                rows.append(
                    {
                        "filename": f"{fold}-{source}-{letter}-{target}.wav",
                        "fold": str(fold),
                        "target": str(target),
                        "category": category,
                        "esc10": "False",
                        "src_file": str(source),
                        "take": letter,
                    }
                )
                two_takes = (fold + target + number) % 2 == 0
                take = take + 1 if two_takes and take == 0 else 0
                number += take == 0
    return rows
