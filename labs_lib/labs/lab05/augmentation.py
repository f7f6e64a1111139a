"""Exercises of lab 05 on augmentation: a clip that begins at another moment is as good a clip."""

from __future__ import annotations

import numpy as np

from labs_engine.declare.answers import Array, Function
from labs_engine.declare.framework import Context, Exercise, Mistake


def _probes(ctx: Context) -> list[tuple[np.ndarray, int]]:
    rng = ctx.rng(15)
    return [
        (rng.standard_normal((6, 20)).round(3), int(rng.integers(3, 9))),
        (rng.standard_normal((9, 9)).round(3), int(rng.integers(1, 4))),
        (rng.standard_normal((5, 12)).round(3), 0),
    ]


def _shifted(spectrogram: np.ndarray, frames: int) -> np.ndarray:
    return np.roll(spectrogram, frames, axis=1)


def _filled(spectrogram: np.ndarray, frames: int) -> np.ndarray:
    moved = _shifted(spectrogram, frames)
    moved[:, :frames] = 0
    return moved


EXERCISES = (
    Exercise(
        name="shift",
        title="Shift a clip in time",
        points=2,
        answers={"shift_in_time": Function(_probes, Array(finite=False))},
        right=_shifted,
        expects="every frame moved later by the number asked for, the last ones back at the start",
        mistakes=[
            Mistake(
                "frequency",
                wrong=lambda s, n: np.roll(s, n, axis=0),
                hint="The bands were moved, not the frames: a dog became a bird. Which axis is time?",
            ),
            Mistake(
                "flattened",
                wrong=lambda s, n: np.roll(s, n),
                hint="Without an axis np.roll moves through the flattened array: the end of one band slips "
                "into the next.",
            ),
            Mistake(
                "earlier",
                wrong=lambda s, n: np.roll(s, -n, axis=1),
                hint="The clip was moved to an earlier moment; the text asks for later.",
            ),
            Mistake(
                "silence",
                wrong=_filled,
                hint="What leaves at the end is lost, and zeros come in at the start. A zero is no silence "
                "here, it is an average value; let the end come back at the start instead.",
            ),
            Mistake(
                "not_moved",
                wrong=lambda s, n: s,
                hint="The clip comes back as it was.",
            ),
        ],
        fallback_hint="np.roll moves along one axis and brings what leaves at one end back at the other.",
    ),
)
