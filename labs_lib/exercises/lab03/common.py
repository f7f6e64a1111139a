"""Lab 03: networks, and agreement with formulas, as several of its checks need them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_lib.exercises.answers import Array
from labs_lib.exercises.framework import Context, Wrong, close

Answers = SimpleNamespace
Probes = Callable[[Context], Sequence[tuple[Any, ...]]]
Formula = Callable[..., Any]

TABLE = Array((None, None))


def agree(given: Any, expected: Any, rtol: float = 1e-4) -> bool:
    """Tell whether two outputs agree in shape and value; a tuple agrees part by part."""
    if isinstance(expected, tuple):
        return len(given) == len(expected) and all(
            agree(g, e, rtol) for g, e in zip(given, expected, strict=True)
        )
    return close(given, expected, rtol=rtol, atol=1e-7)


def _all_agree(given: Sequence[Any], probes: Sequence[tuple[Any, ...]], formula: Formula) -> bool:
    with np.errstate(all="ignore"):
        return all(agree(g, formula(*probe)) for g, probe in zip(given, probes, strict=True))


def like(name: str, probes: Probes, *formulas: Formula, part: int | None = None) -> Any:
    """Return a predicate: the outputs (or one part of them) are those of one of these formulas."""

    def same(a: Answers, ctx: Context) -> bool:
        given = getattr(a, name)
        if part is not None:
            given = [output[part] for output in given]
        return any(_all_agree(given, probes(ctx), formula) for formula in formulas)

    return same


def judge_function(
    name: str, probes: Probes, formula: Formula, expected: str
) -> Callable[[Answers, Context], Wrong | None]:
    """Return a judge for a function that maps an array to an array."""

    def judge(a: Answers, ctx: Context) -> Wrong | None:
        for given, probe in zip(getattr(a, name), probes(ctx), strict=True):
            right = np.asarray(formula(*probe))
            if given.shape != right.shape:
                return Wrong(f"a result of shape {right.shape}", f"shape {given.shape}")
            if not close(given, right, atol=1e-7):
                at = np.unravel_index(int(np.argmax(np.abs(given - right))), right.shape)
                return Wrong(expected, f"a value of {given[at]:.5g} that does not fit")
        return None

    return judge


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
