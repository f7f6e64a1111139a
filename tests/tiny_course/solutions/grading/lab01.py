"""Lab 01, the instructor's side."""

from __future__ import annotations

from typing import Any

import numpy as np


def sample_parameters(rng: np.random.Generator) -> dict[str, Any]:
    """Return the parameters of one run."""
    return {
        "seed": int(rng.integers(1, 10_000)),
        "n_samples": int(rng.integers(30, 60)),
        "slope": round(float(rng.uniform(1.0, 3.0)), 2),
        "intercept": round(float(rng.uniform(0.6, 1.6)), 2),
        "noise": round(float(rng.uniform(0.1, 0.3)), 3),
        "hidden": int(rng.integers(6, 12)),
        "holdout": round(float(rng.uniform(0.2, 0.4)), 2),
    }


HIDDEN: dict[str, Any] = {}
