"""The best possible accuracy against closed forms and simulation; grids."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal, ncx2, norm

from labs_lib import evaluation


def _pair(center: float = 1.0, cov_0: Any = 4.0, cov_1: Any = 3.0) -> tuple[Any, Any]:
    return multivariate_normal([-center] * 2, cov_0), multivariate_normal([center] * 2, cov_1)


def _rule(class_0: Any, class_1: Any) -> Any:
    return lambda points: (class_1.logpdf(points) > class_0.logpdf(points)).astype(int)


def _simulated(class_0: Any, class_1: Any, n: int = 400_000) -> tuple[float, float]:
    """The best rule's accuracy on n new points of each class, and its standard error."""
    rule, rng = _rule(class_0, class_1), np.random.default_rng(1)
    right_0 = np.mean(rule(class_0.rvs(n, random_state=rng)) == 0)
    right_1 = np.mean(rule(class_1.rvs(n, random_state=rng)) == 1)
    accuracy = float(right_0 + right_1) / 2
    return accuracy, np.sqrt(accuracy * (1 - accuracy) / (2 * n))


def _closed_form(center: float, v0: float, v1: float) -> float:
    """Round classes: the boundary is a circle, and the mass inside it non-central chi-squared."""
    middle = (v0 + v1) / (v0 - v1) * center  # both coordinates of the circle's centre
    # ln p1 - ln p0 = 0, written as |x - middle|² = radius_squared
    constant = np.log(v0 / v1) + center**2 / v0 - center**2 / v1
    radius_squared = 2 * middle**2 + 2 * v0 * v1 / (v0 - v1) * constant
    inside_0 = ncx2.cdf(radius_squared / v0, 2, 2 * (middle + center) ** 2 / v0)
    inside_1 = ncx2.cdf(radius_squared / v1, 2, 2 * (middle - center) ** 2 / v1)
    # The class with the smaller variance is the one inside.
    accuracy = (1 - inside_0 + inside_1) / 2
    return float(accuracy if v0 > v1 else 1 - accuracy)


COVARIANCES = [
    (4.0, 3.0),
    (3.0, 4.0),
    (1.0, 9.0),
    ([[2.0, 0.8], [0.8, 1.0]], [[1.0, -0.5], [-0.5, 3.0]]),
    ([[2.0, 0.5], [0.5, 1.0]], [[2.0, 0.5], [0.5, 1.0]]),
    ([[1.0, 0.0], [0.0, 2.0]], [[3.0, 0.0], [0.0, 2.0]]),
]


class TestBayesAccuracy:
    @pytest.mark.parametrize(
        ("center", "v0", "v1"), [(1.0, 4.0, 3.0), (0.6, 5.0, 1.0), (1.5, 2.0, 1.9), (0.3, 8.0, 9.0)]
    )
    def test_round_classes_match_the_closed_form(self, center: float, v0: float, v1: float) -> None:
        exact = _closed_form(center, v0, v1)
        assert evaluation.bayes_accuracy(*_pair(center, v0, v1)) == pytest.approx(exact, abs=1e-8)

    @pytest.mark.parametrize("variance", [0.5, 3.0])
    def test_equal_covariances_match_the_linear_rule(self, variance: float) -> None:
        exact = norm.cdf(np.sqrt(2) / np.sqrt(variance))
        assert evaluation.bayes_accuracy(*_pair(1.0, variance, variance)) == pytest.approx(exact, abs=1e-9)

    @pytest.mark.parametrize(("cov_0", "cov_1"), COVARIANCES)
    def test_it_matches_a_simulation(self, cov_0: Any, cov_1: Any) -> None:
        pair = _pair(0.7, cov_0, cov_1)
        simulated, error = _simulated(*pair)
        assert abs(evaluation.bayes_accuracy(*pair) - simulated) < 4 * error

    def test_exchanging_the_classes_changes_nothing(self) -> None:
        first, second = _pair(1.0, [[2.0, 0.8], [0.8, 1.0]], 3.0)
        forward, backward = (evaluation.bayes_accuracy(*pair) for pair in ((first, second), (second, first)))
        assert forward == pytest.approx(backward, abs=1e-9)

    def test_classes_that_coincide_leave_chance(self) -> None:
        assert evaluation.bayes_accuracy(*_pair(0.0, 2.0, 2.0)) == pytest.approx(0.5, abs=1e-9)

    def test_classes_far_apart_are_told_apart(self) -> None:
        assert evaluation.bayes_accuracy(*_pair(20.0)) == pytest.approx(1.0, abs=1e-9)


class TestGrid:
    def test_the_cells_hold_all_of_both_classes(self) -> None:
        for pair in (_pair(), _pair(3.0, [[2.0, 0.8], [0.8, 1.0]], 5.0)):
            points, area = evaluation.plane_grid(*pair)
            assert points.shape == (160_000, 2)
            for distribution in pair:
                assert np.sum(distribution.pdf(points)) * area == pytest.approx(1.0, abs=1e-9)

    @pytest.mark.parametrize(("cov_0", "cov_1"), COVARIANCES)
    def test_the_best_rule_reaches_the_bayes_accuracy(self, cov_0: Any, cov_1: Any) -> None:
        pair = _pair(1.0, cov_0, cov_1)
        reached = evaluation.expected_accuracy(_rule(*pair), *pair)
        assert reached == pytest.approx(evaluation.bayes_accuracy(*pair), abs=1e-4)

    def test_a_straight_boundary_matches_its_closed_form(self) -> None:
        reached = evaluation.expected_accuracy(lambda points: points.sum(axis=1) > 0.4, *_pair(1.0, 4.0, 3.0))
        right_0, right_1 = norm.cdf(2.4 / np.sqrt(8)), norm.cdf(1.6 / np.sqrt(6))
        assert reached == pytest.approx((right_0 + right_1) / 2, abs=1e-3)

    def test_one_class_for_all_is_chance(self) -> None:
        reached = evaluation.expected_accuracy(lambda points: np.ones(len(points)), *_pair())
        assert reached == pytest.approx(0.5, abs=1e-9)

    def test_a_column_of_classes_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"found \(2500, 1\)"):
            evaluation.expected_accuracy(lambda points: points[:, :1] > 0, *_pair(), cells=50)
