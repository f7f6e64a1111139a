"""Lab 06, the instructor's side: what a graded run draws, and what is checked beyond the students' checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from labs_engine.grade.in_sandbox.limits import Limits

# Where features of sounds are computed: what numba compiles for them is compiled there once.
WARM_UP = ("runs",)
# What the lab imports beside the libraries of all labs.
PRELOAD = ("labs_lib.classify", "labs_lib.explain", "labs_lib.tracking")

LIMITS = Limits(cell_seconds=120, seconds=900, memory_mb=5000)


def sample_parameters(rng: np.random.Generator) -> dict[str, Any]:
    """Return the parameters of one run: few tracks and coefficients, one network of each kind, one epoch."""
    return {
        "source": "standin",
        "seed": int(rng.integers(1, 10_000)),
        # Few values, since the features of each pair are computed once and kept.
        "tracks_per_genre": int(rng.choice([4, 5])),
        "n_mfcc": int(rng.choice([14, 15, 16])),
        "batch_size": int(rng.integers(24, 48)),
        "mlps": [int(rng.integers(1, 7))],
        "mlp_epochs": 1,
        "cnns": "-".join(str(width) for width in rng.integers(2, 6, 4)),
        "cnn_epochs": 1,
        "explained": 10,
    }


def prepare(parameters: Mapping[str, Any]) -> None:
    """Synthesise the tracks and compute their features, before any run asks for them."""
    from labs_lib.datasets import gtzan

    tracks = gtzan.load(None, parameters["source"], tracks_per_genre=parameters["tracks_per_genre"])
    gtzan.segments(tracks, n_mfcc=parameters["n_mfcc"])


# Each answer is a function that is tried out, or follows from the drawn parameters: the students' checks see it all.
HIDDEN: dict[str, Any] = {}
