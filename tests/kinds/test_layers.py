"""A table of layers: every spelling of the same network has its rows, and any change of a row is found and named."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import keras
import pytest
from changed_rows import changed_rows, same_effect
from hypothesis import given, settings
from hypothesis import strategies as st

from labs_lib.kinds.frozen import plain_model
from labs_lib.kinds.layers import network_difference
from labs_lib.models.table import Network, Row, l2, layers

TABLE = Network(
    (20, 24, 1),
    (
        layers.Conv2D(4, 3, activation="relu", kernel_regularizer=l2(0.01)),
        layers.MaxPooling2D(2, padding="same"),
        layers.Conv2D(6, 2, use_bias=False),
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
        layers.Flatten(),
        layers.Dense(8, activation="tanh"),
        layers.Dropout(0.25),
        layers.Dense(3, activation="softmax"),
    ),
)
K = keras.layers


def _functional() -> Any:
    inputs = keras.Input((20, 24, 1))
    x = K.Conv2D(4, (3, 3), kernel_regularizer=keras.regularizers.L2(0.01), kernel_initializer="he_normal")(
        inputs
    )
    x = K.Activation("relu", name="after")(x)
    x = K.MaxPool2D((2, 2), strides=(2, 2), padding="same")(x)
    x = K.Conv2D(6, [2, 2], use_bias=False, name="second")(x)
    x = K.BatchNormalization(axis=3, momentum=0.9, epsilon=1e-5)(x)
    x = K.Activation(keras.activations.relu)(x)
    x = K.Reshape((-1,))(x)
    x = keras.ops.tanh(K.Dense(8, bias_initializer="ones")(x))
    x = K.Dropout(0.25, seed=3)(x)
    return keras.Model(inputs, K.Softmax()(K.Dense(3)(x)))


def _sequential() -> Any:
    return keras.Sequential([keras.Input((20, 24, 1)), *(row.build() for row in TABLE.rows)])


def _nested() -> Any:
    first = keras.Sequential([keras.Input((20, 24, 1)), *(row.build() for row in TABLE.rows[:5])])
    inputs = keras.Input((20, 24, 1))
    x = first(inputs)
    for row in TABLE.rows[5:]:
        x = row.build()(x)
    return keras.Model(inputs, x)


def _with_layers_that_do_nothing() -> Any:
    rows = [row.build() for row in TABLE.rows]
    idle = [K.Activation("linear"), K.Identity(), K.Dropout(0.0), K.Flatten()]
    return keras.Sequential(
        [keras.Input((20, 24, 1)), *rows[:2], idle[0], idle[1], *rows[2:7], idle[2], idle[3], *rows[7:]]
    )


class _Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.rows = [row.build() for row in TABLE.rows]

    def call(self, x: Any, training: bool = False) -> Any:
        for row in self.rows:
            x = row(x, training=training) if isinstance(row, K.Dropout | K.BatchNormalization) else row(x)
        return x


def _subclassed() -> Any:
    model = _Subclassed()
    model(keras.ops.zeros((1, 20, 24, 1)))
    return model


@pytest.mark.parametrize(
    "spelling", [_functional, _sequential, _nested, _with_layers_that_do_nothing, _subclassed]
)
def test_every_spelling_of_a_network_is_the_same_table(spelling: Callable[[], Any]) -> None:
    assert network_difference(plain_model(spelling()), TABLE) is None


def _branched() -> Any:
    inputs = keras.Input((20, 24, 1))
    flat = K.Flatten()(inputs)
    return keras.Model(inputs, K.Add()([K.Dense(3)(flat), K.Dense(3)(flat)]))


def test_branches_are_no_table() -> None:
    found = network_difference(_branched(), TABLE)
    assert found is not None
    assert "branches" in found.found


def test_a_layer_used_twice_stands_in_two_rows() -> None:
    table = Network(
        (4,), (layers.Dense(4, activation="relu"), layers.Dense(4, activation="relu"), layers.Dense(1))
    )
    shared, inputs = K.Dense(4, activation="relu"), keras.Input((4,))
    assert network_difference(keras.Model(inputs, K.Dense(1)(shared(shared(inputs)))), table) is None


# Each change makes another network, and what is told names the layer.
CHANGES = {
    "no activation": (TABLE.changed(0, activation=None), "Conv2D"),
    "other filters": (TABLE.changed(0, 5), "Conv2D"),
    "other kernel": (TABLE.changed(2, 6, 3), "Conv2D"),
    "no penalty": (TABLE.changed(0, kernel_regularizer=None), "Conv2D"),
    "another penalty": (TABLE.changed(0, kernel_regularizer=l2(0.02)), "Conv2D"),
    "a penalty too many": (TABLE.changed(-1, kernel_regularizer=l2(0.01)), "Dense"),
    "padding": (TABLE.changed(1, padding="valid"), "MaxPooling2D"),
    "stride": (TABLE.changed(1, strides=1), "MaxPooling2D"),
    "bias": (TABLE.changed(2, use_bias=True), "Conv2D"),
    "no bias": (TABLE.changed(6, use_bias=False), "Dense"),
    "momentum": (TABLE.changed(3, momentum=0.99), "BatchNormalization"),
    "no scale": (TABLE.changed(3, scale=False), "BatchNormalization"),
    "another activation": (TABLE.changed(6, activation="sigmoid"), "Dense"),
    "rate": (TABLE.changed(7, 0.5), "Dropout"),
    "units": (TABLE.changed(6, 9), "Dense"),
    "another last activation": (TABLE.changed(-1, activation="sigmoid"), "Dense"),
    "leaky": (TABLE.without(4).inserted(4, layers.LeakyReLU()), "LeakyReLU"),
    "another shape": (Network((24, 20, 1), TABLE.rows), "input shape"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_row_is_found_and_named(change: str) -> None:
    network, name = CHANGES[change]
    found = network_difference(network.build(), TABLE)
    assert found is not None
    assert name in found.found
    assert found.expected
    assert network_difference(network, TABLE) == found  # a table in place of a model


def _dense_rows(draw: Any) -> list[Row]:
    rows = [layers.Flatten()]
    for units in draw(st.lists(st.integers(1, 9), min_size=1, max_size=4)):
        rows.append(layers.Dense(units, activation=draw(st.sampled_from([None, "relu", "tanh"]))))
        rows += draw(st.sampled_from([[], [layers.Dropout(0.3)], [layers.BatchNormalization()]]))
    return rows


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_row_that_is_missing_added_or_moved_is_found(data: st.DataObject) -> None:
    table = Network((2, 3), tuple(_dense_rows(data.draw)))
    assert network_difference(table.build(), table) is None
    place = data.draw(st.integers(0, len(table.rows) - 1))
    kind = data.draw(st.sampled_from(["missing", "added", "moved"]))
    if kind == "missing":
        other = table.without(place)
    elif kind == "added":
        other = table.inserted(place, layers.Dense(7, activation="relu"))
    else:
        rows = list(table.rows)
        rows.insert(data.draw(st.integers(0, len(rows) - 1)), rows.pop(place))
        other = Network(table.shape, tuple(rows))
    if other.rows == table.rows or not other.rows:
        return
    found = network_difference(other.build(), table)
    assert found is not None
    assert found.found
    assert found == network_difference(other, table)


@pytest.mark.parametrize("table", [TABLE, TABLE.without(3), TABLE.without(4)], ids=("all", "relu", "linear"))
def test_any_one_change_is_told_with_its_row(table: Network) -> None:
    for change, network, row in changed_rows(table):
        found = network_difference(network.build(), table)
        if found is None:
            assert same_effect(network, table), change
            continue
        assert row.kind in found.hint, change


HINTS = {
    "Layer 4 after the input, BatchNormalization(momentum=0.9), is missing.": TABLE.without(3),
    "Layers 4 and 5 after the input, BatchNormalization(momentum=0.9) and ReLU(), are missing.": TABLE.without(
        3, 4
    ),
    "Layers 3 and 4 after the input, Conv2D(6, 2, use_bias=False) and BatchNormalization(momentum=0.9), are "
    "exchanged.": Network(TABLE.shape, (*TABLE.rows[:2], TABLE.rows[3], TABLE.rows[2], *TABLE.rows[4:])),
    "Layer 5 after the input, ReLU(), is asked for; yours has LeakyReLU there.": (
        TABLE.without(4).inserted(4, layers.LeakyReLU())
    ),
    "Your network begins with Dropout(0.1), which is not asked for there.": TABLE.inserted(
        0, layers.Dropout(0.1)
    ),
    "Behind layer 8 after the input, Dropout(0.25), your network has Dense(3) and Dropout(0.25), which are not asked "
    "for there.": TABLE.inserted(8, layers.Dropout(0.25)).inserted(8, layers.Dense(3)),
    "Layer 7 after the input, Dense: activation='tanh' is asked for, yours has 'linear'.": (
        TABLE.changed(6, activation=None)
    ),
    "Layer 1 after the input, Conv2D: kernel_regularizer=L2(0.01) is asked for, yours has None.": (
        TABLE.changed(0, kernel_regularizer=None)
    ),
    "Layer 9 after the input, Dense: yours has kernel_regularizer=L2(0.01), where the default, None, is asked for.": (
        TABLE.changed(-1, kernel_regularizer=l2(0.01))
    ),
    # Of several faults, a layer that is missing comes first.
    "Layer 8 after the input, Dropout(0.25), is missing.": TABLE.without(7).changed(0, activation=None),
}


@pytest.mark.parametrize("hint", HINTS)
def test_what_differs_is_told_in_a_sentence(hint: str) -> None:
    for answer in (HINTS[hint], HINTS[hint].build()):
        found = network_difference(answer, TABLE)
        assert found is not None
        assert found.hint == hint


def test_comparing_and_counting_leave_the_random_generators_alone() -> None:
    table, before = TABLE.changed(6, 9), random.getstate()
    assert network_difference(table, TABLE)
    assert table.count_params() > 0
    assert random.getstate() == before


_PLAIN = Network((6,), (layers.Dense(4, activation="relu"), layers.Dense(3, activation="softmax")))


@pytest.mark.parametrize(
    ("relu", "softmax", "same"),
    [
        (K.ReLU(), K.Softmax(axis=1), True),
        (K.ReLU(max_value=6.0), K.Softmax(), False),
        (K.ReLU(negative_slope=0.1), K.Softmax(), False),
        (K.ReLU(threshold=0.5), K.Softmax(), False),
        (K.LeakyReLU(), K.Softmax(), False),
        (K.ReLU(), K.Softmax(axis=0), False),
    ],
)
def test_an_activation_with_other_settings_is_another_function(relu: Any, softmax: Any, same: bool) -> None:
    model = keras.Sequential([keras.Input((6,)), K.Dense(4), relu, K.Dense(3), softmax])
    assert (network_difference(model, _PLAIN) is None) is same


def test_an_activation_behind_a_recurrent_layer_is_not_its_own() -> None:
    table = Network((5, 3), (layers.GRU(4), layers.Dense(2)))
    behind = keras.Sequential(
        [keras.Input((5, 3)), K.GRU(4, activation=None), K.Activation("tanh"), K.Dense(2)]
    )
    assert network_difference(behind, table) is not None
    assert network_difference(table.build(), table) is None
