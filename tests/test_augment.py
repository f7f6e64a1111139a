"""Augmentation: what may change does, as often as it says, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from labs_lib import augment

CLIPS, BANDS, FRAMES = 400, 12, 20
RNG = np.random.default_rng(0)
X = RNG.standard_normal((CLIPS, BANDS, FRAMES, 1)).astype(np.float32)
Y = np.eye(5, dtype=np.float32)[RNG.integers(0, 5, CLIPS)]

STEPS: dict[str, Callable[[], augment.Augment]] = {
    "time shift": augment.time_shift,
    "pitch shift": lambda: augment.pitch_shift(2),
    "level shift": lambda: augment.level_shift(0.3),
    "bands": lambda: augment.mask_bands(4, 2),
    "frames": lambda: augment.mask_frames(6, 2),
    "mixup": lambda: augment.mixup(0.4),
    "chain": lambda: augment.chain(augment.time_shift(), augment.mask_bands(4), augment.mixup(0.4)),
}


def _seed(*numbers: int) -> tf.Tensor:
    return tf.constant(numbers, dtype=tf.int32)


def _apply(step: augment.Augment, seed: int = 1, x: np.ndarray = X) -> tuple[np.ndarray, np.ndarray]:
    new_x, new_y = step(tf.constant(x), tf.constant(Y[: len(x)]), _seed(seed, 2))
    return new_x.numpy(), new_y.numpy()


@pytest.mark.parametrize("name", STEPS)
class TestEveryStep:
    def test_shapes_stay_and_labels_stay_distributions(self, name: str) -> None:
        x, y = _apply(STEPS[name]())
        assert x.shape == X.shape
        assert x.dtype == np.float32
        assert np.all(y >= 0)
        np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-6)
        assert not np.array_equal(x, X)

    def test_the_seed_decides(self, name: str) -> None:
        one, same, other = (_apply(STEPS[name](), seed) for seed in (1, 1, 3))
        assert np.array_equal(one[0], same[0])
        assert np.array_equal(one[1], same[1])
        assert not np.array_equal(one[0], other[0])

    def test_it_does_the_same_inside_a_compiled_program(self, name: str) -> None:
        compiled = tf.function(STEPS[name](), reduce_retracing=True)
        for clips in (CLIPS, 7):  # 7: the smaller last batch of an epoch
            for mine, eager in zip(
                _apply(compiled, x=X[:clips]), _apply(STEPS[name](), x=X[:clips]), strict=True
            ):
                np.testing.assert_allclose(mine, eager, rtol=1e-6, atol=1e-7)

    def test_clips_of_a_batch_are_changed_differently(self, name: str) -> None:
        x, y = _apply(STEPS[name](), x=np.repeat(X[:1], 50, axis=0))
        outcomes = np.concatenate([x.reshape(50, -1), y - Y[:50]], axis=1)
        assert len(np.unique(outcomes.round(4), axis=0)) >= 5


@pytest.mark.parametrize("name", sorted(set(STEPS) - {"mixup", "chain"}))
def test_steps_that_do_not_mix_leave_class_numbers_alone(name: str) -> None:
    labels = tf.range(CLIPS)
    _, y = STEPS[name]()(tf.constant(X), labels, _seed(1, 2))
    assert np.array_equal(y, labels)


def test_a_chain_gives_each_step_a_seed_of_its_own() -> None:
    seeds = []

    def remember(x: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        seeds.append(tuple(seed.numpy()))
        return x + 1, y

    x, _ = _apply(augment.chain(remember, remember, remember))
    np.testing.assert_allclose(x, X + 3, rtol=1e-6)
    assert len(set(seeds)) == 3


def test_a_time_shift_rolls_each_clip_and_every_shift_is_equally_likely() -> None:
    x, y = _apply(augment.time_shift())
    shifts = [
        [shift for shift in range(FRAMES) if np.array_equal(np.roll(old, shift, axis=1), new)]
        for old, new in zip(X, x, strict=True)
    ]
    assert all(len(found) == 1 for found in shifts)
    counts = np.bincount(np.ravel(shifts), minlength=FRAMES)
    assert counts.min() > 0
    assert counts.max() < 3 * CLIPS / FRAMES
    assert np.array_equal(y, Y)


def test_a_pitch_shift_moves_bands_and_repeats_the_outermost() -> None:
    x, _ = _apply(augment.pitch_shift(2))
    padded = np.pad(X, ((0, 0), (2, 2), (0, 0), (0, 0)), mode="edge")
    shifts = [
        next(s for s in range(-2, 3) if np.array_equal(old[2 - s : 2 - s + BANDS], new))
        for old, new in zip(padded, x, strict=True)
    ]
    assert np.bincount(np.array(shifts) + 2).min() > CLIPS / 5 / 2


def test_a_level_shift_adds_one_number_a_clip() -> None:
    x, _ = _apply(augment.level_shift(0.3))
    added = (x - X).reshape(CLIPS, -1)
    np.testing.assert_allclose(added, added[:, :1].repeat(added.shape[1], axis=1), atol=1e-5)
    assert added[:, 0].std() == pytest.approx(0.3, rel=0.15)
    assert added[:, 0].mean() == pytest.approx(0, abs=0.06)


@pytest.mark.parametrize(("make", "axis"), [(augment.mask_bands, 1), (augment.mask_frames, 2)])
class TestMasks:
    def test_one_mask_hides_a_stretch_of_every_width(self, make: Callable, axis: int) -> None:
        x, y = _apply(make(5))
        hidden = np.all(x == 0, axis=(3, 3 - axis))  # (clips, places)
        assert np.array_equal(x, np.where(np.expand_dims(hidden, (3, 3 - axis)), 0, X))
        assert np.array_equal(y, Y)
        assert np.all(np.sum(np.diff(hidden.astype(int), prepend=0, axis=1) == 1, axis=1) <= 1)
        widths = np.bincount(hidden.sum(axis=1), minlength=6)
        assert len(widths) == 6
        assert widths.min() > CLIPS / 6 / 2

    def test_every_place_can_be_hidden(self, make: Callable, axis: int) -> None:
        x, _ = _apply(make(5))
        share = np.all(x == 0, axis=(3, 3 - axis)).mean(axis=0)
        assert share.min() > 0
        assert share[len(share) // 2] == pytest.approx(2.5 / (len(share) - 2), rel=0.5)

    def test_two_masks_hide_more(self, make: Callable, axis: int) -> None:
        one, two = (np.mean(_apply(make(5, masks))[0] == 0) for masks in (1, 2))
        assert 1.5 * one < two <= 2.2 * one

    def test_a_mask_as_wide_as_the_picture_may_hide_it_all(self, make: Callable, axis: int) -> None:
        x, _ = _apply(make(X.shape[axis]))
        assert np.any(np.all(x == 0, axis=(1, 2, 3)))


class TestMixup:
    def test_labels_are_mixed_as_the_clips_are(self) -> None:
        # Inputs that are their own labels show that both get the same partner and the same weight.
        x, y = augment.mixup(1.0)(tf.constant(Y[:, :, None, None]), tf.constant(Y), _seed(1, 2))
        np.testing.assert_allclose(x[:, :, 0, 0], y, rtol=1e-6)

    def test_a_clip_keeps_the_larger_share(self) -> None:
        _, y = _apply(augment.mixup(1.0))
        assert np.all(np.sum(y * Y, axis=1) >= 0.5)

    @pytest.mark.parametrize("alpha", [0.1, 0.4, 2.0])
    def test_the_weights_follow_the_beta_distribution(self, alpha: float) -> None:
        from scipy.stats import beta

        clips = 4000
        _, y = augment.mixup(alpha)(tf.zeros((clips, 1, 1, 1)), tf.eye(clips), _seed(1, 2))
        shares = np.diag(y.numpy())  # a label for each clip: its own share can be read off
        for level in (0.55, 0.7, 0.9, 0.99):
            expected = 2 * beta.sf(level, alpha, alpha)  # of max(w, 1 - w)
            assert np.mean(shares > level) == pytest.approx(expected, abs=4 * 0.5 / np.sqrt(clips))

    def test_class_numbers_are_refused(self) -> None:
        with pytest.raises(ValueError, match=r"mixup needs class probabilities.*int32 labels"):
            augment.mixup(0.2)(tf.constant(X), tf.zeros(CLIPS, tf.int32), _seed(1, 2))

    def test_small_alphas_leave_no_gaps(self) -> None:
        x, y = _apply(augment.mixup(0.001))
        assert np.isfinite(x).all()
        assert np.isfinite(y).all()


def test_a_network_is_trained_on_a_data_set_that_mixes_its_batches() -> None:
    steps = augment.chain(augment.time_shift(), augment.mask_bands(3), augment.mixup(0.4))

    def losses() -> list[float]:
        keras.utils.set_random_seed(3)
        convolution = keras.layers.Conv2D(3, 3, activation="relu")
        parts = [convolution, keras.layers.Flatten(), keras.layers.Dense(5, activation="softmax")]
        model = keras.Sequential([keras.Input(X.shape[1:]), *parts])
        model.compile("adam", "categorical_crossentropy")
        batches = tf.data.Dataset.from_tensor_slices((X[:60], Y[:60])).batch(8)
        seeds = tf.data.Dataset.random(seed=3, rerandomize_each_iteration=True).batch(2)
        together = tf.data.Dataset.zip(batches, seeds.map(lambda pair: tf.cast(pair, tf.int32)))
        changed = together.map(lambda batch, pair: steps(*batch, pair))
        return model.fit(changed, epochs=10, shuffle=False, verbose=0).history["loss"]

    first = losses()
    assert np.isfinite(first).all()
    assert first[-1] < first[0]
    assert losses() == first
