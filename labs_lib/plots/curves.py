"""Curves over the epochs of a training run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from labs_engine.base.style import INK, PALETTE, axes_or_new, describe

_DASHES = ("-", "--", "-.", ":")


def learning_curves(
    curves: Mapping[str, Sequence[float]],
    *,
    ylabel: str = "mean squared error",
    level: float | None = None,
    level_label: str = "",
    log: bool = False,
    best: str | None = "min",
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw one or more curves over the epochs.

    Args:
        curves: Values per epoch, by label; the first value belongs to epoch 1.
        ylabel: What is measured, with its unit where it has one.
        level: A reference level drawn across (noise floor, chance).
        level_label: What the reference level is.
        log: Whether the vertical axis is logarithmic.
        best: Mark each curve's 'min' or 'max', or None.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax)
    sentences = []
    for index, (label, values) in enumerate(curves.items()):
        y = np.asarray(values, dtype=float)
        epochs = np.arange(1, len(y) + 1)
        color, dashes = PALETTE[index % len(PALETTE)], _DASHES[index % len(_DASHES)]
        ax.plot(epochs, y, label=label, color=color, linestyle=dashes)
        sentence = f"{label}: from {y[0]:.3g} to {y[-1]:.3g} over {len(y)} epochs"
        if best and np.isfinite(y).any():
            at = int(np.nanargmin(y) if best == "min" else np.nanargmax(y))
            ax.plot(epochs[at], y[at], "o", color=color, markeredgecolor="white", zorder=5)
            sentence += f", {'smallest' if best == 'min' else 'largest'} {y[at]:.4g} at epoch {epochs[at]}"
        sentences.append(sentence + ".")
    if level is not None:
        ax.axhline(level, color=INK, linestyle=(0, (1, 1)), linewidth=1.4, label=level_label)
        sentences.append(f"{level_label or 'Reference level'} at {level:.4g}.")
    if log:
        ax.set_yscale("log")
    ax.set(xlabel="epoch", ylabel=ylabel, title=title)
    ax.legend()
    return describe(ax, f"{title or 'Learning curves'}, {ylabel} per epoch. " + " ".join(sentences))
