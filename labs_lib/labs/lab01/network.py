"""Lab 01, TODO 4 and 5: the network and its parameters."""

from __future__ import annotations

from labs_engine.declare.answers import Function, Number
from labs_engine.declare.framework import Exercise, Mistake
from labs_lib.kinds.models import Model
from labs_lib.labs.small_network import (
    default_width,
    hidden_widths,
    no_biases,
    output_forgotten,
    small_network,
    width_typed_in,
)
from labs_lib.models.table import Network

# TODO 4: the network -------------------------------------------------------------------


def _network(hidden: int) -> Network:
    return small_network(1, hidden)


EXERCISES = (
    Exercise(
        name="model",
        title="A network with two hidden layers",
        points=2,
        answers={"build_model": Function(hidden_widths, Model())},
        right=_network,
        mistakes=[
            width_typed_in(_network, 5),
            Mistake(
                "relu_output",
                wrong=lambda hidden: _network(hidden).changed(-1, activation="relu"),
                hint="The last layer has a ReLU, so the network can never predict a negative value. Noisy "
                "targets around 0 are negative half of the time.",
            ),
            Mistake(
                "linear_hidden",
                wrong=lambda hidden: _network(hidden).changed(0, activation=None).changed(1, activation=None),
                hint="A hidden layer has no activation. A chain of linear layers is one linear layer: it can "
                "only draw a straight line.",
            ),
        ],
        fallback_hint="Start from keras.Input((1,)), apply the Dense layers one after another, and return "
        "keras.Model(inputs, outputs). The text above lists the layers.",
    ),
    Exercise(
        name="count",
        title="Count the parameters",
        points=1,
        answers={"n_parameters": Number(integer=True)},
        right=lambda run: _network(run["hidden"]).count_params(),
        expects="all weights and biases of the network of TODO 4",
        mistakes=[
            no_biases(_network),
            output_forgotten(_network),
            Mistake(
                "one_hidden_layer",
                wrong=lambda run: _network(run["hidden"]).without(1).count_params(),
                hint="The layer between the two hidden layers is missing from the count.",
            ),
            default_width(46),
        ],
        fallback_hint="A dense layer with m inputs and n units has one weight for each pair and one bias per "
        "unit.",
    ),
)
