"""Lab 04, TODO 10: a split that keeps recordings whole."""

from __future__ import annotations

import numpy as np

from labs_engine.declare.answers import Function, Rows
from labs_engine.declare.framework import Context, Exercise, Mistake


def _probes(ctx: Context) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = ctx.rng(10)
    probes = []
    for count, rows in ((6, 40), (9, 70)):
        names = np.sort(rng.choice(np.arange(2, 35), count, replace=False))
        recording = np.concatenate([names, names, rng.choice(names, rows - 2 * count)])
        rng.shuffle(recording)
        probes.append((recording, rng.choice(names, 3, replace=False)))
    return probes


def _split(recording: np.ndarray, held_out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    inside = np.isin(recording, held_out)
    return np.flatnonzero(~inside), np.flatnonzero(inside)


EXERCISES = (
    Exercise(
        name="recordings",
        title="Keep recordings whole",
        points=2,
        answers={
            "split_rows": Function(
                _probes,
                (Rows("all other rows to train on"), Rows("the rows of the held-out recordings to test on")),
            )
        },
        right=_split,
        expects="the rows of the held-out recordings to test on, all others to train on",
        mistakes=[
            Mistake(
                "exchanged",
                wrong=lambda recording, held_out: _split(recording, held_out)[::-1],
                hint="The two sides are exchanged: the held-out recordings are the ones to test on.",
            ),
            Mistake(
                "as_row_numbers",
                wrong=lambda recording, held_out: (..., held_out),
                hint="The numbers of the recordings were taken for row numbers. A recording has many rows.",
            ),
            Mistake(
                "one_recording",
                wrong=lambda recording, held_out: (..., recording == held_out[0]),
                hint="Only the first of the held-out recordings is tested on.",
            ),
            Mistake(
                "trained_on_everything",
                wrong=lambda recording, held_out: (np.arange(len(recording)), ...),
                hint="All rows are trained on, those to test on included.",
            ),
        ],
        fallback_hint="np.isin(recording, held_out) is True for each row whose recording is among the held-out "
        "ones; np.flatnonzero turns that into row numbers.",
    ),
)
