"""Keras callbacks that keep what a history does not."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


class RunningLosses(keras.callbacks.Callback):
    """Keeps, for every batch, the loss that Keras reports with it.

    That number is not the batch's own loss: Keras reports the mean over all samples of the epoch
    so far.

    Attributes:
        epochs: For each epoch the reported losses, one per batch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[list[float]] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the losses of an epoch."""
        self.epochs.append([])

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep the loss that is reported with a batch."""
        self.epochs[-1].append(float((logs or {})["loss"]))

    def array(self) -> np.ndarray:
        """Return the reported losses, shape (epochs, batches)."""
        return np.array(self.epochs)


def fractional_epochs(n_epochs: int, n_batches: int) -> np.ndarray:
    """Return how many epochs have passed at the end of each batch, shape (n_epochs, n_batches).

    Args:
        n_epochs: Number of epochs.
        n_batches: Batches of an epoch.

    Example:
        >>> fractional_epochs(2, 4)
        array([[0.25, 0.5 , 0.75, 1.  ],
               [1.25, 1.5 , 1.75, 2.  ]])

    See Also:
        notebooks/04_instruments.ipynb
    """
    return np.arange(n_epochs)[:, None] + np.arange(1, n_batches + 1) / n_batches
