"""Collected answers as data: numbers and texts as JSON, arrays as .npy without pickle, models by the course's codec.

`encode` runs beside the submission, `decode` in the scorer, which treats its input as hostile: an array's header is
compared with the number of bytes before memory is allocated, pickled objects are refused, and a model is rebuilt from
Keras's own layers only, so that no code of a submission runs.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.course import course, load
from labs_engine.declare.plain_data import NotData

_DEPTH = 12  # of lists in lists
_PLAIN = (bool, int, float, str, type(None))


def encode(answers: SimpleNamespace) -> tuple[dict[str, Any], list[bytes]]:
    """Turn collected answers into JSON and bytes.

    An object that occurs twice is written once, so that a judge can tell the same model from an equal one; what
    objects share (an optimiser) they share afterwards.

    Args:
        answers: What `declare.framework.collect` returned.

    Returns:
        The structure, in which arrays and objects are numbers of parts; and the parts.

    Raises:
        NotData: Something else is in it.
    """
    writer = _Writer()
    return {name: writer.node(value) for name, value in vars(answers).items()}, writer.parts


def decode(content: Any, parts: Sequence[bytes]) -> SimpleNamespace:
    """Return the answers that `encode` was given, or refuse.

    Args:
        content: The structure.
        parts: The parts.

    Raises:
        NotData: They are not what `encode` writes, or an object cannot be rebuilt.
    """
    if not isinstance(content, dict):
        raise NotData("an answer of another form")
    reader = _Reader(parts)
    return SimpleNamespace(**{str(name): reader.value(node) for name, node in content.items()})


class _Writer:
    """Turns answers into a structure and its parts."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._known: dict[int, dict[str, Any]] = {}
        self._owners: dict[int, int] = {}  # of what objects share, the part of the first that has it

    def node(self, value: Any, depth: int = 0) -> dict[str, Any]:
        """Return what stands for a value in the structure."""
        if depth > _DEPTH:
            raise NotData("lists in lists, too deep to be an answer")
        if isinstance(value, np.generic):
            value = value.item()
        if type(value) in _PLAIN:
            finite = not isinstance(value, float) or math.isfinite(value)
            return {"plain": value} if finite else {"float": str(value)}
        if id(value) in self._known:
            return self._known[id(value)]
        if isinstance(value, list | tuple):
            return {type(value).__name__: [self.node(item, depth + 1) for item in value]}
        if isinstance(value, Mapping):
            return {"dict": [[str(key), self.node(item, depth + 1)] for key, item in value.items()]}
        node = self._array(value) if isinstance(value, np.ndarray) else self._object(value)
        self._known[id(value)] = node
        return node

    def _array(self, array: np.ndarray) -> dict[str, Any]:
        self.parts.append(_array_bytes(array))
        return {"array": len(self.parts) - 1}

    def _object(self, value: Any) -> dict[str, Any]:
        """Add the parts of an object: first what it is, then its arrays."""
        about, arrays = _codec().write(value)
        first = len(self.parts)
        self.parts.append(json.dumps(about, default=_plain_number).encode())
        self.parts += [_array_bytes(array) for array in arrays]
        shared = _codec().shared(value)
        owner = first if shared is None else self._owners.setdefault(id(shared), first)
        numbers = list(range(first, len(self.parts)))
        return {"object": {"parts": numbers, "shares with": None if owner == first else owner}}


class _Reader:
    """Rebuilds answers from their parts; a part that occurs twice is one object, as it was."""

    def __init__(self, parts: Sequence[bytes]) -> None:
        self._parts = parts
        self._arrays: dict[int, np.ndarray] = {}
        self._objects: dict[int, Any] = {}

    def value(self, node: Any, depth: int = 0) -> Any:
        """Return what a node of the structure stands for."""
        if depth > _DEPTH or not isinstance(node, dict) or len(node) != 1:
            raise NotData("an answer of another form")
        (kind, inside), *_ = node.items()
        if kind == "plain" and type(inside) in _PLAIN:
            return inside
        if kind == "float" and inside in ("nan", "inf", "-inf"):
            return float(inside)
        if kind in ("list", "tuple") and isinstance(inside, list):
            items = [self.value(item, depth + 1) for item in inside]
            return items if kind == "list" else tuple(items)
        if kind == "dict" and isinstance(inside, list):
            return {key: self.value(item, depth + 1) for key, item in map(_pair, inside)}
        if kind == "array":
            return self._array(inside)
        if kind == "object":
            return self._object(inside)
        raise NotData("an answer of another form")

    def _array(self, number: Any) -> np.ndarray:
        if type(number) is not int or not 0 <= number < len(self._parts):
            raise NotData("an answer of another form")
        if number not in self._arrays:
            self._arrays[number] = _array_of(self._parts[number])
        return self._arrays[number]

    def _object(self, inside: Any) -> Any:
        (first, *arrays), owner = _numbers_of(inside, len(self._parts))
        if first not in self._objects:
            self._objects[first] = _object_of(self._parts[first], [self._array(number) for number in arrays])
            if owner in self._objects:
                _codec().share(self._objects[first], self._objects[owner])
        return self._objects[first]


def _pair(item: Any) -> tuple[str, Any]:
    if not (isinstance(item, list) and len(item) == 2 and isinstance(item[0], str)):
        raise NotData("an answer of another form")
    return item[0], item[1]


def _array_bytes(array: np.ndarray) -> bytes:
    if array.dtype.kind not in "biuf":
        raise NotData(f"an array of type {array.dtype}")
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array, order="C"), allow_pickle=False)
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


def _codec() -> Any:
    """Return the module that writes and reads objects of the course."""
    if not course().codec:
        raise NotData("an object that is neither a number, a text, an array nor a list of them")
    return load(course().codec)


def _plain_number(value: Any) -> Any:
    """Return a number of NumPy's as JSON takes it; objects keep those that they were given."""
    if isinstance(value, np.generic):
        return value.item()
    raise NotData(f"an object with a setting of type {type(value).__name__}")


def _numbers_of(inside: Any, count: int) -> tuple[list[int], Any]:
    """Return the numbers of an object's parts, and of the one that it shares something with, if they can be such."""
    if not isinstance(inside, dict) or inside.keys() != {"parts", "shares with"}:
        raise NotData("an answer of another form")
    numbers = inside["parts"]
    right = isinstance(numbers, list) and numbers and all(type(n) is int and 0 <= n < count for n in numbers)
    if not right:
        raise NotData("an answer of another form")
    owner = inside["shares with"]
    return numbers, owner if type(owner) is int else None


def _object_of(about: bytes, arrays: list[np.ndarray]) -> Any:
    try:
        return _codec().read(json.loads(about), arrays)
    except Exception as error:
        reason = next(iter(str(error).splitlines()), "")[:200]
        raise NotData(f"an object that cannot be rebuilt ({type(error).__name__}: {reason})") from None
