"""Lab 02, TODO 1 and 2: the clouds as one table, and the validation data."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake, close
from labs_lib.datasets import synthetic

Answers = SimpleNamespace


def clouds(ctx: Context) -> tuple[np.ndarray, np.ndarray]:
    """Return the run's points of class 0 and of class 1, each of shape (n_per_class, 2)."""
    return _draw(ctx["n_per_class"], ctx["center"], ctx["variance_0"], ctx["variance_1"], ctx["seed"])


@lru_cache(maxsize=4)
def _draw(*arguments: Any) -> tuple[np.ndarray, np.ndarray]:
    return synthetic.gaussians(*arguments)


def _class_of(points: np.ndarray, ctx: Context) -> np.ndarray:
    """Return the true class of each drawn point, -1 for a point that was never drawn."""
    drawn = clouds(ctx)
    known = {point.tobytes(): value for value, cloud in enumerate(drawn) for point in cloud}
    rows = np.ascontiguousarray(points, dtype=drawn[0].dtype)
    return np.array([known.get(row.tobytes(), -1) for row in rows])


def _distinct(points: np.ndarray) -> int:
    return len(np.unique(points, axis=0))


# TODO 1: inputs and labels ---------------------------------------------------------------


def _judge_stack(a: Answers, ctx: Context) -> Failure | None:
    n = 2 * ctx["n_per_class"]
    if a.X.shape != (n, 2):
        return Failure(f"X with one row a point and one column a coordinate, shape ({n}, 2)", f"{a.X.shape}")
    if a.y.shape != (n,):
        return Failure(f"y with one label a point, shape ({n},)", f"shape {a.y.shape}")
    if set(np.unique(a.y).tolist()) != {0, 1}:
        return Failure("the labels 0 and 1", f"the labels {np.unique(a.y)[:5].tolist()}")
    truth = _class_of(a.X, ctx)
    if np.any(truth < 0) or _distinct(a.X) != n:
        return Failure(
            "every point of both clouds once",
            f"{_distinct(a.X[truth >= 0])} of the {n} drawn points, in {n} rows",
        )
    if not np.array_equal(truth, a.y):
        return Failure(
            "the cloud's own label on each row", f"another label on {np.mean(truth != a.y):.0%} of them"
        )
    return None


def _labels_flipped(a: Answers, ctx: Context) -> bool:
    return a.X.shape == (2 * ctx["n_per_class"], 2) and close(1 - a.y, _class_of(a.X, ctx))


def _labels_elsewhere(a: Answers, ctx: Context) -> bool:
    n = ctx["n_per_class"]
    return a.X.shape == (2 * n, 2) and a.y.shape == (2 * n,) and np.sum(a.y == 0) == np.sum(a.y == 1) == n


# TODO 2: validation data -----------------------------------------------------------------


def _parts(a: Answers) -> list[np.ndarray]:
    return [a.X_train, a.y_train, a.X_val, a.y_val]


def _rows(array: np.ndarray) -> int:
    return array.shape[0] if array.ndim else 0


def _is_table(X: np.ndarray, y: np.ndarray) -> bool:
    """Tell whether X has two columns and y one label for each row of X."""
    return X.shape == (_rows(y), 2) and y.ndim == 1


def _judge_split(a: Answers, ctx: Context) -> Failure | None:
    n = 2 * ctx["n_per_class"]
    n_val = _rows(a.X_val)
    tables = _is_table(a.X_train, a.y_train) and _is_table(a.X_val, a.y_val)
    if not tables or _rows(a.X_train) + n_val != n or abs(n_val - ctx["holdout"] * n) > 1:
        return Failure(
            f"{ctx['holdout']:.0%} of the {n} points held out and the others for training: X with two "
            "columns and y with as many labels on each side",
            "the shapes " + ", ".join(str(part.shape) for part in _parts(a)),
        )
    twice = n - _distinct(np.concatenate([a.X_train, a.X_val]))
    if twice:
        return Failure("every point on one side, and on one only", f"{twice} points more than once")
    for side, X, y in (("training", a.X_train, a.y_train), ("validation", a.X_val, a.y_val)):
        if not np.array_equal(_class_of(X, ctx), y):
            return Failure("each point with its own label", f"other labels among the {side} points")
    if not _is_balanced(a.y_val):
        share = float(np.mean(a.y_val))
        return Failure("both classes equally frequent on each side", f"{share:.1%} of class 1 in validation")
    return None


def _is_balanced(y: np.ndarray) -> bool:
    return abs(int(np.sum(y == 1)) - int(np.sum(y == 0))) <= 2


def _returned_order(a: Answers, ctx: Context) -> bool:
    return a.y_train.ndim == 2 and a.X_val.ndim == 1 and _rows(a.X_train) == _rows(a.X_val)


def _overlaps(a: Answers, ctx: Context) -> bool:
    if not (_is_table(a.X_train, a.y_train) and _is_table(a.X_val, a.y_val)):
        return False
    both = np.concatenate([a.X_train, a.X_val])
    return _distinct(both) < _distinct(a.X_train) + _distinct(a.X_val)


