"""Accuracy of whole tracks from the answers for their segments: the right rule, and the wrong ones.

Each takes probabilities of the classes for each segment, shape (n, classes), and for each segment its
label and its track, shape (n,).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def by_mean(probabilities: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> float:
    """Return the share of tracks that are right by the mean probability of their segments."""
    return _by_track(probabilities, labels, tracks, lambda rows: int(rows.mean(axis=0).argmax()))


def by_vote(probabilities: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> float:
    """Return the share of tracks that are right by the votes of their segments."""
    return _by_track(probabilities, labels, tracks, vote)


def by_first(probabilities: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> float:
    """Return the share of tracks whose first segment is right."""
    return _by_track(probabilities, labels, tracks, lambda rows: int(rows[0].argmax()))


def by_segment(probabilities: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> float:
    """Return the share of segments that are right, whatever their tracks."""
    return float(np.mean(probabilities.argmax(axis=1) == labels))


def vote(rows: np.ndarray) -> int:
    """Return the class that most segments have as their likeliest."""
    return int(np.bincount(rows.argmax(axis=1)).argmax())


RULES = (by_mean, by_segment, by_vote, by_first)


def _by_track(
    probabilities: np.ndarray, labels: np.ndarray, tracks: np.ndarray, choose: Callable[[np.ndarray], int]
) -> float:
    right = [
        choose(probabilities[tracks == track]) == labels[tracks == track][0] for track in np.unique(tracks)
    ]
    return float(np.mean(right))
