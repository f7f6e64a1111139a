"""Points drawn from known distributions."""

from __future__ import annotations

import numpy as np

from labs_lib.datasets import synthetic


def test_regression_follows_its_rule_with_its_noise() -> None:
    x, y = synthetic.regression(50_000, slope=3.0, intercept=-1.0, noise=0.5, seed=4)
    assert x.dtype == y.dtype == np.float32
    assert x.shape == y.shape == (50_000,)
    assert x.min() >= -0.5
    assert x.max() < 0.5
    residual = y - np.where(x > 0, 3.0 * x - 1.0, 0.0)
    assert abs(residual.mean()) < 0.01
    assert abs(residual.std() - 0.5) < 0.01
    assert abs(np.corrcoef(x, residual)[0, 1]) < 0.02


def test_regression_depends_on_its_seed_alone() -> None:
    one, same, other = (synthetic.regression(10, 2, 1, 0.2, seed) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
