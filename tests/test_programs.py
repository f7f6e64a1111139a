"""Compiled epochs are shared by networks of one layout, and by no others; nobody can tell but by the time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from labs_lib import models, programs, training

RNG = np.random.default_rng(0)
X = RNG.standard_normal((75, 4)).astype(np.float32)
Y = RNG.integers(0, 3, 75)
LOSS = "sparse_categorical_crossentropy"


@pytest.fixture(autouse=True)
def _accelerated_without_programs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(programs, "_shared", type(programs._shared)())
    training.accelerate()
    yield
    training.accelerate(False)


def _network(rate: float = 0.1, *, dropout: float = 0.2, **compiled: Any) -> keras.Model:
    inputs = keras.Input((4,))
    h = keras.layers.BatchNormalization()(keras.layers.Dense(6, activation="relu")(inputs))
    outputs = keras.layers.Dense(3, activation="softmax")(keras.layers.Dropout(dropout)(h))
    model = keras.Model(inputs, outputs)
    model.compile(
        **{"optimizer": keras.optimizers.Adam(rate), "loss": LOSS, "metrics": ["accuracy"]} | compiled
    )
    return model


def _fit(model: keras.Model, **settings: Any) -> tuple[dict[str, list[float]], list[np.ndarray]]:
    settings = {"epochs": 3, "batch_size": 16, "validation_data": (X[:20], Y[:20]), "verbose": 0} | settings
    return model.fit(X, Y, **settings).history, model.get_weights()


def _program(model: keras.Model, size: int = 16, **settings: Any) -> programs.Program:
    data = tf.constant(X), tf.constant(Y)
    model._symbolic_build(data_batch=data)
    programs.epoch_for(model, model.train_step, data, size, **({"key": "train"} | settings))
    return next(reversed(programs._shared.values()))


def _same(one: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    return one[0] == other[0] and all(map(np.array_equal, one[1], other[1]))


def _trained(
    seed: int, rate: float = 0.1, **settings: Any
) -> tuple[dict[str, list[float]], list[np.ndarray]]:
    keras.utils.set_random_seed(seed)
    return _fit(_network(rate), **settings)


def test_a_kept_program_gives_to_the_bit_what_a_new_one_does() -> None:
    new = {}
    for seed, rate in [(0, 0.1), (1, 0.1), (0, 0.01)]:
        programs._shared.clear()
        new[seed, rate] = _trained(seed, rate)
    programs._shared.clear()
    for (seed, rate), expected in new.items():
        assert _same(_trained(seed, rate), expected)
    assert len(programs._shared) == 2, "one that trains and one that tests"
    assert not _same(new[0, 0.1], new[1, 0.1])


def test_tensorflow_is_left_as_it_was() -> None:
    _trained(0)
    assert not tf.config.optimizer.get_experimental_options().get("disable_meta_optimizer")
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    try:
        _trained(0)
        assert tf.config.optimizer.get_experimental_options()["disable_meta_optimizer"]
    finally:
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


def test_with_callbacks_too_and_they_see_the_networks_state() -> None:
    class Watcher(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[np.ndarray] = []

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.seen.append(self.model.get_weights()[0])
            self.model.optimizer.learning_rate = 0.01

    watcher = Watcher()
    history, weights = _trained(0, callbacks=[watcher])
    assert len({value.tobytes() for value in watcher.seen}) == 3
    np.testing.assert_array_equal(watcher.seen[-1], weights[0])
    programs._shared.clear()
    assert _same(_trained(0, callbacks=[Watcher()]), (history, weights))
    assert not _same(_trained(0), (history, weights)), "the learning rate that a callback set was lost"


def test_training_goes_on_where_it_was() -> None:
    keras.utils.set_random_seed(0)
    model = _network()
    _fit(model)
    other = _trained(1)  # the same program, in between
    assert int(model.optimizer.iterations) == 15
    _fit(model)
    assert int(model.optimizer.iterations) == 30
    assert _same(_trained(1), other)


def test_ctrl_c_keeps_what_was_learned() -> None:
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise KeyboardInterrupt

    keras.utils.set_random_seed(0)
    model = _network()
    before = model.get_weights()[0]
    with pytest.raises(KeyboardInterrupt):
        _fit(model, callbacks=[Stop()])
    assert not np.array_equal(model.get_weights()[0], before)


def test_nothing_is_drawn_from_the_generators_that_students_seed() -> None:
    keras.utils.set_random_seed(0)
    model = _network()
    states = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    _program(model)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states  # noqa: NPY002


def _frozen() -> keras.Model:
    model = _network()
    model.layers[1].trainable = False
    return model


def _frozen_variable() -> keras.Model:
    model = _network()
    model.layers[1].kernel.trainable = False
    return model


def _named(activation: str) -> keras.Model:
    inputs = keras.Input((4,))
    h = keras.layers.Dense(6, activation=activation, name=activation)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, name="activation")(h))
    model.compile("adam", LOSS)
    return model


def test_a_layer_may_be_called_as_anything() -> None:
    first = _program(_named("relu"))
    assert _program(_named("tanh")) is not first
    assert _program(_named("relu")) is first


def _other_activation() -> keras.Model:
    model = models.mlp(4, [6], 3, activation="tanh")
    model.compile("adam", LOSS)
    return model


@pytest.mark.parametrize(
    "other",
    [
        _frozen,
        _frozen_variable,
        _other_activation,
        lambda: _network(dropout=0.3),
        lambda: _network(metrics=[]),
        lambda: _network(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
        lambda: _network(optimizer=keras.optimizers.SGD(0.1)),
        lambda: _network(optimizer=keras.optimizers.Adam(0.1, clipnorm=1.0)),
        lambda: _network(optimizer=keras.optimizers.Adam(training.warm_cosine(0.1, 30))),
    ],
)
def test_another_layout_has_another_program(other: Callable[[], keras.Model]) -> None:
    first = _program(_network())
    assert _program(other()) is not first
    assert _program(_network(0.3)) is first


@pytest.mark.parametrize("settings", [{"xla": True}, {"size": 8}, {"key": "test"}])
def test_another_way_to_train_has_another_program(settings: dict[str, Any]) -> None:
    assert _program(_network(), **settings) is not _program(_network())


class _Doubled(keras.layers.Layer):
    def call(self, inputs: Any) -> Any:
        return 2 * inputs


def relu(x: Any) -> Any:
    """A function that is called as one of Keras's own."""
    return tf.abs(x)


