"""How ten orchestral instruments sound: what the stand-in for the UIowa recordings is made from.

Each is a source (the harmonics that reed, lips, air jet or bow make) behind a body whose
resonances stay where they are while the pitch moves. Playing ranges are sounding pitch. All
figures were set by hand; those of clarinet, flute, oboe, trumpet and tuba beside spectra of recordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Vibrato:
    """A player's vibrato.

    Attributes:
        rate: Range of its frequency in Hz.
        cents: Range of its depth in pitch, either way.
        loudness: Its depth in amplitude, as a share.
    """

    rate: Range
    cents: Range
    loudness: float


@dataclass(frozen=True)
class Voice:
    """How a kind of instrument sounds.

    Attributes:
        low: Lowest note, as a MIDI number (60 is C4).
        high: Highest note.
        tilt: Fall of the harmonics, as a power of their number: played pp, and ff.
        cutoff: Frequency in Hz above which the body radiates less: played pp, and ff.
        even: Level of the even harmonics; 1 where they are as strong as the odd ones.
        body: Resonances: centre in Hz, gain in dB, width in octaves.
        attack: Range of the time in s in which a note rises.
        release: Range of the time in s in which it falls to a tenth.
        scoop: Cents below its pitch at which a note begins.
        noise: Level of breath or bow noise in dB relative to the note.
        noise_band: Where it lies, in Hz.
        shape: What a player varies from note to note in each harmonic, in dB.
        level: Loudness at ff in dB relative to the other instruments.
        vibrato: How it is played with vibrato; None where the set has no such recordings.
        marks: Tokens of a file name without vibrato and with it.
        strings: Open strings, as letter and MIDI number, from the lowest.
    """

    low: int
    high: int
    tilt: Range
    cutoff: Range
    even: float
    body: Sequence[tuple[float, float, float]]
    attack: Range
    release: Range
    scoop: float
    noise: float
    noise_band: Range
    shape: float
    level: float
    vibrato: Vibrato | None = None
    marks: tuple[str, str] = ("", "")
    strings: Sequence[tuple[str, int]] = ()


_BOW_VIBRATO = Vibrato((5.0, 6.4), (10, 24), 0.10)

VOICES = {
    "Flute": Voice(
        low=59, high=96, tilt=(2.6, 1.5), cutoff=(2500, 6000), even=1.0,
        body=((850, 5, 1.2), (2300, 3, 0.9)),
        attack=(0.06, 0.13), release=(0.10, 0.22), scoop=25, noise=-27, noise_band=(900, 6000),
        shape=3.0, level=-3, vibrato=Vibrato((4.6, 5.8), (6, 16), 0.28), marks=("nonvib", "vib"),
    ),
    "Oboe": Voice(
        low=58, high=91, tilt=(0.9, 0.4), cutoff=(2200, 3800), even=1.0,
        body=((1150, 11, 0.8), (2900, 8, 0.5), (560, -4, 0.8)),
        attack=(0.02, 0.05), release=(0.06, 0.13), scoop=10, noise=-40, noise_band=(3000, 9000),
        shape=3.0, level=-3,
    ),
    "BbClarinet": Voice(
        low=50, high=91, tilt=(1.7, 0.8), cutoff=(1500, 3600), even=0.05,
        body=((1500, 4, 1.0), (3700, 5, 0.6)),
        attack=(0.03, 0.08), release=(0.07, 0.16), scoop=6, noise=-42, noise_band=(1800, 4500),
        shape=3.0, level=-3,
    ),
    "SopSax": Voice(
        low=56, high=87, tilt=(1.5, 0.6), cutoff=(2000, 4800), even=0.8,
        body=((1000, 4, 1.2), (1900, 6, 0.7), (3600, 4, 0.6)),
        attack=(0.03, 0.07), release=(0.07, 0.16), scoop=18, noise=-35, noise_band=(1500, 10_000),
        shape=3.0, level=-1, vibrato=Vibrato((4.6, 6.0), (14, 32), 0.12), marks=("NoVib", "vib"),
    ),
    "Bassoon": Voice(
        low=34, high=72, tilt=(1.1, 0.5), cutoff=(900, 2300), even=1.0,
        body=((480, 12, 0.7), (1200, 5, 0.6), (220, -5, 0.9)),
        attack=(0.03, 0.07), release=(0.06, 0.14), scoop=8, noise=-38, noise_band=(350, 2800),
        shape=3.0, level=-4,
    ),
    "Horn": Voice(
        low=38, high=77, tilt=(2.0, 0.8), cutoff=(650, 2200), even=1.0,
        body=((340, 7, 0.9), (750, 3, 0.7)),
        attack=(0.05, 0.10), release=(0.10, 0.22), scoop=-18, noise=-42, noise_band=(250, 1600),
        shape=2.0, level=0,
    ),
    "Trumpet": Voice(
        low=52, high=84, tilt=(1.3, 0.1), cutoff=(1500, 3600), even=1.0,
        body=((1250, 9, 1.1), (2600, 3, 0.7), (250, -8, 1.0)),
        attack=(0.03, 0.07), release=(0.08, 0.18), scoop=-12, noise=-38, noise_band=(2200, 8000),
        shape=1.5, level=1, vibrato=Vibrato((4.8, 6.0), (8, 20), 0.06), marks=("novib", "vib"),
    ),
    "Tuba": Voice(
        low=28, high=65, tilt=(1.9, 1.0), cutoff=(350, 1300), even=1.0,
        body=((230, 7, 1.0), (500, 2, 0.7)),
        attack=(0.06, 0.13), release=(0.14, 0.30), scoop=-15, noise=-40, noise_band=(100, 900),
        shape=2.0, level=0,
    ),
    "Violin": Voice(
        low=55, high=100, tilt=(1.3, 0.9), cutoff=(2800, 6500), even=0.95,
        body=((280, 5, 0.25), (460, 6, 0.3), (750, -4, 0.4), (1100, 3, 0.4), (2600, 7, 0.9)),
        attack=(0.06, 0.16), release=(0.10, 0.25), scoop=8, noise=-30, noise_band=(2500, 12_000),
        shape=4.0, level=-3, vibrato=_BOW_VIBRATO, marks=("arco", "arco"),
        strings=(("G", 55), ("D", 62), ("A", 69), ("E", 76)),
    ),
    "Cello": Voice(
        low=36, high=81, tilt=(1.3, 0.9), cutoff=(1400, 3600), even=0.95,
        body=((105, 5, 0.3), (190, 6, 0.35), (400, 3, 0.5), (800, -4, 0.5), (1900, 5, 0.9)),
        attack=(0.07, 0.20), release=(0.14, 0.32), scoop=8, noise=-31, noise_band=(600, 4000),
        shape=4.0, level=-3, vibrato=_BOW_VIBRATO, marks=("arco", "arco"),
        strings=(("C", 36), ("G", 43), ("D", 50), ("A", 57)),
    ),
}  # fmt: skip
