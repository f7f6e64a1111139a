"""Lab 02, TODO 7 to 9: the best possible rule, and two classical classifiers."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Function, Number
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake, close
from labs_lib.labs.lab02.data import SPLIT_AGAIN, Answers, clouds, judge_passed_split, with_split

Formula = Callable[..., np.ndarray]


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


def _grid_densities(ctx: Context) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return the log ratio, both densities and the area of a cell on the notebook's grid."""
    from labs_lib.evaluation import plane_grid

    first, second = _classes(ctx)
    points, area = plane_grid(first, second)
    log_ratio = second.logpdf(points) - first.logpdf(points)
    return log_ratio, first.pdf(points), second.pdf(points), area


def _without_density(run: Context) -> list[float]:
    """Return what comes of counting every cell of the grid the same."""
    log_ratio, *_ = _grid_densities(run)
    posterior = 1 / (1 + np.exp(-np.abs(log_ratio)))
    return [float(np.mean(posterior)), float(np.mean(log_ratio > 0)), float(np.mean(log_ratio < 0))]


def _one_class(run: Context) -> list[float]:
    log_ratio, density_0, density_1, area = _grid_densities(run)
    shares = [np.sum(density_0[log_ratio <= 0]) * area, np.sum(density_1[log_ratio > 0]) * area]
    return [*shares, *(share / 2 for share in shares)]


def _on_the_sample(run: Context) -> float:
    first, second = _classes(run)
    cloud_0, cloud_1 = clouds(run)
    right_0 = np.mean(first.logpdf(cloud_0) >= second.logpdf(cloud_0))
    right_1 = np.mean(second.logpdf(cloud_1) > first.logpdf(cloud_1))
    return float((right_0 + right_1) / 2)


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


def _judge_baselines(a: Answers, ctx: Context) -> Failure | None:
    if (wrong := judge_passed_split(a, ctx)) is not None:
        return wrong
    names = ("the quadratic discriminant analysis", "the logistic regression")
    fitted = _decides_like(a, ctx, a.X_train, a.y_train)
    for name, right in zip(names, fitted, strict=True):
        if not right:
            return Failure(f"{name} fitted on the training data", "decisions that follow from other data")
    models = _fitted(a.X_train, a.y_train)
    for name, model, given in zip(names, models, (a.qda_accuracy, a.logistic_accuracy), strict=True):
        if not close(given, model.score(a.X_val, a.y_val), rtol=1e-4, atol=0.6 / len(a.y_val)):
            return Failure(f"the accuracy of {name} on the validation data", f"{given:.4f}")
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
        "squared distance of each row from a mean is np.sum((points - mean)**2, axis=1).",
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
                    close(a.bayes_accuracy * _grid_densities(ctx)[-1], factor * _best(ctx), rtol=1e-3)
                    for factor in (1, 2)
                ),
                wrong=[
                    lambda run: _best(run) / _grid_densities(run)[-1],
                    lambda run: 2 * _best(run) / _grid_densities(run)[-1],
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
        name="baselines",
        title="Two classical classifiers",
        points=2,
        answers={
            "qda_accuracy": Number(),
            "logistic_accuracy": Number(),
            "qda": Function(_new_points, Array()),
            "logistic": Function(_new_points, Array()),
            **SPLIT_AGAIN,
        },
        judge=_judge_baselines,
        mistakes=[
            Mistake(
                "fitted_on_validation",
                with_split(_fitted_on(lambda a: (a.X_val, a.y_val))),
                hint="A classifier was fitted on the validation data. Those are for the score alone.",
            ),
            Mistake(
                "fitted_on_everything",
                with_split(_fitted_on(_everything)),
                hint="A classifier was fitted on all points, the validation data among them. Then its score on "
                "these says little about new points.",
            ),
            Mistake(
                "scores_exchanged",
                with_split(_scores_exchanged),
                hint="The two accuracies are exchanged.",
            ),
            Mistake(
                "scored_on_training",
                with_split(_scored_on_training),
                hint="An accuracy is the one on the training data: the network is judged on points that it has "
                "not seen, and so must these be.",
            ),
            Mistake(
                "error",
                with_split(_errors),
                hint="One of these is the share of wrong decisions.",
            ),
        ],
        fallback_hint="Each classifier has the methods fit(X, y), which learns, and score(X, y), which returns "
        "the accuracy. Which data belong in which?",
        needs=("split",),
    ),
)
