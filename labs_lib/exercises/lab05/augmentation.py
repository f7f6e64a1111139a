"""Exercises of lab 05 on augmentation: a clip that begins at another moment is as good a clip."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labs_lib.exercises.answers import Array, Function
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong, close
from labs_lib.exercises.lab05.common import Answers

Shift = Callable[[np.ndarray, int], np.ndarray]


def _probes(ctx: Context) -> list[tuple[np.ndarray, int]]:
    rng = ctx.rng(15)
    return [
        (rng.standard_normal((6, 20)).round(3), int(rng.integers(3, 9))),
        (rng.standard_normal((9, 9)).round(3), int(rng.integers(1, 4))),
        (rng.standard_normal((5, 12)).round(3), 0),
    ]


def _shifted(spectrogram: np.ndarray, frames: int) -> np.ndarray:
    return np.roll(spectrogram, frames, axis=1)


def _judge(a: Answers, ctx: Context) -> Wrong | None:
    for given, (spectrogram, frames) in zip(a.shift_in_time, _probes(ctx), strict=True):
        if given.shape != spectrogram.shape:
            return Wrong(f"the shape of the input, {spectrogram.shape}", f"{given.shape}")
        if not close(given, _shifted(spectrogram, frames)):
            return Wrong(
                "every frame moved later by the number asked for, the last ones back at the start",
                f"something else for a shift of {frames} frames",
            )
    return None


def _moves(rule: Shift) -> Callable[[Answers, Context], bool]:
    def same(a: Answers, ctx: Context) -> bool:
        return all(
            given.shape == spectrogram.shape and close(given, rule(spectrogram, frames))
            for given, (spectrogram, frames) in zip(a.shift_in_time, _probes(ctx), strict=True)
        )

    return same


def _filled(spectrogram: np.ndarray, frames: int) -> np.ndarray:
    moved = _shifted(spectrogram, frames)
    moved[:, :frames] = 0
    return moved


EXERCISES = (
    Exercise(
        "shift",
        "Shift a clip in time",
        2,
        {"shift_in_time": Function(_probes, Array(finite=False))},
        _judge,
        (
            Mistake(
                "frequency",
                _moves(lambda s, n: np.roll(s, n, axis=0)),
                "The bands were moved, not the frames: a dog became a bird. Which axis is time?",
            ),
            Mistake(
                "flattened",
                _moves(lambda s, n: np.roll(s, n)),
                "Without an axis np.roll moves through the flattened array: the end of one band slips into the "
                "next.",
            ),
            Mistake(
                "earlier",
                _moves(lambda s, n: np.roll(s, -n, axis=1)),
                "The clip was moved to an earlier moment; the text asks for later.",
            ),
            Mistake(
                "silence",
                _moves(_filled),
                "What leaves at the end is lost, and zeros come in at the start. A zero is no silence here, it "
                "is an average value; let the end come back at the start instead.",
            ),
            Mistake(
                "not_moved",
                _moves(lambda s, n: s),
                "The clip comes back as it was.",
            ),
        ),
        where="np.roll moves along one axis and brings what leaves at one end back at the other.",
    ),
)
