"""What the exercises of lab 06 share: the tracks and segments of a run, its splits, its networks."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from labs_engine.declare.context import Context

Answers = SimpleNamespace

SECONDS, SEGMENTS, RATE, HOP, N_CLASSES = 3, 10, 22_050, 512, 10
FRAMES = 1 + SECONDS * RATE // HOP
SHARE = 0.25  # of the tracks, for validation and for the test


def tracks(ctx: Context) -> Any:
    """Return the tracks of the run."""
    return _load(ctx["data_home"], ctx["source"], ctx["tracks_per_genre"])


def segments(ctx: Context) -> Any:
    """Return the features of all segments of the run."""
    return _segments(ctx["data_home"], ctx["source"], ctx["tracks_per_genre"], ctx["n_mfcc"])


def group_split(ctx: Context) -> Any:
    """Return the run's group split, in which all segments of a track are on one side."""
    from labs_lib.datasets import splits

    return splits.by_group(segments(ctx), "track", SHARE, SHARE, seed=ctx["seed"])


@lru_cache(maxsize=2)
def _load(data_home: str | None, source: str, tracks_per_genre: int) -> Any:
    from labs_lib.datasets import gtzan

    return gtzan.load(data_home, source, tracks_per_genre=tracks_per_genre)


@lru_cache(maxsize=2)
def _segments(data_home: str | None, source: str, tracks_per_genre: int, n_mfcc: int) -> Any:
    from labs_lib.datasets import gtzan

    return gtzan.segments(_load(data_home, source, tracks_per_genre), n_mfcc=n_mfcc)
