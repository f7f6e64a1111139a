"""Lab 01, synthetic regression: parameters, exercises, checks."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Curves, Function, Given, Number
from labs_engine.declare.comparison import Run
from labs_engine.declare.drawings import Drawing, Shows
from labs_engine.declare.framework import Context, Exercise, Failure, LabSpec, Mistake, ShortAnswer, close
from labs_engine.declare.parameters import Parameter, common_parameters
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


def points(ctx: Context) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of a run, inputs and targets of shape (n,), as the text has them drawn."""
    return _draw(ctx)


@lru_cache(maxsize=4)
def _draw(ctx: Context) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(ctx["seed"])
    x = rng.uniform(-0.5, 0.5, ctx["n_samples"])
    return x, _ramp(x, ctx["slope"], ctx["intercept"]) + rng.normal(0, ctx["noise"], len(x))


# TODO 1: the rule ----------------------------------------------------------------------


def _probes(ctx: Context) -> list[tuple[np.ndarray, float, float]]:
    rng = ctx.rng(1)
    x = np.sort(rng.uniform(-0.5, 0.5, 40))  # without 0 itself, of which no point tells anything
    return [(x, round(rng.uniform(1, 4), 2), round(rng.uniform(0.5, 3), 2)) for _ in range(3)]


def _ramp(x: np.ndarray, slope: float, intercept: float) -> np.ndarray:
    return np.where(x > 0, slope * x + intercept, 0.0)


# TODO 2: the points --------------------------------------------------------------------


def _drawn(
    draw: Callable[[Run, Any], tuple[np.ndarray, np.ndarray]],
) -> Callable[[Run], dict[str, np.ndarray]]:
    """Return points as code, from a function of the run and a new generator that returns inputs and noise."""

    def code(run: Run) -> dict[str, np.ndarray]:
        x, noise = draw(run, np.random.default_rng(run["seed"]))
        return {"x": x, "y": _ramp(x, run["slope"], run["intercept"]) + noise}

    return code


def _uniform(run: Context, rng: Any) -> np.ndarray:
    return np.asarray(rng.uniform(-0.5, 0.5, run["n_samples"]))


def _noise_first(run: Run, rng: Any) -> tuple[np.ndarray, np.ndarray]:
    noise = rng.normal(0, run["noise"], run["n_samples"])
    return _uniform(run, rng), noise


def _old_generator(run: Run, rng: Any) -> tuple[np.ndarray, np.ndarray]:
    old = np.random.RandomState(run["seed"])
    return _uniform(run, old), old.normal(0, run["noise"], run["n_samples"])


def _one_side(run: Run) -> dict[str, np.ndarray]:
    x, y = points(run)
    return {"x": x, "y": np.where(x > 0, y, 0.0)}


# TODO 4: the network -------------------------------------------------------------------


def _network(hidden: int) -> Network:
    return small_network(1, hidden)


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
    return Shows(curves=[_over(run["epochs"], run.given.history["loss"])], log=log)


def _judge_best(a: Answers, ctx: Context) -> Failure | None:
    loss = a.history["loss"]
    if len(loss) != ctx["epochs"]:
        return Failure(f"the curve of TODO 6, with {ctx['epochs']} epochs", f"one of {len(loss)} epochs")
    if not close(a.best_loss, loss.min()):
        return Failure("the smallest value of the loss curve", f"{a.best_loss:.5f}")
    if a.best_epoch != loss.argmin() + 1:
        return Failure("the epoch of the smallest loss, where the first epoch is 1", f"{a.best_epoch:g}")
    return None


# TODO 9 and 10: the prediction as a curve, and as a sum ---------------------------------


def _samples(ctx: Context) -> tuple[int]:
    return (ctx["n_samples"],)


def _curve(run: Run) -> dict[str, Any]:
    x = np.sort(points(run)[0])
    return {"x_sorted": x, "y_sorted": _predicted(run, x), "ax_fit": _fit_figure(run)}


