"""Drawings that explain: how a network is connected, and how its error is computed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from labs_engine.base.style import BLUE, INK, VERMILION, axes_or_new, describe

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


# Of the network ŷ = W2 σ(W1 x): the place of each value, and from which value to which an arrow goes, with its label.
_PLACES = {
    "x": (0, 1),
    "z": (1, 1),
    "h": (2, 1),
    "ŷ": (3, 1),
    "E": (4, 1),
    "W1": (1, 0),
    "W2": (3, 0),
    "y": (4, 0),
}
_ARROWS = {
    ("x", "z"): "$W_1 x$",
    ("z", "h"): r"$\sigma(z)$",
    ("h", "ŷ"): "$W_2 h$",
    ("ŷ", "E"): r"$\Vert\hat{y}-y\Vert^2$",
    ("W1", "z"): "",
    ("W2", "ŷ"): "",
    ("y", "E"): "",
}
_IN_FORMULA = {"ŷ": r"\hat{y}", "W1": "W_1", "W2": "W_2"}


def computation_graph(
    n: int, m: int, q: int, *, backward: bool = False, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw how the error of the network ŷ = W2 σ(W1 x) is computed, and how its gradients are.

    Args:
        n: Inputs.
        m: Hidden units.
        q: Outputs.
        backward: Whether to draw the gradients, against the direction of the computation.
        title: Title of the figure.
        ax: Axes to draw on; a new figure without.

    Returns:
        The axes, with alt text.

    Example:
        >>> computation_graph(6, 5, 3).texts[0].get_text()[:3]
        '$x$'

    See Also:
        notebooks/03_backpropagation.ipynb
    """
    ax = axes_or_new(ax, figsize=(9.2, 2.9))
    shapes = {"x": (n,), "z": (m,), "h": (m,), "ŷ": (q,), "E": (), "W1": (m, n), "W2": (q, m), "y": (q,)}
    for name, (column, row) in _PLACES.items():
        shape = str(shapes[name]).replace(" ", "") if shapes[name] else "a number"
        text = f"${_IN_FORMULA.get(name, name)}$\n{shape}"
        box = {"boxstyle": "round,pad=0.35", "facecolor": "#eaf2f8", "edgecolor": BLUE}
        ax.text(column, row, text, ha="center", va="center", color=INK, bbox=box, zorder=3)
    shift = 0.1 if backward else 0.0
    for (start, end), label in _ARROWS.items():
        _arrow(ax, start, end, BLUE, label, 0.0 if start == "y" else shift)
        if backward and start != "y":
            _arrow(
                ax, end, start, VERMILION, rf"$\partial E/\partial {_IN_FORMULA.get(start, start)}$", shift
            )
    ax.set(xlim=(-0.5, 4.5), ylim=(-0.25, 1.3), title=title)
    ax.axis("off")
    words = f"{title or 'Computation graph'}: boxes x {(n,)}, z {(m,)}, h {(m,)}, ŷ {(q,)} and E in a row, joined by "
    words += f"blue arrows to the right; W1 {(m, n)} below z, W2 {(q, m)} below ŷ and the target y below E point up."
    if backward:
        words += (
            " Orange arrows run back from E to ŷ, h, z and x, and down to W2 and W1, each with the gradient of E with "
            "respect to the value at which it ends."
        )
    return describe(ax, words)


def _arrow(ax: Axes, start: str, end: str, color: str, label: str, shift: float) -> None:
    """Draw an arrow between two boxes, with its label beside it; there and back lie beside each other."""
    (x0, y0), (x1, y1) = _PLACES[start], _PLACES[end]
    forward = (start, end) in _ARROWS
    if y0 == y1:
        side = 1 if forward else -1
        height, way = y0 + side * shift, 1 if x1 > x0 else -1
        ends = (x0 + 0.25 * way, height), (x1 - 0.25 * way, height)
        at, alignment = ((x0 + x1) / 2, height + 0.05 * side), ("center", "bottom" if forward else "top")
    else:
        column = x0 + (-shift if forward else shift) * 0.8
        way = 1 if y1 > y0 else -1
        ends = (column, y0 + 0.21 * way), (column, y1 - 0.21 * way)
        at, alignment = (column + 0.05, 0.42), ("left", "center")
    arrow = {"arrowstyle": "-|>", "color": color, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=ends[1], xytext=ends[0], arrowprops=arrow, zorder=2)
    if label:
        ax.text(*at, label, ha=alignment[0], va=alignment[1], color=color, fontsize=11)
