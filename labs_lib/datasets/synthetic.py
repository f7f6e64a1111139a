"""Points drawn from known distributions (labs 01 and 02)."""

from __future__ import annotations

import numpy as np


def gaussians(
    n_per_class: int, center: float, variance_0: float, variance_1: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the two clouds of points of lab 02, one a class.

    Class 0 is a bivariate Gaussian around (-center, -center), class 1 one around
    (center, center). Both coordinates of a class have its variance and are independent.

    Args:
        n_per_class: Number of points of each class.
        center: Both coordinates of class 1's mean; class 0 has the opposite sign.
        variance_0: Variance of each coordinate of class 0.
        variance_1: Variance of each coordinate of class 1.
        seed: Seed of the draw.

    Returns:
        The points of class 0 and those of class 1, each of shape (n_per_class, 2), float32.

    Example:
        >>> cloud_0, cloud_1 = gaussians(500, 1.0, 4.0, 3.0, seed=0)
        >>> cloud_0.shape, cloud_1.mean(axis=0).round()
        ((500, 2), array([1., 1.], dtype=float32))

    See Also:
        notebooks/02_gaussian_classification.ipynb
    """
    rng = np.random.default_rng([seed, 2])
    cloud_0 = -center + np.sqrt(variance_0) * rng.standard_normal((n_per_class, 2))
    cloud_1 = center + np.sqrt(variance_1) * rng.standard_normal((n_per_class, 2))
    return cloud_0.astype(np.float32), cloud_1.astype(np.float32)
