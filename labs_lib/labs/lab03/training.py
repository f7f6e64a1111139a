"""Lab 03, TODO 10 to 15: layers with biases, batches, a training loop, gradients by depth."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Each, Function
from labs_engine.declare.drawings import Drawing, Shows
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake, close
from labs_lib.kinds.models import Model
from labs_lib.kinds.trained import Trained, Training
from labs_lib.labs.lab03.common import Answers, Formula, sigmoid

Weights = list[np.ndarray]

# TODO 10: one layer back -------------------------------------------------------------------


def _layers(ctx: Context) -> list[tuple[np.ndarray, ...]]:
    # As many inputs as units: a forgotten transpose then gives wrong numbers instead of an error about shapes.
    rng = ctx.rng(10)
    sizes = ((5, 3), (4, ctx["m"] + 2))
    return [
        (rng.normal(0, 1, (batch, width)), rng.normal(0, 1, (width, width)), rng.normal(0, 1, (batch, width)))
        for batch, width in sizes
    ]


def _layer_back(X: np.ndarray, W: np.ndarray, G: np.ndarray) -> tuple[Any, ...]:
    return X.T @ G, G.sum(axis=0), G @ W.T


# TODO 11 and 12: through all layers, forward and backward ----------------------------------------


def _network(rng: np.random.Generator, sizes: tuple[int, ...], rows: int) -> tuple[Weights, np.ndarray]:
    """Return the weights of a network and a batch, such that about half of the predictions are negative."""
    weights: Weights = []
    for inputs, units in pairwise(sizes):
        weights += [rng.normal(0, 1.4 / np.sqrt(inputs), (inputs, units)), rng.normal(0, 0.4, units)]
    X = rng.normal(0, 1, (rows, sizes[0]))
    weights[-1] = weights[-1] - np.median(forward(weights, X)[-1], axis=0)
    return weights, X


def _forward_probes(ctx: Context) -> list[tuple[Weights, np.ndarray]]:
    rng = ctx.rng(11)
    return [_network(rng, sizes, rows) for sizes, rows in (((2, 5, 4, 1), 8), ((1, 6, 1), 11))]


def forward(weights: Weights, X: np.ndarray, hidden: Formula | None = None, last: Any = None) -> list[Any]:
    """Return a batch and the outputs of all layers of a network, whose hidden layers are ReLU unless told otherwise."""
    outputs = [X]
    for k in range(0, len(weights), 2):
        Z = outputs[-1] @ weights[k] + weights[k + 1]
        activation = last if k == len(weights) - 2 else hidden or _relu
        outputs.append(activation(Z) if activation else Z)
    return outputs


def _relu(Z: np.ndarray) -> np.ndarray:
    return np.maximum(Z, 0)


def _no_biases(weights: Weights, X: np.ndarray) -> list[Any]:
    return forward([part * (1 - at % 2) for at, part in enumerate(weights)], X)


def _backward_probes(ctx: Context) -> list[tuple[Weights, list[np.ndarray], np.ndarray]]:
    rng = ctx.rng(12)
    probes = []
    for sizes, rows in (((2, 5, 4, 1), 8), ((1, 6, 1), 11)):
        weights, X = _network(rng, sizes, rows)
        probes.append((weights, forward(weights, X), rng.normal(0, 1, (rows, 1))))
    return probes


def backward(
    weights: Weights, outputs: list[np.ndarray], y: np.ndarray, scale: float = 2.0, variant: str = ""
) -> list[Any]:
    """Return the gradients of the mean squared error, in the order of the weights."""
    G = scale * (outputs[-1] - y) / (1 if variant == "sum" else len(y))
    if variant == "relu_at_output":
        G = G * (outputs[-1] > 0)
    gradients: list[Any] = []
    for k in reversed(range(0, len(weights), 2)):
        X = outputs[k // 2]
        gradients = [X.T @ G, G.mean(axis=0) if variant == "mean_bias" else G.sum(axis=0), *gradients]
        slope: Any = {"no_relu": np.ones_like(X), "times_output": np.maximum(X, 0)}.get(variant, X > 0)
        G = (G @ weights[k].T) * slope
    return gradients


# TODO 13: the loop ------------------------------------------------------------------------------


def _loops(ctx: Context) -> list[tuple[Any, ...]]:
    rng = ctx.rng(13)
    probes = []
    for rows, batch_size, epochs in ((10, 4, 3), (9, 5, 4)):
        weights, X = _network(rng, (1, 4, 1), rows)
        rate = round(float(rng.uniform(0.02, 0.05)), 4)
        probes.append((weights, X, rng.normal(0, 1, (rows, 1)), rate, epochs, batch_size))
    return probes


def train(
    weights: Weights,
    X: np.ndarray,
    y: np.ndarray,
    learning_rate: float,
    epochs: int,
    batch_size: int,
    variant: str = "",
) -> tuple[Weights, Any]:
    """Return the weights after training and the loss of each epoch, as the text asks or with one mistake."""
    weights = [np.array(part, dtype=float) for part in weights]
    losses = []
    whole = len(X) - len(X) % batch_size if variant == "last_dropped" else len(X)
    size = len(X) if variant == "one_batch" else batch_size
    for _ in range(epochs):
        of_batches = []
        for first in range(0, whole, size):
            part, target = X[first : first + size], y[first : first + size]
            outputs = forward(weights, part)
            slopes = backward(weights, outputs, target)
            before = np.sum((outputs[-1] - target) ** 2)
            sign = -1 if variant == "ascent" else 1
            weights = [w - sign * learning_rate * s for w, s in zip(weights, slopes, strict=True)]
            after = np.sum((forward(weights, part)[-1] - target) ** 2)
            of_batches.append((after if variant == "after_update" else before, len(part)))
        totals, counts = np.array(of_batches).T
        losses.append(
            {
                "mean_of_means": np.mean(totals / counts),
                "last_batch": totals[-1] / counts[-1],
                "sum": totals.sum(),
                "sum_of_means": np.sum(totals / counts),
                "end_of_epoch": np.mean((forward(weights, X)[-1] - y) ** 2),
            }.get(variant, totals.sum() / counts.sum())
        )
    return weights, np.array(losses)


def _loop(variant: str) -> Formula:
    """Return a loop that reports other losses, whatever its weights are."""
    loop = partial(train, variant=variant)
    return lambda *probe: (..., loop(*probe)[1])


def _every_batch(*probe: Any) -> tuple[Any, np.ndarray]:
    """Return the loss of each batch instead of each epoch."""
    weights, X, y, rate, epochs, batch_size = probe
    losses = []
    for _ in range(epochs):
        for first in range(0, len(X), batch_size):
            batch = X[first : first + batch_size], y[first : first + batch_size]
            weights, loss = train(weights, *batch, rate, 1, batch_size)
            losses.append(loss[0])
    return ..., np.array(losses)


# TODO 14: the same with Keras ---------------------------------------------------------------------


@lru_cache(maxsize=4)
def points(ctx: Context) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of a run as columns, as the text has them drawn."""
    rng = np.random.default_rng(ctx["seed"])
    x = rng.uniform(-0.5, 0.5, ctx["n_samples"])
    y = np.where(x > 0, 2 * x + 1, 0) + rng.normal(0, 0.2, len(x))
    return x[:, None], y[:, None]


