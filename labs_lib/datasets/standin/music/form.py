"""Time and form of a piece of the stand-in for GTZAN: where its steps lie, its sections and their harmony."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from labs_lib.datasets.standin.music import theory
from labs_lib.datasets.standin.music.style import Style
from labs_lib.datasets.standin.music.theory import Chord

_FORM = "AABA"


class Bar(NamedTuple):
    """A bar of the form: its number in the piece, its section's letter, place and size, its chords, the next one."""

    number: int
    section: str
    place: int
    size: int
    chords: Sequence[Chord]
    following: Chord


class Clock:
    """Where the steps of a bar lie in time.

    Args:
        style: Gives beats, swing unit and rubato.
        tempo: Beats a minute.
        swing: Share of the swing unit that its first half takes.
        upbeat: Time in s by which the piece is under way when the recording starts.
        phase: Where the tempo's wandering starts.
    """

    def __init__(self, style: Style, tempo: float, swing: float, upbeat: float, phase: float) -> None:
        self._style, self._swing, self._upbeat, self._phase = style, swing, upbeat, phase
        self.beat = 60 / tempo
        self.bar = style.beats * self.beat

    def at(self, bar: int, step: float, steps: int) -> float:
        """Return the time in s of a step of a bar that is divided into so many steps."""
        beats = step * self._style.beats / steps
        if steps // self._style.beats % 2 == 0 and self._swing != 0.5:
            unit = self._style.swing_unit
            whole, share = divmod(beats / unit, 1)
            first = 2 * share * self._swing
            second = self._swing + (2 * share - 1) * (1 - self._swing)
            beats = unit * (whole + (first if share < 0.5 else second))
        time = bar * self.bar + beats * self.beat
        wander = self._style.rubato * np.sin(2 * np.pi * time / 7.3 + self._phase)
        return float(time - self._upbeat + wander)


def form(style: Style, count: int, rng: np.random.Generator) -> list[Bar]:
    """Lay out the bars: sections A and B with a progression each, entered anywhere."""
    choices = [theory.progression(text) for text in style.progressions]
    first = choices[rng.integers(len(choices))]
    alike = [bars for bars in choices if _is_minor(bars) == _is_minor(first)]
    harmony = {"A": first, "B": alike[rng.integers(len(alike))]}
    skipped = int(rng.integers(len(first)))
    plan: list[tuple[str, int]] = []
    while len(plan) < count + skipped + 1:
        for section in _FORM:
            plan += [(section, place) for place in range(len(harmony[section]))]
    plan = plan[skipped:]
    return [
        Bar(
            n,
            section,
            place,
            len(harmony[section]),
            harmony[section][place],
            harmony[plan[n + 1][0]][plan[n + 1][1]][0],
        )
        for n, (section, place) in enumerate(plan[:count])
    ]


def _is_minor(bars: Sequence[Sequence[Chord]]) -> bool:
    return any(chord.root == 0 and 3 in chord.intervals for bar in bars for chord in bar)


def scale(style: Style, bars: Sequence[Bar], rng: np.random.Generator) -> tuple[int, ...]:
    """Choose a scale that goes with the mode of the harmony; a blues third and bare fifths go with both."""
    bare = all(3 not in c.intervals and 4 not in c.intervals for bar in bars for c in bar.chords)
    minor = _is_minor([bar.chords for bar in bars])
    fitting = [
        name
        for name in style.scale
        if bare or name in ("blues", "minor pentatonic") or (4 not in theory.SCALES[name]) == minor
    ]
    return theory.SCALES[str(rng.choice(fitting or list(style.scale)))]
