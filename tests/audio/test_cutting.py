"""Segments of one length, and notes between silences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from labs_lib import audio

RATE = 22_050


def _notes(levels: list[float], noise: float, seconds: float = 0.6, pause: float = 0.5) -> np.ndarray:
    """Return notes with pauses between them, over noise; the k-th starts at 0.3 + k * 1.1 s."""
    rng = np.random.default_rng(0)
    time = np.arange(round(seconds * RATE)) / RATE
    envelope = np.minimum(1, np.minimum(time, time[-1] - time) / 0.02)
    parts = [np.zeros(round(0.3 * RATE))]
    for k, level in enumerate(levels):
        tone = np.sin(2 * np.pi * 110 * 2 ** (k / 12) * time) * (1 + 0.2 * np.sin(2 * np.pi * 6 * time))
        parts += [level * envelope * tone, np.zeros(round(pause * RATE))]
    signal = np.concatenate(parts)
    return (signal + noise * rng.standard_normal(len(signal))).astype(np.float32)


def test_equal_segments_leave_a_shorter_rest_out() -> None:
    samples = np.arange(10)
    assert audio.equal_segments(samples, 3).tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert audio.equal_segments(samples, 11).shape == (0, 11)
    with pytest.raises(ValueError, match="at least one sample"):
        audio.equal_segments(samples, 0)


@pytest.mark.parametrize("noise", [0.0, 1e-4, 0.01])
@pytest.mark.parametrize("gain", [1.0, 0.02])
def test_notes_are_found_at_their_places_whatever_the_level(noise: float, gain: float) -> None:
    signal = gain * (_notes([0.5, 0.2, 0.4, 0.3], noise) + 0.05)  # a constant offset does not matter
    found = audio.split_notes(signal, RATE)
    assert len(found) == 4
    for k, (start, stop) in enumerate(found):
        assert start / RATE == pytest.approx(0.3 + 1.1 * k, abs=0.04)
        assert stop / RATE == pytest.approx(0.9 + 1.1 * k, abs=0.04)


def test_clicks_are_no_notes_and_short_gaps_end_none() -> None:
    signal = _notes([0.4, 0.4], 1e-4, pause=0.8)
    signal[round(1.3 * RATE) : round(1.32 * RATE)] = 0.5  # a key, in the first pause
    signal[round(0.55 * RATE) : round(0.57 * RATE)] = 0  # a hole of 20 ms in the first note
    assert len(audio.split_notes(signal, RATE)) == 2


def test_a_recording_without_pauses_is_one_note() -> None:
    tone = np.sin(np.arange(RATE) * 0.1)
    assert audio.split_notes(tone, RATE) == [(0, RATE)]


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(RATE), np.ones(RATE), np.zeros(30)])
def test_silence_has_no_notes(samples: np.ndarray) -> None:
    assert audio.split_notes(samples, RATE) == []


def test_notes_of_real_scales_and_single_notes(real_data: Path) -> None:
    counts = {}
    for path in sorted((real_data / "uiowa").iterdir()):
        counts[path.name] = len(audio.split_notes(audio.load(path, RATE), RATE))
    assert counts.pop("Tuba.mf.C1B1.aiff") == 12
    assert counts.pop("Tuba.ff.C3C4.aiff") == 13
    assert set(counts.values()) == {1}
    assert len(counts) == 44
