"""Figures of descent: paths on contours, rates, convergence, and what a gradient costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from labs_engine.base.style import INK, PALETTE, axes_or_new, describe
from labs_lib import descent

_DASHES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D", "v")
_CONTOUR = "#9a9a9a"


def descent_contours(
    a: float,
    b: float,
    trajectories: Mapping[str, np.ndarray],
    *,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw paths over the contours of L = ½(a·w1² + b·w2²).

    Args:
        a: Curvature along w1.
        b: Curvature along w2.
        trajectories: Points visited, shape (steps + 1, 2), by label; all from one start.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax)
    start = np.asarray(next(iter(trajectories.values())), dtype=float)[0]
    width, height = 1.25 * np.maximum(np.abs(start), 0.3 * np.max(np.abs(start)))
    w1, w2 = np.meshgrid(np.linspace(-width, width, 121), np.linspace(-height, height, 121))
    loss = descent.quadratic(w1, w2, a, b)
    # Ellipses at equal distances: the loss grows with the square of their size.
    levels = descent.quadratic(start[0], start[1], a, b) * np.linspace(0.15, 1.9, 9) ** 2
    ax.contour(w1, w2, loss, levels=levels, colors=_CONTOUR, linewidths=0.7, zorder=1)
    sentences = []
    for index, (label, points) in enumerate(trajectories.items()):
        path = np.asarray(points, dtype=float)
        inside = _drawable(path, 1.6 * np.array([width, height]))
        ax.plot(
            *path[:inside].T,
            color=PALETTE[index % len(PALETTE)],
            linestyle=_DASHES[index % len(_DASHES)],
            marker=_MARKERS[index % len(_MARKERS)],
            markersize=3.5,
            linewidth=1.2,
            label=label,
            zorder=3,
        )
        sentences.append(_path_sentence(label, path))
    ax.plot(*start, "o", markersize=8, markerfacecolor="white", markeredgecolor=INK, zorder=4)
    ax.plot(0, 0, "*", markersize=12, color=INK, zorder=4)
    ax.set(xlim=(-width, width), ylim=(-height, height), xlabel="$w_1$", ylabel="$w_2$", title=title)
    if len(trajectories) > 1:
        ax.legend()
    return describe(
        ax,
        f"{title or 'Descent'}: contours of the bowl with curvatures {a:g} and {b:g}, start at a circle, "
        f"minimum at a star. {' '.join(sentences)}",
    )


def descent_panels(
    a: float, b: float, trajectories: Mapping[str, np.ndarray], *, columns: int = 2
) -> np.ndarray:
    """Draw each path over the contours in a panel of its own.

    Args:
        a: Curvature along w1.
        b: Curvature along w2.
        trajectories: Points visited, shape (steps + 1, 2), by the panel's title.
        columns: Panels beside each other.

    Returns:
        The axes, an array with one per path, each with alt text.
    """
    rows = -(-len(trajectories) // columns)
    _, axes = plt.subplots(
        rows, columns, figsize=(3.9 * columns, 2.8 * rows), sharex=True, sharey=True, squeeze=False
    )
    panels = axes.ravel()
    for ax, (title, path) in zip(panels, trajectories.items(), strict=False):
        descent_contours(a, b, {"path": path}, title=title, ax=ax)
        ax.label_outer()
    for ax in panels[len(trajectories) :]:
        ax.set_visible(False)
    return panels[: len(trajectories)]


def rate_curve(a: float, b: float, *, ax: Axes | None = None) -> Axes:
    """Draw the factor per step of each direction, and of the slowest, against the learning rate.

    Args:
        a: Curvature along w1.
        b: Curvature along w2.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax)
    limit = descent.largest_rate([a, b])
    best, factor = descent.best_rate([a, b])
    smooth = limit / 2
    eta = np.linspace(0, 1.15 * limit, 400)
    ax.plot(eta, np.abs(1 - a * eta), "--", color=PALETTE[0], label=r"$|1 - a\eta|$, along $w_1$")
    ax.plot(eta, np.abs(1 - b * eta), "-.", color=PALETTE[1], label=r"$|1 - b\eta|$, along $w_2$")
    ax.plot(eta, descent.contraction(eta, [a, b]), color=INK, linewidth=3, alpha=0.45, label="the slower")
    ax.axhline(1, color=INK, linestyle=":", linewidth=1.2)
    marks = {"1/max": (smooth, "v"), "best": (best, "o"), "2/max": (limit, "X")}
    for name, (at, marker) in marks.items():
        y = float(descent.contraction(at, [a, b]))
        ax.plot(at, y, marker, color=INK, markersize=8, zorder=5)
        side, offset = {"best": ("left", (8, -18)), "2/max": ("right", (-4, 8))}.get(name, ("center", (0, 9)))
        ax.annotate(f"{name}: {at:.3g}", (at, y), offset, textcoords="offset points", ha=side, fontsize=10)
    ax.set(xlabel=r"learning rate $\eta$", ylabel="factor per step", ylim=(0, 1.3), xlim=(0, eta[-1]))
    ax.set_title("How much of the distance one step leaves")
    ax.legend(loc="lower left")
    return describe(
        ax,
        "Factor by which one step multiplies each coordinate, against the learning rate. Both start at 1 and "
        f"fall in straight lines; the slower one, max of both, is smallest at rate {best:.3g} with factor "
        f"{factor:.3g}, is {float(descent.contraction(smooth, [a, b])):.3g} at 1/max = {smooth:.3g} and "
        f"reaches 1 again at 2/max = {limit:.3g}, beyond which descent diverges.",
    )


