"""Lab 03, the instructor's side: what a graded run draws, and what is checked beyond the students' checks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.context import Context
from labs_engine.declare.framework import Failure
from labs_lib.labs.lab03.training import forward, points, train

def sample_parameters(rng: np.random.Generator) -> dict[str, Any]:
    """Return the parameters of one run: another network, another bowl, other points to train on."""
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
        "largest_layer": 64,
        # Other than the rate that Keras takes by itself; the last batch is smaller than the others.
        "learning_rate": round(float(rng.uniform(0.015, 0.03)), 4),
        "batch_size": int(rng.integers(20, 40)),
        "n_samples": int(rng.integers(150, 300)),
        "epochs": int(rng.integers(10, 20)),
    }


def _network_after_training(answers: SimpleNamespace, ctx: Context) -> Failure | None:
    """The students' check looks at the losses: here the network itself must be where that training ends."""
    x, y = points(ctx)
    settings = ctx["learning_rate"], ctx["epochs"], ctx["batch_size"]
    weights, _ = train(answers.first_weights, x, y, *settings)
    found = np.asarray(answers.network(x))
    if np.allclose(found, forward(weights, x)[-1], rtol=1e-2, atol=2e-3):
        return None
    return Failure("a network with the weights at which this training ends", "one that predicts something else")


# Every other answer is a function that is tried out, or follows from the drawn parameters.
HIDDEN = {"same": _network_after_training}
