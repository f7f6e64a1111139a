"""Lab 02, TODO 1 to 4: the points, as one table, as a figure, and divided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array
from labs_engine.declare.comparison import Run
from labs_engine.declare.drawings import Drawing, Shows
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake, close
from labs_lib.kinds.classifiers import SplitData

Answers = SimpleNamespace
Clouds = tuple[np.ndarray, np.ndarray]


def clouds(ctx: Context) -> Clouds:
    """Return the run's points of class 0 and of class 1, each of shape (n_per_class, 2), as the text has them drawn."""
    return _draw(ctx["n_per_class"], ctx["center"], ctx["variance_0"], ctx["variance_1"], ctx["seed"])


@lru_cache(maxsize=4)
def _draw(n: int, center: float, variance_0: float, variance_1: float, seed: int) -> Clouds:
    rng = np.random.default_rng(seed)
    return (
        rng.normal(-center, np.sqrt(variance_0), (n, 2)),
        rng.normal(center, np.sqrt(variance_1), (n, 2)),
    )


def together(ctx: Context) -> tuple[np.ndarray, np.ndarray]:
    """Return all points of the run, shape (n, 2), and their classes."""
    return np.concatenate(clouds(ctx)), np.repeat([0, 1], ctx["n_per_class"])


def _class_of(points: np.ndarray, ctx: Context) -> np.ndarray:
    """Return the true class of each drawn point, -1 for a point that was never drawn."""
    known = {row.tobytes(): value for value, cloud in enumerate(clouds(ctx)) for row in _single(cloud)}
    return np.array([known.get(row.tobytes(), -1) for row in _single(points)])


def _single(points: np.ndarray) -> np.ndarray:
    """Return points in single precision, which a tensor of them has."""
    return np.ascontiguousarray(points, dtype=np.float32)


def _distinct(points: np.ndarray) -> int:
    return len(np.unique(points, axis=0))


# TODO 1: the points ------------------------------------------------------------------------


def _drawn(draw: Callable[[Run, Any], Sequence[np.ndarray]]) -> Callable[[Run], dict[str, np.ndarray]]:
    """Return clouds as code, from a function of the run and a new generator."""

    def code(run: Run) -> dict[str, np.ndarray]:
        return dict(zip(("cloud_0", "cloud_1"), draw(run, np.random.default_rng(run["seed"])), strict=True))

    return code


def _pair(run: Run, rng: Any, power: float = 0.5, order: tuple[int, int] = (0, 1)) -> list[np.ndarray]:
    """Draw both clouds with their variances to some power as standard deviations, in some order."""
    found = {
        k: rng.normal((-1, 1)[k] * run["center"], run[f"variance_{k}"] ** power, _shape(run)) for k in order
    }
    return [found[0], found[1]]


def _shape(ctx: Context) -> tuple[int, int]:
    return (ctx["n_per_class"], 2)


def _two_generators(run: Run, _: Any) -> list[np.ndarray]:
    return [_pair(run, np.random.default_rng(run["seed"]), order=(k, 1 - k))[k] for k in (0, 1)]


def _old_generator(run: Run, _: Any) -> list[np.ndarray]:
    return _pair(run, np.random.RandomState(run["seed"]))


def _by_coordinate(run: Run, rng: Any) -> list[np.ndarray]:
    n = run["n_per_class"]
    return [
        np.column_stack([rng.normal(mean, run[f"variance_{k}"] ** 0.5, n) for _ in range(2)])
        for k, mean in enumerate((-run["center"], run["center"]))
    ]


def _one_number(run: Run, rng: Any) -> list[np.ndarray]:
    """Draw one number for both coordinates of a point."""
    n = run["n_per_class"]
    return [
        np.repeat(rng.normal(mean, run[f"variance_{k}"] ** 0.5, (n, 1)), 2, axis=1)
        for k, mean in enumerate((-run["center"], run["center"]))
    ]


