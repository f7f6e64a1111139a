"""Drums and percussion of the stand-in for GTZAN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.signal

from labs_lib.datasets.standin.music.instruments import RATE

ALTERNATIVES = 3  # takes of each drum in a kit, so that no two hits in a row need be the same


@dataclass(frozen=True)
class Kit:
    """One drum kit as one person tuned it and one engineer recorded it.

    Attributes:
        tune: Factor of all pitches.
        damp: Factor of all decays.
        bright: Factor of the cut-off frequencies of all noises.
        kick: Fundamental of the bass drum in Hz.
        boom: Decay of the bass drum in s.
        wires: Share of the snare wires in the snare drum.
        brushes: Whether it is played with brushes.
    """

    tune: float
    damp: float
    bright: float
    kick: float
    boom: float
    wires: float
    brushes: bool = False


def draw_kit(kind: str, rng: np.random.Generator) -> Kit:
    """Draw a kit.

    Args:
        kind: 'acoustic', 'dry' (tight and dead), 'big' (tuned low, ringing), 'machine' (long
            electronic bass drum) or 'brushes'.
        rng: What it is drawn from.
    """
    kick, boom, damp = {
        "acoustic": ((48, 70), (0.09, 0.2), (0.7, 1.3)),
        "dry": ((50, 75), (0.06, 0.12), (0.45, 0.8)),
        "big": ((42, 60), (0.12, 0.25), (1.0, 1.7)),
        "machine": ((40, 56), (0.2, 0.6), (0.6, 1.2)),
        "brushes": ((48, 65), (0.08, 0.14), (0.6, 1.1)),
    }[kind]
    return Kit(
        tune=rng.uniform(0.8, 1.25),
        damp=rng.uniform(*damp),
        bright=rng.uniform(0.65, 1.3),
        kick=rng.uniform(*kick),
        boom=rng.uniform(*boom),
        wires=rng.uniform(0.4, 0.85),
        brushes=kind == "brushes",
    )


def hit(drum: str, kit: Kit, rng: np.random.Generator) -> np.ndarray:
    """Synthesise one hit.

    Args:
        drum: A name in `DRUMS`.
        kit: The kit it belongs to.
        rng: Draws its noise.

    Returns:
        Shape (n,), float32, starting and ending at zero.
    """
    sound = DRUMS[drum](kit, rng)
    ramp = np.arange(len(sound))
    sound = sound * np.minimum(ramp / 12, 1) * np.minimum((len(sound) - 1 - ramp) / 400, 1)
    return sound.astype(np.float32)


def _time(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * RATE)) / RATE


def _noise(n: int, low: float, high: float, rng: np.random.Generator) -> np.ndarray:
    """Return noise of unit power between two frequencies in Hz."""
    sos = scipy.signal.butter(2, (low, min(high, 0.47 * RATE)), "bandpass", fs=RATE, output="sos")
    noise = scipy.signal.sosfilt(sos, rng.standard_normal(n))
    return noise / np.sqrt(np.mean(noise**2))


def _sweep(start: float, end: float, glide: float, decay: float) -> np.ndarray:
    """Return a sine that falls in pitch and dies away."""
    time = _time(6 * decay)
    phase = 2 * np.pi * (end * time + (start - end) * glide * (1 - np.exp(-time / glide)))
    return np.sin(phase) * np.exp(-time / decay)


def _burst(low: float, high: float, decay: float, rng: np.random.Generator) -> np.ndarray:
    time = _time(6 * decay)
    return 0.35 * _noise(len(time), low, high, rng) * np.exp(-time / decay)


def _together(*sounds: np.ndarray) -> np.ndarray:
    total = np.zeros(max(map(len, sounds)))
    for sound in sounds:
        total[: len(sound)] += sound
    return total


def _kick(kit: Kit, rng: np.random.Generator) -> np.ndarray:
    body = _sweep(kit.kick * 3.2, kit.kick, 0.02, kit.boom)
    return _together(1.3 * body, 0.5 * _burst(1200, 5000 * kit.bright, 0.006, rng))


def _snare(kit: Kit, rng: np.random.Generator) -> np.ndarray:
    if kit.brushes:
        return 0.7 * _burst(900, 8000 * kit.bright, 0.07 * kit.damp, rng)
    head = _sweep(260 * kit.tune, 185 * kit.tune, 0.02, 0.07 * kit.damp)
    wires = _burst(1200 * kit.bright, 9000 * kit.bright, 0.09 * kit.damp, rng)
    return _together(0.8 * (1 - 0.5 * kit.wires) * head, 1.6 * kit.wires * wires)


def _rim(kit: Kit, rng: np.random.Generator) -> np.ndarray:
    wood = _sweep(1900 * kit.tune, 1700 * kit.tune, 0.01, 0.018)
    return _together(
        0.5 * wood,
        0.4 * _sweep(480 * kit.tune, 430 * kit.tune, 0.01, 0.02),
        0.5 * _burst(2000, 7000, 0.008, rng),
    )


def _metal(kit: Kit, decay: float, noise: float, lowest: float, rng: np.random.Generator) -> np.ndarray:
    """Return a cymbal: inharmonic partials and noise above a frequency."""
    time = _time(5 * decay)
    partials = lowest * kit.tune * np.array([1.0, 1.34, 1.79, 2.21, 2.63, 3.17]) * rng.uniform(0.99, 1.01, 6)
    ringing = np.sin(2 * np.pi * partials[:, None] * time + rng.uniform(0, 6.28, (6, 1))).sum(axis=0) / 3
    hiss = _noise(len(time), 5000 * kit.bright, 10_300, rng)
    return (noise * hiss + (1 - noise) * ringing) * np.exp(-time / decay) * 0.3


def _clap(kit: Kit, rng: np.random.Generator) -> np.ndarray:
    one = _burst(900, 3500 * kit.bright, 0.012, rng)
    sound = np.zeros(round(0.03 * RATE) + 6 * round(0.08 * RATE))
    for delay in (0.0, 0.011, 0.021):
        start = round(delay * RATE)
        sound[start : start + len(one)] += one
    tail = _burst(900, 3500 * kit.bright, 0.06 * kit.damp, rng)
    start = round(0.03 * RATE)
    sound[start : start + len(tail)] += tail[: len(sound) - start]
    return 1.4 * sound


def _tom(pitch: float) -> Callable[[Kit, np.random.Generator], np.ndarray]:
    def tom(kit: Kit, rng: np.random.Generator) -> np.ndarray:
        head = _sweep(1.5 * pitch * kit.tune, pitch * kit.tune, 0.05, 0.17 * kit.damp)
        return _together(head, 0.4 * _burst(400, 4000, 0.02, rng))

    return tom


DRUMS: dict[str, Callable[[Kit, np.random.Generator], np.ndarray]] = {
    "kick": _kick,
    "snare": _snare,
    "rim": _rim,
    "clap": _clap,
    "hat": lambda kit, rng: _metal(kit, 0.035 * kit.damp, 0.75, 3100, rng),
    "open hat": lambda kit, rng: _metal(kit, 0.16 * kit.damp, 0.75, 3100, rng),
    "ride": lambda kit, rng: _metal(kit, 0.28 * kit.damp, 0.45, 2600, rng),
    "crash": lambda kit, rng: 1.6 * _metal(kit, 0.5 * kit.damp, 0.8, 2100, rng),
    "high tom": _tom(165),
    "low tom": _tom(95),
    "conga": _tom(230),
    "shaker": lambda kit, rng: 0.5 * _burst(4500 * kit.bright, 10_000, 0.03, rng),
    "tambourine": lambda kit, rng: 0.8 * _metal(kit, 0.07 * kit.damp, 0.6, 3600, rng),
    "stomp": lambda kit, rng: _together(0.9 * _sweep(120, 70, 0.02, 0.06), 0.4 * _burst(150, 900, 0.03, rng)),
}
