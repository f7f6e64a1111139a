"""Lab 02, Gaussian classification: parameters, exercises, checks."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_lib.datasets import synthetic
from labs_lib.exercises.answers import Array, Curves, Function, Model, Number
from labs_lib.exercises.framework import Context, Exercise, LabSpec, Mistake, ShortAnswer, Wrong, close
from labs_lib.exercises.networks import activations, learning_rate, loss_name, optimizer_name, units
from labs_lib.exercises.parameters import Parameter, common_parameters

Answers = SimpleNamespace
Formula = Callable[..., np.ndarray]


def _clouds(ctx: Context) -> tuple[np.ndarray, np.ndarray]:
    return _draw(ctx["n_per_class"], ctx["center"], ctx["variance_0"], ctx["variance_1"], ctx["seed"])


@lru_cache(maxsize=4)
def _draw(*arguments: Any) -> tuple[np.ndarray, np.ndarray]:
    return synthetic.gaussians(*arguments)


def _class_of(points: np.ndarray, ctx: Context) -> np.ndarray:
    """Return the true class of each drawn point, -1 for a point that was never drawn."""
    clouds = _clouds(ctx)
    known = {point.tobytes(): value for value, cloud in enumerate(clouds) for point in cloud}
    rows = np.ascontiguousarray(points, dtype=clouds[0].dtype)
    return np.array([known.get(row.tobytes(), -1) for row in rows])


def _distinct(points: np.ndarray) -> int:
    return len(np.unique(points, axis=0))


# TODO 1: inputs and labels ---------------------------------------------------------------


def _judge_stack(a: Answers, ctx: Context) -> Wrong | None:
    n = 2 * ctx["n_per_class"]
    if a.X.shape != (n, 2):
        return Wrong(f"X with one row a point and one column a coordinate, shape ({n}, 2)", f"{a.X.shape}")
    if a.y.shape != (n,):
        return Wrong(f"y with one label a point, shape ({n},)", f"shape {a.y.shape}")
    if set(np.unique(a.y).tolist()) != {0, 1}:
        return Wrong("the labels 0 and 1", f"the labels {np.unique(a.y)[:5].tolist()}")
    truth = _class_of(a.X, ctx)
    if np.any(truth < 0) or _distinct(a.X) != n:
        return Wrong(
            "every point of both clouds once",
            f"{_distinct(a.X[truth >= 0])} of the {n} drawn points, in {n} rows",
        )
    if not np.array_equal(truth, a.y):
        return Wrong(
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


def _judge_split(a: Answers, ctx: Context) -> Wrong | None:
    n = 2 * ctx["n_per_class"]
    n_val = _rows(a.X_val)
    tables = _is_table(a.X_train, a.y_train) and _is_table(a.X_val, a.y_val)
    if not tables or _rows(a.X_train) + n_val != n or abs(n_val - ctx["holdout"] * n) > 1:
        return Wrong(
            f"{ctx['holdout']:.0%} of the {n} points held out and the others for training: X with two "
            "columns and y with as many labels on each side",
            "the shapes " + ", ".join(str(part.shape) for part in _parts(a)),
        )
    twice = n - _distinct(np.concatenate([a.X_train, a.X_val]))
    if twice:
        return Wrong("every point on one side, and on one only", f"{twice} points more than once")
    for side, X, y in (("training", a.X_train, a.y_train), ("validation", a.X_val, a.y_val)):
        if not np.array_equal(_class_of(X, ctx), y):
            return Wrong("each point with its own label", f"other labels among the {side} points")
    if not _is_balanced(a.y_val):
        share = float(np.mean(a.y_val))
        return Wrong("both classes equally frequent on each side", f"{share:.1%} of class 1 in validation")
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


def _with_split(predicate: Callable[[Answers, Context], bool]) -> Callable[[Answers, Context], bool]:
    """Return the predicate, False where the four arrays are not those of TODO 2."""
    return lambda a, ctx: _judge_split(a, ctx) is None and predicate(a, ctx)


def _judge_passed_split(a: Answers, ctx: Context) -> Wrong | None:
    """Judge the arrays of TODO 2 where a later check is given them."""
    wrong = _judge_split(a, ctx)
    return wrong and Wrong(wrong.expected, wrong.found, where="The arrays of TODO 2 are not what they were.")


# TODO 3: the network ---------------------------------------------------------------------


def _widths(ctx: Context) -> list[tuple[int]]:
    return [(ctx["hidden"],), (ctx["hidden"] + 3,)]


def _judge_model(a: Answers, ctx: Context) -> Wrong | None:
    for model, (hidden,) in zip(a.build_model, _widths(ctx), strict=True):
        if model.input_shape != (None, 2):
            return Wrong("two input features, shape (None, 2)", f"input shape {model.input_shape}")
        if units(model) != [hidden, hidden, 1]:
            return Wrong(
                f"two hidden layers of {hidden} units and one output for build_model({hidden})",
                f"dense layers of {units(model)} units",
            )
        if activations(model) != ["relu", "relu", "sigmoid"]:
            return Wrong(
                "the activations that the text asks for, layer by layer", f"{', '.join(activations(model))}"
            )
    return None


# TODO 4: counting parameters -------------------------------------------------------------


def _layers(ctx: Context, inputs: int = 2) -> list[tuple[int, int]]:
    return [(inputs, ctx["hidden"]), (ctx["hidden"], ctx["hidden"]), (ctx["hidden"], 1)]


def _judge_count(a: Answers, ctx: Context) -> Wrong | None:
    right = sum((m + 1) * n for m, n in _layers(ctx))
    if a.n_parameters == right:
        return None
    network = f"2 → {ctx['hidden']} → {ctx['hidden']} → 1"
    return Wrong(f"all weights and biases of {network}", f"{a.n_parameters:g}")


# TODO 5: training ------------------------------------------------------------------------

_TRIAL_EPOCHS = (2, 3)


def _trials(ctx: Context) -> list[tuple[int, int]]:
    seed = int(ctx.rng(5).integers(1, 1000))
    return [(seed, epochs) for epochs in _TRIAL_EPOCHS]


def _log_loss(model: Any, X: np.ndarray, y: np.ndarray) -> float:
    p = np.asarray(model(np.asarray(X, dtype=np.float32)), dtype=float).reshape(-1)
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return float(-np.mean(np.where(y == 1, np.log(p), np.log(1 - p))))


def _updates(samples: int, epochs: int, ctx: Context) -> int:
    return epochs * -(-samples // ctx["batch_size"])


def _judge_train(a: Answers, ctx: Context) -> Wrong | None:
    if (wrong := _judge_passed_split(a, ctx)) is not None:
        return wrong
    (model, curves), (_, longer) = a.train
    lengths = (len(curves["loss"]), len(longer["loss"]))
    if units(model) != [ctx["hidden"], ctx["hidden"], 1] or activations(model)[-1] != "sigmoid":
        return Wrong("the network of TODO 3 with `hidden` units", f"dense layers of {units(model)} units")
    if loss_name(model) != "binary_crossentropy":
        return Wrong("the binary cross-entropy as loss", loss_name(model))
    if optimizer_name(model) != "Adam":
        return Wrong("the optimiser Adam", optimizer_name(model))
    if not close(learning_rate(model), ctx["learning_rate"], rtol=1e-3):
        return Wrong(f"the learning rate {ctx['learning_rate']:g}", f"{learning_rate(model):g}")
    if lengths != _TRIAL_EPOCHS:
        return Wrong(f"as many epochs as asked for, {_TRIAL_EPOCHS}", f"{lengths}")
    missing = [key for key in ("accuracy", "val_loss", "val_accuracy") if key not in curves]
    if missing:
        return Wrong(
            "curves of loss and accuracy, on training and validation data", f"no {', no '.join(missing)}"
        )
    if a.train[0][0] is a.train[1][0] or not close(curves["loss"], longer["loss"][: lengths[0]], rtol=1e-3):
        return Wrong(
            "a run that starts afresh: the same first losses for the same seed",
            f"first losses {curves['loss'][0]:.4f} and {longer['loss'][0]:.4f}",
        )
    updates = int(model.optimizer.iterations)
    if updates != _updates(len(a.X_train), _TRIAL_EPOCHS[0], ctx):
        return Wrong(
            f"one update for each batch of {ctx['batch_size']} training points",
            f"{updates} updates in {_TRIAL_EPOCHS[0]} epochs",
        )
    if not close(curves["val_loss"][-1], _log_loss(model, a.X_val, a.y_val), rtol=1e-3):
        return Wrong(
            "a validation curve that ends at this model's loss on the validation data",
            f"{curves['val_loss'][-1]:.4f}, which is not that loss",
        )
    return None


def _first(a: Answers) -> Any:
    return a.train[0][0]


def _not_rebuilt(a: Answers, ctx: Context) -> bool:
    (first, curve), (second, again) = a.train
    went_on = again["loss"][0] < 0.97 * curve["loss"][0] and again["loss"][0] < 1.03 * curve["loss"][-1]
    return first is second or went_on


def _trained_on_everything(a: Answers, ctx: Context) -> bool:
    updates, epochs = int(_first(a).optimizer.iterations), _TRIAL_EPOCHS[0]
    everything = _updates(2 * ctx["n_per_class"], epochs, ctx)
    return updates == everything != _updates(len(a.X_train), epochs, ctx)


def _other_updates(a: Answers, ctx: Context) -> bool:
    return int(_first(a).optimizer.iterations) != _updates(len(a.X_train), _TRIAL_EPOCHS[0], ctx)


def _validated_on_training(a: Answers, ctx: Context) -> bool:
    model, curves = a.train[0]
    if "val_loss" not in curves or loss_name(model) != "binary_crossentropy":
        return False
    return close(curves["val_loss"][-1], _log_loss(model, a.X_train, a.y_train), rtol=1e-3)


# TODO 6: from probabilities to classes -----------------------------------------------------


def _probabilities(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(6)
    columns = [rng.uniform(0.02, 0.98, (n, 1)) for n in (12, 17)]
    # Away from one half, where rounding could decide.
    return [(np.where(np.abs(p - 0.5) < 0.02, 0.6, p).astype(np.float32),) for p in columns]


def _judge_classes(a: Answers, ctx: Context) -> Wrong | None:
    for given, (p,) in zip(a.to_classes, _probabilities(ctx), strict=True):
        if given.shape != (len(p),):
            return Wrong(f"one class a point, shape ({len(p)},)", f"shape {given.shape}")
        if not set(np.unique(given).tolist()) <= {0, 1}:
            return Wrong("classes, 0 or 1", f"the value {given.flat[0]:.3g}, for example")
        if not np.array_equal(given, p[:, 0] > 0.5):
            at = int(np.argmax(given != (p[:, 0] > 0.5)))
            return Wrong(
                "the class that is more probable", f"class {given[at]:g} at the probability {p[at, 0]:.2f}"
            )
    return None


def _gives(formula: Formula) -> Callable[[Answers, Context], bool]:
    """Return a predicate: the classes are those of another formula of the column of probabilities."""

    def same(a: Answers, ctx: Context) -> bool:
        return all(
            close(given, formula(p)) for given, (p,) in zip(a.to_classes, _probabilities(ctx), strict=True)
        )

    return same


# TODO 7: the best possible rule ------------------------------------------------------------


def _rule_probes(ctx: Context) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, float, float]]:
    rng = ctx.rng(7)
    probes = []
    for smaller_first in (True, False):
        variances = rng.uniform(0.5, 1.5), rng.uniform(2.5, 6.0)
        v0, v1 = (round(v, 2) for v in (variances if smaller_first else variances[::-1]))
        mean_0, mean_1 = (np.round(rng.uniform(-2, 2, 2), 2) for _ in range(2))
        probes.append((rng.normal(0, 2, (15, 2)), mean_0, mean_1, v0, v1))
    return probes


def _squared_distance(points: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return np.sum((points - mean) ** 2, axis=1)


def _log_ratio(
    points: np.ndarray, m0: np.ndarray, m1: np.ndarray, v0: float, v1: float, log_weight: float = 1.0
) -> np.ndarray:
    distances = _squared_distance(points, m0) / (2 * v0) - _squared_distance(points, m1) / (2 * v1)
    return distances + log_weight * np.log(v0 / v1)


def _equal_variances(points: np.ndarray, m0: np.ndarray, m1: np.ndarray, v0: float, v1: float) -> np.ndarray:
    return _log_ratio(points, m0, m1, (v0 + v1) / 2, (v0 + v1) / 2)


def _judge_rule(a: Answers, ctx: Context) -> Wrong | None:
    for given, probe in zip(a.log_ratio, _rule_probes(ctx), strict=True):
        points, _, _, v0, v1 = probe
        if given.shape != (len(points),):
            return Wrong(f"one value for each of the {len(points)} points", f"shape {given.shape}")
        right = _log_ratio(*probe)
        if not close(given, right, rtol=1e-3, atol=1e-4):
            at = int(np.argmax(np.abs(given - right)))
            where = f"({points[at, 0]:.2f}, {points[at, 1]:.2f})"
            return Wrong(
                "the logarithm of the ratio of the two densities, class 1 above class 0",
                f"{given[at]:.3f} at the point {where} for the variances {v0} and {v1}: not that ratio",
            )
    return None


def _follows(*formulas: Formula) -> Callable[[Answers, Context], bool]:
    """Return a predicate: the outputs are those of one of several other formulas."""

    def same(a: Answers, ctx: Context) -> bool:
        probes = _rule_probes(ctx)
        return any(
            all(
                close(given, formula(*probe), rtol=1e-3, atol=1e-4)
                for given, probe in zip(a.log_ratio, probes, strict=True)
            )
            for formula in formulas
        )

    return same


# TODO 8: the best possible accuracy --------------------------------------------------------


def _classes(ctx: Context) -> tuple[Any, Any]:
    from scipy.stats import multivariate_normal

    center = ctx["center"]
    return (
        multivariate_normal([-center] * 2, ctx["variance_0"]),
        multivariate_normal([center] * 2, ctx["variance_1"]),
    )


@lru_cache(maxsize=4)
def _best_accuracy(center: float, variance_0: float, variance_1: float) -> float:
    from labs_lib.evaluation import bayes_accuracy

    parameters = {"center": center, "variance_0": variance_0, "variance_1": variance_1}
    return bayes_accuracy(*_classes(Context(parameters)))


def _best(ctx: Context) -> float:
    return _best_accuracy(ctx["center"], ctx["variance_0"], ctx["variance_1"])


_TOLERANCE = 5e-4


def _judge_bayes(a: Answers, ctx: Context) -> Wrong | None:
    if abs(a.bayes_accuracy - _best(ctx)) < _TOLERANCE:
        return None
    return Wrong(
        f"the probability of a right decision by the best rule, to within {_TOLERANCE:g}",
        f"{a.bayes_accuracy:.5g}",
    )


def _is(value: Callable[[Context], float], tolerance: float = 1e-3) -> Callable[[Answers, Context], bool]:
    """Return a predicate: the number is, up to a relative tolerance, another one."""
    return lambda a, ctx: close(a.bayes_accuracy, value(ctx), rtol=tolerance)


def _grid_densities(ctx: Context) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return the log ratio, both densities and the area of a cell on the notebook's grid."""
    from labs_lib.evaluation import plane_grid

    first, second = _classes(ctx)
    points, area = plane_grid(first, second)
    log_ratio = second.logpdf(points) - first.logpdf(points)
    return log_ratio, first.pdf(points), second.pdf(points), area


