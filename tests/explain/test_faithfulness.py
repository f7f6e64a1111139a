"""Deletion and insertion tell a map that is right about a network from one that is not."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from labs_lib import explain

SHAPE = (32, 16)
TOP = (slice(None), slice(0, 8), slice(0, 12))  # the 24 patches of 2 x 2 that decide
PATCH = (2, 2)
RNG = np.random.default_rng(1)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """A network that finds class 1 where the top is 1, class 0 where it is 0."""
    inputs = keras.Input((*SHAPE, 1))
    dense = keras.layers.Dense(2, activation="softmax")
    model = keras.Model(inputs, dense(keras.layers.Flatten()(inputs)))
    weights = np.zeros((1, *SHAPE), np.float32)
    weights[TOP] = 6 / weights[TOP].size
    model.set_weights([np.stack([-weights.reshape(-1), weights.reshape(-1)], axis=1), np.array([3.0, -3.0])])
    return model


INPUTS = np.ones((12, *SHAPE, 1), np.float32)
CLASSES = np.ones(12, dtype=int)


def _right() -> np.ndarray:
    maps = 0.5 * RNG.random((12, *SHAPE))
    maps[TOP] += 1
    return maps


def _wrong() -> np.ndarray:
    return -_right()


def test_a_right_map_makes_the_deletion_curve_fall_early(model: keras.Model) -> None:
    right = explain.deletion_curve(model, INPUTS, CLASSES, _right(), steps=8, patch=PATCH)
    wrong = explain.deletion_curve(model, INPUTS, CLASSES, _wrong(), steps=8, patch=PATCH)
    assert right.probabilities.shape == (12, 9)
    np.testing.assert_allclose(right.shares, np.linspace(0, 1, 9))
    for curve in (right, wrong):
        np.testing.assert_allclose(
            curve.mean[[0, -1]], model(INPUTS[:1] * [[[[0]]], [[[1]]]]).numpy()[::-1, 1]
        )
    assert right.mean[2] < 0.05, "a quarter deleted is all that decides"
    assert wrong.mean[6] > 0.95, "three quarters deleted and what decides is still there"
    assert right.areas.max() < wrong.areas.min()


def test_a_right_map_makes_the_insertion_curve_rise_early(model: keras.Model) -> None:
    right = explain.insertion_curve(model, INPUTS, CLASSES, _right(), steps=4, patch=PATCH)
    wrong = explain.insertion_curve(model, INPUTS, CLASSES, _wrong(), steps=4, patch=PATCH)
    assert right.mean[1] > 0.95
    assert wrong.mean[3] < 0.05
    assert right.mean[-1] == pytest.approx(wrong.mean[-1])


def test_the_true_class_is_followed_not_the_predicted_one(model: keras.Model) -> None:
    curve = explain.deletion_curve(model, INPUTS, np.zeros(12, dtype=int), _right(), steps=2, patch=PATCH)
    assert curve.mean[0] < 0.01
    assert curve.mean[1] > 0.95


def test_what_is_filled_in_counts(model: keras.Model) -> None:
    kept = explain.deletion_curve(model, INPUTS, CLASSES, _right(), steps=2, fill=1.0)
    np.testing.assert_allclose(kept.mean, kept.mean[0])
    picture = np.ones((*SHAPE, 1))
    same = explain.deletion_curve(model, INPUTS, CLASSES, _right(), steps=2, fill=picture)
    np.testing.assert_allclose(same.mean, kept.mean)


def test_the_deletion_test_pairs_salient_and_random(model: keras.Model) -> None:
    found = explain.deletion_test(model, INPUTS, CLASSES, _right(), fraction=0.25, patch=PATCH, seed=5)
    assert found.passed
    assert found.salient.min() > 0.9
    assert found.interval.mean == pytest.approx(np.mean(found.salient - found.random))
    assert np.ptp(found.random) > 0, "every input loses other places"
    wrong = explain.deletion_test(model, INPUTS, CLASSES, _wrong(), fraction=0.25, patch=PATCH, seed=5)
    assert wrong.interval.high < 0
    assert not wrong.passed
    np.testing.assert_array_equal(wrong.random, found.random)


def test_a_map_without_order_is_no_better_than_chance(model: keras.Model) -> None:
    found = explain.deletion_test(model, INPUTS, CLASSES, np.zeros((12, *SHAPE)), patch=PATCH)
    assert found.interval.low < 0 < found.interval.high


def test_groups_make_the_interval_wider_where_their_members_agree(model: keras.Model) -> None:
    inputs = INPUTS * np.repeat(np.linspace(0.7, 1.3, 4), 3)[:, None, None, None]
    groups = np.repeat(np.arange(4), 3)
    single = explain.deletion_test(model, inputs, CLASSES, _right(), patch=PATCH)
    grouped = explain.deletion_test(model, inputs, CLASSES, _right(), patch=PATCH, groups=groups)
    assert grouped.interval.mean == pytest.approx(single.interval.mean)
    assert grouped.interval.high - grouped.interval.low > single.interval.high - single.interval.low


def test_patches_at_the_edge_may_be_smaller(model: keras.Model) -> None:
    curve = explain.deletion_curve(model, INPUTS, CLASSES, _right(), steps=1, patch=(5, 7))
    np.testing.assert_allclose(curve.mean[-1], model(INPUTS[:1] * 0).numpy()[0, 1])


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda m: explain.deletion_curve(m, INPUTS, CLASSES, np.zeros((12, 16, 32))), "turned around"),
        (lambda m: explain.deletion_test(m, INPUTS, CLASSES, np.zeros((6, *SHAPE))), "of other segments"),
        (lambda m: explain.deletion_test(m, INPUTS, CLASSES, _right(), fraction=1.0), "between 0 and 1"),
        (lambda m: explain.deletion_curve(m, INPUTS, CLASSES, _right(), steps=0), "one step at least"),
        (lambda m: explain.deletion_curve(m, INPUTS, CLASSES, _right(), patch=(0, 2)), "at least 1 x 1"),
        (
            lambda m: explain.deletion_test(m, INPUTS, CLASSES, _right(), groups=np.zeros(3)),
            "a group for each",
        ),
        (lambda m: explain.deletion_test(m, INPUTS[:1], CLASSES[:1], _right()[:1]), "two values at least"),
    ],
)
def test_what_does_not_fit_is_said(model: keras.Model, call, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        call(model)


def test_maps_correlate_by_rank() -> None:
    from scipy.stats import spearmanr

    maps = RNG.random((5, 9, 7))
    other = maps + 0.5 * RNG.random((5, 9, 7))
    found = explain.map_correlation(maps, other)
    expected = [spearmanr(a.reshape(-1), b.reshape(-1)).statistic for a, b in zip(maps, other, strict=True)]
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(explain.map_correlation(maps, maps**3), 1)
    np.testing.assert_allclose(explain.map_correlation(maps, -maps), -1)
    assert explain.map_correlation(maps, np.zeros_like(maps)).tolist() == [0.0] * 5
    assert np.abs(explain.map_correlation(maps, RNG.random((5, 9, 7)))).max() < 0.5
    shared = 5 * RNG.random((1, 9, 7))
    first, second = shared + RNG.random((5, 9, 7)), shared + RNG.random((5, 9, 7))
    assert explain.map_correlation(first, second).min() > 0.7
    assert np.abs(explain.map_correlation(first, second, centred=True)).max() < 0.5
    with pytest.raises(ValueError, match="two arrays of maps"):
        explain.map_correlation(maps, maps[:3])
