"""A network as a table of its layers: what a text shows, what is built, and what an answer is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from labs_lib.random_state import preserve_rng_state


@dataclass(frozen=True)
class Row:
    """One layer of a table, or a part of one, such as a penalty.

    Attributes:
        kind: Its class in Keras, 'Dense'.
        arguments: What it is called with, in Keras's order; rows among them are built first.
        settings: What it is called with by name, likewise.
        module: Where the class is found in Keras.
    """

    kind: str
    arguments: tuple[Any, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    module: str = "layers"

    def __hash__(self) -> int:
        return hash((self.kind, self.arguments, tuple(self.settings.items()), self.module))

    def __str__(self) -> str:
        named = (f"{name}={_text(value)}" for name, value in self.settings.items() if value is not None)
        return f"{self.kind}({', '.join([*map(_text, self.arguments), *named])})"

    def build(self) -> Any:
        """Return it as a new object of Keras's."""
        import keras

        made = getattr(getattr(keras, self.module), self.kind)
        settings = {name: _built(value) for name, value in self.settings.items()}
        return made(*map(_built, self.arguments), **settings)


def _built(value: Any) -> Any:
    return value.build() if isinstance(value, Row) else value


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value) if isinstance(value, Row) else repr(value)


def l2(weight: float) -> Row:
    """Return an L2 penalty, for `kernel_regularizer`."""
    return Row("L2", (weight,), module="regularizers")


class _Rows:
    """Makes rows as `keras.layers` makes layers, without importing Keras: `layers.Dense(16, "relu")`."""

    def __getattr__(self, kind: str) -> Any:
        def row(*arguments: Any, **settings: Any) -> Row:
            return Row(kind, arguments, settings)

        return row


layers = _Rows()


@dataclass(frozen=True)
class Network:
    """A network: the shape of one input, and its layers one after another.

    Attributes:
        shape: Without the batch.
        rows: Its layers.

    Example:
        >>> small = Network((2,), (layers.Dense(8, "relu"), layers.Dense(1, "sigmoid")))
        >>> small.count_params()
        33
        >>> [row.kind for row in small.without(0).rows]
        ['Dense']
    """

    shape: tuple[int | None, ...]
    rows: tuple[Row, ...]

    def build(self) -> Any:
        """Return it as a new functional Keras model, not compiled."""
        import keras

        x = inputs = keras.Input(self.shape)
        for row in self.rows:
            x = row.build()(x)
        return keras.Model(inputs, x)

    def count_params(self) -> int:
        """Return the number of its weights and biases, whether they are trained or not."""
        with preserve_rng_state():  # building it draws the first weights
            return int(self.build().count_params())

    def summary(self) -> str:
        """Return its layers as text, with the shape that each gives, without the batch, and its parameters.

        Example:
            >>> print(Network((2,), (layers.Dense(8, "relu"), layers.Dropout(0.3), layers.Dense(1))).summary())
            layer             output  parameters
            Dense(8, 'relu')  (8,)            24
            Dropout(0.3)      (8,)             0
            Dense(1)          (1,)             9
        """
        with preserve_rng_state():
            built = self.build().layers[1:]
        shown = [(str(row), str(layer.output.shape[1:])) for row, layer in zip(self.rows, built, strict=True)]
        first, second = (max(map(len, column)) for column in zip(("layer", "output"), *shown, strict=True))
        lines = [f"{'layer':{first}}  {'output':{second}}  parameters"]
        for (name, shape), layer in zip(shown, built, strict=True):
            lines.append(f"{name:{first}}  {shape:{second}}  {layer.count_params():10,}")
        return "\n".join(lines)

    def without(self, *places: int) -> Network:
        """Return the network without the rows at some places."""
        kept = (
            row for place, row in enumerate(self.rows) if place not in {p % len(self.rows) for p in places}
        )
        return replace(self, rows=tuple(kept))

    def changed(self, place: int, *arguments: Any, **settings: Any) -> Network:
        """Return the network with other arguments in one row; what is not passed stays."""
        row = self.rows[place]
        kept = row.arguments[len(arguments) :]
        other = Row(row.kind, (*arguments, *kept), {**row.settings, **settings})
        rows = list(self.rows)
        rows[place] = other
        return replace(self, rows=tuple(rows))

    def changed_all(self, kind: str, *, but: int | None = None, **settings: Any) -> Network:
        """Return the network with other settings in all rows of a kind, but one place."""
        places = [place for place, row in enumerate(self.rows) if row.kind == kind]
        network = self
        for place in places:
            if but is None or place != but % len(self.rows):
                network = network.changed(place, **settings)
        return network

    def without_all(self, kind: str) -> Network:
        """Return the network without the rows of a kind."""
        return replace(self, rows=tuple(row for row in self.rows if row.kind != kind))

    def inserted(self, place: int, row: Row) -> Network:
        """Return the network with another row ahead of the one at a place."""
        return replace(self, rows=(*self.rows[:place], row, *self.rows[place:]))
