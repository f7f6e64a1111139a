"""Figures of two classes: what is drawn where, and what the alt text says."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer
from matplotlib.contour import QuadContourSet

from labs_lib import plots


@pytest.fixture
def points() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [30, 20])
    return rng.normal(0, 1, (50, 2)) + y[:, None], y


class TestClassScatter:
    def test_classes_differ_in_colour_and_in_marker(self, points: tuple[np.ndarray, np.ndarray]) -> None:
        ax = plots.class_scatter(*points)
        first, second = ax.collections
        np.testing.assert_allclose(first.get_offsets(), points[0][:30])
        np.testing.assert_allclose(second.get_offsets(), points[0][30:])
        assert first.get_facecolor().tolist() != second.get_facecolor().tolist()
        assert len(first.get_paths()[0].vertices) != len(second.get_paths()[0].vertices)
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["class 0", "class 1"]

    def test_the_alt_text_counts_the_points(self, points: tuple[np.ndarray, np.ndarray]) -> None:
        text = plots.alt_text(plots.class_scatter(*points, title="Clouds").figure)
        assert text.startswith("Clouds: scatter plot.")
        assert "class 0: 30 points around" in text
        assert "class 1: 20 points around" in text

    def test_an_empty_class_is_no_error(self) -> None:
        ax = plots.class_scatter(np.zeros((4, 2)), np.zeros(4, dtype=int))
        assert "class 1: 0 points." in plots.alt_text(ax.figure)

    def test_it_draws_on_given_axes_that_share_theirs(self, points: tuple[np.ndarray, np.ndarray]) -> None:
        figure, axes = plt.subplots(1, 2, sharex=True, sharey=True)
        assert plots.class_scatter(*points, ax=axes[1]) is axes[1]
        figure.canvas.draw()
        assert not axes[0].collections


class TestDecisionBoundaries:
    def test_the_boundary_is_where_the_rule_is_zero(self, points: tuple[np.ndarray, np.ndarray]) -> None:
        ax = plots.decision_boundaries(*points, {"circle": lambda p: 4 - np.sum(p**2, axis=1)}, limit=3)
        (contour,) = [drawn for drawn in ax.collections if isinstance(drawn, QuadContourSet)]
        radii = np.linalg.norm(np.concatenate([path.vertices for path in contour.get_paths()]), axis=1)
        np.testing.assert_allclose(radii, 2.0, atol=1e-3)
        assert ax.get_xlim() == ax.get_ylim() == (-3, 3)

    def test_rules_differ_in_line_style_and_are_named(self, points: tuple[np.ndarray, np.ndarray]) -> None:
        rules = {f"rule {k}": (lambda p, k=k: p[:, 0] - 0.3 * k) for k in range(4)}
        legend = plots.decision_boundaries(*points, rules).get_legend()
        lines = legend.get_lines()[-4:]
        assert [text.get_text() for text in legend.get_texts()][-4:] == list(rules)
        assert len({line.get_linestyle() for line in lines}) == 4

    def test_the_alt_text_compares_with_the_first_rule(self, points: tuple[np.ndarray, np.ndarray]) -> None:
        rules = {"half": lambda p: p[:, 0], "quarter": lambda p: np.minimum(p[:, 0], p[:, 1])}
        text = plots.alt_text(plots.decision_boundaries(*points, rules).figure)
        assert "half: class 1 on 50% of the area." in text
        assert "quarter: class 1 on 25% of the area, the same decision as half on 75." in text

    def test_a_rule_that_never_changes_draws_no_line(self, points: tuple[np.ndarray, np.ndarray]) -> None:
        ax = plots.decision_boundaries(*points, {"always": lambda p: np.ones(len(p))})
        assert not any(isinstance(drawn, QuadContourSet) for drawn in ax.collections)
        assert "always: class 1 on 100% of the area" in plots.alt_text(ax.figure)


class TestReliabilityDiagram:
    def test_shares_counts_and_errors(self) -> None:
        p = np.repeat([0.1, 0.3, 0.8], [10, 20, 40])
        y = np.concatenate([np.repeat([1, 0], [k, n - k]) for k, n in ((1, 10), (10, 20), (32, 40))])
        diagram, counts = plots.reliability_diagram(y, {"model": p}, bins=5)
        (bars,) = [drawn for drawn in diagram.containers if isinstance(drawn, ErrorbarContainer)]
        np.testing.assert_allclose(bars[0].get_xdata(), [0.1, 0.3, 0.8])
        np.testing.assert_allclose(bars[0].get_ydata(), [0.1, 0.5, 0.8])
        heights = [patch.get_height() for patch in counts.patches]
        assert heights == [10, 20, 0, 0, 40] or heights == [10, 20, 0, 40, 0]
        low, high = bars[2][0].get_segments()[1][:, 1]
        assert high - low == pytest.approx(2 * np.sqrt(0.3 * 0.7 / 20))

    def test_the_alt_text_says_how_far_it_is_off(self) -> None:
        p = np.repeat([0.25, 0.75], 20)
        y = np.concatenate([np.repeat([1, 0], [k, 20 - k]) for k in (9, 15)])
        axes = plots.reliability_diagram(y, {"model": p}, bins=2)
        text = plots.alt_text(axes[0].figure)
        assert "40 points in 2 bins" in text
        assert "model: on average 0.100 between predicted and observed share; 20 to 20 points a bin." in text

    def test_every_point_is_counted_once(self) -> None:
        p = np.concatenate([np.linspace(0, 1, 21), np.random.default_rng(0).random(79)])
        y = (p > 0.5).astype(int)
        _, counts = plots.reliability_diagram(y, {"a": p, "b": 1 - p})
        assert sum(patch.get_height() for patch in counts.patches) == 200

    def test_it_draws_on_given_axes(self) -> None:
        _, axes = plt.subplots(1, 2)
        y, p = np.array([0, 1, 1]), np.array([0.2, 0.6, 0.9])
        assert plots.reliability_diagram(y, {"model": p}, axes=axes).tolist() == list(axes)
