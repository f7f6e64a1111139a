"""Lab 01, the instructor's side: what a graded run draws, and what is checked beyond the students' checks."""

from __future__ import annotations

from typing import Any

import numpy as np


def draw(rng: np.random.Generator) -> dict[str, Any]:
    """Return the parameters of one run: other data, another network, fewer epochs than a student trains."""
    return {
        "seed": int(rng.integers(1, 10_000)),
        "n_samples": 32 * int(rng.integers(10, 17)),  # whole batches: one program less to compile at each training
        "slope": round(float(rng.uniform(1.0, 3.0)), 2),
        "intercept": round(float(rng.uniform(0.6, 1.6)), 2),
        "noise": round(float(rng.uniform(0.1, 0.3)), 3),
        "hidden": int(rng.integers(4, 9)),
        "epochs": int(rng.integers(40, 60)),
        "more_epochs": int(rng.integers(80, 120)),
        "n_seeds": 1,
        "holdout": round(float(rng.uniform(0.2, 0.4)), 2),
    }


# Each answer is a function that is tried out, or follows from the drawn parameters: the students' checks see it all.
HIDDEN: dict[str, Any] = {}
