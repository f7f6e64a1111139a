"""Lab 02, TODO 5 to 11: the network, its training, its classes and how they are scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Curves, Function, Given, Number
from labs_engine.declare.comparison import Run
from labs_engine.declare.drawings import Drawing, Series, Shows, dense, over_epochs
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake
from labs_lib.kinds.models import Model
from labs_lib.kinds.networks import probabilities
from labs_lib.kinds.trained import Trained, Training
from labs_lib.labs.lab02.data import SPLIT_AGAIN, Answers, judge_passed_split, on_split, split_of, with_split
from labs_lib.labs.small_network import (
    default_width,
    hidden_widths,
    no_biases,
    output_forgotten,
    small_network,
    width_typed_in,
)
from labs_lib.models.table import Network

# TODO 5 and 6: the network, and its parameters ---------------------------------------------


def _network(hidden: int) -> Network:
    return small_network(2, hidden, "sigmoid")


# TODO 7: training ------------------------------------------------------------------------

# The second run is long enough that a trained network differs from one that is not: see the hidden check.
_TRIAL_EPOCHS = (2, 24)


def _trials(ctx: Context) -> list[tuple[int, int]]:
    seed = int(ctx.rng(5).integers(1, 1000))
    return [(seed, epochs) for epochs in _TRIAL_EPOCHS]


def _trained(a: Answers, ctx: Context) -> list[Trained]:
    return [
        Trained(
            model,
            curves,
            epochs,
            ctx["learning_rate"],
            data=a.data[:2],
            batch_size=ctx["batch_size"],
            validation=a.data[2:],
        )
        for (model, curves), epochs in zip(a.train, _TRIAL_EPOCHS, strict=True)
    ]


_TRAINING = Training(
    _trained,
    loss="binary_crossentropy",
    units=lambda ctx: [ctx["hidden"], ctx["hidden"], 1],
    afresh=True,
)


def _judge_train(a: Answers, ctx: Context) -> Failure | None:
    return judge_passed_split(a, ctx) or _TRAINING.judge(a, ctx)


def _trained_on_everything(a: Answers, ctx: Context) -> bool:
    first = _trained(a, ctx)[0]
    everything = first.updates_on(2 * ctx["n_per_class"])
    return first.updates == everything != first.updates_on(len(a.data[0]))


# TODO 8: the loss curves --------------------------------------------------------------------


def history_curve(run: Run, name: str) -> Series:
    """Return a curve of the student's history, as a figure must show it."""
    assert run.given is not None
    return over_epochs(run["epochs"], run.given.history[name])


def _loss_figure(
    run: Run, *, curves: tuple[str, ...] = ("loss", "val_loss"), log: str = "", legend: bool = True
) -> Shows:
    return Shows(curves=[history_curve(run, name) for name in curves], log=log, legend=legend)


# TODO 9: from probabilities to classes -----------------------------------------------------


