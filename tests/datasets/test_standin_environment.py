"""Stand-in for ESC-50: clean sounds."""

from __future__ import annotations

import numpy as np
import soundfile

from labs_lib.datasets import esc50


def test_clips_are_free_of_clipping_offset_and_clicks() -> None:
    for path in esc50.load(source="standin").paths:
        samples = soundfile.read(path)[0]
        peak = np.abs(samples).max()
        assert 0.1 < peak < 0.75, path.name
        assert abs(samples.mean()) < 1e-3 * peak, path.name
        assert np.mean(np.abs(samples) > 0.99 * peak) < 1e-3, f"{path.name} is clipped"
        # A click reaches all frequencies at once: the highest octave would jump far above its usual level.
        highs = np.diff(samples, 2)
        spikes = np.abs(highs).max() / np.sqrt(np.mean(highs**2))
        assert spikes < 40, f"{path.name} clicks"


def test_classes_overlap_in_pitch_and_loudness() -> None:
    clips = esc50.load(source="standin")
    levels = np.array([20 * np.log10(np.std(soundfile.read(path)[0])) for path in clips.paths])
    between = np.std([levels[clips.labels == target].mean() for target in range(10)])
    within = np.mean([levels[clips.labels == target].std() for target in range(10)])
    assert within > between, "loudness alone would tell the classes apart"
