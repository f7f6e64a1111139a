"""Exercises of lab 07 on fair scores: scaling, choosing a network."""

from __future__ import annotations

from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Function, Text
from labs_engine.declare.framework import Context, Exercise, Mistake

# TODO 1: standardise every column -------------------------------------------------------


def _arrays(ctx: Context) -> list[tuple[np.ndarray, np.ndarray]]:
    found = []
    for stream, (n, frames, columns) in enumerate(((12, 7, 5), (9, 4, 8))):
        rng = ctx.rng(10 + stream)
        size = rng.uniform(1, 40, columns)
        x = rng.normal(rng.uniform(-50, 50, columns), size, (n, frames, columns))
        x *= np.linspace(0.5, 2, n)[:, None, None]  # segments differ, so that each side matters
        rows = np.sort(rng.permutation(n)[: 2 * n // 3])
        found.append((x.astype(np.float32), rows))
    return found


def _standardised(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return (x - x[rows].mean(axis=(0, 1))) / x[rows].std(axis=(0, 1))


def _scaled_by(axis: Any, rows_too: bool = True, variance: bool = False) -> Any:
    def rule(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
        some = x[rows] if rows_too else x
        keep = {"axis": axis, "keepdims": axis is not None}
        return (x - some.mean(**keep)) / (some.var(**keep) if variance else some.std(**keep))

    return rule


def _by_itself(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)


# TODO 6: which network --------------------------------------------------------------------

_COLUMNS = ("validation, track", "validation, segment", "test, track", "test, segment")
_NETWORKS = ("gru", "lstm", "crnn", "cnn", "dense")


def _tables(ctx: Context) -> list[tuple[dict[str, dict[str, float]]]]:
    """Return tables in which each column, and the smallest value of the right one, names another network."""
    found = []
    for stream in range(2):
        rng = ctx.rng(60 + stream)
        names = [str(name) for name in rng.permutation(_NETWORKS)]
        values = rng.uniform(0.3, 0.6, (len(names), len(_COLUMNS))).round(3)
        for column in range(len(_COLUMNS)):
            values[column, column] = 0.7 + 0.05 * rng.random()
        values[4, 0] = 0.2
        order = rng.permutation(len(names))
        table = {names[k]: dict(zip(_COLUMNS, values[k].tolist(), strict=True)) for k in order}
        found.append((table,))
    return found


def _best(table: dict[str, dict[str, float]], column: str, sign: int = 1) -> str:
    return max(table, key=lambda name: sign * table[name][column])


STANDARDISE = Exercise(
    name="standardise",
    title="Standardise every column",
    points=2,
    answers={"standardise": Function(_arrays, Array(rtol=1e-3, atol=1e-3))},
    right=_standardised,
    expects="mean 0 and deviation 1 in every column of the training segments, and the others scaled likewise",
    mistakes=[
        Mistake(
            "all_rows",
            wrong=_scaled_by((0, 1), rows_too=False),
            hint="The mean and the deviation come from all segments, those of the test tracks among them. They are "
            "learned from data as weights are: which rows may be used?",
        ),
        Mistake(
            "one_number",
            wrong=_scaled_by(None),
            hint="One mean and one deviation stand for all columns. The first MFCC is many times larger than the "
            "others and would still dominate them.",
        ),
        Mistake(
            "wrong_axis",
            wrong=_scaled_by((0, 2)),
            hint="Each frame was scaled, over all columns. The axes are segment, frame, column: over which "
            "of them does the mean of one column run?",
        ),
        Mistake(
            "by_segment",
            wrong=_by_itself,
            hint="Each segment was scaled by itself: its loudness and its timbre, which distinguish genres, are "
            "gone. One mean and one deviation per column serve all segments.",
        ),
        Mistake(
            "each_place",
            wrong=_scaled_by(0),
            hint="Every frame has a mean of its own. A segment starts anywhere in a track, so its frames "
            "are alike: let the mean run over them too.",
        ),
        Mistake(
            "variance",
            wrong=_scaled_by((0, 1), variance=True),
            hint="This divides by the variance. What has the unit of the values themselves?",
        ),
    ],
    fallback_hint="x[train_rows] are the training segments; mean and std take a tuple of axes.",
)

CHOOSE = Exercise(
    name="choose",
    title="Choose a network",
    points=1,
    answers={"choose": Function(_tables, Text(_NETWORKS))},
    right=lambda table: _best(table, _COLUMNS[0]),
    expects="the network that the right column of the table names",
    mistakes=[
        Mistake(
            "by_test",
            wrong=lambda table: _best(table, "test, track"),
            hint="This network was chosen on the test tracks, so its score there is no longer a fair one. Which "
            "tracks are there for choosing a network?",
        ),
        Mistake(
            "by_segment",
            wrong=lambda table: _best(table, "validation, segment"),
            hint="This network does best on single segments. The question is about songs.",
        ),
        Mistake(
            "by_test_segment",
            wrong=lambda table: _best(table, "test, segment"),
            hint="This compares single segments, and those of the test tracks. Which column is about songs, and may "
            "be used for choosing?",
        ),
        Mistake(
            "worst",
            wrong=lambda table: _best(table, "validation, track", -1),
            hint="This network has the lowest accuracy of all.",
        ),
    ],
    fallback_hint="max(table, key=...) gives the key of a dict for which something is largest.",
)
