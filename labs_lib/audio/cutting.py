"""Cutting recordings: into equal segments, and into notes."""

from __future__ import annotations

import numpy as np

_WINDOW = 0.05  # s; longer than one period of the lowest note of a tuba
_HOP = 0.01  # s
_QUIETEST = -80.0  # dB below the loudest moment; digital silence counts as this
_CONTRAST = 12.0  # dB between sound and silence, without which a recording is one note


def equal_segments(samples: np.ndarray, length: int) -> np.ndarray:
    """Cut a recording into segments of one length; a shorter rest at the end is left out.

    Args:
        samples: Shape (n,).
        length: Samples of a segment.

    Returns:
        A view of shape (n // length, length).

    Raises:
        ValueError: The length is not above 0.

    Example:
        >>> equal_segments(np.arange(7), 3)
        array([[0, 1, 2],
               [3, 4, 5]])

    See Also:
        notebooks/06_music_genres.ipynb
    """
    if length <= 0:
        raise ValueError(f"a segment must have at least one sample, not {length}")
    count = len(samples) // length
    return samples[: count * length].reshape(count, length)


def split_notes(
    samples: np.ndarray, rate: int, *, shortest: float = 0.12, gap: float = 0.08
) -> list[tuple[int, int]]:
    """Find the notes of a recording, separated by silence.

    The level in windows of 50 ms is compared with a threshold that lies two fifths of the
    way (in dB) from the recording's silence to its loud parts, so that it suits quiet and
    noisy recordings alike.

    Args:
        samples: Mono samples, shape (n,).
        rate: Samples per second.
        shortest: Shorter sounds, such as clicks of keys, are left out, in s.
        gap: Shorter pauses do not end a note, in s.

    Returns:
        First sample of each note, and the first one after it.
    """
    level = _level(samples, rate)
    if not len(level):
        return []
    quiet, loud = np.percentile(level, [5, 95])
    if loud - quiet < _CONTRAST:
        return [(0, len(samples))] if len(samples) >= shortest * rate and loud > _QUIETEST else []
    sounding = np.flatnonzero(level > quiet + 0.4 * (loud - quiet))
    ends = np.flatnonzero(np.diff(sounding) > round(gap / _HOP))
    first = sounding[np.r_[0, ends + 1]]
    last = sounding[np.r_[ends, len(sounding) - 1]]
    hop = round(_HOP * rate)
    # A window counts for its middle, so a note reaches from half a hop before its first one.
    starts = np.maximum(first * hop - hop // 2, 0)
    stops = np.minimum(last * hop + hop // 2 + 1, len(samples))
    return [
        (int(start), int(stop))
        for start, stop in zip(starts, stops, strict=True)
        if stop - start >= shortest * rate
    ]


def _level(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return the level around every hop in dB relative to the loudest, shape (1 + n // hop,)."""
    window, hop = round(_WINDOW * rate), round(_HOP * rate)
    if not len(samples):
        return np.empty(0)
    centred = np.asarray(samples, dtype=np.float64) - np.mean(samples, dtype=np.float64)
    power = np.concatenate([np.zeros(window // 2 + 1), np.square(centred), np.zeros(window - window // 2)])
    total = np.cumsum(power)
    starts = np.arange(0, len(samples) + 1, hop)
    mean = np.maximum(total[starts + window] - total[starts], 0.0) / window
    loudest = mean.max()
    if loudest == 0.0:
        return np.full(len(mean), _QUIETEST)
    return np.maximum(10 * np.log10(np.maximum(mean / loudest, 1e-12)), _QUIETEST)
