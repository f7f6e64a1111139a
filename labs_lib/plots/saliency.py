"""Figures of what a network looks at, laid over what it was given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from labs_engine.base.style import BLUE, INK, PALETTE, VERMILION, axes_or_new, describe

_OCTAVES = (256, 512, 1024, 2048, 4096, 8192)  # Hz
# Invisible where nothing is salient, so that the features show; one hue, darker means more.
_SALIENT = LinearSegmentedColormap.from_list("salient", ["#d55e0000", "#d55e00e0"])


def saliency_map(
    saliency: np.ndarray,
    features: np.ndarray,
    rate: int,
    *,
    hop: int = 512,
    axis: str = "",
    fmin: float = 0.0,
    fmax: float | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw what is salient over the features that a network was given, in its own orientation.

    The features are grey, the map is laid over them in one colour, the stronger the more salient.

    Args:
        saliency: From 0 to 1, shape (frames, coefficients or bands).
        features: Features of the same segment, same shape or with an axis of one channel behind.
        rate: Samples per second of the sound.
        hop: Samples from one frame to the next.
        axis: What the second axis is, 'coefficient' or 'mel band'; by default coefficients up to 40.
        fmin: Lowest frequency of the mel bands in Hz.
        fmax: Highest frequency of the mel bands in Hz; by default half the rate.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.

    Raises:
        ValueError: The two differ in shape.
    """
    saliency, features = np.asarray(saliency, dtype=float), np.asarray(features, dtype=float)
    features = features[..., 0] if features.ndim == 3 and features.shape[2] == 1 else features
    if saliency.ndim != 2 or saliency.shape != features.shape:
        raise ValueError(
            f"expected a map and features of one shape (frames, bands), found {saliency.shape} and {features.shape}"
        )
    axis = axis or ("coefficient" if features.shape[1] <= 40 else "mel band")
    ax = axes_or_new(ax, figsize=(7.0, 3.6))
    frames, rows = features.shape
    step = hop / rate
    extent = (-0.5 * step, (frames - 0.5) * step, 0.5, rows + 0.5)
    low, high = np.percentile(features, [2, 98])
    shared: dict[str, Any] = {"origin": "lower", "aspect": "auto", "extent": extent}
    ax.imshow(features.T, cmap="gray", vmin=low, vmax=max(high, low + 1e-9), **shared)
    image = ax.imshow(saliency.T, cmap=_SALIENT, vmin=0, vmax=1, interpolation="bilinear", **shared)
    ax.set(xlabel="time (s)", title=title, xlim=(0, max((frames - 1) * step, step)))
    ax.grid(visible=False)
    place = _label_rows(ax, rows, axis, fmin, fmax or rate / 2)
    assert ax.figure is not None
    ax.figure.colorbar(image, ax=ax, label="saliency (share of the largest)")
    moment, row = np.unravel_index(int(saliency.argmax()), saliency.shape)
    total = saliency.sum()
    most = np.sort(saliency.reshape(-1))[::-1][: max(saliency.size // 5, 1)].sum() / total if total else 0.0
    return describe(
        ax,
        f"{title or 'Saliency'}: a map laid over {rows} {axis}s of {(frames - 1) * step:.1f} s of sound. The most "
        f"salient place is at {moment * step:.1f} s and {place(int(row))}; the most salient fifth of all places "
        f"holds {100 * most:.0f} % of the map.",
    )


def share_curves(
    shares: np.ndarray,
    curves: Mapping[str, np.ndarray],
    *,
    xlabel: str = "share deleted",
    level: float | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw how the probability of the true class changes while inputs are deleted or filled.

    Args:
        shares: Share of the input at each point, from 0 to 1, shape (steps + 1,).
        curves: Mean probability at each share, by label.
        xlabel: What the share is of.
        level: Probability of a guess, drawn across.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax, figsize=(7.0, 3.8))
    shares = np.asarray(shares, dtype=float)
    sentences = []
    for index, (label, values) in enumerate(curves.items()):
        y = np.asarray(values, dtype=float)
        ax.plot(
            100 * shares,
            y,
            label=label,
            color=PALETTE[index % len(PALETTE)],
            marker="osD^v"[index % 5],
            linestyle=("-", "--", "-.", ":")[index % 4],
        )
        fifth = float(np.interp(0.2, shares, y))
        sentences.append(
            f"{label}: {y[0]:.2f} at first, {fifth:.2f} at a share of 20 %, {y[-1]:.2f} at the end."
        )
    if level is not None:
        ax.axhline(level, color=INK, linestyle=(0, (1, 1)), linewidth=1.4, label="guessing")
    ax.set(xlabel=f"{xlabel} (%)", ylabel="probability of the true class", title=title, xlim=(0, 100))
    ax.set_ylim(bottom=0)
    ax.legend()
    return describe(ax, f"{title or 'Deletion and insertion'}, against the {xlabel}. " + " ".join(sentences))


def paired_drops(salient: np.ndarray, random: np.ndarray, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw for each segment how much the salient part was worth, against a random part of equal size.

    Args:
        salient: Drop of the true class's probability without the most salient part, shape (n,).
        random: The same without a random part, shape (n,).
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax, figsize=(5.2, 4.6))
    salient, random = np.asarray(salient, dtype=float), np.asarray(random, dtype=float)
    ends = (min(salient.min(), random.min(), 0.0) - 0.05, max(salient.max(), random.max(), 0.0) + 0.05)
    ax.plot(ends, ends, color=INK, linestyle=(0, (1, 1)), linewidth=1.4, label="no difference")
    ax.scatter(random, salient, s=22, color=BLUE, alpha=0.6, label="one segment", linewidths=0)
    ax.plot(random.mean(), salient.mean(), "D", color=VERMILION, markersize=10, label="mean")
    ax.set(
        xlabel="drop without a random part",
        ylabel="drop without the salient part",
        title=title,
        xlim=ends,
        ylim=ends,
        aspect="equal",
    )
    ax.legend()
    above = 100 * float(np.mean(salient > random))
    return describe(
        ax,
        f"{title or 'Salient against random'}: drops of the true class's probability for {len(salient)} segments. "
        f"{above:.0f} % lie above the diagonal, where the salient part was worth more. Mean drops: "
        f"{salient.mean():.3f} without the salient part, {random.mean():.3f} without a random one.",
    )


def _label_rows(ax: Axes, rows: int, axis: str, fmin: float, fmax: float) -> Callable[[int], str]:
    """Label the vertical axis and return what says where a row, counted from 0, lies."""
    if axis != "mel band":
        ax.set_ylabel(axis)
        ax.set_yticks(np.unique(np.linspace(1, rows, min(rows, 5)).round().astype(int)))
        return lambda row: f"{axis} {row + 1}"
    import librosa

    centres = librosa.mel_frequencies(rows + 2, fmin=fmin, fmax=fmax)[1:-1]
    ticks = [f for f in _OCTAVES if centres[0] < f < centres[-1]]
    ax.set_yticks(np.interp(ticks, centres, np.arange(1, rows + 1)), [str(f) for f in ticks])
    ax.set_ylabel("frequency of the mel band (Hz)")
    return lambda row: f"{centres[row]:.0f} Hz"
