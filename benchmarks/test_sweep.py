"""A sweep of learning rates, against the loop that a notebook would write."""

from __future__ import annotations

from typing import Any

import baseline
import keras
import numpy as np
import pytest

from labs_lib import models, sweeps

RATES = (0.1, 0.01, 0.001, 0.0001)
EPOCHS, BATCH, UPDATES = 20, 128, 414  # updates of an epoch, all as in lab 04's full profile


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    """As many examples as lab 04 trains on in its full profile: ten clouds in 120 dimensions."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, UPDATES * BATCH)
    return (rng.standard_normal((len(y), 120)) + rng.standard_normal((10, 120))[y]).astype(np.float32), y


def _build() -> keras.Model:
    return models.mlp(120, [256], 10, activation="sigmoid", output_activation="softmax")


def _ours(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    sweep = sweeps.learning_rate_sweep(_build, RATES, x, y, epochs=EPOCHS, batch_size=BATCH, shuffle=False)
    return np.array(list(sweep.curves("loss").values()))


@pytest.mark.benchmark(group="four learning rates, 8280 updates each")
@pytest.mark.parametrize("way", ["plain", "ours"])
def test_sweep(way: str, data: tuple[np.ndarray, np.ndarray], pairs: Any, benchmark: Any) -> None:
    ways = {
        "plain": lambda: baseline.sweep(_build, RATES, *data, EPOCHS, BATCH),
        "ours": lambda: _ours(*data),
    }
    curves = pairs.run(benchmark, way, ways[way], rounds=1)
    # Rounding is amplified from epoch to epoch, at the largest rate most, so the first epochs are compared.
    first = np.concatenate([curves[:1, 0], curves[1:, :3].ravel()])
    pairs.compare(benchmark.group, first, rtol=2e-3)
