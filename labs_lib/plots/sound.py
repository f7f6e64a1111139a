"""Figures of sound: waveform, spectrum and spectrograms, with axes in seconds and hertz."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator

from labs_engine.base.style import BLUE, axes_or_new, describe

_COLUMNS = 1200  # of a waveform: more than a notebook has pixels
_OCTAVES = (32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384)
_QUIETEST = -100.0  # dB, the bottom of a power spectrum


def waveform(samples: np.ndarray, rate: int, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw a sound's samples over time.

    Long sounds are drawn as the band between the smallest and the largest sample of each
    pixel column, so that no peak is lost.

    Args:
        samples: Mono samples, shape (n,).
        rate: Samples per second.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax, figsize=(7.0, 2.2))
    samples = np.asarray(samples, dtype=np.float32)
    seconds = len(samples) / rate
    if len(samples) <= 2 * _COLUMNS:
        ax.plot(np.arange(len(samples)) / rate, samples, color=BLUE, linewidth=1)
    else:
        edges = np.linspace(0, len(samples), _COLUMNS + 1).astype(int)[:-1]
        low, high = np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)
        ax.fill_between(edges / rate, low, high, color=BLUE, linewidth=0.5)
    peak = float(np.abs(samples).max(initial=0.0))
    limit = max(1.1 * peak, 1e-6)
    ax.set(xlabel="time (s)", ylabel="amplitude", title=title, xlim=(0, seconds), ylim=(-limit, limit))
    loudest = float(np.abs(samples).argmax()) / rate if len(samples) else 0.0
    return describe(
        ax,
        f"{title or 'Waveform'}: {seconds:.1f} s of sound; the largest amplitude, {peak:.2g} of full scale, "
        f"is at {loudest:.1f} s.",
    )


def power_spectrum(
    samples: np.ndarray, rate: int, *, n_fft: int = 4096, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw how much power each frequency carries, averaged over the whole sound.

    Welch's method: the mean of the power spectra of overlapping windows.

    Args:
        samples: Mono samples, shape (n,).
        rate: Samples per second.
        n_fft: Samples of a window; more resolve frequencies more finely.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    import scipy.signal  # here and below: labs without sound draw figures too

    ax = axes_or_new(ax, figsize=(7.0, 3.0))
    frequencies, density = scipy.signal.welch(samples, fs=rate, nperseg=min(n_fft, len(samples)))
    # The constant offset in the first bin is no sound, and zero has no place on a logarithmic axis.
    frequencies, density = frequencies[1:], density[1:]
    level = 10 * np.log10(np.maximum(density / max(float(density.max()), 1e-30), 10 ** (_QUIETEST / 10)))
    ax.plot(frequencies, level, color=BLUE, linewidth=1.2)
    ax.set_xscale("log")
    ticks = [f for f in _OCTAVES if frequencies[0] <= f <= frequencies[-1]]
    ax.set_xticks(ticks, [_hertz(f) for f in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set(
        xlabel="frequency (Hz)",
        ylabel="power (dB)",
        title=title,
        xlim=(max(20.0, frequencies[0]), frequencies[-1]),
    )
    strongest = float(frequencies[np.argmax(density)])
    below = float(np.interp(0.5, np.cumsum(density) / max(density.sum(), 1e-30), frequencies))
    return describe(
        ax,
        f"{title or 'Power spectrum'}: power in dB, relative to the strongest frequency, against frequency. "
        f"The strongest is {strongest:.0f} Hz; half of the power lies below {below:.0f} Hz.",
    )


def stft(
    samples: np.ndarray,
    rate: int,
    *,
    n_fft: int = 2048,
    hop: int = 512,
    highest: float | None = None,
    top_db: float = 80.0,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the short-time Fourier transform in dB, relative to its largest value.

    Args:
        samples: Mono samples, shape (n,).
        rate: Samples per second.
        n_fft: Samples of a window.
        hop: Samples from one window to the next.
        highest: Highest frequency drawn in Hz; by default half the rate.
        top_db: Range of levels that is drawn.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    import librosa

    magnitude = np.abs(librosa.stft(np.asarray(samples, dtype=np.float32), n_fft=n_fft, hop_length=hop))
    level = librosa.amplitude_to_db(magnitude, ref=np.max, top_db=top_db)
    step = rate / n_fft
    ax = axes_or_new(ax)
    _image(ax, level, hop / rate, (-step / 2, rate / 2 + step / 2), "dB", title)
    ax.set(ylabel="frequency (Hz)", ylim=(0, highest or rate / 2))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _hertz(value)))
    seconds = (level.shape[1] - 1) * hop / rate
    strongest = float(np.argmax(magnitude.mean(axis=1))) * step
    return describe(
        ax,
        f"{title or 'Short-time Fourier transform'}: level in dB over {seconds:.1f} s and up to "
        f"{highest or rate / 2:.0f} Hz, {step:.1f} Hz a row and {1000 * hop / rate:.0f} ms a column. "
        f"On average the strongest frequency is {strongest:.0f} Hz.",
    )


def mel_spectrogram(
    spectrogram: np.ndarray,
    rate: int,
    *,
    unit: str = "dB",
    hop: int = 512,
    fmin: float = 0.0,
    fmax: float | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw a mel spectrogram over time and frequency.

    Args:
        spectrogram: Shape (mel bands, frames).
        rate: Samples per second of the sound it was computed from.
        unit: What its values are: 'dB', or 'power'.
        hop: Samples from one frame to the next.
        fmin: Lowest frequency of the bands in Hz.
        fmax: Highest frequency of the bands in Hz; by default half the rate.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    import librosa

    ax = axes_or_new(ax)
    bands, frames = spectrogram.shape
    _image(ax, spectrogram, hop / rate, (0, bands), unit, title)
    centres = librosa.mel_frequencies(bands + 2, fmin=fmin, fmax=fmax or rate / 2)[1:-1]
    ticks = [f for f in _OCTAVES if f >= 256 and centres[0] < f < centres[-1]]
    ax.set_yticks(np.interp(ticks, centres, np.arange(bands) + 0.5), [_hertz(f) for f in ticks])
    ax.set_ylabel("frequency (Hz)")
    loudest = int(np.argmax(spectrogram.mean(axis=1)))
    busiest = float(np.argmax(spectrogram.mean(axis=0))) * hop / rate
    return describe(
        ax,
        f"{title or 'Mel spectrogram'}: {bands} mel bands over {(frames - 1) * hop / rate:.1f} s, in {unit}. "
        f"On average the most energy lies near {centres[loudest]:.0f} Hz; the loudest moment is at "
        f"{busiest:.1f} s.",
    )


def mfcc(
    coefficients: np.ndarray, rate: int, *, hop: int = 512, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw mel-frequency cepstral coefficients over time.

    The first one follows the loudness and is far larger than the others, so the colours
    span what the others do and the first one may lie beyond.

    Args:
        coefficients: Shape (coefficients, frames).
        rate: Samples per second of the sound they were computed from.
        hop: Samples from one frame to the next.
        title: Title of the figure.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes, with alt text.
    """
    ax = axes_or_new(ax, figsize=(7.0, 3.0))
    count, frames = coefficients.shape
    others = coefficients[1:] if count > 1 else coefficients
    limits = (float(others.min()), float(others.max()))
    _image(ax, coefficients, hop / rate, (0.5, count + 0.5), "value", title, limits)
    ax.set_ylabel("coefficient")
    ax.set_yticks(np.unique(np.linspace(1, count, min(count, 5)).round().astype(int)))
    spread = coefficients.std(axis=1)
    return describe(
        ax,
        f"{title or 'MFCC'}: {count} coefficients over {(frames - 1) * hop / rate:.1f} s. The first averages "
        f"{coefficients[0].mean():.0f}; the others lie between {limits[0]:.0f} and {limits[1]:.0f}. "
        f"Coefficient {int(np.argmax(spread)) + 1} changes most.",
    )


