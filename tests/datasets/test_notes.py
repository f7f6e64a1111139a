"""Synthetic notes: as declared, comfortable, and with features that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from labs_lib.datasets.notes import Notes, harmonic_notes, note_features


@pytest.fixture(scope="module")
def notes() -> Notes:
    return harmonic_notes(24, seed=3)


def test_notes_are_short_quiet_and_different(notes: Notes) -> None:
    assert notes.signals.shape == (24, 11_025)
    assert notes.signals.dtype == np.float32
    peaks = np.abs(notes.signals).max(axis=1)
    assert peaks.max() <= 0.3
    assert peaks.max() > 3 * peaks.min()
    assert np.abs(notes.signals[:, [0, -1]]).max() < 1e-6  # no click at either end


def test_the_seed_decides(notes: Notes) -> None:
    np.testing.assert_array_equal(notes.signals, harmonic_notes(24, seed=3).signals)
    assert not np.allclose(notes.pitch, harmonic_notes(24, seed=4).pitch)


def test_a_note_has_the_pitch_that_it_is_said_to_have(notes: Notes) -> None:
    for signal, midi in zip(notes.signals, notes.pitch, strict=True):
        power = np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) ** 2
        frequencies = np.fft.rfftfreq(len(signal), 1 / notes.rate)
        harmonic = frequencies / (440 * 2 ** ((midi - 69) / 12))
        near = (np.abs(harmonic - np.round(harmonic)) < 0.1) & (harmonic > 0.5)
        assert power[near].sum() > 0.95 * power.sum()


def test_notes_say_that_they_stand_in(notes: Notes) -> None:
    assert notes.standin
    assert "stand in" in notes.provenance


def test_features_are_named_unscaled_and_finite(notes: Notes) -> None:
    features, names = note_features(notes.signals, notes.rate)
    assert features.shape == (24, len(names)) == (24, 29)
    assert np.isfinite(features).all()
    level = features[:, names.index("RMS level")]
    np.testing.assert_allclose(level, np.sqrt((notes.signals.astype(float) ** 2).mean(axis=1)), rtol=1e-5)
    deviations = features.std(axis=0)
    assert deviations.max() > 1000 * deviations.min()


def test_the_centroid_of_a_pure_tone_is_its_frequency() -> None:
    tone = 0.2 * np.sin(2 * np.pi * 1000 * np.arange(11_025) / 22_050)
    features, names = note_features(tone[None].astype(np.float32), 22_050)
    assert features[0, names.index("centroid (Hz)")] == pytest.approx(1000, rel=0.03)