def _losses(a: Answers, ctx: Context, *, rounds: int = 1, batch_size: int = 0) -> np.ndarray:
    """Return the losses of the training from the weights handed over, or of several calls of fit in a row."""
    settings = ctx["learning_rate"], rounds * ctx["epochs"], batch_size or ctx["batch_size"]
    losses: np.ndarray = train(a.first_weights, *points(ctx), *settings)[1]
    return losses


def _trainings(a: Answers, ctx: Context) -> list[Trained]:
    settings = {"data": points(ctx), "batch_size": ctx["batch_size"]}
    return [Trained(a.network, {"loss": a.keras_losses}, ctx["epochs"], ctx["learning_rate"], **settings)]


_TRAINING = Training(_trainings, optimizer="SGD", loss="mean_squared_error", units=lambda ctx: [5, 5, 1])
_SHAPES = [(1, 5), (5,), (5, 5), (5,), (5, 1), (1,)]


def _judge_same(a: Answers, ctx: Context) -> Failure | None:
    shapes = [part.shape for part in a.first_weights]
    if shapes != _SHAPES:
        return Failure(
            "in first_weights the weights that the network had at first", f"arrays of shapes {shapes}"
        )
    if (wrong := _TRAINING.judge(a, ctx)) is not None:
        return wrong
    right = _losses(a, ctx)
    for name, given in (("losses", a.losses), ("keras_losses", a.keras_losses)):
        if not close(given, right, rtol=2e-3):
            found = (
                f"{given[0]:.5f} in the first epoch, {given[-1]:.5f} in the last" if len(given) else "no loss"
            )
            expected = (
                "the losses of a training from first_weights, batch by batch in the order of the points"
            )
            return Failure(f"{name}: {expected}", found)
    shown = Drawing().difference(a.ax_same, _curves(a), ctx)
    if shown is not None:
        return Failure(f"ax_same: {shown.expected}", shown.found)
    return None