def _same_mean(run: Run, rng: Any) -> list[np.ndarray]:
    first, second = _pair(run, rng)
    return [first, second - 2 * run["center"]]


# TODO 2: inputs and labels ---------------------------------------------------------------


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
    if a.X.shape != (2 * n, 2) or a.y.shape != (2 * n,) or np.any(_class_of(a.X, ctx) < 0):
        return False
    return bool(np.sum(a.y == 0) == np.sum(a.y == 1) == n)


# TODO 3: a scatter plot --------------------------------------------------------------------


def _scatter(run: Run, *, exchanged: bool = False, groups: bool = True, legend: bool = True) -> Shows:
    sets = [cloud.T[::-1] if exchanged else cloud.T for cloud in clouds(run)]
    everything = [tuple(np.concatenate(sets, axis=1))]
    return Shows(
        groups=[(x, y) for x, y in sets] if groups else (),
        points=() if groups else [(x, y) for x, y in everything],
        legend=legend,
    )


# TODO 4: validation data -----------------------------------------------------------------


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
            f"{ctx['holdout']:.0%} of the {n} points for validation and the others for training: X with two "
            "columns and y with as many labels on each side",
            "the shapes " + ", ".join(str(part.shape) for part in _parts(a)),
        )
    twice = n - _distinct(np.concatenate([a.X_train, a.X_val]))
    if twice:
        return Failure("every point on one side, and on one only", f"{twice} points more than once")
    strangers = int(np.sum(_class_of(np.concatenate([a.X_train, a.X_val]), ctx) < 0))
    if strangers:
        return Failure("the points that TODO 1 draws", f"{strangers} points that are not among them")
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


_NAMES = ("X_train", "y_train", "X_val", "y_val")
SPLIT_AGAIN = SplitData(2)


def _is_split(data: Sequence[np.ndarray], ctx: Context) -> bool:
    return _judge_split(SimpleNamespace(**dict(zip(_NAMES, data, strict=True))), ctx) is None


def with_split(predicate: Callable[[Answers, Context], bool]) -> Callable[[Answers, Context], bool]:
    """Return the predicate, False where `data` is not the split of TODO 4."""
    return lambda a, ctx: _is_split(a.data, ctx) and predicate(a, ctx)


def judge_passed_split(a: Answers, ctx: Context) -> Failure | None:
    """Judge the arrays of TODO 4 where a later check is given them."""
    wrong = _judge_split(SimpleNamespace(**dict(zip(_NAMES, a.data, strict=True))), ctx)
    return wrong and Failure(
        wrong.expected, wrong.found, fallback_hint="The arrays of TODO 4 are not what they were."
    )


def split_of(run: Run) -> tuple[np.ndarray, ...]:
    """Return the split that the student made if it holds, else one that does: for right answers that build on it."""
    assert run.given is not None
    if _is_split(run.given.data, run):
        return tuple(run.given.data)
    return _another_split(run)


def on_split(code: Callable[[Run], dict[str, Any]]) -> Callable[[Run], dict[str, Any]]:
    """Return the code of a mistake that is made on the right split: where the split is wrong, it is not shown."""
    return lambda run: {**code(run), "data": split_of(run)}


def _another_split(ctx: Context) -> tuple[np.ndarray, ...]:
    from sklearn.model_selection import train_test_split

    X, y = together(ctx)
    X_train, X_val, y_train, y_val = train_test_split(
        X, y, test_size=ctx["holdout"], random_state=0, stratify=y
    )
    return X_train, y_train, X_val, y_val


