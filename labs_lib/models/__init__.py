"""The networks of the course, as functional Keras models."""

from labs_lib.models.dense import mlp
from labs_lib.models.environment import (
    environment_cnn,
    environment_cnn_tuned,
    environment_gap,
    environment_mlp,
)

__all__ = ["environment_cnn", "environment_cnn_tuned", "environment_gap", "environment_mlp", "mlp"]
