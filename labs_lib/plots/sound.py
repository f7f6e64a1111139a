"""Figures of sound: spectrograms with real axes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from labs_lib.plots.style import axes_or_new, describe


def mel_spectrogram(
    spectrogram: np.ndarray,
    rate: int,
    *,
    unit: str = "dB",
    hop: int = 512,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw a mel spectrogram over time and frequency.

    Args:
        spectrogram: Shape (mel bands, frames).
        rate: Samples per second of the sound it was computed from.
        unit: What its values are: 'dB', or 'power'.
        hop: Samples from one frame to the next.
        title: Title of the figure.
        ax: Axes to draw on; a new figure without.

    Returns:
        The axes, with alt text.
    """
    import librosa  # here, because labs without sound draw figures too

    ax = axes_or_new(ax)
    bands, frames = spectrogram.shape
    seconds = frames * hop / rate
    image = ax.imshow(
        spectrogram, origin="lower", aspect="auto", extent=(0, seconds, 0, bands), interpolation="nearest"
    )
    centres = librosa.mel_frequencies(bands + 2, fmin=0.0, fmax=rate / 2)[1:-1]
    ticks = [f for f in (256, 512, 1024, 2048, 4096, 8192) if centres[0] < f < centres[-1]]
    ax.set_yticks(np.interp(ticks, centres, np.arange(bands) + 0.5), [f"{f}" for f in ticks])
    ax.set(xlabel="time (s)", ylabel="frequency (Hz)", title=title)
    ax.grid(visible=False)
    assert ax.figure is not None
    ax.figure.colorbar(image, ax=ax, label=unit)
    loudest = int(np.argmax(spectrogram.mean(axis=1)))
    busiest = float(np.argmax(spectrogram.mean(axis=0))) * hop / rate
    return describe(
        ax,
        f"{title or 'Mel spectrogram'}: {bands} mel bands over {seconds:.1f} s, in {unit}. On average the "
        f"most energy lies near {centres[loudest]:.0f} Hz; the loudest moment is at {busiest:.1f} s.",
    )
