"""The networks of the course have the parameters that their descriptions promise."""

from __future__ import annotations

import pytest

from labs_lib import models


@pytest.mark.parametrize(
    ("model", "count"),
    [
        (lambda: models.mlp(1, [5, 5], 1), 46),
        (lambda: models.mlp(2, [5, 5], 1, output_activation="sigmoid"), 51),
        (lambda: models.environment_mlp((128, 216), 10), 442_826),
        (lambda: models.environment_cnn((128, 216, 1), 10), 666_426),
    ],
)
def test_parameter_counts(model, count: int) -> None:
    assert model().count_params() == count


def test_models_are_functional_so_that_saliency_works_on_them() -> None:
    assert type(models.environment_cnn((128, 216, 1), 10)).__name__ == "Functional"
    assert models.mlp(3, [4], 2).output_names
