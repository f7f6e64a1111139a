"""House style: alt text on every figure, axes passed in and returned."""

from __future__ import annotations

import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
from figure_contract import figure_tests
from matplotlib.image import imread

from labs_engine.base.style import alt_text, figure_html
from labs_lib import plots

RNG = np.random.default_rng(0)
FIGURES = {
    "learning_curves": lambda ax: plots.learning_curves(
        {"a": [3, 2, 1], "b": [2, 1, 2]}, level=0.5, level_label="floor", ax=ax
    ),
    "mel_spectrogram": lambda ax: plots.mel_spectrogram(RNG.normal(size=(64, 40)), 22_050, title="T", ax=ax),
}


test_a_figure_uses_the_axes_it_is_given_labels_them_and_carries_alt_text = figure_tests(FIGURES)


def test_alt_text_tells_the_figures_that_matter() -> None:
    ax = plots.learning_curves({"SGD": [0.5, 0.25, 0.3]}, level=0.04, level_label="noise floor")
    text = alt_text(ax.figure)
    assert "SGD: from 0.5 to 0.3 over 3 epochs, smallest 0.25 at epoch 2." in text
    assert "noise floor at 0.04." in text


def test_the_best_epoch_is_counted_from_one() -> None:
    ax = plots.learning_curves({"accuracy": [0.1, 0.9, 0.8]}, best="max")
    marked = [line for line in ax.lines if line.get_marker() == "o"]
    assert marked[0].get_xydata().tolist() == [[2.0, 0.9]]


def test_curves_differ_by_dashes_as_well_as_by_colour() -> None:
    ax = plots.learning_curves({name: [1, 2] for name in "abcd"}, best=None)
    assert len({line.get_linestyle() for line in ax.lines}) == 4


def test_a_figure_of_a_students_own_still_has_a_description() -> None:
    _, ax = plt.subplots()
    ax.plot([1, 2])
    ax.set(xlabel="time (s)", ylabel="level", title="Mine")
    assert alt_text(ax.figure) == "Figure. Mine: level against time (s)"


def test_html_holds_a_sharp_image_on_light_ground_and_escaped_text() -> None:
    fig, ax = plt.subplots(figsize=(3, 2))
    plots.describe(ax, 'a "quoted" <text>')
    html = figure_html(fig)
    assert 'alt="a &quot;quoted&quot; &lt;text&gt;"' in html
    image = imread(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])), format="png")
    assert image.shape[1] == 2 * int(re.search(r"width:(\d+)px", html)[1])
    assert image[0, 0, :3].min() > 0.95
