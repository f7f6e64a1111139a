"""Exercises of lab 05 on a fair test: three sides, and statistics from one of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labs_lib.exercises.answers import Array
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong, row_numbers
from labs_lib.exercises.lab05.common import (
    Answers,
    clips,
    decibels,
    fit_line,
    rows,
    shape_of,
    validation_fold,
)

SIDES = ("train", "validation", "test")
_NAMES = {"train": "training", "validation": "validation", "test": "test"}


def _given(a: Answers) -> dict[str, np.ndarray]:
    return {side: row_numbers(getattr(a, f"{side}_rows")) for side in SIDES}


def _judge_split(a: Answers, ctx: Context) -> Wrong | None:
    folds, given = clips(ctx).folds, _given(a)
    for side, numbers in given.items():
        if len(numbers) == 0 or numbers.min() < 0 or numbers.max() >= len(folds):
            return Wrong(f"row numbers from 0 to {len(folds) - 1}", f"others among the {_NAMES[side]} rows")
    for one, other in (("train", "test"), ("train", "validation"), ("validation", "test")):
        shared = np.intersect1d(given[one], given[other]).size
        if shared:
            return Wrong("no clip on two sides", f"{shared} clips both {_NAMES[one]} and {_NAMES[other]}")
    for side in ("test", "validation"):
        if not np.array_equal(given[side], rows(ctx, side)):
            fold = ctx["test_fold"] if side == "test" else validation_fold(ctx)
            found = sorted({int(f) for f in folds[given[side]]})
            return Wrong(f"the clips of fold {fold} as {_NAMES[side]} clips", f"clips of the folds {found}")
    if not np.array_equal(given["train"], rows(ctx, "train")):
        return Wrong("all clips of the other three folds to train on", f"{len(given['train'])} clips")
    return None


def _shared(one: str, other: str) -> Callable[[Answers, Context], bool]:
    return lambda a, ctx: bool(np.intersect1d(_given(a)[one], _given(a)[other]).size)


def _random_split(a: Answers, ctx: Context) -> bool:
    folds, test = clips(ctx).folds, _given(a)["test"]
    return len(test) > 0 and test.max() < len(folds) and len(set(folds[test])) > 1


def _validation_left_in(a: Answers, ctx: Context) -> bool:
    given = _given(a)
    both = np.sort(np.concatenate([rows(ctx, "train"), rows(ctx, "validation")]))
    return np.array_equal(given["test"], rows(ctx, "test")) and np.array_equal(given["train"], both)


def _judge_scaled(a: Answers, ctx: Context) -> Wrong | None:
    mean, std = _statistics(a.X_train_scaled)
    if abs(mean) > 0.01 or abs(std - 1) > 0.01:
        return Wrong(
            "training data of mean 0 and standard deviation 1", f"mean {mean:.3f}, deviation {std:.3f}"
        )
    if _own_statistics(a, ctx):
        return Wrong(
            "the other clips shifted and scaled as the training clips were",
            "mean 0 and deviation 1 exactly, there too",
        )
    line = fit_line(decibels(ctx, "train"), a.X_train_scaled)
    # Decibels that were computed otherwise (TODO 2) are no line of the right ones: as far off as these, others may be.
    tolerated = 3 * _distance(a, ctx, "train", line) + 0.02
    for side in ("validation", "test"):
        if _distance(a, ctx, side, line) > tolerated:
            return Wrong(
                f"{side} clips shifted and scaled by the same two numbers as the training clips",
                "other numbers, or other clips",
            )
    return None


def _distance(a: Answers, ctx: Context, side: str, line: tuple[float, float]) -> float:
    """Return how far a side's values lie from a line of the right decibels, as the root of the mean square."""
    slope, shift = line
    apart = getattr(a, f"X_{side}_scaled") - (slope * decibels(ctx, side) + shift)
    return float(np.sqrt(np.mean(np.square(apart, dtype=float))))


def _statistics(values: np.ndarray) -> tuple[float, float]:
    return float(np.mean(values, dtype=float)), float(np.std(values, dtype=float))


def _own_statistics(a: Answers, ctx: Context) -> bool:
    return any(
        abs(mean) < 1e-4 and abs(std - 1) < 1e-4
        for mean, std in map(_statistics, (a.X_validation_scaled, a.X_test_scaled))
    )


def _all_statistics(a: Answers, ctx: Context) -> bool:
    parts = [a.X_train_scaled, a.X_validation_scaled, a.X_test_scaled]
    mean, std = _statistics(np.concatenate([part.ravel() for part in parts]))
    return abs(mean) < 1e-3 and abs(std - 1) < 1e-3


EXERCISES = (
    Exercise(
        "split",
        "Three sides by the official folds",
        2,
        {f"{side}_rows": Array((None,)) for side in SIDES},
        _judge_split,
        (
            Mistake(
                "test_from_training",
                _shared("train", "test"),
                "Test clips are also trained on: the score then measures memory.",
            ),
            Mistake(
                "validation_is_test",
                _shared("validation", "test"),
                "What is chosen on the test clips fits the test clips. They must have no part in any choice; the "
                "validation clips are there for that.",
            ),
            Mistake(
                "validation_left_in",
                _validation_left_in,
                "The test fold is taken out, the validation fold is still among the training clips: a choice "
                "made on clips that were trained on favours what has learned them by heart.",
            ),
            Mistake(
                "random",
                _random_split,
                "The test clips come from several folds. Clips cut from one recording share a fold; a random "
                "split puts such twins on both sides.",
            ),
            Mistake(
                "other_fold",
                lambda a, ctx: len(set(clips(ctx).folds[_given(a)["test"]])) == 1,
                "Each side is made of whole folds, but not of those that test_fold and validation_fold name.",
            ),
        ),
        where="folds == test_fold is True for the clips to test on; np.flatnonzero turns it into row numbers.",
    ),
    Exercise(
        "standardise",
        "Standardise",
        2,
        {f"X_{side}_scaled": Array(shape_of(side)) for side in SIDES},
        _judge_scaled,
        (
            Mistake(
                "own_statistics",
                _own_statistics,
                "These clips were standardised with their own mean and deviation. A single new clip could "
                "not be treated so; use the numbers of the training data.",
            ),
            Mistake(
                "all_statistics",
                _all_statistics,
                "Mean and deviation were taken over all clips, those to test on included: what is known "
                "about the test data has leaked into training.",
            ),
            Mistake(
                "not_centred",
                lambda a, ctx: abs(_statistics(a.X_train_scaled)[1] - 1) < 0.01,
                "The spread is right; the mean was not subtracted.",
            ),
            Mistake(
                "variance",
                lambda a, ctx: (
                    abs(_statistics(a.X_train_scaled)[0]) < 0.01 and _statistics(a.X_train_scaled)[1] < 0.5
                ),
                "The result is squeezed: divided by the variance instead of its square root?",
            ),
        ),
        where="Two numbers, the mean and the standard deviation of everything in X_train, and all three arrays "
        "shifted and scaled by them.",
        needs=("split",),
    ),
)
