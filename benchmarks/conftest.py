"""Pairs of benchmarks: the plain way and ours in one run, equal results, ratio, peak memory.

A test takes part by the mark `benchmark(group=...)` and a parameter `way` that is 'plain' or
'ours', and hands its result to `pairs.compare`. After the run a table shows each pair.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from labs_engine.run.watching import PeakMemory

_PAIRS = pytest.StashKey["Pairs"]()


class Pairs:
    """What the two ways of each group gave, and the memory that they took."""

    def __init__(self) -> None:
        self.results: dict[str, Any] = {}
        self.peaks: dict[tuple[str, str], float] = {}

    def run(
        self,
        benchmark: Any,
        way: str,
        function: Callable[[], Any],
        *,
        rounds: int = 3,
        before: Callable[[], object] = lambda: None,
    ) -> Any:
        """Measure a function: its memory in a round of its own, then its time."""
        before()
        process = psutil.Process()
        start = process.memory_info().rss
        with PeakMemory(lambda: process.memory_info().rss, every=0.002) as memory:
            function()
        self.peaks[benchmark.group, way] = (memory.peak - start) / 1e6
        return benchmark.pedantic(function, setup=lambda: before() and None, rounds=rounds)

    def compare(self, group: str, result: np.ndarray, **tolerance: float) -> None:
        """Hold the second way's result against the first's."""
        if group in self.results:
            np.testing.assert_allclose(result, self.results[group], **tolerance)
        self.results[group] = result


@pytest.fixture(scope="session")
def pairs(pytestconfig: pytest.Config) -> Pairs:
    """The pairs of this run."""
    return pytestconfig.stash.setdefault(_PAIRS, Pairs())


@pytest.fixture(scope="session", autouse=True)
def _own_cache() -> Iterator[None]:
    before = os.environ.get("LABS_CACHE")
    folder = tempfile.mkdtemp(prefix="labs-benchmark-")
    os.environ["LABS_CACHE"] = folder
    yield
    shutil.rmtree(folder)
    os.environ.pop("LABS_CACHE")
    if before:
        os.environ["LABS_CACHE"] = before


@pytest.fixture(scope="session")
def forget_features(_own_cache: None) -> Callable[[], None]:
    """Removes all kept features, so that the next call computes them."""
    return lambda: shutil.rmtree(Path(os.environ["LABS_CACHE"]) / "features", ignore_errors=True)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print each pair: times, ratio, peak memory."""
    pairs = config.stash.get(_PAIRS, None)
    session = getattr(config, "_benchmarksession", None)
    if pairs is None or session is None:
        return
    medians: dict[str, dict[str, float]] = {}
    for done in session.benchmarks:
        if done.params and "way" in done.params:
            medians.setdefault(done.group, {})[done.params["way"]] = done.stats.median
    terminalreporter.section("plain way against ours (median; peak memory above the start)")
    width = max(map(len, medians), default=0)
    for group, ways in medians.items():
        if len(ways) == 2:
            memory = [f"{pairs.peaks[group, way]:7.0f} MB" for way in ("plain", "ours")]
            terminalreporter.write_line(
                f"{group:{width}}  {_seconds(ways['plain'])} {memory[0]}  {_seconds(ways['ours'])} {memory[1]}  "
                f"{ways['plain'] / ways['ours']:7.1f} x"
            )
    terminalreporter.write_line(time.strftime("measured %Y-%m-%d") + f", {psutil.cpu_count()} cores")


def _seconds(value: float) -> str:
    return f"{value:7.2f} s " if value >= 1 else f"{value * 1000:7.2f} ms"
