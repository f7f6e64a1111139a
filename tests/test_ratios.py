"""What is faster or smaller than the plain way stays so: ratios, both ways measured here and in turn.

A limit is about half of the gain that was measured when it was set (`benchmarks/README.md` has the figures), so
that a busy machine does not break it and a lost optimisation does. The results must be equal as well.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import baseline
import numpy as np
import pytest
import steps
from jupyter_client.manager import KernelManager

from labs_engine.run.kernels import fork
from labs_lib import features, programs
from labs_lib.datasets import esc50
from labs_lib.features.rows import RowsWriter, read_rows


def _ratio(
    plainly: Callable[[], Any],
    ours: Callable[[], Any],
    rounds: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return how often ours fits into the plain way's time: the least of some rounds, taken in turn."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for index, function in enumerate((plainly, ours)):
            start = clock()
            function()
            best[index] = min(best[index], clock() - start)
    return best[0] / best[1]


@pytest.fixture(scope="module")
def clips() -> Sequence[Path]:
    paths = esc50.load().paths[:20]
    baseline.mel(paths[:1])
    _mel(paths[:1])
    return paths


def _mel(paths: Sequence[Path]) -> np.ndarray:
    return features.clips_mel_power(paths, baseline.RATE, progress=False)


def test_features_of_files(clips: Sequence[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    caches = iter(range(10))

    def cold() -> np.ndarray:
        monkeypatch.setenv("LABS_CACHE", str(tmp_path / str(next(caches))))
        return _mel(clips)

    np.testing.assert_allclose(cold(), baseline.mel(clips), rtol=1e-4, atol=1e-14)
    # The work, and not the time: of two threads a busy machine may run one.
    assert _ratio(lambda: baseline.mel(clips), cold, clock=time.process_time) > 1.1
    assert _ratio(lambda: baseline.mel(clips), lambda: _mel(clips)) > 20, "kept features are computed anew"


def test_kept_segments(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(0, 50, (500, 130, 13)).astype(np.float32)
    baseline.to_json(x, tmp_path / "x.json")
    writer = RowsWriter(tmp_path, x.shape[1:])
    writer.append(x, np.arange(len(x)))
    writer.finish()
    size = (tmp_path / "x.json").stat().st_size / (tmp_path / "x.npy").stat().st_size
    assert size > 9
    np.testing.assert_array_equal(read_rows(tmp_path).x, baseline.from_json(tmp_path / "x.json"))
    ratio = _ratio(lambda: baseline.from_json(tmp_path / "x.json"), lambda: np.array(read_rows(tmp_path).x))
    assert ratio > 40


@pytest.mark.parametrize(
    ("name", "epochs", "least"), [("lab 01, 1-5-5-1", 40, 1.5), ("lab 04, 120-256-10", 3, 1.5)]
)
def test_training(name: str, epochs: int, least: float) -> None:
    plainly, ours = (steps.trainer(steps.NETWORKS[name], way) for way in ("plain", "ours"))
    ours(1)  # a second network of the same layout is not compiled anew
    assert _ratio(lambda: plainly(epochs), lambda: ours(epochs), rounds=1) > least


def test_a_second_training_of_one_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_shared", type(programs._shared)())
    steps.trainer(steps.NETWORKS["lab 01, 1-5-5-1"], "ours")(1)  # what TensorFlow does once
    train = steps.trainer(steps.NETWORKS["lab 02, 2-10-10-1"], "ours")
    first, second = train(2), train(2)
    print(f"first {first:.2f} s, second {second:.2f} s")
    assert first / second > 1.7


def test_opening_the_package() -> None:
    def run(code: str) -> None:
        subprocess.run([sys.executable, "-c", code], check=True)

    assert _ratio(lambda: run("import numpy"), lambda: run("import labs_lib"), rounds=5) > 1.5
    # A second is left to every command that computes nothing; one slow import among its own takes more.
    assert _ratio(lambda: run("import pandas"), lambda: run("import labs_engine.cli"), rounds=5) > 0.5


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")
def test_start_of_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def to_first_network() -> float:
        start = time.perf_counter()
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=120)
        client.execute_interactive("import keras; keras.Input((1,));", timeout=120, output_hook=print)
        seconds = time.perf_counter() - start
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        return seconds

    for name in fork.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with fork.kernel_server():
        to_first_network()  # the server loads the libraries for the first kernel
        forked = to_first_network()
    assert to_first_network() / forked > 2.5
