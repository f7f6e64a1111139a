"""Training: reproducible, and fast without changing what is learned.

`fit` does what `keras.Model.fit` does (same batches, same updates, same metrics) but
runs a whole epoch as one compiled program. On a CPU the plain loop spends most of a
small network's time between the steps, not in them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from labs_lib.augment import Augment

Engine = Literal["auto", "xla", "graph"]
Tensors = tuple[tf.Tensor, tf.Tensor]
Program = Callable[..., dict[str, tf.Tensor]]

# Compiling with XLA takes about 0.6 s longer than tracing; an update saves about 0.3 ms.
_UPDATES_THAT_REPAY_XLA = 2000
# Up to this size, validation inputs are evaluated in one batch: one program less to trace.
_NUMBERS_IN_ONE_BATCH = 500_000


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
    callbacks: Sequence[keras.callbacks.Callback] = (),
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
        callbacks: Keras callbacks; those for single batches are not called.
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
    model.optimizer.build(model.trainable_variables)
    use_xla = _choose_xla(model, engine, epochs * -(-len(x) // batch_size))
    program = _EpochProgram(model, use_xla, augment)
    train = _as_tensors(x, y)
    # Keras makes the metrics' variables at the first step; a program that makes variables is traced twice.
    model.test_step((train[0][:1], train[1][:1]))
    held_out = None if validation_data is None else _as_tensors(*validation_data)
    rng = np.random.default_rng(seed)
    augment_rng = np.random.default_rng([seed, 1])  # apart, so that augmentation leaves the order as it is
    history = keras.callbacks.History()
    events = keras.callbacks.CallbackList([history, *callbacks], model=model)
    model.stop_training = False
    events.on_train_begin()
    for epoch in range(epochs):
        events.on_epoch_begin(epoch)
        order = rng.permutation(len(x)) if shuffle else np.arange(len(x))
        logs = program.train(train, order, batch_size, augment_rng)
        if held_out is not None:
            results = program.evaluate(held_out, batch_size)
            logs |= {f"val_{name}": value for name, value in results.items()}
        events.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    if epochs > 0:
        model.optimizer.finalize_variable_values(model.trainable_variables)  # weight averaging (use_ema)
    events.on_train_end()
    return history


class _EpochProgram:
    """One epoch of training or evaluation, compiled once and run many times."""

    def __init__(self, model: keras.Model, use_xla: bool, augment: Augment | None = None) -> None:
        self._model = model

        def update(x: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> None:
            model.train_step((x, y) if augment is None else augment(x, y, seed))

        def evaluate(x: tf.Tensor, y: tf.Tensor, _: tf.Tensor) -> None:
            model.test_step((x, y))

        self._train = self._compiled(update, use_xla)
        # A smaller last batch and the evaluation run once an epoch: too rarely to repay XLA's compilation.
        self._train_last = self._compiled(update, use_xla=False)
        self._test = self._compiled(evaluate, use_xla=False)

    def _compiled(self, step: Callable[..., None], use_xla: bool) -> Program:
        return tf.function(partial(self._batches, step), jit_compile=use_xla, reduce_retracing=True)

    def train(
        self, data: Tensors, order: np.ndarray, size: int, rng: np.random.Generator
    ) -> dict[str, float]:
        return self._epoch((self._train, self._train_last), data, order, size, rng)

    def evaluate(self, data: Tensors, size: int) -> dict[str, float]:
        # Nothing is learned here, so larger batches give the same figures sooner.
        samples, numbers = len(data[0]), int(tf.size(data[0]))
        size = max(size, 256) if numbers > _NUMBERS_IN_ONE_BATCH else max(samples, 1)
        return self._epoch((self._test, self._test), data, np.arange(samples), size, np.random.default_rng(0))

    def _epoch(
        self,
        programs: tuple[Program, Program],
        data: Tensors,
        order: np.ndarray,
        size: int,
        rng: np.random.Generator,
    ) -> dict[str, float]:
        order = order.astype(np.int32)
        full = len(order) // size * size
        seeds = rng.integers(2**31, size=(full // size + 1, 2), dtype=np.int32)
        results: dict[str, tf.Tensor] = {}
        if full:
            rows = tf.constant(order[:full].reshape(-1, size))
            results = programs[0](*data, rows, tf.constant(seeds[:-1]), True)
        if full < len(order):
            rows = tf.constant(order[None, full:])
            results = programs[1](*data, rows, tf.constant(seeds[-1:]), full == 0)
        return {name: float(value) for name, value in results.items()}

    def _batches(
        self,
        step: Callable[..., None],
        x: tf.Tensor,
        y: tf.Tensor,
        order: tf.Tensor,
        seeds: tf.Tensor,
        first: bool,
    ) -> dict[str, tf.Tensor]:
        if first:
            self._model.reset_metrics()
        for batch in tf.range(tf.shape(order)[0]):
            rows = order[batch]
            step(tf.gather(x, rows), tf.gather(y, rows), seeds[batch])
        return self._model.get_metrics_result()


def _choose_xla(model: keras.Model, engine: Engine, updates: int) -> bool:
    if engine != "auto":
        return engine == "xla"
    dense = not any(len(weight.shape) > 2 for weight in model.trainable_variables)
    return dense and updates >= _UPDATES_THAT_REPAY_XLA


def _as_tensors(x: np.ndarray, y: np.ndarray) -> Tensors:
    inputs = tf.convert_to_tensor(np.asarray(x), dtype=tf.float32)
    targets = np.asarray(y)
    kind = tf.int32 if targets.dtype.kind in "iub" else tf.float32
    return inputs, tf.convert_to_tensor(targets, dtype=kind)
