"""Training: reproducible, and fast without changing what is learned.

`fit` does what `keras.Model.fit` does (same batches, same updates, same metrics) but
runs a whole epoch as one compiled program (`labs_lib.programs`). On a CPU the plain loop spends most of a
small network's time between the steps, not in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from labs_lib.augment import Augment
from labs_lib.programs import Tensors, Way, copy_state, program_for

Engine = Literal["auto", "xla", "graph"]

# Compiling with XLA takes about 0.6 s longer than tracing; an update saves about 0.3 ms.
_UPDATES_THAT_REPAY_XLA = 2000
# Rewriting a graph takes 0.25 to 0.4 s and makes an update of 10 ms at most 1 ms faster (convolutions), or not at all.
_UPDATES_THAT_REPAY_REWRITING = 500


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and TensorFlow, and ask TensorFlow for deterministic operations.

    Args:
        seed: Any integer from 0 to 2**31 - 1.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def warm_cosine(rate: float, updates: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return a learning rate that rises for a tenth of a run and then falls along a cosine.

    The first updates, taken before the optimiser knows the size of the gradients, are small; so
    are the last, which settle what was found. It ends at a twentieth of the rate.
    Loshchilov & Hutter (2017), SGDR, arXiv:1608.03983; warm-up after Goyal et al. (2017), arXiv:1706.02677.

    Args:
        rate: The highest rate.
        updates: Number of updates of the whole run.
    """
    warming = updates // 10
    return keras.optimizers.schedules.CosineDecay(
        rate / 20, updates - warming, warmup_target=rate, warmup_steps=warming
    )


def fit(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    epochs: int,
    batch_size: int = 32,
    validation_data: tuple[np.ndarray, np.ndarray] | None = None,
    callbacks: keras.callbacks.Callback | Sequence[keras.callbacks.Callback] | None = (),
    shuffle: bool = True,
    augment: Augment | None = None,
    seed: int = 0,
    engine: Engine = "auto",
) -> keras.callbacks.History:
    """Train a compiled model; the same updates as `model.fit`, one program an epoch.

    Args:
        model: A compiled Keras model.
        x: Inputs, one row a sample.
        y: Targets, as many rows as `x`.
        epochs: Number of passes over the data.
        batch_size: Samples an update; the last batch of an epoch may be smaller.
        validation_data: Inputs and targets to evaluate on after each epoch.
        callbacks: Keras callbacks, or a single one; what they do for single batches is not called.
        shuffle: Whether each epoch visits the samples in a new order.
        augment: Changes each batch before its update: a function (x, y, seed) -> (x, y) of
            tensors, such as those of `labs_lib.augment`. What is evaluated is never changed.
        seed: Seed of that order, and of what `augment` draws.
        engine: 'xla' (long runs of dense networks), 'graph' (short runs, which do not
            repay XLA's compilation, and convolutions, which it slows down on a CPU),
            or 'auto' to choose by layers and length.

    Returns:
        The history, as `model.fit` returns it: `history.history["loss"]` and so on.

    Raises:
        ValueError: The model was not compiled, or `x` and `y` differ in length or are empty.
    """
    if not model.compiled:
        raise ValueError("the model is not compiled: call model.compile(optimizer=..., loss=...) first")
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"x and y must have the same number of samples, above 0: {len(x)} and {len(y)}")
    callbacks = keras.tree.flatten(callbacks) if callbacks else []  # as Keras does
    way = _choose_way(model, engine, epochs * -(-len(x) // batch_size))
    train = _as_tensors(x, y)
    held_out = None if validation_data is None else _as_tensors(*validation_data)
    sample = tuple((*tensor.shape[1:], tensor.dtype) for tensor in train)
    program = program_for(model, way, batch_size, augment, sample)
    rng = np.random.default_rng(seed)
    augment_rng = np.random.default_rng([seed, 1])  # apart, so that augmentation leaves the order as it is
    history = keras.callbacks.History()
    events = keras.callbacks.CallbackList([history, *callbacks], model=model)
    model.stop_training = False
    events.on_train_begin()
    if not callbacks:
        copy_state(model, program.model)
    try:
        for epoch in range(epochs):
            events.on_epoch_begin(epoch)
            if callbacks:  # they may look at the weights, or change the learning rate
                copy_state(model, program.model)
            order = rng.permutation(len(x)) if shuffle else np.arange(len(x))
            logs = program.train(train, order, augment_rng)
            if held_out is not None:
                results = program.evaluate(held_out)
                logs |= {f"val_{name}": value for name, value in results.items()}
            if callbacks:
                copy_state(program.model, model)
            events.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
    finally:
        if not callbacks:
            copy_state(program.model, model)
    if epochs > 0:
        model.optimizer.finalize_variable_values(model.trainable_variables)  # weight averaging (use_ema)
    events.on_train_end()
    return history


def _choose_way(model: keras.Model, engine: Engine, updates: int) -> Way:
    dense = not any(len(weight.shape) > 2 for weight in model.trainable_variables)
    if engine == "xla" or (engine == "auto" and dense and updates >= _UPDATES_THAT_REPAY_XLA):
        return "xla"
    return "graph" if updates >= _UPDATES_THAT_REPAY_REWRITING else "short"


def _as_tensors(x: np.ndarray, y: np.ndarray) -> Tensors:
    inputs = tf.convert_to_tensor(np.asarray(x), dtype=tf.float32)
    targets = np.asarray(y)
    kind = tf.int32 if targets.dtype.kind in "iub" else tf.float32
    return inputs, tf.convert_to_tensor(targets, dtype=kind)