def _curves(a: Answers, log: str = "y") -> Shows:
    return Shows(curves=[(None, a.losses), (None, a.keras_losses)], log=log, legend=True)


def _trained_right(a: Answers, ctx: Context) -> bool:
    return [part.shape for part in a.first_weights] == _SHAPES and _TRAINING.judge(a, ctx) is None


def _shuffled(a: Answers, ctx: Context) -> bool:
    """Tell whether a network started where it should, and made other updates than those of the stored order."""
    if not _trained_right(a, ctx):
        return False
    given, right = a.keras_losses, _losses(a, ctx)
    return not close(given, right, rtol=2e-3) and abs(given[0] / right[0] - 1) < 0.3


def _went_on(a: Answers, ctx: Context) -> bool:
    if [part.shape for part in a.first_weights] != _SHAPES or len(a.keras_losses) != ctx["epochs"]:
        return False
    return close(a.keras_losses, _losses(a, ctx, rounds=2)[ctx["epochs"] :], rtol=2e-3)


def _linear_axis(a: Answers, ctx: Context) -> bool:
    right = _trained_right(a, ctx) and Drawing().difference(a.ax_same, _curves(a, ""), ctx) is None
    return right and Drawing().difference(a.ax_same, _curves(a), ctx) is not None


# TODO 15: gradients by depth ----------------------------------------------------------------------


def _deep_networks(ctx: Context) -> list[tuple[Any, ...]]:
    import keras

    rng = ctx.rng(15)
    probes = []
    for widths, activation in (((4, 3), "relu"), ((5, 4, 3), "sigmoid")):
        inputs = h = keras.Input((3,))
        for width in widths:
            h = keras.layers.Dense(width, activation=activation)(h)
        model = keras.Model(inputs, keras.layers.Dense(1)(h))
        model.set_weights([rng.normal(0, 0.8, w.shape).astype(np.float32) for w in model.get_weights()])
        X, y = (rng.normal(0, 1, (12, columns)).astype(np.float32) for columns in (3, 1))
        probes.append((model, X, y))
    return probes


def _norms(
    model: Any,
    X: np.ndarray,
    y: np.ndarray,
    size: Callable[[np.ndarray], Any] = np.linalg.norm,
    scale: float = 1,
) -> np.ndarray:
    return np.array([size(scale * slope) for slope in _slopes(model, X, y)[::2]])


