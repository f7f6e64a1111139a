"""Exercises of lab 06 on a fair test: a group split, what leaks without it, statistics of the training data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labs_engine.declare.answers import Array, Function, Number, Rows
from labs_engine.declare.framework import Context, Exercise, Mistake
from labs_lib.labs.lab06.common import FRAMES, group_split, segments

SIDES = ("train", "validation", "test")
ThreeSides = tuple[np.ndarray, np.ndarray, np.ndarray]

# TODO 4: the group split -----------------------------------------------------------------


def _dealt(ctx: Context) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return the track of each segment, and the validation and test tracks."""
    rng = ctx.rng(4)
    probes = []
    for count in (9, 12):
        numbers = np.sort(rng.choice(np.arange(3, 60), count, replace=False))
        track_of = np.repeat(numbers, rng.integers(2, 5, count))
        held_out = rng.permutation(numbers)[:5]
        probes.append((track_of, np.sort(held_out[:2]), np.sort(held_out[2:])))
    return probes


def _by_track(track_of: np.ndarray, validation: np.ndarray, test: np.ndarray) -> ThreeSides:
    in_validation, in_test = np.isin(track_of, validation), np.isin(track_of, test)
    return (
        np.flatnonzero(~(in_validation | in_test)),
        np.flatnonzero(in_validation),
        np.flatnonzero(in_test),
    )


def _validation_left_in(track_of: np.ndarray, validation: np.ndarray, test: np.ndarray) -> ThreeSides:
    _, validation_rows, test_rows = _by_track(track_of, validation, test)
    return np.flatnonzero(~np.isin(track_of, test)), validation_rows, test_rows


def _numbers_as_rows(track_of: np.ndarray, validation: np.ndarray, test: np.ndarray) -> ThreeSides:
    rest = np.setdiff1d(track_of, np.concatenate([validation, test]))
    return rest, validation, test


GROUP_SPLIT = Exercise(
    name="apart",
    title="Split by track",
    points=2,
    answers={
        "split_by_track": Function(
            _dealt, (Rows("the training rows"), Rows("the validation rows"), Rows("the test rows"))
        )
    },
    right=_by_track,
    expects="as training, validation and test rows all segments of their tracks",
    mistakes=[
        Mistake(
            "numbers_as_rows",
            wrong=_numbers_as_rows,
            hint="These are numbers of tracks. The rows of the array are asked for, and each track has several.",
        ),
        Mistake(
            "validation_left_in",
            wrong=_validation_left_in,
            hint="The validation tracks are also among the training rows: what you choose with them then favours a "
            "network that has memorised them.",
        ),
        Mistake(
            "exchanged",
            wrong=lambda t, v, e: (_by_track(t, v, e)[0], _by_track(t, v, e)[2], _by_track(t, v, e)[1]),
            hint="Validation and test rows are exchanged: look at the order in which the text asks for them.",
        ),
        Mistake(
            "everything_trained_on",
            wrong=lambda t, v, e: (np.arange(len(t)), *_by_track(t, v, e)[1:]),
            hint="The training rows hold all segments, those of the test tracks included: the score then measures "
            "memorisation.",
        ),
    ],
    fallback_hint="np.isin(track_of, test_tracks) is True for the segments of these tracks; np.flatnonzero "
    "gives their rows.",
)


# TODO 5: what leaks -----------------------------------------------------------------------


def _leaks(ctx: Context) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    rng = ctx.rng(5)
    probes = []
    for count in (8, 11):
        track_of = np.repeat(rng.permutation(50)[:count], rng.integers(2, 8, count))
        order = rng.permutation(len(track_of))
        cut = len(order) // 2
        # Some tracks are on one side only, so that the share is neither 0 nor 1.
        alone = np.isin(track_of, track_of[order[-1]])
        test = np.sort(np.union1d(order[cut:], np.flatnonzero(alone)))
        train = np.setdiff1d(order[: cut - 2], test)
        probes.append((track_of, train, test))
    return probes


