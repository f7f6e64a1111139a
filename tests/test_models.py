"""The networks of the course have the parameters that their descriptions promise."""

from __future__ import annotations

import numpy as np
import pytest

from labs_lib import models


@pytest.mark.parametrize(
    ("model", "count"),
    [
        (lambda: models.mlp(1, [5, 5], 1), 46),
        (lambda: models.mlp(2, [5, 5], 1, output_activation="sigmoid"), 51),
        (lambda: models.environment_mlp((128, 216), 10), 442_826),
        (lambda: models.environment_cnn((128, 216, 1), 10), 666_426),
        (lambda: models.environment_cnn_tuned((128, 216, 1), 10), 666_618),
        (lambda: models.environment_gap((128, 216, 1), 10), 63_154),
    ],
)
def test_parameter_counts(model, count: int) -> None:
    assert model().count_params() == count


def test_normalisation_keeps_two_numbers_a_channel_that_are_not_trained() -> None:
    for model, channels in (
        (models.environment_cnn_tuned((128, 216, 1), 10), 16 + 32),
        (models.environment_gap((128, 216, 1), 10), 8 + 16 + 32 + 64 + 64),
    ):
        assert sum(weight.shape[0] for weight in model.non_trainable_weights) == 2 * channels


def test_regularisation_adds_to_the_loss() -> None:
    model = models.environment_cnn_tuned((20, 30, 1), 10)
    kernels = [layer.kernel for layer in model.layers if hasattr(layer, "kernel")][:-1]
    expected = 0.001 * sum(float((kernel.numpy() ** 2).sum()) for kernel in kernels)
    assert len(kernels) == 4
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


def test_global_pooling_takes_pictures_of_any_size() -> None:
    model = models.environment_gap((None, None, 1), 10)
    assert model.count_params() == 63_154
    for shape in ((2, 128, 216, 1), (3, 64, 50, 1)):
        probabilities = model(np.random.default_rng(0).standard_normal(shape).astype(np.float32)).numpy()
        assert probabilities.shape == (shape[0], 10)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_models_are_functional_so_that_saliency_works_on_them() -> None:
    for build in (models.environment_cnn, models.environment_cnn_tuned, models.environment_gap):
        assert type(build((128, 216, 1), 10)).__name__ == "Functional"
    assert models.mlp(3, [4], 2).output_names
