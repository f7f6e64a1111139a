"""Judging a student's small network."""

from __future__ import annotations

import pytest

from labs_lib.exercises.framework import Context
from labs_lib.exercises.networks import (
    count_parameters,
    hidden_widths,
    judge_parameter_count,
    judge_two_hidden_layers,
    layer_sizes,
)
from labs_lib.models import mlp

WIDTHS = hidden_widths(Context({"hidden": 4}))


@pytest.mark.parametrize(("inputs", "hidden"), [(1, 5), (2, 5), (3, 8)])
def test_the_count_is_that_of_keras(inputs: int, hidden: int) -> None:
    count = mlp(inputs, [hidden, hidden], 1).count_params()
    assert count_parameters(layer_sizes(inputs, hidden)) == count
    assert judge_parameter_count(count, inputs, hidden) is None
    assert judge_parameter_count(count - 1, inputs, hidden).expected.endswith(
        f" of {inputs} → {hidden} → {hidden} → 1"
    )


def test_the_second_width_is_another() -> None:
    assert WIDTHS == [(4,), (7,)]


@pytest.mark.parametrize(("inputs", "output"), [(1, "linear"), (2, "sigmoid"), (3, "sigmoid")])
def test_the_right_networks_pass(inputs: int, output: str) -> None:
    models = [mlp(inputs, [n, n], 1, output_activation=output) for (n,) in WIDTHS]
    assert judge_two_hidden_layers(models, WIDTHS, inputs, output) is None


@pytest.mark.parametrize(
    ("build", "expected", "found"),
    [
        (lambda n: mlp(1, [n, n], 1), "two input features, shape (None, 2)", "input shape (None, 1)"),
        (
            lambda n: mlp(2, [4, 4], 1, output_activation="sigmoid"),
            "two hidden layers of 7 units",
            "dense layers of [4, 4, 1] units",
        ),
        (lambda n: mlp(2, [n], 1), "two hidden layers of 4 units", "dense layers of [4, 1] units"),
        (lambda n: mlp(2, [n, n], 1), "the activations that the text asks for", "relu, relu, linear"),
    ],
    ids=["inputs", "width_ignored", "layer_missing", "output_activation"],
)
def test_other_networks_do_not(build, expected: str, found: str) -> None:
    wrong = judge_two_hidden_layers([build(n) for (n,) in WIDTHS], WIDTHS, 2, "sigmoid")
    assert wrong is not None
    assert wrong.expected.startswith(expected)
    assert wrong.found == found
