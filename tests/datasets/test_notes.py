"""Synthetic notes: as declared, and comfortable."""

from __future__ import annotations

import numpy as np
import pytest

from labs_lib.datasets.notes import Notes, harmonic_notes


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
