"""Pitched voices of the stand-in for GTZAN: wavetables whose harmonics rise and fade in bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from labs_lib.datasets.standin.music.theory import hertz

RATE = 22_050
_HIGHEST = 9_500.0  # Hz that no harmonic passes
_TABLE = 2048
_BANDS = np.array([1, 2, 3, 5, 9, 17, 33])  # first harmonic of each band that fades on its own


@dataclass(frozen=True)
class Timbre:
    """A pitched voice.

    Attributes:
        tilt: Fall of the harmonics, as a power of their number.
        even: Strength of the even harmonics; small for a clarinet.
        pluck: Where a string is plucked, as a share of its length; 0 for no string.
        formants: Resonances of the body: centre in Hz, gain (a factor), width in octaves.
        attack: Time of the rise in s.
        rise: How much later each higher band of harmonics rises, in s.
        decay: Time constant of the fall at middle C in s; 0 for none.
        damp: How much faster higher harmonics fall.
        sustain: Level that the fall ends at.
        release: Time of the end in s.
        vibrato: Rate in Hz and depth in semitones.
        scoop: Semitones by which a note starts too low.
        breath: Level of noise that goes with the tone.
        click: Level of noise at the start: pick, hammer or consonant.
        unison: Voices that play together.
        spread: Detuning between them in semitones.
        vowels: Shifts of the formants among which each note chooses; for voices that sing or speak.
    """

    tilt: float = 1.0
    even: float = 1.0
    pluck: float = 0.0
    formants: Sequence[tuple[float, float, float]] = ()
    attack: float = 0.01
    rise: float = 0.0
    decay: float = 0.0
    damp: float = 0.0
    sustain: float = 0.0
    release: float = 0.06
    vibrato: tuple[float, float] = (5.0, 0.0)
    scoop: float = 0.0
    breath: float = 0.0
    click: float = 0.0
    unison: int = 1
    spread: float = 0.0
    vowels: Sequence[tuple[float, float]] = ((1.0, 1.0),)


_VOWELS = ((1.0, 1.0), (0.62, 1.25), (0.45, 1.75), (0.75, 0.72))
_SUNG = ((700.0, 5.0, 0.5), (1150.0, 4.0, 0.4), (2700.0, 2.2, 0.4))

VOICES = {
    # basses
    "upright bass": Timbre(1.5, pluck=0.3, attack=0.008, decay=0.55, damp=0.5, release=0.08, click=0.04),
    "finger bass": Timbre(1.25, pluck=0.2, attack=0.005, decay=0.9, damp=0.25, sustain=0.1, click=0.03),
    "picked bass": Timbre(0.85, pluck=0.12, attack=0.003, decay=1.1, damp=0.15, sustain=0.1, click=0.1),
    "synth bass": Timbre(0.9, attack=0.004, decay=0.25, damp=0.25, sustain=0.3, release=0.03),
    "sub bass": Timbre(2.6, attack=0.004, decay=1.6, sustain=0.1, release=0.08),
    # plucked and struck strings
    "acoustic guitar": Timbre(
        0.7, pluck=0.17, formants=((220, 1.6, 0.5), (2600, 1.5, 0.7)), attack=0.002, decay=0.7, damp=0.18,
        release=0.09, click=0.12,
    ),
    "nylon guitar": Timbre(1.15, pluck=0.25, attack=0.003, decay=0.55, damp=0.3, release=0.1, click=0.04),
    "slide guitar": Timbre(
        0.75, pluck=0.1, attack=0.006, decay=0.9, damp=0.15, vibrato=(5.5, 0.28), scoop=1.4, click=0.06
    ),
    "clean guitar": Timbre(
        0.8, pluck=0.13, formants=((1800, 1.5, 0.8),), attack=0.002, decay=0.8, damp=0.12, click=0.05
    ),
    "twang guitar": Timbre(
        0.45, pluck=0.07, formants=((2800, 2.2, 0.6),), attack=0.002, decay=0.5, damp=0.1, scoop=0.25,
        click=0.08,
    ),
    "electric guitar": Timbre(0.7, pluck=0.15, attack=0.003, decay=1.8, damp=0.06, sustain=0.2, click=0.05),
    "lead guitar": Timbre(
        0.7, pluck=0.15, attack=0.004, decay=2.5, damp=0.05, sustain=0.4, vibrato=(5.8, 0.25), scoop=1.0,
        click=0.04,
    ),
    "banjo": Timbre(
        0.35, pluck=0.1, formants=((900, 2.0, 0.6),), attack=0.001, decay=0.2, damp=0.08, click=0.15
    ),
    "pedal steel": Timbre(
        0.9, attack=0.03, decay=2.5, damp=0.05, sustain=0.3, release=0.15, vibrato=(5.0, 0.2), scoop=1.8
    ),
    "harpsichord": Timbre(0.25, pluck=0.08, attack=0.001, decay=0.45, damp=0.05, release=0.08, click=0.1),
    "piano": Timbre(
        1.0, pluck=0.125, attack=0.003, decay=1.0, damp=0.16, release=0.12, click=0.04, unison=2, spread=0.02
    ),
    # keys
    "electric piano": Timbre(
        1.7, attack=0.003, decay=0.9, damp=0.5, sustain=0.1, formants=((1900, 1.8, 0.6),), vibrato=(4.5, 0.04)
    ),
    "clavinet": Timbre(0.4, pluck=0.1, attack=0.001, decay=0.3, damp=0.08, release=0.02, click=0.06),
    "organ": Timbre(1.0, even=1.3, attack=0.006, release=0.03, vibrato=(6.3, 0.08), click=0.03, breath=0.01),
    "vibraphone": Timbre(2.2, even=0.1, attack=0.003, decay=1.3, damp=0.8, release=0.2, vibrato=(5.0, 0.03)),
    # bows, reeds, brass
    "strings": Timbre(
        0.9, formants=((450, 1.5, 0.6), (2600, 1.6, 0.7)), attack=0.09, release=0.18, unison=4, spread=0.12,
        vibrato=(5.4, 0.1), breath=0.02,
    ),
    "violin": Timbre(
        0.75, formants=((480, 1.6, 0.4), (1200, 1.5, 0.5), (2800, 2.0, 0.6)), attack=0.05, release=0.09,
        vibrato=(5.8, 0.22), breath=0.02,
    ),
    "fiddle": Timbre(
        0.55, formants=((1100, 1.7, 0.5), (3000, 2.0, 0.6)), attack=0.02, release=0.05, vibrato=(6.0, 0.12),
        scoop=0.5, breath=0.04,
    ),
    "cello": Timbre(
        0.85, formants=((250, 1.6, 0.5), (900, 1.4, 0.6)), attack=0.06, release=0.12, vibrato=(5.2, 0.18),
        breath=0.02,
    ),
    "flute": Timbre(2.0, attack=0.04, release=0.07, vibrato=(5.0, 0.12), breath=0.08),
    "clarinet": Timbre(0.95, even=0.1, attack=0.03, release=0.06, vibrato=(4.5, 0.04), breath=0.02),
    "oboe": Timbre(
        0.5, formants=((1100, 3.0, 0.5), (2900, 2.0, 0.5)), attack=0.03, release=0.06, vibrato=(5.2, 0.15)
    ),
    "saxophone": Timbre(
        0.7, formants=((600, 1.8, 0.6), (1500, 1.7, 0.6)), attack=0.025, rise=0.008, release=0.07,
        vibrato=(5.0, 0.2), scoop=0.5, breath=0.05,
    ),
    "trumpet": Timbre(
        0.55, formants=((1300, 2.0, 0.8),), attack=0.02, rise=0.012, release=0.05, vibrato=(5.5, 0.12),
        breath=0.02,
    ),
    "brass": Timbre(
        0.6, formants=((1000, 1.7, 0.9),), attack=0.02, rise=0.012, release=0.06, unison=3, spread=0.1,
        vibrato=(5.0, 0.06), breath=0.02,
    ),
    "harmonica": Timbre(
        0.35, formants=((1700, 2.2, 0.6), (3000, 1.6, 0.5)), attack=0.03, release=0.06, vibrato=(6.0, 0.15),
        scoop=0.8, breath=0.06,
    ),
    # synthesisers
    "pad": Timbre(1.2, attack=0.25, release=0.4, unison=4, spread=0.16),
    "synth pluck": Timbre(0.75, attack=0.003, decay=0.22, damp=0.15, release=0.08, unison=2, spread=0.1),
    "synth lead": Timbre(0.8, attack=0.01, release=0.06, unison=2, spread=0.14, vibrato=(5.5, 0.15), scoop=0.7),
    # voices
    "singer": Timbre(
        0.9, formants=_SUNG, attack=0.05, release=0.08, vibrato=(5.5, 0.3), scoop=0.8, breath=0.05, click=0.06,
        vowels=_VOWELS,
    ),
    "choir": Timbre(
        0.9, formants=_SUNG, attack=0.07, release=0.12, vibrato=(5.3, 0.15), breath=0.04, unison=4, spread=0.2,
        vowels=_VOWELS,
    ),
    "rapper": Timbre(
        0.7, formants=_SUNG, attack=0.012, decay=0.25, sustain=0.3, release=0.04, scoop=-1.5, breath=0.12,
        click=0.35, vowels=_VOWELS,
    ),
    "shouter": Timbre(
        0.45, formants=_SUNG, attack=0.02, release=0.07, vibrato=(28.0, 0.6), scoop=1.5, breath=0.5, click=0.3,
        vowels=_VOWELS,
    ),
}  # fmt: skip


def individual(timbre: Timbre, rng: np.random.Generator) -> Timbre:
    """Draw one player of an instrument: its body, its strings and the way it is played."""
    size = rng.uniform(0.88, 1.14)
    return replace(
        timbre,
        tilt=timbre.tilt + rng.uniform(-0.15, 0.2),
        even=timbre.even * rng.uniform(0.6, 1.2),
        pluck=timbre.pluck * rng.uniform(0.6, 1.5),
        formants=[
            (f * size * rng.uniform(0.92, 1.09), g * rng.uniform(0.7, 1.4), w) for f, g, w in timbre.formants
        ],
        attack=timbre.attack * rng.uniform(0.7, 1.5),
        decay=timbre.decay * rng.uniform(0.6, 1.6),
        damp=timbre.damp * rng.uniform(0.6, 1.7),
        vibrato=(timbre.vibrato[0] * rng.uniform(0.85, 1.15), timbre.vibrato[1] * rng.uniform(0.3, 1.4)),
        scoop=timbre.scoop * rng.uniform(0.2, 1.3),
        breath=timbre.breath * rng.uniform(0.3, 2.0),
        click=timbre.click * rng.uniform(0.4, 1.8),
        spread=timbre.spread * rng.uniform(0.5, 1.6),
    )


def tone(timbre: Timbre, pitch: int, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """Play one note.

    Args:
        timbre: The voice.
        pitch: MIDI pitch.
        seconds: Time until its release.
        rng: Draws phases, noise and, for a voice that sings, the vowel.

    Returns:
        The note with its release, shape (n,), float32, about unit power at its loudest;
        it starts and ends at zero.
    """
    frequency = hertz(pitch)
    n = max(round((seconds + timbre.release) * RATE), 64)
    time = (np.arange(n) / RATE).astype(np.float32)
    shift = timbre.vowels[int(rng.integers(len(timbre.vowels)))]
    count = max(1, min(48, int(_HIGHEST / frequency)))
    strength = _strengths(timbre, frequency, count, shift)
    banded = timbre.damp > 0 or timbre.rise > 0
    first = _BANDS[count >= _BANDS] if banded else _BANDS[:1]
    tables = _tables(strength, first, rng)
    position = np.zeros(n, dtype=np.float64)
    sound = np.zeros(n, dtype=np.float32)
    loudness = _loudness(timbre, frequency, first, time)
    for detuning in np.linspace(-1, 1, timbre.unison) * timbre.spread if timbre.unison > 1 else (0.0,):
        position = _turns(timbre, frequency * 2 ** (detuning / 12), time, rng)
        whole = position.astype(np.int64)
        part = (position - whole).astype(np.float32)
        whole %= _TABLE
        for table, band in zip(tables, loudness, strict=True):
            low = table[whole]
            sound += band * (low + part * (table[whole + 1] - low))
    sound /= np.float32(np.sqrt(timbre.unison))
    if timbre.breath > 0 or timbre.click > 0:
        noise = rng.standard_normal(n, dtype=np.float32)
        noise[1:] -= 0.6 * noise[:-1]
        sound += noise * (
            timbre.breath * loudness[0] + timbre.click * np.exp(-time / 0.012) * np.minimum(time / 0.001, 1)
        )
    end = np.minimum((n - 1 - np.arange(n)) / max(timbre.release * RATE, 32), 1).astype(np.float32)
    return sound * np.sin(0.5 * np.pi * end) ** 2


def _strengths(timbre: Timbre, frequency: float, count: int, shift: tuple[float, float]) -> np.ndarray:
    """Return the amplitude of each harmonic, of unit power together."""
    k = np.arange(1, count + 1)
    strength = k ** -max(timbre.tilt, 0.1)
    strength[1::2] *= timbre.even
    if timbre.pluck:
        strength *= 0.05 + np.abs(np.sin(np.pi * k * timbre.pluck))
    for number, (centre, gain, width) in enumerate(timbre.formants):
        moved = centre * (shift[number] if number < len(shift) else 1.0)
        strength *= 1 + (gain - 1) * np.exp(-0.5 * (np.log2(k * frequency / moved) / width) ** 2)
    return strength / np.sqrt(0.5 * np.sum(strength**2))


def _tables(strength: np.ndarray, first: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one period of each band of harmonics, shape (bands, _TABLE + 1)."""
    spectra = np.zeros((len(first), _TABLE // 2 + 1), dtype=complex)
    phases = np.exp(2j * np.pi * rng.random(len(strength)))
    band = np.searchsorted(first, np.arange(1, len(strength) + 1), side="right") - 1
    spectra[band, np.arange(1, len(strength) + 1)] = strength * phases * _TABLE / 2
    tables = np.fft.irfft(spectra, _TABLE, axis=1)
    return np.concatenate([tables, tables[:, :1]], axis=1).astype(np.float32)


def _loudness(timbre: Timbre, frequency: float, first: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return the envelope of each band, shape (bands, n)."""
    loudness = np.empty((len(first), len(time)), dtype=np.float32)
    for number, harmonic in enumerate(first):
        rising = np.minimum(time / (timbre.attack + number * timbre.rise), 1)
        loudness[number] = np.sin(0.5 * np.pi * rising) ** 2
        if timbre.decay:
            # Low strings ring longer, and higher harmonics die first.
            constant = timbre.decay * (262.0 / frequency) ** 0.4 / (1 + timbre.damp * (harmonic - 1))
            loudness[number] *= timbre.sustain + (1 - timbre.sustain) * np.exp(-time / np.float32(constant))
    return loudness


def _turns(timbre: Timbre, frequency: float, time: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the position in the table at each sample, growing."""
    rate, depth = timbre.vibrato
    start = rng.uniform(0, _TABLE)
    if not depth and not timbre.scoop:
        return start + np.arange(len(time)) * (frequency * _TABLE / RATE)
    # Vibrato sets in after the note has settled.
    bend = depth * np.sin(2 * np.pi * rate * time + rng.uniform(0, 6.28)) * np.minimum(time / 0.25, 1)
    bend -= timbre.scoop * np.exp(-time / 0.05)
    return start + np.cumsum(np.exp2(bend / 12), dtype=np.float64) * (frequency * _TABLE / RATE)
