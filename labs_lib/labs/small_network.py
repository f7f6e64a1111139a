"""The small network of labs 01 and 02: two hidden layers of one width, one output."""

from __future__ import annotations

from collections.abc import Iterable

from labs_engine.declare.context import Context
from labs_lib.kinds.layers import Network, layers


def small_network(inputs: int, hidden: int, output_activation: str = "linear") -> Network:
    """Return the table of the small network."""
    return Network(
        (inputs,),
        (
            layers.Dense(hidden, activation="relu"),
            layers.Dense(hidden, activation="relu"),
            layers.Dense(1, activation=output_activation),
        ),
    )


def layer_sizes(inputs: int, hidden: int) -> list[tuple[int, int]]:
    """Return inputs and units of each dense layer of the small network."""
    return [(inputs, hidden), (hidden, hidden), (hidden, 1)]


def count_parameters(sizes: Iterable[tuple[int, int]]) -> int:
    """Return the weights and biases of dense layers, given as inputs and units of each."""
    return sum((m + 1) * n for m, n in sizes)


def hidden_widths(ctx: Context) -> list[tuple[int]]:
    """Return the widths for which a student's `build_model` is called: the run's own and another."""
    return [(ctx["hidden"],), (ctx["hidden"] + 3,)]
