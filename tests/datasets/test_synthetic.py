"""Points drawn from known distributions."""

from __future__ import annotations

import numpy as np

from labs_lib.datasets import synthetic


def test_the_clouds_have_the_means_and_variances_asked_for() -> None:
    zero, one = synthetic.gaussians(50_000, center=1.5, variance_0=4.0, variance_1=0.5, seed=4)
    for cloud, mean, variance in ((zero, -1.5, 4.0), (one, 1.5, 0.5)):
        assert cloud.shape == (50_000, 2)
        np.testing.assert_allclose(cloud.mean(axis=0), mean, atol=0.03)
        np.testing.assert_allclose(np.cov(cloud.T), variance * np.eye(2), atol=0.06)


def test_the_clouds_depend_on_their_seed_alone() -> None:
    one, same, other = (synthetic.gaussians(10, 1, 4, 3, seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
