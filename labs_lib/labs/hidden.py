"""What hidden checks of several labs need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from labs_engine.declare.context import Context
from labs_engine.declare.course import find_lab
from labs_engine.declare.framework import Failure, close
from labs_lib.kinds.networks import cross_entropy, probabilities


def probes_of(lab: str, exercise: str, answer: str, ctx: Context) -> list[tuple[Any, ...]]:
    """Return the arguments with which a function that a student wrote was called.

    Args:
        lab: Number of the lab.
        exercise: Name of the exercise.
        answer: Name of the answer, which is a function.
        ctx: The run.
    """
    return list(find_lab(lab).exercise(exercise).answers[answer].probes(ctx))


def curves_mismatch(
    model: Any, curves: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray
) -> Failure | None:
    """Say what is wrong with curves that do not end where their network is.

    Args:
        model: A classifier whose outputs are probabilities: of class 1, or of each class.
        curves: Its curves, with 'val_loss' and perhaps 'val_accuracy'.
        x: The validation inputs.
        y: Their classes, shape (n,).

    Returns:
        What is wrong, or None.
    """
    loss = cross_entropy(model, x, y)
    accuracy = np.mean(probabilities(model, x).argmax(axis=1) == np.asarray(y, dtype=int))
    if not close(curves["val_loss"][-1], loss, rtol=0.01, atol=1e-3):
        return Failure("curves that end at their network's loss on the validation data", "another last value")
    # A probability that is almost one half may be rounded either way.
    if "val_accuracy" in curves and not close(curves["val_accuracy"][-1], accuracy, atol=1.5 / len(y)):
        return Failure(
            "curves that end at their network's accuracy on the validation data", "another last value"
        )
    return None


def untrained_classifier(
    model: Any, epochs: int, x: np.ndarray, y: np.ndarray, *, share: float
) -> Failure | None:
    """Say that a classifier was not trained on such data, or return None.

    Where classes can be told apart, training brings the loss below that of guessing, log(classes). A network that was
    not trained is above it, whatever its counter of updates and its biases say.

    Args:
        model: A classifier whose outputs are probabilities: of class 1, or of each class.
        epochs: Each takes one update at least.
        x: Inputs that it was trained on, or such as those.
        y: Their classes, shape (n,).
        share: What part of the loss of guessing training leaves at most on these data; measured.
    """
    if (wrong := untrained(model, epochs)) is not None:
        return wrong
    classes = max(2, model.output_shape[-1])
    loss, guessing = cross_entropy(model, x, y), float(np.log(classes))
    if loss > share * guessing:
        return Failure(
            f"a network that {epochs} epochs of training made much better than guessing",
            f"a loss of {loss:.3g} on the training data, where guessing has {guessing:.3g}",
        )
    return None


def untrained_runs(
    runs: Sequence[tuple[Any, dict[str, np.ndarray]]],
    validations: Iterable[tuple[np.ndarray, np.ndarray]],
    x: np.ndarray,
    y: np.ndarray,
    *,
    share: float,
) -> Failure | None:
    """Say that classifiers were not trained as their curves say, or return None.

    Args:
        runs: Classifiers with their curves; the last was trained long enough to be told from one that was not.
        validations: Inputs and classes on which each was watched.
        x: Training inputs of the last run.
        y: Their classes, shape (n,).
        share: See `untrained_classifier`.
    """
    for (model, curves), validation in zip(runs, validations, strict=True):
        wrong = untrained(model, len(curves["loss"])) or curves_mismatch(model, curves, *validation)
        if wrong is not None:
            return wrong
    model, curves = runs[-1]
    return untrained_classifier(model, len(curves["loss"]), x, y, share=share)


def untrained(model: Any, epochs: int) -> Failure | None:
    """Say that a network was not trained for that many epochs, or return None.

    Every bias begins at 0, and none that anything depends on is exactly 0 after an update.

    Args:
        model: The network.
        epochs: Each takes one update at least.
    """
    optimizer = getattr(model, "optimizer", None)
    updates = 0 if optimizer is None else int(optimizer.iterations)
    if updates < epochs:
        return Failure(f"a network that was trained for {epochs} epochs", f"one after {updates} updates")
    biases = [np.asarray(layer.bias) for layer in model.layers if getattr(layer, "bias", None) is not None]
    if biases and not any(bias.any() for bias in biases):
        return Failure("a network whose weights were trained", "biases that are all as they began")
    return None


def worst_final_loss(
    model: Any, x: np.ndarray, y: np.ndarray, *, epochs: int, batch_size: int, seeds: Sequence[int]
) -> float:
    """Return the highest loss with which trainings of such a network end, from other weights and in another order.

    Args:
        model: A compiled network; it is left as it is.
        x: The training inputs.
        y: Their targets.
        epochs: Epochs of each run.
        batch_size: Samples an update.
        seeds: One for each training.
    """
    import keras

    losses = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        fresh = keras.models.clone_model(model)
        fresh.compile(type(model.optimizer).from_config(model.optimizer.get_config()), model.loss)
        history = fresh.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=0)
        losses.append(float(history.history["loss"][-1]))
    return max(losses)
