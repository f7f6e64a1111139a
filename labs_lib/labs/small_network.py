"""The small network of labs 01 and 02: two hidden layers of one width, one output."""

from __future__ import annotations

from collections.abc import Callable

from labs_engine.declare.context import Context
from labs_engine.declare.framework import Mistake
from labs_lib.kinds.networks import ignores_size
from labs_lib.models.dense import mlp_table
from labs_lib.models.table import Network


def small_network(inputs: int, hidden: int, output_activation: str = "linear") -> Network:
    """Return the table of the small network."""
    return mlp_table(inputs, [hidden, hidden], 1, output_activation=output_activation)


def hidden_widths(ctx: Context) -> list[tuple[int]]:
    """Return the widths for which a student's `build_model` is called: the run's own and another."""
    return [(ctx["hidden"],), (ctx["hidden"] + 3,)]


def width_typed_in(network: Callable[[int], Network], width: int) -> Mistake:
    """Return the mistake of a network that has the same width whatever is asked for."""
    return Mistake(
        "width_typed_in",
        ignores_size("build_model", "Dense", "units"),
        wrong=lambda hidden: network(width),
        hint="The layers have the same width whatever is asked for: use the argument `hidden`.",
    )


def no_biases(network: Callable[[int], Network]) -> Mistake:
    """Return the mistake of counting weights alone."""
    return Mistake(
        "no_biases",
        wrong=lambda run: network(run["hidden"]).changed_all("Dense", use_bias=False).count_params(),
        hint="These are the weights alone. Every unit also has a bias.",
    )


def output_forgotten(network: Callable[[int], Network]) -> Mistake:
    """Return the mistake of counting the hidden layers alone."""
    return Mistake(
        "output_forgotten",
        wrong=lambda run: network(run["hidden"]).without(-1).count_params(),
        hint="The hidden layers are counted, the output layer is not.",
    )


def default_width(count: int) -> Mistake:
    """Return the mistake of a count that holds for the notebook's own width."""
    return Mistake(
        "default_width",
        wrong=count,
        hint="This is the count for another width. Compute it from `hidden`.",
    )
