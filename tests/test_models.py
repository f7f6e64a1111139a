"""The networks of the course have the parameters that their descriptions promise."""

from __future__ import annotations

from functools import partial

import keras
import numpy as np
import pytest

from labs_lib import models
from labs_lib.labs.lab06.networks import CNN, DENSE

# As the original labs give them.
DENSE_GENRES = {1: 1_040_682, 2: 476_458, 3: 1_038_922, 4: 474_698, 5: 1_049_522, 6: 1_049_522}
CONVOLUTIONAL_GENRES = {
    (32, 32, 32, 32): 32_362,
    (64, 32, 32, 32): 42_026,
    (128, 64, 64, 32): 111_850,
    (256, 128, 64, 64): 370_122,
    (256, 128, 64, 32): 351_530,
    (32, 64, 128, 256): 218_442,
    (64, 128, 256, 256): 406_218,
}


def _genre_mlp(number: int) -> keras.Model:
    return DENSE.right((130, 13), 10, *models.GENRE_MLPS[number]).build()


def _genre_cnn(filters: tuple[int, ...]) -> keras.Model:
    return CNN.right((130, 13, 1), 10, filters).build()


@pytest.mark.parametrize(
    ("model", "count"),
    [
        (lambda: models.mlp(1, [5, 5], 1), 46),
        (lambda: models.mlp(2, [5, 5], 1, output_activation="sigmoid"), 51),
        (lambda: models.mlp(120, [256], 10, output_activation="softmax"), 33_546),
        (lambda: models.environment_mlp((128, 216), 10), 442_826),
        (lambda: models.environment_cnn((128, 216, 1), 10), 666_426),
        (lambda: models.environment_cnn_tuned((128, 216, 1), 10), 666_618),
        (lambda: models.environment_gap((128, 216, 1), 10), 63_154),
        *((partial(_genre_mlp, number), count) for number, count in DENSE_GENRES.items()),
        *((partial(_genre_cnn, filters), count) for filters, count in CONVOLUTIONAL_GENRES.items()),
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


def test_the_genre_networks_are_those_that_were_published() -> None:
    assert set(CONVOLUTIONAL_GENRES) == set(models.GENRE_FILTERS)
    for number in (5, 6):
        assert sum(weight.shape[0] for weight in _genre_mlp(number).non_trainable_weights) == 5_300
    network = _genre_cnn((32, 32, 32, 32))
    pooled = [layer.output.shape[1:3] for layer in network.layers if "max_pooling" in layer.name]
    assert pooled == [(64, 6), (31, 2), (15, 1), (8, 1)]


def test_filter_combinations_are_read_from_a_text() -> None:
    assert models.filter_combinations("all") == list(CONVOLUTIONAL_GENRES)
    assert models.filter_combinations(" 1-2-3-4  8-8-8-8") == [(1, 2, 3, 4), (8, 8, 8, 8)]
    for wrong in ("", "32", "1-2-3", "1-2-3-0", "1-2-3-x", "1-2-3-4, 1-2-3-4"):
        with pytest.raises(ValueError, match="expected combinations of four numbers"):
            models.filter_combinations(wrong)