def _leaked(track_of: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    return float(np.isin(track_of[test], track_of[train]).mean())


def _leaked_tracks(track_of: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    return float(np.isin(np.unique(track_of[test]), track_of[train]).mean())


LEAKED = Exercise(
    name="leaked",
    title="How much leaks",
    points=2,
    answers={"leaked_share": Function(_leaks, Number(atol=1e-4))},
    right=_leaked,
    expects="the share of test segments whose track is also in the training set",
    mistakes=[
        Mistake(
            "rows",
            wrong=lambda t, a, b: float(np.isin(b, a).mean()),
            hint="No row is on both sides, so comparing rows finds nothing. What matters is the track of "
            "each row.",
        ),
        Mistake(
            "tracks",
            wrong=_leaked_tracks,
            hint="This is the share of test tracks. Tracks have different numbers of segments in the test; "
            "segments are asked for.",
        ),
        Mistake(
            "of_training",
            wrong=lambda t, a, b: float(np.isin(t[a], t[b]).mean()),
            hint="This is the share of training segments whose track is also tested; the test segments are "
            "asked for.",
        ),
        Mistake(
            "not_leaked",
            wrong=lambda t, a, b: 1 - _leaked(t, a, b),
            hint="This is the share of test segments that do not leak.",
        ),
        Mistake(
            "percent",
            wrong=lambda t, a, b: 100 * _leaked(t, a, b),
            hint="A share lies between 0 and 1.",
        ),
    ],
    fallback_hint="track_of[test_rows] are the tracks of the test segments; np.isin says which of them are in "
    "another array.",
)


# TODO 6: standardise ----------------------------------------------------------------------


def _shape_of(side: str) -> Callable[[Context], tuple[int | None, ...]]:
    return lambda ctx: (len(getattr(group_split(ctx), side)), FRAMES, ctx["n_mfcc"])


def _scaled(
    run: Context, axes: tuple[int, ...] | None = (0, 1), *, centred: bool = True, by: str = "std"
) -> dict[str, np.ndarray]:
    """Return the segments of each side, scaled with statistics of the training segments over `axes`."""
    x, split = segments(run).x, group_split(run)
    return {
        f"X_{side}_scaled": _scale(x[getattr(split, side)], x[split.train], axes, centred, by)
        for side in SIDES
    }


def _scale(
    x: np.ndarray,
    known: np.ndarray,
    axes: tuple[int, ...] | None = (0, 1),
    centred: bool = True,
    by: str = "std",
) -> np.ndarray:
    scale = getattr(known, by)(axis=axes)
    return (x - known.mean(axis=axes) if centred else x) / np.where(scale == 0, 1, scale)


def _by_own(run: Context) -> dict[str, np.ndarray]:
    x, split = segments(run).x, group_split(run)
    return {f"X_{side}_scaled": _scale(x[rows], x[rows]) for side in SIDES for rows in [getattr(split, side)]}


def _by_all(run: Context) -> dict[str, np.ndarray]:
    x, split = segments(run).x, group_split(run)
    return {f"X_{side}_scaled": _scale(x[getattr(split, side)], x) for side in SIDES}


STANDARDISE = Exercise(
    name="standardise",
    title="Standardise each coefficient",
    points=2,
    answers={f"X_{side}_scaled": Array(_shape_of(side), rtol=0.01, atol=0.01) for side in SIDES},
    right=_scaled,
    expects="each coefficient shifted and scaled by its mean and deviation over the training segments and frames",
    mistakes=[
        Mistake(
            "own_statistics",
            wrong=[
                _by_own,
                lambda run: {"X_test_scaled": _by_own(run)["X_test_scaled"]},
                lambda run: {"X_validation_scaled": _by_own(run)["X_validation_scaled"]},
            ],
            hint="These segments were scaled with their own mean and deviation. A single new song could not be "
            "scaled that way; use the statistics of the training segments.",
        ),
        Mistake(
            "all_statistics",
            wrong=_by_all,
            hint="Mean and deviation were taken over all segments, those of the test tracks included: information "
            "about the test tracks has leaked into training.",
        ),
        Mistake(
            "one_number",
            wrong=lambda run: _scaled(run, None),
            hint="One mean and one deviation for everything. The first coefficient is a hundred times larger than "
            "the last and now dominates: each coefficient needs a mean and a deviation of its own.",
        ),
        Mistake(
            "each_place",
            wrong=lambda run: _scaled(run, (0,)),
            hint="Each frame has a mean and a deviation of its own. A segment may begin anywhere in a track, so "
            "frame 17 means nothing: average over the frames, too.",
        ),
        Mistake(
            "not_centred",
            wrong=lambda run: _scaled(run, centred=False),
            hint="The spread is right; the mean was not subtracted.",
        ),
        Mistake(
            "variance",
            wrong=lambda run: _scaled(run, by="var"),
            hint="The result is squeezed: divided by the variance instead of its square root?",
        ),
    ],
    fallback_hint="X_train.mean(axis=(0, 1)) is one mean for each coefficient, over segments and frames.",
    needs=("apart",),
)

EXERCISES = (GROUP_SPLIT, LEAKED, STANDARDISE)
