"""Lab 02, the instructor's side."""

from __future__ import annotations

from typing import Any

import numpy as np


def sample_parameters(rng: np.random.Generator) -> dict[str, Any]:
    """Return the parameters of one run."""
    return {"seed": int(rng.integers(1, 10_000)), "n": int(rng.integers(20, 500))}


HIDDEN: dict[str, Any] = {}
