"""Exercises of lab 05 on a fair test: three sides, and statistics from one of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labs_engine.declare.answers import Array, Rows
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake
from labs_lib.labs.lab05.common import Answers, clips, decibels, fit_line, rows, shape_of

SIDES = ("train", "validation", "test")
_NAMES = {"train": "training", "validation": "validation", "test": "test"}


def _right_rows(side: str) -> Callable[[Context], np.ndarray]:
    return lambda run: rows(run, side)


def _shared(one: str, other: str) -> Callable[[Answers, Context], bool]:
    def share_rows(a: Answers, ctx: Context) -> bool:
        return bool(np.intersect1d(getattr(a, f"{one}_rows"), getattr(a, f"{other}_rows")).size)

    return share_rows


def _random_split(a: Answers, ctx: Context) -> bool:
    folds, test = clips(ctx).folds, a.test_rows
    return len(test) > 0 and 0 <= test.min() <= test.max() < len(folds) and len(set(folds[test])) > 1


def _fold_rows(run: Context, fold: int) -> np.ndarray:
    return np.flatnonzero(clips(run).folds == fold)


def _random_rows(run: Context) -> dict[str, np.ndarray]:
    order, n = np.random.default_rng(0).permutation(len(clips(run))), len(rows(run, "test"))
    return {"test_rows": order[:n], "validation_rows": order[n : 2 * n], "train_rows": order[2 * n :]}


def _next_folds(run: Context) -> dict[str, np.ndarray]:
    test, validation = (run["test_fold"] + 1) % 5 + 1, (run["test_fold"] + 2) % 5 + 1
    return {
        "test_rows": _fold_rows(run, test),
        "validation_rows": _fold_rows(run, validation),
        "train_rows": np.flatnonzero(~np.isin(clips(run).folds, [test, validation])),
    }


def _judge_scaled(a: Answers, ctx: Context) -> Failure | None:
    mean, std = _statistics(a.X_train_scaled)
    if abs(mean) > 0.01 or abs(std - 1) > 0.01:
        return Failure(
            "training data of mean 0 and standard deviation 1", f"mean {mean:.3f}, deviation {std:.3f}"
        )
    if _own_statistics(a, ctx):
        return Failure(
            "the other clips shifted and scaled as the training clips were",
            "mean 0 and deviation 1 exactly, there too",
        )
    right = decibels(ctx, "train")
    line = fit_line(right, a.X_train_scaled)
    # Decibels that were computed otherwise (TODO 2) are no line of the right ones: as far off as these, others may be.
    tolerated = 3 * _distance(a.X_train_scaled, right, line) + 0.02
    for side in ("validation", "test"):
        if _distance(getattr(a, f"X_{side}_scaled"), decibels(ctx, side), line) > tolerated:
            return Failure(
                f"{side} clips shifted and scaled by the same two numbers as the training clips",
                "other numbers, or other clips",
            )
    return None


def _distance(given: np.ndarray, right: np.ndarray, line: tuple[float, float]) -> float:
    """Return how far values lie from a line of the right decibels, as the root of the mean square."""
    slope, shift = line
    apart = given - (slope * right + shift)
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
        name="split",
        title="Three sides by the official folds",
        points=2,
        answers={f"{side}_rows": Rows(f"the {_NAMES[side]} rows") for side in SIDES},
        right={f"{side}_rows": _right_rows(side) for side in SIDES},
        expects="the clips of test_fold to test on, those of validation_fold for validation, all others to train on",
        mistakes=[
            Mistake(
                "test_from_training",
                _shared("train", "test"),
                wrong={"test_rows": lambda run: rows(run, "train")[:20]},
                hint="Test clips are also trained on: the score then measures memory.",
            ),
            Mistake(
                "validation_is_test",
                _shared("validation", "test"),
                wrong={"validation_rows": lambda run: rows(run, "test")},
                hint="What is chosen on the test clips fits the test clips. They must have no part in any choice; "
                "the validation clips are there for that.",
            ),
            Mistake(
                "validation_left_in",
                wrong={
                    "train_rows": lambda run: np.flatnonzero(clips(run).folds != run["test_fold"]),
                    "test_rows": lambda run: rows(run, "test"),
                },
                hint="The test fold is taken out, the validation fold is still among the training clips: a choice "
                "made on clips that were trained on favours what has memorised them.",
            ),
            Mistake(
                "random",
                _random_split,
                wrong=_random_rows,
                hint="The test clips come from several folds. Clips cut from one recording share a fold; a random "
                "split puts such near-duplicates on both sides.",
            ),
            Mistake(
                "other_fold",
                lambda a, ctx: len(set(clips(ctx).folds[a.test_rows])) == 1,
                wrong=_next_folds,
                hint="Each side is made of whole folds, but not of those that test_fold and validation_fold name.",
            ),
        ],
        fallback_hint="folds == test_fold is True for the clips to test on; np.flatnonzero turns it into row numbers.",
    ),
    Exercise(
        name="standardise",
        title="Standardise",
        points=2,
        answers={f"X_{side}_scaled": Array(shape_of(side)) for side in SIDES},
        judge=_judge_scaled,
        mistakes=[
            Mistake(
                "own_statistics",
                _own_statistics,
                hint="These clips were standardised with their own mean and deviation. A single new clip could "
                "not be treated so; use the numbers of the training data.",
            ),
            Mistake(
                "all_statistics",
                _all_statistics,
                hint="Mean and deviation were taken over all clips, those to test on included: what is known "
                "about the test data has leaked into training.",
            ),
            Mistake(
                "not_centred",
                lambda a, ctx: abs(_statistics(a.X_train_scaled)[1] - 1) < 0.01,
                hint="The spread is right; the mean was not subtracted.",
            ),
            Mistake(
                "variance",
                lambda a, ctx: (
                    abs(_statistics(a.X_train_scaled)[0]) < 0.01 and _statistics(a.X_train_scaled)[1] < 0.5
                ),
                hint="The result is squeezed: divided by the variance instead of its square root?",
            ),
        ],
        fallback_hint="Two numbers, the mean and the standard deviation of everything in X_train, and all three "
        "arrays shifted and scaled by them.",
        needs=("split",),
    ),
)
