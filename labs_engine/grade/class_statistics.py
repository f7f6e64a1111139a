"""Figures of a class: the distribution of points, and the difficulty and discrimination of each exercise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from labs_engine.base.style import BLUE, INK, VERMILION, axes_or_new, describe


def score_histogram(totals: Sequence[float], possible: float, *, ax: Axes | None = None) -> Axes:
    """Draw how many students have how many points.

    Args:
        totals: The points of each student.
        possible: The highest possible number of points.
        ax: Where to draw.

    Returns:
        The axes.

    Raises:
        ValueError: There are no students.
    """
    if not len(totals):
        raise ValueError("there are no totals to draw")
    ax = axes_or_new(ax)
    top = max(possible, max(totals))
    # One bar for each point, or for several if there are many, so that the bars stay distinguishable.
    width = max(1, int(np.ceil(top / 25)))
    edges = np.arange(0, top + width + 1, width) - 0.5 * width
    counts, _, _ = ax.hist(totals, bins=edges.tolist(), color=BLUE, edgecolor="white", linewidth=1)
    middle = float(np.median(totals))
    ax.axvline(middle, color=INK, linestyle="--", label=f"median {middle:g}")
    ax.set(title=f"Points of {len(totals)} students", xlabel=f"points of {possible:g}", ylabel="students")
    ax.set_xlim(-width, top + width)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    low, high = np.percentile(totals, [25, 75])
    return describe(
        ax,
        f"Points of {len(totals)} students, of {possible:g}: median {middle:g}, the middle half from {low:g} "
        f"to {high:g}, lowest {min(totals):g}, highest {max(totals):g}; the fullest bar holds {max(counts):.0f}.",
    )


def exercise_shares(
    shares: Mapping[str, float], discrimination: Mapping[str, float | None], *, ax: Axes | None = None
) -> Axes:
    """Draw for each exercise the mean share of its points, and its correlation with the rest.

    Args:
        shares: By exercise, from 0 to 1.
        discrimination: By exercise, from -1 to 1; None if it cannot be computed.
        ax: Where to draw.

    Returns:
        The axes.

    Raises:
        ValueError: There are no exercises.
    """
    if not shares:
        raise ValueError("there are no exercises to draw")
    ax = axes_or_new(ax, figsize=(7.0, 1.6 + 0.42 * len(shares)))
    names = list(shares)
    places = np.arange(len(names))
    ax.barh(places, [shares[name] for name in names], color=BLUE, height=0.6)
    drawn = [
        (place, value)
        for place, value in enumerate(discrimination[name] for name in names)
        if value is not None
    ]
    for place, value in drawn:
        ax.plot(value, place, "D", color=VERMILION, markeredgecolor="white", markersize=9)
    ax.set_yticks(places, names)
    ax.invert_yaxis()
    ax.axvline(0, color=INK, linewidth=1)
    # The names take half of the width, which leaves no room for a legend.
    ax.set(
        title="Exercises",
        xlabel="bar: mean share of the points\n◆: correlation with the other exercises",
        xlim=(min(-0.05, *(value - 0.05 for _, value in drawn), 0), 1.05),
    )
    hardest = min(names, key=lambda name: shares[name])
    easiest = max(names, key=lambda name: shares[name])
    return describe(
        ax,
        f"Mean share of the points for {len(names)} exercises: lowest {shares[hardest]:.2f} ({hardest}), highest "
        f"{shares[easiest]:.2f} ({easiest}). Beside it the correlation with the rest; the table has the figures.",
    )
