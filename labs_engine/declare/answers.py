"""Kinds of answers, and how each is turned from a student's object into plain data.

A check never judges the object that a student wrote. It first *collects* plain data
from it (a float, an array, a text, the outputs of a function on probe inputs) and
judges those. `plain_data` reads an object safely, whatever it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from labs_engine.declare.context import Context
from labs_engine.declare.plain_data import (
    LONGEST_NAME,
    AnswerProblem,
    NotData,
    Unattempted,
    as_array,
    describe,
    items_of,
    look_through,
    message_of,
    name_of,
    reading,
    type_name,
)

# What a course needs that declares answers, or a kind of its own.
__all__ = [
    "AnswerProblem",
    "Array",
    "Curves",
    "Difference",
    "Each",
    "Function",
    "Given",
    "Kind",
    "NotData",
    "Number",
    "Numeric",
    "Pieces",
    "Rows",
    "Text",
    "Unattempted",
    "describe",
    "first_difference",
    "parts_difference",
    "parts_of_code",
    "reading",
    "row_numbers",
]


@dataclass(frozen=True)
class Difference:
    """Where an answer differs from the right one.

    Attributes:
        found: What the answer is there.
        expected: What must hold there; empty where the exercise's own words say it.
        hint: What happened there, in a sentence; empty where the exercise's own pointer is the best there is.
    """

    found: str
    expected: str = ""
    hint: str = field(default="", compare=False)


class Kind:
    """A kind of answer: what is accepted, and how two answers differ.

    Attributes:
        partly: Whether a mistake is recognised even if it is not the only one: two wrong answers may share their
            first difference from the right one.
    """

    partly: ClassVar[bool] = False

    def collect(self, value: Any, ctx: Context) -> Any:
        """Return a student's object as plain data.

        Raises:
            Unattempted: It is still the placeholder.
            AnswerProblem: It is not of this kind.
        """
        raise NotImplementedError

    def of_code(self, value: Any, ctx: Context) -> Any:
        """Return what the code of a right or wrong answer gives, as plain data; a wrong one may leave it open."""
        return value if value is ... else self.collect(value, ctx)

    def difference(self, given: Any, right: Any, ctx: Context) -> Difference | None:
        """Return where an answer differs from another, or None; both are collected."""
        raise NotImplementedError


class Numeric(Kind):
    """A numeric kind of answer, right within a tolerance.

    Attributes:
        what: What is asked for, in words that the message on a wrong answer shows.
        rtol: Relative tolerance.
        atol: Absolute tolerance, added to the relative one.
    """

    what: str
    rtol: float
    atol: float

    def difference(self, given: Any, right: Any, ctx: Context) -> Difference | None:
        """Return the number that is furthest off, or the shape."""
        return _numbers_differ(self, np.asarray(given), np.asarray(right))


@dataclass(frozen=True)
class Number(Numeric):
    """One finite real number.

    Attributes:
        integer: Whether it must be a whole number.
        what: What is asked for, in words that the message on a wrong answer shows.
        rtol: Relative tolerance.
        atol: Absolute tolerance, added to the relative one.
    """

    integer: bool = False
    what: str = ""
    rtol: float = 1e-4
    atol: float = 1e-6

    def collect(self, value: Any, ctx: Context) -> float:
        """Return the answer as a float."""
        expected = "a whole number" if self.integer else "a number"
        with reading(value, expected):
            if isinstance(value, str) or value is None or callable(value):
                raise AnswerProblem(expected, describe(value))
            array = as_array(value, expected)
            # A truth value, Python's or NumPy's, comes from a mistaken comparison: it does not count as 0 or 1.
            if array.dtype.kind == "b":
                raise AnswerProblem(expected, describe(value))
            if array.size != 1:
                raise AnswerProblem(f"{expected} (a single one)", describe(array))
            number = float(array.reshape(()))
        if not math.isfinite(number):
            raise AnswerProblem(f"a finite {expected.removeprefix('a ')}", f"{number}")
        if self.integer and number != round(number):
            raise AnswerProblem(expected, describe(number))
        return number


@dataclass(frozen=True)
class Array(Numeric):
    """A numeric array.

    Attributes:
        shape: The shape it must have, or a function of the context that gives it;
            None stands for any length (inside the tuple) or any shape (instead of it).
        finite: Whether NaN and infinity are refused.
        what: What is asked for, in words that the message on a wrong answer shows.
        rtol: Relative tolerance.
        atol: Absolute tolerance, added to the relative one.
    """

    shape: tuple[int | None, ...] | Callable[[Context], tuple[int | None, ...]] | None = None
    finite: bool = True
    what: str = ""
    rtol: float = 1e-4
    atol: float = 1e-6

    def collect(self, value: Any, ctx: Context) -> np.ndarray:
        """Return the answer as a NumPy array of numbers."""
        shape = self.shape(ctx) if callable(self.shape) else self.shape
        expected = "an array of numbers"
        if shape is not None:
            expected = f"an array of shape {_shape_text(shape)}"
        with reading(value, expected):
            if value is None or isinstance(value, str) or callable(value):
                raise AnswerProblem(expected, describe(value))
            array = as_array(value, expected)
            # An array of truth values is an answer, because a mask may select rows. A single truth value is not.
            if array.dtype.kind == "b" and array.ndim == 0:
                raise AnswerProblem(expected, describe(value))
        if shape is not None and not _fits(array.shape, shape):
            raise AnswerProblem(expected, f"shape {array.shape}")
        if self.finite and array.dtype.kind == "f" and not np.all(np.isfinite(array)):
            share = 1 - float(np.mean(np.isfinite(array)))
            raise AnswerProblem(
                "finite numbers", f"NaN or infinity in {share:.1%} of the array (shape {array.shape})"
            )
        return array


@dataclass(frozen=True)
class Rows(Kind):
    """Row numbers, in any order, or a mask.

    Attributes:
        what: What is asked for, in words that the message on a wrong answer shows.
    """

    what: str = ""

    def collect(self, value: Any, ctx: Context) -> np.ndarray:
        """Return the row numbers in ascending order."""
        rows = Array((None,)).collect(value, ctx)
        if rows.dtype.kind != "b" and not np.array_equal(rows, np.round(rows)):
            raise AnswerProblem("row numbers, or True and False for each row", describe(rows))
        return row_numbers(rows)

    def difference(self, given: np.ndarray, right: np.ndarray, ctx: Context) -> Difference | None:
        """Return how many rows do not belong there, and how many are missing."""
        if np.array_equal(given, right):
            return None
        missing, extra = np.setdiff1d(right, given).size, np.setdiff1d(given, right).size
        if not missing and not extra:
            return Difference("a row more than once", "each row once")
        return Difference(f"{len(given)} rows, of which {extra} do not belong there, and {missing} missing")


def row_numbers(values: np.ndarray) -> np.ndarray:
    """Return row numbers, which may be given as a mask, in ascending order."""
    return np.flatnonzero(values) if values.dtype.kind == "b" else np.sort(values.astype(int))


@dataclass(frozen=True)
class Text(Kind):
    """One of a few texts.

    Attributes:
        choices: What may be answered.
        what: What is asked for, in words that the message on a wrong answer shows.
    """

    choices: tuple[str, ...]
    what: str = ""

    def collect(self, value: Any, ctx: Context) -> str:
        """Return the chosen text, in lower case and stripped."""
        options = ", ".join(repr(choice) for choice in self.choices)
        with reading(value, f"one of {options}"):
            # The methods of str itself: a subclass may override them.
            text = str.lower(str.strip(value)) if isinstance(value, str) else None
            if text is None or text not in self.choices:
                raise AnswerProblem(f"one of {options}", describe(value))
            return text

    def difference(self, given: str, right: str, ctx: Context) -> Difference | None:
        """Return the text if it differs."""
        return None if given == right else Difference(repr(given), self.what)


@dataclass(frozen=True)
class Function(Kind):
    """A function, known by what it returns for probe inputs.

    Attributes:
        probes: From the context, the argument tuples to call it with.
        returns: The kind of answer that each call must return; a tuple of kinds
            for a function that returns several values.
        recognised: Texts that are collected as the answer if the function raises an error whose message contains
            their key, for mistakes that show in no other way.
    """

    probes: Callable[[Context], Sequence[tuple[Any, ...]]]
    returns: Any = Array()
    recognised: Mapping[str, str] = field(default_factory=dict)

    def collect(self, value: Any, ctx: Context) -> Any:
        """Call the function on every probe and return its results in order, or a recognised text."""
        if not callable(value) or isinstance(value, type):
            raise AnswerProblem("a function", describe(value))
        outputs = []
        for probe in self.probes(ctx):
            try:
                outputs.append(self._call(value, probe, ctx))
            except AnswerProblem as problem:
                raised = message_of(problem.__context__)
                for part, text in self.recognised.items():
                    if part in raised:
                        return text
                raise
        return outputs

    def _call(self, function: Callable[..., Any], probe: tuple[Any, ...], ctx: Context) -> Any:
        # The probe is copied, so that a function that works in place cannot spoil the next call.
        arguments = [a.copy() if isinstance(a, np.ndarray) else a for a in probe]
        name = name_of(function)
        shapes = ", ".join(describe(a) for a in probe)
        try:
            result = function(*arguments)
        except (Exception, SystemExit) as error:  # exit() in an answer must not end the notebook
            reason = next(iter(message_of(error).splitlines()), "")[
                :160
            ]  # the rest is internals of a library
            raise AnswerProblem(f"{name} to run on {shapes}", f"{type_name(error)}: {reason}") from None
        if result is ...:
            raise Unattempted
        if not isinstance(self.returns, tuple):
            return self._part(self.returns, result, ctx, name)
        parts = items_of(result, f"{name} to return {len(self.returns)} values")
        if len(parts) != len(self.returns):
            raise AnswerProblem(f"{name} to return {len(self.returns)} values", describe(result))
        return tuple(
            self._part(kind, part, ctx, name) for kind, part in zip(self.returns, parts, strict=True)
        )

    @staticmethod
    def _part(kind: Any, value: Any, ctx: Context, name: str) -> Any:
        try:
            return kind.collect(value, ctx)
        except AnswerProblem as problem:
            raise AnswerProblem(f"{name} to return {problem.expected}", problem.found) from None

    def of_code(self, value: Callable[..., Any], ctx: Context) -> list[Any]:
        """Call the right or wrong function on every probe."""
        return [parts_of_code(self.returns, value(*probe), ctx) for probe in self.probes(ctx)]

    def difference(self, given: Any, right: Any, ctx: Context) -> Difference | None:
        """Return where what was returned differs, and for which arguments."""
        if isinstance(given, str) or isinstance(right, str):  # an error that is an answer
            same = given is right
            return None if same else Difference("an error" if isinstance(given, str) else "no error")
        for value, wanted, probe in zip(given, right, self.probes(ctx), strict=True):
            if (found := parts_difference(self.returns, value, wanted, ctx)) is not None:
                shown = ", ".join(filter(None, map(_short, probe)))  # arrays say nothing in a line
                return replace(found, found=f"{found.found} for {shown}") if shown else found
        return None


@dataclass(frozen=True)
class Curves(Kind):
    """Curves over the epochs: what `fit` returns, or a dict of lists.

    Attributes:
        keys: The curves that must be among them.
    """

    keys: tuple[str, ...] = ("loss",)

    def collect(self, value: Any, ctx: Context) -> dict[str, np.ndarray]:
        """Return the curves as a dict of float arrays of one length."""
        expected = "what fit returned, with " + ", ".join(repr(key) for key in self.keys)
        with reading(value, expected):
            curves = getattr(value, "history", value)
            if not isinstance(curves, Mapping):
                raise AnswerProblem(expected, describe(value))
            if any(key not in curves for key in self.keys):
                names = ", ".join(str(key)[:LONGEST_NAME] for key in list(curves)[:10])
                raise AnswerProblem(expected, f"only {names or 'no curves'}")
            collected = {str(key): as_array(curve, expected) for key, curve in curves.items()}
        lengths = {curve.shape for curve in collected.values()}
        if len(lengths) != 1 or len(next(iter(lengths))) != 1:
            raise AnswerProblem(expected, f"curves of shapes {sorted(lengths)}")
        return collected


@dataclass(frozen=True)
class Each(Kind):
    """A list of answers of one kind.

    Attributes:
        kind: The kind of each.
    """

    kind: Any

    def collect(self, value: Any, ctx: Context) -> list[Any]:
        """Return the collected answers as a list."""
        return [self.kind.collect(item, ctx) for item in items_of(value, "a list, with one entry for each")]

    def difference(self, given: list[Any], right: list[Any], ctx: Context) -> Difference | None:
        """Return where the first entry that differs does."""
        if len(given) != len(right):
            return Difference(f"{len(given)} of them", f"{len(right)} of them")
        return first_difference(self.kind.difference(*pair, ctx) for pair in zip(given, right, strict=True))


@dataclass(frozen=True)
class Given(Kind):
    """An answer to another TODO, which this one builds on: it is collected, and not judged.

    Attributes:
        kind: Its kind.
    """

    kind: Any

    def collect(self, value: Any, ctx: Context) -> Any:
        """Return the collected answer."""
        return self.kind.collect(value, ctx)

    def difference(self, given: Any, right: Any, ctx: Context) -> Difference | None:
        """Return where it differs, as its kind says."""
        return self.kind.difference(given, right, ctx)


@dataclass(frozen=True)
class Pieces(Numeric):
    """Pieces of a sound: an array with one piece per row, or a list of arrays, which may differ in length.

    Attributes:
        what: What is asked for, in words that the message on a wrong answer shows.
        rtol: Relative tolerance.
        atol: Absolute tolerance, added to the relative one.
    """

    what: str = ""
    rtol: float = 1e-4
    atol: float = 1e-6

    def collect(self, value: Any, ctx: Context) -> list[np.ndarray]:
        """Return the pieces as a list of arrays with one axis."""
        expected = "an array with one segment in each row"
        with reading(value, expected):
            if not isinstance(value, np.ndarray | list | tuple):
                raise AnswerProblem(expected, describe(value))
            look_through(value, expected)
            return [self._piece(piece, expected) for piece in value]

    def difference(self, given: list[np.ndarray], right: list[np.ndarray], ctx: Context) -> Difference | None:
        """Return where the first piece that differs does."""
        if len(given) != len(right):
            return Difference(f"{len(given)} of them", f"{len(right)} of them")
        return first_difference(_numbers_differ(self, *pair) for pair in zip(given, right, strict=True))

    @staticmethod
    def _piece(piece: Any, expected: str) -> np.ndarray:
        with reading(piece, expected):
            array = as_array(piece, expected)
        if array.ndim != 1 or array.dtype.kind == "b":
            raise AnswerProblem(expected, f"rows that are {describe(array)}")
        return array.astype(float)


def parts_of_code(kind: Kind | tuple[Kind, ...], value: Any, ctx: Context) -> Any:
    """Return the result of code as plain data: one value, or one for each kind of a tuple."""
    if isinstance(kind, tuple):
        return tuple(parts_of_code(*part, ctx) for part in zip(kind, value, strict=True))
    return kind.of_code(value, ctx)


def parts_difference(
    kind: Kind | tuple[Kind, ...], given: Any, right: Any, ctx: Context
) -> Difference | None:
    """Return where values differ; a value left open equals every other."""
    if right is ...:
        return None
    if isinstance(kind, tuple):
        return first_difference(parts_difference(*part, ctx) for part in zip(kind, given, right, strict=True))
    return kind.difference(given, right, ctx)


def first_difference(differences: Iterable[Difference | None]) -> Difference | None:
    """Return the first of some differences, or None."""
    return next((difference for difference in differences if difference), None)


def _short(argument: Any) -> str:
    """Return an argument in a few characters, or nothing."""
    text = f"{argument:.6g}" if isinstance(argument, float | np.floating) else repr(argument)
    return text if len(text) <= 40 and not isinstance(argument, np.ndarray) and "<" not in text else ""


_SMALL = 6  # so many numbers are shown together


def _numbers_differ(kind: Numeric, given: np.ndarray, right: np.ndarray) -> Difference | None:
    first, second = given.astype(float), right.astype(float)
    same_shape = first.shape == second.shape
    if same_shape and np.allclose(first, second, rtol=kind.rtol, atol=kind.atol, equal_nan=True):
        return None
    if first.ndim <= 1 and first.size <= _SMALL:
        values = [f"{value:.6g}" for value in first.reshape(-1)]
        return Difference(values[0] if first.ndim == 0 else f"({', '.join(values)})", kind.what)
    if not same_shape:
        return Difference(f"shape {first.shape}", f"shape {second.shape}")
    with np.errstate(invalid="ignore"):
        off = np.where(np.isnan(first) & np.isnan(second), 0.0, np.abs(first - second))
    at = np.unravel_index(int(np.argmax(np.nan_to_num(off, nan=np.inf))), first.shape)
    return Difference(f"{first[at]:.5g} at [{', '.join(map(str, at))}]", kind.what)


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        want is None or have == want for have, want in zip(shape, wanted, strict=True)
    )


def _shape_text(shape: tuple[int | None, ...]) -> str:
    inside = ", ".join("any" if length is None else str(length) for length in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"
