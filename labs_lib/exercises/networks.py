"""Reading a student's Keras model: layers, activations, optimiser, loss."""

from __future__ import annotations

from typing import Any


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
