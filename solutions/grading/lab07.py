"""Lab 07, the instructor's side: what a graded run draws, and what is checked beyond the students' checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from labs_engine.grade.in_sandbox.limits import Limits

# Where features of sounds are computed: what numba compiles for them is compiled there once.
WARM_UP = ("runs", "checks")
# What the lab imports beside the libraries of all labs.
PRELOAD = ("labs_lib.explain",)

LIMITS = Limits(cell_seconds=120, seconds=900, memory_mb=6000)


def sample_parameters(rng: np.random.Generator) -> dict[str, Any]:
    """Return the parameters of one run: few tracks, short states, one epoch, few maps."""
    return {
        "source": "standin",
        "seed": int(rng.integers(1, 10_000)),
        # One value: what is drawn here changes no answer, and the features are computed once and kept.
        "tracks_per_genre": 4,
        "units": int(rng.integers(6, 24)),
        "epochs": 1,
        "batch_size": int(rng.integers(24, 48)),
        "n_explained": 12,
        "noisy_copies": 1,
        "n_random": 2,
    }


def prepare(parameters: Mapping[str, Any]) -> None:
    """Synthesise the tracks and compute their features, before any run asks for them."""
    from labs_lib.datasets import gtzan

    tracks = gtzan.load(None, parameters["source"], tracks_per_genre=parameters["tracks_per_genre"])
    for kind in ("mfcc", "log_mel", "log_stft"):
        gtzan.segments(tracks, kind=kind)


# Each answer is a function that is tried out, or follows from the drawn parameters: the students' checks see it all.
HIDDEN: dict[str, Any] = {}