def clip_panel(samples: np.ndarray, rate: int, *, title: str = "") -> np.ndarray:
    """Draw one clip in four ways over the same time: waveform, STFT, log-mel and MFCC.

    Args:
        samples: Mono samples, shape (n,).
        rate: Samples per second.
        title: What is heard.

    Returns:
        The four axes, each with alt text.
    """
    from labs_lib import features

    figure, axes = plt.subplots(4, 1, figsize=(7.0, 9.0), sharex=True, height_ratios=[1, 2, 2, 1.5])
    waveform(samples, rate, title="waveform", ax=axes[0])
    stft(samples, rate, title="short-time Fourier transform", ax=axes[1])
    mel_spectrogram(features.log_mel(samples, rate), rate, title="log-mel spectrogram", ax=axes[2])
    mfcc(features.mfcc(samples, rate, 13), rate, title="MFCC", ax=axes[3])
    for ax in axes:
        ax.label_outer()
    axes[0].set_xlim(0, len(samples) / rate)
    if title:
        figure.suptitle(title, x=0.01, ha="left")
    return np.asarray(axes)


def _image(
    ax: Axes,
    values: np.ndarray,
    frame_seconds: float,
    rows: tuple[float, float],
    unit: str,
    title: str,
    limits: tuple[float, float] | None = None,
) -> None:
    """Draw rows over time, each frame centred on its moment, with a colour bar."""
    last = (values.shape[1] - 0.5) * frame_seconds
    low, high = limits or (None, None)
    image = ax.imshow(
        values,
        origin="lower",
        aspect="auto",
        extent=(-0.5 * frame_seconds, last, *rows),
        interpolation="nearest",
        vmin=low,
        vmax=high,
    )
    ax.set(xlabel="time (s)", title=title, xlim=(0, max(last - 0.5 * frame_seconds, frame_seconds)))
    ax.grid(visible=False)
    assert ax.figure is not None
    beyond = "min" if low is not None and values.min() < low else "neither"
    ax.figure.colorbar(image, ax=ax, label=unit, extend=beyond)


def _hertz(frequency: float) -> str:
    return f"{frequency:.0f}" if frequency < 10_000 else f"{frequency / 1000:g}k"