def _share_exchanged(a: Answers, ctx: Context) -> bool:
    n, tables = 2 * ctx["n_per_class"], _is_table(a.X_train, a.y_train) and _is_table(a.X_val, a.y_val)
    exchanged = abs(_rows(a.X_train) - ctx["holdout"] * n) <= 1 and _rows(a.X_train) != _rows(a.X_val)
    return tables and exchanged and _rows(a.X_train) + _rows(a.X_val) == n


def _pairs_broken(a: Answers, ctx: Context) -> bool:
    if not (_is_table(a.X_train, a.y_train) and _is_table(a.X_val, a.y_val)):
        return False
    truth = _class_of(np.concatenate([a.X_train, a.X_val]), ctx)
    labels = np.concatenate([a.y_train, a.y_val])
    return bool(np.all(truth >= 0)) and not np.array_equal(truth, labels)


def with_split(predicate: Callable[[Answers, Context], bool]) -> Callable[[Answers, Context], bool]:
    """Return the predicate, False where the four arrays are not those of TODO 2."""
    return lambda a, ctx: _judge_split(a, ctx) is None and predicate(a, ctx)


def judge_passed_split(a: Answers, ctx: Context) -> Failure | None:
    """Judge the arrays of TODO 2 where a later check is given them."""
    wrong = _judge_split(a, ctx)
    return wrong and Failure(
        wrong.expected, wrong.found, fallback_hint="The arrays of TODO 2 are not what they were."
    )


_SPLIT = {name: Array() for name in ("X_train", "y_train", "X_val", "y_val")}
# Where the split is only passed on: other shapes are refused before anything is trained.
SPLIT_AGAIN = {name: Array((None, 2) if name.startswith("X") else (None,)) for name in _SPLIT}


EXERCISES = (
    Exercise(
        name="stack",
        title="Inputs and labels",
        points=2,
        answers={"X": Array(), "y": Array()},
        judge=_judge_stack,
        mistakes=[
            Mistake(
                "side_by_side",
                lambda a, ctx: a.X.shape == (ctx["n_per_class"], 4),
                hint="The clouds stand side by side: each row now holds a point of both classes. Rows are "
                "points, so the clouds belong below one another: look at the argument `axis`.",
            ),
            Mistake(
                "new_axis",
                lambda a, ctx: a.X.shape == (2, ctx["n_per_class"], 2),
                hint="The clouds lie in two layers along a new, third axis. Joining them along an axis that "
                "they already have keeps the array two-dimensional.",
            ),
            Mistake(
                "flattened",
                lambda a, ctx: a.X.shape == (4 * ctx["n_per_class"],),
                hint="All coordinates are in one long row, and which two belong together is lost: np.append "
                "flattens unless it is told an axis.",
            ),
            Mistake(
                "column_of_labels",
                lambda a, ctx: a.y.shape == (2 * ctx["n_per_class"], 1),
                hint="The labels stand in a column, a two-dimensional array. scikit-learn and the course's "
                "figures take labels as one flat row of numbers.",
            ),
            Mistake(
                "labels_flipped",
                _labels_flipped,
                hint="The labels are exchanged: the points of cloud_0 are labelled 1. Compare the order of the "
                "clouds in X with the order of the labels in y.",
            ),
            Mistake(
                "labels_elsewhere",
                _labels_elsewhere,
                hint="There are as many 0s as 1s, but not on the rows where the clouds are. Which rows of X "
                "come from cloud_0?",
            ),
        ],
        fallback_hint="np.concatenate joins arrays along an axis; np.zeros and np.ones make labels.",
    ),
    Exercise(
        name="split",
        title="Hold out validation data",
        points=2,
        answers=_SPLIT,
        judge=_judge_split,
        mistakes=[
            Mistake(
                "returned_order",
                _returned_order,
                hint="Labels and points are exchanged: train_test_split(X, y) returns both parts of X first, "
                "then both parts of y.",
            ),
            Mistake(
                "overlap",
                _overlaps,
                hint="Some points are on both sides: the network would be tested on points that it was trained "
                "on.",
            ),
            Mistake(
                "share_exchanged",
                _share_exchanged,
                hint="The smaller part is used for training: `holdout` is the share that is held out.",
            ),
            Mistake(
                "pairs_broken",
                _pairs_broken,
                hint="The points are there, but their labels are those of other points: X and y must be "
                "shuffled in one and the same order.",
            ),
            Mistake(
                "not_shuffled",
                lambda a, ctx: _is_table(a.X_val, a.y_val) and len(np.unique(a.y_val)) == 1,
                hint="The validation data consist of one class only: the rows of X are still in the order of "
                "the clouds, and the last ones were cut off. Shuffle before you cut.",
            ),
            Mistake(
                "not_stratified",
                lambda a, ctx: _is_table(a.X_val, a.y_val) and not _is_balanced(a.y_val),
                hint="The two classes are not equally frequent in the validation data. A split by chance alone "
                "does that; look at the argument `stratify`.",
            ),
        ],
        fallback_hint="sklearn.model_selection.train_test_split takes several arrays and keeps their rows together.",
        needs=("stack",),
    ),
)
