"""Composing a piece of the stand-in for GTZAN from the recipe of its style."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from labs_lib.datasets.standin.music import form, theory
from labs_lib.datasets.standin.music.form import Bar, Clock
from labs_lib.datasets.standin.music.style import Groove, Part, Style
from labs_lib.datasets.standin.music.theory import Chord

_STRENGTH = {"X": 1.0, "x": 0.72, "o": 0.38, "m": 0.5}
_STRUM = 0.009  # s from string to string
_DRIVEN = ("guitar", "bass", "harmonica", "shouter")  # voices that go through an amplifier


class Note(NamedTuple):
    """A note of a part: onset and length in s, MIDI pitch, strength from 0 to 1.

    The onset is negative where the recording starts in the middle of it.
    """

    start: float
    seconds: float
    pitch: int
    strength: float


class Hit(NamedTuple):
    """A stroke on a drum: onset in s, the drum's name, strength from 0 to 1."""

    start: float
    drum: str
    strength: float


@dataclass(frozen=True)
class Line:
    """What one player plays; drive in dB and cutoff in Hz are 0 for none."""

    role: str
    voice: str
    notes: Sequence[Note]
    gain: float
    drive: float
    cutoff: float


@dataclass(frozen=True)
class Score:
    """A piece, before it is played.

    Attributes:
        style: The style it was composed in.
        tempo: Beats a minute.
        key: Pitch class of the tonic, 0 for C.
        lines: The players but the drummer.
        hits: What the drummer plays.
        kit: The kind of drum kit.
    """

    style: Style
    tempo: float
    key: int
    lines: Sequence[Line]
    hits: Sequence[Hit]
    kit: str


def compose(style: Style, seed: Sequence[int], seconds: float) -> Score:
    """Compose a piece.

    Args:
        style: The recipe.
        seed: Decides everything that the recipe leaves open.
        seconds: At least so long.
    """
    rng = np.random.default_rng([*seed, 1])
    tempo = rng.uniform(*style.tempo)
    key = int(rng.integers(12))
    upbeat = rng.uniform(0, style.beats * 60 / tempo)
    clock = Clock(style, tempo, rng.uniform(*style.swing), upbeat, rng.uniform(0, 6.28))
    bars = form.form(style, int(np.ceil(seconds / clock.bar)) + 2, rng)
    scale = form.scale(style, bars, rng)
    lines = []
    for number, part in enumerate(style.parts):
        part_rng = np.random.default_rng([*seed, 2, number])
        if part_rng.random() < part.chance:
            lines.append(_line(part, bars, key, scale, clock, [*seed, 3, number], part_rng))
    hits = _drumming(style, bars, clock, np.random.default_rng([*seed, 4])) if style.grooves else []
    return Score(style, tempo, key, lines, hits, str(rng.choice(style.kits)))


