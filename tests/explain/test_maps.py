"""Maps point at what a network uses, are reproducible, and refuse what does not fit."""

from __future__ import annotations

import random

import keras
import numpy as np
import pytest

from labs_lib import explain

SHAPE = (24, 16)
CORNER = (slice(None), slice(4, 12), slice(8, 14))  # where class 1 shows itself


def _picture_model(shape: tuple[int, ...] = (*SHAPE, 1)) -> keras.Model:
    """A network whose class 1 is the energy that a convolution finds, class 0 the lack of it."""
    inputs = keras.Input(shape)
    x = keras.layers.Conv2D(2, 3, padding="same", activation="relu", name="first")(inputs)
    x = keras.layers.Conv2D(2, 3, padding="same", activation="relu", name="last")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
    ones = np.zeros((3, 3, 2, 2), np.float32)
    ones[:, :, 0, 0] = ones[:, :, 1, 1] = 1 / 9
    weights = [
        ones[:, :, :1, :],
        np.zeros(2),
        ones,
        np.zeros(2),
        np.array([[-9, 9], [0, 0]]),
        np.array([2, -2]),
    ]
    weights[0] = np.full((3, 3, 1, 2), 1 / 9)
    model.set_weights(weights)
    return model


def _corner_model(shape: tuple[int, ...]) -> keras.Model:
    """A linear network that looks at the corner alone."""
    inputs = keras.Input(shape)
    weights = np.zeros((1, *SHAPE), np.float32)
    weights[CORNER] = 0.1
    dense = keras.layers.Dense(2, activation="softmax")
    model = keras.Model(inputs, dense(keras.layers.Flatten()(inputs)))
    model.set_weights([np.stack([-weights.reshape(-1), weights.reshape(-1)], axis=1), np.zeros(2)])
    return model


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    noise = 0.05 * np.random.default_rng(0).standard_normal((6, *SHAPE))
    noise[CORNER] += 1.0
    return noise.astype(np.float32)


ONES = np.ones(6, dtype=int)


@pytest.mark.parametrize("channels", [(), (1,)], ids=["no channel", "one channel"])
def test_saliency_lies_where_the_network_looks(pictures: np.ndarray, channels: tuple) -> None:
    inputs = pictures.reshape(*pictures.shape, *channels)
    maps = explain.saliency(_corner_model((*SHAPE, *channels)), inputs, ONES, samples=3)
    assert maps.shape == pictures.shape
    np.testing.assert_allclose(maps[CORNER], 1, atol=1e-5)
    outside = maps.copy()
    outside[CORNER] = 0
    assert outside.max() < 1e-5


def test_saliency_explains_also_where_the_softmax_is_certain(pictures: np.ndarray) -> None:
    model = _corner_model(SHAPE)
    certain = 50 * pictures
    assert model(certain).numpy()[:, 1].min() == 1.0, "its own gradient is 0 in float32"
    assert explain.saliency(model, certain, ONES, samples=0)[CORNER].min() > 0.99
    assert model.layers[-1].activation.__name__ == "softmax", "the network stays as it was"


def test_saliency_depends_on_its_seed_alone(pictures: np.ndarray) -> None:
    model = _picture_model()
    inputs = pictures[..., None]
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    maps = explain.saliency(model, inputs, ONES, samples=4, seed=3)
    after = np.random.get_state()[1]  # noqa: NPY002
    assert np.array_equal(after, before), "NumPy's own generator is put back"
    np.random.default_rng(0).random(5)
    np.testing.assert_array_equal(explain.saliency(model, inputs, ONES, samples=4, seed=3), maps)
    assert np.abs(explain.saliency(model, inputs, ONES, samples=4, seed=4) - maps).max() > 0


def test_grad_cam_lies_where_the_class_shows_itself(pictures: np.ndarray) -> None:
    maps = explain.grad_cam(_picture_model(), pictures[..., None], ONES)
    assert maps.shape == pictures.shape
    assert maps.min() >= 0
    assert maps.max() <= 1 + 1e-6
    inside = maps[CORNER].mean()
    assert inside > 5 * (maps.sum() - maps[CORNER].sum()) / (maps.size - maps[CORNER].size)


def test_grad_cam_of_the_other_class_is_empty(pictures: np.ndarray) -> None:
    maps = explain.grad_cam(_picture_model(), pictures[..., None], np.zeros(6, dtype=int))
    assert maps[CORNER].max() < 1e-6, "the corner speaks against class 0"


def test_grad_cam_takes_another_layer_and_convolutions_over_time(pictures: np.ndarray) -> None:
    first = explain.grad_cam(_picture_model(), pictures[..., None], ONES, layer="first")
    assert first.shape == pictures.shape
    inputs = keras.Input(SHAPE)
    x = keras.layers.Conv1D(4, 3, strides=2, padding="same", activation="relu")(inputs)
    model = keras.Model(
        inputs, keras.layers.Dense(2, activation="softmax")(keras.layers.GlobalAveragePooling1D()(x))
    )
    maps = explain.grad_cam(model, pictures, ONES)
    assert maps.shape == pictures.shape
    np.testing.assert_array_equal(maps, np.repeat(maps[:, :, :1], SHAPE[1], axis=2))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda x, y: (x, y[:-1]), "one whole class number an input"),
        (lambda x, y: (x, y.astype(float)), "one whole class number an input"),
        (lambda x, y: (x, y + 1), "classes from 0 to 1"),
        (lambda x, y: (x[..., 0], y), r"add the axis of channels with inputs\[\.\.\., None\]"),
        (
            lambda x, y: (x.transpose(0, 2, 1, 3), y),
            r"takes inputs of shape \(n, 24, 16, 1\), found \(6, 16, 24, 1\)",
        ),
        (lambda x, y: (x[:0], y[:0]), "at least one input"),
    ],
)
def test_what_does_not_fit_is_said(pictures: np.ndarray, change, reason: str) -> None:
    inputs, classes = change(pictures[..., None], ONES)
    for explainer in (explain.saliency, explain.grad_cam):
        with pytest.raises(ValueError, match=reason):
            explainer(_picture_model(), inputs, classes)


def test_grad_cam_needs_a_convolution(pictures: np.ndarray) -> None:
    with pytest.raises(ValueError, match="no convolution, which Grad-CAM needs"):
        explain.grad_cam(_corner_model(SHAPE), pictures, ONES)
    with pytest.raises(ValueError, match="no convolution 'middle'; it has first, last"):
        explain.grad_cam(_picture_model(), pictures[..., None], ONES, layer="middle")


def test_a_randomised_network_has_learned_nothing() -> None:
    model = _picture_model()
    learned = [weight.copy() for weight in model.get_weights()]
    state = random.getstate()
    first, again, other = (explain.randomised(model, seed) for seed in (1, 1, 2))
    assert random.getstate() == state, "Python's generator is put back"
    assert [w.shape for w in first.get_weights()] == [w.shape for w in learned]
    for kept, now in zip(learned, model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, now)
    kernels = [0, 2, 4]
    for k in kernels:
        np.testing.assert_array_equal(first.get_weights()[k], again.get_weights()[k])
        assert np.abs(first.get_weights()[k] - other.get_weights()[k]).max() > 0.01
        assert np.abs(first.get_weights()[k] - learned[k]).max() > 0.01
