"""Lab 04, TODO 10: a split that keeps recordings whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from labs_lib.exercises.answers import Array, Function
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong, row_numbers
from labs_lib.exercises.lab04.data import Answers


def _probes(ctx: Context) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = ctx.rng(10)
    probes = []
    for count, rows in ((6, 40), (9, 70)):
        names = np.sort(rng.choice(np.arange(2, 35), count, replace=False))
        recording = np.concatenate([names, names, rng.choice(names, rows - 2 * count)])
        rng.shuffle(recording)
        probes.append((recording, rng.choice(names, 3, replace=False)))
    return probes


def _judge_split(a: Answers, ctx: Context) -> Wrong | None:
    for (train, test), (recording, held_out) in zip(a.split_rows, _probes(ctx), strict=True):
        train, test = row_numbers(train), row_numbers(test)
        for side, rows in (("training", train), ("test", test)):
            if len(rows) == 0 or rows.min() < 0 or rows.max() >= len(recording):
                return Wrong(f"row numbers from 0 to {len(recording) - 1}", f"others among the {side} rows")
        shared = np.intersect1d(recording[train], recording[test]).size
        if shared:
            return Wrong("no recording on both sides", f"{shared} recordings on both")
        inside = np.isin(recording, held_out)
        if not (
            np.array_equal(test, np.flatnonzero(inside)) and np.array_equal(train, np.flatnonzero(~inside))
        ):
            return Wrong(
                f"the {inside.sum()} rows of the {len(held_out)} held-out recordings to test on, all others to "
                "train on",
                f"{len(test)} rows to test on, {len(train)} to train on",
            )
    return None


def _tested_on(rule: Callable[[np.ndarray, np.ndarray], Any]) -> Callable[[Answers, Context], bool]:
    return lambda a, ctx: all(
        np.array_equal(row_numbers(test), np.flatnonzero(rule(recording, held_out)))
        for (_, test), (recording, held_out) in zip(a.split_rows, _probes(ctx), strict=True)
    )


def _as_row_numbers(a: Answers, ctx: Context) -> bool:
    return all(
        np.array_equal(row_numbers(test), np.sort(held_out))
        for (_, test), (_, held_out) in zip(a.split_rows, _probes(ctx), strict=True)
    )


EXERCISES = (
    Exercise(
        "recordings",
        "Keep recordings whole",
        2,
        {"split_rows": Function(_probes, (Array((None,)), Array((None,))))},
        _judge_split,
        (
            Mistake(
                "exchanged",
                _tested_on(lambda recording, held_out: ~np.isin(recording, held_out)),
                "The two sides are exchanged: the held-out recordings are the ones to test on.",
            ),
            Mistake(
                "as_row_numbers",
                _as_row_numbers,
                "The numbers of the recordings were taken for row numbers. A recording has many rows.",
            ),
            Mistake(
                "one_recording",
                _tested_on(lambda recording, held_out: recording == held_out[0]),
                "Only the first of the held-out recordings is tested on.",
            ),
            Mistake(
                "trained_on_everything",
                lambda a, ctx: all(
                    len(row_numbers(train)) == len(recording)
                    for (train, _), (recording, _) in zip(a.split_rows, _probes(ctx), strict=True)
                ),
                "All rows are trained on, those to test on included.",
            ),
        ),
        where="np.isin(recording, held_out) is True for each row whose recording is among the held-out ones; "
        "np.flatnonzero turns that into row numbers.",
    ),
)