def convergence(
    distances: Mapping[str, np.ndarray],
    rates: Mapping[str, float] | None = None,
    *,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw distances from the minimum on a logarithmic axis, with what theory predicts.

    Args:
        distances: Distance after each step, the start first, by label.
        rates: Predicted factor per step, by the same labels; drawn as thin dotted lines.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax)
    predicted = rates or {}
    sentences = []
    for index, (label, values) in enumerate(distances.items()):
        y = np.asarray(values, dtype=float)
        steps = np.arange(len(y))
        color = PALETTE[index % len(PALETTE)]
        dash = _DASHES[index % len(_DASHES)]
        marker = _MARKERS[index % len(_MARKERS)]
        ax.plot(steps, y, dash, color=color, marker=marker, markevery=max(1, len(y) // 12), ms=5, label=label)
        sentence = f"{label}: from {y[0]:.3g} to {y[-1]:.2g} in {len(y) - 1} steps"
        if label in predicted:
            rate = predicted[label]
            ax.plot(steps, y[0] * rate**steps, color=INK, linestyle=(0, (1, 1.5)), linewidth=1.1, zorder=1)
            sentence += f", predicted factor per step {rate:.3g}"
        sentences.append(sentence + ".")
    if predicted:
        ax.plot([], [], color=INK, linestyle=(0, (1, 1.5)), linewidth=1.1, label="predicted by theory")
    ax.set_yscale("log")
    ax.set(xlabel="step", ylabel="distance from the minimum", title=title)
    ax.legend()
    return describe(
        ax,
        f"{title or 'Convergence'}: distance from the minimum per step, logarithmic. {' '.join(sentences)}",
    )


def cost_against_time(
    counts: Mapping[str, Sequence[float]],
    seconds: Mapping[str, Sequence[float]],
    *,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw measured time against counted multiply-adds, both logarithmic.

    Args:
        counts: Multiply-adds, one value per size, by gradient.
        seconds: Measured seconds, one value per size, by the same labels.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax)
    for index, (label, count) in enumerate(counts.items()):
        style: dict[str, Any] = {
            "color": PALETTE[index % len(PALETTE)],
            "marker": _MARKERS[index % len(_MARKERS)],
        }
        ax.plot(
            count,
            1e3 * np.asarray(seconds[label]),
            linestyle="none",
            ms=9,
            mfc="none",
            mew=1.8,
            label=label,
            **style,
        )
    all_counts = np.concatenate([np.asarray(count, dtype=float) for count in counts.values()])
    all_seconds = np.concatenate([np.asarray(seconds[label], dtype=float) for label in counts])
    largest = all_counts >= np.quantile(all_counts, 0.7)
    pace = float(np.median(all_seconds[largest] / all_counts[largest]))
    ends = np.array([all_counts.min(), all_counts.max()])
    speed = 1e-9 / pace
    label = f"{speed:.3g}·10⁹ a second"
    ax.plot(ends, 1e3 * pace * ends, color=INK, linestyle="--", linewidth=1.2, label=label, zorder=1)
    ax.set(xscale="log", yscale="log", xlabel="multiply-adds, counted", ylabel="time in ms", title=title)
    ax.legend()
    return describe(
        ax,
        f"{title or 'Cost of the gradients'}: measured time against counted multiply-adds of "
        f"{', '.join(counts)}, from {ends[0]:.2g} multiply-adds in {1e3 * all_seconds.min():.2g} ms to "
        f"{ends[1]:.2g} in {1e3 * all_seconds.max():.2g} ms; a line of constant speed runs through the "
        f"largest, small ones lie up to {np.max(all_seconds / (pace * all_counts)):.2g} times above it.",
    )


def difference_errors(
    steps: np.ndarray, errors: Mapping[str, np.ndarray], *, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the error of numerical gradients against the size of their step, both logarithmic.

    Args:
        steps: Step sizes, shape (k,).
        errors: Relative errors, shape (k,), by kind of difference.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax)
    sentences = _log_lines(ax, np.asarray(steps), errors)
    ax.set(xlabel="step of the difference", ylabel="relative error", title=title)
    return describe(
        ax,
        f"{title or 'Error of numerical gradients'}, against the step from {np.min(steps):.0e} to "
        f"{np.max(steps):.0e}. {sentences} Larger steps distort, smaller ones suffer from rounding.",
    )


def _log_lines(ax: Axes, x: np.ndarray, curves: Mapping[str, np.ndarray]) -> str:
    sentences = []
    for index, (label, values) in enumerate(curves.items()):
        y = np.asarray(values, dtype=float)
        style: dict[str, Any] = {
            "color": PALETTE[index % len(PALETTE)],
            "linestyle": _DASHES[index % len(_DASHES)],
        }
        ax.plot(x, y, label=label, **style)
        at = int(np.argmin(y))
        sentences.append(f"{label}: smallest {y[at]:.1e} at {x[at]:.1e}.")
    ax.set(xscale="log", yscale="log")
    ax.legend()
    return " ".join(sentences)


def _drawable(path: np.ndarray, limits: np.ndarray) -> int:
    """Return how many points to draw: up to the first one that is far outside, included."""
    outside = np.flatnonzero(~(np.abs(path) < limits).all(axis=1))
    return int(outside[0]) + 1 if len(outside) else len(path)


def _path_sentence(label: str, path: np.ndarray) -> str:
    from_start = descent.distances(path[[0, -1]])
    flips = [int(np.sum(np.sign(path[1:, k]) * np.sign(path[:-1, k]) < 0)) for k in (0, 1)]
    name = "" if label == "path" else f"{label}: "
    trend = "grows" if from_start[1] > from_start[0] else "falls"
    return (
        f"{name}In {len(path) - 1} steps the distance {trend} from {from_start[0]:.3g} to "
        f"{from_start[1]:.2g}; w1 changes sign {flips[0]} times, w2 {flips[1]} times."
    )
