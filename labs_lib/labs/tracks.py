"""Accuracy of whole tracks from the answers for their segments, an exercise of labs 06 and 07.

Each rule, right or wrong, takes probabilities of the classes for each segment, shape (n, classes), and for
each segment its label and its track, shape (n,).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labs_engine.declare.answers import Function, Number
from labs_engine.declare.framework import Context, Exercise, Mistake

Probe = tuple[np.ndarray, np.ndarray, np.ndarray]


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


def _by_track(
    probabilities: np.ndarray, labels: np.ndarray, tracks: np.ndarray, choose: Callable[[np.ndarray], int]
) -> float:
    right = [
        choose(probabilities[tracks == track]) == labels[tracks == track][0] for track in np.unique(tracks)
    ]
    return float(np.mean(right))


_RULES = (by_mean, by_segment, by_vote, by_first)


def _predicted(ctx: Context) -> list[Probe]:
    """Return probabilities, labels and tracks of segments, on which every wrong rule gives another accuracy."""
    rng = ctx.rng(13)
    probes: list[Probe] = []
    for count in (7, 10):
        probe = _drawn(rng, count)
        while len({round(rule(*probe), 6) for rule in _RULES}) < len(_RULES):
            probe = _drawn(rng, count)
        probes.append(probe)
    return probes


def _drawn(rng: np.random.Generator, count: int) -> Probe:
    tracks, labels, probabilities = [], [], []
    for number in rng.choice(90, count, replace=False):
        label, other = rng.choice(4, 2, replace=False)
        # Two narrow votes for one class, and one strong opinion for another.
        likely, unlikely = (other, label) if rng.random() < 0.5 else (label, other)
        rows = np.full((3, 4), 0.02)
        rows[:2, likely], rows[:2, unlikely] = 0.5, 0.46
        rows[2, unlikely], rows[2, likely] = 0.9, 0.06
        sure = np.full((int(rng.integers(0, 3)), 4), 0.02)
        sure[:, label] = 0.94
        probabilities += [rows, sure]
        tracks += [number] * (3 + len(sure))
        labels += [label] * (3 + len(sure))
    order = rng.permutation(len(tracks))
    return np.concatenate(probabilities)[order], np.array(labels)[order], np.array(tracks)[order]


TRACKS = Exercise(
    name="tracks",
    title="Accuracy of whole tracks",
    points=2,
    answers={"track_accuracy": Function(_predicted, Number(atol=1e-4))},
    right=by_mean,
    expects="the share of tracks that are right by the mean probabilities of their segments",
    mistakes=[
        Mistake(
            "segments",
            wrong=by_segment,
            hint="This is the share of segments. Take the segments of a track together first: each track counts once.",
        ),
        Mistake(
            "vote",
            wrong=by_vote,
            hint="Each segment has one vote here. The text asks for mean probabilities, in which a sure "
            "segment counts for more than a doubtful one.",
        ),
        Mistake(
            "first_segment",
            wrong=by_first,
            hint="Only the first segment of each track is asked. Take the mean over all of them before argmax.",
        ),
        Mistake(
            "percent",
            wrong=lambda *probe: 100 * by_mean(*probe),
            hint="This is in percent. A share lies between 0 and 1.",
        ),
        Mistake(
            "counted",
            wrong=lambda *probe: by_mean(*probe) * len(np.unique(probe[2])),
            hint="This is the number of right tracks, not their share.",
        ),
    ],
    fallback_hint="For each number in np.unique(tracks): the mean of its rows over axis 0, the class of the "
    "largest, compared with its label.",
)
