"""The instrument set of lab 04: 120 features each of many excerpts of notes, for training and for testing.

The published set has 66 247 training and 14 904 test rows. Where its four arrays are at hand they
are used. Otherwise rows are made from recordings: excerpts of their notes, split at random, or as
many rows as the published set has, drawn from Gaussians that are fitted to those excerpts.

Either way excerpts of one recording lie on both sides, as they most likely do in the published
set. What that does to a score is what the end of lab 04 is about.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from labs_lib.datasets import splits, uiowa
from labs_lib.datasets.locate import SOURCES, named_homes
from labs_lib.datasets.recordings import Examples, Recordings

PUBLISHED = (66_247, 14_904)  # rows to train on, and to test on
SECONDS = 0.45  # of an excerpt

_OWN_SHARE = 0.9  # of the covariances measured in a recording; the rest of each is taken away
_FEWEST = 5  # excerpts of a recording to which a Gaussian is fitted


class InstrumentSet(NamedTuple):
    """Examples to train on and to test on.

    Attributes:
        train: Features, shape (n, 120), labels and, unless the arrays are the published ones,
            groups 'recording'.
        test: Likewise.
    """

    train: Examples
    test: Examples


def load(
    data_home: str | Path | None = None,
    source: str = "auto",
    *,
    published_size: bool = False,
    step: float = 0.02,
    seed: int = 0,
) -> InstrumentSet:
    """Return the instrument set: the published arrays where they are at hand, else rows made here.

    Args:
        data_home: Folder with the published arrays, or with AIFF recordings; $LABS_DATA without.
        source: 'real', 'standin', or 'auto' for real data where they are found and the stand-in
            else.
        published_size: Whether the stand-in has as many rows as the published set, drawn from
            Gaussians; without it has the excerpts themselves.
        step: From one excerpt to the next in s; 0.01 or less to fit the Gaussians well.
        seed: Seed of the split, and of the draw.

    Raises:
        DataNotFound: Real data were asked for and are not there.
        ValueError: `source` is none of the three, or recordings give too few excerpts.
    """
    if source not in SOURCES:
        raise ValueError(f"source={source!r}: expected one of {', '.join(map(repr, SOURCES))}")
    _, named = next(named_homes(data_home), ("", None))
    if source != "standin" and named and uiowa.has_arrays(named):
        return InstrumentSet(*uiowa.load_arrays(named))
    found = recordings(data_home, source)
    notes = uiowa.notes(found, seconds=SECONDS, step=step)
    return drawn(notes, seed=seed) if published_size and found.standin else excerpts(notes, seed=seed)


def recordings(data_home: str | Path | None = None, source: str = "auto") -> Recordings:
    """Return recordings to listen to, as `uiowa.load` does.

    A folder that holds the published arrays may hold no recordings; with `source='auto'` they
    are then looked for elsewhere.

    Args:
        data_home: Folder with AIFF recordings, or with the published arrays alone.
        source: 'real', 'standin' or 'auto'.

    Raises:
        DataNotFound: The real recordings were asked for and are not there, or the folder named
            holds neither recordings nor arrays.
    """
    only_arrays = (
        source == "auto"
        and data_home
        and uiowa.has_arrays(data_home)
        and not any(uiowa.is_aiff(path) for path in Path(data_home).expanduser().rglob("*"))
    )
    return uiowa.load(None if only_arrays else data_home, source)


def excerpts(notes: Examples, *, seed: int = 0) -> InstrumentSet:
    """Split excerpts at random, with the published share to test on.

    Args:
        notes: Excerpts of notes.
        seed: Seed of the split.
    """
    split = splits.random_ignoring_groups(notes, PUBLISHED[1] / sum(PUBLISHED), seed=seed)
    how = f"{len(notes):,} excerpts of {SECONDS:g} s, split at random"
    return InstrumentSet(
        *(
            replace(
                notes.select(rows),
                x=np.array(notes.x[rows]),
                name=f"instrument set, {part}",
                provenance=f"{notes.provenance.removesuffix('.')}; {how}.",
            )
            for part, rows in (("training", split.train), ("test", split.test))
        )
    )


def drawn(
    notes: Examples, n_train: int = PUBLISHED[0], n_test: int = PUBLISHED[1], *, seed: int = 0
) -> InstrumentSet:
    """Draw as many rows as the published set has from Gaussians fitted to excerpts.

    Each recording has a Gaussian with the mean and the covariance of its own excerpts; the
    covariances between features are taken a tenth smaller than measured, so that the matrix has
    full rank. A row first draws its recording, each as likely as the excerpts it has.

    Args:
        notes: Excerpts of notes, with groups 'recording'.
        n_train: Rows to train on.
        n_test: Rows to test on.
        seed: Seed of the draw.

    Raises:
        ValueError: A recording has too few excerpts.
    """
    names, of_row, counts = np.unique(notes.groups["recording"], return_inverse=True, return_counts=True)
    if counts.min() < _FEWEST:
        raise ValueError(
            f"recording {names[counts.argmin()]} has {counts.min()} excerpts; a Gaussian needs {_FEWEST} at "
            "least: take a smaller step"
        )
    rng = np.random.default_rng([seed, 4])
    chosen = rng.choice(len(names), n_train + n_test, p=counts / counts.sum())
    x, labels = _rows_of(notes, of_row, chosen, rng)
    everything = Examples(
        name="instrument set",
        x=x,
        axes=notes.axes,
        labels=labels,
        class_names=notes.class_names,
        groups={"recording": names[chosen]},
        standin=notes.standin,
        provenance=(
            f"{len(x):,} rows drawn from {len(names)} Gaussians, one for each recording, which were fitted to "
            f"the features of {len(notes):,} excerpts of {SECONDS:g} s. No row is the sound of a note. "
            f"The excerpts: {notes.provenance}"
        ),
    )
    parts = (("training", np.arange(n_train)), ("test", np.arange(n_train, len(x))))
    return InstrumentSet(
        *(replace(everything.select(rows), name=f"instrument set, {part}") for part, rows in parts)
    )


def _rows_of(
    notes: Examples, of_row: np.ndarray, chosen: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a row from the Gaussian of each chosen recording.

    Args:
        notes: The excerpts.
        of_row: Number of the recording of each excerpt.
        chosen: Number of the recording of each row to draw, shape (n,).
        rng: Where the draws come from.

    Returns:
        Rows of shape (n, features), and the class of each.
    """
    x = np.empty((len(chosen), notes.x.shape[1]), dtype=np.float32)
    labels = np.empty(len(chosen), dtype=np.int64)
    for number in range(int(of_row.max()) + 1):
        rows, places = np.flatnonzero(of_row == number), np.flatnonzero(chosen == number)
        x[places] = _gaussian(np.asarray(notes.x[rows], dtype=float), len(places), rng)
        labels[places] = notes.labels[rows[0]]
    return x, labels


def _gaussian(rows: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    covariance = np.cov(rows, rowvar=False)
    covariance = _OWN_SHARE * covariance + (1 - _OWN_SHARE) * np.diag(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))  # rounding can leave a value just below 0
    return rows.mean(axis=0) + rng.standard_normal((count, len(values))) @ root.T
