"""Typed, documented parameters of a lab, declared once.

The notebook's cell tagged `parameters`, the help of `labs list` and the refusal of a
wrong value before a run all come from the same declaration.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

PROFILES = ("quick", "full")
SOURCES = ("auto", "standin", "real")


class ParameterError(ValueError):
    """A parameter that does not exist, or a value that it cannot take."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a lab.

    Attributes:
        name: The variable's name in the notebook.
        kind: int, float, str, or list (of numbers).
        default: Its value unless another is given; None if the profile decides.
        help: One line for the parameter cell and the command line.
        quick: The value in the quick profile, where the profile decides.
        full: The value in the full profile, where the profile decides.
        choices: The only values it can take.
        minimum: The smallest value (of each number, for a list).
        maximum: The largest value (of each number, for a list).
        optional: Whether None is a valid value (no folder, for example).
    """

    name: str
    kind: type
    default: Any
    help: str
    quick: Any = None
    full: Any = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    optional: bool = False

    @property
    def by_profile(self) -> bool:
        """Whether the profile decides the value unless one is given."""
        return self.quick is not None

    def convert(self, value: Any) -> Any:
        """Return `value` as this parameter's type.

        Args:
            value: A Python value, or a text from the command line.

        Returns:
            The value, of the declared type.

        Raises:
            ParameterError: It is of another type or outside the permitted range.
        """
        if value is None or (isinstance(value, str) and value == "None" and self.kind is not str):
            if self.optional or self.by_profile:
                return None
            raise self._refusal("None")
        converted = self._typed(value)
        for number in converted if isinstance(converted, list) else [converted]:
            self._check_range(number)
        return converted

    def _typed(self, value: Any) -> Any:
        if self.kind is str:
            if not isinstance(value, str):
                raise self._refusal(value)
            return value
        if isinstance(value, str):
            try:
                value = _read_number(value)
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                raise self._refusal(value) from None
        if self.kind is list:
            if isinstance(value, int | float) and not isinstance(value, bool):
                value = [value]
            if not isinstance(value, list | tuple) or not value:
                raise self._refusal(value)
            return [self._number(item, float) for item in value]
        return self._number(value, self.kind)

    def _number(self, value: Any, kind: type) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            raise self._refusal(value)
        if kind is int and value != int(value):
            raise self._refusal(value)
        return kind(value)

    def _check_range(self, value: Any) -> None:
        outside = (
            (self.choices and value not in self.choices)
            or (self.minimum is not None and value < self.minimum)
            or (self.maximum is not None and value > self.maximum)
        )
        if outside:
            raise self._refusal(value)

    def _refusal(self, value: Any) -> ParameterError:
        return ParameterError(f"{self.name}={value!r}: expected {self.kind_text()} ({self.help})")

    def kind_text(self) -> str:
        """Say in words what the parameter takes: 'a whole number, at least 1'."""
        if self.choices:
            return " or ".join(repr(choice) for choice in self.choices)
        kinds = {int: "a whole number", float: "a number", str: "a text", list: "a list of numbers"}
        text = kinds[self.kind]
        if self.minimum is not None and self.maximum is not None:
            text += f" from {self.minimum:g} to {self.maximum:g}"
        elif self.minimum is not None:
            text += f", at least {self.minimum:g}"
        elif self.maximum is not None:
            text += f", at most {self.maximum:g}"
        return text + (", or None" if self.optional or self.by_profile else "")

    def default_text(self) -> str:
        """Return the default as the command line shows it."""
        if self.by_profile:
            return f"quick {self.quick!r} · full {self.full!r}"
        return repr(self.default)

    def cell_line(self) -> str:
        """Return the line of the notebook's parameter cell."""
        comment = self.help
        if self.choices:
            comment += f": {self.kind_text()}"
        if self.by_profile:
            comment += f"; None: {self.quick!r} in the quick profile, {self.full!r} in the full one"
        default = json.dumps(self.default) if isinstance(self.default, str) else repr(self.default)
        return f"{self.name} = {default}  # {comment}"


def _read_number(text: str) -> Any:
    """Read a number as papermill does (.01, +1, 1_000, 1e-3), or a list as Python does."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return ast.literal_eval(text.strip())


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False


def common_parameters(source_help: str | None = None) -> tuple[Parameter, ...]:
    """Return the parameters that every lab has.

    Args:
        source_help: What `source` means in this lab, where it has recordings.
    """
    no_recordings = "which recordings to use (this lab draws its own data)"
    return (
        Parameter("seed", int, 0, "seed of every random draw", minimum=0, maximum=2**31 - 1),
        Parameter("profile", str, "quick", "how much to compute", choices=PROFILES),
        Parameter("source", str, "auto", source_help or no_recordings, choices=SOURCES),
        Parameter(
            "data_home",
            str,
            None,
            "folder that holds the real recordings"
            if source_help
            else "folder that holds recordings (none are needed here)",
            optional=True,
        ),
    )


def resolve(parameters: Iterable[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of every parameter, given some of them.

    Args:
        parameters: What the lab declares.
        given: Values by name; texts are converted.

    Returns:
        All values by name, in the order of declaration; those that the profile
        decides are filled in.

    Raises:
        ParameterError: A name that the lab does not have, or a wrong value.

    Example:
        >>> epochs = Parameter("epochs", int, None, "passes over the data", quick=10, full=100, minimum=1)
        >>> resolve((*common_parameters(), epochs), {"seed": "3"})["epochs"]
        10
    """
    declared = {parameter.name: parameter for parameter in parameters}
    unknown = [name for name in given if name not in declared]
    if unknown:
        raise ParameterError(
            f"unknown parameter {', '.join(map(repr, unknown))}; this lab has: {', '.join(declared)}"
        )
    values = {
        name: parameter.convert(given.get(name, parameter.default)) for name, parameter in declared.items()
    }
    for name, parameter in declared.items():
        if parameter.by_profile and values[name] is None:
            values[name] = parameter.full if values["profile"] == "full" else parameter.quick
    return values
