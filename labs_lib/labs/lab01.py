"""Lab 01, synthetic regression: parameters, exercises, checks."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Curves, Function, Given, Number
from labs_engine.declare.comparison import Run
from labs_engine.declare.framework import Context, Exercise, Failure, LabSpec, Mistake, ShortAnswer, close
from labs_engine.declare.parameters import Parameter, common_parameters
from labs_lib.datasets import synthetic
from labs_lib.kinds.models import Model
from labs_lib.kinds.networks import optimizer_name, units
from labs_lib.kinds.trained import Trained, Training
from labs_lib.labs.small_network import (
    default_width,
    hidden_widths,
    no_biases,
    output_forgotten,
    small_network,
    width_typed_in,
)
from labs_lib.models.table import Network

Answers = SimpleNamespace


def _data(ctx: Context) -> tuple[np.ndarray, np.ndarray]:
    return _draw(ctx["n_samples"], ctx["slope"], ctx["intercept"], ctx["noise"], ctx["seed"])


@lru_cache(maxsize=4)
def _draw(*arguments: Any) -> tuple[np.ndarray, np.ndarray]:
    return synthetic.regression(*arguments)


# TODO 1: the noise-free function ------------------------------------------------------


def _probes(ctx: Context) -> list[tuple[np.ndarray, float, float]]:
    rng = ctx.rng(1)
    x = np.sort(np.append(rng.uniform(-0.5, 0.5, 40), 0.0))
    return [(x, round(rng.uniform(1, 4), 2), round(rng.uniform(0.5, 3), 2)) for _ in range(3)]


def _ramp(x: np.ndarray, slope: float, intercept: float) -> np.ndarray:
    return np.where(x > 0, slope * x + intercept, 0.0)


# TODO 2: the network -------------------------------------------------------------------


def _network(hidden: int) -> Network:
    return small_network(1, hidden)


# TODO 4: stochastic gradient descent ----------------------------------------------------


def _model_loss(model: Any, ctx: Context) -> float:
    x, y = _data(ctx)
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
    _, y = _data(ctx)
    return len(a.history["loss"]) == ctx["epochs"] and a.history["loss"][0] < 0.35 * float(np.mean(y**2))


# TODO 5: the smallest loss --------------------------------------------------------------


def _judge_best(a: Answers, ctx: Context) -> Failure | None:
    loss = a.history["loss"]
    if len(loss) != ctx["epochs"]:
        return Failure(f"the curve of TODO 4, with {ctx['epochs']} epochs", f"one of {len(loss)} epochs")
    if not close(a.best_loss, loss.min()):
        return Failure("the smallest value of the loss curve", f"{a.best_loss:.5f}")
    if a.best_epoch != loss.argmin() + 1:
        return Failure("the epoch of the smallest loss, where the first epoch is 1", f"{a.best_epoch:g}")
    return None


# TODO 6: the prediction as a curve ------------------------------------------------------


def _samples(ctx: Context) -> tuple[int]:
    return (ctx["n_samples"],)


def _curve(run: Run) -> dict[str, np.ndarray]:
    x = np.sort(_data(run)[0])
    return {"x_sorted": x, "y_sorted": _predicted(run, x)}


def _predicted(run: Run, x: np.ndarray) -> np.ndarray:
    assert run.given is not None
    return _predict(run.given.model, x)


def _predict(model: Any, x: np.ndarray) -> np.ndarray:
    return np.asarray(model(np.asarray(x, dtype=np.float32)[:, None])).reshape(-1)


# TODO 7: a fresh network each time ------------------------------------------------------

_TRIAL_EPOCHS = (4, 4, 6)


def _trials(ctx: Context) -> list[tuple[Any, int, int]]:
    import keras

    rate, seed = ctx["learning_rate"], int(ctx.rng(7).integers(1, 1000))
    optimizers = [keras.optimizers.SGD(rate), keras.optimizers.SGD(rate), keras.optimizers.Adam(rate)]
    return [(optimizer, n, seed) for optimizer, n in zip(optimizers, _TRIAL_EPOCHS, strict=True)]


def _judge_fresh(a: Answers, ctx: Context) -> Failure | None:
    (first, curve), (_, again), (adam, longer) = a.train_fresh
    lengths = tuple(len(c["loss"]) for c in (curve, again, longer))
    if lengths != _TRIAL_EPOCHS:
        return Failure(f"as many epochs as asked for, {_TRIAL_EPOCHS}", f"{lengths}")
    if (optimizer_name(first), optimizer_name(adam)) != ("SGD", "Adam"):
        return Failure("the optimiser that was passed in", f"{optimizer_name(first)}, {optimizer_name(adam)}")
    if not close(curve["loss"], again["loss"], rtol=1e-3):
        return Failure(
            "the same curve for the same seed, called twice",
            f"first losses {curve['loss'][0]:.4f} and {again['loss'][0]:.4f}",
        )
    if units(first) != [ctx["hidden"], ctx["hidden"], 1]:
        return Failure("the network of TODO 2", f"dense layers of {units(first)} units")
    return None


def _not_rebuilt(a: Answers, ctx: Context) -> bool:
    (first, curve), (second, again), _ = a.train_fresh
    return first is second or (
        again["loss"][0] < 0.9 * curve["loss"][0] and again["loss"][0] < 1.15 * curve["loss"][-1]
    )


def _seed_ignored(a: Answers, ctx: Context) -> bool:
    curve, again = a.train_fresh[0][1]["loss"], a.train_fresh[1][1]["loss"]
    return len(curve) == len(again) and not close(curve, again, rtol=1e-3)


def _epochs_ignored(a: Answers, ctx: Context) -> bool:
    return len({len(curve["loss"]) for _, curve in a.train_fresh}) == 1


# TODO 9: held-out data ------------------------------------------------------------------


def _judge_split(a: Answers, ctx: Context) -> Failure | None:
    x, y = _data(ctx)
    lengths = [len(v) for v in (a.x_train, a.y_train, a.x_val, a.y_val)]
    n_val = round(ctx["holdout"] * len(x))
    if lengths[0] != lengths[1] or lengths[2] != lengths[3]:
        return Failure("as many targets as inputs on each side", f"lengths {lengths} (inputs, targets, …)")
    if abs(lengths[2] - n_val) > 1 or lengths[0] + lengths[2] != len(x):
        return Failure(
            f"{ctx['holdout']:.0%} of the {len(x)} points held out, the others for training",
            f"{lengths[0]} for training, {lengths[2]} held out",
        )
    if np.intersect1d(a.x_train, a.x_val).size:
        return Failure("no point on both sides", f"{np.intersect1d(a.x_train, a.x_val).size} points on both")
    target = dict(zip(x.tolist(), y.tolist(), strict=True))
    for side, xs, ys in (("training", a.x_train, a.y_train), ("held-out", a.x_val, a.y_val)):
        expected = [target.get(value, np.nan) for value in xs.tolist()]
        if not close(ys, expected):
            return Failure("each input with its own target", f"other pairs among the {side} points")
    return None


def _pairs_swapped(a: Answers, ctx: Context) -> bool:
    x, y = _data(ctx)
    return bool(np.isin(a.y_train, x).all() and np.isin(a.x_val, y).all())


def _overlaps(a: Answers, ctx: Context) -> bool:
    return bool(np.intersect1d(a.x_train, a.x_val).size)


def _pairs_broken(a: Answers, ctx: Context) -> bool:
    targets = np.concatenate([a.y_train, a.y_val])
    return len(a.x_train) == len(a.y_train) and close(np.sort(targets), np.sort(_data(ctx)[1]))


LAB = LabSpec(
    number="01",
    slug="synthetic_regression",
    title="Synthetic regression",
    summary="A small network learns a bent line from noisy points, and meets a floor it cannot go below.",
    parameters=(
        *common_parameters(),
        Parameter("n_samples", int, 1000, "number of points", minimum=50, maximum=100_000),
        Parameter("slope", float, 2.0, "slope of the line"),
        Parameter("intercept", float, 1.0, "value of the line at 0"),
        Parameter("noise", float, 0.2, "standard deviation of the noise", minimum=0.01),
        Parameter("hidden", int, 5, "units in each hidden layer", minimum=1, maximum=512),
        Parameter("learning_rate", float, 0.01, "learning rate of SGD and Adam", minimum=1e-6, maximum=1.0),
        Parameter("batch_size", int, 32, "points per update", minimum=1),
        Parameter("epochs", int, 300, "passes over the data in the first run", minimum=2),
        Parameter("more_epochs", int, 1000, "passes over the data in the long run", minimum=2),
        Parameter("holdout", float, 0.3, "share of the points held out", minimum=0.05, maximum=0.9),
        Parameter("n_seeds", int, None, "networks per optimiser", quick=2, full=5, minimum=1),
    ),
    exercises=(
        Exercise(
            name="noise_free",
            title="The generating function",
            points=2,
            answers={"noise_free": Function(_probes, Array(atol=1e-4))},
            right=_ramp,
            expects="the scatter's own shape, with the slope and the intercept passed in",
            mistakes=[
                Mistake(
                    "no_condition",
                    wrong=lambda x, a, b: a * x + b,
                    hint="Your function is one straight line for all x. Look at the left half of the scatter: do "
                    "the points follow the line there too?",
                ),
                Mistake(
                    "condition_flipped",
                    wrong=lambda x, a, b: np.where(x < 0, a * x + b, 0.0),
                    hint="The two halves are exchanged: your line is on the side where the scatter is flat.",
                ),
                Mistake(
                    "offset_missing",
                    wrong=lambda x, a, b: np.where(x > 0, a * x, 0.0),
                    hint="Your line starts at height 0. Look at the scatter just right of x = 0: there is a jump.",
                ),
                Mistake(
                    "offset_everywhere",
                    wrong=lambda x, a, b: np.where(x > 0, a * x, 0.0) + b,
                    hint="The intercept is added on both sides. At what height do the points on the left lie?",
                ),
                Mistake(
                    "slope_everywhere",
                    wrong=lambda x, a, b: a * x + np.where(x > 0, b, 0.0),
                    hint="The slope acts on both sides. Are the points on the left sloped?",
                ),
                Mistake(
                    "boundary",
                    wrong=lambda x, a, b: np.where(x >= 0, a * x + b, 0.0),
                    hint="Only the point x = 0 itself is on the wrong side: the condition is x > 0, not x ≥ 0.",
                ),
                Mistake(
                    "arguments_ignored",
                    lambda a, ctx: close(a.noise_free[0], a.noise_free[1]),
                    wrong=lambda x, a, b: _ramp(x, 2, 1),
                    hint="The result is the same whatever slope and intercept are: use the function's arguments, "
                    "not the numbers of this one data set.",
                ),
            ],
            fallback_hint="x is an array, and each of its values decides for itself: np.where(condition, a, b) does "
            "that, and so does multiplying by a condition.",
        ),
        Exercise(
            name="model",
            title="A network with two hidden layers",
            points=2,
            answers={"build_model": Function(hidden_widths, Model())},
            right=_network,
            mistakes=[
                width_typed_in(_network, 5),
                Mistake(
                    "relu_output",
                    wrong=lambda hidden: _network(hidden).changed(-1, activation="relu"),
                    hint="The last layer has a ReLU, so the network can never predict a negative value. Noisy "
                    "targets around 0 are negative half of the time.",
                ),
                Mistake(
                    "linear_hidden",
                    wrong=lambda hidden: (
                        _network(hidden).changed(0, activation=None).changed(1, activation=None)
                    ),
                    hint="A hidden layer has no activation. A chain of linear layers is one linear layer: it can "
                    "only draw a straight line.",
                ),
            ],
            fallback_hint="Start from keras.Input((1,)), apply the Dense layers one after another, and return "
            "keras.Model(inputs, outputs). The text above lists the layers.",
        ),
        Exercise(
            name="count",
            title="Count the parameters",
            points=1,
            answers={"n_parameters": Number(integer=True)},
            right=lambda run: _network(run["hidden"]).count_params(),
            expects="all weights and biases of the network of TODO 2",
            mistakes=[
                no_biases(_network),
                output_forgotten(_network),
                Mistake(
                    "one_hidden_layer",
                    wrong=lambda run: _network(run["hidden"]).without(1).count_params(),
                    hint="The layer between the two hidden layers is missing from the count.",
                ),
                default_width(46),
            ],
            fallback_hint="A dense layer with m inputs and n units has one weight for each pair and one bias per "
            "unit.",
        ),
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
        Exercise(
            name="curve",
            title="The prediction as a curve",
            points=2,
            answers={
                "x_sorted": Array(_samples, what="the inputs x in ascending order"),
                "y_sorted": Array(
                    _samples, what="at each x_sorted the prediction for exactly that x", rtol=1e-3, atol=1e-3
                ),
                "model": Given(Model()),
            },
            right=_curve,
            mistakes=[
                Mistake(
                    "not_sorted",
                    wrong=lambda run: {"x_sorted": _data(run)[0]},
                    hint="x is in its original order: a line plot would jump back and forth between the points.",
                ),
                Mistake(
                    "order_lost",
                    wrong=lambda run: {"y_sorted": _predicted(run, _data(run)[0])},
                    hint="x is sorted, but the predictions are still in the order of the unsorted x.",
                ),
                Mistake(
                    "targets",
                    wrong=[
                        lambda run: {"y_sorted": _data(run)[1]},
                        lambda run: {"y_sorted": _data(run)[1][np.argsort(_data(run)[0])]},
                        lambda run: {"y_sorted": np.sort(_data(run)[1])},
                    ],
                    hint="These are the noisy targets y, not what the network predicts.",
                ),
                Mistake(
                    "predictions_sorted",
                    # A recogniser of its own: where the curve only rises, sorting changes nothing.
                    lambda a, ctx: close(
                        a.y_sorted, np.sort(_predict(a.model, a.x_sorted)), rtol=1e-3, atol=1e-3
                    ),
                    hint="The predictions were sorted on their own, so they no longer belong to their x.",
                ),
            ],
            fallback_hint="A model takes a column of inputs, shape (n, 1), and returns a column; both answers here "
            "are flat, shape (n,). Sort x first, then predict.",
            needs=("sgd",),
        ),
        Exercise(
            name="fresh",
            title="A fresh network for every run",
            points=2,
            answers={"train_fresh": Function(_trials, (Model(), Curves()))},
            judge=_judge_fresh,
            mistakes=[
                Mistake(
                    "not_rebuilt",
                    _not_rebuilt,
                    hint="The second call continues where the first one stopped: the network is not built inside "
                    "the function, so the two runs cannot be compared.",
                ),
                Mistake(
                    "epochs_ignored",
                    _epochs_ignored,
                    hint="The curves have the same length whatever is asked for: use the argument `epochs`.",
                ),
                Mistake(
                    "optimizer_ignored",
                    lambda a, ctx: optimizer_name(a.train_fresh[0][0]) == optimizer_name(a.train_fresh[2][0]),
                    hint="Every run uses the same kind of optimiser: compile with the argument `optimizer`.",
                ),
                Mistake(
                    "seed_ignored",
                    _seed_ignored,
                    hint="Two calls with one seed give different curves. The starting weights are random: set the "
                    "seed before the network is built.",
                ),
            ],
            fallback_hint="Inside the function: set the seed, build, compile with the given optimiser, fit, return "
            "both the model and the history.",
            needs=("model",),
        ),
        Exercise(
            name="floor",
            title="The noise floor",
            points=1,
            answers={"noise_floor": Number()},
            right=lambda run: run["noise"] ** 2,
            expects="the mean squared error of the best possible prediction",
            mistakes=[
                Mistake(
                    "deviation",
                    wrong=lambda run: run["noise"],
                    hint="This is the standard deviation of the noise. The loss is a mean of squares.",
                ),
                Mistake(
                    "half",
                    wrong=lambda run: run["noise"] ** 2 / 2,
                    hint="There is no factor ½ in the mean squared error.",
                ),
                Mistake(
                    "default_noise",
                    wrong=0.04,
                    hint="This is the floor for another noise level. Compute it from `noise`.",
                ),
            ],
            fallback_hint="Suppose that the network had learned the noise-free function exactly: what would be left?",
        ),
        Exercise(
            name="holdout",
            title="Hold out data",
            points=2,
            answers={name: Array((None,)) for name in ("x_train", "y_train", "x_val", "y_val")},
            judge=_judge_split,
            mistakes=[
                Mistake(
                    "returned_order",
                    _pairs_swapped,
                    hint="Inputs and targets of the two sides are exchanged: train_test_split(x, y) returns both "
                    "parts of x first, then both parts of y.",
                ),
                Mistake(
                    "overlap",
                    _overlaps,
                    hint="Some points are on both sides: the network is then tested on points that it may have "
                    "memorised.",
                ),
                Mistake(
                    "share_exchanged",
                    lambda a, ctx: (
                        abs(len(a.x_train) - round(ctx["holdout"] * ctx["n_samples"])) <= 1
                        and len(a.x_train) == len(a.y_train) != len(a.x_val)
                    ),
                    hint="The smaller part is used for training: the share that is asked for is the one held out.",
                ),
                Mistake(
                    "pairs_broken",
                    _pairs_broken,
                    hint="The right points are there, but inputs and targets no longer belong together: shuffle "
                    "both with one and the same order.",
                ),
            ],
            fallback_hint="sklearn.model_selection.train_test_split takes several arrays and keeps their rows "
            "together.",
        ),
    ),
    questions=(ShortAnswer("longer", 2), ShortAnswer("beat_the_floor", 2)),
)
