"""Lab 04, TODO 1 to 3: the arrays, standardising them, and the validation data."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Number, row_numbers
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake

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


def _numbers(run: Context) -> dict[str, int]:
    train, test = instruments(run)
    return {
        "n_train": len(train),
        "n_test": len(test),
        "n_features": train.x.shape[1],
        "n_classes": len(np.unique(train.labels)),
    }


# TODO 2: standardise ---------------------------------------------------------------------


def _train_shape(ctx: Context) -> tuple[int | None, ...]:
    return tuple(instruments(ctx)[0].x.shape)


def _test_shape(ctx: Context) -> tuple[int | None, ...]:
    return tuple(instruments(ctx)[1].x.shape)


Scaling = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[Any, Any]]


def _scaled(scaling: Scaling) -> Callable[[Context], dict[str, np.ndarray]]:
    """Return both sets as code, shifted and scaled by what `scaling(own set, training, test)` gives."""

    def scaled(run: Context) -> dict[str, np.ndarray]:
        train, test = (np.asarray(part.x, dtype=float) for part in instruments(run))
        found = {}
        for name, x in (("X_train_scaled", train), ("X_test_scaled", test)):
            mean, deviation = scaling(x, train, test)
            found[name] = (x - mean) / deviation
        return found

    return scaled


def _of_both(x: np.ndarray, train: np.ndarray, test: np.ndarray) -> tuple[Any, Any]:
    both = np.concatenate([train, test])
    return both.mean(axis=0), both.std(axis=0)


# TODO 3: validation data -----------------------------------------------------------------


def _judge_validation(a: Answers, ctx: Context) -> Failure | None:
    labels = instruments(ctx)[0].labels
    fit, val = row_numbers(a.fit_rows), row_numbers(a.val_rows)
    for side, rows in (("fitting", fit), ("validation", val)):
        if len(rows) == 0 or rows.min() < 0 or rows.max() >= len(labels):
            return Failure(
                f"row numbers of the training set, from 0 to {len(labels) - 1}", f"others for {side}"
            )
    shared = np.intersect1d(fit, val).size
    if shared:
        return Failure("no row on both sides", f"{shared} rows on both")
    if not np.array_equal(np.union1d(fit, val), np.arange(len(labels))) or len(fit) + len(val) > len(labels):
        return Failure(f"each of the {len(labels)} rows once", f"{len(fit)} and {len(val)} rows")
    if abs(len(val) - ctx["holdout"] * len(labels)) > n_classes(ctx):
        return Failure(f"{ctx['holdout']:.0%} of the rows held out", f"{len(val) / len(labels):.1%}")
    shares = np.bincount(labels[val], minlength=n_classes(ctx)) / np.bincount(labels) / ctx["holdout"]
    if shares.min() < 0.4 or shares.max() > 1.6:
        return Failure(
            "all instruments on both sides, in about equal shares", "some instruments almost missing"
        )
    return None


def _no_shuffle(a: Answers, ctx: Context) -> bool:
    val = row_numbers(a.val_rows)
    return bool(len(val)) and len(np.unique(val)) == len(val) == np.ptp(val) + 1


EXERCISES = (
    Exercise(
        name="numbers",
        title="Numbers of the data",
        points=2,
        answers={
            "n_train": Number(integer=True, what="the number of rows of the training set"),
            "n_test": Number(integer=True, what="the number of rows of the test set"),
            "n_features": Number(integer=True, what="how many numbers describe one example"),
            "n_classes": Number(integer=True, what="the number of different instruments"),
        },
        right=_numbers,
        mistakes=[
            Mistake(
                "axes_exchanged",
                wrong={"n_train": N_FEATURES, "n_features": lambda run: len(instruments(run)[0])},
                hint="Rows and columns are exchanged: one row is one example.",
            ),
            Mistake(
                "largest_label",
                wrong={"n_classes": lambda run: instruments(run)[0].labels.max()},
                hint="This is the largest label. At which number do the labels begin?",
            ),
            Mistake(
                "labels_counted",
                wrong={"n_classes": lambda run: len(instruments(run)[0])},
                hint="This counts every label. Instruments come more than once.",
            ),
            Mistake(
                "same_array_twice",
                wrong=[
                    {"n_test": lambda run: len(instruments(run)[0])},
                    {"n_train": lambda run: len(instruments(run)[1])},
                ],
                hint="Both sets have the same length? Look which array each number comes from.",
            ),
            Mistake(
                "published",
                wrong={"n_train": 66_247},
                hint="This is the number of the published set. Compute it from the arrays of this run.",
            ),
        ],
        fallback_hint="An array knows its shape; np.unique gives each different value once.",
    ),
    Exercise(
        name="standardise",
        title="Standardise",
        points=2,
        answers={
            # Dividing by n or by n - 1 makes no difference that matters here.
            "X_train_scaled": Array(_train_shape, rtol=5e-3, atol=5e-3),
            "X_test_scaled": Array(_test_shape, rtol=5e-3, atol=5e-3),
        },
        right=_scaled(lambda x, train, test: (train.mean(axis=0), train.std(axis=0))),
        expects="each feature with mean 0 and deviation 1 in the training set, and the test set scaled as it was",
        mistakes=[
            Mistake(
                "own_statistics",
                wrong=_scaled(lambda x, train, test: (x.mean(axis=0), x.std(axis=0))),
                hint="The test set was standardised with its own means and deviations. A single new note could "
                "not be treated so; use the numbers of the training set.",
            ),
            Mistake(
                "all_statistics",
                wrong=_scaled(_of_both),
                hint="Means and deviations were taken over both sets: what is known about the test set has "
                "leaked into training.",
            ),
            Mistake(
                "whole_table",
                wrong=_scaled(lambda x, train, test: (train.mean(), train.std())),
                hint="One mean and one deviation for the whole table leave the features as different as "
                "before: each column needs its own.",
            ),
            Mistake(
                "rows",
                wrong=_scaled(lambda x, train, test: (x.mean(axis=1)[:, None], x.std(axis=1)[:, None])),
                hint="Each row is standardised. One column is one feature: which axis are the examples?",
            ),
            Mistake(
                "not_centred",
                wrong=_scaled(lambda x, train, test: (0.0, train.std(axis=0))),
                hint="The deviations are right; the means were not subtracted.",
            ),
            Mistake(
                "variance",
                wrong=_scaled(lambda x, train, test: (train.mean(axis=0), train.var(axis=0))),
                hint="You divide by the variance. What has the unit of the feature itself?",
            ),
        ],
        fallback_hint="X_train.mean(axis=...) and X_train.std(axis=...) give one number for each feature; both "
        "sets are shifted and scaled by them.",
    ),
    Exercise(
        name="validation",
        title="Validation data",
        points=2,
        answers={"fit_rows": Array((None,)), "val_rows": Array((None,))},
        judge=_judge_validation,
        mistakes=[
            Mistake(
                "overlap",
                lambda a, ctx: bool(np.intersect1d(row_numbers(a.fit_rows), row_numbers(a.val_rows)).size),
                hint="Some rows are trained on and validated on: their part of the score measures memory.",
            ),
            Mistake(
                "share_exchanged",
                lambda a, ctx: len(row_numbers(a.val_rows)) > len(row_numbers(a.fit_rows)),
                hint="The larger part is held out. Which of the two is there to learn from?",
            ),
            Mistake(
                "not_shuffled",
                _no_shuffle,
                hint="The held-out rows lie next to each other, and the rows are sorted by instrument: some "
                "instruments are never trained on.",
            ),
            Mistake(
                "rows_left_out",
                lambda a, ctx: (
                    len(row_numbers(a.fit_rows)) + len(row_numbers(a.val_rows)) < len(instruments(ctx)[0])
                ),
                hint="Some rows are on neither side: what is not held out is there to be trained on.",
            ),
        ],
        fallback_hint="train_test_split of scikit-learn parts np.arange(n_train) too; `test_size` and "
        "`stratify` are of use.",
    ),
)
