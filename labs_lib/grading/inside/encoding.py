"""Collected answers as data: numbers and texts as JSON, arrays as .npy without pickle, models as .keras.

`encode` runs beside the submission, `decode` in the scorer, where what comes in is believed to be
hostile: an array's header is held against the bytes that are there before memory is taken, objects are
refused, and models are loaded in Keras's safe mode, which runs no code of theirs.
"""

from __future__ import annotations

import io
import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

_DEPTH = 12  # of lists in lists
_PLAIN = (bool, int, float, str, type(None))


class NotData(ValueError):
    """An answer that is not data, or data that is not what it says it is."""


def encode(answers: SimpleNamespace) -> tuple[dict[str, Any], list[bytes]]:
    """Turn collected answers into JSON and bytes.

    An object that occurs twice is written once, so that a judge can tell the same model from an equal one;
    models that share an optimiser share one afterwards.

    Args:
        answers: What `exercises.framework.collect` returned.

    Returns:
        The structure, in which arrays and models are numbers of parts; and the parts.

    Raises:
        NotData: Something else is in it.
    """
    parts: list[bytes] = []
    known: dict[int, dict[str, Any]] = {}
    owners: dict[int, int] = {}  # of each optimiser, the part of the first model that has it

    def tree(value: Any, depth: int = 0) -> Any:
        if depth > _DEPTH:
            raise NotData("lists in lists, too deep to be an answer")
        if isinstance(value, np.generic):
            value = value.item()
        if type(value) in _PLAIN:
            return (
                {"plain": value}
                if not isinstance(value, float) or math.isfinite(value)
                else {"float": str(value)}
            )
        if id(value) in known:
            return known[id(value)]
        if isinstance(value, list | tuple):
            return {type(value).__name__: [tree(item, depth + 1) for item in value]}
        if isinstance(value, Mapping):
            return {"dict": [[str(key), tree(item, depth + 1)] for key, item in value.items()]}
        if isinstance(value, np.ndarray):
            parts.append(_array_bytes(value))
            known[id(value)] = {"array": len(parts) - 1}
        else:
            parts.append(_model_bytes(value))
            known[id(value)] = {"model": len(parts) - 1}
            optimizer = getattr(value, "optimizer", None)
            owner = owners.setdefault(id(optimizer), len(parts) - 1)
            if optimizer is not None and owner != len(parts) - 1:
                known[id(value)] = {"model with optimizer of": [len(parts) - 1, owner]}
        return known[id(value)]

    return {name: tree(value) for name, value in vars(answers).items()}, parts


def decode(content: Any, parts: Sequence[bytes]) -> SimpleNamespace:
    """Return the answers that `encode` was given, or refuse.

    Args:
        content: The structure.
        parts: The parts.

    Raises:
        NotData: They are not what `encode` writes, or a model holds code.
    """
    built: dict[tuple[str, int], Any] = {}

    def value(node: Any, depth: int = 0) -> Any:
        if depth > _DEPTH or not isinstance(node, dict) or len(node) != 1:
            raise NotData("an answer of another form")
        (kind, inside), *_ = node.items()
        if kind == "plain" and type(inside) in _PLAIN:
            return inside
        if kind == "float" and inside in ("nan", "inf", "-inf"):
            return float(inside)
        if kind in ("list", "tuple") and isinstance(inside, list):
            items = [value(item, depth + 1) for item in inside]
            return items if kind == "list" else tuple(items)
        if kind == "dict" and isinstance(inside, list):
            return {key: value(item, depth + 1) for key, item in map(_pair, inside)}
        if kind in ("array", "model") and type(inside) is int and 0 <= inside < len(parts):
            if (kind, inside) not in built:
                read = _array_of if kind == "array" else _model_of
                built[kind, inside] = read(parts[inside])
            return built[kind, inside]
        if kind == "model with optimizer of" and isinstance(inside, list) and len(inside) == 2:
            model, owner = (value({"model": number}, depth + 1) for number in inside)
            model.optimizer = owner.optimizer
            return model
        raise NotData("an answer of another form")

    if not isinstance(content, dict):
        raise NotData("an answer of another form")
    return SimpleNamespace(**{str(name): value(node) for name, node in content.items()})


def _pair(item: Any) -> tuple[str, Any]:
    if not (isinstance(item, list) and len(item) == 2 and isinstance(item[0], str)):
        raise NotData("an answer of another form")
    return item[0], item[1]


def _array_bytes(array: np.ndarray) -> bytes:
    if array.dtype.kind not in "biuf":
        raise NotData(f"an array of type {array.dtype}")
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(array), allow_pickle=False)
    return stream.getvalue()


def _array_of(data: bytes) -> np.ndarray:
    stream = io.BytesIO(data)
    try:
        major, _ = np.lib.format.read_magic(stream)
        read_header = (
            np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
        )
        shape, fortran, dtype = read_header(stream)
        size = math.prod(shape) * dtype.itemsize
    except Exception as error:
        raise NotData(f"an array that cannot be read: {error}") from None
    if dtype.kind not in "biuf":
        raise NotData(f"an array of type {dtype}")
    if size != len(data) - stream.tell():
        raise NotData(
            f"an array that says it is of shape {shape} and holds {len(data) - stream.tell()} bytes"
        )
    flat = np.frombuffer(data, dtype, offset=stream.tell())
    return flat.reshape(shape, order="F" if fortran else "C").copy()


def _model_bytes(model: Any) -> bytes:
    import keras

    if not isinstance(model, keras.Model):
        raise NotData(f"an object of type {type(model).__name__}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def _model_of(data: bytes) -> Any:
    import keras

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(data)
        try:
            return keras.saving.load_model(path, safe_mode=True)
        except Exception as error:
            reason = next(iter(str(error).splitlines()), "")[:200]
            raise NotData(
                f"a model that cannot be loaded without running its code ({type(error).__name__}: {reason})"
            ) from None
