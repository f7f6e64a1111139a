"""Drawings that explain: how a network is connected."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from labs_engine.base.style import BLUE, INK, axes_or_new, describe

_MOST = 12  # units of a layer that are drawn


def network(sizes: Sequence[int], *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw the units of a dense network and their connections, from left to right.

    Of a layer with more than 12 units the first 12 are drawn.

    Args:
        sizes: Units of each layer: the inputs, the hidden layers, the outputs.
        title: Title of the figure.
        ax: Axes to draw on; a new figure without.

    Returns:
        The axes, with alt text.

    Example:
        >>> len(network([1, 5, 5, 1]).get_lines())  # one for each weight
        35

    See Also:
        notebooks/01_synthetic_regression.ipynb
    """
    ax = axes_or_new(ax, figsize=(6.4, 3.2))
    heights = [np.arange(min(n, _MOST)) - (min(n, _MOST) - 1) / 2 for n in sizes]
    for column, (left, right) in enumerate(pairwise(heights)):
        for start in left:
            for end in right:
                ax.plot([column, column + 1], [start, end], color="#999999", linewidth=0.7, zorder=1)
    names = ["input", *(f"hidden {k}" for k in range(1, len(sizes) - 1)), "output"]
    lowest = max(len(places) for places in heights) / 2
    for column, (places, size, name) in enumerate(zip(heights, sizes, names, strict=True)):
        ax.scatter(np.full(len(places), column), places, s=160, color=BLUE, edgecolors="white", zorder=2)
        units = f"{size} unit{'s' if size > 1 else ''}"
        ax.text(column, -lowest - 0.6, f"{name}\n{units}", ha="center", va="top", color=INK)
    ax.set(xlim=(-0.5, len(sizes) - 0.5), ylim=(-lowest - 2.2, lowest + 0.4), title=title)
    ax.axis("off")
    layers = ", ".join(f"{name} {size}" for name, size in zip(names, sizes, strict=True))
    return describe(
        ax, f"{title or 'A network'}: circles in columns ({layers}), each joined to all of the next column."
    )
