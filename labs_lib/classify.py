"""Classifying any sound file with a trained network: one file holds network, labels, scaling and features.

A network by itself is of no use on a new song: which output stands for which genre, how the features
were computed and scaled is not in it, and a mistake in any of these gives answers that look fine.
So a `Classifier` keeps them together, in one file that Keras can still read as a model.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from labs_engine.base import storage
from labs_lib import audio, features

_MEMBER = "labs.json"  # beside Keras's own config.json and weights; Keras reads past it
_FORMAT = 1
_BATCH = 64  # segments predicted together


class ClassifierError(ValueError):
    """A file that is no classifier, or parts of one that do not fit each other."""


@dataclass(frozen=True, eq=False)
class Classified:
    """What a classifier makes of one sound file.

    Attributes:
        path: The file.
        labels: Name of each class.
        times: Start of each segment in s, shape (segments,).
        seconds: Length of a segment in s.
        probabilities: Probability of each class in each segment, shape (segments, classes).
        padded: Whether the file was shorter than one segment and was repeated to fill it, so that the
            answer is to be taken with caution.
    """

    path: Path
    labels: Sequence[str]
    times: np.ndarray
    seconds: float
    probabilities: np.ndarray
    padded: bool

    @property
    def mean(self) -> np.ndarray:
        """Mean probability of each class over the segments, shape (classes,)."""
        return self.probabilities.mean(axis=0)

    @property
    def mean_choice(self) -> str:
        """The class of the largest mean probability."""
        return self.labels[int(self.mean.argmax())]

    @property
    def votes(self) -> np.ndarray:
        """In how many segments each class is the most probable one, shape (classes,)."""
        return np.bincount(self.probabilities.argmax(axis=1), minlength=len(self.labels))

    @property
    def vote(self) -> str:
        """The class of most segments; among equals that of the larger mean probability."""
        return self.labels[int(np.lexsort((self.mean, self.votes))[-1])]


@dataclass(frozen=True, eq=False)
class Classifier:
    """A network with all that it takes to use it on a new file.

    Attributes:
        model: Takes scaled features of segments, shape (n, *recipe.row_shape), with or without an axis of
            channels behind; gives one probability per class.
        labels: Name of each class, in the order of the outputs.
        recipe: How the features of a segment are computed.
        mean: What is subtracted from the features: a number, or one for each column (coefficient).
        deviation: What they are divided by, likewise.
    """

    model: keras.Model
    labels: Sequence[str]
    recipe: features.Segments
    mean: np.ndarray | float = 0.0
    deviation: np.ndarray | float = 1.0

    def __post_init__(self) -> None:
        rows = tuple(self.recipe.row_shape)
        if tuple(self.model.input_shape[1:]) not in (rows, (*rows, 1)):
            raise ClassifierError(
                f"the network takes inputs of shape {self.model.input_shape[1:]}, the recipe gives {rows}"
            )
        outputs = self.model.output_shape[-1]
        if isinstance(self.labels, str) or len(self.labels) != outputs:
            raise ClassifierError(f"the network has {outputs} outputs, found {len(self.labels)} labels")
        if len(set(self.labels)) != outputs:
            raise ClassifierError("two classes have the same label")
        for name in ("mean", "deviation"):
            value = np.asarray(getattr(self, name), dtype=np.float32)
            if value.shape not in ((), (rows[1],), rows) or not np.isfinite(value).all():
                raise ClassifierError(
                    f"expected a {name} that is one number, or {rows[1]}, one a column, found shape {value.shape}"
                )
        if not np.all(np.asarray(self.deviation) > 0):
            raise ClassifierError("expected deviations above 0; a column that never changes needs 1")

    def save(self, path: str | Path) -> Path:
        """Write the classifier to one file, which `load` reads, and `keras.saving.load_model` as well.

        Args:
            path: Where to; ends in .keras.

        Returns:
            The path.

        Raises:
            ClassifierError: The name ends otherwise.
            StorageError: No space, or no right to write there.
        """
        path = Path(path)
        if path.suffix != ".keras":
            raise ClassifierError(f"expected a name that ends in .keras, not {path.name}")
        about = {
            "format": _FORMAT,
            "labels": list(self.labels),
            "recipe": asdict(self.recipe),
            "mean": np.asarray(self.mean, dtype=float).tolist(),
            "deviation": np.asarray(self.deviation, dtype=float).tolist(),
        }
        with storage.new_file(path) as part:
            whole = part.with_suffix(".keras")  # Keras insists on the ending
            try:
                self.model.save(whole)
                with zipfile.ZipFile(whole, "a") as archive:
                    archive.writestr(_MEMBER, json.dumps(about, indent=1))
                whole.replace(part)
            finally:
                storage.remove(whole)
        return path

    def inputs(self, rows: np.ndarray) -> np.ndarray:
        """Return features of segments, shape (n, *recipe.row_shape), scaled as the network takes them."""
        scaled = (np.asarray(rows, dtype=np.float32) - np.float32(self.mean)) / np.float32(self.deviation)
        return scaled[..., None] if len(self.model.input_shape) == 4 else scaled

    def classify_file(self, path: str | Path) -> Classified:
        """Classify all segments of a sound file, from its beginning to its end.

        A remainder shorter than a segment is left out. A file that is shorter than one segment is
        repeated until it fills one, which keeps its sound; no network has seen silence after a sound in training. The
        result says so.

        Args:
            path: A WAV, AIFF, FLAC, OGG, MP3 or AU file.

        Raises:
            FileNotFoundError: There is no such file.
            AudioError: It cannot be read as sound, is silent, or is too short for a single window.
        """
        path = Path(path)
        samples = audio.load(path, self.recipe.how.rate)
        return self._classify(samples, path)

    def _classify(self, samples: np.ndarray, path: Path) -> Classified:
        rate, length = self.recipe.how.rate, round(self.recipe.seconds * self.recipe.how.rate)
        if len(samples) < self.recipe.how.n_fft:
            raise audio.AudioError(
                f"{audio.printable(path.name)} lasts {1000 * len(samples) / rate:.0f} ms; a spectrum takes at least "
                f"{1000 * self.recipe.how.n_fft / rate:.0f} ms"
            )
        if not np.any(samples):
            raise audio.AudioError(
                f"{audio.printable(path.name)} is silent from beginning to end: there is nothing to classify"
            )
        padded = len(samples) < length
        if padded:
            samples = np.resize(samples, length)  # repeats it
        rows = replace(self.recipe, most=len(samples) // length).of(samples)
        # Called, not `predict`, which would compile a program for a single file.
        inputs = self.inputs(rows)
        outputs = [
            keras.ops.convert_to_numpy(self.model(inputs[first : first + _BATCH], training=False))
            for first in range(0, len(inputs), _BATCH)
        ]
        probabilities = np.concatenate(outputs).astype(float)
        times = np.arange(len(rows)) * length / rate
        return Classified(path, tuple(self.labels), times, self.recipe.seconds, probabilities, padded)


def load(path: str | Path) -> Classifier:
    """Read a classifier that `Classifier.save` wrote.

    Args:
        path: The .keras file.

    Raises:
        FileNotFoundError: There is no such file.
        ClassifierError: It is no Keras file, one without labels, or one whose parts do not fit.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no classifier at {path}")
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read(_MEMBER)) if _MEMBER in archive.namelist() else None
            is_keras = "config.json" in archive.namelist()
    except (zipfile.BadZipFile, ValueError) as error:
        raise ClassifierError(f"{path.name} cannot be read as a .keras file: {error}") from None
    if not is_keras:
        raise ClassifierError(f"{path.name} is an archive, but not one of a Keras model")
    if about is None:
        raise ClassifierError(
            f"{path.name} holds a network without labels: which output is which class is not known. Save it with "
            "classify.Classifier(...).save(...)"
        )
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds; what matters is the file
        reason = next(iter(str(error).splitlines()), type(error).__name__)[:200]
        raise ClassifierError(f"{path.name} holds no network that Keras can load: {reason}") from error
    return _put_together(model, about, path.name)


def _put_together(model: keras.Model, about: Any, name: str) -> Classifier:
    try:
        if about["format"] != _FORMAT:
            raise ClassifierError(f"{name} has format {about['format']}; this version reads {_FORMAT}")
        settings = dict(about["recipe"])
        recipe = features.Segments(**{**settings, "how": features.Spectral(**settings["how"])})
        scaling = {key: np.asarray(about[key], dtype=np.float32) for key in ("mean", "deviation")}
        return Classifier(model, tuple(map(str, about["labels"])), recipe, **scaling)
    except (KeyError, TypeError) as error:
        raise ClassifierError(f"what {name} says about its labels and features is damaged: {error}") from None
