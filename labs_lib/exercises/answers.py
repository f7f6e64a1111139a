"""Kinds of answers, and how each is turned from a student's object into plain data.

A check never judges the object that a student wrote. It first *collects* plain data
from it (a float, an array, a text, the outputs of a function on probe inputs) and
judges those. What cannot be collected is described in words, never in a traceback.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labs_lib.exercises.context import Context


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


def describe(value: Any) -> str:
    """Say in a few words what an object is, without ever failing."""
    if value is None:
        return "None (is something not returned or not assigned?)"
    if isinstance(value, bool):
        return f"the truth value {value}"
    if isinstance(value, int | float | np.number):
        return f"the number {value:.6g}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}" + ("…" if len(value) > 40 else "")
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    if isinstance(value, list | tuple | dict | set):
        return f"a {type(value).__name__} of {len(value)} items"
    if isinstance(value, type):
        return f"the class {value.__name__} (not an object made from it)"
    if _is_keras_model(value):
        return "a Keras model"
    if callable(value) and hasattr(value, "__name__"):
        return f"the function {value.__name__} (was it meant to be called?)"
    return f"an object of type {type(value).__name__}"


@dataclass(frozen=True)
class Number:
    """One finite real number.

    Attributes:
        integer: Whether it must be a whole number.
    """

    integer: bool = False

    def collect(self, value: Any, ctx: Context) -> float:
        """Return the answer as a float."""
        expected = "a whole number" if self.integer else "a number"
        if isinstance(value, bool | str) or value is None or callable(value):
            raise AnswerProblem(expected, describe(value))
        array = _as_array(value, expected)
        if array.size != 1:
            raise AnswerProblem(f"{expected} (a single one)", describe(array))
        number = float(array.reshape(()))
        if not math.isfinite(number):
            raise AnswerProblem(f"a finite {expected.removeprefix('a ')}", f"{number}")
        if self.integer and number != round(number):
            raise AnswerProblem(expected, describe(number))
        return number


@dataclass(frozen=True)
class Array:
    """A numeric array.

    Attributes:
        shape: The shape it must have, or a function of the context that gives it;
            None stands for any length (inside the tuple) or any shape (instead of it).
        finite: Whether NaN and infinity are refused.
    """

    shape: tuple[int | None, ...] | Callable[[Context], tuple[int | None, ...]] | None = None
    finite: bool = True

    def collect(self, value: Any, ctx: Context) -> np.ndarray:
        """Return the answer as a NumPy array of numbers."""
        shape = self.shape(ctx) if callable(self.shape) else self.shape
        expected = "an array of numbers"
        if shape is not None:
            expected = f"an array of shape {_shape_text(shape)}"
        if value is None or isinstance(value, str | bool) or callable(value):
            raise AnswerProblem(expected, describe(value))
        array = _as_array(value, expected)
        if shape is not None and not _fits(array.shape, shape):
            raise AnswerProblem(expected, f"shape {array.shape}")
        if self.finite and array.dtype.kind == "f" and not np.all(np.isfinite(array)):
            share = 1 - float(np.mean(np.isfinite(array)))
            raise AnswerProblem(
                "finite numbers", f"NaN or infinity in {share:.1%} of the array (shape {array.shape})"
            )
        return array


@dataclass(frozen=True)
class Text:
    """One text out of a few.

    Attributes:
        choices: What may be answered.
    """

    choices: tuple[str, ...]

    def collect(self, value: Any, ctx: Context) -> str:
        """Return the chosen text, in lower case and stripped."""
        options = ", ".join(repr(choice) for choice in self.choices)
        if not isinstance(value, str) or value.strip().lower() not in self.choices:
            raise AnswerProblem(f"one of {options}", describe(value))
        return value.strip().lower()


@dataclass(frozen=True)
class Function:
    """A function, known by what it returns for probe inputs.

    Attributes:
        probes: From the context, the argument tuples to call it with.
        returns: The kind of answer that each call must return; a tuple of kinds
            for a function that returns several values.
        recognised: Texts that are collected as the answer where the function raises an error whose
            message holds their key: mistakes that show in no other way.
    """

    probes: Callable[[Context], Sequence[tuple[Any, ...]]]
    returns: Any = Array()
    recognised: Mapping[str, str] = field(default_factory=dict)

    def collect(self, value: Any, ctx: Context) -> Any:
        """Call the function on every probe and return what it gave, in order, or a recognised text."""
        if not callable(value) or isinstance(value, type):
            raise AnswerProblem("a function", describe(value))
        outputs = []
        for probe in self.probes(ctx):
            try:
                outputs.append(self._call(value, probe, ctx))
            except AnswerProblem as problem:
                raised = str(problem.__context__)
                for part, text in self.recognised.items():
                    if part in raised:
                        return text
                raise
        return outputs

    def _call(self, function: Callable[..., Any], probe: tuple[Any, ...], ctx: Context) -> Any:
        # The probe is copied, so that a function that works in place cannot spoil the next call.
        arguments = [a.copy() if isinstance(a, np.ndarray) else a for a in probe]
        name = getattr(function, "__name__", "the function")
        shapes = ", ".join(describe(a) for a in probe)
        try:
            result = function(*arguments)
        except Exception as error:
            reason = next(iter(str(error).splitlines()), "")[:160]  # the rest is internals of a library
            raise AnswerProblem(f"{name} to run on {shapes}", f"{type(error).__name__}: {reason}") from None
        if result is ...:
            raise Unattempted
        if not isinstance(self.returns, tuple):
            return self._part(self.returns, result, ctx, name)
        if not isinstance(result, tuple | list) or len(result) != len(self.returns):
            raise AnswerProblem(f"{name} to return {len(self.returns)} values", describe(result))
        if any(part is ... for part in result):
            raise Unattempted
        return tuple(
            self._part(kind, part, ctx, name) for kind, part in zip(self.returns, result, strict=True)
        )

    @staticmethod
    def _part(kind: Any, value: Any, ctx: Context, name: str) -> Any:
        try:
            return kind.collect(value, ctx)
        except AnswerProblem as problem:
            raise AnswerProblem(f"{name} to return {problem.expected}", problem.found) from None


@dataclass(frozen=True)
class Model:
    """A Keras model.

    Attributes:
        compiled: Whether it must have been compiled.
    """

    compiled: bool = False

    def collect(self, value: Any, ctx: Context) -> Any:
        """Return the model, expressed in Keras's own layers where it was written in another way.

        What could not be graded is refused here, in the notebook, and not weeks later.
        """
        if not _is_keras_model(value):
            raise AnswerProblem("a Keras model", describe(value))
        if not value.built:
            raise AnswerProblem(
                "a model that knows its input shape", "one without (start it with keras.Input)"
            )
        if self.compiled and not value.compiled:
            raise AnswerProblem("a compiled model", "one that was not compiled")
        from labs_lib.exercises.frozen import NotPlain, plain_model

        try:
            return plain_model(value)
        except NotPlain as problem:
            expected = "a model made of Keras's own layers: another one cannot be graded"
            raise AnswerProblem(expected, f"a model with {problem}") from None


@dataclass(frozen=True)
class Curves:
    """Curves over the epochs: what `fit` returns, or a dict of lists.

    Attributes:
        keys: The curves that must be among them.
    """

    keys: tuple[str, ...] = ("loss",)

    def collect(self, value: Any, ctx: Context) -> dict[str, np.ndarray]:
        """Return the curves as a dict of float arrays of one length."""
        curves = getattr(value, "history", value)
        expected = "what fit returned, with " + ", ".join(repr(key) for key in self.keys)
        if not isinstance(curves, Mapping):
            raise AnswerProblem(expected, describe(value))
        missing = [key for key in self.keys if key not in curves]
        if missing:
            raise AnswerProblem(expected, f"only {', '.join(map(str, curves)) or 'no curves'}")
        collected = {str(key): _as_array(curve, expected) for key, curve in curves.items()}
        lengths = {curve.shape for curve in collected.values()}
        if len(lengths) != 1 or len(next(iter(lengths))) != 1:
            raise AnswerProblem(expected, f"curves of shapes {sorted(lengths)}")
        return collected


@dataclass(frozen=True)
class Each:
    """A list of answers of one kind.

    Attributes:
        kind: The kind of each.
    """

    kind: Any

    def collect(self, value: Any, ctx: Context) -> list[Any]:
        """Return the collected answers as a list."""
        if not isinstance(value, list | tuple):
            raise AnswerProblem("a list, with one entry for each", describe(value))
        if any(item is ... for item in value):
            raise Unattempted
        return [self.kind.collect(item, ctx) for item in value]


@dataclass(frozen=True)
class Pieces:
    """Pieces of a sound: an array with one a row, or a list of arrays, which may differ in length."""

    def collect(self, value: Any, ctx: Context) -> list[np.ndarray]:
        """Return the pieces as a list of arrays with one axis."""
        expected = "an array with one segment in each row"
        if not isinstance(value, np.ndarray | list | tuple):
            raise AnswerProblem(expected, describe(value))
        pieces = []
        for piece in value:
            try:
                array = np.array(piece, subok=False)
            except Exception:
                raise AnswerProblem(expected, f"a row that is {describe(piece)}") from None
            if array.ndim != 1 or array.dtype.kind not in "iuf":
                raise AnswerProblem(expected, f"rows that are {describe(array)}")
            pieces.append(array.astype(float))
        return pieces


@dataclass(frozen=True)
class Stopper:
    """Keras's callback that stops early, as plain data."""

    def collect(self, value: Any, ctx: Context) -> Mapping[str, Any]:
        """Return what it watches, how long it waits, and whether it goes back."""
        expected = "a callback that stops early"
        if type(value).__name__ != "EarlyStopping":
            raise AnswerProblem(expected, describe(value))
        try:
            return {
                "monitor": str(value.monitor),
                "patience": int(value.patience),
                "restores": bool(value.restore_best_weights),
            }
        except (AttributeError, TypeError, ValueError):
            raise AnswerProblem(expected, describe(value)) from None


def _is_keras_model(value: Any) -> bool:
    keras = sys.modules.get("keras")  # not imported: then nothing can be one of its models
    return keras is not None and isinstance(value, keras.Model)


def _as_array(value: Any, expected: str) -> np.ndarray:
    """Convert to a real numeric array of an exact NumPy type, or say why not."""
    if value is ...:
        raise Unattempted
    try:
        array = np.array(value, subok=False)
    except Exception:
        raise AnswerProblem(expected, describe(value)) from None
    if array.dtype.kind not in "iufb":
        raise AnswerProblem(expected, describe(value))
    return array


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        want is None or have == want for have, want in zip(shape, wanted, strict=True)
    )


def _shape_text(shape: tuple[int | None, ...]) -> str:
    inside = ", ".join("any" if length is None else str(length) for length in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"