def _line(
    part: Part,
    bars: Sequence[Bar],
    key: int,
    scale: Sequence[int],
    clock: Clock,
    seed: Sequence[int],
    rng: np.random.Generator,
) -> Line:
    voice = str(rng.choice(part.voices))
    patterns = [str(text).split("|") for text in rng.permutation(list(part.patterns))]
    notes: list[Note] = []
    for bar in bars:
        section = np.random.default_rng([*seed, bar.number - bar.place + bar.size])
        if section.random() > part.presence:
            continue
        choice = patterns[min(len(patterns) - 1, "AB".index(bar.section))]
        if part.role == "melody":
            choice = patterns[(bar.place // 2 + "AB".index(bar.section)) % min(3, len(patterns))]
        pattern = choice[bar.place % len(choice)]
        # What repeats with its section is drawn from the place in the section, not in the piece.
        phrase = np.random.default_rng([*seed, "AB".index(bar.section), bar.place % 4, 7])
        arch = phrase.uniform(0, 2)
        for step, length, symbol in _events(pattern):
            chord = bar.chords[step * len(bar.chords) // len(pattern)]
            start = clock.at(bar.number, step, len(pattern)) + rng.normal(0, part.humanise)
            seconds = length * clock.bar / len(pattern)
            if part.role == "melody":
                tones = [_melodic(part, step / len(pattern), arch, chord, key, scale, phrase)]
            else:
                tones = _tones(part, symbol, chord, bar.following, key, phrase)
            strength = _STRENGTH.get(symbol, 0.75) * np.exp(rng.normal(0, 0.12))
            notes += _played(part, symbol, tones, start, seconds, float(strength))
    driven = part.drive[1] > 0 and any(word in voice for word in _DRIVEN)
    return Line(
        part.role,
        voice,
        [note for note in notes if note.start + note.seconds > 0],
        rng.uniform(*part.gain),
        rng.uniform(*part.drive) if driven else 0.0,
        rng.uniform(*part.cutoff),
    )


def _events(pattern: str) -> Iterator[tuple[int, int, str]]:
    """Yield step, length in steps and symbol of each event of a pattern."""
    for step, symbol in enumerate(pattern):
        if symbol not in ".-":
            rest = pattern[step + 1 :]
            yield step, 1 + len(rest) - len(rest.lstrip("-")), symbol


def _tones(
    part: Part, symbol: str, chord: Chord, following: Chord, key: int, rng: np.random.Generator
) -> list[int]:
    """Return the MIDI pitches of an event of a part that accompanies."""
    root = theory.nearest(key + chord.root, part.centre)
    if part.role == "bass":
        return [root + theory.degree(chord, int(symbol))]
    if part.role == "walk":
        if symbol == "4":  # leads into the next chord from a semitone above or below
            return [theory.nearest(key + following.root, part.centre) + int(rng.choice([-1, 1]))]
        return [root + (0 if symbol == "1" else theory.degree(chord, int(rng.choice([2, 3, 5, 6]))))]
    if part.role == "power":
        return [root, root + 7] if symbol == "1" else [root, root + 7, root + 12]
    if part.role == "dyads":
        return [root, root + theory.degree(chord, int(symbol))]
    if part.role == "strum":
        return theory.guitar_voicing(chord, key, part.centre - 6, 5)
    tones = theory.close_voicing(chord, key, part.centre)
    if part.role == "chords":
        return tones
    number = int(symbol) - 1 if symbol.isdigit() else 0
    return [tones[number % len(tones)] + 12 * (number // len(tones))]


def _melodic(
    part: Part,
    place: float,
    arch: float,
    chord: Chord,
    key: int,
    scale: Sequence[int],
    rng: np.random.Generator,
) -> int:
    """Return the next pitch of a melody, at a place in the bar from 0 to 1.

    It follows an arch, on a tone of the chord at the strong beats and of the scale between them.
    """
    if part.voices == ("rapper",):
        return part.centre + int(rng.integers(-2, 3))
    height = 5 * np.sin(np.pi * (place + arch)) + rng.normal(0, 2.5)
    target = part.centre + int(np.clip(round(height), -9, 10))
    strong = place * 2 % 1 == 0
    tones = [chord.root + interval for interval in chord.intervals] if strong else scale
    return min((theory.nearest(key + tone, target) for tone in tones), key=lambda pitch: abs(pitch - target))


def _played(
    part: Part, symbol: str, tones: Sequence[int], start: float, seconds: float, strength: float
) -> list[Note]:
    """Return the notes of an event as the hands play them."""
    if symbol == "m":
        seconds = 0.03
    elif part.role == "power" and symbol == "1":  # the palm damps the strings
        seconds = min(seconds, 0.09)
    elif part.role in ("strum", "chords") and part.gain[1] < 6 and seconds < 0.3:
        seconds *= 0.6
    between = _STRUM if part.role == "strum" else 0.0
    seconds = max(round(0.94 * seconds, 2), 0.03)  # rounded, so that notes of one length are rendered once
    return [Note(start + k * between, seconds, pitch, strength) for k, pitch in enumerate(tones)]


def _drumming(style: Style, bars: Sequence[Bar], clock: Clock, rng: np.random.Generator) -> list[Hit]:
    grooves = [style.grooves[number] for number in rng.permutation(len(style.grooves))]
    other = grooves[-1] if rng.random() < 0.4 else grooves[0]
    hits: list[Hit] = []
    for bar in bars:
        last = bar.place == bar.size - 1 or bar.place % 4 == 3
        fill = last and rng.random() < style.fills
        groove = other if bar.section == "B" else grooves[0]
        hits += _groove_bar(groove, bar, clock, 0.5 if fill else 1.0, rng)
        if fill:
            hits += _fill(style, bar, clock, rng)
        if bar.place == 0 and rng.random() < style.fills:
            hits.append(Hit(clock.at(bar.number, 0, 1), "crash", 0.6))
    return hits


def _groove_bar(groove: Groove, bar: Bar, clock: Clock, until: float, rng: np.random.Generator) -> list[Hit]:
    """Play a bar of a groove; of drums other than the bass drum only its beginning."""
    hits = []
    for drum, text in groove.items():
        choice = text.split("|")
        pattern = choice[bar.number % len(choice)]
        for step, _, symbol in _events(pattern):
            if drum == "kick" or step < until * len(pattern):
                start = clock.at(bar.number, step, len(pattern)) + rng.normal(0, 0.003)
                hits.append(Hit(start, drum, _STRENGTH[symbol] * float(np.exp(rng.normal(0, 0.08)))))
    return hits


def _fill(style: Style, bar: Bar, clock: Clock, rng: np.random.Generator) -> list[Hit]:
    steps = 4 * style.beats
    drums = ("snare", "snare", "high tom", "low tom") if rng.random() < 0.6 else ("snare",) * 4
    second_half = range(steps // 2, steps)
    return [
        Hit(
            clock.at(bar.number, step, steps),
            drums[4 * (step - steps // 2) // len(second_half)],
            rng.uniform(0.35, 0.8),
        )
        for step in second_half
        if rng.random() < 0.7
    ]