EXERCISES = (
    Exercise(
        name="draw",
        title="Draw two clouds",
        points=2,
        answers={
            "cloud_0": Array(_shape, what="the points of class 0, the first that default_rng(seed) draws"),
            "cloud_1": Array(_shape, what="the points of class 1, drawn by the same generator afterwards"),
        },
        right=lambda run: dict(zip(("cloud_0", "cloud_1"), clouds(run), strict=True)),
        mistakes=[
            Mistake(
                "variance",
                wrong=_drawn(lambda run, rng: _pair(run, rng, power=1.0)),
                hint="The points scatter too widely or too closely: rng.normal takes a standard deviation, the "
                "parameters are variances.",
            ),
            Mistake(
                "unit_variance",
                wrong=_drawn(lambda run, rng: _pair(run, rng, power=0.0)),
                hint="Both clouds have the variance 1.",
            ),
            Mistake(
                "same_mean",
                wrong=_drawn(_same_mean),
                hint="Both clouds lie around the same mean. Class 1 belongs on the other side of the origin.",
            ),
            Mistake(
                "names_exchanged",
                wrong=_drawn(lambda run, rng: _pair(run, rng)[::-1]),
                hint="The two clouds are exchanged: class 0 lies around (-center, -center).",
            ),
            Mistake(
                "second_first",
                wrong=_drawn(lambda run, rng: _pair(run, rng, order=(1, 0))),
                hint="Class 1 was drawn before class 0. A generator gives its numbers in order.",
            ),
            Mistake(
                "two_generators",
                wrong=_drawn(_two_generators),
                hint="Each cloud has a new generator with the same seed, so both have the same random numbers, only "
                "shifted and stretched. Make one generator and draw twice.",
            ),
            Mistake(
                "old_generator",
                wrong=_drawn(_old_generator),
                hint="These numbers come from NumPy's old generator, np.random.seed. Use np.random.default_rng(seed).",
            ),
            Mistake(
                "by_coordinate",
                wrong=_drawn(_by_coordinate),
                hint="This is a right way to draw such clouds, but it gives other numbers: each coordinate was drawn "
                "by a call of its own. One call can fill a whole array, see the argument size.",
            ),
            Mistake(
                "one_number",
                wrong=_drawn(_one_number),
                hint="Both coordinates of each point are the same number: all points lie on the diagonal.",
            ),
        ],
        fallback_hint="One new generator, two calls of its normal, each with a mean, a standard deviation and a size.",
    ),
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
                hint="All coordinates are in one long row, and which two belong together is lost. The clouds are to "
                "keep their two columns.",
            ),
            Mistake(
                "column_of_labels",
                lambda a, ctx: a.y.shape == (2 * ctx["n_per_class"], 1),
                hint="The labels stand in a column, a two-dimensional array. scikit-learn takes labels as one flat "
                "row of numbers.",
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
        needs=("draw",),
    ),
    Exercise(
        name="scatter",
        title="A scatter plot by class",
        points=1,
        answers={"ax_clouds": Drawing()},
        right=lambda run: _scatter(run),
        mistakes=[
            Mistake(
                "no_legend",
                wrong=lambda run: _scatter(run, legend=False),
                hint="The points and their colours are right. A legend that says which class is which is missing.",
            ),
            Mistake(
                "one_colour",
                wrong=[
                    lambda run: _scatter(run, groups=False),
                    lambda run: _scatter(run, groups=False, legend=False),
                ],
                hint="All points are there and look the same. In seaborn the argument hue takes what decides about "
                "the colour.",
            ),
            Mistake(
                "exchanged",
                wrong=lambda run: _scatter(run, exchanged=True),
                hint="The axes are exchanged: the first column of X belongs on the horizontal axis.",
            ),
        ],
        fallback_hint="The first column of X goes on the horizontal axis, the second on the vertical one; both axes "
        "have a label.",
        needs=("stack",),
    ),
    Exercise(
        name="split",
        title="Validation data",
        points=2,
        answers={name: Array() for name in ("X_train", "y_train", "X_val", "y_val")},
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
                hint="The smaller part is used for training: `holdout` is the share of the validation data.",
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
                hint="The validation data consist of one class only. The rows of X are sorted by class: they must be "
                "shuffled before they are divided.",
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
