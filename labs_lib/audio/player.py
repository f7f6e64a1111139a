"""Playing sound in a notebook."""

from __future__ import annotations

import base64
import io
from html import escape

import numpy as np
import soundfile

_SAFE_PEAK = 0.5  # players never go above half of full scale


class Player:
    """An audio player with a caption, at a level that never hurts.

    Args:
        samples: Mono samples, shape (n,).
        rate: Samples per second.
        caption: What is heard.
    """

    def __init__(self, samples: np.ndarray, rate: int, caption: str) -> None:
        self._samples = comfortable(samples)
        self._rate = rate
        self._caption = caption

    @property
    def seconds(self) -> float:
        """The duration."""
        return len(self._samples) / self._rate

    def __repr__(self) -> str:
        return f"[audio player: {self._caption}, {self.seconds:.1f} s]"

    def _repr_html_(self) -> str:
        buffer = io.BytesIO()
        soundfile.write(buffer, self._samples, self._rate, format="WAV", subtype="PCM_16")
        data = base64.b64encode(buffer.getvalue()).decode("ascii")
        caption = escape(f"{self._caption} ({self.seconds:.1f} s)")
        return (
            f'<figure style="margin:.4em 0"><figcaption>{caption}</figcaption>'
            f'<audio controls preload="metadata" aria-label="{caption}" '
            f'src="data:audio/wav;base64,{data}"></audio></figure>'
        )


def comfortable(samples: np.ndarray) -> np.ndarray:
    """Return samples whose peak is at most half of full scale; quiet ones stay as they are.

    Example:
        >>> comfortable(np.array([0.2, -1.0]))
        array([ 0.1, -0.5], dtype=float32)
    """
    samples = np.nan_to_num(np.asarray(samples, dtype=np.float32))
    peak = float(np.max(np.abs(samples), initial=0.0))
    return samples if peak <= _SAFE_PEAK else samples * (_SAFE_PEAK / peak)
