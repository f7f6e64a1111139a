"""Figures as answers: what is on the axes, whichever calls put it there."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import seaborn as sns
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labs_engine.declare.answers import AnswerProblem, Unattempted
from labs_engine.declare.context import Context
from labs_engine.declare.drawings import Drawing, DrawingFunction, Shows, dense
from labs_engine.grade.in_sandbox.encoding import decode, encode

CTX = Context({})
X = np.array([0.3, -0.2, 0.1, 0.4])
Y = np.array([1.0, 0.5, 2.0, -1.0])
LOSS = [0.5, 0.2, 0.1, 0.05]


def _labelled(ax: Any) -> Any:
    ax.set(xlabel="x", ylabel="y")
    return ax


def _new() -> Any:
    return plt.subplots()[1]


def _drawn(draw: Callable[[Any], Any]) -> Any:
    ax = _new()
    draw(ax)
    return _labelled(ax)


def found(value: Any, right: Shows) -> str:
    """Return how a drawing differs, judged as a graded run does, or ''."""
    content, parts = encode(SimpleNamespace(ax=Drawing().collect(value, CTX)))
    difference = Drawing().difference(decode(content, parts).ax, right, CTX)
    return "" if difference is None else f"{difference.found} | {difference.expected}"


POINTS = Shows(points=[(X, Y)])
SCATTERS: dict[str, Callable[[], Any]] = {
    "scatter": lambda: _drawn(lambda ax: ax.scatter(X, Y, s=3, alpha=0.5)),
    "dots": lambda: _drawn(lambda ax: ax.plot(X, Y, ".")),
    "in another order": lambda: _drawn(lambda ax: ax.scatter(X[::-1], Y[::-1])),
    "seaborn": lambda: _labelled(sns.scatterplot(x=X, y=Y, ax=_new())),
    "relplot": lambda: sns.relplot(x=X, y=Y).set_axis_labels("x", "y"),
    "with a line": lambda: _drawn(lambda ax: (ax.scatter(X, Y), ax.plot([0, 1], [0, 1]))),
    "lists": lambda: _drawn(lambda ax: ax.scatter(list(X), list(Y))),
    "a figure": lambda: _drawn(lambda ax: ax.scatter(X, Y)).figure,
    "figure and axes": lambda: (_drawn(lambda ax: ax.scatter(X, Y)).figure, plt.gca()),
    "what plot returned": lambda: _drawn(lambda ax: ax.plot(X, Y, "o")).get_lines(),
    "float32": lambda: _drawn(lambda ax: ax.scatter(X.astype("float32"), Y.astype("float32"))),
}


@pytest.mark.parametrize("draw", SCATTERS.values(), ids=SCATTERS)
def test_a_scatter_is_right_however_it_was_drawn(draw: Callable[[], Any]) -> None:
    assert found(draw(), POINTS) == ""


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: _drawn(lambda ax: None), "empty axes"),
        (lambda: _drawn(lambda ax: ax.scatter(Y, X)), "4 points"),
        (lambda: _drawn(lambda ax: ax.scatter(X[:3], Y[:3])), "3 points"),
        (lambda: _drawn(lambda ax: ax.scatter(X, np.sort(Y))), "4 points"),
        (lambda: _drawn(lambda ax: ax.scatter(X, Y).set_visible(False)), "empty axes"),
        (lambda: _drawn(lambda ax: (ax.scatter(X, Y), ax.set_xscale("log"))), "a logarithmic x axis"),
        (lambda: _new().scatter(X, Y).axes, "no label on the x axis"),
    ],
)
def test_another_scatter_is_not(draw: Callable[[], Any], words: str) -> None:
    assert words in found(draw(), POINTS)


CURVE = Shows(curves=[(None, LOSS)], log="y")
CURVES: dict[str, Callable[[Any], Any]] = {
    "semilogy": lambda ax: ax.semilogy(LOSS),
    "plot": lambda ax: (ax.plot(range(1, 5), LOSS), ax.set_yscale("log")),
    "with a floor": lambda ax: (ax.semilogy(LOSS), ax.axhline(0.04)),
    "with a mark": lambda ax: (ax.semilogy(LOSS), ax.plot(3, 0.05, "o")),
    "with markers": lambda ax: ax.semilogy(LOSS, "o-"),
}


@pytest.mark.parametrize("draw", CURVES.values(), ids=CURVES)
def test_a_curve_over_the_epochs_may_count_from_0_or_1(draw: Callable[[Any], Any]) -> None:
    assert found(_drawn(draw), CURVE) == ""


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda ax: ax.plot(LOSS), "linear axes | a logarithmic y axis"),
        (lambda ax: ax.loglog(range(1, 5), LOSS), "two logarithmic axes"),
        (lambda ax: ax.semilogy(LOSS[:-1]), "a line through 3 values"),
        (lambda ax: ax.semilogy(LOSS[::-1]), "a line through 4 values"),
        (lambda ax: ax.semilogy(np.linspace(0, 1, 4), LOSS), "over the epochs"),
        (lambda ax: (ax.scatter(range(4), LOSS), ax.set_yscale("log")), "4 points"),
    ],
)
def test_another_curve_is_not(draw: Callable[[Any], Any], words: str) -> None:
    assert words in found(_drawn(draw), CURVE)


def test_a_line_joins_its_points_from_left_to_right() -> None:
    order = np.argsort(X)
    right = Shows(curves=[(X[order], Y[order])])
    assert found(_drawn(lambda ax: ax.plot(X[order], Y[order])), right) == ""
    assert "from the smallest x" in found(_drawn(lambda ax: ax.plot(X, Y)), right)


def test_a_path_may_turn_back() -> None:
    assert found(_drawn(lambda ax: ax.plot(X, Y, ".-")), Shows(curves=[(X, Y)])) == ""
    assert "in their order" in found(_drawn(lambda ax: ax.plot(Y, X)), Shows(curves=[(X, Y)]))


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.axhline(0.04, color="k"),
        lambda ax: ax.hlines(0.04, 0, 300),
        lambda ax: ax.plot([0, 300], [0.04, 0.04]),
        lambda ax: ax.plot(range(5), [0.04] * 5, "--"),
    ],
)
def test_a_level_is_a_line_across(draw: Callable[[Any], Any]) -> None:
    assert found(_drawn(draw), Shows(levels=[0.04])) == ""
    assert "a line across" in found(_drawn(draw), Shows(levels=[0.05]))


def test_a_vertical_line_is_no_level() -> None:
    assert found(_drawn(lambda ax: ax.axvline(0.04)), Shows(levels=[0.04])) != ""


def test_a_legend_is_asked_for() -> None:
    right = Shows(points=[(X, Y)], legend=True)
    ax = _drawn(lambda ax: ax.scatter(X, Y, label="data"))
    assert found(ax, right) == "no legend | a legend that says which line is which"
    ax.legend()
    assert found(ax, right) == ""


LABELS = np.array([0, 1, 1, 0])
PART = [np.array([0, 3]), np.array([1, 2])]  # the places of each label
GROUPS = Shows(groups=[(X[part], Y[part]) for part in PART])
GROUPED: dict[str, Callable[[Any], Any]] = {
    "seaborn": lambda ax: sns.scatterplot(x=X, y=Y, hue=LABELS, ax=ax),
    "seaborn with names": lambda ax: sns.scatterplot(x=X, y=Y, hue=[f"class {v}" for v in LABELS], ax=ax),
    "seaborn with markers": lambda ax: sns.scatterplot(x=X, y=Y, style=LABELS, ax=ax),
    "two calls": lambda ax: [ax.scatter(X[PART[v]], Y[PART[v]]) for v in (1, 0)],
    "two markers": lambda ax: [ax.scatter(X[PART[v]], Y[PART[v]], color="k", marker="o^"[v]) for v in (0, 1)],
    "values": lambda ax: ax.scatter(X, Y, c=LABELS),
    "colours": lambda ax: ax.scatter(X, Y, c=["rb"[v] for v in LABELS]),
    "dots": lambda ax: [ax.plot(X[PART[v]], Y[PART[v]], ".") for v in (0, 1)],
    "open circles": lambda ax: ax.scatter(X, Y, facecolors="none", edgecolors=["rb"[v] for v in LABELS]),
    "all beneath": lambda ax: (ax.scatter(X, Y, color="k"), ax.scatter(X, Y, c=LABELS)),
}


@pytest.mark.parametrize("draw", GROUPED.values(), ids=GROUPED)
def test_groups_are_told_apart_by_colour_or_marker(draw: Callable[[Any], Any]) -> None:
    assert found(_drawn(draw), GROUPS) == ""


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda ax: ax.scatter(X, Y), "4 points | 2 of the points in a colour"),
        (lambda ax: ax.scatter(X, Y, c=[0, 0, 1, 1]), "in a colour"),
        (lambda ax: [ax.scatter(X[PART[v]], Y[PART[v]], color="k") for v in (0, 1)], "look the same"),
    ],
)
def test_groups_that_look_the_same_are_not(draw: Callable[[Any], Any], words: str) -> None:
    assert words in found(_drawn(draw), GROUPS)


_ANGLES = np.linspace(0, 2 * np.pi, 400)
CIRCLE = Shows(shapes=[(1 + 2 * np.cos(_ANGLES), -0.5 + 2 * np.sin(_ANGLES))], within=0.05)
_TICKS = np.linspace(-4, 4, 120)
_PLANE = np.meshgrid(_TICKS, _TICKS)
_SQUARED = (_PLANE[0] - 1) ** 2 + (_PLANE[1] + 0.5) ** 2
_INSIDE = (_SQUARED < 4).astype(int)
_SOFT = 1 / (1 + np.exp(_SQUARED - 4))
OUTLINES: dict[str, Callable[[Any], Any]] = {
    "a line of contours": lambda ax: ax.contour(*_PLANE, _SOFT, levels=[0.5]),
    "many lines": lambda ax: ax.contour(*_PLANE, _SOFT, levels=np.linspace(0, 1, 11)),
    "classes as they are": lambda ax: ax.contourf(*_PLANE, _INSIDE),
    "two fillings": lambda ax: ax.contourf(*_PLANE, _INSIDE, levels=[-0.5, 0.5, 1.5]),
    "truth values": lambda ax: ax.contourf(*_PLANE, _INSIDE == 1, levels=1),
    "one filling": lambda ax: ax.contourf(*_PLANE, _SOFT, levels=[0.5, 1]),
    "probabilities": lambda ax: ax.contourf(_TICKS, _TICKS, _SOFT, levels=np.linspace(0, 1, 11)),
    "triangles": lambda ax: ax.tricontourf(*(g.ravel() for g in _PLANE), _INSIDE.ravel(), levels=2),
    "a plain line": lambda ax: ax.plot(1 + 2 * np.cos(_ANGLES[::9]), -0.5 + 2 * np.sin(_ANGLES[::9])),
}


@pytest.mark.parametrize("draw", OUTLINES.values(), ids=OUTLINES)
def test_a_shape_is_right_however_it_was_drawn(draw: Callable[[Any], Any]) -> None:
    assert found(_drawn(draw), CIRCLE) == ""


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.contour(*_PLANE, _SOFT.T, levels=[0.5]),
        lambda ax: ax.contourf(*_PLANE, _INSIDE[::-1]),
        lambda ax: ax.contourf(*_PLANE, np.zeros_like(_SOFT)),
        lambda ax: ax.contour(*_PLANE, _SOFT, levels=[0.1]),
        lambda ax: ax.plot(1 + 2 * np.cos(_ANGLES[:200]), -0.5 + 2 * np.sin(_ANGLES[:200])),
        lambda ax: None,
    ],
)
@pytest.mark.filterwarnings("ignore:No contour levels")
def test_another_shape_is_not(draw: Callable[[Any], Any]) -> None:
    assert "a line of another shape" in found(_drawn(draw), CIRCLE)


def test_a_shape_may_have_a_gap_and_long_steps() -> None:
    steps = Shows(shapes=[dense([0, 0, 1], [0, 1, 1])], within=0.02)
    assert found(_drawn(lambda ax: ax.plot([0, 0, 1], [0, 1, 1])), steps) == ""
    assert found(_drawn(lambda ax: ax.plot([0, 0, 0.5, 1], [0, 1, 1, 1])), steps) == ""
    assert found(_drawn(lambda ax: ax.plot([0, 1], [0, 1])), steps) != ""
    gap = Shows(shapes=[([0, 1, np.nan, 9, 10], [0, 1, 0, 9, 10])])
    assert found(gap.draw(), Shows(shapes=gap.shapes, within=0.2)) == ""


MATRIX = Shows(images=[[[5, 1], [2, 7]]])


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.imshow([[5, 1], [2, 7]]),
        lambda ax: sns.heatmap([[5, 1], [2, 7]], annot=True, ax=ax),
        lambda ax: ax.pcolormesh([[5, 1], [2, 7]]),
    ],
)
def test_a_matrix_is_an_image_or_a_heat_map(draw: Callable[[Any], Any]) -> None:
    assert found(_drawn(draw), MATRIX) == ""
    assert "a matrix of 2 × 2 cells" in found(_drawn(draw), Shows(images=[[[5, 2], [1, 7]]]))


def test_a_display_of_scikit_learn_is_taken() -> None:
    from sklearn.metrics import ConfusionMatrixDisplay

    assert found(ConfusionMatrixDisplay(np.array([[5, 1], [2, 7]])).plot(), MATRIX) == ""


DRAWS = DrawingFunction(lambda ctx: [(None, 1.0), (None, 2.0)])


def _line(ax: Any, height: float) -> Any:
    ax.set(xlabel="x", ylabel="y")
    return ax.plot([0, 1], [height, height])


def test_a_function_draws_on_the_axes_that_it_is_given_and_may_return_nothing() -> None:
    right = DRAWS.of_code(lambda ax, height: Shows(levels=[height]), CTX)
    opened = plt.get_fignums()
    for function in (_line, lambda ax, height: _line(ax, height) and None):
        assert DRAWS.difference(DRAWS.collect(function, CTX), right, CTX) is None
    on_its_own = DRAWS.collect(lambda ax, height: _line(_new(), height)[0].axes, CTX)
    assert DRAWS.difference(on_its_own, right, CTX) is None
    wrong = DRAWS.difference(DRAWS.collect(lambda ax, height: _line(ax, 1.0), CTX), right, CTX)
    assert wrong is not None
    assert plt.get_fignums() == opened
    with pytest.raises(Unattempted):
        DRAWS.collect(lambda ax, height: ..., CTX)


@pytest.mark.parametrize("value", [None, 3, "ax", [], plt, plt.Axes, [1, 2], {}, object(), np.zeros(3)])
def test_what_is_no_axes_is_refused(value: Any) -> None:
    with pytest.raises(AnswerProblem):
        Drawing().collect(value, CTX)


def test_two_axes_are_not_one() -> None:
    with pytest.raises(AnswerProblem):
        Drawing().collect(plt.subplots(1, 2)[1], CTX)


_VALUES = arrays(float, 5, elements=st.floats(-1e6, 1e6))


@given(_VALUES, _VALUES, st.sampled_from(["", "x", "y", "xy"]), st.booleans())
@settings(deadline=None, max_examples=40)
@pytest.mark.filterwarnings("ignore:Data has no positive values")
def test_what_must_be_shown_shows_itself(x: Any, y: Any, log: str, legend: bool) -> None:
    level = float(y[0])
    right = Shows(
        points=[(x, y)],
        groups=[(x, y)],
        curves=[(x, y), (None, y)],
        shapes=[dense(x, y)] if np.ptp(x) + np.ptp(y) else [],
        images=[np.outer(x, y)] if not log else [],
        levels=[level],
        log=log,
        legend=legend,
    )
    ax = right.draw()
    assert found(ax, right) == ""
    plt.close(ax.figure)


def _bowl(x: Any, y: Any) -> Any:
    return x**2 + 4 * y**2


def _plane(x: Any, y: Any) -> Any:
    return x + y


_GRID = np.meshgrid(np.linspace(-3, 5, 30), np.linspace(-2, 2, 25))


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.contour(*_GRID, _bowl(*_GRID)),
        lambda ax: ax.contourf(*_GRID, _bowl(*_GRID), levels=20),
        lambda ax: ax.contour(_GRID[0][0], _GRID[1][:, 0], 0.5 * _bowl(*_GRID), levels=[1, 2, 4, 6]),
        lambda ax: (ax.plot([0, 1], [0, 1]), ax.contour(*_GRID, np.sqrt(_bowl(*_GRID)))),
    ],
)
def test_contours_may_be_any_of_their_function(draw: Callable[[Any], Any]) -> None:
    assert found(_drawn(draw), Shows(contours=[_bowl])) == ""


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.plot([0, 1], [0, 1]),
        lambda ax: ax.contour(*_GRID, _plane(*_GRID)),
        lambda ax: ax.contour(*_GRID, _bowl(*_GRID[::-1])),
        lambda ax: ax.contour(*_GRID, _bowl(*_GRID), levels=[1]),
        lambda ax: ax.contour(*_GRID, _bowl(*_GRID)).set_visible(False),
    ],
)
def test_contours_of_another_function_are_not(draw: Callable[[Any], Any]) -> None:
    assert "lines on each of which" in found(_drawn(draw), Shows(contours=[_bowl]))


def test_contours_that_must_be_shown_show_themselves() -> None:
    assert found(Shows(contours=[_bowl]).draw(), Shows(contours=[_bowl])) == ""
