"""Chords, scales and voicings for the stand-in of GTZAN."""

from __future__ import annotations

import re
from typing import NamedTuple

# Semitones above the root.
CHORDS = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7, 12),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7b5": (0, 3, 6, 10),
    "dim": (0, 3, 6),
    "sus4": (0, 5, 7),
    "9": (0, 4, 7, 10, 14),
    "m9": (0, 3, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "13": (0, 4, 7, 10, 14, 21),
    "7b9": (0, 4, 7, 10, 13),
}

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
}

_NUMERALS = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}
_SYMBOL = re.compile(r"^(?P<accidental>[b#]?)(?P<numeral>VII|VI|IV|V|III|II|I)(?P<quality>.*)$")


class Chord(NamedTuple):
    """A chord relative to the key.

    Attributes:
        root: Semitones above the tonic, 0 to 11.
        intervals: Semitones of its tones above the root.
    """

    root: int
    intervals: tuple[int, ...]


def progression(text: str) -> list[list[Chord]]:
    """Parse a progression: bars separated by spaces, chords within a bar by '/'.

    Args:
        text: For example 'IIm7/V7 Imaj7'; numerals are counted in the major scale.

    Returns:
        The chords of each bar.

    Raises:
        ValueError: A symbol is none that is known.
    """
    return [[_chord(symbol) for symbol in bar.split("/")] for bar in text.split()]


def _chord(symbol: str) -> Chord:
    match = _SYMBOL.match(symbol)
    if match is None or match["quality"] not in CHORDS:
        raise ValueError(f"{symbol!r} is no chord; expected a numeral and one of {', '.join(CHORDS)}")
    shift = {"b": -1, "#": 1, "": 0}[match["accidental"]]
    return Chord((_NUMERALS[match["numeral"]] + shift) % 12, CHORDS[match["quality"]])


def hertz(pitch: float) -> float:
    """Return the frequency of a MIDI pitch in Hz; 69 is 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def nearest(pitch_class: int, centre: int) -> int:
    """Return the MIDI pitch of a pitch class that lies closest to a centre."""
    return centre + (pitch_class - centre + 6) % 12 - 6


def degree(chord: Chord, number: int) -> int:
    """Return a degree of a chord in semitones above its root; 8 is the octave."""
    third, fifth = chord.intervals[1:3] if chord.intervals[1] < 6 else (4, 7)
    seventh = next((interval for interval in chord.intervals if interval in (10, 11)), 10)
    return {1: 0, 2: 2, 3: third, 4: 5, 5: fifth, 6: 9, 7: seventh, 8: 12, 9: 14}[number]


def close_voicing(chord: Chord, key: int, centre: int) -> list[int]:
    """Return the chord's tones as MIDI pitches around a centre, lowest first.

    Each tone lies as near to the centre as it can, so neighbouring chords lead smoothly
    into each other. Of five and more tones the root is left to the bass.
    """
    intervals = chord.intervals if len(chord.intervals) < 5 else chord.intervals[1:]
    return sorted({nearest(key + chord.root + interval, centre) for interval in intervals})


def guitar_voicing(chord: Chord, key: int, lowest: int, strings: int = 6) -> list[int]:
    """Return the chord over the strings of a guitar: the root, then tones upward, at least 3 semitones apart."""
    pitches = [lowest + (key + chord.root - lowest) % 12]
    classes = {(key + chord.root + interval) % 12 for interval in chord.intervals}
    while len(pitches) < strings:
        pitches.append(next(p for p in range(pitches[-1] + 3, pitches[-1] + 16) if p % 12 in classes))
    return pitches
