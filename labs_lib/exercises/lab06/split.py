"""Exercises of lab 06 on a fair test: tracks kept apart, what leaks else, statistics of training data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labs_lib.exercises.answers import Array, Function, Number
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong, row_numbers
from labs_lib.exercises.lab06.common import FRAMES, Answers, Predicate, alike, apart, follows, segments

SIDES = ("train", "validation", "test")
Rows = tuple[np.ndarray, np.ndarray, np.ndarray]

# TODO 4: tracks kept apart ----------------------------------------------------------------


def _dealt(ctx: Context) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return tracks of segments, and the tracks to choose and to test on."""
    rng = ctx.rng(4)
    probes = []
    for count in (9, 12):
        numbers = np.sort(rng.choice(np.arange(3, 60), count, replace=False))
        track_of = np.repeat(numbers, rng.integers(2, 5, count))
        held_out = rng.permutation(numbers)[:5]
        probes.append((track_of, np.sort(held_out[:2]), np.sort(held_out[2:])))
    return probes


def _apart(track_of: np.ndarray, validation: np.ndarray, test: np.ndarray) -> Rows:
    in_validation, in_test = np.isin(track_of, validation), np.isin(track_of, test)
    return (
        np.flatnonzero(~(in_validation | in_test)),
        np.flatnonzero(in_validation),
        np.flatnonzero(in_test),
    )


def _judge_apart(a: Answers, ctx: Context) -> Wrong | None:
    for given, probe in zip(a.split_by_track, _dealt(ctx), strict=True):
        track_of, rows = probe[0], [row_numbers(side) for side in given]
        for side, numbers in zip(SIDES, rows, strict=True):
            if len(numbers) and (numbers.min() < 0 or numbers.max() >= len(track_of)):
                return Wrong(f"row numbers from 0 to {len(track_of) - 1}", f"others among the {side} rows")
        for side, numbers, right in zip(SIDES, rows, _apart(*probe), strict=True):
            if not np.array_equal(numbers, right):
                return Wrong(
                    f"as {side} rows the segments of tracks {sorted(set(track_of[right].tolist()))}",
                    f"segments of tracks {sorted(set(track_of[numbers].tolist()))}",
                )
    return None


def _deals(rule: Callable[..., Rows]) -> Predicate:
    def same(a: Answers, ctx: Context) -> bool:
        return all(
            alike([row_numbers(side) for side in given], list(rule(*probe)))
            for given, probe in zip(a.split_by_track, _dealt(ctx), strict=True)
        )

    return same


def _validation_left_in(track_of: np.ndarray, validation: np.ndarray, test: np.ndarray) -> Rows:
    _, validation_rows, test_rows = _apart(track_of, validation, test)
    return np.flatnonzero(~np.isin(track_of, test)), validation_rows, test_rows


def _numbers_as_rows(track_of: np.ndarray, validation: np.ndarray, test: np.ndarray) -> Rows:
    rest = np.setdiff1d(track_of, np.concatenate([validation, test]))
    return rest, validation, test


