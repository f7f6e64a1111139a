"""A sweep trains each rate as it would be trained alone."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from labs_lib import models, sweeps, training

RATES = (0.1, 0.01, 0.0005)


def _data(n: int = 150, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    return (rng.standard_normal((n, 6)) + y[:, None]).astype(np.float32), y


def _build() -> keras.Model:
    return models.mlp(6, [8], 3, activation="sigmoid", output_activation="softmax")


def _alone(rate: float, build=_build, **options) -> tuple[keras.Model, dict[str, list[float]]]:
    training.set_seed(options["seed"])
    model = build()
    model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, training.fit(model, *_data(), **options).history


@pytest.mark.parametrize(
    "batch_size", [32, 50, 400], ids=["smaller last batch", "equal batches", "one batch"]
)
def test_each_curve_is_that_of_the_network_trained_alone(batch_size: int) -> None:
    options = {"epochs": 4, "batch_size": batch_size, "seed": 3, "validation_data": _data(40, seed=1)}
    sweep = sweeps.learning_rate_sweep(_build, RATES, *_data(), **options)
    assert sweep.rates == RATES
    for rate, model, history in zip(RATES, sweep.models, sweep.histories, strict=True):
        alone, curves = _alone(rate, **options)
        assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
        for name, curve in history.items():
            np.testing.assert_allclose(curve, curves[name], rtol=2e-5, atol=1e-6, err_msg=f"{name}, {rate}")
        for ours, theirs in zip(model.get_weights(), alone.get_weights(), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=rate * 0.01)


def test_deeper_networks_without_biases_are_trained_as_well() -> None:
    def build() -> keras.Model:
        inputs = keras.Input((6,))
        x = keras.layers.Dense(7, activation="relu", use_bias=False)(inputs)
        x = keras.layers.Dense(5, activation="tanh")(x)
        return keras.Model(inputs, keras.layers.Dense(3, activation="softmax", use_bias=False)(x))

    options = {"epochs": 2, "batch_size": 30, "seed": 5, "shuffle": False}
    sweep = sweeps.learning_rate_sweep(build, [0.01, 0.001], *_data(), **options)
    for rate, curve in sweep.curves("loss").items():
        np.testing.assert_allclose(curve, _alone(rate, build, **options)[1]["loss"], rtol=2e-5)


def test_the_networks_go_on_from_where_the_sweep_left_them() -> None:
    options = {"batch_size": 50, "seed": 2}
    model = sweeps.learning_rate_sweep(_build, [0.02], *_data(), epochs=3, **options).models[0]
    alone, _ = _alone(0.02, epochs=3, **options)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.02)
    again = [training.fit(m, *_data(), epochs=2, **options).history["loss"] for m in (model, alone)]
    np.testing.assert_allclose(*again, rtol=1e-5)


def test_a_sweep_gives_the_same_twice() -> None:
    first, second = (
        sweeps.learning_rate_sweep(_build, RATES[:2], *_data(), epochs=2, seed=4).histories for _ in range(2)
    )
    assert first == second


def test_large_validation_data_are_evaluated_in_pieces() -> None:
    held_out = _data(5000, seed=2)
    sweep = sweeps.learning_rate_sweep(_build, [0.01], *_data(), epochs=1, validation_data=held_out)
    loss, accuracy = sweep.models[0].evaluate(*held_out, verbose=0)
    assert sweep.histories[0]["val_loss"][0] == pytest.approx(loss, rel=1e-4)
    assert sweep.histories[0]["val_accuracy"][0] == pytest.approx(accuracy, abs=1e-6)


def test_a_network_that_is_not_built_anew_is_refused() -> None:
    kept = _build()
    with pytest.raises(ValueError, match="same network twice"):
        sweeps.learning_rate_sweep(lambda: kept, RATES, *_data(), epochs=1)


def _with_layer(*layers: keras.layers.Layer) -> keras.Model:
    x = inputs = keras.Input((6,))
    for layer in layers:
        x = layer(x)
    return keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: _with_layer(keras.layers.Dropout(0.5)), "Dropout"),
        (lambda: _with_layer(keras.layers.BatchNormalization()), "BatchNormalization"),
        (lambda: _with_layer(keras.layers.Dense(4, kernel_regularizer="l2")), "penalties"),
        (lambda: models.mlp(6, [4], 3), "softmax, not linear"),
    ],
)
def test_other_networks_are_refused(build, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sweeps.learning_rate_sweep(build, [0.01], *_data(), epochs=1)


@pytest.mark.parametrize("rates", [[], [0.1, 0.0], [float("nan")]])
def test_rates_that_are_none_are_refused(rates: list[float]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        sweeps.learning_rate_sweep(_build, rates, *_data(), epochs=1)


def test_data_of_different_length_are_refused() -> None:
    x, y = _data()
    with pytest.raises(ValueError, match="150 and 149"):
        sweeps.learning_rate_sweep(_build, [0.1], x, y[1:], epochs=1)
