"""What the exercises of lab 06 share: the tracks and segments of a run, its splits, its networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_lib.exercises.context import Context

Answers = SimpleNamespace
Predicate = Callable[[Answers, Context], bool]

SECONDS, SEGMENTS, RATE, HOP, N_CLASSES = 3, 10, 22_050, 512, 10
FRAMES = 1 + SECONDS * RATE // HOP
SHARE = 0.25  # of the tracks, to choose on and to test on


def tracks(ctx: Context) -> Any:
    """Return the tracks of the run."""
    return _load(ctx["data_home"], ctx["source"], ctx["tracks_per_genre"])


def segments(ctx: Context) -> Any:
    """Return the features of all segments of the run."""
    return _segments(ctx["data_home"], ctx["source"], ctx["tracks_per_genre"], ctx["n_mfcc"])


def apart(ctx: Context) -> Any:
    """Return the split of the run that keeps tracks apart."""
    from labs_lib.datasets import splits

    return splits.by_group(segments(ctx), "track", SHARE, SHARE, seed=ctx["seed"])


@lru_cache(maxsize=2)
def _load(data_home: str | None, source: str, tracks_per_genre: int) -> Any:
    from labs_lib.datasets import gtzan

    return gtzan.load(data_home, source, tracks_per_genre=tracks_per_genre)


@lru_cache(maxsize=2)
def _segments(data_home: str | None, source: str, tracks_per_genre: int, n_mfcc: int) -> Any:
    from labs_lib.datasets import gtzan

    return gtzan.segments(_load(data_home, source, tracks_per_genre), n_mfcc=n_mfcc)


def follows(answer: str, probes: Callable[[Context], Sequence[tuple[Any, ...]]], rule: Any) -> Predicate:
    """Return a predicate: a function's outputs are those of another rule, for every probe.

    Args:
        answer: Name of the answer.
        probes: Its probe inputs.
        rule: What a student who makes the mistake computes from a probe.
    """

    def same(a: Answers, ctx: Context) -> bool:
        given = getattr(a, answer)
        return all(alike(found, rule(*probe)) for found, probe in zip(given, probes(ctx), strict=True))

    return same


def alike(found: Any, wanted: Any, rtol: float = 1e-4, atol: float = 1e-6) -> bool:
    """Tell whether numbers, arrays, or sequences of them agree in shape and value."""
    if isinstance(wanted, tuple | list):
        return len(found) == len(wanted) and all(alike(f, w) for f, w in zip(found, wanted, strict=True))
    first, second = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
    return first.shape == second.shape and bool(np.allclose(first, second, rtol=rtol, atol=atol))
