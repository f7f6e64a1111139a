"""Training the networks of the labs at the published settings: Keras's `model.fit` against the accelerated one.

Both make the same updates: same batches (not shuffled), same number, float32. What is compared are
the losses after each epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
from steps import asked, lstm

from labs_lib import models, training

WAYS = ["plain", "ours"]


class Case(NamedTuple):
    """What is trained, and how long.

    Attributes:
        build: Returns the network.
        shape: Shape of one input.
        examples: Number of examples.
        batch_size: Examples of an update.
        epochs: Passes over them.
        rate: Learning rate of Adam.
    """

    build: Callable[[], keras.Model]
    shape: tuple[int, ...]
    examples: int
    batch_size: int
    epochs: int
    rate: float


def _instruments() -> keras.Model:
    return models.mlp(120, [256], 10, activation="sigmoid", output_activation="softmax")


CASES = {
    "instrument MLP, 66 247 x 120, batch 128, 10 epochs": Case(_instruments, (120,), 66_247, 128, 10, 0.001),
    "the same, 40 epochs": Case(_instruments, (120,), 66_247, 128, 40, 0.001),
    "lab 01, 1000 x 1, batch 32, 200 epochs": Case(
        lambda: models.mlp(1, [5, 5], 10, output_activation="softmax"), (1,), 1000, 32, 200, 0.001
    ),
    "lab 04, 5403 x 120, batch 128, 10 epochs": Case(_instruments, (120,), 5403, 128, 10, 0.001),
    "ESC-50 MLP, 320 x (128, 216), batch 32, 100 epochs": Case(
        lambda: models.environment_mlp((128, 216), 10), (128, 216), 320, 32, 100, 0.0003
    ),
    "genre CNN, 200 x (130, 13, 1), batch 32, 15 epochs": Case(
        partial(asked, "06", "cnn", (130, 13, 1), 10, (32,) * 4), (130, 13, 1), 200, 32, 15, 0.0001
    ),
    "LSTM, 200 x (130, 13), batch 32, 10 epochs": Case(lstm, (130, 13), 200, 32, 10, 0.001),
    "ESC-50 CNN, 320 x (128, 216, 1), batch 32, 5 epochs": Case(
        lambda: models.environment_cnn((128, 216, 1), 10), (128, 216, 1), 320, 32, 5, 0.001
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=pytest.mark.benchmark(group=n)) for n, c in CASES.items()]
)
def test_training(case: Case, way: str, benchmark: Any, pairs: Any) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((case.examples, *case.shape), dtype=np.float32)
    y = rng.integers(0, 10, case.examples)

    def train() -> list[float]:
        keras.utils.set_random_seed(0)
        model = case.build()
        model.compile(
            keras.optimizers.Adam(case.rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
        )
        training.accelerate(way == "ours")
        try:
            history = model.fit(
                x, y, epochs=case.epochs, batch_size=case.batch_size, shuffle=False, verbose=0
            )
        finally:
            training.accelerate(False)
        return history.history["loss"]

    losses = pairs.run(benchmark, way, train)
    assert len(losses) == case.epochs
    pairs.compare(benchmark.group, np.array(losses), rtol=1e-3)
