"""Figures that students draw, as answers: what is on the axes, whichever calls put it there."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from labs_engine.declare.answers import (
    AnswerProblem,
    Difference,
    Function,
    Kind,
    describe,
    first_difference,
    reading,
)
from labs_engine.declare.context import Context

_MOST = 100  # series on one axes
_MOST_LOOKS = 20  # colours of one set of points
_MOST_VERTICES = 4000  # of a contour
_LARGEST_IMAGE = 100 * 100  # cells
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
        groups: Points as well, where each set must have a colour or a marker of its own.
        curves: Lines, each as x and y, drawn from left to right; x is None for a curve over the epochs, which may be
            counted from 0 or from 1.
        levels: Heights of lines across the axes.
        contours: Functions of x and y whose contour lines are drawn, whichever these are and however fine their grid.
        shapes: Lines, contour lines or borders of filled contours that run through these points, x and y, with any
            number of vertices; the points lie close together, see `dense`, and NaN stands for a gap.
        within: How far a shape may lie off, as a share of its larger side.
        images: Matrices that are drawn as an image or a heat map.
        log: The axes that are logarithmic, 'y', 'x' or 'xy'.
        legend: Whether a legend names what is drawn.

    Example:
        >>> loss = [0.5, 0.2, 0.1]
        >>> Shows(curves=[(None, loss)], log="y").log
        'y'
    """

    points: Sequence[Series] = ()
    groups: Sequence[Series] = ()
    curves: Sequence[Series] = ()
    levels: Sequence[float] = ()
    contours: Sequence[Surface] = ()
    shapes: Sequence[Series] = ()
    within: float = 0.02
    images: Sequence[Any] = ()
    log: str = ""
    legend: bool = False

    def draw(self) -> Any:
        """Return new axes that show it, with labels."""
        import matplotlib.pyplot as plt

        _, ax = plt.subplots()
        for image in self.images:
            ax.imshow(image)
        for x, y in [*self.points, *self.groups]:
            ax.scatter(x, y, label="points")
        for x, y in self.shapes:
            ax.plot(x, y, label="shape")
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


