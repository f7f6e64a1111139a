"""Figures about classifiers: confusions, and how training went at each rate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from labs_engine.base.style import BLUE, INK, VERMILION, axes_or_new, describe


def confusion_matrix(
    counts: np.ndarray, class_names: Sequence[str], *, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw how often each class was predicted as each other, in percent of the true class.

    Args:
        counts: Shape (classes, classes): the true class by row, the predicted one by column.
        class_names: Name of each class.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    counts = np.asarray(counts)
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax = axes_or_new(ax, figsize=(7.0, 6.0))
    image = ax.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    places = range(len(class_names))
    ax.set_xticks(places, class_names, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(places, class_names)
    ax.set(xlabel="predicted", ylabel="true", title=title)
    ax.grid(visible=False)
    for row, column in np.argwhere(shares >= 0.5):
        color = "white" if shares[row, column] > 60 else INK
        ax.text(column, row, f"{shares[row, column]:.0f}", ha="center", va="center", color=color, fontsize=9)
    assert ax.figure is not None
    ax.figure.colorbar(image, ax=ax, label="share of the true class (%)")
    right = 100 * np.trace(counts) / max(int(counts.sum()), 1)
    wrong = shares - np.diag(np.diag(shares))
    row, column = (int(place) for place in np.unravel_index(int(wrong.argmax()), wrong.shape))
    worst = (
        f"Most often {class_names[row]} is taken for {class_names[column]}, in {wrong[row, column]:.0f} % of its "
        "examples."
        if wrong.any()
        else "No class is taken for another."
    )
    return describe(
        ax,
        f"{title or 'Confusion matrix'}: {len(class_names)} true classes by row against predicted classes by "
        f"column; {right:.0f} % of all examples lie on the diagonal. {worst}",
    )


def batch_losses(epochs: np.ndarray, losses: np.ndarray, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw the loss of each batch over fractional epochs, and the mean of each epoch.

    Args:
        epochs: Epochs passed at the end of each batch, shape (epochs, batches).
        losses: Loss of each batch, likewise.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax)
    epochs, losses = np.asarray(epochs), np.asarray(losses)
    means = losses.mean(axis=1)
    ax.plot(epochs.reshape(-1), losses.reshape(-1), color=BLUE, linewidth=0.9, label="one batch")
    ax.plot(epochs[:, -1], means, "o--", color=VERMILION, label="mean over an epoch, at its end")
    ax.set(xlabel="epoch", ylabel="log-loss", title=title, xlim=(0, float(epochs[-1, -1])))
    ax.legend()
    return describe(
        ax,
        f"{title or 'Loss of each batch'}: {losses.size} batches over {len(losses)} epochs, from "
        f"{losses.flat[0]:.3g} to {losses.flat[-1]:.3g}; within the last epoch between {losses[-1].min():.3g} and "
        f"{losses[-1].max():.3g}. The means of the epochs fall from {means[0]:.3g} to {means[-1]:.3g}.",
    )


def final_losses(
    rates: Sequence[float], losses: Sequence[float], *, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the loss after training against the learning rate, both on logarithmic axes.

    Args:
        rates: Learning rates.
        losses: Loss in the last epoch at each.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax)
    x, y = np.asarray(rates, dtype=float), np.asarray(losses, dtype=float)
    order, best = np.argsort(x), int(np.nanargmin(y))
    ax.loglog(x[order], y[order], "o-", color=BLUE)
    ax.plot(x[best], y[best], "D", color=VERMILION, markersize=9, label=f"smallest, at {x[best]:.2g}")
    ax.set(xlabel="learning rate", ylabel="training loss in the last epoch", title=title)
    ax.legend()
    return describe(
        ax,
        f"{title or 'Loss against rate'}: training loss in the last epoch at {len(x)} learning rates from "
        f"{x.min():.2g} to {x.max():.2g}. Smallest {y[best]:.2g} at {x[best]:.2g}; {y[order[0]]:.2g} at the "
        f"smallest rate, {y[order[-1]]:.2g} at the largest.",
    )
