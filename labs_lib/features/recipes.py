"""What is computed from one sound file: recipes, which `from_files` applies to many.

A recipe is a small frozen object. Its settings are part of the key under which the result is
kept, and calling it with a path returns the rows of that file and the number of each row within it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from labs_lib import audio
from labs_lib.features.spectral import Spectral, cepstrum, mel, one_clip, to_db

Kind = Literal["mel", "log_mel", "mfcc", "log_stft"]

STATISTICS = ("mean", "deviation", "smallest", "largest", "mean change", "deviation of change")


@dataclass(frozen=True)
class Clips:
    """One spectrogram a file: clips of one length.

    Attributes:
        seconds: Length; longer files are cut, shorter ones end in silence.
        kind: 'mel' (power), 'log_mel' (dB), 'mfcc', or 'log_stft' (dB in every bin of the transform).
        how: How the spectrum is taken.
        n_mfcc: Number of coefficients, for 'mfcc'.
        top_db: For 'log_mel' and 'log_stft': values more than this below the largest are raised to there.
    """

    seconds: float
    kind: Kind = "mel"
    how: Spectral = field(default_factory=Spectral)
    n_mfcc: int = 20
    top_db: float | None = 80.0

    @property
    def row_shape(self) -> tuple[int, int]:
        """Bands (or coefficients) and frames."""
        return _height(self), self.how.frames(round(self.seconds * self.how.rate))

    def __call__(self, path: Path) -> tuple[np.ndarray, np.ndarray]:
        """Return the one row of a file, shape (1, *row_shape), and its number, 0."""
        length = round(self.seconds * self.how.rate)
        samples = audio.load(path, self.how.rate)[:length]
        if len(samples) < length:
            samples = np.pad(samples, (0, length - len(samples)))
        return _spectrum(samples, self)[None], np.zeros(1, dtype=np.int32)


@dataclass(frozen=True)
class Segments:
    """Several spectrograms a file: equal segments, each with its frames as rows.

    Attributes:
        seconds: Length of a segment; a shorter rest of the file is left out.
        most: Number of segments that is not passed.
        kind: 'mel' (power), 'log_mel' (dB), 'mfcc', or 'log_stft' (dB in every bin of the transform).
        how: How the spectrum is taken.
        n_mfcc: Number of coefficients, for 'mfcc'.
        top_db: For 'log_mel' and 'log_stft': values more than this below the largest are raised to there.
    """

    seconds: float
    most: int
    kind: Kind = "mfcc"
    how: Spectral = field(default_factory=Spectral)
    n_mfcc: int = 13
    top_db: float | None = 80.0

    @property
    def row_shape(self) -> tuple[int, int]:
        """Frames and coefficients (or bands)."""
        return self.how.frames(round(self.seconds * self.how.rate)), _height(self)

    def __call__(self, path: Path) -> tuple[np.ndarray, np.ndarray]:
        """Return the segments of a file, shape (k, *row_shape), and their numbers."""
        rows = self.of(audio.load(path, self.how.rate))
        return rows, np.arange(len(rows), dtype=np.int32)

    def of(self, samples: np.ndarray) -> np.ndarray:
        """Return the segments of samples at the rate of the recipe, shape (k, *row_shape)."""
        segments = audio.equal_segments(samples, round(self.seconds * self.how.rate))[: self.most]
        rows = np.empty((len(segments), *self.row_shape), dtype=np.float32)
        for row, segment in zip(rows, segments, strict=True):
            row[:] = _spectrum(segment, self).T
        return rows


@dataclass(frozen=True)
class Notes:
    """A row of statistics for each note of a file, or for each excerpt of a note.

    Attributes:
        seconds: Length of an excerpt; a note gives as many as fit in it, at least one.
            None takes each note whole.
        step: From one excerpt to the next in s.
        how: How the spectrum is taken; by default windows that a short note fits into.
        n_mfcc: Number of coefficients.
    """

    seconds: float | None = None
    step: float = 0.1
    how: Spectral = field(default_factory=lambda: Spectral(hop=256))
    n_mfcc: int = 20

    @property
    def row_shape(self) -> tuple[int]:
        """Number of features: six statistics of each coefficient."""
        return (len(STATISTICS) * self.n_mfcc,)

    def __call__(self, path: Path) -> tuple[np.ndarray, np.ndarray]:
        """Return the features of each note or excerpt, and the number of the note that it is from."""
        rate = self.how.rate
        samples = audio.load(path, rate)
        rows, numbers = [], []
        for number, (start, stop) in enumerate(audio.split_notes(samples, rate)):
            for first, last in self._excerpts(start, stop):
                rows.append(note_statistics(samples[first:last], self.how, self.n_mfcc))
                numbers.append(number)
        return np.array(rows, dtype=np.float32).reshape(-1, *self.row_shape), np.array(
            numbers, dtype=np.int32
        )

    def _excerpts(self, start: int, stop: int) -> list[tuple[int, int]]:
        if self.seconds is None:
            return [(start, stop)]
        length, step = round(self.seconds * self.how.rate), round(self.step * self.how.rate)
        if stop - start <= length:
            return [(start, stop)]
        return [(first, first + length) for first in range(start, stop - length + 1, step)]


def note_statistics(samples: np.ndarray, how: Spectral, n_mfcc: int = 20) -> np.ndarray:
    """Describe a note by six statistics of each MFCC over its frames.

    They are mean, standard deviation, smallest and largest value, and the mean absolute and
    the standard deviation of the change from frame to frame: 120 numbers for 20 coefficients.
    This is the course's own choice; how the 120 features of the published arrays were
    computed is not known.

    Args:
        samples: A note, shape (n,).
        how: How the spectrum is taken.
        n_mfcc: Number of coefficients.

    Returns:
        Features, shape (6 * n_mfcc,), float32: the first statistic of all coefficients,
        then the second, in the order of `STATISTICS`.
    """
    values = cepstrum(to_db(mel(samples, how), 80.0), n_mfcc)
    change = np.diff(values, axis=1) if values.shape[1] > 1 else np.zeros_like(values)
    columns = [
        values.mean(axis=1),
        values.std(axis=1),
        values.min(axis=1),
        values.max(axis=1),
        np.abs(change).mean(axis=1),
        change.std(axis=1),
    ]
    return np.concatenate(columns).astype(np.float32)


def _height(recipe: Clips | Segments) -> int:
    heights = {"mfcc": recipe.n_mfcc, "log_stft": 1 + recipe.how.n_fft // 2}
    return heights.get(recipe.kind, recipe.how.n_mels)


def _spectrum(samples: np.ndarray, recipe: Clips | Segments) -> np.ndarray:
    if recipe.kind == "log_stft":
        return to_db(_power(samples, recipe.how), recipe.top_db)
    power = mel(samples, recipe.how)
    if recipe.kind == "mel":
        return power
    if recipe.kind == "log_mel":
        return to_db(power, recipe.top_db)
    return cepstrum(to_db(power, 80.0), recipe.n_mfcc)


def _power(samples: np.ndarray, how: Spectral) -> np.ndarray:
    """Return the power in every bin of the Fourier transform, shape (1 + n_fft // 2, frames)."""
    import librosa  # here: a second to import, and only this kind needs it

    return np.abs(librosa.stft(one_clip(samples), n_fft=how.n_fft, hop_length=how.hop)) ** 2
