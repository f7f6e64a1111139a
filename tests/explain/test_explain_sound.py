"""What a mask lets through is heard, the rest is not; what MFCC keep is heard as well."""

from __future__ import annotations

import numpy as np
import pytest

from labs_lib import explain, features

RATE = 16_000
HOW = features.Spectral(rate=RATE, n_mels=64, n_fft=1024, hop=256)
TIME = np.arange(RATE) / RATE
LOW, HIGH = (0.3 * np.sin(2 * np.pi * hertz * TIME).astype(np.float32) for hertz in (300.0, 4000.0))
BOTH = LOW + HIGH
FRAMES = HOW.frames(len(BOTH))


def _level(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples[2000:-2000] ** 2)))


def test_a_mask_of_ones_leaves_the_sound_as_it_was() -> None:
    heard = explain.masked_sound(BOTH, np.ones((FRAMES, 64)), HOW)
    assert (heard.shape, heard.dtype) == (BOTH.shape, np.float32)
    np.testing.assert_allclose(heard, BOTH, atol=1e-5)
    assert np.abs(explain.masked_sound(BOTH, np.zeros((FRAMES, 64)), HOW)).max() == 0


def test_a_mask_over_bands_keeps_one_of_two_tones() -> None:
    mask = np.zeros((FRAMES, 64))
    mask[:, :30] = 1  # bands up to about 1500 Hz
    heard = explain.masked_sound(BOTH, mask, HOW)
    assert _level(heard - LOW) < 0.01 * _level(LOW), "with its phase, so the difference is small"
    turned = explain.masked_sound(BOTH, 1 - mask, HOW)
    assert _level(turned - HIGH) < 0.01 * _level(HIGH)


def test_a_mask_over_time_keeps_its_half() -> None:
    for shape in ((FRAMES, 1), (FRAMES, 64), (2 * FRAMES, 64)):
        mask = np.zeros(shape)
        mask[shape[0] // 2 :] = 1
        heard = explain.masked_sound(BOTH, mask, HOW)
        assert np.abs(heard[: RATE // 2 - 2000]).max() < 1e-3
        np.testing.assert_allclose(heard[RATE // 2 + 2000 :], BOTH[RATE // 2 + 2000 :], atol=1e-3)


def test_bins_between_two_bands_get_what_lies_between() -> None:
    mask = np.tile(np.linspace(0, 1, 64), (3, 1))
    bins = explain.frequency_mask(mask, HOW)
    assert bins.shape == (513, 3)
    assert np.all(np.diff(bins[:, 0]) >= 0)
    assert (bins[0, 0], bins[-1, 0]) == (0, 1)


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (np.ones((64, FRAMES)), "is it turned around"),
        (np.ones((FRAMES, 13)), r"shape \(frames, 64\) or \(frames, 1\)"),
        (np.ones(FRAMES), "expected a mask of shape"),
        (np.full((FRAMES, 64), 2.0), "mask from 0 to 1, found 2 to 2"),
        (np.full((FRAMES, 64), np.nan), "mask from 0 to 1"),
    ],
)
def test_masks_that_do_not_fit_are_refused(mask: np.ndarray, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        explain.masked_sound(BOTH, mask, HOW)


def test_no_sound_is_refused() -> None:
    with pytest.raises(ValueError, match="samples of one sound"):
        explain.masked_sound(np.zeros(0), np.ones((1, 64)), HOW)


def _error(heard: np.ndarray) -> float:
    wanted = features.log_mel(BOTH, RATE, 64, n_fft=1024, hop=256, top_db=40.0)
    found = features.log_mel(heard, RATE, 64, n_fft=1024, hop=256, top_db=40.0)
    return float(np.abs(found - wanted).mean())


def test_log_mel_comes_back_as_a_sound_with_this_spectrogram_and_mfcc_as_a_blurred_one() -> None:
    level = features.log_mel(BOTH, RATE, 64, n_fft=1024, hop=256).T
    coefficients = features.mfcc(BOTH, RATE, 13, n_mels=64, n_fft=1024, hop=256).T
    from_mel = explain.sound_of_log_mel(level, HOW, length=len(BOTH), iterations=8)
    from_mfcc = explain.sound_of_mfcc(coefficients, HOW, length=len(BOTH), iterations=8)
    assert from_mel.shape == from_mfcc.shape == BOTH.shape
    assert _error(from_mel) < 4
    assert _error(from_mfcc) > 2 * _error(from_mel)
    again = explain.sound_of_mfcc(coefficients, HOW, length=len(BOTH), iterations=8)
    np.testing.assert_array_equal(again, from_mfcc)
    all_of_them = features.mfcc(BOTH, RATE, 64, n_mels=64, n_fft=1024, hop=256).T
    assert _error(explain.sound_of_mfcc(all_of_them, HOW, length=len(BOTH), iterations=8)) < 4


def test_features_that_are_turned_around_are_refused() -> None:
    with pytest.raises(ValueError, match="are time and coefficient exchanged"):
        explain.sound_of_mfcc(np.zeros((13, FRAMES + 64)), HOW)
    with pytest.raises(ValueError, match=r"levels of shape \(frames, 64\)"):
        explain.sound_of_log_mel(np.zeros((FRAMES, 13)), HOW)