def _probabilities(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(6)
    columns = [rng.uniform(0.02, 0.98, (n, 1)) for n in (12, 17)]
    # Away from one half, where rounding could decide.
    return [(np.where(np.abs(p - 0.5) < 0.02, 0.6, p).astype(np.float32),) for p in columns]


# TODO 10 and 11: confusions, and all thresholds ----------------------------------------------


def _validated(run: Run, *, training: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and probabilities on the validation data, or on the training data."""
    assert run.given is not None
    X_train, y_train, X_val, y_val = split_of(run)
    X, y = (X_train, y_train) if training else (X_val, y_val)
    return y.astype(int), probabilities(run.given.model, X)[:, 1]


def _counted(labels: np.ndarray, classes: np.ndarray) -> dict[str, Any]:
    """Return the confusion matrix, precision and recall of class 1, and the matrix as a figure."""
    from sklearn.metrics import confusion_matrix, precision_score, recall_score

    matrix = confusion_matrix(labels, classes, labels=[0, 1])
    return {
        "matrix": matrix,
        "precision": precision_score(labels, classes, zero_division=0),
        "recall": recall_score(labels, classes, zero_division=0),
        "ax_matrix": Shows(images=[matrix]),
    }


def _confusions(run: Run, **which: bool) -> dict[str, Any]:
    labels, scores = _validated(run, **which)
    return {"data": split_of(run), **_counted(labels, scores > 0.5)}


def _transposed(run: Run) -> dict[str, Any]:
    return {"matrix": _confusions(run)["matrix"].T}


def _shares_of(axis: int | None) -> Callable[[Run], dict[str, Any]]:
    """Return code for a matrix of shares: of all points, of each row or of each column."""

    def code(run: Run) -> dict[str, Any]:
        matrix = _confusions(run)["matrix"]
        return {"matrix": matrix / np.maximum(matrix.sum(axis=axis, keepdims=True), 1)}

    return on_split(code)


def _of_class_0(run: Run) -> dict[str, Any]:
    labels, scores = _validated(run)
    found = _counted(1 - labels, scores <= 0.5)
    return {name: found[name] for name in ("precision", "recall")}


def _accuracy_for(name: str) -> Any:
    def code(run: Run) -> dict[str, Any]:
        labels, scores = _validated(run)
        return {name: np.mean((scores > 0.5) == labels)}

    return code


def _exchanged(run: Run) -> dict[str, Any]:
    found = _confusions(run)
    return {"precision": found["recall"], "recall": found["precision"]}


def _no_figure_of_it(run: Run) -> dict[str, Any]:
    found = _confusions(run)
    return {**found, "ax_matrix": Shows()}


def _roc(labels: np.ndarray, scores: np.ndarray, *, exchanged: bool = False) -> dict[str, Any]:
    """Return the area under the curve, and its figure; a tie that is broken in another way moves it by one point."""
    from sklearn.metrics import roc_auc_score, roc_curve

    false, true, _ = roc_curve(labels, scores, drop_intermediate=False)
    sides = (true, false) if exchanged else (false, true)
    step = 1.5 / np.bincount(labels, minlength=2).min()
    return {
        "auc": roc_auc_score(labels, scores),
        "ax_roc": Shows(shapes=[dense(*sides)], within=max(0.01, step)),
    }


def _roc_of(run: Run, **which: bool) -> dict[str, Any]:
    return {"data": split_of(run), **_roc(*_validated(run, **which))}


def _roc_of_classes(run: Run) -> dict[str, Any]:
    labels, scores = _validated(run)
    return {"auc": _roc(labels, scores > 0.5)["auc"]}


def _roc_exchanged(run: Run) -> dict[str, Any]:
    found = _roc(*_validated(run), exchanged=True)
    return {"ax_roc": found["ax_roc"]}


EXERCISES = (
    Exercise(
        name="model",
        title="A network for two classes",
        points=2,
        answers={"build_model": Function(hidden_widths, Model())},
        right=_network,
        mistakes=[
            Mistake(
                "no_sigmoid",
                wrong=lambda hidden: _network(hidden).changed(-1, activation=None),
                hint="The output has no activation and can be any number. A probability lies between 0 and 1.",
            ),
            Mistake(
                "softmax",
                wrong=lambda hidden: _network(hidden).changed(-1, activation="softmax"),
                hint="A softmax makes the outputs of a layer add up to 1. With a single output that one is "
                "always exactly 1, whatever the input; with two the text asks for another network.",
            ),
            width_typed_in(_network, 6),
            Mistake(
                "linear_hidden",
                wrong=lambda hidden: _network(hidden).changed(0, activation=None).changed(1, activation=None),
                hint="A hidden layer has no activation. Without any the boundary can only be a straight line.",
            ),
            Mistake(
                "one_input",
                wrong=lambda hidden: small_network(1, hidden, "sigmoid"),
                hint="The network takes one number a point. How many coordinates does a point have?",
            ),
        ],
        fallback_hint="Start from keras.Input with the shape of one point, apply the layers of the table one "
        "after another, and return keras.Model(inputs, outputs).",
    ),
    Exercise(
        name="count",
        title="Count the parameters",
        points=1,
        answers={"n_parameters": Number(integer=True)},
        right=lambda run: _network(run["hidden"]).count_params(),
        expects="all weights and biases of the network of TODO 5",
        mistakes=[
            no_biases(_network),
            Mistake(
                "one_input",
                wrong=lambda run: small_network(1, run["hidden"]).count_params(),
                hint="This is the network of lab 01, which takes one number. Here a point has more "
                "coordinates.",
            ),
            output_forgotten(_network),
            default_width(51),
        ],
        fallback_hint="A dense layer with m inputs and n units has one weight for each pair and one bias a unit.",
    ),
    Exercise(
        name="train",
        title="Train and watch the validation data",
        points=3,
        answers={"train": Function(_trials, (Model(compiled=True), Curves())), "data": SPLIT_AGAIN},
        judge=_judge_train,
        mistakes=[
            *_TRAINING.mistakes(
                squared_error="The loss is the squared error, the loss of lab 01. For probabilities the text asks for "
                "another one, which punishes confident mistakes.",
                from_logits="",
                sgd="",
                default_rate="",
                epochs_ignored="",
                not_rebuilt="",
                no_accuracy="",
                other_metric="",
                no_validation="",
            ),
            Mistake(
                "trained_on_everything",
                with_split(_trained_on_everything),
                hint="The number of updates is that of all points together: the validation data were trained "
                "on, and no longer tell anything about new points.",
            ),
            *_TRAINING.mistakes(
                validated_on_training="",
                batch_size="",
            ),
        ],
        fallback_hint="Build, compile, call model.fit with the training data, `validation_data`, `epochs` and "
        "`batch_size`, and return the model and what fit gave, in this order.",
        needs=("split", "model"),
    ),
    Exercise(
        name="loss_figure",
        title="The loss curves",
        points=1,
        answers={"ax_loss": Drawing(), "history": Given(Curves(("loss", "val_loss")))},
        right=[lambda run: _loss_figure(run), lambda run: _loss_figure(run, log="y")],
        mistakes=[
            Mistake(
                "no_legend",
                wrong=[
                    lambda run: _loss_figure(run, legend=False),
                    lambda run: _loss_figure(run, legend=False, log="y"),
                ],
                hint="Both curves are there. A legend that says which is which is missing.",
            ),
            Mistake(
                "accuracies",
                wrong=lambda run: _loss_figure(run, curves=("accuracy", "val_accuracy")),
                hint="These are the curves of the accuracy. Here the loss is asked for.",
            ),
            Mistake(
                "one_curve",
                wrong=[
                    lambda run: _loss_figure(run, curves=("loss",), legend=False),
                    lambda run: _loss_figure(run, curves=("val_loss",), legend=False),
                    lambda run: _loss_figure(run, curves=("loss",)),
                    lambda run: _loss_figure(run, curves=("val_loss",)),
                ],
                hint="Only one of the two loss curves is there.",
            ),
        ],
        fallback_hint="history.history is a dict of lists, with a value for each epoch. Its keys say what was "
        "recorded, and on which data.",
        needs=("train",),
    ),
    Exercise(
        name="classes",
        title="From probabilities to classes",
        points=1,
        answers={"to_classes": Function(_probabilities, Array())},
        right=lambda p: p[:, 0] > 0.5,
        expects="for each point the class that is more probable, 0 or 1",
        mistakes=[
            Mistake(
                "column",
                wrong=[lambda p: p > 0.5, lambda p: p],
                hint="The result is still a column, shape (n, 1). Compared with the flat labels it would be "
                "stretched to a table of n × n values without a warning.",
            ),
            Mistake(
                "probabilities",
                wrong=lambda p: p[:, 0],
                hint="These are the probabilities themselves; a class is 0 or 1.",
            ),
            Mistake(
                "argmax",
                wrong=lambda p: np.zeros(len(p)),
                hint="Every point is in class 0. If you used argmax: it tells which *column* is largest, and "
                "there is one column only.",
            ),
            Mistake(
                "threshold_zero",
                wrong=lambda p: np.ones(len(p)),
                hint="Every point is in class 1. A probability is never below 0: at which value are both "
                "classes equally probable?",
            ),
            Mistake(
                "flipped",
                wrong=lambda p: p[:, 0] < 0.5,
                hint="The classes are exchanged: the network's output is the probability of class 1.",
            ),
        ],
        fallback_hint="Compare the column of probabilities with one half, and take the column out of its table.",
    ),
    Exercise(
        name="confusion",
        title="Confusion matrix, precision, recall",
        points=2,
        answers={
            "matrix": Array((2, 2), what="counts of validation points, a row for each true class"),
            "precision": Number(what="the share of class 1 among the points that are predicted as class 1"),
            "recall": Number(what="the share of the points of class 1 that are predicted as class 1"),
            "ax_matrix": Drawing(),
            "model": Given(Model()),
            "data": SPLIT_AGAIN,
        },
        right=lambda run: _confusions(run),
        mistakes=[
            Mistake(
                "transposed",
                wrong=on_split(_transposed),
                hint="Rows and columns are exchanged: scikit-learn's functions take the true labels first, then the "
                "predicted ones.",
            ),
            Mistake(
                "training",
                wrong=on_split(lambda run: _confusions(run, training=True)),
                hint="These are the numbers of the training data.",
            ),
            Mistake(
                "shares",
                wrong=[_shares_of(axis) for axis in (None, 1, 0)],
                hint="The matrix holds shares. The text asks for counts.",
            ),
            Mistake(
                "exchanged",
                wrong=on_split(_exchanged),
                hint="Precision and recall are exchanged. The order of the arguments of precision_score and "
                "recall_score matters: first the true labels.",
            ),
            Mistake(
                "of_class_0",
                wrong=on_split(_of_class_0),
                hint="These are precision and recall of class 0.",
            ),
            Mistake(
                "accuracy",
                wrong=[on_split(_accuracy_for(name)) for name in ("precision", "recall")],
                hint="One of these numbers is the accuracy.",
            ),
            Mistake(
                "not_drawn",
                wrong=on_split(_no_figure_of_it),
                hint="The numbers are right. The matrix is not on the axes.",
            ),
        ],
        fallback_hint="The functions of sklearn.metrics take the true labels and the predicted ones, in this order.",
        needs=("split", "train", "classes"),
    ),
    Exercise(
        name="roc",
        title="ROC curve and AUC",
        points=2,
        answers={
            "auc": Number(rtol=0, atol=1e-3, what="the area under the ROC curve of the validation data"),
            "ax_roc": Drawing(),
            "model": Given(Model()),
            "data": SPLIT_AGAIN,
        },
        right=lambda run: _roc_of(run),
        mistakes=[
            Mistake(
                "classes",
                wrong=on_split(_roc_of_classes),
                hint="This is the area for predicted classes, which know one threshold only. The curve needs the "
                "probabilities.",
            ),
            Mistake(
                "training",
                wrong=on_split(lambda run: {"auc": _roc_of(run, training=True)["auc"]}),
                hint="This is the area for the training data.",
            ),
            Mistake(
                "exchanged",
                wrong=on_split(_roc_exchanged),
                hint="The axes of the figure are exchanged: the false positive rate belongs on the horizontal one.",
            ),
            Mistake(
                "upside_down",
                wrong=on_split(lambda run: {"auc": 1 - _roc_of(run)["auc"]}),
                hint="The area is that of the other class: the scores must be large where class 1 is probable.",
            ),
        ],
        fallback_hint="RocCurveDisplay.from_predictions and roc_auc_score take the true labels and a score for each "
        "point.",
        needs=("split", "train"),
    ),
)
