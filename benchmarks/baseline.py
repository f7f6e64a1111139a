"""The plain ways: what a notebook would do without labs_lib, with librosa and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import librosa
import numpy as np

RATE = 22_050


def mel(paths: Sequence[Path]) -> np.ndarray:
    """Return the mel power of each file, one after the other."""
    rows = []
    for path in paths:
        samples, rate = librosa.load(path, sr=RATE)
        rows.append(librosa.feature.melspectrogram(y=samples, sr=rate))
    return np.array(rows)


def segments(paths: Sequence[Path]) -> np.ndarray:
    """Return the MFCC of the 3-s segments of each track, at most ten a track."""
    rows = []
    for path in paths:
        samples, rate = librosa.load(path, sr=RATE)
        for start in range(0, min(len(samples), 10 * 3 * RATE) - 3 * RATE + 1, 3 * RATE):
            segment = samples[start : start + 3 * RATE]
            rows.append(librosa.feature.mfcc(y=segment, sr=rate, n_mfcc=13, n_fft=2048, hop_length=512).T)
    return np.array(rows)


def to_json(x: np.ndarray, path: Path) -> None:
    """Write features as the original labs store them."""
    with path.open("w") as file:
        json.dump({"mfcc": x.tolist()}, file, indent=4)


def from_json(path: Path) -> np.ndarray:
    """Read them."""
    with path.open() as file:
        return np.array(json.load(file)["mfcc"], dtype=np.float32)
