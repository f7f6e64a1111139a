"""Figures that students draw, as answers: what is on the axes, whichever calls put it there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labs_engine.declare.answers import AnswerProblem, Difference, Kind, describe, reading
from labs_engine.declare.context import Context

_MOST = 100  # series on one axes
_LONGEST = 200  # characters of a label
_FEWEST = 3  # contour lines
_UNEVEN = (
    0.12  # how much a function may change along a line, as a share of its change over all: grids are coarse
)

Series = tuple[Any, Any]  # x and y
Surface = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Shows:
    """What an axes must show; it may show more.

    Attributes:
        points: Points, each set as x and y; their order is open.
        curves: Lines, each as x and y, drawn from left to right; x is None for a curve over the epochs, which may be
            counted from 0 or from 1.
        levels: Heights of lines across the axes.
        contours: Functions of x and y whose contour lines are drawn, whichever these are and however fine their grid.
        log: The axes that are logarithmic, 'y', 'x' or 'xy'.
        legend: Whether a legend names what is drawn.

    Example:
        >>> loss = [0.5, 0.2, 0.1]
        >>> Shows(curves=[(None, loss)], log="y").log
        'y'
    """

    points: Sequence[Series] = ()
    curves: Sequence[Series] = ()
    levels: Sequence[float] = ()
    contours: Sequence[Surface] = ()
    log: str = ""
    legend: bool = False

    def draw(self) -> Any:
        """Return new axes that show it, with labels."""
        import matplotlib.pyplot as plt

        _, ax = plt.subplots()
        for x, y in self.points:
            ax.scatter(x, y, label="points")
        for x, y in self.curves:
            ax.plot(np.arange(1, len(y) + 1) if x is None else x, y, label="curve")
        for level in self.levels:
            ax.axhline(level, label="level")
        for surface in self.contours:
            x, y = np.meshgrid(np.linspace(-1, 1, 60), np.linspace(-1, 1, 60))
            ax.contour(x, y, surface(x, y), levels=8)
        ax.set(xlabel="x", ylabel="y", xscale=_scale("x" in self.log), yscale=_scale("y" in self.log))
        if self.legend:
            ax.legend()
        return ax


@dataclass(frozen=True)
class Drawing(Kind):
    """An axes of matplotlib, drawn with matplotlib or seaborn."""

    def collect(self, value: Any, ctx: Context) -> dict[str, Any]:
        """Return what is on the axes: points, lines, levels, labels, scales."""
        expected = "the axes of a figure"
        with reading(value, expected):
            ax = _axes_of(value)
            if ax is None:
                raise AnswerProblem(expected, describe(value))
            lines, levels = _lines_of(ax)
            return {
                "points": _points_of(ax),
                "lines": lines,
                "levels": levels,
                "contours": _contours_of(ax),
                "labels": [str(ax.get_xlabel())[:_LONGEST], str(ax.get_ylabel())[:_LONGEST]],
                "log": "".join(
                    name for name in "xy" if getattr(ax, f"get_{name}scale")() in ("log", "symlog")
                ),
                "legend": ax.get_legend() is not None,
            }

    def of_code(self, value: Shows, ctx: Context) -> Shows:
        """Return what must be shown as it is."""
        return value

    def difference(self, given: Mapping[str, Any], right: Shows, ctx: Context) -> Difference | None:
        """Return the first thing that is not shown as it must be."""
        for found in _differences(given, right):
            return found
        return None


def _differences(given: Mapping[str, Any], right: Shows) -> Iterator[Difference]:
    drawn = [*given["points"], *given["lines"]]
    shown = _shown(given)
    for x, y in right.points:
        wanted = _sorted_rows(np.column_stack([x, y]))
        if not any(_equal(_sorted_rows(series), wanted) for series in drawn):
            yield Difference(shown, f"{len(wanted)} points, each with its own x and y")
    for x, y in right.curves:
        if not any(_is_curve(line, x, np.asarray(y, dtype=float)) for line in given["lines"]):
            rising = x is None or bool(np.all(np.diff(x) >= 0))
            over = "from the smallest x to the largest" if rising else "in their order, as x and y"
            over = "over the epochs" if x is None else over
            yield Difference(shown, f"a line through {len(y)} values {over}")
    for level in right.levels:
        if not any(_is_level(given, level)):
            yield Difference(shown, "a line across the axes at the height asked for")
    for surface in right.contours:
        if not any(_are_contours(lines, surface) for lines in given["contours"]):
            yield Difference(shown, "lines on each of which the function that was asked for has one value")
    if set(right.log) != set(given["log"]):
        yield Difference(_axes_text(given["log"]), _axes_text(right.log))
    for name, label in zip("xy", given["labels"], strict=True):
        if not label.strip():
            yield Difference(f"no label on the {name} axis", "a label on both axes")
    if right.legend and not given["legend"]:
        yield Difference("no legend", "a legend that says which line is which")


def _is_level(given: Mapping[str, Any], level: float) -> Iterator[bool]:
    heights = [np.array([value]) for value in given["levels"]]
    heights += [line[:, 1] for line in given["lines"] if len(line) > 1]
    return (bool(np.allclose(values, level, rtol=1e-3, atol=1e-12)) for values in heights)


def _are_contours(lines: Sequence[np.ndarray], surface: Surface) -> bool:
    """Tell whether a function hardly changes along each of several lines, compared with its largest value."""
    heights = [np.asarray(surface(*line.T), dtype=float) for line in lines]
    if len(heights) < _FEWEST or not all(np.all(np.isfinite(height)) for height in heights):
        return False
    everywhere = np.concatenate(heights)
    return np.ptp(everywhere) > 0 and max(map(np.ptp, heights)) < _UNEVEN * np.ptp(everywhere)


def _is_curve(line: np.ndarray, x: Any, y: np.ndarray) -> bool:
    if len(line) != len(y):
        return False
    if x is not None:
        return _equal(line, np.column_stack([x, y]))
    steps = line[:, 0] - line[0, 0]
    counted = np.array_equal(steps, np.arange(len(y))) and line[0, 0] in (0, 1)
    return counted and _equal(line[:, 1], y)


def _equal(first: np.ndarray, second: np.ndarray) -> bool:
    return first.shape == second.shape and np.allclose(first, second, rtol=1e-3, atol=1e-5)


def _sorted_rows(rows: np.ndarray) -> np.ndarray:
    rows = np.asarray(rows, dtype=float)
    return rows[np.lexsort(rows.T[::-1])]


def _shown(given: Mapping[str, Any]) -> str:
    sets = [f"{len(points)} points" for points in given["points"]]
    sets += [f"a line through {len(line)} values" for line in given["lines"]]
    sets += [f"{len(lines)} contour lines" for lines in given["contours"]]
    sets += [f"a line across at {level:.4g}" for level in given["levels"]]
    return ", ".join(sets[:5]) or "empty axes"


def _axes_text(log: str) -> str:
    names = {"": "linear axes", "x": "a logarithmic x axis", "y": "a logarithmic y axis"}
    return names.get(log, "two logarithmic axes")


def _scale(log: bool) -> str:
    return "log" if log else "linear"


def _numbers(values: Any) -> np.ndarray:
    return np.array(values, dtype=float)


def _points_of(ax: Any) -> list[np.ndarray]:
    from matplotlib.collections import PathCollection

    sets = [c for c in ax.collections if isinstance(c, PathCollection) and c.get_visible()]
    return [_numbers(np.ma.filled(c.get_offsets(), np.nan)) for c in sets[:_MOST]]


def _lines_of(ax: Any) -> tuple[list[np.ndarray], list[float]]:
    """Return lines as rows of x and y, and the heights of those that go across the axes."""
    from matplotlib.collections import LineCollection

    shown = [line for line in ax.get_lines() if line.get_visible()][:_MOST]
    across = ax.get_yaxis_transform(which="grid")  # of axhline
    series = [_numbers(line.get_xydata()) for line in shown if line.get_transform() != across]
    levels = [float(line.get_ydata()[0]) for line in shown if line.get_transform() == across]
    for collection in ax.collections:
        if isinstance(collection, LineCollection) and collection.get_visible():  # of hlines
            series += [_numbers(segment) for segment in collection.get_segments()[:_MOST]]
    return series[:_MOST], levels


def _contours_of(ax: Any) -> list[list[np.ndarray]]:
    """Return the contour lines of each call of contour or contourf."""
    from matplotlib.contour import ContourSet

    sets = [c for c in ax.collections if isinstance(c, ContourSet) and c.get_visible()]
    return [
        [_numbers(line) for lines in found.allsegs for line in lines if len(line) > 1][:_MOST]
        for found in sets[:_MOST]
    ]


def _axes_of(value: Any) -> Any:
    """Return the axes that a student hands over as such, as a figure, or as what a plotting call returned."""
    from matplotlib.axes import Axes

    if isinstance(value, Axes):
        return value
    if isinstance(value, list | tuple | np.ndarray):
        parts = value.ravel() if isinstance(value, np.ndarray) else value
        found = {id(ax): ax for part in parts if (ax := _axes_of(part)) is not None}
        return next(iter(found.values())) if len(found) == 1 else None
    axes = getattr(value, "axes", None)  # of a figure, an artist, or a grid of seaborn's
    return None if axes is None else _axes_of(axes)
