"""Lab 02, TODO 12 to 14: the best possible rule, how often it is right, and the network beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Curves, Function, Given, Number
from labs_engine.declare.comparison import Run
from labs_engine.declare.drawings import Drawing, Shows
from labs_engine.declare.framework import Context, Exercise, Mistake, close
from labs_lib.labs.lab02.data import SPLIT_AGAIN, clouds, on_split, split_of, with_split
from labs_lib.labs.lab02.network import history_curve

Formula = Callable[..., np.ndarray]


# TODO 12: the best possible rule ------------------------------------------------------------


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


# TODO 13: the best possible accuracy --------------------------------------------------------


def _classes(ctx: Context) -> tuple[Any, Any]:
    from scipy.stats import multivariate_normal

    center = ctx["center"]
    return (
        multivariate_normal([-center] * 2, ctx["variance_0"]),
        multivariate_normal([center] * 2, ctx["variance_1"]),
    )


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells into which the notebook divides the plane.

    Attributes:
        points: Their centres, shape (n, 2).
        area: Of a cell.
        densities: Of both classes at the centres.
        log_ratio: The log-likelihood ratio there.
    """

    points: np.ndarray
    area: float
    densities: tuple[np.ndarray, np.ndarray]
    log_ratio: np.ndarray

    def expected_accuracy(self, classes: np.ndarray) -> float:
        """Return how probable a right decision is, for the classes that a rule gives to the cells."""
        return float(np.sum(np.where(classes, *self.densities[::-1])) * self.area / 2)


def grid_of(ctx: Context) -> Grid:
    """Return the grid of a run."""
    return _grid(ctx["center"], ctx["variance_0"], ctx["variance_1"])


@lru_cache(maxsize=4)
def _grid(center: float, variance_0: float, variance_1: float) -> Grid:
    run = Context({"center": center, "variance_0": variance_0, "variance_1": variance_1})
    reach = center + 8 * np.sqrt(max(variance_0, variance_1))
    axis = np.linspace(-reach, reach, 401)
    points = np.column_stack([coordinate.ravel() for coordinate in np.meshgrid(axis, axis)])
    first, second = (distribution.pdf(points) for distribution in _classes(run))
    return Grid(points, float((axis[1] - axis[0]) ** 2), (first, second), exact_log_ratio(run, points))


def _best(ctx: Context) -> float:
    grid = grid_of(ctx)
    return grid.expected_accuracy(grid.log_ratio > 0)


def _without_density(run: Context) -> list[float]:
    """Return what comes of counting every cell of the grid the same."""
    log_ratio = grid_of(run).log_ratio
    posterior = 1 / (1 + np.exp(-np.abs(log_ratio)))
    return [float(np.mean(posterior)), float(np.mean(log_ratio > 0)), float(np.mean(log_ratio < 0))]


def _one_class(run: Context) -> list[float]:
    grid = grid_of(run)
    first, second = grid.densities
    shares = [np.sum(part) * grid.area for part in (first[grid.log_ratio <= 0], second[grid.log_ratio > 0])]
    return [*shares, *(share / 2 for share in shares)]


def _on_the_sample(run: Context) -> float:
    first, second = _classes(run)
    cloud_0, cloud_1 = clouds(run)
    right_0 = np.mean(first.logpdf(cloud_0) >= second.logpdf(cloud_0))
    right_1 = np.mean(second.logpdf(cloud_1) > first.logpdf(cloud_1))
    return float((right_0 + right_1) / 2)


# TODO 14: the accuracy curves ------------------------------------------------------------------


def exact_log_ratio(run: Context, points: np.ndarray) -> np.ndarray:
    """Return the log-likelihood ratio of points under the run's own classes."""
    mean = np.full(2, run["center"])
    return _log_ratio(points, -mean, mean, run["variance_0"], run["variance_1"])