def _fit_figure(run: Run, *, rule: bool = True) -> Shows:
    x = np.sort(points(run)[0])
    curves = [(x, _predicted(run, x))]
    if rule:
        curves.append((x, _ramp(x, run["slope"], run["intercept"])))
    return Shows(points=[points(run)], curves=curves, legend=True)


def _predicted(run: Run, x: np.ndarray) -> np.ndarray:
    assert run.given is not None
    return _predict(run.given.model, x)


def _predict(model: Any, x: np.ndarray) -> np.ndarray:
    return np.asarray(model(np.asarray(x, dtype=np.float32)[:, None])).reshape(-1)


def _activations(run: Run) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what the last hidden layer gives for the sorted inputs, and the weights and the bias of the output."""
    import keras

    assert run.given is not None
    model = run.given.model
    output = next(layer for layer in reversed(model.layers) if layer.weights)
    inner = keras.Model(model.input, output.input)
    x = np.sort(points(run)[0]).astype(np.float32)
    weights, bias = (np.asarray(value) for value in output.weights)
    return np.asarray(inner(x[:, None])), weights[:, 0], bias


def _contributions(run: Run) -> np.ndarray:
    activations, weights, _ = _activations(run)
    return activations * weights


# TODO 11: a fresh network each time -----------------------------------------------------

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
        return Failure("the network of TODO 4", f"dense layers of {units(first)} units")
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


def _over(epochs: int, curve: np.ndarray) -> tuple[None, np.ndarray]:
    """Return a curve that must be drawn, or one that nothing equals where it has another number of epochs."""
    return None, curve if len(curve) == epochs else np.full(epochs, np.nan)


# TODO 13: the floor in a figure ---------------------------------------------------------


def _floor_figure(run: Run, *, levels: int = 2, log: str = "y") -> Shows:
    assert run.given is not None
    x, y = points(run)
    here = float(np.mean((y - _ramp(x, run["slope"], run["intercept"])) ** 2))
    curves = [_over(run["more_epochs"], curve) for curve in (run.given.sgd_loss, run.given.adam_loss)]
    return Shows(curves=curves, levels=[run["noise"] ** 2, here][:levels], log=log, legend=True)


# TODO 14: validation data ---------------------------------------------------------------


def _judge_split(a: Answers, ctx: Context) -> Failure | None:
    x, y = points(ctx)
    lengths = [len(v) for v in (a.x_train, a.y_train, a.x_val, a.y_val)]
    n_val = round(ctx["holdout"] * len(x))
    if lengths[0] != lengths[1] or lengths[2] != lengths[3]:
        return Failure("as many targets as inputs on each side", f"lengths {lengths} (inputs, targets, …)")
    if abs(lengths[2] - n_val) > 1 or lengths[0] + lengths[2] != len(x):
        return Failure(
            f"{ctx['holdout']:.0%} of the {len(x)} points for validation, the others for training",
            f"{lengths[0]} for training, {lengths[2]} for validation",
        )
    if np.intersect1d(a.x_train, a.x_val).size:
        return Failure("no point on both sides", f"{np.intersect1d(a.x_train, a.x_val).size} points on both")
    target = dict(zip(x.tolist(), y.tolist(), strict=True))
    for side, xs, ys in (("training", a.x_train, a.y_train), ("validation", a.x_val, a.y_val)):
        expected = [target.get(value, np.nan) for value in xs.tolist()]
        if not close(ys, expected):
            return Failure("each input with its own target", f"other pairs among the {side} points")
    return None


def _pairs_swapped(a: Answers, ctx: Context) -> bool:
    x, y = points(ctx)
    return bool(np.isin(a.y_train, x).all() and np.isin(a.x_val, y).all())


def _overlaps(a: Answers, ctx: Context) -> bool:
    return bool(np.intersect1d(a.x_train, a.x_val).size)


def _pairs_broken(a: Answers, ctx: Context) -> bool:
    targets = np.concatenate([a.y_train, a.y_val])
    return len(a.x_train) == len(a.y_train) and close(np.sort(targets), np.sort(points(ctx)[1]))


# TODO 15 and 16: overfitting ------------------------------------------------------------

FEW = 30  # points to overfit
_SPLIT = ("x_train", "y_train", "x_val", "y_val")

_OVERFITTING = Training(
    lambda a, ctx: [
        Trained(
            a.large,
            a.overfit,
            ctx["more_epochs"],
            0.01,
            data=(a.x_train[:FEW, None], a.y_train[:FEW]),
            batch_size=ctx["batch_size"],
        )
    ],
    optimizer="Adam",
    loss="mean_squared_error",
    units=lambda ctx: [128, 128, 1],
)


def _paired(a: Answers) -> bool:
    return len(a.x_train) == len(a.y_train) > 0 < len(a.x_val) == len(a.y_val)


def _judge_overfit(a: Answers, ctx: Context) -> Failure | None:
    if not _paired(a):
        lengths = [len(getattr(a, name)) for name in _SPLIT]
        return Failure("the four arrays of TODO 14", f"arrays of lengths {lengths}")
    if (wrong := _OVERFITTING.judge(a, ctx)) is not None:
        return wrong
    if "val_loss" not in a.overfit:
        return Failure(
            "a history with 'loss' and 'val_loss'", f"the curves {', '.join(map(repr, a.overfit))}"
        )
    loss = _error(a.large, a.x_val, a.y_val)
    if not close(a.overfit["val_loss"][-1], loss, rtol=1e-2):
        return Failure(
            f"a validation curve that ends at this network's error on the validation data, {loss:.4f}",
            f"{a.overfit['val_loss'][-1]:.4f}",
        )
    if not 0.3 * a.overfit["loss"][-1] < (now := _error(a.large, a.x_train[:FEW], a.y_train[:FEW])) + 1e-4:
        return Failure(
            f"a network trained on the first {FEW} training points", f"an error of {now:.4f} on them"
        )
    return None


def _error(model: Any, x: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean((_predict(model, x) - y) ** 2))


def _overfit_figure(run: Run, *, floor: bool = True, log: str = "y") -> Shows:
    assert run.given is not None
    curves = [_over(run["more_epochs"], run.given.overfit[name]) for name in ("loss", "val_loss")]
    return Shows(curves=curves, levels=[run["noise"] ** 2] if floor else [], log=log, legend=True)


_LINEAR = "The y axis is linear: the small losses at the end cannot be told apart. See ax.semilogy or ax.set_yscale."

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
        Parameter("holdout", float, 0.3, "share of the points for validation", minimum=0.05, maximum=0.9),
        Parameter("n_seeds", int, None, "networks per optimiser", quick=3, full=10, minimum=1),
    ),
    exercises=(
        Exercise(
            name="noise_free",
            title="The rule",
            points=2,
            answers={"noise_free": Function(_probes, Array(atol=1e-4))},
            right=_ramp,
            expects="0 up to x = 0, then the line, with the slope and the intercept passed in",
            mistakes=[
                Mistake(
                    "no_condition",
                    wrong=lambda x, a, b: a * x + b,
                    hint="Your function is one straight line for all x. What is the target for x below 0?",
                ),
                Mistake(
                    "condition_flipped",
                    wrong=lambda x, a, b: np.where(x < 0, a * x + b, 0.0),
                    hint="The two halves are exchanged: your line is on the left of x = 0.",
                ),
                Mistake(
                    "offset_missing",
                    wrong=lambda x, a, b: np.where(x > 0, a * x, 0.0),
                    hint="Your line starts at height 0. The intercept is its value at x = 0.",
                ),
                Mistake(
                    "offset_everywhere",
                    wrong=lambda x, a, b: np.where(x > 0, a * x, 0.0) + b,
                    hint="The intercept is added on both sides. What is the target for x below 0?",
                ),
                Mistake(
                    "slope_everywhere",
                    wrong=lambda x, a, b: a * x + np.where(x > 0, b, 0.0),
                    hint="The slope acts on both sides. What is the target for x below 0?",
                ),
                Mistake(
                    "arguments_ignored",
                    lambda a, ctx: close(a.noise_free[0], a.noise_free[1]),
                    wrong=lambda x, a, b: _ramp(x, 2, 1),
                    hint="The result is the same whatever slope and intercept are: use the function's arguments, "
                    "not the numbers of this one data set.",
                ),
            ],
            fallback_hint="np.where(condition, a, b) chooses for each value of an array; a comparison such as x > 0 "
            "gives the condition.",
        ),
        Exercise(
            name="draw",
            title="Draw the points",
            points=2,
            answers={
                "x": Array(
                    _samples, what="inputs that default_rng(seed).uniform draws, between -0.5 and 0.5"
                ),
                "y": Array(
                    _samples, what="the rule plus noise that the same generator draws after the inputs"
                ),
            },
            right=lambda run: dict(zip("xy", points(run), strict=True)),
            mistakes=[
                Mistake(
                    "no_noise",
                    wrong=_drawn(lambda run, rng: (_uniform(run, rng), np.zeros(run["n_samples"]))),
                    hint="The targets lie exactly on the rule: the noise is missing.",
                ),
                Mistake(
                    "unit_noise",
                    wrong=_drawn(lambda run, rng: (_uniform(run, rng), rng.normal(0, 1, run["n_samples"]))),
                    hint="The noise has the standard deviation 1, not `noise`.",
                ),
                Mistake(
                    "variance",
                    wrong=[
                        _drawn(
                            lambda run, rng: (
                                _uniform(run, rng),
                                rng.normal(0, run["noise"] ** 2, run["n_samples"]),
                            )
                        ),
                        _drawn(
                            lambda run, rng: (
                                _uniform(run, rng),
                                rng.normal(0, run["noise"] ** 0.5, run["n_samples"]),
                            )
                        ),
                    ],
                    hint="`noise` is the standard deviation. It is used as it is, neither squared nor under a root.",
                ),
                Mistake(
                    "one_number",
                    wrong=_drawn(lambda run, rng: (_uniform(run, rng), rng.normal(0, run["noise"]))),
                    hint="All points have the same noise: one number was drawn. Each point needs its own, see the "
                    "argument size.",
                ),
                Mistake(
                    "one_side",
                    wrong=_one_side,
                    hint="For x below 0 the targets are exactly 0. The noise is added on both sides.",
                ),
                Mistake(
                    "input_range",
                    wrong=_drawn(
                        lambda run, rng: (
                            rng.uniform(0, 1, run["n_samples"]),
                            rng.normal(0, run["noise"], run["n_samples"]),
                        )
                    ),
                    hint="The inputs lie between 0 and 1; the text has them between -0.5 and 0.5.",
                ),
                Mistake(
                    "noise_first",
                    wrong=_drawn(_noise_first),
                    hint="The noise was drawn before the inputs. A generator gives its numbers in order: call uniform "
                    "first.",
                ),
                Mistake(
                    "old_generator",
                    wrong=_drawn(_old_generator),
                    hint="These numbers come from NumPy's old generator, np.random.seed. Use "
                    "np.random.default_rng(seed), as the cell above does.",
                ),
                Mistake(
                    "generator_used",
                    wrong=_drawn(
                        lambda run, rng: (
                            (rng.uniform(-0.5, 0.5, 3), rng.normal(0, 1, 2), _uniform(run, rng))[2],
                            rng.normal(0, run["noise"], run["n_samples"]),
                        )
                    ),
                    hint="The generator of the cell above has given away its first numbers already: make a new one.",
                ),
            ],
            fallback_hint="Make the generator, then call its uniform and its normal once each, with n_samples as size.",
            needs=("noise_free",),
        ),
        Exercise(
            name="scatter",
            title="A scatter plot",
            points=1,
            answers={"ax_points": Drawing()},
            right=lambda run: Shows(points=[points(run)]),
            mistakes=[
                Mistake(
                    "exchanged",
                    wrong=lambda run: Shows(points=[points(run)[::-1]]),
                    hint="The axes are exchanged: the input x belongs on the horizontal axis.",
                ),
            ],
            fallback_hint="ax.scatter(x, y) draws the points, ax.set(xlabel=..., ylabel=...) labels the axes.",
            needs=("draw",),
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
            expects="all weights and biases of the network of TODO 4",
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
            name="learning_curve",
            title="The learning curve",
            points=1,
            answers={"ax_loss": Drawing(), "history": Given(Curves())},
            right=lambda run: _loss_figure(run),
            mistakes=[
                Mistake(
                    "linear",
                    wrong=lambda run: _loss_figure(run, log=""),
                    hint=_LINEAR,
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
        Exercise(
            name="curve",
            title="The prediction as a curve",
            points=3,
            answers={
                "x_sorted": Array(_samples, what="the inputs x in ascending order"),
                "y_sorted": Array(
                    _samples, what="at each x_sorted the prediction for exactly that x", rtol=1e-3, atol=1e-3
                ),
                "ax_fit": Drawing(),
                "model": Given(Model()),
            },
            right=_curve,
            mistakes=[
                Mistake(
                    "not_sorted",
                    wrong=lambda run: {"x_sorted": points(run)[0]},
                    hint="x is in its original order: a line plot would jump back and forth between the points.",
                ),
                Mistake(
                    "order_lost",
                    wrong=lambda run: {"y_sorted": _predicted(run, points(run)[0])},
                    hint="x is sorted, but the predictions are still in the order of the unsorted x.",
                ),
                Mistake(
                    "targets",
                    wrong=[
                        lambda run: {"y_sorted": points(run)[1]},
                        lambda run: {"y_sorted": points(run)[1][np.argsort(points(run)[0])]},
                        lambda run: {"y_sorted": np.sort(points(run)[1])},
                    ],
                    hint="These are the noisy targets y, not what the network predicts.",
                ),
                Mistake(
                    "predictions_sorted",
                    # A recogniser of its own: where the curve only rises, sorting changes nothing.
                    lambda a, ctx: (
                        close(a.y_sorted, np.sort(_predict(a.model, a.x_sorted)), rtol=1e-3, atol=1e-3)
                        and not close(a.y_sorted, _predict(a.model, a.x_sorted), rtol=1e-3, atol=1e-3)
                    ),
                    hint="The predictions were sorted on their own, so they no longer belong to their x.",
                ),
                Mistake(
                    "no_rule",
                    wrong=lambda run: {"ax_fit": _fit_figure(run, rule=False)},
                    hint="The arrays are right. The figure lacks the rule: draw noise_free over x_sorted as well.",
                ),
            ],
            fallback_hint="A model takes a column of inputs, shape (n, 1), and returns a column; both arrays here "
            "are flat, shape (n,). Sort x first, then predict, then draw the points and both lines.",
            needs=("draw", "sgd"),
        ),
        Exercise(
            name="contributions",
            title="What each unit adds",
            points=2,
            answers={
                "contributions": Array(
                    lambda ctx: (ctx["n_samples"], ctx["hidden"]),
                    what="the activation of each unit times its weight",
                    rtol=1e-3,
                    atol=1e-3,
                ),
                "model": Given(Model()),
            },
            right=_contributions,
            mistakes=[
                Mistake(
                    "activations",
                    wrong=lambda run: _activations(run)[0],
                    hint="These are the activations. The output layer multiplies each by a weight before it adds them.",
                ),
                Mistake(
                    "bias_everywhere",
                    wrong=lambda run: _contributions(run) + _activations(run)[2],
                    hint="The bias was added to every unit. It is added once, to the sum.",
                ),
            ],
            fallback_hint="inner.predict gives one column for each unit, weights one row for each unit. Which shape do "
            "the weights need, so that NumPy multiplies column by column?",
            needs=("draw", "sgd"),
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
            name="floor_figure",
            title="The floor in a figure",
            points=2,
            answers={
                "ax_floor": Drawing(),
                "sgd_loss": Given(Array((None,))),
                "adam_loss": Given(Array((None,))),
            },
            right=lambda run: _floor_figure(run),
            mistakes=[
                Mistake("linear", wrong=lambda run: _floor_figure(run, log=""), hint=_LINEAR),
                Mistake(
                    "one_floor",
                    wrong=lambda run: _floor_figure(run, levels=1),
                    hint="The expected floor is there; the floor of these points is missing.",
                ),
                Mistake(
                    "no_floor",
                    wrong=lambda run: _floor_figure(run, levels=0),
                    hint="The curves are there; no line shows the floors that were computed above.",
                ),
            ],
            fallback_hint="ax.semilogy twice for the curves, ax.axhline twice for the floors, each with a label, then "
            "ax.legend().",
            needs=("fresh", "floor"),
        ),
        Exercise(
            name="holdout",
            title="Validation data",
            points=2,
            answers={name: Array((None,)) for name in _SPLIT},
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
                    hint="Some points are on both sides: a network is then tested on points that it was trained on.",
                ),
                Mistake(
                    "share_exchanged",
                    lambda a, ctx: (
                        abs(len(a.x_train) - round(ctx["holdout"] * ctx["n_samples"])) <= 1
                        and len(a.x_train) == len(a.y_train) != len(a.x_val)
                    ),
                    hint="The smaller part is used for training: `holdout` is the share of the validation data.",
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
            needs=("draw",),
        ),
        Exercise(
            name="overfit",
            title="Memorise 30 points",
            points=2,
            answers={
                "large": Model(compiled=True),
                "overfit": Curves(),
                **{name: Given(Array((None,))) for name in _SPLIT},
            },
            judge=_judge_overfit,
            mistakes=[
                *_OVERFITTING.mistakes(
                    sgd="",
                    default_rate="The optimiser is Adam, with another rate than 0.01. Its name as a text stands for "
                    "Keras's default.",
                    epochs="The number of epochs is not `more_epochs`.",
                    no_validation="",
                ),
                Mistake(
                    "all_points",
                    lambda a, ctx: (
                        a.large.optimizer.iterations
                        == ctx["more_epochs"] * -(-len(a.x_train) // ctx["batch_size"])
                        != ctx["more_epochs"] * -(-FEW // ctx["batch_size"])
                    ),
                    hint="The network made as many updates as all training points need. It should see the first `few`.",
                ),
                Mistake(
                    "validated_on_training",
                    lambda a, ctx: (
                        "val_loss" in a.overfit
                        and _paired(a)
                        and close(
                            a.overfit["val_loss"][-1],
                            _error(a.large, a.x_train[:FEW], a.y_train[:FEW]),
                            rtol=1e-2,
                        )
                    ),
                    hint="The validation curve is measured on the points that the network is trained on.",
                ),
            ],
            fallback_hint="build_model(128), compile, then fit on x_train[:few, None] and y_train[:few] with "
            "validation_data.",
            needs=("model", "holdout"),
        ),
        Exercise(
            name="overfit_figure",
            title="Overfitting in a figure",
            points=1,
            answers={"ax_overfit": Drawing(), "overfit": Given(Curves(("loss", "val_loss")))},
            right=lambda run: _overfit_figure(run),
            mistakes=[
                Mistake("linear", wrong=lambda run: _overfit_figure(run, log=""), hint=_LINEAR),
                Mistake(
                    "no_floor",
                    wrong=lambda run: _overfit_figure(run, floor=False),
                    hint="The curves are there; the line at the expected floor is missing.",
                ),
            ],
            fallback_hint="overfit.history['loss'] and overfit.history['val_loss'] are the two curves.",
            needs=("overfit", "floor"),
        ),
    ),
    questions=(ShortAnswer("formula", 1), ShortAnswer("longer", 2), ShortAnswer("beat_the_floor", 2)),
)
