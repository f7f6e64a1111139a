"""Where a network differs from the table of the one asked for, in words that name the layer.

A student may write the same network in many ways: `Sequential` or functional, subclassed, with activations as
arguments or as layers of their own, `Flatten` or `Reshape((-1,))`. All of them have the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from inspect import signature
from itertools import pairwise
from typing import Any

from labs_engine.declare.answers import AnswerProblem, Difference
from labs_lib.models.table import Network, Row
from labs_lib.random_state import preserve_rng_state

# What a table leaves open unless it names it: it changes neither what is computed from given weights nor how often.
_OPEN = {"momentum", "epsilon", "seed"}
_NEVER = {
    "name",
    "trainable",
    "dtype",
    "data_format",
    "batch_shape",
    "unroll",
    "use_cudnn",
    "ragged",
    "sparse",
}
_ACTIVATION_LAYERS = {
    "ReLU": "relu",
    "Softmax": "softmax",
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
}
# With these settings such a layer is the activation of that name, and with others it is another function.
_USUAL: dict[str, Mapping[str, Any]] = {
    "ReLU": {"max_value": None, "negative_slope": 0, "threshold": 0},
    "Softmax": {"axis": -1},
}


@dataclass(frozen=True)
class _Layer:
    """A layer in the form in which equal ones are equal.

    Attributes:
        kind: Its class in Keras.
        settings: What it was made with.
        named: Those of them that its table names.
        place: Its row in the table, from 1.
        label: The row as text.
    """

    kind: str
    settings: Mapping[str, Any]
    named: frozenset[str] = field(default=frozenset(), compare=False)
    place: int = field(default=0, compare=False)
    label: str = field(default="", compare=False)

    def __str__(self) -> str:
        if self.kind == "Activation":
            return f"Activation({self.settings['activation']})"
        size = next(
            (self.settings[key] for key in ("units", "filters", "rate") if key in self.settings), None
        )
        return self.kind if size is None else f"{self.kind}({_text(size)})"

    def other(self, asked: _Layer) -> str | None:
        """Return the first setting that is not as a table asks, or None."""
        for key, value in asked.settings.items():
            if (key not in _OPEN or key in asked.named) and self.settings.get(key) != value:
                return key
        return None

    def fits(self, asked: _Layer) -> bool:
        """Tell whether it is as a table asks."""
        return self.kind == asked.kind and self.other(asked) is None


def network_difference(model: Any, right: Network) -> Difference | None:
    """Return where a Keras model differs from a table, or None.

    Args:
        model: A built Keras model, or another table.
        right: The table.

    Returns:
        The first difference, with a hint that names the layer: one that is missing or too many, else a setting.
    """
    shape = (None, *model.shape) if isinstance(model, Network) else model.input_shape
    if shape != (None, *right.shape):
        return Difference(f"input shape {shape}", f"inputs of shape {(None, *right.shape)}")
    try:
        chain = _rows(model) if isinstance(model, Network) else tuple(map(_canonical, _chain(model)))
    except AnswerProblem as problem:
        return Difference(problem.found, problem.expected)
    rows = _rows(right)
    if _fit(_merged(_ordered(chain)), _merged(_ordered(rows))):
        return None
    found, wanted = _merged(chain), _merged(rows)
    pairs = _pairs(found, wanted)
    difference = _between(found, wanted, pairs) or _within(found, wanted, pairs)
    return difference and replace(difference, hint=_one_change(found, rows) or difference.hint)


def _pairs(found: Sequence[_Layer], wanted: Sequence[_Layer]) -> list[tuple[int, int]]:
    """Return which layers correspond, in order: as many equal ones as possible, then others of one kind."""

    def worth(i: int, k: int) -> int:
        return 0 if found[i].kind != wanted[k].kind else 2 if found[i].fits(wanted[k]) else 1

    best = [[0] * (len(wanted) + 1) for _ in range(len(found) + 1)]
    for i in reversed(range(len(found))):
        for k in reversed(range(len(wanted))):
            best[i][k] = max(best[i + 1][k], best[i][k + 1], worth(i, k) + best[i + 1][k + 1])
    pairs, i, k = [], 0, 0
    while i < len(found) and k < len(wanted):
        if worth(i, k) and best[i][k] == worth(i, k) + best[i + 1][k + 1]:
            pairs.append((i, k))
            i, k = i + 1, k + 1
        elif best[i][k] == best[i][k + 1]:
            k += 1
        else:
            i += 1
    return pairs


def _between(
    found: Sequence[_Layer], wanted: Sequence[_Layer], pairs: Iterable[tuple[int, int]]
) -> Difference | None:
    """Return the first difference between layers that correspond: some are missing, or too many."""
    for (i, k), (j, m) in pairwise([(-1, -1), *pairs, (len(found), len(wanted))]):
        extra, missing = list(map(str, found[i + 1 : j])), wanted[k + 1 : m]
        given, asked = ", ".join(extra), ", ".join(map(str, missing))
        if extra and missing:
            told = f"{given} in place of {asked}"
            hint = f"{_named(missing)} asked for; yours has {_and(extra)} there."
        elif extra:
            told = f"{given} too many"
            behind = f"Behind layer {wanted[k].place} after the input, {wanted[k].label}, your network has"
            begins = "Your network begins with"
            verb = "is" if len(extra) == 1 else "are"
            hint = f"{behind if k >= 0 else begins} {_and(extra)}, which {verb} not asked for there."
        elif missing:
            told = f"no {asked}"
            hint = f"{_named(missing)} missing."
        else:
            continue
        where = f"after {found[i]}" if i >= 0 else "at the start"
        return Difference(f"{told} {where}", "the layers of the table, in its order", hint)
    return None


def _within(
    found: Sequence[_Layer], wanted: Sequence[_Layer], pairs: Iterable[tuple[int, int]]
) -> Difference | None:
    """Return the first setting that differs in layers that correspond."""
    for i, k in pairs:
        layer, asked = found[i], wanted[k]
        if (key := layer.other(asked)) is not None:
            given, right = layer.settings.get(key), asked.settings[key]
            where = f"in layer {asked.place}, {asked.kind}"
            told = f"{key}={_spelled(right)} is asked for, yours has {_spelled(given)}"
            if key not in asked.named:
                told = (
                    f"yours has {key}={_spelled(given)}, where the default, {_spelled(right)}, is asked for"
                )
            return Difference(
                f"{key} = {_text(given)} {where}",
                f"{key} = {_text(right)} {where}",
                f"Layer {asked.place} after the input, {asked.kind}: {told}.",
            )
    return None


def _one_change(found: Sequence[_Layer], rows: Sequence[_Layer]) -> str:
    """Say which row was left out or exchanged with the next one, if nothing else was done."""
    for place in range(len(rows)):
        if _fit(found, _merged([*rows[:place], *rows[place + 1 :]])):
            return f"{_named(rows[place : place + 1])} missing."
        both = rows[place : place + 2]
        if _fit(found, _merged([*rows[:place], *both[::-1], *rows[place + 2 :]])):
            return f"{_named(both)} exchanged."
    return ""


def _fit(found: Sequence[_Layer], wanted: Sequence[_Layer]) -> bool:
    return len(found) == len(wanted) and all(map(_Layer.fits, found, wanted))


def _named(rows: Sequence[_Layer]) -> str:
    """Return the beginning of a sentence on rows of a table."""
    places, labels = _and([str(row.place) for row in rows]), _and([row.label for row in rows])
    layers, verb = ("Layer", "is") if len(rows) == 1 else ("Layers", "are")
    return f"{layers} {places} after the input, {labels}, {verb}"


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _spelled(value: Any) -> str:
    return repr(value) if isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _chain(model: Any) -> Iterator[Any]:
    """Yield the layers of a model from input to output.

    Raises:
        AnswerProblem: They do not follow one another.
    """
    chain, tensors = [], list(model.outputs)
    while True:
        if len(tensors) != 1:
            raise AnswerProblem("layers one after another", "a network with branches")
        operation, node, _ = tensors[0]._keras_history
        if type(operation).__name__ == "InputLayer":
            break
        chain.append(operation)
        tensors = operation._inbound_nodes[node].input_tensors
    for operation in reversed(chain):
        if hasattr(operation, "layers") and hasattr(operation, "inputs"):
            yield from _chain(operation)
        else:
            yield operation


@lru_cache(maxsize=256)  # the right network, and those of all known mistakes, are compared again and again
def _rows(network: Network) -> tuple[_Layer, ...]:
    """Return the layers of a table, one for each row."""
    rows: list[_Layer] = []
    shape: Any = (None, *network.shape)
    for place, row in enumerate(network.rows, start=1):
        with preserve_rng_state():  # a layer draws a seed; a check must not move the student's generators
            layer = row.build()
        named = [*list(signature(type(layer)).parameters)[: len(row.arguments)], *row.settings]
        rows.append(
            replace(
                _canonical(layer, shape and len(shape)), named=frozenset(named), place=place, label=str(row)
            )
        )
        try:
            shape = shape and layer.compute_output_shape(shape)
        except ValueError:  # a wrong network, which could not be built
            shape = None
    return tuple(rows)


def _merged(chain: Iterable[_Layer]) -> list[_Layer]:
    """Return layers without those that do nothing, activations with the layer before them."""
    rows: list[_Layer] = []
    for row in chain:
        if row.kind == "Identity" or row == _Layer("Activation", {"activation": "linear"}):
            continue
        # In a recurrent layer an activation is part of every step, which a layer behind it is not.
        recurrent = bool(rows) and "return_sequences" in rows[-1].settings
        before = rows[-1].settings.get("activation") if rows and not recurrent else None
        if row.kind == "Activation" and before == "linear":
            named = rows[-1].named | {"activation"}
            rows[-1] = replace(rows[-1], settings={**rows[-1].settings, **row.settings}, named=named)
        elif not (row.kind == "Activation" and before == row.settings["activation"] == "relu"):
            rows.append(row)
    return rows


def _ordered(chain: Iterable[_Layer]) -> list[_Layer]:
    """Return layers with those that act on single numbers ahead of `Flatten`, where they do the same."""
    rows: list[_Layer] = []
    for row in chain:
        behind = bool(rows) and rows[-1].kind == "Flatten" and _acts_on_numbers(row)
        rows.insert(len(rows) - behind, row)
    return rows


def _acts_on_numbers(layer: _Layer) -> bool:
    """Tell whether a layer does to each number the same, wherever it stands."""
    if layer.kind == "Dropout":
        return layer.settings.get("noise_shape") is None
    return layer.kind == "Activation" and layer.settings["activation"] != "softmax"


def _rank(layer: Any) -> int | None:
    try:
        return len(layer.input.shape)
    except (AttributeError, ValueError):  # it was called more than once
        return None


def _canonical(layer: Any, rank: int | None = None) -> _Layer:
    kind, rank = type(layer).__name__, rank or _rank(layer)
    if kind == "ConvertToTensor":  # what code of the student's own begins with
        return _Layer("Identity", {})
    config = layer.get_config() if hasattr(layer, "get_config") else {}
    if kind == "Softmax" and config.get("axis") == (rank or 0) - 1:
        config["axis"] = -1
    if kind in _ACTIVATION_LAYERS and all(
        config.get(key, value) == value for key, value in _USUAL.get(kind, {}).items()
    ):
        return _Layer("Activation", {"activation": _ACTIVATION_LAYERS[kind]})
    if kind == "Reshape" and len(config.get("target_shape", ())) == 1:
        return _Layer("Flatten", {})
    if (kind == "Flatten" and rank == 2) or (kind == "Dropout" and not config["rate"]):
        return _Layer("Identity", {})
    settings = {
        key: _plain(value, layer)
        for key, value in config.items()
        if key not in _NEVER and not key.endswith("initializer")
    }
    if "pool_size" in settings and settings.get("strides") is None:
        settings["strides"] = settings["pool_size"]
    if kind == "BatchNormalization" and settings.get("axis") == (rank or 0) - 1:
        settings["axis"] = -1
    return _Layer(kind, settings)


def _plain(value: Any, layer: Any) -> Any:
    """Return a setting as plain data: shapes as tuples, functions as names, penalties as what they weigh."""
    if isinstance(value, list | tuple):
        items = tuple(_plain(item, layer) for item in value)
        return items[0] if len(items) == 1 else items
    if isinstance(value, Mapping) and "class_name" in value:
        inner = value.get("config")
        if not isinstance(inner, Mapping):
            return inner  # an activation
        if value["class_name"] in ("L1", "L2", "L1L2"):
            weights = {kind: round(float(inner.get(kind.lower()) or 0), 8) for kind in ("L1", "L2")}
            kept = {kind: weight for kind, weight in weights.items() if weight}
            return Row("".join(kept), tuple(kept.values())) if kept else None
        return (value["class_name"], *_settings_of(inner, layer))
    return round(value, 8) if isinstance(value, float) else value


def _settings_of(config: Mapping[str, Any], layer: Any) -> tuple[Any, ...]:
    kept = (key for key in sorted(config) if key not in _NEVER and not key.endswith("initializer"))
    return tuple((key, _plain(config[key], layer)) for key in kept)
