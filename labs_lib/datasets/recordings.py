"""What every loader returns: labelled recordings, or arrays made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from labs_lib.audio import printable

_MOST_NAMED = 8


class Skipped(NamedTuple):
    """A file that a loader left out.

    Attributes:
        path: The file.
        reason: Why, in a few words.
    """

    path: Path
    reason: str


# What systems leave in folders. It is no recording and nobody put it there, so it is passed over without a word.
_LEFT_BY_SYSTEMS = ("thumbs.db", "desktop.ini")
_COPY = re.compile(
    r"(?P<original>.+?)( ?\(\d+\)|( -)? (copy|copie|kopie|copia)( ?\(?\d+\)?)?)", re.IGNORECASE
)


def visible_files(folder: Path) -> list[Path]:
    """Return what a folder holds beside folders and what systems leave there, by name."""
    return sorted(
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if not (path.name.startswith(".") or path.name.lower() in _LEFT_BY_SYSTEMS or path.is_dir())
    )


def copy_of(path: Path) -> str:
    """Say of which file this is a second copy by its name, such as 'tone (1).wav'; '' if it is none."""
    match = _COPY.fullmatch(path.stem)
    return match["original"] + path.suffix if match else ""


def left_out(skipped: Sequence[Skipped]) -> str:
    """Name the files that were left out, the first few of many, in a sentence with a space before it; or ''."""
    names = [printable(item.path.name) for item in skipped]
    if len(names) > _MOST_NAMED:
        names[_MOST_NAMED - 1 :] = [f"and {len(names) - _MOST_NAMED + 1} more"]
    return f" Left out: {', '.join(names)}." if names else ""


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
