"""Figures of lab 06 show what they were given, and say it in their alt text."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from labs_lib import features, plots

RATE = 22_050
TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)


def test_samples_lie_on_levels_of_the_converter() -> None:
    ax = plots.sampling(440, 4000, 9)
    (points,) = (line for line in ax.lines if line.get_marker() == "o")
    values = np.asarray(points.get_ydata(), dtype=float)
    np.testing.assert_allclose(4 * values, np.round(4 * values), atol=1e-12)
    assert len(values) == 41
    exact = np.sin(2 * np.pi * 440 * np.asarray(points.get_xdata(), dtype=float) / 1000)
    assert np.abs(values - exact).max() <= 1 / 8 + 1e-12
    assert "41 samples" in plots.alt_text(ax.figure)


def test_all_coefficients_give_the_spectrum_back_and_few_its_outline() -> None:
    level = features.log_mel(TONE, RATE)[:, 20]
    for count, close in ((128, True), (13, False)):
        ax = plots.envelope(level, features.mfcc(TONE, RATE, count)[:, 20], RATE)
        spectrum, kept = (np.asarray(line.get_ydata(), dtype=float) for line in ax.lines)
        np.testing.assert_allclose(spectrum, level)
        assert bool(np.abs(spectrum - kept).max() < 0.01) == close
        assert f"{count} coefficients" in plots.alt_text(ax.figure)


def test_a_track_has_four_pictures_with_units() -> None:
    axes = plots.track_panel(TONE, RATE, features.mfcc(TONE, RATE, 13), title="a tone")
    assert axes.shape == (2, 2)
    labels = {ax.get_xlabel() for ax in axes.flat} | {ax.get_ylabel() for ax in axes.flat}
    assert {"time (s)", "frequency (Hz)", "amplitude", "coefficient"} <= labels
    assert re.search(r"strongest is 4[34]\d Hz", plots.alt_text(axes[0, 0].figure))


def test_the_leak_is_the_distance_between_two_marks() -> None:
    ax = plots.leak({"dense": (0.4, 0.8), "CNN": (0.5, 0.7)}, 0.1)
    grouped, mixed = (np.asarray(line.get_xdata(), dtype=float) for line in ax.lines[:2])
    assert (grouped.tolist(), mixed.tolist()) == ([0.4, 0.5], [0.8, 0.7])
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["dense", "CNN"]
    assert "adds 0.30" in plots.alt_text(ax.figure)


@pytest.mark.parametrize("segments", [1, 12])
def test_a_song_over_time_names_its_most_probable_classes(segments: int) -> None:
    probabilities = np.full((segments, 5), 0.05)
    probabilities[:, 3] = 0.8
    ax = plots.song(np.arange(segments) * 3.0, 3.0, probabilities, ["a", "b", "c", "d", "e"], most=2)
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_texts()[0].get_text() == "d (mean 0.80)"
    assert len(legend.get_texts()) == 2
    assert ax.get_xlim() == (0, 3.0 * segments)
    assert "d 0.80" in plots.alt_text(ax.figure)
    plt.close("all")
