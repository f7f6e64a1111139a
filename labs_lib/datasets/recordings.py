"""The one small object that every loader of recordings returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, eq=False)
class Recordings:
    """Labelled sound files.

    Attributes:
        name: The data set's name.
        paths: The files, n of them.
        labels: Class index of each file, shape (n,).
        class_names: Name of each class index.
        folds: Official fold of each file, shape (n,).
        sources: The original recording that each file was cut from, shape (n,).
        standin: Whether the files were synthesised.
        provenance: Where the files come from, in one sentence.
    """

    name: str
    paths: Sequence[Path]
    labels: np.ndarray
    class_names: Sequence[str]
    folds: np.ndarray
    sources: np.ndarray
    standin: bool
    provenance: str

    def __len__(self) -> int:
        return len(self.paths)
