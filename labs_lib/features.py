"""Features of sound: mel spectrograms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import librosa
import numpy as np

from labs_lib import audio
from labs_lib.progress import track


def mel_power(samples: np.ndarray, rate: int, n_mels: int = 128) -> np.ndarray:
    """Return the mel power spectrogram with librosa's defaults (2048-sample windows, hop 512).

    Args:
        samples: Mono samples, shape (n,).
        rate: Samples per second.
        n_mels: Number of mel bands.

    Returns:
        Power, shape (n_mels, 1 + n // 512), float32.
    """
    power = librosa.feature.melspectrogram(y=samples, sr=rate, n_mels=n_mels)
    return np.asarray(power, dtype=np.float32)


def clips_mel_power(
    paths: Sequence[Path], rate: int, n_mels: int = 128, seconds: float = 5.0, progress: bool = True
) -> np.ndarray:
    """Return the mel power spectrograms of clips of one length.

    Args:
        paths: The clips' files.
        rate: Samples per second at which they are read.
        n_mels: Number of mel bands.
        seconds: Length; longer clips are cut, shorter ones end in silence.
        progress: Whether to show a progress bar.

    Returns:
        Power, shape (clips, n_mels, frames), float32.

    Raises:
        AudioError: A file cannot be read; the message names it.
    """
    length = round(seconds * rate)
    frames = 1 + length // 512
    power = np.empty((len(paths), n_mels, frames), dtype=np.float32)
    for row, path in enumerate(track(paths, "reading clips") if progress else paths):
        samples = librosa.util.fix_length(audio.load(path, rate), size=length)
        power[row] = mel_power(samples, rate, n_mels)
    return power
