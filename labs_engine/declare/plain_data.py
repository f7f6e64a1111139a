"""Reading a student's object as plain data: it may be of any size, lie about itself, or raise.

What cannot be read is described in words, never in a traceback.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from numbers import Real
from typing import Any

import numpy as np

_FLOAT_BITS = 1023  # a whole number of more bits may be beyond what a float can hold
_MOST_NUMBERS = 1 << 28  # in one answer: 2 GB as floats
_MOST_ITEMS = 1 << 22  # in its lists
_DEEPEST = 32  # lists within lists
LONGEST_NAME = 80  # characters


class Unattempted(Exception):
    """The answer is still the placeholder `...`."""


class AnswerProblem(Exception):
    """The answer is not of the kind that was asked for.

    Attributes:
        expected: What was asked for, in words.
        found: What was given, in words.
    """

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected = expected
        self.found = found


class NotData(ValueError):
    """An answer that is not data, or data that is not what it says it is."""


def describe(value: Any) -> str:
    """Say in a few words what an object is, without ever failing.

    Example:
        >>> describe(np.zeros((3, 2)))
        'an array of shape (3, 2) and type float64'
        >>> describe(None)
        'None (is something not returned or not assigned?)'
    """
    try:
        return _described(value)
    except Exception:  # a student's object may raise on any access
        return "an object that cannot be described"


def _described(value: Any) -> str:
    if value is None:
        return "None (is something not returned or not assigned?)"
    if isinstance(value, bool | np.bool):
        return f"the truth value {value}"
    if isinstance(value, int) and value.bit_length() > _FLOAT_BITS:
        return f"a whole number of about {int(value.bit_length() * math.log10(2))} digits"
    if isinstance(value, int | float | np.number):
        return f"the number {value:.6g}"
    if isinstance(value, Fraction | Decimal):
        return f"the number {float(value):.6g}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}" + ("…" if len(value) > 40 else "")
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        return f"an array with {np.ma.count_masked(value)} of {value.size} values masked"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    if isinstance(value, list | tuple | dict | set):
        return f"a {type_name(value)} of {len(value)} items"
    if isinstance(value, type):
        return f"the class {value.__name__[:LONGEST_NAME]} (not an object made from it)"
    if callable(value) and hasattr(value, "__name__"):
        return f"the function {name_of(value)} (was it meant to be called?)"
    return f"an object of type {type_name(value)}"


@contextmanager
def reading(value: Any, expected: str) -> Iterator[None]:
    """Turn whatever a student's object raises while it is read into an `AnswerProblem`."""
    try:
        yield
    except (AnswerProblem, Unattempted):
        raise
    except Exception:
        raise AnswerProblem(expected, describe(value)) from None


def items_of(value: Any, expected: str) -> list[Any]:
    """Return the entries of a list or a tuple, each of which has been attempted."""
    with reading(value, expected):
        if not isinstance(value, list | tuple):
            raise AnswerProblem(expected, describe(value))
        items = list(value)
    if any(item is ... for item in items):
        raise Unattempted
    return items


def as_array(value: Any, expected: str) -> np.ndarray:
    """Convert to a real numeric array of an exact NumPy type, or say why not.

    Fractions, decimals and large whole numbers become floats. Masked values are not an answer, and the data behind
    the mask are not read.
    """
    if value is ...:
        raise Unattempted
    with reading(value, expected):
        look_through(value, expected)
        array = np.asanyarray(value)  # keeps the mask
        look_through(array, expected)
        array = np.array(array, subok=False)
        if array.dtype.kind == "O":
            array = np.array([_real(item) for item in array.flat]).reshape(array.shape)
        if array.dtype.kind not in "iufb":
            raise AnswerProblem(expected, describe(value))
        return array


def _real(item: Any) -> float:
    if not isinstance(item, Real | Decimal):
        raise TypeError
    return float(item)


def look_through(value: Any, expected: str) -> None:
    """Refuse a value that is too large or too deeply nested for an array, or has masked values anywhere inside."""
    items = numbers = 0
    level = [value]
    for _ in range(_DEEPEST):
        following: list[Any] = []
        for item in level:
            if isinstance(item, np.ma.MaskedArray) and np.ma.is_masked(item):
                raise AnswerProblem("values that are not masked", describe(item))
            if isinstance(item, np.ndarray):
                numbers += item.size
            elif hasattr(item, "__len__") and not isinstance(item, str | bytes):
                items += _length(item)
            if items > _MOST_ITEMS or numbers > _MOST_NUMBERS:
                raise AnswerProblem(expected, "more numbers than any answer has")
            if isinstance(item, list | tuple):
                following.extend(item)
        if not following:
            return
        level = following
    raise AnswerProblem(expected, f"lists within lists, more than {_DEEPEST} deep")


def _length(item: Any) -> int:
    """Return the length of an object, 0 for one without: a single number of TensorFlow has none, although it could."""
    try:
        return len(item)
    except TypeError:
        return 0


def message_of(error: BaseException | None) -> str:
    """Return the message of an error, '' if its class, which may be the student's, raises instead."""
    try:
        return str(error)
    except Exception:
        return ""


def type_name(value: Any) -> str:
    """Return the name of an object's type, cut where it is long."""
    return str(type(value).__name__)[:LONGEST_NAME]


def name_of(function: Any) -> str:
    """Return a function's name, or other words if it has none that can be read."""
    try:
        name = function.__name__
    except Exception:
        name = None
    return name[:LONGEST_NAME] if isinstance(name, str) else "the function"
