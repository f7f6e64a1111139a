"""Lab 01: the points, and what several exercises need."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.comparison import Run
from labs_engine.declare.framework import Context

Answers = SimpleNamespace


def points(ctx: Context) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of a run, inputs and targets of shape (n,), as the text has them drawn."""
    return _draw(ctx)


@lru_cache(maxsize=4)
def _draw(ctx: Context) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(ctx["seed"])
    x = rng.uniform(-0.5, 0.5, ctx["n_samples"])
    return x, ramp(x, ctx["slope"], ctx["intercept"]) + rng.normal(0, ctx["noise"], len(x))


def ramp(x: np.ndarray, slope: float, intercept: float) -> np.ndarray:
    """Return the rule: 0 up to x = 0, then a line."""
    return np.where(x > 0, slope * x + intercept, 0.0)


def samples(ctx: Context) -> tuple[int]:
    """Return the shape of what has one number for each point."""
    return (ctx["n_samples"],)


def predicted(run: Run, x: np.ndarray) -> np.ndarray:
    """Return what the student's network predicts for inputs of shape (n,), likewise."""
    assert run.given is not None
    return predict(run.given.model, x)


def predict(model: Any, x: np.ndarray) -> np.ndarray:
    """Return what a network predicts for inputs of shape (n,), likewise."""
    return np.asarray(model(np.asarray(x, dtype=np.float32)[:, None])).reshape(-1)


LINEAR = "The y axis is linear: the small losses at the end cannot be told apart. See ax.semilogy or ax.set_yscale."
