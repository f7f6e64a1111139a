"""The inner loops of a mel spectrogram, compiled; they let other threads run meanwhile.

Written as array operations they are ten passes over memory that take longer than the loops,
and each is an occasion for two threads to wait for one another.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(nogil=True, cache=True, fastmath=True)
def cut_frames(
    samples: np.ndarray, first: int, window: np.ndarray, hop: int, frames: np.ndarray
) -> None:  # pragma: no cover (compiled)
    """Write windowed frames, centred on every hop; beyond the ends of the sound there is silence.

    Args:
        samples: Shape (n,), float32.
        first: Number of the first frame.
        window: Shape (n_fft,), float64.
        hop: Samples from one frame to the next.
        frames: Where to write, shape (count, n_fft), float64.
    """
    n, width = len(samples), len(window)
    for row in range(len(frames)):
        start = (first + row) * hop - width // 2
        if start >= 0 and start + width <= n:
            for k in range(width):
                frames[row, k] = samples[start + k] * window[k]
        else:
            for k in range(width):
                inside = 0 <= start + k < n
                frames[row, k] = samples[start + k] * window[k] if inside else 0.0


@numba.njit(nogil=True, cache=True, fastmath=True)
def add_bands(
    spectrum: np.ndarray,
    weights: np.ndarray,
    lowest: np.ndarray,
    highest: np.ndarray,
    first: int,
    out: np.ndarray,
) -> None:  # pragma: no cover (compiled)
    """Write the power in each mel band; the bins outside a band's triangle are skipped.

    Args:
        spectrum: Shape (count, bins), complex128.
        weights: Filter bank, shape (bands, bins), float32.
        lowest: First bin of each band, shape (bands,).
        highest: The bin after its last one, shape (bands,).
        first: Number of the first frame.
        out: Where to write, shape (bands, frames), float32.
    """
    power = np.empty(spectrum.shape[1], dtype=np.float32)
    for row in range(len(spectrum)):
        for k in range(len(power)):
            power[k] = spectrum[row, k].real ** 2 + spectrum[row, k].imag ** 2
        for band in range(len(weights)):
            total = np.float32(0.0)
            for k in range(lowest[band], highest[band]):
                total += weights[band, k] * power[k]
            out[band, first + row] = total
