"""Reading a student's Keras model: layers, optimiser, loss."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.context import Context


def layers_of(model: Any, *kinds: str) -> list[Any]:
    """Return the layers whose class has one of the given names, in order."""
    return [layer for layer in model.layers if type(layer).__name__ in kinds]


def units(model: Any) -> list[int]:
    """Return the units of each dense layer."""
    return [layer.units for layer in layers_of(model, "Dense")]


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


def probabilities(model: Any, x: np.ndarray) -> np.ndarray:
    """Return what a classifier gives for each class, shape (n, classes), float64.

    Args:
        model: Its outputs are probabilities: of class 1, or of each class.
        x: Inputs, one row a sample.
    """
    outputs = np.asarray(model(np.asarray(x, dtype=np.float32), training=False), dtype=float)
    return np.concatenate([1 - outputs, outputs], axis=1) if outputs.shape[1] == 1 else outputs


def cross_entropy(model: Any, x: np.ndarray, y: np.ndarray) -> float:
    """Return the mean cross-entropy of a classifier, without what penalties add to its loss.

    Args:
        model: Its outputs are probabilities: of class 1, or of each class.
        x: Inputs, one row a sample.
        y: Class of each, shape (n,).
    """
    of_its_class = probabilities(model, x)[np.arange(len(y)), np.asarray(y, dtype=int)]
    # Keras computes it from the inputs of the softmax, so that small probabilities are not cut off.
    return float(-np.mean(np.log(np.maximum(of_its_class, 1e-37))))


def ignores_size(answer: str, kind: str, setting: str) -> Callable[[SimpleNamespace, Context], bool]:
    """Return a predicate: layers of a kind have the same size in all networks, whatever was asked for.

    Args:
        answer: Name of the answer, a function that builds networks of several sizes.
        kind: Class of the layers.
        setting: The argument that should differ, 'units'.
    """

    def same(answers: SimpleNamespace, ctx: Context) -> bool:
        found = [[getattr(x, setting) for x in layers_of(model, kind)] for model in getattr(answers, answer)]
        return bool(found[0]) and all(sizes == found[0] for sizes in found)

    return same
