"""Lab 01, the instructor's side: what a graded run draws, and what is checked beyond the students' checks."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_lib import models
from labs_engine.declare.context import Context
from labs_engine.declare.framework import Failure
from labs_lib.labs.hidden import untrained, worst_final_loss
from labs_lib.labs.lab01.common import points


def sample_parameters(rng: np.random.Generator) -> dict[str, Any]:
    """Return the parameters of one run: other data, another network, fewer epochs than a student trains."""
    return {
        "seed": int(rng.integers(1, 10_000)),
        "n_samples": 32
        * int(rng.integers(10, 17)),  # whole batches: one program less to compile at each training
        "slope": round(float(rng.uniform(1.0, 3.0)), 2),
        "intercept": round(float(rng.uniform(0.6, 1.6)), 2),
        "noise": round(float(rng.uniform(0.1, 0.3)), 3),
        "hidden": int(rng.integers(4, 9)),
        "epochs": int(rng.integers(40, 60)),
        "more_epochs": int(rng.integers(80, 120)),
        "n_seeds": 1,
        "holdout": round(float(rng.uniform(0.2, 0.4)), 2),
    }


# How much worse than the worst of four trainings here a run may end. Over 120 draws of this file the worked solution
# ended at 0.3 to 2.6 times that loss, an untrained network at 5.2 to 28 times.
_WORSE = 4.0


@lru_cache(maxsize=4)
def _reached(ctx: Context) -> float:
    """Return the loss that the training of TODO 6 reaches here, at its worst.

    One of the trainings begins as the lab does, at the run's own seed: where all units die early, so that the mean
    is all that is learned, they do so here as well.
    """
    import keras

    x, y = points(ctx)
    model = models.mlp(1, [ctx["hidden"]] * 2, 1)
    model.compile(keras.optimizers.SGD(ctx["learning_rate"]), "mse")
    seeds = (ctx["seed"], 1, 2, 3)
    return worst_final_loss(
        model, x[:, None], y, epochs=ctx["epochs"], batch_size=ctx["batch_size"], seeds=seeds
    )


def _too_high(loss: float, ctx: Context) -> Failure | None:
    """Say that a loss after the epochs of TODO 6 is not one that training reaches."""
    if loss <= _WORSE * _reached(ctx):
        return None
    return Failure(f"a loss that {ctx['epochs']} epochs of training reach", f"{loss:.3g}, far above what they give")


def _curve_of_training(answers: SimpleNamespace, ctx: Context) -> Failure | None:
    """The students' checks take any falling curve: here its end is held against training."""
    return _too_high(float(answers.history["loss"][-1]), ctx)


def _trained_network(answers: SimpleNamespace, ctx: Context) -> Failure | None:
    x, y = points(ctx)
    predicted = np.asarray(answers.model(x[:, None])).reshape(-1)
    return untrained(answers.model, ctx["epochs"]) or _too_high(float(np.mean((predicted - y) ** 2)), ctx)


def _both(answers: SimpleNamespace, ctx: Context) -> Failure | None:
    return _trained_network(answers, ctx) or _curve_of_training(answers, ctx)


def _each_was_trained(answers: SimpleNamespace, ctx: Context) -> Failure | None:
    x, y = points(ctx)
    for model, curves in answers.train_fresh:
        if (wrong := untrained(model, len(curves["loss"]))) is not None:
            return wrong
        now = float(np.mean((np.asarray(model(x[:, None])).reshape(-1) - y) ** 2))
        # The curve holds the mean over the last epoch, in which the network went on learning.
        if not 0.8 * now < curves["loss"][-1] < 4 * now:
            return Failure("a curve that ends where its network is", "another last value")
    return None


HIDDEN = {
    "sgd": _both,
    "best": _curve_of_training,
    "learning_curve": _curve_of_training,
    "curve": _trained_network,
    "contributions": _trained_network,
    "fresh": _each_was_trained,
}