def dense(x: Any, y: Any, steps: int = 200) -> Series:
    """Return a line with points close together, for `Shows.shapes`.

    Args:
        x: Its corners.
        y: Their heights.
        steps: How many steps of equal length the larger side would take.

    Example:
        >>> x, y = dense([0, 0, 1], [0, 1, 1], steps=4)
        >>> x
        array([0.  , 0.  , 0.  , 0.  , 0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    rows = _densified(np.column_stack([x, y]).astype(float), 1 / steps)
    return rows[:, 0], rows[:, 1]


def over_epochs(epochs: int, curve: np.ndarray) -> Series:
    """Return a curve over the epochs for `Shows.curves`, or one that nothing equals if it has another length.

    Args:
        epochs: How many epochs the run asks for.
        curve: What a student's history holds, shape (epochs,).
    """
    return None, curve if len(curve) == epochs else np.full(epochs, np.nan)


@dataclass(frozen=True)
class Drawing(Kind):
    """An axes of matplotlib, drawn with matplotlib or seaborn."""

    def collect(self, value: Any, ctx: Context) -> dict[str, Any]:
        """Return what is on the axes: points, lines, levels, contours, images, labels, scales."""
        expected = "the axes of a figure"
        with reading(value, expected):
            ax = _axes_of(value)
            if ax is None:
                raise AnswerProblem(expected, describe(value))
            lines, levels = _lines_of(ax)
            return {
                "points": _points_of(ax),
                "groups": _groups_of(ax),
                "lines": lines,
                "levels": levels,
                "contours": _contours_of(ax),
                "outlines": _outlines_of(ax),
                "images": _images_of(ax),
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
        return first_difference(_differences(given, right))


@dataclass(frozen=True)
class DrawingFunction(Function):
    """A function that draws on the axes which it is given as its first argument, and may return them.

    Attributes:
        probes: As of any function, with None where the axes belong; new ones are made for each call.
    """

    returns: Any = Drawing()

    def _call(self, function: Callable[..., Any], probe: tuple[Any, ...], ctx: Context) -> Any:
        from matplotlib import pyplot
        from matplotlib.figure import Figure

        ax = Figure().subplots()  # not pyplot's, or a notebook would show it
        before = set(pyplot.get_fignums())

        @functools.wraps(function)
        def draw(_: Any, *arguments: Any) -> Any:
            returned = function(ax, *arguments)
            return returned if returned is ... or _axes_of(returned) is not None else ax

        try:
            return super()._call(draw, (ax, *probe[1:]), ctx)
        finally:
            for number in set(pyplot.get_fignums()) - before:
                pyplot.close(number)

    def difference(self, given: Any, right: Any, ctx: Context) -> Difference | None:
        """Return what the first drawing that differs lacks."""
        return first_difference(
            self.returns.difference(*pair, ctx) for pair in zip(given, right, strict=True)
        )


def _differences(given: Mapping[str, Any], right: Shows) -> Iterator[Difference]:
    drawn = [*given["points"], *given["lines"]]
    shown = _shown(given)
    for x, y in right.points:
        wanted = _sorted_rows(np.column_stack([x, y]))
        if not any(_equal(_sorted_rows(series), wanted) for series in drawn):
            yield Difference(shown, f"{len(wanted)} points, each with its own x and y")
    yield from _group_differences(given, right)
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
    for x, y in right.shapes:
        wanted = np.column_stack([x, y]).astype(float)
        if not any(_same_shape(drawn, wanted, right.within) for drawn in _shapes(given)):
            yield Difference(shown, "a line of another shape")
    for image in right.images:
        if not any(_equal(drawn, np.asarray(image, dtype=float)) for drawn in given["images"]):
            yield Difference(shown, f"a matrix of {_size(np.asarray(image))} cells with other numbers")
    if set(right.log) != set(given["log"]):
        yield Difference(_axes_text(given["log"]), _axes_text(right.log))
    for name, label in zip("xy", given["labels"], strict=True):
        if not label.strip():
            yield Difference(f"no label on the {name} axis", "a label on both axes")
    if right.legend and not given["legend"]:
        yield Difference("no legend", "a legend that says which line is which")


def _group_differences(given: Mapping[str, Any], right: Shows) -> Iterator[Difference]:
    looks = []
    for x, y in right.groups:
        wanted = _sorted_rows(np.column_stack([x, y]))
        same = [group["look"] for group in given["groups"] if _equal(_sorted_rows(group["points"]), wanted)]
        if not same:
            expected = f"{len(wanted)} of the points in a colour or with a marker of their own"
            yield Difference(_shown(given), expected)
        looks += same[-1:]  # what was drawn last covers the others
    if len(set(looks)) < len(looks):
        yield Difference("two sets of points that look the same", "another colour for each of them")


def _shapes(given: Mapping[str, Any]) -> Iterator[np.ndarray]:
    yield from given["outlines"]
    for line in given["lines"]:
        yield _densified(line, 1 / 200)


def _densified(rows: np.ndarray, step: float) -> np.ndarray:
    """Return the corners of a line with points between them, at most a step apart, measured by the larger side."""
    whole = rows[np.isfinite(rows).all(axis=1)]
    side = np.max(np.ptp(whole, axis=0)) if len(whole) else 0.0
    if not side > 0:
        return rows
    lengths = np.nan_to_num(np.max(np.abs(np.diff(rows, axis=0)), axis=1)) / side
    pieces = [
        np.linspace(first, second, max(1, int(np.ceil(length / step - 1e-9))), endpoint=False)
        for first, second, length in zip(rows[:-1], rows[1:], lengths, strict=True)
    ]
    return np.concatenate([*pieces, rows[-1:]])


def _same_shape(drawn: np.ndarray, wanted: np.ndarray, within: float) -> bool:
    """Tell whether each point of either lies near one of the other's."""
    drawn, wanted = (rows[np.isfinite(rows).all(axis=1)] for rows in (drawn, wanted))
    if not len(drawn) or not len(wanted):
        return False
    drawn = drawn[:: -(-len(drawn) // _MOST_VERTICES)]
    side = float(np.max(np.ptp(wanted, axis=0)))
    far = np.hypot(*(drawn[:, None, axis] - wanted[None, :, axis] for axis in (0, 1)))
    return bool(max(far.min(axis=0).max(), far.min(axis=1).max()) <= within * side)


def _size(image: np.ndarray) -> str:
    return " × ".join(map(str, image.shape))


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
    sets += [f"a matrix of {_size(image)} cells" for image in given["images"]]
    return ", ".join(sets[:5]) or "empty axes"


def _axes_text(log: str) -> str:
    names = {"": "linear axes", "x": "a logarithmic x axis", "y": "a logarithmic y axis"}
    return names.get(log, "two logarithmic axes")


def _scale(log: bool) -> str:
    return "log" if log else "linear"


def _numbers(values: Any) -> np.ndarray:
    return np.array(values, dtype=float)


def _visible(artists: Any, kind: Any = object) -> list[Any]:
    """Return those artists of a kind that can be seen, as many as are looked at."""
    return [artist for artist in artists if isinstance(artist, kind) and artist.get_visible()][:_MOST]


def _offsets(drawn: Any) -> np.ndarray:
    return _numbers(np.ma.filled(drawn.get_offsets(), np.nan))


def _points_of(ax: Any) -> list[np.ndarray]:
    from matplotlib.collections import PathCollection

    return [_offsets(drawn) for drawn in _visible(ax.collections, PathCollection)]


def _groups_of(ax: Any) -> list[dict[str, Any]]:
    """Return points by their look: a colour and a marker."""
    from matplotlib.collections import PathCollection
    from matplotlib.colors import to_hex

    groups: list[dict[str, Any]] = []
    for drawn in _visible(ax.collections, PathCollection):
        points = _offsets(drawn)
        looks = np.array(_looks_of(drawn, len(points)))
        for look in np.unique(looks)[:_MOST_LOOKS]:
            groups.append({"look": str(look), "points": points[looks == look]})
    for line in _visible(ax.get_lines()):
        if line.get_marker() not in ("", " ", "None", "none", None):
            look = f"{to_hex(line.get_markerfacecolor())} {line.get_marker()}"
            groups.append({"look": look, "points": _numbers(line.get_xydata())})
    return groups


def _looks_of(drawn: Any, count: int) -> list[str]:
    """Return a text for each point of a collection, the same for points that look the same."""
    values = drawn.get_array()
    colours = drawn.get_facecolor() if len(drawn.get_facecolor()) else drawn.get_edgecolor()
    if values is not None and np.size(values) == count:
        colours = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).reshape(count, 1)
    markers = [path.vertices.round(3).tobytes().hex()[:400] for path in drawn.get_paths()]
    return [
        f"{np.round(colours[at % len(colours)], 3).tolist() if len(colours) else ''} "
        f"{markers[at % len(markers)] if markers else ''}"
        for at in range(count)
    ]


def _outlines_of(ax: Any) -> list[np.ndarray]:
    """Return the vertices of each contour line, and of each border between two filled contours."""
    from matplotlib.contour import ContourSet

    outlines: list[np.ndarray] = []
    for drawn in _visible(ax.collections, ContourSet):
        layers = [_numbers(path.vertices).reshape(-1, 2) for path in drawn.get_paths()[:_MOST]]
        if drawn.filled:
            layers = _borders(layers)
        outlines += [layer[:: -(-len(layer) // _MOST_VERTICES)] for layer in layers if len(layer)]
    return outlines[:_MOST]


def _borders(layers: list[np.ndarray]) -> list[np.ndarray]:
    """Return what each filled contour shares with the next; of a single one, what is not the edge of the picture."""
    if len(layers) == 1:
        (layer,) = layers
        edges = [layer.min(axis=0), layer.max(axis=0)] if len(layer) else []
        inside = [not any(np.any(np.isclose(row, edge)) for edge in edges) for row in layer]
        return [layer[inside]]
    rows = [set(map(tuple, layer.round(9).tolist())) for layer in layers]
    shared = [sorted(one & other) for one, other in pairwise(rows)]
    return [_numbers(common).reshape(-1, 2) for common in shared]


def _images_of(ax: Any) -> list[np.ndarray]:
    from matplotlib.collections import QuadMesh

    drawn = [*_visible(ax.get_images()), *_visible(ax.collections, QuadMesh)][:_MOST]
    arrays = [artist.get_array() for artist in drawn]
    return [
        _numbers(np.ma.filled(np.ma.asarray(array, dtype=float), np.nan))
        for array in arrays
        if array is not None and np.ndim(array) == 2 and np.size(array) <= _LARGEST_IMAGE
    ]


def _lines_of(ax: Any) -> tuple[list[np.ndarray], list[float]]:
    """Return lines as rows of x and y, and the heights of those that go across the axes."""
    from matplotlib.collections import LineCollection

    shown = _visible(ax.get_lines())
    across = ax.get_yaxis_transform(which="grid")  # of axhline
    series = [_numbers(line.get_xydata()) for line in shown if line.get_transform() != across]
    levels = [float(line.get_ydata()[0]) for line in shown if line.get_transform() == across]
    for collection in _visible(ax.collections, LineCollection):  # of hlines
        series += [_numbers(segment) for segment in collection.get_segments()[:_MOST]]
    return series[:_MOST], levels


def _contours_of(ax: Any) -> list[list[np.ndarray]]:
    """Return the contour lines of each call of contour or contourf."""
    from matplotlib.contour import ContourSet

    return [
        [_numbers(line) for lines in drawn.allsegs for line in lines if len(line) > 1][:_MOST]
        for drawn in _visible(ax.collections, ContourSet)
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
    # Of a figure, an artist, or a grid of seaborn's; the displays of scikit-learn have another name.
    axes = getattr(value, "axes", None)
    if axes is None:
        axes = getattr(value, "ax_", None)
    return None if axes is None else _axes_of(axes)
