"""Figures of notes: where they lie in a recording, and the features of one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from labs_engine.base.style import ORANGE, axes_or_new, describe
from labs_lib.plots.sound import waveform


def marked_notes(
    samples: np.ndarray,
    rate: int,
    spans: Sequence[tuple[int, int]],
    *,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw a recording's waveform with its notes marked and numbered.

    Args:
        samples: Mono samples, shape (n,).
        rate: Samples per second.
        spans: First sample of each note, and the first one after it.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = waveform(samples, rate, title=title, ax=ax)
    bottom = ax.get_ylim()[0]
    for number, (start, stop) in enumerate(spans, 1):
        ax.axvspan(start / rate, stop / rate, color=ORANGE, alpha=0.25, linewidth=0)
        ax.text((start + stop) / 2 / rate, 0.85 * bottom, str(number), ha="center", va="center")
    where = ", ".join(f"{start / rate:.2f} to {stop / rate:.2f} s" for start, stop in spans)
    return describe(ax, f"{title or 'Waveform'}: {len(spans)} notes are marked in the waveform: {where}.")


def note_features(
    features: np.ndarray, statistics: Sequence[str], *, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the features of one note as a map: one row per statistic, one column per coefficient.

    The first coefficient follows the loudness and is far larger than the others, so the colours
    span what the others do and the first one may lie beyond.

    Args:
        features: Shape (n_statistics * n_coefficients,), statistic by statistic.
        statistics: Name of each statistic.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax, figsize=(7.0, 2.8))
    table = np.asarray(features).reshape(len(statistics), -1)
    limit = float(np.abs(table[:, 1:]).max())
    image = ax.imshow(
        table,
        cmap="PuOr_r",
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        extent=(0.5, table.shape[1] + 0.5, len(statistics) - 0.5, -0.5),
    )
    ax.set_yticks(range(len(statistics)), statistics)
    ax.set_xticks(range(1, table.shape[1] + 1, 3))
    ax.set(xlabel="coefficient", ylabel="statistic", title=title)
    ax.grid(visible=False)
    assert ax.figure is not None
    ax.figure.colorbar(image, ax=ax, label="value", extend="both")
    return describe(
        ax,
        f"{title or 'Features of a note'}: {table.size} numbers, {len(statistics)} statistics of each of "
        f"{table.shape[1]} coefficients. The mean of the first coefficient is {table[0, 0]:.0f}; all others lie "
        f"between {table[:, 1:].min():.0f} and {table[:, 1:].max():.0f}.",
    )
