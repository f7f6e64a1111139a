"""Training: the same as Keras's own loop, the same twice, and honest about its inputs."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from labs_lib import models, training

RNG = np.random.default_rng(0)
X = RNG.standard_normal((75, 4)).astype(np.float32)  # 75: the last of the batches of 32 is smaller
Y = RNG.integers(0, 3, 75)
IMAGES = RNG.standard_normal((30, 12, 14, 1)).astype(np.float32)


def _classifier(optimizer: Any) -> keras.Model:
    training.set_seed(3)
    model = models.mlp(4, [8], 3, output_activation="softmax")
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _convolutional() -> keras.Model:
    training.set_seed(3)
    inputs = keras.Input((12, 14, 1))
    x = keras.layers.Conv2D(3, 3, activation="relu")(inputs)
    x = keras.layers.BatchNormalization()(x)
    outputs = keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(x))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _assert_same(a: keras.Model, b: keras.Model, history_a: Any, history_b: Any) -> None:
    for mine, plain in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_allclose(mine, plain, rtol=2e-4, atol=2e-6)
    assert set(history_a.history) == set(history_b.history)
    for name in history_b.history:
        np.testing.assert_allclose(history_a.history[name], history_b.history[name], rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("engine", ["xla", "graph"])
@pytest.mark.parametrize(
    "optimizer", [lambda: keras.optimizers.SGD(0.1, momentum=0.9), keras.optimizers.Adam]
)
def test_it_makes_the_updates_of_model_fit(engine: Any, optimizer: Any) -> None:
    mine, plain = _classifier(optimizer()), _classifier(optimizer())
    held_out = (X[:20], Y[:20])
    history = training.fit(
        mine, X, Y, epochs=4, batch_size=32, validation_data=held_out, shuffle=False, engine=engine
    )
    expected = plain.fit(X, Y, epochs=4, batch_size=32, validation_data=held_out, shuffle=False, verbose=0)
    _assert_same(mine, plain, history, expected)


def test_it_makes_the_updates_of_model_fit_for_convolutions() -> None:
    mine, plain = _convolutional(), _convolutional()
    history = training.fit(mine, IMAGES, Y[:30], epochs=3, batch_size=8, shuffle=False)
    expected = plain.fit(IMAGES, Y[:30], epochs=3, batch_size=8, shuffle=False, verbose=0)
    _assert_same(mine, plain, history, expected)


@pytest.mark.parametrize("engine", ["xla", "graph"])
def test_one_seed_gives_one_result(engine: Any) -> None:
    runs = []
    for _ in range(2):
        model = _classifier("adam")
        history = training.fit(model, X, Y, epochs=3, seed=5, engine=engine)
        runs.append((history.history["loss"], model.get_weights()))
    assert runs[0][0] == runs[1][0]
    assert all(np.array_equal(a, b) for a, b in zip(runs[0][1], runs[1][1], strict=True))


def test_another_seed_visits_the_samples_in_another_order() -> None:
    losses = [training.fit(_classifier("adam"), X, Y, epochs=2, seed=seed).history["loss"] for seed in (1, 2)]
    assert losses[0] != losses[1]


def test_it_goes_on_from_where_the_model_is() -> None:
    model = _classifier(keras.optimizers.Adam(0.01))
    first = training.fit(model, X, Y, epochs=20).history["loss"]
    second = training.fit(model, X, Y, epochs=2).history["loss"]
    assert second[0] < first[0]


def test_callbacks_can_stop_it() -> None:
    stop = keras.callbacks.EarlyStopping(monitor="loss", patience=0, min_delta=100.0)
    assert len(training.fit(_classifier("adam"), X, Y, epochs=50, callbacks=[stop]).history["loss"]) == 2


def test_a_model_that_was_not_compiled_is_refused() -> None:
    with pytest.raises(ValueError, match="not compiled"):
        training.fit(models.mlp(4, [2], 1), X, Y, epochs=1)


@pytest.mark.parametrize(("x", "y"), [(X, Y[:-1]), (X[:0], Y[:0])])
def test_inputs_and_targets_must_match(x: Any, y: Any) -> None:
    with pytest.raises(ValueError, match="same number of samples"):
        training.fit(_classifier("adam"), x, y, epochs=1)


def test_long_runs_of_dense_networks_are_compiled_and_convolutions_never() -> None:
    dense, convolutional = _classifier("adam"), _convolutional()
    assert training._choose_xla(dense, "auto", updates=100_000)
    assert not training._choose_xla(dense, "auto", updates=10)
    assert not training._choose_xla(convolutional, "auto", updates=100_000)
    assert training._choose_xla(convolutional, "xla", updates=1)
