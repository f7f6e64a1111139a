"""Lab 04, TODO 1 to 3: the arrays, standardising them, and the validation data."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_lib.exercises.answers import Array, Number
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong, close, row_numbers

Answers = SimpleNamespace

N_FEATURES = 120


def instruments(ctx: Context) -> tuple[Any, Any]:
    """Return the run's examples to train on and to test on."""
    return _load(ctx["data_home"], ctx["source"], ctx["profile"] == "full", ctx["step"], ctx["seed"])


@lru_cache(maxsize=4)
def _load(data_home: str | None, source: str, full: bool, step: float, seed: int) -> tuple[Any, Any]:
    from labs_lib.datasets import instrument_set

    train, test = instrument_set.load(data_home, source, published_size=full, step=step, seed=seed)
    return train, test


def n_classes(ctx: Context) -> int:
    """Return the number of instruments."""
    return len(instruments(ctx)[0].class_names)


# TODO 1: numbers -------------------------------------------------------------------------


def _judge_numbers(a: Answers, ctx: Context) -> Wrong | None:
    train, test = instruments(ctx)
    for given, right, what in (
        (a.n_train, len(train), "the number of rows of the training set"),
        (a.n_test, len(test), "the number of rows of the test set"),
        (a.n_features, train.x.shape[1], "how many numbers describe one example"),
        (a.n_classes, len(np.unique(train.labels)), "the number of different instruments"),
    ):
        if given != right:
            return Wrong(what, f"{given:g}")
    return None


# TODO 2: standardise ---------------------------------------------------------------------


def _train_shape(ctx: Context) -> tuple[int | None, ...]:
    return tuple(instruments(ctx)[0].x.shape)


def _test_shape(ctx: Context) -> tuple[int | None, ...]:
    return tuple(instruments(ctx)[1].x.shape)


def _judge_scaled(a: Answers, ctx: Context) -> Wrong | None:
    if _scaled_as(a, ctx, _by_training):
        return None
    means, deviations = a.X_train_scaled.mean(axis=0), a.X_train_scaled.std(axis=0)
    if np.abs(means).max() > 0.01 or np.abs(deviations - 1).max() > 0.01:
        return Wrong(
            "a mean of 0 and a standard deviation of 1 in each feature of the training set",
            f"means from {means.min():.3g} to {means.max():.3g}, deviations from {deviations.min():.3g} to "
            f"{deviations.max():.3g}",
        )
    return Wrong("the test set shifted and scaled exactly as the training set", "another shift or scale")


Scaling = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[Any, Any]]


def _by_training(x: np.ndarray, train: np.ndarray, test: np.ndarray) -> tuple[Any, Any]:
    return train.mean(axis=0), train.std(axis=0)


def _scaled_as(a: Answers, ctx: Context, scaling: Scaling) -> bool:
    """Tell whether both sets were shifted and scaled by what `scaling(own set, training, test)` gives."""
    train, test = (np.asarray(part.x, dtype=float) for part in instruments(ctx))
    for given, x in ((a.X_train_scaled, train), (a.X_test_scaled, test)):
        mean, deviation = scaling(x, train, test)
        # Dividing by n or by n - 1 makes no difference that matters here.
        if not close(given, (x - mean) / deviation, rtol=5e-3, atol=5e-3):
            return False
    return True


def _like(scaling: Scaling) -> Callable[[Answers, Context], bool]:
    return lambda a, ctx: _scaled_as(a, ctx, scaling)


def _of_both(x: np.ndarray, train: np.ndarray, test: np.ndarray) -> tuple[Any, Any]:
    both = np.concatenate([train, test])
    return both.mean(axis=0), both.std(axis=0)


# TODO 3: validation data -----------------------------------------------------------------


def _judge_validation(a: Answers, ctx: Context) -> Wrong | None:
    labels = instruments(ctx)[0].labels
    fit, val = row_numbers(a.fit_rows), row_numbers(a.val_rows)
    for side, rows in (("fitting", fit), ("validation", val)):
        if len(rows) == 0 or rows.min() < 0 or rows.max() >= len(labels):
            return Wrong(
                f"row numbers of the training set, from 0 to {len(labels) - 1}", f"others for {side}"
            )
    shared = np.intersect1d(fit, val).size
    if shared:
        return Wrong("no row on both sides", f"{shared} rows on both")
    if not np.array_equal(np.union1d(fit, val), np.arange(len(labels))) or len(fit) + len(val) > len(labels):
        return Wrong(f"each of the {len(labels)} rows once", f"{len(fit)} and {len(val)} rows")
    if abs(len(val) - ctx["holdout"] * len(labels)) > n_classes(ctx):
        return Wrong(f"{ctx['holdout']:.0%} of the rows held out", f"{len(val) / len(labels):.1%}")
    shares = np.bincount(labels[val], minlength=n_classes(ctx)) / np.bincount(labels) / ctx["holdout"]
    if shares.min() < 0.4 or shares.max() > 1.6:
        return Wrong(
            "all instruments on both sides, in about equal shares", "some instruments almost missing"
        )
    return None


