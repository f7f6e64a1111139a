"""One network trained at several learning rates, all of them together.

The rates of a sweep see the same batches in the same order, so their networks can be trained
side by side: their weights are stacked, and an update of all of them is one compiled program of
large matrix products instead of several programs of small ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from labs_lib import training

Weights = tuple[tf.Tensor, ...]  # each of shape (rates, ...), but the first of shape (inputs, rates, units)
State = tuple[Weights, Weights, Weights]  # weights, and both moments of Adam
Data = tuple[np.ndarray, np.ndarray]

_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-7  # Keras's defaults for Adam
_ROWS_AT_ONCE = 4096  # that are evaluated in one piece


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a sweep over learning rates found.

    Attributes:
        rates: The learning rates, in the order in which they were asked for.
        histories: For each rate its curves over the epochs: 'loss' and 'accuracy', and
            'val_loss' and 'val_accuracy' where there were validation data.
        models: For each rate the trained network, compiled, its optimiser in the state in which
            training left it.
    """

    rates: tuple[float, ...]
    histories: tuple[dict[str, list[float]], ...]
    models: tuple[keras.Model, ...]

    def curves(self, name: str = "loss") -> dict[float, list[float]]:
        """Return one curve of every rate, by rate.

        Args:
            name: Name of the curve.

        Raises:
            KeyError: There is no such curve.
        """
        return {rate: history[name] for rate, history in zip(self.rates, self.histories, strict=True)}


def learning_rate_sweep(
    build: Callable[[], keras.Model],
    rates: Sequence[float],
    x: np.ndarray,
    y: np.ndarray,
    *,
    epochs: int,
    batch_size: int = 128,
    seed: int = 0,
    validation_data: Data | None = None,
    shuffle: bool = True,
) -> Sweep:
    """Train a fresh classifier at each of several rates of Adam, in one compiled program.

    Each curve is the one that the network gives when it is trained alone, up to rounding, which
    a rate that is far too high amplifies from epoch to epoch::

        training.set_seed(seed)
        model = build()
        model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        training.fit(model, x, y, epochs=epochs, batch_size=batch_size, seed=seed)

    Args:
        build: Returns a new network of dense layers whose outputs are probabilities, not
            compiled. It is called once a rate, after seeding, so that all start alike.
        rates: Learning rates.
        x: Inputs, one row a sample.
        y: Class of each, as many as `x` has rows.
        epochs: Number of passes over the data.
        batch_size: Samples an update; the last batch of an epoch may be smaller.
        seed: Seed of the first weights, and of the order of the samples.
        validation_data: Inputs and classes to evaluate on after each epoch.
        shuffle: Whether each epoch visits the samples in a new order.

    Returns:
        Curves and trained networks, one of each a rate.

    Raises:
        ValueError: There is no rate, one is not above 0, `x` and `y` differ in length or are
            empty, or `build` returned the same network twice, or one that is not a chain of dense
            layers ending in a softmax.
    """
    if not rates or any(not rate > 0 for rate in rates):
        raise ValueError(f"expected learning rates above 0, at least one, not {list(rates)}")
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"x and y must have the same number of samples, above 0: {len(x)} and {len(y)}")
    models = _fresh_models(build, rates, seed)
    program = _StackedProgram(models[0], rates)
    train, held_out = _as_tensors((x, y)), None if validation_data is None else _as_tensors(validation_data)
    stacks = zip(*([v.value for v in m.trainable_variables] for m in models), strict=True)
    weights = tuple(tf.stack(values, _rate_axis(place)) for place, values in enumerate(stacks))
    zeros = tuple(tf.zeros_like(weight) for weight in weights)
    state, done = (weights, zeros, zeros), 0
    curves: list[dict[str, np.ndarray]] = []
    rng = np.random.default_rng(seed)  # the order of `training.fit`
    for _ in range(epochs):
        order = rng.permutation(len(x)) if shuffle else np.arange(len(x))
        state, done, logs = program.epoch(state, done, train, order, batch_size)
        if held_out is not None:
            logs |= {f"val_{name}": values for name, values in program.evaluate(state[0], held_out).items()}
        curves.append(logs)
    for number, model in enumerate(models):
        _restore(model, state, number, done)
    histories = tuple(
        {name: [float(logs[name][number]) for logs in curves] for name in (curves[0] if curves else ())}
        for number in range(len(rates))
    )
    return Sweep(tuple(float(rate) for rate in rates), histories, models)


