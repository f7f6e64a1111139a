"""Scatter plots of points, with what a model makes of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from labs_engine.base.style import PALETTE, SKY, axes_or_new, describe


def regression_scatter(
    x: np.ndarray,
    y: np.ndarray,
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]] | None = None,
    *,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw points and curves through them.

    Args:
        x: Inputs, shape (n,).
        y: Targets, shape (n,).
        curves: Pairs of x and y to draw as lines, by label.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax)
    ax.scatter(x, y, s=12, color=SKY, alpha=0.7, linewidths=0, label="data")
    lines = dict(curves or {})
    for index, (label, (line_x, line_y)) in enumerate(lines.items()):
        ax.plot(line_x, line_y, color=PALETTE[(index + 1) % len(PALETTE)], label=label, linewidth=2.2)
    ax.set(xlabel="x", ylabel="y", title=title)
    if lines:
        ax.legend()
    overlay = f" with the curve{'s' if len(lines) > 1 else ''} {', '.join(lines)}" if lines else ""
    return describe(
        ax,
        f"{title or 'Scatter plot'}: {len(x)} points{overlay}. x from {np.min(x):.2f} to {np.max(x):.2f}, "
        f"y from {np.min(y):.2f} to {np.max(y):.2f}; mean of y {np.mean(y[x <= 0]):.2f} for x below 0 "
        f"and {np.mean(y[x > 0]):.2f} above.",
    )