APART = Exercise(
    name="apart",
    title="Keep tracks apart",
    points=2,
    answers={"split_by_track": Function(_dealt, (Array((None,)), Array((None,)), Array((None,))))},
    judge=_judge_apart,
    mistakes=[
        Mistake(
            "numbers_as_rows",
            _deals(_numbers_as_rows),
            hint="These are numbers of tracks. Rows of the array are asked for: each track has several of "
            "them.",
        ),
        Mistake(
            "validation_left_in",
            _deals(_validation_left_in),
            hint="The validation tracks are also among the training rows: whatever is chosen on them "
            "favours what has learned them by heart.",
        ),
        Mistake(
            "exchanged",
            _deals(lambda t, v, e: (_apart(t, v, e)[0], _apart(t, v, e)[2], _apart(t, v, e)[1])),
            hint="Validation and test rows are exchanged: look at the order in which the text asks for them.",
        ),
        Mistake(
            "everything_trained_on",
            _deals(lambda t, v, e: (np.arange(len(t)), *_apart(t, v, e)[1:])),
            hint="All segments are trained on, those to test on included: the score then measures memory.",
        ),
    ],
    where="np.isin(track_of, test_tracks) is True for the segments of these tracks; np.flatnonzero "
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
        # Some tracks lie on one side only, so that the share is neither 0 nor 1.
        alone = np.isin(track_of, track_of[order[-1]])
        test = np.sort(np.union1d(order[cut:], np.flatnonzero(alone)))
        train = np.setdiff1d(order[: cut - 2], test)
        probes.append((track_of, train, test))
    return probes


def _leaked(track_of: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    return float(np.isin(track_of[test], track_of[train]).mean())


def _leaked_tracks(track_of: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    return float(np.isin(np.unique(track_of[test]), track_of[train]).mean())


def _judge_leaked(a: Answers, ctx: Context) -> Wrong | None:
    for given, probe in zip(a.leaked_share, _leaks(ctx), strict=True):
        if not alike(given, _leaked(*probe), atol=1e-4):
            return Wrong("the share of test segments whose track is also trained on", f"{given:.3f}")
    return None


LEAKED = Exercise(
    name="leaked",
    title="How much leaks",
    points=2,
    answers={"leaked_share": Function(_leaks, Number())},
    judge=_judge_leaked,
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
    where="track_of[test_rows] are the tracks of the test segments; np.isin tells which of them are "
    "among others.",
)


# TODO 6: standardise ----------------------------------------------------------------------


def _shape_of(side: str) -> Callable[[Context], tuple[int | None, ...]]:
    return lambda ctx: (len(getattr(apart(ctx), side)), FRAMES, ctx["n_mfcc"])


def _statistics(values: np.ndarray, axes: tuple[int, ...] | None = (0, 1)) -> tuple[np.ndarray, np.ndarray]:
    return np.mean(values, axis=axes, dtype=float), np.std(values, axis=axes, dtype=float)


def _is_standard(values: np.ndarray, axes: tuple[int, ...] | None = (0, 1), tolerance: float = 0.01) -> bool:
    mean, deviation = _statistics(values, axes)
    return bool(np.all(np.abs(mean) < tolerance) and np.all(np.abs(deviation - 1) < tolerance))


def _judge_scaled(a: Answers, ctx: Context) -> Wrong | None:
    if not _is_standard(a.X_train_scaled) or _each_place(a, ctx):
        mean, deviation = _statistics(a.X_train_scaled)
        worst = int(np.argmax(np.abs(mean) + np.abs(deviation - 1)))
        return Wrong(
            "training segments whose every coefficient has mean 0 and deviation 1 over segments and frames",
            f"coefficient {worst + 1} with mean {mean[worst]:.3f} and deviation {deviation[worst]:.3f}",
        )
    if _own_statistics(a, ctx):
        return Wrong(
            "the other segments scaled as the training segments were", "mean 0 and deviation 1 there, too"
        )
    mean, deviation = _training_statistics(ctx)
    for side in ("validation", "test"):
        right = (segments(ctx).x[getattr(apart(ctx), side)] - mean) / deviation
        if not np.allclose(getattr(a, f"X_{side}_scaled"), right, atol=0.01):
            return Wrong(f"{side} segments scaled with the training segments' numbers", "other values")
    return None


def _training_statistics(ctx: Context) -> tuple[np.ndarray, np.ndarray]:
    return _statistics(segments(ctx).x[apart(ctx).train])


def _own_statistics(a: Answers, ctx: Context) -> bool:
    return any(_is_standard(x, tolerance=1e-3) for x in (a.X_validation_scaled, a.X_test_scaled))


def _each_place(a: Answers, ctx: Context) -> bool:
    return _is_standard(a.X_train_scaled, (0,), tolerance=1e-3)


def _all_statistics(a: Answers, ctx: Context) -> bool:
    everything = np.concatenate([a.X_train_scaled, a.X_validation_scaled, a.X_test_scaled])
    return _is_standard(everything, tolerance=1e-3)


STANDARDISE = Exercise(
    name="standardise",
    title="Standardise each coefficient",
    points=2,
    answers={f"X_{side}_scaled": Array(_shape_of(side)) for side in SIDES},
    judge=_judge_scaled,
    mistakes=[
        Mistake(
            "own_statistics",
            _own_statistics,
            hint="These segments were scaled with their own mean and deviation. A single new song could "
            "not be treated so; use the numbers of the training segments.",
        ),
        Mistake(
            "all_statistics",
            _all_statistics,
            hint="Mean and deviation were taken over all segments, those to test on included: what is "
            "known about the test tracks has leaked into training.",
        ),
        Mistake(
            "one_number",
            lambda a, ctx: _is_standard(a.X_train_scaled, None) and not _is_standard(a.X_train_scaled),
            hint="One mean and one deviation for everything. The first coefficient is a hundred times "
            "larger than the last and now decides alone: each coefficient needs numbers of its own.",
        ),
        Mistake(
            "each_place",
            _each_place,
            hint="Each frame has numbers of its own. Where a segment begins is chance, so frame 17 means "
            "nothing: take the frames together.",
        ),
        Mistake(
            "not_centred",
            lambda a, ctx: bool(np.all(np.abs(_statistics(a.X_train_scaled)[1] - 1) < 0.01)),
            hint="The spread is right; the mean was not subtracted.",
        ),
        Mistake(
            "variance",
            lambda a, ctx: bool(
                np.all(np.abs(_statistics(a.X_train_scaled)[0]) < 0.01)
                and np.all(_statistics(a.X_train_scaled)[1] < 0.6)
            ),
            hint="The result is squeezed: divided by the variance instead of its square root?",
        ),
    ],
    where="X_train.mean(axis=(0, 1)) is one mean for each coefficient, over segments and frames.",
    needs=("apart",),
)

EXERCISES = (APART, LEAKED, STANDARDISE)
