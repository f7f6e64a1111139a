"""Lab 03: networks, and agreement with formulas, as several of its checks need them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array
from labs_engine.declare.framework import Context

Answers = SimpleNamespace
Probes = Callable[[Context], Sequence[tuple[Any, ...]]]
Formula = Callable[..., Any]

TABLE = Array((None, None))


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return σ(z), entry by entry."""
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


def sigmoid_slope(z: np.ndarray) -> np.ndarray:
    """Return the derivative of σ at z, entry by entry."""
    return sigmoid(z) * (1 - sigmoid(z))


def _sizes(ctx: Context, stream: int) -> list[tuple[int, int, int]]:
    """Return the run's sizes, and others that differ from each other."""
    n, m, q = (int(size) for size in ctx.rng(stream).permutation(np.arange(2, 8))[:3])
    return [(ctx["n"], ctx["m"], ctx["q"]), (n, m, q)]


def networks(ctx: Context, stream: int) -> list[tuple[Any, ...]]:
    """Return networks as tuples of W1, W2, x and y."""
    rng = ctx.rng(100 + stream)
    return [
        (
            rng.normal(0, 1.5 / np.sqrt(n), (m, n)),
            rng.normal(0, 1.5 / np.sqrt(m), (q, m)),
            rng.normal(0, 1, n),
            rng.normal(0, 1, q),
        )
        for n, m, q in _sizes(ctx, stream)
    ]