def _with_layer(layer: Any) -> keras.Model:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(layer(inputs)))
    model.compile("adam", LOSS)
    return model


def _own_loss(y: Any, p: Any) -> Any:
    return tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, p))


class OwnModel(keras.Model):
    def train_step(self, data: Any) -> Any:
        return super().train_step(data)


def _own_model() -> keras.Model:
    inputs = keras.Input((4,))
    model = OwnModel(inputs, keras.layers.Dense(3, activation="softmax")(inputs))
    model.compile("adam", LOSS)
    return model


@pytest.mark.parametrize(
    "build",
    [
        lambda: _with_layer(_Doubled()),
        lambda: _with_layer(keras.layers.Lambda(lambda x: 2 * x)),
        lambda: _with_layer(keras.layers.Dense(4, activation=lambda x: 2 * x)),
        lambda: _with_layer(keras.layers.Dense(4, activation=relu)),
        lambda: _with_layer(keras.layers.Activation(relu)),
        lambda: _with_layer(keras.layers.Dense(4, kernel_initializer=lambda shape, dtype: tf.ones(shape))),
        lambda: _network(loss=_own_loss),
        lambda: _network(loss=lambda y, p: _own_loss(y, p)),
        lambda: _network(metrics=[_own_loss]),
        _own_model,
    ],
)
def test_what_is_not_keras_own_shares_no_program(build: Callable[[], keras.Model]) -> None:
    model = build()
    history = model.fit(X, Y, epochs=2, batch_size=16, verbose=0).history
    assert history["loss"][1] < history["loss"][0]
    assert not programs._shared


def test_few_programs_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_KEPT", 2)
    for size in (15, 16, 17):
        _program(_network(), size)
    assert len(programs._shared) == 2
