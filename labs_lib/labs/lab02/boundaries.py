"""Lab 02, TODO 15 to 19: boundaries, classical classifiers, calibration, and two moons."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Curves, Function, Given
from labs_engine.declare.comparison import Run
from labs_engine.declare.drawings import Drawing, DrawingFunction, Shows, dense
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake
from labs_lib.kinds.classifiers import Classifier, Table
from labs_lib.kinds.models import Model
from labs_lib.kinds.networks import probabilities, units
from labs_lib.kinds.probes import Disc
from labs_lib.kinds.trained import Trained, Training
from labs_lib.labs.lab02.bayes import exact_log_ratio, grid_of
from labs_lib.labs.lab02.data import SPLIT_AGAIN, Answers, on_split, split_of

Data = tuple[np.ndarray, np.ndarray]


# TODO 15: a boundary in a figure ---------------------------------------------------------------


def _discs(ctx: Context) -> list[tuple[None, Disc, float]]:
    """Return two rules with the square to draw: a disc inside of it, and one that its edge cuts."""
    small, large = (round(float(ctx.rng(15).uniform(*r)), 1) for r in ((2, 4), (9, 14)))
    inside = Disc((0.3 * small, -0.25 * small), 0.4 * small)
    return [(None, inside, small), (None, Disc((-0.7 * large, 0.35 * large), 0.8 * large), large)]


def _border(predict: Disc, limit: float) -> Shows:
    return Shows(shapes=[predict.border(limit)], within=0.06)


def _changed(
    change: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
) -> Callable[..., Shows]:
    return lambda ax, predict, limit: Shows(shapes=[change(*predict.border(limit))], within=0.06)


def _quarter(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.where((x < 0) | (y < 0), np.nan, x), y


# TODO 16: two classical classifiers -------------------------------------------------------------


def _new_points(ctx: Context) -> list[tuple[np.ndarray]]:
    spread = np.sqrt(max(ctx["variance_0"], ctx["variance_1"]))
    return [(ctx.rng(9).normal(0, spread, (20, 2)),)]


def _fitted(X: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression

    return {"qda": QuadraticDiscriminantAnalysis().fit(X, y), "logistic": LogisticRegression().fit(X, y)}


def _baselines(run: Run) -> dict[str, Any]:
    data = split_of(run)
    return {"data": data, **_fitted(*data[:2])}


def _one_fitted_on(name: str, *, training: bool) -> Callable[[Run], dict[str, Any]]:
    """Return code for one classifier fitted on the validation data, with the training data or alone."""

    def code(run: Run) -> dict[str, Any]:
        X_train, y_train, X_val, y_val = split_of(run)
        if not training:
            return {name: _fitted(X_val, y_val)[name]}
        both = np.concatenate([X_train, X_val]), np.concatenate([y_train, y_val])
        return {name: _fitted(*both)[name]}

    return on_split(code)


def _names_exchanged(run: Run) -> dict[str, Any]:
    found = _baselines(run)
    return {"qda": found["logistic"], "logistic": found["qda"]}


# TODO 17: one table ------------------------------------------------------------------------------

_RULES = ("Bayes rule", "network", "QDA", "logistic regression")
_COLUMNS = ("training", "validation", "expected")


def _table(run: Run) -> np.ndarray:
    """Return the accuracies, a row for each rule and a column for each of `_COLUMNS`."""
    assert run.given is not None
    X_train, y_train, X_val, y_val = split_of(run)
    fitted = _fitted(X_train, y_train)
    grid = grid_of(run)
    points = np.concatenate([X_train, X_val, grid.points])
    decided = [
        exact_log_ratio(run, points) > 0,
        probabilities(run.given.model, points)[:, 1] > 0.5,
        fitted["qda"].predict(points) == 1,
        fitted["logistic"].predict(points) == 1,
    ]
    ends = np.cumsum([len(X_train), len(X_val)])
    rows = []
    for classes in decided:
        training, validation, everywhere = np.split(classes, ends)
        shares = np.mean(training == y_train), np.mean(validation == y_val)
        rows.append([*shares, grid.expected_accuracy(everywhere)])
    return np.array(rows)


def _as_table(numbers: np.ndarray) -> Any:
    import pandas as pd

    return pd.DataFrame(numbers, list(_RULES), list(_COLUMNS))


def _tabled(run: Run) -> dict[str, Any]:
    return {"data": split_of(run), "table": _as_table(_table(run))}


def _table_with(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Run], dict[str, Any]]:
    return on_split(lambda run: {"table": _as_table(change(_table(run)))})


def _repeated(k: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda table: table[[k] * len(table)]


# TODO 18: calibration -------------------------------------------------------------------------------


def _calibration(
    run: Run,
    *,
    bins: int = 10,
    training: bool = False,
    exchanged: bool = False,
    curves: tuple[str, ...] = ("network", "exact"),
    diagonal: bool = True,
) -> dict[str, Any]:
    from scipy.special import expit
    from sklearn.calibration import calibration_curve

    assert run.given is not None
    data = split_of(run)
    X, y = data[:2] if training else data[2:]
    given = {"network": _predicted(run.given.model, X), "exact": expit(exact_log_ratio(run, X))}
    sides = [calibration_curve(y, given[name], n_bins=bins)[:: 1 if exchanged else -1] for name in curves]
    line = [dense([0, 1], [0, 1])] if diagonal else []
    return {"data": data, "ax_calibration": Shows(curves=sides, shapes=line, legend=True)}


def _predicted(model: Any, X: np.ndarray) -> np.ndarray:
    """Return probabilities to the last bit as the notebook has them, which may decide about the bin of a point."""
    return np.asarray(model.predict(X, verbose=0), dtype=float).reshape(len(X), -1)[:, 0]


def _calibrated(**settings: Any) -> Callable[[Run], dict[str, Any]]:
    return on_split(lambda run: _calibration(run, **settings))


# TODO 19: two moons ----------------------------------------------------------------------------------

MOON_EPOCHS, MOON_WIDTH = 100, 16


def moons(ctx: Context) -> tuple[Data, Data]:
    """Return the moons as the text has them drawn and divided: training and validation data."""
    return _moons(ctx["seed"], ctx["holdout"])


@lru_cache(maxsize=4)
def _moons(seed: int, holdout: float) -> tuple[Data, Data]:
    from sklearn.datasets import make_moons
    from sklearn.model_selection import train_test_split

    X, y = make_moons(1000, noise=0.2, random_state=seed)
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=holdout, random_state=seed, stratify=y)
    return (X_train, y_train), (X_val, y_val)


def _moon_points(ctx: Context) -> list[tuple[np.ndarray]]:
    return [(ctx.rng(19).uniform(-2, 3, (20, 2)),)]


_MOON_TRAINING = Training(
    lambda a, ctx: [
        Trained(
            a.moon_network,
            a.moon_history,
            MOON_EPOCHS,
            ctx["learning_rate"],
            data=moons(ctx)[0],
            batch_size=ctx["batch_size"],
        )
    ],
    loss="binary_crossentropy",
    units=lambda ctx: [MOON_WIDTH, MOON_WIDTH, 1],
)
_MOON_DECISIONS = Classifier(Function(_moon_points, Array(rtol=3e-3, atol=3e-3)))


def moon_accuracy(model: Any, ctx: Context) -> float:
    """Return the accuracy of a network on the validation moons."""
    X, y = moons(ctx)[1]
    return float(np.mean(probabilities(model, X).argmax(axis=1) == y))


def _judge_moons(a: Answers, ctx: Context) -> Failure | None:
    if _other_data(a, ctx):
        return Failure("QDA fitted on moons_train and labels_train", "decisions that follow from other data")
    if (wrong := _MOON_TRAINING.judge(a, ctx)) is not None:
        return wrong
    quadratic = float(_fitted(*moons(ctx)[0])["qda"].score(*moons(ctx)[1]))
    if (reached := moon_accuracy(a.moon_network, ctx)) <= quadratic:
        return Failure(
            "a network that is right more often on the validation moons than QDA",
            f"{reached:.1%}, QDA {quadratic:.1%}",
        )
    return None


def _width(a: Answers, ctx: Context) -> bool:
    return units(a.moon_network) == [ctx["hidden"], ctx["hidden"], 1] != [MOON_WIDTH, MOON_WIDTH, 1]


def _other_data(a: Answers, ctx: Context) -> bool:
    right = _MOON_DECISIONS.collect(_fitted(*moons(ctx)[0])["qda"], ctx)
    return _MOON_DECISIONS.difference(a.moon_qda, right, ctx) is not None


EXERCISES = (
    Exercise(
        name="plot_boundary",
        title="Draw a boundary",
        points=3,
        answers={"plot_boundary": DrawingFunction(_discs)},
        right=lambda ax, predict, limit: _border(predict, limit),
        mistakes=[
            Mistake(
                "exchanged",
                wrong=_changed(lambda x, y: (y, x)),
                hint="The picture is mirrored at the diagonal. The first coordinate changes along the columns of the "
                "arrays that np.meshgrid returns, the second along their rows.",
            ),
            Mistake(
                "upside_down",
                wrong=_changed(lambda x, y: (x, -y)),
                hint="The picture is upside down.",
            ),
            Mistake(
                "limit_ignored",
                wrong=[
                    lambda ax, predict, limit: _border(predict, 7),
                    lambda ax, predict, limit: _border(predict, 5),
                ],
                hint="The square is the same whatever is asked for: use the argument `limit`.",
            ),
            Mistake(
                "quarter",
                wrong=_changed(_quarter),
                hint="Only a quarter of the square is drawn. It runs from -limit to limit along both axes.",
            ),
            Mistake(
                "nothing",
                wrong=lambda ax, predict, limit: Shows(),
                hint="There is nothing on the axes that the function was given.",
            ),
        ],
        fallback_hint="np.linspace, np.meshgrid, np.column_stack, predict, reshape, ax.contourf, in this order. Print "
        "the shapes on the way.",
    ),
    Exercise(
        name="baselines",
        title="Two classical classifiers",
        points=1,
        answers={
            "qda": Classifier(Function(_new_points, Array(rtol=3e-3, atol=3e-3))),
            "logistic": Classifier(Function(_new_points, Array(rtol=3e-3, atol=3e-3))),
            "data": SPLIT_AGAIN,
        },
        right=lambda run: _baselines(run),
        expects="the classifiers that the text names, with their default settings, fitted on the training data",
        mistakes=[
            Mistake(
                "on_validation",
                wrong=[_one_fitted_on(name, training=False) for name in ("qda", "logistic")],
                hint="A classifier was fitted on the validation data. Those are for the score alone.",
            ),
            Mistake(
                "on_everything",
                wrong=[_one_fitted_on(name, training=True) for name in ("qda", "logistic")],
                hint="A classifier was fitted on all points, the validation data among them. Then its score on "
                "these says little about new points.",
            ),
            Mistake("exchanged", wrong=on_split(_names_exchanged), hint="The two classifiers are exchanged."),
        ],
        fallback_hint="Each classifier is made without arguments and has the method fit(X, y). Which data are for "
        "learning?",
        needs=("split",),
    ),
    Exercise(
        name="table",
        title="Four rules in one table",
        points=2,
        answers={
            "table": Table(_RULES, _COLUMNS, Array(rtol=0, atol=7e-4)),
            "model": Given(Model()),
            "data": SPLIT_AGAIN,
        },
        right=lambda run: _tabled(run),
        expects="the accuracy of this rule",
        mistakes=[
            Mistake(
                "sides_exchanged",
                wrong=_table_with(lambda t: t[:, [1, 0, 2]]),
                hint="The columns of the training and of the validation data are exchanged.",
            ),
            Mistake(
                "training_twice",
                wrong=_table_with(lambda t: t[:, [0, 0, 2]]),
                hint="The column of the validation data holds the accuracies on the training data.",
            ),
            Mistake(
                "errors",
                wrong=_table_with(lambda t: 1 - t),
                hint="These are the shares of wrong decisions.",
            ),
            Mistake(
                "percent",
                wrong=_table_with(lambda t: 100 * t),
                hint="These are percentages. The text asks for accuracies between 0 and 1.",
            ),
            Mistake(
                "one_rule",
                wrong=[_table_with(_repeated(k)) for k in range(len(_RULES))],
                hint="All rows hold the numbers of one rule. Is the loop's own rule used in each line of the loop?",
            ),
            Mistake(
                "half_forgotten",
                wrong=_table_with(lambda t: t * [1, 1, 2]),
                hint="The expected accuracies are twice too large: half of the points come from each class.",
            ),
        ],
        fallback_hint="In the loop: accuracy_score on either side, and the sum over the cells as for the Bayes "
        "accuracy, with the classes that this rule gives to `points`.",
        needs=("split", "train", "classes", "rule", "baselines"),
    ),
    Exercise(
        name="calibration",
        title="A calibration curve",
        points=2,
        answers={"ax_calibration": Drawing(), "model": Given(Model()), "data": SPLIT_AGAIN},
        right=lambda run: _calibration(run),
        mistakes=[
            Mistake(
                "bins",
                wrong=_calibrated(bins=5),
                hint="The points are divided into five bins, as scikit-learn does when nothing is said. The text asks "
                "for ten.",
            ),
            Mistake(
                "exchanged",
                wrong=_calibrated(exchanged=True),
                hint="The axes are exchanged: the predicted probability belongs on the horizontal axis. Look up the "
                "order in which calibration_curve returns its two arrays.",
            ),
            Mistake(
                "training",
                wrong=_calibrated(training=True),
                hint="These are curves of the training data.",
            ),
            Mistake(
                "one_curve",
                wrong=[_calibrated(curves=("network",)), _calibrated(curves=("exact",))],
                hint="One of the two curves is there, the other one is not.",
            ),
            Mistake(
                "no_diagonal",
                wrong=_calibrated(diagonal=False),
                hint="The curves are there. The diagonal, with which they are compared, is not.",
            ),
        ],
        fallback_hint="calibration_curve takes the labels, the probabilities and n_bins, and returns the observed "
        "shares and the mean predictions; CalibrationDisplay.from_predictions draws them at once.",
        needs=("split", "train", "rule"),
    ),
    Exercise(
        name="moons",
        title="Two moons",
        points=2,
        answers={
            "moon_qda": _MOON_DECISIONS,
            "moon_network": Model(compiled=True),
            "moon_history": Curves(),
        },
        judge=_judge_moons,
        mistakes=[
            Mistake(
                "other_data",
                _other_data,
                hint="QDA was fitted on other data than the moons for training.",
            ),
            Mistake(
                "width",
                _width,
                hint="The network has `hidden` units in each layer. For the moons the text asks for more.",
            ),
            *_MOON_TRAINING.mistakes(
                squared_error="The loss is the squared error. The cross-entropy is the loss for probabilities.",
                sgd="",
                default_rate="",
                epochs="The number of epochs is not 100.",
                batch_size="",
            ),
        ],
        fallback_hint="The steps are those of the clouds: build, compile, fit; for QDA fit alone. Only the data are "
        "others.",
        needs=("model", "baselines"),
    ),
)
