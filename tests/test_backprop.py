"""The network of lab 03: drawn as declared, differences as they should be, timings of the right shape."""

from __future__ import annotations

import numpy as np
import pytest

from labs_lib import backprop


def test_a_network_has_the_sizes_asked_for_and_comes_from_its_seed() -> None:
    net = backprop.random_network(4, 3, 2, seed=1)
    assert [part.shape for part in net] == [(3, 4), (2, 3), (4,), (2,)]
    assert net.W1.dtype == np.float64
    again, other = backprop.random_network(4, 3, 2, seed=1), backprop.random_network(4, 3, 2, seed=2)
    np.testing.assert_array_equal(net.W1, again.W1)
    assert not np.allclose(net.W1, other.W1)


def test_one_sided_differences_of_a_matrix() -> None:
    w = np.array([[1.0, 2.0], [3.0, 4.0]])
    kept = w.copy()
    gradient = backprop.one_sided_gradient(lambda v: float(np.sum(v**2)), w, 1e-3)
    np.testing.assert_allclose(gradient, 2 * kept + 1e-3)  # the error of a one-sided difference is its step
    np.testing.assert_array_equal(w, kept)


def test_the_relative_error_is_relative_to_the_largest_entry() -> None:
    assert backprop.relative_error(np.array([1.0, 9.0]), np.array([2.0, 10.0])) == pytest.approx(0.1)


def test_timed_work_is_the_gradients_of_the_lab() -> None:
    rng = np.random.default_rng(0)
    n, m, q, batch = 5, 4, 3, 7
    W1, W2 = rng.normal(size=(m, n)), rng.normal(size=(q, m))
    x, h, g = (rng.normal(size=(rows, batch)) for rows in (n, m, q))
    dW2, dW1, dx = (work() for work in backprop._gradient_works(W1, W2, x, h, h * (1 - h), g))
    dz = h * (1 - h) * (W2.T @ g)
    np.testing.assert_allclose(dW2, sum(np.outer(g[:, k], h[:, k]) for k in range(batch)))
    np.testing.assert_allclose(dW1, sum(np.outer(dz[:, k], x[:, k]) for k in range(batch)))
    np.testing.assert_allclose(dx, W1.T @ dz)


def test_every_size_gets_a_time() -> None:
    seconds = backprop.time_gradients([(8, 4, 2), (16, 8, 4)], batch=4, repeats=1)
    assert list(seconds) == ["∂E/∂W2", "∂E/∂W1", "∂E/∂x"]
    assert all(values.shape == (2,) and (values > 0).all() for values in seconds.values())
