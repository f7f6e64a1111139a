"""Figures of lab 06: how sound becomes numbers, a track in four pictures, the gain from a leak, songs over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from labs_engine.base.style import BLUE, INK, PALETTE, VERMILION, axes_or_new, describe
from labs_lib.plots.sound import mfcc, power_spectrum, stft, waveform

_FINE = 2000  # points of a curve that stands for a sound in the air


def sampling(
    frequency: float,
    rate: float,
    levels: int,
    *,
    seconds: float = 0.01,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw a tone in the air, and the numbers that a converter makes of it.

    Args:
        frequency: Of the tone in Hz.
        rate: Samples per second.
        levels: Number of values that a sample can take.
        seconds: What is shown.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax, figsize=(7.0, 2.8))
    fine = np.linspace(0, seconds, _FINE)
    times = np.arange(0, seconds + 0.5 / rate, 1 / rate)
    exact = np.sin(2 * np.pi * frequency * times)
    step = 2 / (levels - 1)
    rounded = np.round((exact + 1) / step) * step - 1
    ax.plot(1000 * fine, np.sin(2 * np.pi * frequency * fine), color=BLUE, label="pressure of the air")
    ax.vlines(1000 * times, 0, rounded, color=VERMILION, linewidth=1)
    ax.plot(1000 * times, rounded, "o", color=VERMILION, label=f"samples, {levels} levels")
    ax.set(xlabel="time (ms)", ylabel="amplitude", title=title, xlim=(0, 1000 * seconds), ylim=(-1.15, 1.6))
    ax.legend(loc="upper center", ncols=2)
    error = float(np.abs(rounded - exact).max())
    return describe(
        ax,
        f"{title or 'Sampling'}: a tone of {frequency:g} Hz over {1000 * seconds:g} ms and {len(times)} samples of "
        f"it, {rate:g} a second, rounded to {levels} levels. The largest rounding error is {error:.2g}.",
    )


def envelope(
    level: np.ndarray,
    coefficients: np.ndarray,
    rate: int,
    *,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the mel spectrum of one frame, and what its first coefficients keep of it.

    Args:
        level: Level of each mel band in dB, shape (bands,).
        coefficients: The first MFCC of the frame, shape (k,).
        rate: Samples per second of the sound; the bands reach up to half of it.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    import librosa  # here: a second to import
    from scipy.fft import idct

    frequencies = librosa.mel_frequencies(len(level) + 2, fmax=rate / 2)[1:-1]
    ax = axes_or_new(ax, figsize=(7.0, 3.2))
    padded = np.zeros(len(level))
    padded[: len(coefficients)] = coefficients
    kept = idct(padded, type=2, norm="ortho")
    ax.plot(frequencies, level, color=BLUE, linewidth=1.2, label=f"{len(level)} mel bands")
    ax.plot(frequencies, kept, color=VERMILION, linestyle="--", label=f"what {len(coefficients)} MFCC keep")
    ax.set(xlabel="frequency (Hz)", ylabel="level (dB)", title=title, xscale="log")
    ax.set_xlim(max(float(frequencies[0]), 30.0), float(frequencies[-1]))
    ax.legend()
    rest = float(np.sqrt(np.mean((level - kept) ** 2)))
    return describe(
        ax,
        f"{title or 'Spectral envelope'}: level of {len(level)} mel bands of one frame between {level.min():.0f} and "
        f"{level.max():.0f} dB, and a smooth curve made of {len(coefficients)} coefficients that follows it within "
        f"{rest:.1f} dB on average.",
    )


def track_panel(samples: np.ndarray, rate: int, coefficients: np.ndarray, *, title: str = "") -> np.ndarray:
    """Draw one track in four ways: waveform, power spectrum, STFT in dB, and MFCC.

    Args:
        samples: Mono samples, shape (n,).
        rate: Samples per second.
        coefficients: MFCC of the same sound, shape (coefficients, frames).
        title: What is heard.

    Returns:
        The four axes, shape (2, 2), each with alt text.
    """
    figure, axes = plt.subplots(2, 2, figsize=(9.0, 4.6))
    waveform(samples, rate, title="waveform", ax=axes[0, 0])
    power_spectrum(samples, rate, title="power spectrum", ax=axes[0, 1])
    octaves = axes[0, 1].get_xticks()
    axes[0, 1].set_xticks(octaves[1::2])  # half as wide as usual: every second one has room
    stft(samples, rate, title="short-time Fourier transform", ax=axes[1, 0])
    mfcc(coefficients, rate, title="MFCC", ax=axes[1, 1])
    if title:
        figure.suptitle(title, x=0.01, ha="left")
    return np.asarray(axes)


def leak(
    scores: Mapping[str, tuple[float, float]], chance: float, *, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw what a leaking split adds to the accuracy of each network.

    Args:
        scores: For each network its accuracy with the group split, and with segments split at random.
        chance: Accuracy of guessing.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax, figsize=(7.0, 1.4 + 0.4 * len(scores)))
    grouped, mixed = np.array(list(scores.values()), dtype=float).T
    places = np.arange(len(scores))[::-1]
    ax.hlines(places, grouped, mixed, color=INK, linewidth=1.2)
    ax.plot(grouped, places, "o", color=BLUE, markersize=8, label="group split by track")
    ax.plot(mixed, places, "D", color=VERMILION, markersize=7, label="random split of segments")
    ax.axvline(chance, color=INK, linestyle=(0, (1, 1)), linewidth=1.4, label="guessing")
    ax.set_yticks(places, list(scores))
    ax.set(xlabel="accuracy on test segments", title=title, xlim=(0, 1), ylim=(-0.6, len(scores) - 0.4))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.28 if len(scores) < 6 else -0.16), ncols=3)
    sentences = [
        f"{name}: {g:.2f} with the group split, {m:.2f} at random." for name, (g, m) in scores.items()
    ]
    return describe(
        ax,
        f"{title or 'Accuracy gained by a leak'}: accuracy of {len(scores)} networks on two splits, guessing gives "
        f"{chance:.2f}. On average the random split adds {np.mean(mixed - grouped):.2f}. "
        + " ".join(sentences),
    )


def song(
    times: np.ndarray,
    seconds: float,
    probabilities: np.ndarray,
    labels: Sequence[str],
    *,
    most: int = 4,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the probability of each class over a song.

    Args:
        times: Start of each segment in s, shape (n,).
        seconds: Length of a segment in s.
        probabilities: Of each class in each segment, shape (n, classes).
        labels: Name of each class.
        most: Number of classes that get a colour and a name, the most probable ones.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax, figsize=(7.0, 3.2))
    mean = probabilities.mean(axis=0)
    order = np.argsort(-mean)
    edges = np.append(times, times[-1] + seconds)
    for place, label in reversed(list(enumerate(order))):
        named = place < most
        ax.stairs(
            probabilities[:, label],
            edges,
            baseline=None,
            color=PALETTE[place % len(PALETTE)] if named else "#bbbbbb",
            linewidth=2.2 if named else 1,
            linestyle=("-", "--", "-.", ":")[place % 4] if named else "-",
            label=f"{labels[label]} (mean {mean[label]:.2f})" if named else None,
        )
    ax.set(xlabel="time (s)", ylabel="probability", title=title, ylim=(0, 1.03), xlim=(0, float(edges[-1])))
    handles, names = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], names[::-1], loc="upper left", bbox_to_anchor=(1.01, 1))
    ranking = ", ".join(f"{labels[label]} {mean[label]:.2f}" for label in order[:most])
    return describe(
        ax,
        f"{title or 'A song over time'}: probabilities of {len(labels)} classes in {len(times)} segments over "
        f"{edges[-1]:.0f} s. Largest means: {ranking}.",
    )
