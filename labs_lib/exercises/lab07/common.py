"""What the exercises of lab 07 share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_lib.exercises.framework import Context, close

Answers = SimpleNamespace
Predicate = Callable[[Answers, Context], bool]


def follows(name: str, probes: Callable[[Context], Sequence[tuple[Any, ...]]], rule: Any) -> Predicate:
    """Return a predicate: for every probe a function of the answers gives what a rule gives.

    Args:
        name: Of the answer, a function.
        probes: Its probes.
        rule: Computes what a certain mistake would give; may give a tuple.
    """

    def same(a: Answers, ctx: Context) -> bool:
        for given, probe in zip(getattr(a, name), probes(ctx), strict=True):
            wanted = rule(*probe)
            pairs = zip(given, wanted, strict=True) if isinstance(wanted, tuple) else [(given, wanted)]
            if not all(close(one, other, rtol=1e-3, atol=1e-5) for one, other in pairs):
                return False
        return True

    return same


def largest_difference(given: np.ndarray, wanted: np.ndarray) -> str:
    """Say where two arrays of one shape differ most."""
    at = np.unravel_index(int(np.argmax(np.abs(given - wanted))), wanted.shape)
    return f"{given[at]:.4g} at place {tuple(int(k) for k in at)}"
