"""What every loader returns: labelled recordings, or arrays made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np


class Skipped(NamedTuple):
    """A file that a loader left out.

    Attributes:
        path: The file.
        reason: Why, in a few words.
    """

    path: Path
    reason: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Labelled:
    """Labelled items of a data set.

    Attributes:
        name: The data set's name.
        labels: Class index of each item, shape (n,).
        class_names: Name of each class index.
        groups: What items have in common, by name: an array of shape (n,) each, such as
            'fold' (official division), 'source' or 'recording' (what an item was cut from)
            or 'track'.
        standin: Whether the sounds were synthesised.
        provenance: Where they come from, in one sentence.
        skipped: Files that could not be used.
    """

    name: str
    labels: np.ndarray
    class_names: Sequence[str]
    groups: Mapping[str, np.ndarray]
    standin: bool
    provenance: str
    skipped: Sequence[Skipped] = field(default=())

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def folds(self) -> np.ndarray:
        """The official fold of each item, shape (n,); only ESC-50 has them."""
        return self.groups["fold"]

    @property
    def sources(self) -> np.ndarray:
        """The original recording of each item, shape (n,); only ESC-50 has them."""
        return self.groups["source"]

    def _groups(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        return {name: group[rows] for name, group in self.groups.items()}


@dataclass(frozen=True, eq=False, kw_only=True)
class Recordings(Labelled):
    """Labelled sound files, which are read when they are needed.

    Attributes:
        paths: The files, n of them.
    """

    paths: Sequence[Path]

    def select(self, rows: np.ndarray) -> Self:
        """Return the recordings of some rows: their numbers, or a mask of shape (n,)."""
        chosen = np.arange(len(self))[rows]
        paths = [self.paths[row] for row in chosen]
        return replace(self, paths=paths, labels=self.labels[chosen], groups=self._groups(chosen))


@dataclass(frozen=True, eq=False, kw_only=True)
class Examples(Labelled):
    """Labelled arrays: one row of `x` for each label.

    Attributes:
        x: Features, shape (n, ...); may be mapped from a file.
        axes: What the axes of a row are, such as ('frame', 'MFCC').
    """

    x: np.ndarray
    axes: Sequence[str] = ()

    def select(self, rows: np.ndarray) -> Self:
        """Return the examples of some rows: their numbers, or a mask of shape (n,)."""
        chosen = np.arange(len(self))[rows]
        return replace(self, x=self.x[chosen], labels=self.labels[chosen], groups=self._groups(chosen))
