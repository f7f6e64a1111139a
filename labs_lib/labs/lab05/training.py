"""Exercises of lab 05 on training, on choosing, and on scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Curves, Function, Number
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake, close
from labs_lib.kinds.models import Model
from labs_lib.kinds.networks import cross_entropy
from labs_lib.kinds.trained import Trained, Training
from labs_lib.labs.lab05.common import Answers, labels, shape_of

# TODO 7: training -------------------------------------------------------------------------


def _trials(ctx: Context) -> list[tuple[Any, ...]]:
    from labs_lib.models import mlp

    # Three classes that lie far apart: whoever trains on them does much better than guessing.
    rng = ctx.rng(8)
    y = rng.integers(0, 3, 330)
    x = (2 * rng.standard_normal((3, 6))[y] + 0.5 * rng.standard_normal((330, 6))).astype(np.float32)
    rate = float(np.round(10 ** rng.uniform(-2.2, -1.8), 4))
    return [
        (mlp(6, [8], 3, output_activation="softmax"), x[:300], y[:300], x[300:], y[300:], epochs, rate)
        for epochs in (2, 8 + int(rng.integers(1, 4)))
    ]


def _trained(a: Answers, ctx: Context) -> list[Trained]:
    return [
        Trained(model, curves, epochs, rate, data=(x, y), validation=(x_val, y_val))
        for (model, curves), (_, x, y, x_val, y_val, epochs, rate) in zip(a.train, _trials(ctx), strict=True)
    ]


_TRAINING = Training(_trained)


TRAINING = Exercise(
    name="training",
    title="Train a classifier and watch it",
    points=2,
    answers={"train": Function(_trials, (Model(compiled=True), Curves()))},
    judge=_TRAINING.judge,
    mistakes=_TRAINING.mistakes(
        from_logits="",
        rate_ignored="",
        sgd="",
        epochs_ignored="",
        no_accuracy="",
        other_metric="",
        no_validation="",
        validated_on_training="",
    ),
    fallback_hint="compile with Adam at the given rate, the sparse categorical cross-entropy and "
    "metrics=['accuracy']; then model.fit with validation_data=(x_val, y_val); return "
    "both.",
)


# TODO 8: the dense network, trained and watched --------------------------------------------


def _judge_watched(a: Answers, ctx: Context) -> Failure | None:
    curves = a.mlp_history
    if len(curves["loss"]) != ctx["mlp_epochs"]:
        return Failure(f"{ctx['mlp_epochs']} epochs", f"{len(curves['loss'])}")
    if _watched_on_test(a, ctx):
        return Failure("a network that was watched on the validation clips", "one that was watched on others")
    if not close(
        curves["val_loss"][-1],
        cross_entropy(a.mlp, a.X_validation_scaled, labels(ctx, "validation")),
        rtol=1e-3,
    ):
        return Failure(
            "the history of this network, watched on the validation clips", "a last value that is not its own"
        )
    for name, given, right in (
        ("training", a.training_loss, curves["loss"]),
        ("validation", a.validation_loss, curves["val_loss"]),
    ):
        if given.shape != right.shape or not close(given, right, rtol=1e-5):
            return Failure(f"the {name} loss after each epoch, from mlp_history", "other values")
    return None


def _watched_on_test(a: Answers, ctx: Context) -> bool:
    found = a.mlp_history["val_loss"][-1]
    on_test = cross_entropy(a.mlp, a.X_test_scaled, labels(ctx, "test"))
    on_validation = cross_entropy(a.mlp, a.X_validation_scaled, labels(ctx, "validation"))
    return close(found, on_test, rtol=1e-3) and not close(found, on_validation, rtol=1e-3)


WATCHED = Exercise(
    name="watched",
    title="Watch the dense network overfit",
    points=2,
    answers={
        "mlp": Model(),
        "mlp_history": Curves(("loss", "val_loss")),
        "training_loss": Array((None,)),
        "validation_loss": Array((None,)),
        "X_validation_scaled": Array(shape_of("validation")),
        "X_test_scaled": Array(shape_of("test")),
    },
    judge=_judge_watched,
    mistakes=[
        Mistake(
            "watched_on_test",
            _watched_on_test,
            hint="The network was watched on the test clips. Whatever you now decide from these curves, "
            "you decide with the test clips in view.",
        ),
        Mistake(
            "training_twice",
            lambda a, ctx: close(a.training_loss, a.validation_loss),
            hint="Both curves are the same: the training loss under two names. It cannot show overfitting.",
        ),
        Mistake(
            "exchanged",
            lambda a, ctx: (
                a.training_loss.shape == a.mlp_history["val_loss"].shape
                and close(a.training_loss, a.mlp_history["val_loss"])
            ),
            hint="The two curves are exchanged: names that begin with val_ belong to the validation clips.",
        ),
        Mistake(
            "accuracy",
            lambda a, ctx: (
                "accuracy" in a.mlp_history
                and a.training_loss.shape == a.mlp_history["accuracy"].shape
                and close(a.training_loss, a.mlp_history["accuracy"])
            ),
            hint="These are accuracies; the loss is asked for.",
        ),
    ],
    fallback_hint="train(...) as you wrote it, with the scaled training clips and the scaled validation "
    "clips; mlp_history.history is a dict of curves.",
    needs=("standardise", "mlp", "training"),
)


# TODO 9: which epoch ------------------------------------------------------------------------


def _histories(ctx: Context) -> list[tuple[dict[str, list[float]]]]:
    rng = ctx.rng(9)
    found = []
    for _ in range(3):
        n = int(rng.integers(12, 20))
        best, last = rng.choice(np.arange(3, n - 2), 2, replace=False)
        loss = np.sort(rng.uniform(0.1, 2.0, n))[::-1].copy()
        val_loss = 1.0 + 0.05 * np.abs(np.arange(n) - best) + rng.uniform(0, 0.02, n)
        val_loss[0] = 2.0  # the largest value is not where another wrong choice lies
        val_accuracy = 0.6 - 0.02 * np.abs(np.arange(n) - last)
        history = {"loss": loss, "accuracy": 1 - loss / 3, "val_loss": val_loss, "val_accuracy": val_accuracy}
        found.append(({name: [float(v) for v in curve] for name, curve in history.items()},))
    return found


BEST_EPOCH = Exercise(
    name="best_epoch",
    title="Choose the epoch",
    points=1,
    answers={"best_epoch": Function(_histories, Number(integer=True))},
    right=lambda h: 1 + int(np.argmin(h["val_loss"])),
    expects="the epoch after which the network did best on the validation clips",
    mistakes=[
        Mistake(
            "from_zero",
            wrong=lambda h: int(np.argmin(h["val_loss"])),
            hint="Right place, counted from 0. The figures count epochs from 1.",
        ),
        Mistake(
            "training_loss",
            wrong=lambda h: 1 + int(np.argmin(h["loss"])),
            hint="This is the epoch of the smallest training loss, which hardly ever stops falling.",
        ),
        Mistake(
            "largest",
            wrong=lambda h: 1 + int(np.argmax(h["val_loss"])),
            hint="This is the epoch of the largest validation loss.",
        ),
        Mistake(
            "accuracy",
            wrong=lambda h: 1 + int(np.argmax(h["val_accuracy"])),
            hint="This goes by the validation accuracy, which moves in steps of a whole clip; the loss "
            "says more.",
        ),
    ],
    fallback_hint="np.argmin gives the place of the smallest value, counted from 0.",
)


# TODO 13: scores ---------------------------------------------------------------------------


def _test_accuracy(model: Any, x: np.ndarray, ctx: Context) -> float:
    inputs = x if len(model.input_shape) == x.ndim else x[..., None]
    return float(np.mean(np.argmax(np.asarray(model(inputs, training=False)), axis=1) == labels(ctx, "test")))


def _judge_scores(a: Answers, ctx: Context) -> Failure | None:
    for name, model, given in (("MLP", a.mlp, a.mlp_accuracy), ("CNN", a.cnn, a.cnn_accuracy)):
        right = _test_accuracy(model, a.X_test_scaled, ctx)
        if not close(given, right, atol=0.002):
            return Failure(f"the share of test clips that the {name} gets right", f"{given:.4f}")
    return None


def _is_last(curve: str) -> Callable[[Answers, Context], bool]:
    def same(a: Answers, ctx: Context) -> bool:
        pairs = ((a.mlp_accuracy, a.mlp_history), (a.cnn_accuracy, a.cnn_history))
        return any(
            curve in history and close(given, history[curve][-1], atol=0.002) for given, history in pairs
        )

    return same


SCORES = Exercise(
    name="scores",
    title="Score on the test fold",
    points=2,
    answers={
        "mlp_accuracy": Number(),
        "cnn_accuracy": Number(),
        "mlp": Model(),
        "cnn": Model(),
        "mlp_history": Curves(("accuracy",)),
        "cnn_history": Curves(("accuracy",)),
        "X_test_scaled": Array(shape_of("test")),
    },
    judge=_judge_scores,
    mistakes=[
        Mistake(
            "percent",
            lambda a, ctx: a.mlp_accuracy > 1 or a.cnn_accuracy > 1,
            hint="A share lies between 0 and 1. Is this in percent, or the loss?",
        ),
        Mistake(
            "training_accuracy",
            _is_last("accuracy"),
            hint="This is the accuracy on the clips that were trained on.",
        ),
        Mistake(
            "validation_accuracy",
            _is_last("val_accuracy"),
            hint="This is the accuracy on the validation clips; they were watched all the time.",
        ),
        Mistake(
            "exchanged",
            lambda a, ctx: close(a.cnn_accuracy, _test_accuracy(a.mlp, a.X_test_scaled, ctx), atol=0.002),
            hint="The score given for the CNN is the dense network's.",
        ),
    ],
    fallback_hint="Predict the test clips, take the class of the largest probability, compare with y_test.",
    needs=("watched", "cnn"),
)


# TODO 14: five scores in one ----------------------------------------------------------------


def _accuracies(ctx: Context) -> list[tuple[list[float]]]:
    rng = ctx.rng(14)
    return [(np.round(rng.uniform(0.4, 0.9, n), 4).tolist(),) for n in (5, 5, 3)]


def _mean_and(statistic: Callable[[list[float]], Any]) -> Callable[[list[float]], tuple[Any, Any]]:
    return lambda values: (np.mean(values), statistic(values))


SUMMARY = Exercise(
    name="summary",
    title="Five scores in one",
    points=1,
    answers={"summary": Function(_accuracies, (Number(), Number()))},
    right=_mean_and(lambda v: np.std(v, ddof=1)),
    expects="the mean first, then the standard deviation that is divided by one less than the number of values",
    mistakes=[
        Mistake(
            "divided_by_all",
            wrong=_mean_and(lambda v: float(np.std(v))),
            hint="NumPy divides by the number of values unless told otherwise. The mean was estimated from "
            "the same few values, so one less is right: see the argument ddof.",
        ),
        Mistake(
            "variance",
            wrong=_mean_and(lambda v: float(np.var(v, ddof=1))),
            hint="This is the variance; its square root is in the units of the accuracy.",
        ),
        Mistake(
            "standard_error",
            wrong=_mean_and(lambda v: float(np.std(v, ddof=1) / np.sqrt(len(v)))),
            hint="This is the standard error of the mean: how uncertain the mean is. The spread of the "
            "folds is asked for.",
        ),
        Mistake(
            "exchanged",
            wrong=lambda v: (np.std(v, ddof=1), np.mean(v)),
            hint="The two are exchanged: the mean comes first.",
        ),
    ],
    fallback_hint="np.mean and np.std, with the argument ddof.",
)
