"""What the notebooks of the tiny course import."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import numpy as np

from labs_engine.session.lab import Lab
from labs_engine.session.lab import open_lab as _open_lab
from tiny_lib.labs import COURSE


def open_lab(name: str, namespace: MutableMapping[str, Any]) -> Lab:
    """Open a lab with the parameters that stand in the notebook."""
    return _open_lab(COURSE, name, namespace)


def points(
    n_samples: int, slope: float, intercept: float, noise: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return noisy points of a ramp, both of shape (n_samples,)."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-0.5, 0.5, n_samples)
    return x, np.where(x > 0, slope * x + intercept, 0.0) + rng.normal(0, noise, n_samples)
