"""Classifiers of scikit-learn, tables of results, and split data as answers.

They stand here and not with the labs because a graded run collects them where the labs' modules, which hold the
answers, are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labs_engine.declare.answers import AnswerProblem, Array, Difference, Function, Kind, describe, reading
from labs_engine.declare.context import Context


@dataclass(frozen=True)
class Classifier(Kind):
    """A fitted classifier of scikit-learn for two classes, known by its decisions.

    Attributes:
        decides: How its `decision_function` is asked, with a tolerance.
    """

    decides: Function

    def collect(self, value: Any, ctx: Context) -> list[np.ndarray]:
        """Return what `decision_function` gives on the probes."""
        expected = "a classifier of scikit-learn that was fitted"
        with reading(value, expected):
            method = getattr(value, "decision_function", None)
            if isinstance(value, type) or method is None:
                raise AnswerProblem(expected, describe(value))
            if not any(name.endswith("_") and not name.startswith("_") for name in vars(_last_step(value))):
                raise AnswerProblem(expected, f"{describe(value)}, not fitted")
        collected: list[np.ndarray] = self.decides.collect(method, ctx)
        return collected

    def difference(self, given: Any, right: Any, ctx: Context) -> Difference | None:
        """Return a word on decisions that differ."""
        if self.decides.difference(given, right, ctx) is None:
            return None
        return Difference("decisions of a classifier that has learned something else")


def _last_step(value: Any) -> Any:
    steps = getattr(value, "steps", None)  # of a pipeline
    return steps[-1][1] if isinstance(steps, list) and steps else value


@dataclass(frozen=True)
class Table(Kind):
    """A table of numbers: a DataFrame of pandas.

    Attributes:
        rows: Names of the rows that must be there.
        columns: Names of the columns that must be there.
        numbers: What holds of its numbers.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    numbers: Array = field(default_factory=Array)

    def collect(self, value: Any, ctx: Context) -> np.ndarray:
        """Return the numbers, shape (rows, columns)."""
        expected = f"a table with the columns {_listed(self.columns)} and the rows {_listed(self.rows)}"
        with reading(value, expected):
            if not all(hasattr(value, name) for name in ("columns", "index", "to_dict")):
                raise AnswerProblem(expected, describe(value))
            cells = {str(column): part for column, part in value.to_dict().items()}
            if not set(self.columns) <= set(cells):
                raise AnswerProblem(expected, f"the columns {_listed(list(cells)[:8])}")
            parts = [{str(row): cell for row, cell in cells[column].items()} for column in self.columns]
            if not all(set(self.rows) <= set(part) for part in parts):
                raise AnswerProblem(expected, f"the rows {_listed(list(parts[0])[:8])}")
            found = [[part[row] for part in parts] for row in self.rows]
        return self.numbers.collect(found, ctx)

    def difference(self, given: np.ndarray, right: np.ndarray, ctx: Context) -> Difference | None:
        """Return the first number that differs, with its row and column."""
        for row, values, wanted in zip(self.rows, given, right, strict=True):
            for column, value, other in zip(self.columns, values, wanted, strict=True):
                if self.numbers.difference(value, other, ctx) is not None:
                    return Difference(f"{value:.4g} for {row}, {column}")
        return None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(str(name)[:40]) for name in names)


@dataclass(frozen=True)
class SplitData(Kind):
    """The four arrays of a split into training and validation data: X_train, y_train, X_val, y_val.

    Attributes:
        columns: Columns of X.
    """

    columns: int

    def collect(self, value: Any, ctx: Context) -> tuple[np.ndarray, ...]:
        """Return the arrays, which belong together and hold points of both classes on each side."""
        expected = "X_train, y_train, X_val and y_val"
        with reading(value, expected):
            if not isinstance(value, tuple | list) or len(value) != 4:
                raise AnswerProblem(expected, describe(value))
            kinds = (Array((None, self.columns)), Array((None,))) * 2
            arrays = tuple(kind.collect(part, ctx) for kind, part in zip(kinds, value, strict=True))
        for X, y in (arrays[:2], arrays[2:]):
            classes, counts = np.unique(y, return_counts=True)
            if len(X) != len(y) or classes.tolist() != [0, 1] or counts.min() < 3:
                raise AnswerProblem(
                    f"{expected}, with both classes on each side and a label for each point",
                    ", ".join(str(array.shape) for array in arrays),
                )
        return arrays

    def difference(self, given: Any, right: Any, ctx: Context) -> Difference | None:
        """Return that the arrays are not the right ones."""
        if all(np.array_equal(*pair) for pair in zip(given, right, strict=True)):
            return None
        return Difference("arrays that do not pass the check of the split", "the four arrays of the split")
