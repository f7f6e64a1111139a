"""What callbacks keep of single batches."""

from __future__ import annotations

import keras
import numpy as np

from labs_lib import callbacks, models


def test_reported_losses_are_means_over_the_epoch_so_far() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((60, 4)).astype(np.float32), rng.integers(0, 2, 60)
    model = models.mlp(4, [3], 2, output_activation="softmax")
    keeper = callbacks.RunningLosses()
    # A rate of 0 leaves the network as it is, so each batch's loss can be computed afterwards.
    model.compile(keras.optimizers.SGD(0.0), loss="sparse_categorical_crossentropy")
    history = model.fit(x, y, batch_size=20, epochs=2, shuffle=False, callbacks=[keeper], verbose=0)
    assert keeper.array().shape == (2, 3)
    losses = [model.evaluate(x[k : k + 20], y[k : k + 20], verbose=0) for k in (0, 20, 40)]
    means = np.cumsum(losses) / [1, 2, 3]
    np.testing.assert_allclose(keeper.array(), [means, means], rtol=1e-5)
    np.testing.assert_allclose(keeper.array()[:, -1], history.history["loss"], rtol=1e-6)


def test_fractional_epochs_end_on_whole_ones() -> None:
    np.testing.assert_allclose(
        callbacks.fractional_epochs(2, 4), [[0.25, 0.5, 0.75, 1], [1.25, 1.5, 1.75, 2]]
    )
