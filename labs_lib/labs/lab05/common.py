"""What the exercises of lab 05 share: the clips of a run, sizes, rows of arrays."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.framework import Context

Answers = SimpleNamespace

SECONDS, HOP, N_CLASSES = 5, 512, 10


def clips(ctx: Context) -> Any:
    """Return the clips of the run."""
    return _load(ctx["data_home"], ctx["source"])


@lru_cache(maxsize=2)
def _load(data_home: str | None, source: str) -> Any:
    from labs_lib.datasets import esc50

    return esc50.load(data_home, source)


def frames(ctx: Context) -> int:
    """Return the frames of a clip's spectrogram."""
    return 1 + SECONDS * ctx["sample_rate"] // HOP


def validation_fold(ctx: Context) -> int:
    """Return the fold that is chosen on: the one after the test fold."""
    return ctx["test_fold"] % 5 + 1


def rows(ctx: Context, side: str) -> np.ndarray:
    """Return the row numbers of the clips on one side: 'train', 'validation' or 'test'."""
    folds = clips(ctx).folds
    of_side = {"test": folds == ctx["test_fold"], "validation": folds == validation_fold(ctx)}
    of_side["train"] = ~(of_side["test"] | of_side["validation"])
    return np.flatnonzero(of_side[side])


def labels(ctx: Context, side: str) -> np.ndarray:
    """Return the labels of the clips on one side."""
    return clips(ctx).labels[rows(ctx, side)]


def to_decibels(power: np.ndarray) -> np.ndarray:
    """Return powers in dB relative to a power of 1, as TODO 2 asks for them."""
    return 10 * np.log10(np.maximum(power, 1e-10))


def decibels(ctx: Context, side: str) -> np.ndarray:
    """Return the log-mel spectrograms of the clips on one side, in dB, shape (n, bands, frames)."""
    from labs_lib import features

    power = features.clips_mel_power(clips(ctx).paths, ctx["sample_rate"], ctx["n_mels"], progress=False)
    return to_decibels(power[rows(ctx, side)])


def fit_line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return slope and shift with which the values of x come closest to those of y."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    slope = np.mean((x - x.mean()) * (y - y.mean())) / max(float(x.var()), 1e-12)
    return float(slope), float(y.mean() - slope * x.mean())


def shape_of(side: str) -> Any:
    """Return the shape of the spectrograms on one side, as a function of the run."""

    def shape(ctx: Context) -> tuple[int | None, ...]:
        return (len(rows(ctx, side)), ctx["n_mels"], frames(ctx))

    return shape
