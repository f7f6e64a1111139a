"""Figures of descent: what is drawn is what was given, and the alt text tells it."""

from __future__ import annotations

import numpy as np
import pytest
from figure_contract import figure_tests

from labs_engine.base.style import alt_text
from labs_lib import descent, plots


def _path(eta: float, steps: int = 20) -> np.ndarray:
    return descent.gradient_descent(descent.quadratic_gradient(1, 10), [9.0, 3.0], eta, steps)


FIGURES = {
    "descent_contours": lambda ax: plots.descent_contours(1, 10, {"x": _path(0.1), "y": _path(0.15)}, ax=ax),
    "rate_curve": lambda ax: plots.rate_curve(1, 10, ax=ax),
    "convergence": lambda ax: plots.convergence({"x": np.array([4.0, 2.0, 1.0])}, {"x": 0.5}, ax=ax),
    "cost_against_time": lambda ax: plots.cost_against_time(
        {"x": [10, 100], "y": [20, 200]}, {"x": [1e-5, 1e-4], "y": [2e-5, 2e-4]}, ax=ax
    ),
    "difference_errors": lambda ax: plots.difference_errors(
        np.array([1e-4, 1e-2]), {"central": np.array([1e-8, 1e-4])}, ax=ax
    ),
}


test_a_figure_uses_the_axes_it_is_given_labels_them_and_carries_alt_text = figure_tests(FIGURES)


def test_a_path_is_drawn_point_by_point_and_told() -> None:
    path = _path(0.15)
    ax = plots.descent_contours(1, 10, {"path": path})
    np.testing.assert_allclose(ax.lines[0].get_xydata(), path)
    assert "In 20 steps the distance falls from 9.49 to" in alt_text(ax.figure)
    assert "w1 changes sign 0 times, w2 20 times" in alt_text(ax.figure)


def test_a_path_that_runs_away_is_cut_off_outside_the_picture() -> None:
    path = _path(0.3, 400)
    ax = plots.descent_contours(1, 10, {"path": path})
    drawn = ax.lines[0].get_xydata()
    assert len(drawn) < 10
    assert abs(drawn[-1, 1]) > ax.get_ylim()[1]
    assert "the distance grows" in alt_text(ax.figure)


def test_each_panel_shows_one_path() -> None:
    axes = plots.descent_panels(1, 10, {f"rate {eta}": _path(eta) for eta in (0.02, 0.1, 0.15)})
    # The house style, which another test may have set, puts titles on the left.
    titles = [ax.get_title() or ax.get_title(loc="left") for ax in axes]
    assert titles == ["rate 0.02", "rate 0.1", "rate 0.15"]
    assert alt_text(axes[0].figure).count("minimum at a star") == 3


@pytest.mark.parametrize(("a", "b"), [(1, 10), (8, 0.5)])
def test_the_rate_curve_marks_the_three_rates(a: float, b: float) -> None:
    ax = plots.rate_curve(a, b)
    marks = {line.get_marker(): line.get_xydata()[0] for line in ax.lines if len(line.get_xdata()) == 1}
    np.testing.assert_allclose(marks["o"], descent.best_rate([a, b]))
    np.testing.assert_allclose(marks["X"], [2 / max(a, b), 1])
    np.testing.assert_allclose(marks["v"], [1 / max(a, b), 1 - min(a, b) / max(a, b)])


def test_the_line_of_constant_speed_runs_through_the_large_sizes() -> None:
    ax = plots.cost_against_time({"x": [1e3, 1e5, 1e7]}, {"x": [1e-5, 1e-4, 1e-3]})
    assert "10·10⁹ a second" in [text.get_text() for text in ax.get_legend().get_texts()]
    assert "up to 1e+02 times above it" in alt_text(ax.figure)
