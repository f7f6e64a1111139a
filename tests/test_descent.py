"""Descent on quadratics: the formulas against what really happens."""

from __future__ import annotations

import numpy as np
import pytest

from labs_lib import descent

CURVATURES = [(1.0, 10.0), (8.0, 0.5), (3.0, 4.0)]


def _run(a: float, b: float, eta: float, steps: int, beta: float = 0.0) -> np.ndarray:
    return descent.heavy_ball(descent.quadratic_gradient(a, b), [2.0, -3.0], eta, beta, steps)


def test_a_step_multiplies_each_coordinate_by_its_factor() -> None:
    path = _run(2.0, 5.0, 0.1, 3)
    assert path.shape == (4, 2)
    np.testing.assert_allclose(path[3], [2 * 0.8**3, -3 * 0.5**3])


def test_the_gradient_is_that_of_the_loss() -> None:
    w, eps = np.array([1.3, -0.4]), 1e-6
    for k in (0, 1):
        step = eps * np.eye(2)[k]
        slope = (descent.quadratic(*(w + step), 2, 5) - descent.quadratic(*(w - step), 2, 5)) / (2 * eps)
        assert descent.quadratic_gradient(2, 5)(w)[k] == pytest.approx(slope)


@pytest.mark.parametrize(("a", "b"), CURVATURES)
def test_the_largest_rate_separates_convergence_from_divergence(a: float, b: float) -> None:
    limit = descent.largest_rate([a, b])
    start = descent.distances(_run(a, b, limit, 0))[0]
    assert descent.distances(_run(a, b, 0.99 * limit, 2000))[-1] < 1e-6 * start
    assert descent.distances(_run(a, b, 1.01 * limit, 2000))[-1] > 1e6 * start


@pytest.mark.parametrize(("a", "b"), CURVATURES)
def test_no_rate_beats_the_best_one_and_its_factor_is_what_one_measures(a: float, b: float) -> None:
    eta, rate = descent.best_rate([a, b])
    others = np.linspace(0.01, 1.2, 500) * descent.largest_rate([a, b])
    assert descent.contraction(others, [a, b]).min() >= rate - 1e-12
    r = descent.distances(_run(a, b, eta, 30))
    np.testing.assert_allclose(r[1:] / r[:-1], rate)
    kappa = max(a, b) / min(a, b)
    assert rate == pytest.approx((kappa - 1) / (kappa + 1))


@pytest.mark.parametrize(("a", "b"), CURVATURES)
def test_momentum_reaches_its_rate_in_the_long_run(a: float, b: float) -> None:
    eta, beta, rate = descent.best_momentum([a, b])
    r = descent.distances(_run(a, b, eta, 300 if rate > 0.3 else 100, beta))
    late = len(r) // 2
    measured = (r[-1] / r[late]) ** (1 / (len(r) - 1 - late))
    assert rate < measured < 1.03 * rate
    assert rate < descent.best_rate([a, b])[1]


def test_steps_needed_are_the_steps_that_it_takes() -> None:
    eta, rate = descent.best_rate([1, 10])
    r = descent.distances(_run(1, 10, eta, 100))
    first = int(np.argmax(r <= r[0] / 1000))
    assert first - 1 < descent.steps_needed(rate, 1000) <= first
