"""Networks of the course: as tables, as functional Keras models, and the published settings of those of lab 06."""

from labs_lib.models.dense import mlp
from labs_lib.models.environment import (
    environment_cnn,
    environment_cnn_tuned,
    environment_gap,
    environment_mlp,
)
from labs_lib.models.genres import GENRE_FILTERS, GENRE_MLPS, DenseShape, filter_combinations

__all__ = [
    "GENRE_FILTERS",
    "GENRE_MLPS",
    "DenseShape",
    "environment_cnn",
    "environment_cnn_tuned",
    "environment_gap",
    "environment_mlp",
    "filter_combinations",
    "mlp",
]
