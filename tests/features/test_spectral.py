"""Spectral features equal librosa's."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import pytest

from labs_lib import audio, features
from labs_lib.features.spectral import Spectral

RATE = 22_050


def _sounds() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    time = np.arange(RATE) / RATE
    return {
        "noise": rng.standard_normal(RATE),
        "quiet noise": 1e-6 * rng.standard_normal(RATE),
        "loud bass, quiet treble": np.sin(2 * np.pi * 60 * time) + 1e-5 * np.sin(2 * np.pi * 9000 * time),
        "click": np.eye(1, RATE, 5000)[0],
        "silence": np.zeros(RATE),
        "short": rng.standard_normal(700),
        "one sample": np.ones(1),
        "whole hops": rng.standard_normal(512 * 40),
    }


SOUNDS = _sounds()
SETTINGS = [{}, {"n_mels": 40, "n_fft": 1024, "hop": 256}, {"n_mels": 64, "fmin": 50.0, "fmax": 8000.0}]


def _librosa_names(settings: dict) -> dict:
    return {("hop_length" if name == "hop" else name): value for name, value in settings.items()}


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("sound", SOUNDS)
@pytest.mark.filterwarnings("ignore:n_fft=")
def test_mel_power_equals_librosa(sound: str, settings: dict) -> None:
    samples = SOUNDS[sound].astype(np.float32)
    expected = librosa.feature.melspectrogram(y=samples, sr=RATE, **_librosa_names(settings))
    power = features.mel_power(samples, RATE, **settings)
    assert power.dtype == np.float32
    np.testing.assert_allclose(power, expected, rtol=1e-4, atol=1e-14)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("sound", SOUNDS)
@pytest.mark.filterwarnings("ignore:n_fft=")
def test_levels_and_mfcc_equal_librosa(sound: str, settings: dict) -> None:
    samples = SOUNDS[sound].astype(np.float32)
    names = _librosa_names(settings)
    power = librosa.feature.melspectrogram(y=samples, sr=RATE, **names)
    for top_db in (80.0, None):
        level = features.log_mel(samples, RATE, top_db=top_db, **settings)
        np.testing.assert_allclose(level, librosa.power_to_db(power, top_db=top_db), atol=1e-3)
    expected = librosa.feature.mfcc(y=samples, sr=RATE, n_mfcc=13, **names)
    coefficients = features.mfcc(samples, RATE, 13, **settings)
    assert coefficients.dtype == np.float32
    np.testing.assert_allclose(coefficients, expected, rtol=1e-4, atol=1e-3)


def test_many_clips_give_what_each_gives_alone() -> None:
    clips = np.stack([SOUNDS["noise"], SOUNDS["click"], SOUNDS["silence"]])
    for function in (features.mel_power, features.log_mel, features.mfcc):
        together = function(clips, RATE)
        assert together.shape[0] == 3
        for row, clip in zip(together, clips, strict=True):
            np.testing.assert_array_equal(row, function(clip, RATE))


def test_more_bands_than_bins_leave_some_empty_as_in_librosa() -> None:
    samples = SOUNDS["noise"].astype(np.float32)
    with pytest.warns(UserWarning, match="Empty filters"):
        expected = librosa.feature.melspectrogram(y=samples, sr=RATE, n_mels=128, n_fft=256)
    with pytest.warns(UserWarning, match="Empty filters"):
        power = features.mel_power(samples, RATE, 128, n_fft=256)
    np.testing.assert_allclose(power, expected, rtol=1e-4)


@pytest.mark.parametrize("shape", [(0,), (2, 3, 4), (0, 100)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected samples"):
        features.mel_power(np.zeros(shape), RATE)


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="even n_fft"):
        Spectral(n_fft=1023)
    with pytest.raises(ValueError, match="hop above 0"):
        Spectral(hop=0)


def test_note_statistics_are_those_of_the_coefficients() -> None:
    samples = SOUNDS["noise"].astype(np.float32)
    how = Spectral(hop=256)
    values = features.mfcc(samples, RATE, 20, hop=256)
    row = features.note_statistics(samples, how)
    assert row.shape == (120,)
    np.testing.assert_allclose(row[:20], values.mean(axis=1), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(row[60:80], values.max(axis=1), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(row[100:], np.diff(values).std(axis=1), rtol=1e-4, atol=1e-4)
    assert np.isfinite(features.note_statistics(samples[:10], how)).all(), (
        "a note of one frame does not change"
    )


def test_real_clips_give_librosas_numbers(real_data: Path) -> None:
    paths = sorted((real_data / "ESC-50-master" / "audio").iterdir())[::40]
    for path in paths:
        samples = audio.load(path, RATE)
        expected = librosa.feature.melspectrogram(y=librosa.load(path, sr=RATE)[0], sr=RATE)
        np.testing.assert_allclose(features.mel_power(samples, RATE), expected, rtol=1e-4, atol=1e-14)


@pytest.mark.parametrize(
    "settings",
    [
        {"fmin": 8000.0, "fmax": 50.0},
        {"fmin": 1000.0, "fmax": 1000.0},
        {"fmin": 11_025.0},
        {"fmin": -1.0},
        {"fmin": float("nan")},
        {"fmax": float("inf")},
        {"fmax": 0.0},
    ],
    ids=str,
)
def test_a_range_without_frequencies_is_refused(settings: dict[str, float]) -> None:
    for function in (features.mel_power, features.log_mel, features.mfcc):
        with pytest.raises(ValueError, match="expected fmin from 0 Hz to below fmax, not fmin="):
            function(SOUNDS["noise"], RATE, **settings)


def test_settings_without_a_rate_or_bands_are_refused() -> None:
    with pytest.raises(ValueError, match="rate and n_mels above 0"):
        Spectral(rate=0)
    with pytest.raises(ValueError, match="rate and n_mels above 0"):
        Spectral(n_mels=0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("clips", [1, 3])
def test_samples_that_are_not_finite_are_an_error(value: float, clips: int) -> None:
    samples = np.tile(SOUNDS["noise"].astype(np.float64), (clips, 1))
    samples[-1, 5000] = value
    samples = samples[0] if clips == 1 else samples
    for function in (features.mel_power, features.log_mel, features.mfcc):
        with pytest.raises(ValueError, match=r"NaN or infinity: 1 of 22,050, the first at 5,000"):
            function(samples, RATE)
    for kind in ("mfcc", "log_stft"):
        with pytest.raises(ValueError, match="NaN or infinity"):
            features.Segments(0.5, 2, kind).of(np.atleast_2d(samples)[-1])
    with pytest.raises(ValueError, match="NaN or infinity"):
        features.note_statistics(np.atleast_2d(samples)[-1], Spectral())