def _without_density(a: Answers, ctx: Context) -> bool:
    log_ratio, _, _, _ = _grid_densities(ctx)
    posterior = 1 / (1 + np.exp(-np.abs(log_ratio)))
    values = (np.mean(posterior), np.mean(log_ratio > 0), np.mean(log_ratio < 0))
    return any(close(a.bayes_accuracy, value, rtol=1e-3) for value in values)


def _one_class(a: Answers, ctx: Context) -> bool:
    log_ratio, density_0, density_1, area = _grid_densities(ctx)
    shares = np.array([np.sum(density_0[log_ratio <= 0]), np.sum(density_1[log_ratio > 0])]) * area
    return any(close(a.bayes_accuracy, value, rtol=5e-4) for value in (*shares, *shares / 2))


def _on_the_sample(a: Answers, ctx: Context) -> bool:
    first, second = _classes(ctx)
    cloud_0, cloud_1 = _clouds(ctx)
    right_0 = np.mean(first.logpdf(cloud_0) >= second.logpdf(cloud_0))
    right_1 = np.mean(second.logpdf(cloud_1) > first.logpdf(cloud_1))
    return close(a.bayes_accuracy, (right_0 + right_1) / 2, rtol=1e-4)


def _cell_area(ctx: Context) -> float:
    from labs_lib.evaluation import plane_grid

    return plane_grid(*_classes(ctx))[1]


