"""Lab 01, TODO 6 to 8: training with SGD, the learning curve, the smallest loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from labs_engine.declare.answers import Curves, Given, Number
from labs_engine.declare.comparison import Run
from labs_engine.declare.drawings import Drawing, Shows, over_epochs
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake, close
from labs_lib.kinds.models import Model
from labs_lib.kinds.trained import Trained, Training
from labs_lib.labs.lab01.common import LINEAR, Answers, points

# TODO 6: stochastic gradient descent ----------------------------------------------------


def _model_loss(model: Any, ctx: Context) -> float:
    x, y = points(ctx)
    predicted = np.asarray(model(x[:, None])).reshape(-1)
    return float(np.mean((predicted - y) ** 2))


_TRAINING = Training(
    lambda a, ctx: [Trained(a.model, a.history, ctx["epochs"], ctx["learning_rate"])],
    optimizer="SGD",
    loss="mean_squared_error",
)


def _judge_sgd(a: Answers, ctx: Context) -> Failure | None:
    if (wrong := _TRAINING.judge(a, ctx)) is not None:
        return wrong
    loss, now = a.history["loss"], _model_loss(a.model, ctx)
    if not 0.7 * now < loss[-1] < 1.4 * now:
        return Failure(
            "a curve that ends where this model is",
            f"a curve that ends at {loss[-1]:.4f}; on the data the model's error is {now:.4f}",
        )
    if loss[0] < 1.2 * loss[-1]:
        return Failure("a loss that falls", f"a curve from {loss[0]:.4f} to {loss[-1]:.4f}")
    return None


def _starts_trained(a: Answers, ctx: Context) -> bool:
    _, y = points(ctx)
    return len(a.history["loss"]) == ctx["epochs"] and a.history["loss"][0] < 0.35 * float(np.mean(y**2))


# TODO 7 and 8: the learning curve and the smallest loss --------------------------------------------------------------


def _loss_figure(run: Run, *, log: str = "y") -> Shows:
    assert run.given is not None
    return Shows(curves=[over_epochs(run["epochs"], run.given.history["loss"])], log=log)


def _judge_best(a: Answers, ctx: Context) -> Failure | None:
    loss = a.history["loss"]
    if len(loss) != ctx["epochs"]:
        return Failure(f"the curve of TODO 6, with {ctx['epochs']} epochs", f"one of {len(loss)} epochs")
    if not close(a.best_loss, loss.min()):
        return Failure("the smallest value of the loss curve", f"{a.best_loss:.5f}")
    if a.best_epoch != loss.argmin() + 1:
        return Failure("the epoch of the smallest loss, where the first epoch is 1", f"{a.best_epoch:g}")
    return None


EXERCISES = (
    Exercise(
        name="sgd",
        title="Train with SGD",
        points=2,
        answers={"model": Model(compiled=True), "history": Curves()},
        judge=_judge_sgd,
        mistakes=[
            *_TRAINING.mistakes(
                adam="This is Adam. The text asks for plain SGD here: the comparison with Adam comes later, "
                "and only means something if this run really is SGD.",
                default_rate="",
                absolute_error="The loss is the absolute error; the noise floor that you will meet is one "
                "of squares.",
            ),
            Mistake(
                "continued",
                _starts_trained,
                hint="The curve starts low: this network had been trained before. Run the whole cell again, so "
                "that the model is built again before `fit`.",
            ),
            *_TRAINING.mistakes(epochs=""),
        ],
        fallback_hint="Compile the model that you pass here, then keep what model.fit returns for it.",
        needs=("model",),
    ),
    Exercise(
        name="learning_curve",
        title="The learning curve",
        points=1,
        answers={"ax_loss": Drawing(), "history": Given(Curves())},
        right=lambda run: _loss_figure(run),
        mistakes=[
            Mistake(
                "linear",
                wrong=lambda run: _loss_figure(run, log=""),
                hint=LINEAR,
            ),
        ],
        fallback_hint="history.history['loss'] holds one value for each epoch. ax.semilogy draws it with a "
        "logarithmic y axis.",
        needs=("sgd",),
    ),
    Exercise(
        name="best",
        title="The smallest loss and its epoch",
        points=1,
        answers={"best_loss": Number(), "best_epoch": Number(integer=True), "history": Curves()},
        judge=_judge_best,
        mistakes=[
            Mistake(
                "last",
                lambda a, ctx: (
                    close(a.best_loss, a.history["loss"][-1])
                    and not close(a.best_loss, a.history["loss"].min())
                ),
                hint="This is the last loss. The curve is jagged: an earlier epoch was better.",
            ),
            Mistake(
                "from_zero",
                lambda a, ctx: a.best_epoch == a.history["loss"].argmin(),
                hint="The position is right but counted from 0, as Python does. Epochs are counted from 1.",
            ),
            Mistake(
                "largest",
                lambda a, ctx: close(a.best_loss, a.history["loss"].max()),
                hint="This is the largest loss of the curve.",
            ),
        ],
        fallback_hint="history.history['loss'] is a list with one value per epoch; np.argmin gives a position.",
        needs=("sgd",),
    ),
)
