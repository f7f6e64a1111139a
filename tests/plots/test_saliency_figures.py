"""Figures of saliency: axes in seconds and coefficient or hertz, the map where it belongs, alt text."""

from __future__ import annotations

import numpy as np
import pytest
from figure_contract import figure_tests

from labs_engine.base.style import alt_text
from labs_lib import plots

RATE, HOP = 22_050, 512
RNG = np.random.default_rng(0)


def _map(shape: tuple[int, int], place: tuple[int, int]) -> np.ndarray:
    saliency = np.zeros(shape)
    saliency[place] = 1.0
    return saliency


FIGURES = {
    "saliency_map": lambda ax: plots.saliency_map(
        _map((130, 13), (50, 3)), RNG.standard_normal((130, 13, 1)), RATE, ax=ax
    ),
    "share_curves": lambda ax: plots.share_curves(
        np.linspace(0, 1, 6), {"a": np.linspace(1, 0, 6), "b": np.full(6, 0.5)}, level=0.1, ax=ax
    ),
    "paired_drops": lambda ax: plots.paired_drops(
        np.array([0.5, 0.3, 0.1]), np.array([0.1, 0.2, 0.3]), ax=ax
    ),
}


test_a_figure_uses_the_axes_it_is_given_labels_them_and_carries_alt_text = figure_tests(FIGURES)


def test_the_map_lies_at_its_moment_and_coefficient() -> None:
    ax = plots.saliency_map(_map((130, 13), (50, 3)), np.zeros((130, 13)), RATE, hop=HOP)
    image = ax.images[1]
    values, (left, right, bottom, top) = image.get_array(), image.get_extent()
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    assert left + (column + 0.5) * (right - left) / 130 == pytest.approx(50 * HOP / RATE)
    assert bottom + (row + 0.5) * (top - bottom) / 13 == pytest.approx(4), "coefficients count from 1"
    assert ax.get_xlim() == pytest.approx((0, 129 * HOP / RATE))
    assert "at 1.2 s and coefficient 4" in alt_text(ax.figure)


def test_mel_bands_have_ticks_in_hertz() -> None:
    ax = plots.saliency_map(_map((130, 128), (10, 60)), np.zeros((130, 128)), RATE)
    assert [int(tick.get_text()) for tick in ax.get_yticklabels()] == [256, 512, 1024, 2048, 4096, 8192]
    assert "at 0.2 s" in alt_text(ax.figure)
    assert " Hz" in alt_text(ax.figure)


def test_a_map_that_is_turned_around_is_refused() -> None:
    with pytest.raises(ValueError, match=r"found \(13, 130\) and \(130, 13\)"):
        plots.saliency_map(np.zeros((13, 130)), np.zeros((130, 13)), RATE)


def test_an_empty_map_is_drawn() -> None:
    assert "holds 0 %" in alt_text(plots.saliency_map(np.zeros((9, 5)), np.zeros((9, 5)), RATE).figure)


def test_the_drops_are_counted_above_the_diagonal() -> None:
    ax = FIGURES["paired_drops"](None)
    assert "67 % lie above the diagonal" in alt_text(ax.figure)