def _slopes(model: Any, X: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Return the gradients of the mean squared error of a dense network, computed by hand."""
    weights = [np.asarray(w, dtype=float) for w in model.get_weights()]
    curved = model.layers[1].get_config()["activation"] == "sigmoid"
    outputs = forward(weights, X.astype(float), sigmoid if curved else None)
    G, gradients = 2 * (outputs[-1] - y) / len(y), list[np.ndarray]()
    for k in reversed(range(0, len(weights), 2)):
        h = outputs[k // 2]
        gradients = [h.T @ G, G.sum(axis=0), *gradients]
        G = (G @ weights[k].T) * (h * (1 - h) if curved else h > 0)
    return gradients


EXERCISES = (
    Exercise(
        name="dense",
        title="One layer back",
        points=2,
        answers={"dense_backward": Function(_layers, (Array(), Array(), Array()))},
        right=_layer_back,
        expects="∂E/∂W, ∂E/∂b and ∂E/∂X, each with the shape of its variable",
        mistakes=[
            Mistake(
                "weights_not_transposed",
                wrong=lambda X, W, G: (..., ..., G @ W),
                hint="∂E/∂X uses W as the forward pass does. Write down over which index of W the sum runs on the way "
                "back.",
            ),
            Mistake(
                "gradient_transposed",
                wrong=lambda X, W, G: (G.T @ X, ..., ...),
                hint="∂E/∂W has its two indices exchanged: W has one row for each input, one column for each unit.",
            ),
            Mistake(
                "bias_not_summed",
                wrong=lambda X, W, G: (..., G, ...),
                hint="∂E/∂b has one row for each sample. There is one bias for each unit, and it acts on all samples.",
            ),
            Mistake(
                "bias_over_units",
                wrong=lambda X, W, G: (..., G.sum(axis=1), ...),
                hint="∂E/∂b has one number for each sample: the sum runs over the units. Which axis is the batch?",
            ),
            Mistake(
                "bias_one_number",
                wrong=lambda X, W, G: (..., G.sum(), ...),
                hint="∂E/∂b is a single number: the sum runs over everything. Each unit has a bias of its own.",
            ),
            Mistake(
                "divided_by_batch",
                wrong=[
                    lambda X, W, G: (X.T @ G / len(X), G.mean(axis=0), ...),
                    lambda X, W, G: (X.T @ G / len(X), ..., ...),
                    lambda X, W, G: (..., G.mean(axis=0), ...),
                ],
                hint="A gradient is divided by the number of samples. Where E is a mean over the batch, its G contains "
                "that factor already.",
            ),
        ],
        fallback_hint="Three results, in the order W, b, X. Two are products of two matrices, of which one is "
        "transposed so that the shapes fit; one is a sum over an axis.",
    ),
    Exercise(
        name="forward_pass",
        title="Forward through all layers",
        points=2,
        answers={"forward_pass": Function(_forward_probes, Each(Array()))},
        right=forward,
        expects="X and then the outputs of each layer, for random weights",
        mistakes=[
            Mistake(
                "linear",
                wrong=partial(forward, hidden=lambda Z: Z),
                hint="No layer has an activation: together they are one linear layer.",
            ),
            Mistake(
                "relu_at_output",
                wrong=partial(forward, last=_relu),
                hint="The prediction is never negative: the last layer has a ReLU, and should be linear.",
            ),
            Mistake(
                "sigmoid",
                wrong=partial(forward, hidden=sigmoid),
                hint="The hidden layers have the sigmoid. This network is that of lab 01, with the ReLU.",
            ),
            Mistake(
                "no_biases",
                wrong=_no_biases,
                hint="The biases are missing: weights[k + 1] belongs to weights[k].",
            ),
            Mistake(
                "input_missing",
                wrong=lambda weights, X: forward(weights, X)[1:],
                hint="The list starts with the output of the first layer. The way back needs X as well.",
            ),
            Mistake(
                "before_activation",
                wrong=lambda weights, X: [
                    X,
                    *(
                        h @ weights[2 * k] + weights[2 * k + 1]
                        for k, h in enumerate(forward(weights, X)[:-1])
                    ),
                ],
                hint="The list holds the values before the activation. What does a layer pass on to the next?",
            ),
        ],
        fallback_hint="Begin with a list that holds X. Each layer takes the last entry of the list and appends its "
        "output.",
    ),
    Exercise(
        name="backward_pass",
        title="Backward through all layers",
        points=3,
        answers={"backward_pass": Function(_backward_probes, Each(Array()))},
        right=backward,
        expects="the gradients of the mean squared error, in the order of the weights",
        mistakes=[
            Mistake(
                "sum",
                wrong=partial(backward, variant="sum"),
                hint="These are the gradients of the sum of the squared errors over the batch. The loss is their mean.",
            ),
            Mistake(
                "factor_missing",
                wrong=partial(backward, scale=1.0),
                hint="All gradients have half of the right size: look at the start, the derivative of a square.",
            ),
            Mistake(
                "sign",
                wrong=[partial(backward, scale=-2.0), partial(backward, scale=-1.0)],
                hint="All gradients have the wrong sign: look at the difference of prediction and target.",
            ),
            Mistake(
                "no_relu",
                wrong=partial(backward, variant="no_relu"),
                hint="The gradients of the last layer are right, those before are not: on the way back the slope of "
                "the ReLU is missing.",
            ),
            Mistake(
                "relu_at_output",
                wrong=partial(backward, variant="relu_at_output"),
                hint="Where the prediction is negative, nothing goes back: the slope of a ReLU is applied to the "
                "output too. The last layer is linear.",
            ),
            Mistake(
                "times_output",
                wrong=partial(backward, variant="times_output"),
                hint="On the way back you multiply by the output of the ReLU, not by its slope.",
            ),
            Mistake(
                "order",
                wrong=[
                    lambda *probe: backward(*probe)[::-1],
                    lambda *probe: [
                        part
                        for k in reversed(range(0, len(probe[0]), 2))
                        for part in backward(*probe)[k : k + 2]
                    ],
                ],
                hint="The values are right, the order is not: the list must begin with the first layer, W before b.",
            ),
            Mistake(
                "mean_bias",
                wrong=partial(backward, variant="mean_bias"),
                hint="The gradients of the biases are divided by the number of samples twice.",
            ),
        ],
        fallback_hint="Layer k // 2 + 1 has the weights weights[k] and its input outputs[k // 2]. dense_backward gives "
        "its gradients and ∂E/∂X; the ReLU before it comes next. Build the list from the end. The targets are a "
        "column, as the prediction is.",
        needs=("dense", "forward_pass"),
    ),
    Exercise(
        name="train",
        title="A training loop",
        points=3,
        answers={"train": Function(_loops, (Each(Array(rtol=1e-3)), Array((None,), rtol=1e-3)))},
        right=train,
        expects="the weights after all updates, and the loss of each epoch",
        mistakes=[
            Mistake(
                "ascent",
                wrong=partial(train, variant="ascent"),
                hint="Every update goes along the gradient, and the loss grows. A step goes against the gradient.",
            ),
            Mistake(
                "one_batch",
                wrong=partial(train, variant="one_batch"),
                hint="There is one update in each epoch, from all points. There should be one for each batch.",
            ),
            Mistake(
                "last_dropped",
                wrong=partial(train, variant="last_dropped"),
                hint="The last batch, which is smaller than the others, is left out.",
            ),
            Mistake(
                "every_batch",
                wrong=_every_batch,
                hint="The list holds a loss for each batch. Make one number of them for each epoch.",
            ),
            Mistake(
                "mean_of_means",
                wrong=_loop("mean_of_means"),
                hint="Each batch counts the same in your mean, also the last one, which has fewer points. Each point "
                "should count the same.",
            ),
            Mistake(
                "not_divided",
                wrong=[_loop("sum"), _loop("sum_of_means")],
                hint="The loss of an epoch is a sum over points or batches. A mean over the points is asked for.",
            ),
            Mistake(
                "last_batch",
                wrong=_loop("last_batch"),
                hint="The loss of an epoch is that of its last batch alone.",
            ),
            Mistake(
                "end_of_epoch",
                wrong=_loop("end_of_epoch"),
                hint="The loss is measured on all points at the end of the epoch. Keras measures each batch when it "
                "comes, before its update.",
            ),
            Mistake(
                "after_update",
                wrong=_loop("after_update"),
                hint="The loss of each batch is measured after its update. Keras uses the forward pass before it.",
            ),
        ],
        fallback_hint="Two loops, over the epochs and over range(0, len(X), batch_size). Inside: forward_pass, the "
        "squared errors added to a sum, backward_pass, and an update of every array in weights.",
        needs=("forward_pass", "backward_pass"),
    ),
    Exercise(
        name="same",
        title="The same training with Keras",
        points=2,
        answers={
            "network": Model(compiled=True),
            "keras_losses": Array((None,)),
            "ax_same": Drawing(),
            "losses": Array((None,)),
            "first_weights": Each(Array()),
        },
        judge=_judge_same,
        mistakes=[
            *_TRAINING.mistakes(
                adam="The optimiser is Adam; your loop is plain SGD.",
                absolute_error="The loss is the absolute error; your loop has the squared one.",
                epochs="",
                default_rate="",
                batch_size="The number of updates is not that of your loop: one for each batch of `batch_size` points. "
                "(A second `fit` in the same notebook adds to it: run the whole cell again.)",
            ),
            Mistake(
                "went_on",
                _went_on,
                hint="The losses of Keras begin where your loop ended: the network had been trained before. Run the "
                "whole cell again, with set_weights.",
            ),
            Mistake(
                "shuffled",
                _shuffled,
                hint="Optimiser, rate and number of updates are right, and the first loss is near that of your loop, "
                "but the losses are others. In which order does `fit` visit the points?",
            ),
            Mistake(
                "linear",
                _linear_axis,
                hint="The curves are right, the y axis is linear: see ax.semilogy or ax.set_yscale.",
            ),
        ],
        fallback_hint="compile with keras.optimizers.SGD(...). What fit returns has an attribute history, in which "
        "'loss' is a list with one number for each epoch. Draw it and `losses`, each with a label.",
        needs=("train",),
    ),
    Exercise(
        name="depth",
        title="Gradients by depth",
        points=2,
        answers={"gradient_norms": Function(_deep_networks, Array((None,), rtol=2e-3))},
        right=_norms,
        expects="the norm of the gradient with respect to each kernel, first layer first",
        mistakes=[
            Mistake(
                "biases_as_well",
                wrong=lambda *probe: np.array([np.linalg.norm(slope) for slope in _slopes(*probe)]),
                hint="The list has two entries for each layer: the biases are among them.",
            ),
            Mistake(
                "biases_only",
                wrong=lambda *probe: np.array([np.linalg.norm(slope) for slope in _slopes(*probe)[1::2]]),
                hint="These are the norms for the biases. The kernel comes before the bias of its layer.",
            ),
            Mistake(
                "squared",
                wrong=partial(_norms, size=lambda slope: np.sum(slope**2)),
                hint="These are the squared norms: the root is missing.",
            ),
            Mistake(
                "not_a_norm",
                wrong=[
                    partial(_norms, size=lambda slope: np.mean(np.abs(slope))),
                    partial(_norms, size=lambda slope: np.max(np.abs(slope))),
                    partial(_norms, size=lambda slope: np.sum(np.abs(slope))),
                ],
                hint="This is another measure of size: the mean, the largest or the sum of the absolute entries.",
            ),
            Mistake(
                "sum_of_errors",
                wrong=lambda model, X, y: _norms(model, X, y, scale=len(y)),
                hint="All norms are too large by the number of samples: the loss is a sum. Take the mean.",
            ),
            Mistake(
                "last_first",
                wrong=lambda *probe: _norms(*probe)[::-1],
                hint="The norms are right, the order is not: first layer first.",
            ),
        ],
        fallback_hint="Inside the tape: model(X) and the mean of the squared differences. Outside: tape.gradient for "
        "model.trainable_variables. If a gradient is None, the loss was not computed inside the tape with TensorFlow.",
        needs=("tape",),
    ),
)