# TODO 9: two classical classifiers ---------------------------------------------------------


def _new_points(ctx: Context) -> list[tuple[np.ndarray]]:
    spread = np.sqrt(max(ctx["variance_0"], ctx["variance_1"]))
    return [(ctx.rng(9).normal(0, spread, (20, 2)),)]


def _fitted(X: np.ndarray, y: np.ndarray) -> tuple[Any, Any]:
    from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression

    return QuadraticDiscriminantAnalysis().fit(X, y), LogisticRegression().fit(X, y)


def _decides_like(a: Answers, ctx: Context, X: np.ndarray, y: np.ndarray) -> tuple[bool, bool]:
    """Tell of QDA and of logistic regression whether they were fitted on these data."""
    ((points,),) = _new_points(ctx)
    qda, logistic = _fitted(X, y)
    return (
        close(a.qda[0], qda.decision_function(points), rtol=3e-3, atol=3e-3),
        close(a.logistic[0], logistic.decision_function(points), rtol=3e-3, atol=3e-3),
    )


def _judge_baselines(a: Answers, ctx: Context) -> Wrong | None:
    if (wrong := _judge_passed_split(a, ctx)) is not None:
        return wrong
    names = ("the quadratic discriminant analysis", "the logistic regression")
    fitted = _decides_like(a, ctx, a.X_train, a.y_train)
    for name, right in zip(names, fitted, strict=True):
        if not right:
            return Wrong(f"{name} fitted on the training data", "decisions that follow from other data")
    models = _fitted(a.X_train, a.y_train)
    for name, model, given in zip(names, models, (a.qda_accuracy, a.logistic_accuracy), strict=True):
        if not close(given, model.score(a.X_val, a.y_val), rtol=1e-4, atol=0.6 / len(a.y_val)):
            return Wrong(f"the accuracy of {name} on the validation data", f"{given:.4f}")
    return None


