"""Training: the same as Keras's own loop, the same twice, and honest about its inputs."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from labs_lib import augment, models, training

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


def test_it_averages_weights_as_model_fit_does() -> None:
    mine, plain = (_classifier(keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.8)) for _ in range(2))
    history = training.fit(mine, X, Y, epochs=3, batch_size=32, shuffle=False, engine="graph")
    expected = plain.fit(X, Y, epochs=3, batch_size=32, shuffle=False, verbose=0)
    _assert_same(mine, plain, history, expected)


class TestAugment:
    def test_batches_are_changed_before_the_update(self) -> None:
        mine, plain = _classifier("adam"), _classifier("adam")
        history = training.fit(
            mine, X, Y, epochs=3, shuffle=False, augment=lambda x, y, seed: (2 * x, (y + 1) % 3)
        )
        expected = training.fit(plain, 2 * X, (Y + 1) % 3, epochs=3, shuffle=False)
        _assert_same(mine, plain, history, expected)

    @pytest.mark.parametrize("engine", ["xla", "graph"])
    def test_one_seed_gives_one_result_and_another_seed_another(self, engine: Any) -> None:
        def noise(x: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            return x + tf.random.stateless_normal(tf.shape(x), seed), y

        def losses(seed: int) -> list[float]:
            model = _classifier("adam")
            options: dict[str, Any] = {"epochs": 3, "shuffle": False, "engine": engine}
            return training.fit(model, X, Y, augment=noise, seed=seed, **options).history["loss"]

        assert losses(1) == losses(1)
        assert losses(1) != losses(2)

    def test_every_batch_has_a_seed_of_its_own(self) -> None:
        seeds = []

        def remember(x: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            with tf.control_dependencies([tf.numpy_function(lambda s: seeds.append(tuple(s)), [seed], [])]):
                return tf.identity(x), y

        training.fit(_classifier("adam"), X, Y, epochs=4, augment=remember)
        assert len(seeds) == 4 * 3  # 75 samples: two batches of 32, and the rest
        assert len(set(seeds)) == len(seeds)

    def test_what_is_evaluated_is_not_changed(self) -> None:
        model = _classifier(keras.optimizers.SGD(0.0))
        logs = training.fit(
            model, X, Y, epochs=1, validation_data=(X, Y), augment=lambda x, y, seed: (0 * x, y)
        ).history
        assert logs["val_loss"][0] == pytest.approx(model.evaluate(X, Y, verbose=0)[0], rel=1e-5)
        assert logs["loss"][0] != pytest.approx(logs["val_loss"][0], rel=1e-2)

    def test_the_order_of_the_samples_stays_as_it_is_without(self) -> None:
        mine, plain = _classifier("adam"), _classifier("adam")
        history = training.fit(mine, X, Y, epochs=2, augment=lambda x, y, seed: (x, y))
        _assert_same(mine, plain, history, training.fit(plain, X, Y, epochs=2))

    def test_pictures_with_soft_labels_are_augmented_for_convolutions(self) -> None:
        model = _convolutional()
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        steps = augment.chain(augment.time_shift(), augment.mask_bands(3), augment.mixup(0.4))
        targets = np.eye(3, dtype=np.float32)[Y[:30]]
        losses = training.fit(model, IMAGES, targets, epochs=15, batch_size=8, augment=steps).history["loss"]
        assert np.isfinite(losses).all()
        assert losses[-1] < losses[0]


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


@pytest.mark.parametrize("callbacks", ["one", "list", "nested", None])
def test_callbacks_are_taken_as_keras_takes_them(callbacks: str | None) -> None:
    ends: list[int] = []
    one = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(epoch))
    given = {"one": one, "list": [one], "nested": [[one]], None: None}[callbacks]
    training.fit(_classifier("sgd"), X, Y, epochs=2, callbacks=given)
    assert ends == ([] if callbacks is None else [0, 1])


def test_a_model_that_was_not_compiled_is_refused() -> None:
    with pytest.raises(ValueError, match="not compiled"):
        training.fit(models.mlp(4, [2], 1), X, Y, epochs=1)


@pytest.mark.parametrize(("x", "y"), [(X, Y[:-1]), (X[:0], Y[:0])])
def test_inputs_and_targets_must_match(x: Any, y: Any) -> None:
    with pytest.raises(ValueError, match="same number of samples"):
        training.fit(_classifier("adam"), x, y, epochs=1)


def test_the_rate_rises_for_a_tenth_of_the_run_and_falls_to_a_twentieth() -> None:
    schedule = training.warm_cosine(0.01, 200)
    rates = np.array([float(schedule(step)) for step in range(201)])
    assert rates[0] == pytest.approx(0.0005)
    assert np.argmax(rates) == 20
    assert rates.max() == pytest.approx(0.01)
    assert np.all(np.diff(rates[:21]) > 0)
    assert np.all(np.diff(rates[21:]) < 0)
