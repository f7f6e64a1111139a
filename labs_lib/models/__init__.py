"""The networks of the course, as functional Keras models."""

from labs_lib.models.dense import mlp
from labs_lib.models.environment import (
    environment_cnn,
    environment_cnn_tuned,
    environment_gap,
    environment_mlp,
)
from labs_lib.models.genres import (
    GENRE_FILTERS,
    GENRE_MLPS,
    DenseShape,
    filter_combinations,
    genre_cnn,
    genre_mlp,
)
from labs_lib.models.recurrent import crnn, rnn, spectrum_cnn

__all__ = [
    "GENRE_FILTERS",
    "GENRE_MLPS",
    "DenseShape",
    "crnn",
    "environment_cnn",
    "environment_cnn_tuned",
    "environment_gap",
    "environment_mlp",
    "filter_combinations",
    "genre_cnn",
    "genre_mlp",
    "mlp",
    "rnn",
    "spectrum_cnn",
]
