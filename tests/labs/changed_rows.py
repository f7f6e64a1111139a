"""Tables in which one thing is done in another way: a row left out, twice, exchanged with the next, or changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from inspect import signature
from typing import Any

import numpy as np

from labs_lib.models.table import Network, Row


def changed_rows(table: Network) -> Iterator[tuple[str, Network, Row]]:
    """Yield what was done, the network, and the row of the table to which it was done."""
    for place, row in enumerate(table.rows):
        rows = table.rows
        if len(rows) > 1:
            yield f"no {row}", table.without(place), row
        yield f"{row} twice", table.inserted(place, row), row
        if place + 1 < len(rows) and rows[place + 1] != row:
            both = rows[place + 1], row
            exchanged = replace(table, rows=(*rows[:place], *both, *rows[place + 2 :]))
            yield f"{row} exchanged with the next", exchanged, row
        for name, other in _other_rows(row):
            yield f"{name} of {row}", replace(table, rows=(*rows[:place], other, *rows[place + 1 :])), row


def _other_rows(row: Row) -> Iterator[tuple[str, Row]]:
    import keras

    names = list(signature(getattr(keras.layers, row.kind)).parameters)
    for at, value in enumerate(row.arguments):
        yield (
            names[at],
            replace(row, arguments=(*row.arguments[:at], _other(value), *row.arguments[at + 1 :])),
        )
    for name, value in row.settings.items():
        yield name, replace(row, settings={**row.settings, name: _other(value)})


def _other(value: Any) -> Any:
    """Return another value of the same type."""
    words = {"same": "valid", "valid": "same", None: "tanh", "tanh": "relu"}
    if isinstance(value, Row):
        return replace(value, arguments=tuple(weight / 2 for weight in value.arguments))
    if isinstance(value, bool):
        return not value
    if isinstance(value, tuple):
        return value[::-1]
    if isinstance(value, int):
        return value + 1
    return words.get(value, "tanh") if isinstance(value, str | None) else value / 2


def same_effect(one: Network, other: Network) -> bool:
    """Tell whether networks give the same outputs from the same weights, and drop the same shares."""
    first, second = one.build(), other.build()
    weights = first.get_weights()
    if [w.shape for w in weights] != [w.shape for w in second.get_weights()]:
        return False
    second.set_weights(weights)
    x = np.random.default_rng(0).standard_normal((3, *one.shape)).astype(np.float32)
    drops = [[row.arguments for row in n.rows if row.kind == "Dropout"] for n in (one, other)]
    return drops[0] == drops[1] and np.allclose(first(x), second(x), atol=1e-5)
