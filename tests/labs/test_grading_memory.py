"""A worker that grades all day does not grow."""

from __future__ import annotations

import gc

import psutil

from labs_engine.declare.course import find_lab
from labs_engine.declare.parameters import resolve
from labs_engine.grade.declaration import asked_of
from labs_engine.session.lab import Lab


def _megabytes() -> float:
    gc.collect()
    return psutil.Process().memory_info().rss / 1e6


def test_what_a_run_is_told_leaves_nothing_behind() -> None:
    spec = find_lab("01")  # optimisers are among its probes

    def tell(seed: int) -> None:
        asked_of(spec, Lab(spec, resolve(spec.parameters, {"seed": seed})).context)

    for seed in range(10):
        tell(seed)
    before = _megabytes()
    for seed in range(100):
        tell(seed)
    assert _megabytes() - before < 10
