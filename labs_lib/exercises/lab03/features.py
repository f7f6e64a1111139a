"""Lab 03, TODO 14 and 15: features of different scales."""

from __future__ import annotations

from functools import partial

import numpy as np

from labs_lib.exercises.answers import Function, Number
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong, close
from labs_lib.exercises.lab03.common import TABLE, Answers, like


def _tables(ctx: Context, stream: int) -> list[tuple[np.ndarray]]:
    """Return tables of correlated features of very different means and scales."""
    rng = ctx.rng(stream)
    tables = []
    for rows, columns in ((14, 4), (25, 3)):
        mixed = rng.normal(0, 1, (rows, columns)) @ (
            np.eye(columns) + 0.4 * rng.uniform(0, 1, (columns, columns))
        )
        tables.append((mixed * 10.0 ** rng.uniform(-1, 2, columns) + rng.uniform(1, 50, columns),))
    return tables


def _standardised(x: np.ndarray, axis: int | None = 0, ddof: int = 0) -> np.ndarray:
    return (x - x.mean(axis=axis, keepdims=True)) / x.std(axis=axis, ddof=ddof, keepdims=True)


def _wide_tables(ctx: Context) -> list[tuple[np.ndarray]]:
    return _tables(ctx, 14)


def _judge_standardise(a: Answers, ctx: Context) -> Wrong | None:
    for given, (table,) in zip(a.standardise, _wide_tables(ctx), strict=True):
        if given.shape != table.shape:
            return Wrong(f"the same shape as the table, {table.shape}", f"shape {given.shape}")
        # Dividing by the deviation of a sample (n − 1) or of the rows themselves (n) are both right.
        if not any(close(given, _standardised(table, ddof=ddof)) for ddof in (0, 1)):
            means, deviations = given.mean(axis=0), given.std(axis=0)
            return Wrong(
                "columns that all have the same mean and the same deviation, as the text asks",
                f"means from {means.min():.3g} to {means.max():.3g}, "
                f"deviations from {deviations.min():.3g} to {deviations.max():.3g}",
            )
    return None


_standardise_like = partial(like, "standardise", _wide_tables)


def _more_tables(ctx: Context) -> list[tuple[np.ndarray]]:
    return _tables(ctx, 15)


def _condition(x: np.ndarray) -> float:
    return float(np.linalg.cond(np.cov(x, rowvar=False)))


def _judge_condition(a: Answers, ctx: Context) -> Wrong | None:
    for given, (table,) in zip(a.condition_number, _more_tables(ctx), strict=True):
        if not close(given, _condition(table), rtol=1e-3):
            return Wrong(
                f"the condition number of the covariance of {table.shape[1]} features, {len(table)} rows",
                f"{given:.5g}",
            )
    return None


_condition_like = partial(like, "condition_number", _more_tables)


def _rows_as_features(a: Answers, ctx: Context) -> bool:
    # The covariance of more rows than features has no inverse: only rounding keeps it from infinity.
    return all(abs(given) > 1e12 for given in a.condition_number)


EXERCISES = (
    Exercise(
        "standardise",
        "Standardise",
        1,
        {"standardise": Function(_wide_tables, TABLE)},
        _judge_standardise,
        (
            Mistake(
                "not_centred",
                _standardise_like(lambda x: x / x.std(axis=0), lambda x: x / x.std(axis=0, ddof=1)),
                "The deviations are equal, the means are not: centre each column as well.",
            ),
            Mistake(
                "not_scaled",
                _standardise_like(lambda x: x - x.mean(axis=0)),
                "The columns are centred but keep their scales.",
            ),
            Mistake(
                "variance",
                _standardise_like(
                    lambda x: (x - x.mean(axis=0)) / x.var(axis=0),
                    lambda x: (x - x.mean(axis=0)) / x.var(axis=0, ddof=1),
                ),
                "You divide by the variance. What has the unit of the feature itself?",
            ),
            Mistake(
                "rows",
                _standardise_like(partial(_standardised, axis=1), partial(_standardised, axis=1, ddof=1)),
                "Each row is standardised: that mixes units, Hz with decibels. One column is one feature.",
            ),
            Mistake(
                "whole_table",
                _standardise_like(
                    partial(_standardised, axis=None), partial(_standardised, axis=None, ddof=1)
                ),
                "One mean and one deviation for the whole table leave the columns as different as before.",
            ),
            Mistake(
                "to_range",
                _standardise_like(lambda x: (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0))),
                "Each column now goes from 0 to 1. That is another scaling; mean and deviation are asked for.",
            ),
        ),
        where="x.mean(axis=...) and x.std(axis=...) give one value for each column, or for each row: which axis?",
    ),
    Exercise(
        "condition",
        "The condition number",
        2,
        {"condition_number": Function(_more_tables, Number())},
        _judge_condition,
        (
            Mistake(
                "of_the_table",
                _condition_like(np.linalg.cond),
                "This is the condition number of the table itself, means included, not of the covariance of its "
                "columns.",
            ),
            Mistake(
                "square_root",
                _condition_like(lambda x: np.linalg.cond(x - x.mean(axis=0))),
                "This is the condition number of the centred table. The covariance's is its square.",
            ),
            Mistake(
                "not_centred",
                _condition_like(lambda x: np.linalg.cond(x.T @ x)),
                "The table is not centred: xᵀx then measures above all how far the means are from 0.",
            ),
            Mistake(
                "correlation",
                _condition_like(lambda x: np.linalg.cond(np.corrcoef(x, rowvar=False))),
                "This is the correlation matrix, from which the scales are gone already. Their effect is what "
                "we want to see.",
            ),
            Mistake(
                "upside_down",
                _condition_like(lambda x: 1 / _condition(x)),
                "Below 1: the largest eigenvalue belongs above the fraction line.",
            ),
            Mistake(
                "rows_as_features",
                _rows_as_features,
                "An enormous number: np.cov takes rows for features unless it is told otherwise.",
            ),
        ),
        where="np.cov takes rows for features unless told `rowvar=False`; np.linalg.cond of a covariance is "
        "its largest eigenvalue divided by its smallest.",
    ),
)