def _fitted_on(
    pick: Callable[[Answers], tuple[np.ndarray, np.ndarray]],
) -> Callable[[Answers, Context], bool]:
    return lambda a, ctx: (
        any(_decides_like(a, ctx, *pick(a))) and not all(_decides_like(a, ctx, a.X_train, a.y_train))
    )


def _everything(a: Answers) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([a.X_train, a.X_val]), np.concatenate([a.y_train, a.y_val])


def _scores(a: Answers, X: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    qda, logistic = _fitted(a.X_train, a.y_train)
    return qda.score(X, y), logistic.score(X, y)


def _scored_on_training(a: Answers, ctx: Context) -> bool:
    qda, logistic = _scores(a, a.X_train, a.y_train)
    return close(a.qda_accuracy, qda) or close(a.logistic_accuracy, logistic)


def _scores_exchanged(a: Answers, ctx: Context) -> bool:
    qda, logistic = _scores(a, a.X_val, a.y_val)
    return close(a.qda_accuracy, logistic) and close(a.logistic_accuracy, qda)


def _errors(a: Answers, ctx: Context) -> bool:
    qda, logistic = _scores(a, a.X_val, a.y_val)
    return close(a.qda_accuracy, 1 - qda) or close(a.logistic_accuracy, 1 - logistic)


_SPLIT = {name: Array() for name in ("X_train", "y_train", "X_val", "y_val")}
# Where the split is only passed on: other shapes are refused before anything is trained.
_SPLIT_AGAIN = {name: Array((None, 2) if name.startswith("X") else (None,)) for name in _SPLIT}

LAB = LabSpec(
    number="02",
    slug="gaussian_classification",
    title="Gaussian classification",
    summary="A small network separates two overlapping clouds and is measured against the best possible rule.",
    parameters=(
        *common_parameters(),
        Parameter("n_per_class", int, 1000, "points of each class", minimum=50, maximum=100_000),
        Parameter(
            "center", float, 1.0, "class 1 lies around (center, center), class 0 opposite", minimum=0.1
        ),
        Parameter("variance_0", float, 4.0, "variance of each coordinate of class 0", minimum=0.01),
        Parameter("variance_1", float, 3.0, "variance of each coordinate of class 1", minimum=0.01),
        Parameter("holdout", float, 0.3, "share of the points held out", minimum=0.05, maximum=0.9),
        Parameter("hidden", int, 5, "units in each hidden layer", minimum=1, maximum=512),
        Parameter("learning_rate", float, 0.01, "learning rate of Adam", minimum=1e-6, maximum=1.0),
        Parameter("batch_size", int, 32, "points per update", minimum=1),
        Parameter("epochs", int, 300, "passes over the training data", minimum=2),
        Parameter("n_seeds", int, None, "networks to train", quick=2, full=5, minimum=1),
    ),
    exercises=(
        Exercise(
            "stack",
            "Inputs and labels",
            2,
            {"X": Array(), "y": Array()},
            _judge_stack,
            (
                Mistake(
                    "side_by_side",
                    lambda a, ctx: a.X.shape == (ctx["n_per_class"], 4),
                    "The clouds stand side by side: each row now holds a point of both classes. Rows are "
                    "points, so the clouds belong below one another: look at the argument `axis`.",
                ),
                Mistake(
                    "new_axis",
                    lambda a, ctx: a.X.shape == (2, ctx["n_per_class"], 2),
                    "The clouds lie in two layers along a new, third axis. Joining them along an axis that "
                    "they already have keeps the array two-dimensional.",
                ),
                Mistake(
                    "flattened",
                    lambda a, ctx: a.X.shape == (4 * ctx["n_per_class"],),
                    "All coordinates are in one long row, and which two belong together is lost: np.append "
                    "flattens unless it is told an axis.",
                ),
                Mistake(
                    "column_of_labels",
                    lambda a, ctx: a.y.shape == (2 * ctx["n_per_class"], 1),
                    "The labels stand in a column, a two-dimensional array. scikit-learn and the course's "
                    "figures take labels as one flat row of numbers.",
                ),
                Mistake(
                    "labels_flipped",
                    _labels_flipped,
                    "The labels are exchanged: the points of cloud_0 are labelled 1. Compare the order of "
                    "the clouds in X with the order of the labels in y.",
                ),
                Mistake(
                    "labels_elsewhere",
                    _labels_elsewhere,
                    "There are as many 0s as 1s, but not on the rows where the clouds are. Which rows of X "
                    "come from cloud_0?",
                ),
            ),
            where="np.concatenate joins arrays along an axis; np.zeros and np.ones make labels.",
        ),
        Exercise(
            "split",
            "Hold out validation data",
            2,
            _SPLIT,
            _judge_split,
            (
                Mistake(
                    "returned_order",
                    _returned_order,
                    "Labels and points are exchanged: train_test_split(X, y) returns both parts of X first, "
                    "then both parts of y.",
                ),
                Mistake(
                    "overlap",
                    _overlaps,
                    "Some points are on both sides: the network would be tested on points that it was "
                    "trained on.",
                ),
                Mistake(
                    "share_exchanged",
                    _share_exchanged,
                    "The smaller part is used for training: `holdout` is the share that is held out.",
                ),
                Mistake(
                    "pairs_broken",
                    _pairs_broken,
                    "The points are there, but their labels are those of other points: X and y must be "
                    "shuffled in one and the same order.",
                ),
                Mistake(
                    "not_shuffled",
                    lambda a, ctx: _is_table(a.X_val, a.y_val) and len(np.unique(a.y_val)) == 1,
                    "The validation data consist of one class only: the rows of X are still in the order "
                    "of the clouds, and the last ones were cut off. Shuffle before you cut.",
                ),
                Mistake(
                    "not_stratified",
                    lambda a, ctx: _is_table(a.X_val, a.y_val) and not _is_balanced(a.y_val),
                    "The two classes are not equally frequent in the validation data. A split by chance "
                    "alone does that; look at the argument `stratify`.",
                ),
            ),
            where="sklearn.model_selection.train_test_split takes several arrays and keeps their rows together.",
            needs=("stack",),
        ),
        Exercise(
            "model",
            "A network for two classes",
            2,
            {"build_model": Function(_widths, Model())},
            _judge_model,
            (
                Mistake(
                    "no_sigmoid",
                    lambda a, ctx: activations(a.build_model[0]) == ["relu", "relu", "linear"],
                    "The output has no activation and can be any number. A probability lies between 0 and 1.",
                ),
                Mistake(
                    "softmax",
                    lambda a, ctx: activations(a.build_model[0])[-1:] == ["softmax"],
                    "A softmax makes the outputs of a layer add up to 1. With a single output that one is "
                    "always exactly 1, whatever the input; with two the text asks for another network.",
                ),
                Mistake(
                    "width_typed_in",
                    lambda a, ctx: units(a.build_model[0]) == units(a.build_model[1]),
                    "The layers have the same width whatever is asked for: use the argument `hidden`.",
                ),
                Mistake(
                    "linear_hidden",
                    lambda a, ctx: activations(a.build_model[0]) == ["linear", "linear", "sigmoid"],
                    "The hidden layers have no activation: the boundary can only be a straight line.",
                ),
                Mistake(
                    "hidden_layer_missing",
                    lambda a, ctx: units(a.build_model[0]) == [ctx["hidden"], 1],
                    "There is one hidden layer; the text asks for two before the output.",
                ),
                Mistake(
                    "one_input",
                    lambda a, ctx: a.build_model[0].input_shape == (None, 1),
                    "The network takes one number a point. How many coordinates does a point have?",
                ),
            ),
            where="Start from keras.Input with the shape of one point, apply the layers of the table one after "
            "another, and return keras.Model(inputs, outputs).",
        ),
        Exercise(
            "count",
            "Count the parameters",
            1,
            {"n_parameters": Number(integer=True)},
            _judge_count,
            (
                Mistake(
                    "no_biases",
                    lambda a, ctx: a.n_parameters == sum(m * n for m, n in _layers(ctx)),
                    "These are the weights alone. Every unit also has a bias.",
                ),
                Mistake(
                    "one_input",
                    lambda a, ctx: a.n_parameters == sum((m + 1) * n for m, n in _layers(ctx, inputs=1)),
                    "This is the network of lab 01, which takes one number. Here a point has more coordinates.",
                ),
                Mistake(
                    "output_forgotten",
                    lambda a, ctx: a.n_parameters == sum((m + 1) * n for m, n in _layers(ctx)[:2]),
                    "The hidden layers are counted, the output layer is not.",
                ),
                Mistake(
                    "default_width",
                    lambda a, ctx: a.n_parameters == 51,
                    "This is the count for another width. Compute it from `hidden`.",
                ),
            ),
            where="A dense layer with m inputs and n units has one weight for each pair and one bias a unit.",
        ),
        Exercise(
            "train",
            "Train and watch the validation data",
            3,
            {**_SPLIT_AGAIN, "train": Function(_trials, (Model(compiled=True), Curves()))},
            _judge_train,
            (
                Mistake(
                    "squared_error",
                    lambda a, ctx: loss_name(_first(a)) == "mean_squared_error",
                    "The loss is the squared error, the loss of lab 01. For probabilities the text asks for "
                    "another one, which punishes confident mistakes.",
                ),
                Mistake(
                    "sgd",
                    lambda a, ctx: optimizer_name(_first(a)).startswith("SGD"),
                    "This is SGD; the text asks for Adam here.",
                ),
                Mistake(
                    "default_rate",
                    lambda a, ctx: (
                        optimizer_name(_first(a)) == "Adam"
                        and not close(learning_rate(_first(a)), ctx["learning_rate"], rtol=1e-3)
                    ),
                    "The optimiser is Adam, with another rate than `learning_rate`. Passing the text 'adam' "
                    "instead of an optimiser object uses Keras's default.",
                ),
                Mistake(
                    "epochs_ignored",
                    lambda a, ctx: len({len(curves["loss"]) for _, curves in a.train}) == 1,
                    "The curves have the same length whatever is asked for: use the argument `epochs`.",
                ),
                Mistake(
                    "not_rebuilt",
                    _not_rebuilt,
                    "The second run goes on where the first one stopped: build the network inside the function.",
                ),
                Mistake(
                    "no_accuracy",
                    lambda a, ctx: "accuracy" not in a.train[0][1],
                    "The history holds the loss alone: ask for the accuracy when you compile, with "
                    'metrics=["accuracy"].',
                ),
                Mistake(
                    "no_validation",
                    lambda a, ctx: "val_loss" not in a.train[0][1],
                    "The history holds no validation curves: pass the pair of validation inputs and labels.",
                ),
                Mistake(
                    "trained_on_everything",
                    _with_split(_trained_on_everything),
                    "The number of updates is that of all points together: the validation data were trained "
                    "on, and no longer tell anything about new points.",
                ),
                Mistake(
                    "validated_on_training",
                    _with_split(_validated_on_training),
                    "The validation curve is measured on the training data. It must come from points that "
                    "the network was not trained on.",
                ),
                Mistake(
                    "batch_size",
                    _with_split(_other_updates),
                    "The number of updates does not fit the training data and `batch_size`.",
                ),
            ),
            where="Build, compile, call training.fit with the training data, `validation_data`, `epochs`, "
            "`batch_size` and `seed`, and return the model and what fit gave, in this order.",
            needs=("split", "model"),
        ),
        Exercise(
            "classes",
            "From probabilities to classes",
            1,
            {"to_classes": Function(_probabilities, Array())},
            _judge_classes,
            (
                Mistake(
                    "column",
                    lambda a, ctx: a.to_classes[0].shape == (len(_probabilities(ctx)[0][0]), 1),
                    "The result is still a column, shape (n, 1). Compared with the flat labels it would be "
                    "stretched to a table of n × n values without a warning.",
                ),
                Mistake(
                    "probabilities",
                    _gives(lambda p: p[:, 0]),
                    "These are the probabilities themselves; a class is 0 or 1.",
                ),
                Mistake(
                    "argmax",
                    _gives(lambda p: np.zeros(len(p))),
                    "Every point is in class 0. If you used argmax: it tells which *column* is largest, and "
                    "there is one column only.",
                ),
                Mistake(
                    "threshold_zero",
                    _gives(lambda p: np.ones(len(p))),
                    "Every point is in class 1. A probability is never below 0: at which value are both "
                    "classes equally probable?",
                ),
                Mistake(
                    "flipped",
                    _gives(lambda p: p[:, 0] < 0.5),
                    "The classes are exchanged: the network's output is the probability of class 1.",
                ),
            ),
            where="Compare the column of probabilities with one half, and take the column out of its table.",
        ),
        Exercise(
            "rule",
            "The best possible rule",
            3,
            {"log_ratio": Function(_rule_probes, Array())},
            _judge_rule,
            (
                Mistake(
                    "no_log_variance",
                    _follows(lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v0, v1, log_weight=0.0)),
                    "The distances are right, but the factor in front of the exponential is missing. It is "
                    "not the same for both classes, so it does not cancel.",
                ),
                Mistake(
                    "one_dimensional",
                    _follows(lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v0, v1, log_weight=0.5)),
                    "The factor in front of the exponential is the one of a single coordinate. In the plane "
                    "there are two.",
                ),
                Mistake(
                    "log_sign",
                    _follows(lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v0, v1, log_weight=-1.0)),
                    "The logarithm of the variances has the wrong sign: the wider a class, the lower its "
                    "density at its mean.",
                ),
                Mistake(
                    "variances_swapped",
                    _follows(lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v1, v0)),
                    "The two variances are exchanged: each distance belongs to the variance of its own class.",
                ),
                Mistake(
                    "deviation",
                    _follows(
                        lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v0**0.5, v1**0.5),
                        lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v0**2, v1**2),
                    ),
                    "Variance and standard deviation are confused: the parameters are variances, and the "
                    "formula has variances too.",
                ),
                Mistake(
                    "equal_variances",
                    _follows(
                        _equal_variances,
                        lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v0, v0),
                        lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v1, v1),
                    ),
                    "This rule takes both classes to have one variance: its boundary is a straight line.",
                ),
                Mistake(
                    "sign",
                    _follows(lambda *probe: -_log_ratio(*probe)),
                    "The sign is reversed: the value must be positive where class 1 is the more probable one.",
                ),
                Mistake(
                    "no_half",
                    _follows(
                        lambda x, m0, m1, v0, v1: (
                            _squared_distance(x, m0) / v0 - _squared_distance(x, m1) / v1 + np.log(v0 / v1)
                        )
                    ),
                    "The squared distances are not halved: look at the exponent of the density again.",
                ),
                Mistake(
                    "not_logarithm",
                    _follows(
                        lambda *probe: np.exp(_log_ratio(*probe)),
                        lambda *probe: 1 / (1 + np.exp(-_log_ratio(*probe))),
                    ),
                    "This is the ratio or the probability itself; the text asks for the logarithm of the ratio.",
                ),
            ),
            where="Take the logarithm of each density separately, subtract, and see what cancels. The squared "
            "distance of each row from a mean is np.sum((points - mean)**2, axis=1).",
        ),
        Exercise(
            "bayes",
            "The best possible accuracy",
            2,
            {"bayes_accuracy": Number()},
            _judge_bayes,
            (
                Mistake(
                    "error",
                    _is(lambda ctx: 1 - _best(ctx)),
                    "This is the probability of a *wrong* decision.",
                ),
                Mistake(
                    "prior_forgotten",
                    _is(lambda ctx: 2 * _best(ctx)),
                    "This is above 1, so it is no probability. A point comes from each class only half of "
                    "the time.",
                ),
                Mistake(
                    "area_forgotten",
                    lambda a, ctx: any(
                        close(a.bayes_accuracy * _cell_area(ctx), factor * _best(ctx), rtol=1e-3)
                        for factor in (1, 2)
                    ),
                    "A density is a probability *per area*: multiply by the area of a cell.",
                ),
                Mistake(
                    "no_density",
                    _without_density,
                    "Every cell of the grid counts the same here, also far away, where hardly any point "
                    "ever falls. Weight each cell with the probability that a point falls into it.",
                ),
                Mistake(
                    "one_class",
                    _one_class,
                    "This counts the points of one class only. Right decisions are made about both.",
                ),
                Mistake(
                    "sample",
                    _on_the_sample,
                    "This is the rule's accuracy on the points drawn here; with other points it would be "
                    "another. Use the densities, which hold for all points to come.",
                ),
            ),
            where="In each cell the rule picks one class. How probable is it that a point falls into the cell "
            "*and* belongs to the class picked? Add this up over the cells.",
            needs=("rule",),
        ),
        Exercise(
            "baselines",
            "Two classical classifiers",
            2,
            {
                "qda_accuracy": Number(),
                "logistic_accuracy": Number(),
                "qda": Function(_new_points, Array()),
                "logistic": Function(_new_points, Array()),
                **_SPLIT_AGAIN,
            },
            _judge_baselines,
            (
                Mistake(
                    "fitted_on_validation",
                    _with_split(_fitted_on(lambda a: (a.X_val, a.y_val))),
                    "A classifier was fitted on the validation data. Those are for the score alone.",
                ),
                Mistake(
                    "fitted_on_everything",
                    _with_split(_fitted_on(_everything)),
                    "A classifier was fitted on all points, the validation data among them. Then its score "
                    "on these says little about new points.",
                ),
                Mistake(
                    "scores_exchanged",
                    _with_split(_scores_exchanged),
                    "The two accuracies are exchanged.",
                ),
                Mistake(
                    "scored_on_training",
                    _with_split(_scored_on_training),
                    "An accuracy is the one on the training data: the network is judged on points that it "
                    "has not seen, and so must these be.",
                ),
                Mistake(
                    "error",
                    _with_split(_errors),
                    "One of these is the share of wrong decisions.",
                ),
            ),
            where="Each classifier has the methods fit(X, y), which learns, and score(X, y), which returns the "
            "accuracy. Which data belong in which?",
            needs=("split",),
        ),
    ),
    questions=(ShortAnswer("above_the_best", 2), ShortAnswer("which_classifier", 2)),
)
