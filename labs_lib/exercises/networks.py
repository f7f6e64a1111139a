"""Reading a student's Keras model: layers, activations, optimiser, loss; and judging a small one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from labs_lib.exercises.framework import Context, Wrong


def layers_of(model: Any, *kinds: str) -> list[Any]:
    """Return the layers whose class has one of the given names, in order.

    A separate activation layer counts with the layer before it, see `activations`.
    """
    return [layer for layer in model.layers if type(layer).__name__ in kinds]


def units(model: Any) -> list[int]:
    """Return the units of each dense layer."""
    return [layer.units for layer in layers_of(model, "Dense")]


def activations(model: Any) -> list[str]:
    """Return the activation of each dense layer; one written as a layer of its own counts."""
    found: list[str] = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "Dense":
            found.append(layer.activation.__name__)
        elif kind in ("Activation", "ReLU", "Softmax") and found and found[-1] == "linear":
            found[-1] = layer.activation.__name__ if kind == "Activation" else kind.lower()
    return found


def optimizer_name(model: Any) -> str:
    """Return the class name of the optimiser, 'SGD with momentum' where it has one."""
    optimizer = getattr(model, "optimizer", None)
    name = type(optimizer).__name__
    return f"{name} with momentum" if getattr(optimizer, "momentum", 0) and name == "SGD" else name


def learning_rate(model: Any) -> float:
    """Return the optimiser's learning rate."""
    return float(model.optimizer.learning_rate)


_LOSSES = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "bce": "binary_crossentropy"}


def loss_name(model: Any) -> str:
    """Return the loss in Keras's long spelling, 'mean_squared_error'."""
    loss = model.loss
    if not isinstance(loss, str):
        loss = getattr(loss, "name", None) or getattr(loss, "__name__", type(loss).__name__)
    return _LOSSES.get(loss.lower(), loss.lower())


def cross_entropy(model: Any, x: np.ndarray, y: np.ndarray) -> float:
    """Return the mean cross-entropy of a classifier, without what penalties add to its loss.

    Args:
        model: Its outputs are probabilities of the classes.
        x: Inputs, one row a sample.
        y: Class of each, shape (n,).
    """
    probabilities = np.asarray(model(np.asarray(x, dtype=np.float32), training=False), dtype=float)
    # Keras computes it from the inputs of the softmax, so that small probabilities are not cut off.
    return float(-np.mean(np.log(np.maximum(probabilities[np.arange(len(y)), y], 1e-37))))


# The small network of labs 01 and 02: two hidden layers of one width, one output.


def layer_sizes(inputs: int, hidden: int) -> list[tuple[int, int]]:
    """Return inputs and units of each dense layer of the small network."""
    return [(inputs, hidden), (hidden, hidden), (hidden, 1)]


def count_parameters(layers: Iterable[tuple[int, int]]) -> int:
    """Return the weights and biases of dense layers, given as inputs and units of each."""
    return sum((m + 1) * n for m, n in layers)


def hidden_widths(ctx: Context) -> list[tuple[int]]:
    """Return the widths for which a student's `build_model` is called: the run's own and another."""
    return [(ctx["hidden"],), (ctx["hidden"] + 3,)]


_FEATURES = {1: "one input feature", 2: "two input features"}


def judge_two_hidden_layers(
    models: Sequence[Any], widths: Sequence[tuple[int]], inputs: int, output_activation: str
) -> Wrong | None:
    """Judge whether each model is the small network with hidden layers of the width beside it.

    Args:
        models: What the student's `build_model` gave, one for each width.
        widths: See `hidden_widths`.
        inputs: Number of input features.
        output_activation: Activation of the output; that of the hidden layers is ReLU.
    """
    for model, (hidden,) in zip(models, widths, strict=True):
        if model.input_shape != (None, inputs):
            features = _FEATURES.get(inputs, f"{inputs} input features")
            return Wrong(f"{features}, shape (None, {inputs})", f"input shape {model.input_shape}")
        if units(model) != [hidden, hidden, 1]:
            return Wrong(
                f"two hidden layers of {hidden} units and one output for build_model({hidden})",
                f"dense layers of {units(model)} units",
            )
        if activations(model) != ["relu", "relu", output_activation]:
            return Wrong(
                "the activations that the text asks for, layer by layer", f"{', '.join(activations(model))}"
            )
    return None


def judge_parameter_count(given: float, inputs: int, hidden: int) -> Wrong | None:
    """Judge the number of parameters of the small network."""
    layers = layer_sizes(inputs, hidden)
    if given == count_parameters(layers):
        return None
    network = " → ".join(str(size) for size in (inputs, *(n for _, n in layers)))
    return Wrong(f"all weights and biases of {network}", f"{given:g}")