def _no_shuffle(a: Answers, ctx: Context) -> bool:
    val = row_numbers(a.val_rows)
    return bool(len(val)) and len(np.unique(val)) == len(val) == np.ptp(val) + 1


EXERCISES = (
    Exercise(
        "numbers",
        "Numbers of the data",
        2,
        {
            "n_train": Number(integer=True),
            "n_test": Number(integer=True),
            "n_features": Number(integer=True),
            "n_classes": Number(integer=True),
        },
        _judge_numbers,
        (
            Mistake(
                "axes_exchanged",
                lambda a, ctx: a.n_train == N_FEATURES and a.n_features == len(instruments(ctx)[0]),
                "Rows and columns are exchanged: one row is one example.",
            ),
            Mistake(
                "largest_label",
                lambda a, ctx: a.n_classes == instruments(ctx)[0].labels.max(),
                "This is the largest label. At which number do the labels begin?",
            ),
            Mistake(
                "labels_counted",
                lambda a, ctx: a.n_classes == len(instruments(ctx)[0]),
                "This counts every label. Instruments come more than once.",
            ),
            Mistake(
                "same_array_twice",
                lambda a, ctx: a.n_test == a.n_train,
                "Both sets have the same length? Look which array each number comes from.",
            ),
            Mistake(
                "published",
                lambda a, ctx: a.n_train == 66_247,
                "This is the number of the published set. Compute it from the arrays of this run.",
            ),
        ),
        where="An array knows its shape; np.unique gives each different value once.",
    ),
    Exercise(
        "standardise",
        "Standardise",
        2,
        {"X_train_scaled": Array(_train_shape), "X_test_scaled": Array(_test_shape)},
        _judge_scaled,
        (
            Mistake(
                "own_statistics",
                _like(lambda x, train, test: (x.mean(axis=0), x.std(axis=0))),
                "The test set was standardised with its own means and deviations. A single new note could not be "
                "treated so; use the numbers of the training set.",
            ),
            Mistake(
                "all_statistics",
                _like(_of_both),
                "Means and deviations were taken over both sets: what is known about the test set has leaked "
                "into training.",
            ),
            Mistake(
                "whole_table",
                _like(lambda x, train, test: (train.mean(), train.std())),
                "One mean and one deviation for the whole table leave the features as different as before: "
                "each column needs its own.",
            ),
            Mistake(
                "rows",
                _like(lambda x, train, test: (x.mean(axis=1)[:, None], x.std(axis=1)[:, None])),
                "Each row is standardised. One column is one feature: which axis are the examples?",
            ),
            Mistake(
                "not_centred",
                _like(lambda x, train, test: (0.0, train.std(axis=0))),
                "The deviations are right; the means were not subtracted.",
            ),
            Mistake(
                "variance",
                _like(lambda x, train, test: (train.mean(axis=0), train.var(axis=0))),
                "You divide by the variance. What has the unit of the feature itself?",
            ),
        ),
        where="X_train.mean(axis=...) and X_train.std(axis=...) give one number for each feature; both sets are "
        "shifted and scaled by them.",
    ),
    Exercise(
        "validation",
        "Validation data",
        2,
        {"fit_rows": Array((None,)), "val_rows": Array((None,))},
        _judge_validation,
        (
            Mistake(
                "overlap",
                lambda a, ctx: bool(np.intersect1d(row_numbers(a.fit_rows), row_numbers(a.val_rows)).size),
                "Some rows are trained on and validated on: their part of the score measures memory.",
            ),
            Mistake(
                "share_exchanged",
                lambda a, ctx: len(row_numbers(a.val_rows)) > len(row_numbers(a.fit_rows)),
                "The larger part is held out. Which of the two is there to learn from?",
            ),
            Mistake(
                "not_shuffled",
                _no_shuffle,
                "The held-out rows lie next to each other, and the rows are sorted by instrument: some "
                "instruments are never trained on.",
            ),
            Mistake(
                "rows_left_out",
                lambda a, ctx: (
                    len(row_numbers(a.fit_rows)) + len(row_numbers(a.val_rows)) < len(instruments(ctx)[0])
                ),
                "Some rows are on neither side: what is not held out is there to be trained on.",
            ),
        ),
        where="train_test_split of scikit-learn parts np.arange(n_train) too; `test_size` and `stratify` are of use.",
    ),
)