def _here(run: Run, *, training: bool = False) -> float:
    """Return the accuracy of the Bayes rule on the validation data, or on the training data."""
    X_train, y_train, X_val, y_val = split_of(run)
    X, y = (X_train, y_train) if training else (X_val, y_val)
    return float(np.mean((exact_log_ratio(run, X) > 0) == y))


def _accuracy_figure(
    run: Run, *, curves: tuple[str, ...] = ("accuracy", "val_accuracy"), levels: tuple[int, ...] = (0, 1)
) -> Shows:
    heights = _best(run), _here(run)
    return Shows(
        curves=[history_curve(run, name) for name in curves], levels=[heights[k] for k in levels], legend=True
    )


def _accuracies(run: Run, **figure: Any) -> dict[str, Any]:
    return {"data": split_of(run), "bayes_here": _here(run), "ax_accuracy": _accuracy_figure(run, **figure)}


def _figure_alone(**figure: Any) -> Callable[[Run], dict[str, Any]]:
    return on_split(lambda run: {"ax_accuracy": _accuracy_figure(run, **figure)})


EXERCISES = (
    Exercise(
        name="rule",
        title="The best possible rule",
        points=3,
        answers={"log_ratio": Function(_rule_probes, Array(rtol=1e-3, atol=1e-4))},
        right=_log_ratio,
        expects="the logarithm of the ratio of the two densities, class 1 above class 0",
        mistakes=[
            Mistake(
                "no_log_variance",
                wrong=lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v0, v1, log_weight=0.0),
                hint="The distances are right, but the factor in front of the exponential is missing. It is "
                "not the same for both classes, so it does not cancel.",
            ),
            Mistake(
                "one_dimensional",
                wrong=lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v0, v1, log_weight=0.5),
                hint="The factor in front of the exponential is the one of a single coordinate. In the plane "
                "there are two.",
            ),
            Mistake(
                "log_sign",
                wrong=lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v0, v1, log_weight=-1.0),
                hint="The logarithm of the variances has the wrong sign: the wider a class, the lower its "
                "density at its mean.",
            ),
            Mistake(
                "variances_swapped",
                wrong=lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v1, v0),
                hint="The two variances are exchanged: each distance belongs to the variance of its own class.",
            ),
            Mistake(
                "deviation",
                wrong=[
                    lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v0**0.5, v1**0.5),
                    lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v0**2, v1**2),
                ],
                hint="Variance and standard deviation are confused: the parameters are variances, and the "
                "formula has variances too.",
            ),
            Mistake(
                "equal_variances",
                wrong=[
                    _equal_variances,
                    lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v0, v0),
                    lambda x, m0, m1, v0, v1: _log_ratio(x, m0, m1, v1, v1),
                ],
                hint="This rule takes both classes to have one variance: its boundary is a straight line.",
            ),
            Mistake(
                "sign",
                wrong=lambda *probe: -_log_ratio(*probe),
                hint="The sign is reversed: the value must be positive where class 1 is the more probable one.",
            ),
            Mistake(
                "no_half",
                wrong=lambda x, m0, m1, v0, v1: (
                    _squared_distance(x, m0) / v0 - _squared_distance(x, m1) / v1 + np.log(v0 / v1)
                ),
                hint="The squared distances are not halved: look at the exponent of the density again.",
            ),
            Mistake(
                "not_logarithm",
                wrong=[
                    lambda *probe: np.exp(_log_ratio(*probe)),
                    lambda *probe: 1 / (1 + np.exp(-_log_ratio(*probe))),
                ],
                hint="This is the ratio or the probability itself; the text asks for the logarithm of the "
                "ratio.",
            ),
        ],
        fallback_hint="Take the logarithm of each density separately, subtract, and see what cancels. The "
        "squared distance of each row from a mean is np.sum((points - mean) ** 2, axis=1).",
    ),
    Exercise(
        name="bayes",
        title="The best possible accuracy",
        points=2,
        answers={"bayes_accuracy": Number(rtol=0, atol=5e-4)},
        right=_best,
        expects="the probability of a right decision by the best rule, to within 0.0005",
        mistakes=[
            Mistake(
                "error",
                wrong=lambda run: 1 - _best(run),
                hint="This is the probability of a *wrong* decision.",
            ),
            Mistake(
                "prior_forgotten",
                wrong=lambda run: 2 * _best(run),
                hint="This is above 1, so it is no probability. A point comes from each class only half of the "
                "time.",
            ),
            Mistake(
                "area_forgotten",
                # Large numbers, of which a share is a better measure than the tolerance of the right answer.
                lambda a, ctx: any(
                    close(a.bayes_accuracy * grid_of(ctx).area, factor * _best(ctx), rtol=1e-3)
                    for factor in (1, 2)
                ),
                wrong=[
                    lambda run: _best(run) / grid_of(run).area,
                    lambda run: 2 * _best(run) / grid_of(run).area,
                ],
                hint="A density is a probability *per area*: multiply by the area of a cell.",
            ),
            Mistake(
                "no_density",
                wrong=[lambda run, k=k: _without_density(run)[k] for k in range(3)],
                hint="Every cell of the grid counts the same here, also far away, where hardly any point ever "
                "falls. Weight each cell with the probability that a point falls into it.",
            ),
            Mistake(
                "one_class",
                wrong=[lambda run, k=k: _one_class(run)[k] for k in range(4)],
                hint="This counts the points of one class only. Right decisions are made about both.",
            ),
            Mistake(
                "sample",
                wrong=_on_the_sample,
                hint="This is the rule's accuracy on the points drawn here; with other points it would be "
                "another. Use the densities, which hold for all points to come.",
            ),
        ],
        fallback_hint="In each cell the rule picks one class. How probable is it that a point falls into the "
        "cell *and* belongs to the class picked? Add this up over the cells.",
        needs=("rule",),
    ),
    Exercise(
        name="accuracy_figure",
        title="The accuracy curves and two levels",
        points=2,
        answers={
            "bayes_here": Number(what="the accuracy of the Bayes rule on the validation data"),
            "ax_accuracy": Drawing(),
            "history": Given(Curves(("loss", "val_loss", "accuracy", "val_accuracy"))),
            "data": SPLIT_AGAIN,
        },
        right=lambda run: _accuracies(run),
        mistakes=[
            Mistake(
                "training",
                wrong=on_split(lambda run: {"bayes_here": _here(run, training=True)}),
                hint="This is the rule's accuracy on the training data.",
            ),
            Mistake(
                "error",
                wrong=on_split(lambda run: {"bayes_here": 1 - _here(run)}),
                hint="This is the share of wrong decisions.",
            ),
            Mistake(
                "expected",
                with_split(lambda a, ctx: abs(a.bayes_here - _best(ctx)) < 5e-4),
                hint="This is the accuracy that is expected over all points that could be drawn. Count the right "
                "decisions on the validation data.",
            ),
            Mistake(
                "losses",
                wrong=[
                    _figure_alone(curves=("loss", "val_loss")),
                    _figure_alone(curves=("loss", "val_loss"), levels=()),
                ],
                hint="These are the curves of the loss. Here the accuracy is asked for.",
            ),
            Mistake(
                "one_level",
                wrong=[_figure_alone(levels=(0,)), _figure_alone(levels=(1,))],
                hint="The curves are there, and one of the two levels. The other one is missing.",
            ),
            Mistake(
                "no_level",
                wrong=_figure_alone(levels=()),
                hint="The curves are there. Neither level is drawn.",
            ),
        ],
        fallback_hint="bayes_rule gives a class for each point: accuracy_score compares it with the labels. ax.axhline "
        "draws a level, and each line has a label for the legend.",
        needs=("split", "train", "rule", "bayes"),
    ),
)
