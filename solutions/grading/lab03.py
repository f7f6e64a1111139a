"""Lab 03, the instructor's side: what a graded run draws, and what is checked beyond the students' checks."""

from __future__ import annotations

from typing import Any

import numpy as np

# Where features of sounds are computed: what numba compiles for them is compiled there once.
WARM_UP = ("runs",)


def sample_parameters(rng: np.random.Generator) -> dict[str, Any]:
    """Return the parameters of one run: another network, another bowl, few notes."""
    # Sizes that differ, so that no shape is right by coincidence.
    n, m, q = (int(size) for size in rng.choice(np.arange(2, 12), 3, replace=False))
    flat, steep = rng.uniform(0.3, 2.0), rng.uniform(5.0, 12.0)
    a, b = rng.permutation([flat, steep])
    return {
        "seed": int(rng.integers(1, 10_000)),
        "n": n,
        "m": m,
        "q": q,
        "a": round(float(a), 2),
        "b": round(float(b), 2),
        "steps": int(rng.integers(15, 50)),
        "n_notes": int(rng.integers(40, 60)),
        "largest_layer": 64,
    }


# Each answer is a function that is tried out, or follows from the drawn parameters: the students' checks see it all.
HIDDEN: dict[str, Any] = {}
