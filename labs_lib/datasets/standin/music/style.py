"""What a recipe of a style says: rhythm, harmony, players and sound.

Patterns are one bar long, or several separated by '|', and share the bar equally among
their characters. In patterns of drums and chords 'X', 'x' and 'o' are loud, medium and
soft strokes, 'm' is a muted one, '-' lets the last one ring and '.' is a rest. In
patterns of a bass or an arpeggio a digit is a degree of the chord or the number of one
of its tones, counted from the lowest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Range = tuple[float, float]
Groove = Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """A part of the arrangement.

    Attributes:
        role: What is done with the pattern: 'bass', 'walk', 'chords', 'strum', 'power',
            'dyads', 'arpeggio' or 'melody'.
        voices: Instruments, one of which each track chooses.
        patterns: Patterns, of which each track chooses.
        centre: MIDI pitch around which it plays.
        gain: Level in dB against the drums or the loudest part.
        chance: Probability that a track has this part.
        presence: Probability that it plays in a section.
        drive: Gain into an overdriven amplifier in dB; (0, 0) for none.
        cutoff: Low-pass in Hz, as of a sampled loop.
        humanise: Scatter of the onsets in s.
    """

    role: str
    voices: Sequence[str]
    patterns: Sequence[str]
    centre: int
    gain: Range = (-8, -2)
    chance: float = 1.0
    presence: float = 0.95
    drive: Range = (0, 0)
    cutoff: Range = (0, 0)
    humanise: float = 0.006


@dataclass(frozen=True)
class Production:
    """How it is recorded; each track draws its own values.

    Attributes:
        reverb: Time in which it falls by 60 dB, in s.
        wet: Level of the reverberation in dB.
        low: Cut-off of the lows in Hz.
        high: Cut-off of the highs in Hz.
        tilt: Rise of the spectrum towards the highs in dB an octave; negative for a dark sound.
        drive: Gain into the tape in dB.
        ratio: Compression ratio.
        snr: Distance of the noise in dB.
        crackle: Clicks of a record per second.
        echo: Level of repeats in dB, a dotted eighth apart; -60 for none.
        level: RMS in dB below full scale.
    """

    reverb: Range = (0.4, 1.4)
    wet: Range = (-20, -9)
    low: Range = (30, 80)
    high: Range = (6500, 10_500)
    tilt: Range = (-0.5, 0.5)
    drive: Range = (0, 6)
    ratio: Range = (1.2, 3.0)
    snr: Range = (35, 60)
    crackle: Range = (0, 0)
    echo: Range = (-60, -60)
    level: Range = (-19, -12)


@dataclass(frozen=True)
class Style:
    """A style within a genre.

    Attributes:
        tempo: Beats a minute.
        progressions: Harmony of the sections.
        scale: Names of the scales that melodies use.
        grooves: Patterns of the drums, one of which each track chooses; none for no drums.
        parts: The other players.
        beats: Beats in a bar.
        swing: Share of a beat that its first half takes; 0.5 is straight.
        swing_unit: 1 to swing eighths, 0.5 to swing sixteenths.
        kits: Kinds of drum kits.
        drums: Level of the drums in dB.
        fills: Probability of a fill at the end of a section.
        rubato: How far the tempo wanders, in s.
        production: How it is recorded.
    """

    tempo: Range
    progressions: Sequence[str]
    scale: Sequence[str]
    grooves: Sequence[Groove]
    parts: Sequence[Part]
    beats: int = 4
    swing: Range = (0.5, 0.5)
    swing_unit: float = 1.0
    kits: Sequence[str] = ("acoustic",)
    drums: Range = (-3, 3)
    fills: float = 0.5
    rubato: float = 0.0
    production: Production = field(default_factory=Production)
