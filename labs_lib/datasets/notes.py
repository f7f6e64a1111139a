"""Synthetic notes with harmonics: what the lesson that `labs new` writes works on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PROVENANCE = (
    "Harmonic notes drawn from a seed, of different pitch, brightness, loudness and decay. "
    "They stand in for recorded instruments, as those of lab 04."
)

_PEAK = 0.3  # of the loudest note: comfortable on headphones


@dataclass(frozen=True)
class Notes:
    """Short notes, one row each.

    Attributes:
        signals: Samples, shape (n_notes, n_samples), float32, no peak above 0.3.
        rate: Sampling rate in Hz.
        pitch: Pitch of each note as a MIDI number (69 is A4, 440 Hz), shape (n_notes,).
        name: What the notes are, for the banner.
        standin: Always True.
        provenance: Where they come from, for the banner.
    """

    signals: np.ndarray
    rate: int
    pitch: np.ndarray
    name: str = "instrument-like notes"
    standin: bool = True
    provenance: str = PROVENANCE


def harmonic_notes(n_notes: int, seed: int, *, seconds: float = 0.5, rate: int = 22_050) -> Notes:
    """Synthesise notes by adding harmonics.

    Each note draws its pitch (C3 to C6), its brightness (how slowly the harmonics fall
    off), its loudness (over 20 dB), its attack, its decay, and a little noise.

    Args:
        n_notes: Number of notes.
        seed: Seed of the draw.
        seconds: Length of each note.
        rate: Sampling rate in Hz.

    Returns:
        The notes.

    Example:
        >>> harmonic_notes(3, seed=0, seconds=0.1).signals.shape
        (3, 2205)

    See Also:
        notebooks/03_backpropagation.ipynb
    """
    rng = np.random.default_rng([seed, 3])
    time = np.arange(round(seconds * rate)) / rate
    pitch = rng.uniform(48, 84, n_notes)
    signals = [_note(rng, 440 * 2 ** ((midi - 69) / 12), time, rate) for midi in pitch]
    return Notes(np.stack(signals).astype(np.float32), rate, pitch)


def _note(rng: np.random.Generator, frequency: float, time: np.ndarray, rate: int) -> np.ndarray:
    harmonics = np.arange(1, int(0.45 * rate / frequency) + 1)
    amplitudes = harmonics ** -rng.uniform(0.8, 2.5) * rng.uniform(0.3, 1.0, len(harmonics))
    phases = rng.uniform(0, 2 * np.pi, len(harmonics))
    tone = amplitudes @ np.sin(2 * np.pi * frequency * harmonics[:, None] * time + phases[:, None])
    tone /= np.max(np.abs(tone))
    tone += 10 ** rng.uniform(-3, -2) * rng.standard_normal(len(time))
    attack = np.minimum(time / rng.uniform(0.01, 0.08), 1.0)
    release = np.minimum((time[-1] - time) / 0.03, 1.0)
    tone *= attack * release * np.exp(-time * rng.uniform(0.5, 8.0))
    return _PEAK * 10 ** rng.uniform(-1, 0) * tone / np.max(np.abs(tone))