class _StackedProgram:
    """Updates and evaluates the networks of all rates at once."""

    def __init__(self, model: keras.Model, rates: Sequence[float]) -> None:
        self._layers = _dense_layers(model)
        self._rates = tf.constant(rates, dtype=tf.float32)
        # As partials: TensorFlow takes methods of different sweeps for one function that is traced too often.
        self._train = tf.function(partial(self._updates), jit_compile=True)
        # A smaller last batch runs once an epoch: too rarely to repay XLA's compilation.
        self._train_last = tf.function(partial(self._updates))
        self._test = tf.function(partial(self._losses_and_hits))

    def epoch(
        self, state: State, done: int, data: tuple[tf.Tensor, tf.Tensor], order: np.ndarray, size: int
    ) -> tuple[State, int, dict[str, np.ndarray]]:
        """Return state and number of updates after an epoch, and loss and accuracy, each of shape (rates,)."""
        order = order.astype(np.int32)
        full = len(order) // size * size
        loss = hits = np.zeros(len(self._rates))
        for program, rows in (
            (self._train, order[:full].reshape(-1, size)),
            (self._train_last, order[None, full:]),
        ):
            if rows.size:
                state, losses, right = program(state, tf.constant(done), *data, tf.constant(rows))
                loss, hits, done = loss + losses.numpy(), hits + right.numpy(), done + len(rows)
        return state, done, {"loss": loss / len(order), "accuracy": hits / len(order)}

    def evaluate(self, weights: Weights, data: tuple[tf.Tensor, tf.Tensor]) -> dict[str, np.ndarray]:
        """Return loss and accuracy, each of shape (rates,)."""
        x, y = data
        loss = hits = np.zeros(len(self._rates))
        for start in range(0, len(x), _ROWS_AT_ONCE):
            piece = slice(start, start + _ROWS_AT_ONCE)
            losses, right = self._test(weights, x[piece], y[piece])
            loss, hits = loss + len(x[piece]) * losses.numpy(), hits + right.numpy()
        return {"loss": loss / len(x), "accuracy": hits / len(x)}

    def _losses_and_hits(self, weights: Weights, x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return mean loss and number of right answers of each network, each of shape (rates,)."""
        logits = self._logits(weights, x)
        labels = tf.broadcast_to(y[:, None], tf.shape(logits)[:2])
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        hits = tf.cast(tf.equal(tf.argmax(logits, axis=-1, output_type=tf.int32), labels), tf.float32)
        return tf.reduce_mean(losses, axis=0), tf.reduce_sum(hits, axis=0)

    def _logits(self, weights: Weights, x: tf.Tensor) -> tf.Tensor:
        """Return what enters the last softmax, shape (samples, rates, classes)."""
        # All networks read the same inputs: one product of matrices serves the first layer of all. With the
        # rates on the second axis of its weights, neither they nor their gradients are ever transposed.
        form, own = "bi,irj->brj", iter(weights)
        for layer in self._layers:
            x = tf.einsum(form, x, next(own))
            if layer.use_bias:
                x += next(own)
            if layer is not self._layers[-1]:
                x, form = layer.activation(x), "bri,rij->brj"
        return x

    def _updates(
        self, state: State, done: tf.Tensor, x: tf.Tensor, y: tf.Tensor, order: tf.Tensor
    ) -> tuple[State, tf.Tensor, tf.Tensor]:
        """Update once for each row of `order`; return the summed losses and right answers as well."""
        size = tf.cast(tf.shape(order)[1], tf.float32)
        loss = hits = tf.zeros_like(self._rates)
        step = tf.cast(done, tf.float32)
        for batch in tf.range(tf.shape(order)[0]):
            rows = order[batch]
            step += 1.0
            with tf.GradientTape() as tape:
                tape.watch(state[0])
                losses, right = self._losses_and_hits(state[0], tf.gather(x, rows), tf.gather(y, rows))
            # The networks share nothing, so the gradient of the sum holds each one's own.
            state = self._adam(state, tape.gradient(losses, state[0]), step)
            loss, hits = loss + size * losses, hits + right
        return state, loss, hits

    def _adam(self, state: State, gradients: Weights, step: tf.Tensor) -> State:
        """Return the state after one update of Adam (Kingma and Ba 2015), as Keras computes it."""
        correction = tf.sqrt(1 - _BETA_2**step) / (1 - _BETA_1**step)
        after: tuple[list[tf.Tensor], ...] = ([], [], [])
        for place, (weight, mean, square, gradient) in enumerate(zip(*state, gradients, strict=True)):
            mean += (gradient - mean) * (1 - _BETA_1)
            square += (tf.square(gradient) - square) * (1 - _BETA_2)
            axes = [-1 if axis == _rate_axis(place) else 1 for axis in range(len(weight.shape))]
            alpha = tf.reshape(self._rates * correction, axes)
            after[0].append(weight - mean * alpha / (tf.sqrt(square) + _EPSILON))
            after[1].append(mean)
            after[2].append(square)
        return tuple(after[0]), tuple(after[1]), tuple(after[2])


def _fresh_models(
    build: Callable[[], keras.Model], rates: Sequence[float], seed: int
) -> tuple[keras.Model, ...]:
    models: list[keras.Model] = []
    for rate in rates:
        training.set_seed(seed)
        model = build()
        if any(model is other for other in models):
            raise ValueError("build() returned the same network twice: it must build a new one on each call")
        _dense_layers(model)
        model.compile(
            keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
        )
        models.append(model)
    return tuple(models)


def _dense_layers(model: keras.Model) -> list[Any]:
    """Return the layers of a chain of dense layers that ends in a softmax.

    Raises:
        ValueError: The network is another one.
    """
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    others = sorted({type(layer).__name__ for layer in layers if not isinstance(layer, keras.layers.Dense)})
    if others or not layers or model.losses:
        what = ", ".join(others) or ("penalties on weights" if layers else "no layers")
        raise ValueError(f"a sweep trains networks of dense layers only; this one has {what}")
    if layers[-1].activation is not keras.activations.softmax:
        raise ValueError(
            f"the last layer must have the activation softmax, not {layers[-1].activation.__name__}"
        )
    return layers


def _restore(model: keras.Model, state: State, number: int, done: int) -> None:
    """Put what was learned at one rate back into its network and optimiser."""
    optimizer: Any = model.optimizer
    optimizer.build(model.trainable_variables)
    optimizer.iterations.assign(done)
    places = (model.trainable_variables, optimizer._momentums, optimizer._velocities)
    for variables, stacked in zip(places, state, strict=True):
        for place, (variable, values) in enumerate(zip(variables, stacked, strict=True)):
            variable.assign(tf.gather(values, number, axis=_rate_axis(place)))


def _rate_axis(place: int) -> int:
    """Return the axis along which the weights at a place in a network's list are stacked."""
    return 1 if place == 0 else 0


def _as_tensors(data: Data) -> tuple[tf.Tensor, tf.Tensor]:
    x, y = data
    return tf.convert_to_tensor(np.asarray(x), tf.float32), tf.convert_to_tensor(np.asarray(y), tf.int32)
