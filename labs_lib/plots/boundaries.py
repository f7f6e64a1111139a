"""Two classes in the plane: points, decision boundaries, calibration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from labs_engine.base.style import BLUE, GREEN, INK, ORANGE, PALETTE, PURPLE, VERMILION, axes_or_new, describe

_MARKERS = ("o", "^")
_CLASS_COLORS = (BLUE, VERMILION)
# Colour, dashes and width of each boundary.
_LINES: tuple[tuple[str, Any, float], ...] = (
    (INK, "-", 2.4),
    (GREEN, "--", 2.2),
    (PURPLE, "-.", 2.2),
    (ORANGE, ":", 2.6),
)


def class_scatter(
    X: np.ndarray,
    y: np.ndarray,
    *,
    labels: Sequence[str] = ("class 0", "class 1"),
    limit: float | None = None,
    alpha: float = 0.6,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw points of two classes, distinguished by colour and by marker.

    Args:
        X: Points, shape (n, 2).
        y: Class of each point, 0 or 1, shape (n,).
        labels: What the legend calls the two classes.
        limit: Both axes run from -limit to limit; by default from the data.
        alpha: Opacity of the points, from 0 to 1.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax, figsize=(5.6, 5.2))
    X, y = np.asarray(X), np.asarray(y)
    sentences = []
    for value, (label, marker, color) in enumerate(zip(labels, _MARKERS, _CLASS_COLORS, strict=True)):
        points = X[y == value]
        ax.scatter(
            points[:, 0],
            points[:, 1],
            s=16,
            marker=marker,
            color=color,
            alpha=alpha,
            linewidths=0,
            label=label,
        )
        around = f" around ({points[:, 0].mean():.2f}, {points[:, 1].mean():.2f})" if len(points) else ""
        sentences.append(f"{label}: {len(points)} points{around}.")
    ax.set(xlabel="$x_1$", ylabel="$x_2$", title=title)
    ax.set_aspect("equal", adjustable="box")
    if limit:
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit))
    for handle in ax.legend(loc="upper left").legend_handles:
        if handle is not None:
            handle.set_alpha(1.0)
    return describe(ax, f"{title or 'Two classes'}: scatter plot. " + " ".join(sentences))


def decision_boundaries(
    X: np.ndarray,
    y: np.ndarray,
    rules: Mapping[str, Callable[[np.ndarray], np.ndarray]],
    *,
    limit: float = 7.0,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw where each rule changes its decision, over points of two classes.

    Args:
        X: Points, shape (n, 2).
        y: Class of each point, 0 or 1, shape (n,).
        rules: At most four functions by label, each from points of shape (m, 2) to
            values of shape (m,) that are positive where the rule says class 1. The
            others are compared with the first.
        limit: Both axes run from -limit to limit.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text: on which share of the area shown each rule agrees with
        the first one.
    """
    ax = class_scatter(X, y, limit=limit, alpha=0.3, title=title, ax=axes_or_new(ax, figsize=(7.4, 5.2)))
    axis = np.linspace(-limit, limit, 301)
    points = np.stack(np.meshgrid(axis, axis), axis=-1)
    first: np.ndarray | None = None
    sentences, handles = [], [handle for handle in _legend(ax).legend_handles if handle is not None]
    for (label, rule), (color, dashes, width) in zip(rules.items(), _LINES, strict=False):
        values = np.asarray(rule(points.reshape(-1, 2))).reshape(points.shape[:2])
        if values.min() < 0 < values.max():
            ax.contour(
                axis,
                axis,
                values,
                levels=[0.0],
                colors=color,
                linestyles=[dashes],
                linewidths=width,
            )
        decided = values > 0
        sentence = f"{label}: class 1 on {decided.mean():.0%} of the area"
        if first is None:
            first = decided
        else:
            sentence += f", the same decision as {next(iter(rules))} on {(decided == first).mean():.1%}"
        sentences.append(sentence + ".")
        handles.append(Line2D([], [], color=color, linestyle=dashes, linewidth=width, label=label))
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.02, 0.5))  # beside the boundaries
    return describe(
        ax,
        f"{title or 'Decision boundaries'}: boundaries between two classes for both coordinates from "
        f"{-limit:g} to {limit:g}. " + " ".join(sentences),
    )


def reliability_diagram(
    y: np.ndarray,
    probabilities: Mapping[str, np.ndarray],
    *,
    bins: int = 10,
    title: str = "",
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Compare predicted probabilities with how often class 1 really occurs.

    The upper panel shows, for each bin of predicted probabilities, their mean and the
    share of class 1 among the points; the bar is one standard error of that share. The
    lower panel shows how many points each bin holds.

    Args:
        y: Class of each point, 0 or 1, shape (n,).
        probabilities: Predicted probabilities of class 1, each of shape (n,), by label.
        bins: Number of bins of equal width from 0 to 1.
        title: Title of the figure.
        axes: Two axes to draw on, diagram and counts; by default a new figure.

    Returns:
        The two axes, with alt text.
    """
    if axes is None:
        _, axes = plt.subplots(2, 1, figsize=(6.0, 6.2), sharex=True, height_ratios=(3, 1))
    diagram, counts_ax = axes
    diagram.plot([0, 1], [0, 1], color="#888888", linewidth=1.2, label="perfectly calibrated")
    edges = np.linspace(0, 1, bins + 1)
    centres = (edges[:-1] + edges[1:]) / 2
    sentences, bars = [], []
    width = 0.8 / bins / max(1, len(probabilities))
    for index, (label, values) in enumerate(probabilities.items()):
        mean, share, counts = _calibration(y, np.asarray(values, dtype=float), bins)
        filled = counts[counts > 0]
        error = np.sqrt(mean * (1 - mean) / filled)
        color, marker = PALETTE[index % len(PALETTE)], "os^D"[index % 4]
        diagram.errorbar(
            mean, share, yerr=error, color=color, marker=marker, capsize=2, linewidth=1.4, label=label
        )
        offset = (index - (len(probabilities) - 1) / 2) * width
        bars.append(counts_ax.bar(centres + offset, counts, width, color=color))
        gap = float(np.sum(filled * np.abs(share - mean)) / filled.sum())
        sentences.append(
            f"{label}: on average {gap:.3f} between predicted and observed share; "
            f"{counts.min()} to {counts.max()} points a bin."
        )
    for container, hatch in zip(bars, ("", "///", "...", "xx"), strict=False):
        for patch in container:
            patch.set(hatch=hatch, edgecolor="white", linewidth=0)
    diagram.set(ylabel="observed share of class 1", title=title, ylim=(-0.05, 1.05))
    diagram.legend(loc="upper left")
    counts_ax.set(xlabel="predicted probability of class 1", ylabel="points", xlim=(0, 1))
    describe(
        diagram,
        f"{title or 'Reliability diagram'}: observed share of class 1 against predicted probability, "
        f"{len(np.asarray(y))} points in {bins} bins. " + " ".join(sentences),
    )
    return np.array([diagram, counts_ax])


def _calibration(y: np.ndarray, p: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean prediction and the share of class 1 in each bin that is not empty, and the points in all bins."""
    from sklearn.calibration import calibration_curve

    share, mean = calibration_curve(y, p, n_bins=bins)
    edges = np.linspace(0, 1, bins + 1)
    return mean, share, np.bincount(np.searchsorted(edges[1:-1], p), minlength=bins)


def _legend(ax: Axes) -> Legend:
    legend = ax.get_legend()
    assert legend is not None
    return legend
