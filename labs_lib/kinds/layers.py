"""Networks as tables of layers: one table is what a text shows, what is built, and what is judged.

A student may write the same network in many ways: `Sequential` or functional, subclassed, with activations as
arguments or as layers of their own, `Flatten` or `Reshape((-1,))`. All of them have the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any

from labs_engine.declare.answers import AnswerProblem, Difference
from labs_lib.models.table import Network

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


@dataclass(frozen=True)
class _Layer:
    """A layer in the form in which equal ones are equal; `named` are the settings that its table names."""

    kind: str
    settings: Mapping[str, Any]
    named: frozenset[str] = field(default=frozenset(), compare=False)

    def __str__(self) -> str:
        size = next(
            (self.settings[key] for key in ("units", "filters", "rate") if key in self.settings), None
        )
        return self.kind if size is None else f"{self.kind}({_text(size)})"


def network_difference(model: Any, right: Network) -> Difference | None:
    """Return where a Keras model differs from a table, or None.

    Args:
        model: A built Keras model, or another table.
        right: The table.

    Returns:
        The first difference, which names the layer.
    """
    shape = (None, *model.shape) if isinstance(model, Network) else model.input_shape
    if shape != (None, *right.shape):
        return Difference(f"input shape {shape}", f"inputs of shape {(None, *right.shape)}")
    try:
        found = _of_table(model) if isinstance(model, Network) else _merged(map(_canonical, _chain(model)))
    except AnswerProblem as problem:
        return Difference(problem.found, problem.expected)
    wanted = _of_table(right)
    kinds = [layer.kind for layer in found], [layer.kind for layer in wanted]
    for change, i, j, k, m in SequenceMatcher(None, *kinds, autojunk=False).get_opcodes():
        extra, missing = (", ".join(map(str, part)) for part in (found[i:j], wanted[k:m]))
        where = f"after {found[i - 1]}" if i else "at the start"
        if change != "equal":
            told = {
                "delete": f"{extra} too many",
                "insert": f"no {missing}",
                "replace": f"{extra} in place of {missing}",
            }
            return Difference(f"{told[change]} {where}", "the layers of the table, in its order")
    for place, (layer, asked) in enumerate(zip(found, wanted, strict=True), start=1):
        for key, value in asked.settings.items():
            if (key not in _OPEN or key in asked.named) and layer.settings.get(key) != value:
                return Difference(
                    f"{key} = {_text(layer.settings.get(key))} in layer {place}, {asked.kind}",
                    f"{key} = {_text(value)} in layer {place}, {asked.kind}",
                )
    return None


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


def _of_table(network: Network) -> list[_Layer]:
    return _merged(replace(_canonical(row.build()), named=frozenset(row.settings)) for row in network.rows)


def _merged(chain: Iterable[_Layer]) -> list[_Layer]:
    """Return layers in the form in which equal networks are equal: activations belong to the layer before them."""
    rows: list[_Layer] = []
    for row in chain:
        if row.kind == "Identity" or row == _Layer("Activation", {"activation": "linear"}):
            continue
        if row.kind == "Activation" and rows and rows[-1].settings.get("activation") == "linear":
            rows[-1] = replace(rows[-1], settings={**rows[-1].settings, **row.settings})
        else:
            rows.append(row)
    return rows


def _rank(layer: Any) -> int | None:
    try:
        return len(layer.input.shape)
    except (AttributeError, ValueError):  # a layer of a table, which was never called
        return None


def _canonical(layer: Any) -> _Layer:
    kind = type(layer).__name__
    if kind == "ConvertToTensor":  # what code of the student's own begins with
        return _Layer("Identity", {})
    if kind in _ACTIVATION_LAYERS:
        return _Layer("Activation", {"activation": _ACTIVATION_LAYERS[kind]})
    config = layer.get_config() if hasattr(layer, "get_config") else {}
    if kind == "Reshape" and len(config.get("target_shape", ())) == 1:
        return _Layer("Flatten", {})
    if (kind == "Flatten" and _rank(layer) == 2) or (kind == "Dropout" and not config["rate"]):
        return _Layer("Identity", {})
    settings = {
        key: _plain(value, layer)
        for key, value in config.items()
        if key not in _NEVER and not key.endswith("initializer")
    }
    if "pool_size" in settings and settings.get("strides") is None:
        settings["strides"] = settings["pool_size"]
    if kind == "BatchNormalization" and settings.get("axis") == (_rank(layer) or 0) - 1:
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
            weights = {key: round(float(inner.get(key) or 0), 8) for key in ("l1", "l2")}
            return tuple(weights.items()) if any(weights.values()) else None
        return (value["class_name"], *_settings_of(inner, layer))
    return round(value, 8) if isinstance(value, float) else value


def _settings_of(config: Mapping[str, Any], layer: Any) -> tuple[Any, ...]:
    kept = (key for key in sorted(config) if key not in _NEVER and not key.endswith("initializer"))
    return tuple((key, _plain(config[key], layer)) for key in kept)
