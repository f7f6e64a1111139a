"""Dense networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labs_lib.models.table import Network, layers

if TYPE_CHECKING:
    import keras


def mlp_table(
    inputs: int,
    hidden: Sequence[int],
    outputs: int,
    *,
    activation: str = "relu",
    output_activation: str = "linear",
) -> Network:
    """Return the table of a multilayer perceptron, see `mlp`."""
    rows = (layers.Dense(units, activation=activation) for units in hidden)
    return Network((inputs,), (*rows, layers.Dense(outputs, activation=output_activation)))


def mlp(
    inputs: int,
    hidden: Sequence[int],
    outputs: int,
    *,
    activation: str = "relu",
    output_activation: str = "linear",
) -> keras.Model:
    """Return a multilayer perceptron.

    Its parameters: each dense layer of m inputs and n units has (m + 1) * n, so
    `mlp(1, [5, 5], 1)` of lab 01 has 10 + 30 + 6 = 46 and `mlp(2, [5, 5], 1)` of
    lab 02 has 15 + 30 + 6 = 51.

    Args:
        inputs: Number of input features.
        hidden: Units of each hidden layer.
        outputs: Number of outputs.
        activation: Activation of the hidden layers.
        output_activation: Activation of the last layer.

    Returns:
        The model, not compiled.

    Example:
        >>> mlp(2, [5, 5], 1).count_params()
        51

    See Also:
        notebooks/01_synthetic_regression.ipynb
    """
    table = mlp_table(inputs, hidden, outputs, activation=activation, output_activation=output_activation)
    return table.build()
