"""Points drawn from known distributions (labs 01 and 02)."""

from __future__ import annotations

import numpy as np


def regression(
    n_samples: int, slope: float, intercept: float, noise: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the piecewise linear regression data of lab 01.

    The inputs are uniform on [-0.5, 0.5). The targets follow a line for positive
    inputs and are zero elsewhere; Gaussian noise is added everywhere.

    Args:
        n_samples: Number of points.
        slope: Slope of the line.
        intercept: Value of the line at 0.
        noise: Standard deviation of the noise.
        seed: Seed of the draw.

    Returns:
        Inputs and targets, each of shape (n_samples,), float32.
    """
    rng = np.random.default_rng([seed, 1])
    x = rng.uniform(-0.5, 0.5, n_samples)
    y = np.where(x > 0, slope * x + intercept, 0.0) + noise * rng.standard_normal(n_samples)
    return x.astype(np.float32), y.astype(np.float32)
