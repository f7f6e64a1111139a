"""Lab 03, TODO 14 and 15: features of different scales."""

from __future__ import annotations

from functools import partial

import numpy as np

from labs_engine.declare.answers import Function, Number
from labs_engine.declare.framework import Context, Exercise, Mistake
from labs_lib.labs.lab03.common import TABLE


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


def _more_tables(ctx: Context) -> list[tuple[np.ndarray]]:
    return _tables(ctx, 15)


def _condition(x: np.ndarray) -> float:
    return float(np.linalg.cond(np.cov(x, rowvar=False)))


EXERCISES = (
    Exercise(
        name="standardise",
        title="Standardise",
        points=1,
        answers={"standardise": Function(_wide_tables, TABLE)},
        # Dividing by the deviation of a sample (n − 1) or of the rows themselves (n) are both right.
        right=[_standardised, partial(_standardised, ddof=1)],
        expects="columns that all have the same mean and the same deviation, as the text asks",
        mistakes=[
            Mistake(
                "not_centred",
                wrong=[lambda x: x / x.std(axis=0), lambda x: x / x.std(axis=0, ddof=1)],
                hint="The deviations are equal, the means are not: centre each column as well.",
            ),
            Mistake(
                "not_scaled",
                wrong=lambda x: x - x.mean(axis=0),
                hint="The columns are centred but keep their scales.",
            ),
            Mistake(
                "variance",
                wrong=[
                    lambda x: (x - x.mean(axis=0)) / x.var(axis=0),
                    lambda x: (x - x.mean(axis=0)) / x.var(axis=0, ddof=1),
                ],
                hint="You divide by the variance. What has the unit of the feature itself?",
            ),
            Mistake(
                "rows",
                wrong=[partial(_standardised, axis=1), partial(_standardised, axis=1, ddof=1)],
                hint="Each row is standardised: that mixes units, Hz with decibels. One column is one feature.",
            ),
            Mistake(
                "whole_table",
                wrong=[partial(_standardised, axis=None), partial(_standardised, axis=None, ddof=1)],
                hint="One mean and one deviation for the whole table leave the columns as different as before.",
            ),
            Mistake(
                "to_range",
                wrong=lambda x: (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0)),
                hint="Each column now goes from 0 to 1. That is another scaling; mean and deviation are asked "
                "for.",
            ),
        ],
        fallback_hint="x.mean(axis=...) and x.std(axis=...) give one value for each column, or for each row: "
        "which axis?",
    ),
    Exercise(
        name="condition",
        title="The condition number",
        points=2,
        answers={"condition_number": Function(_more_tables, Number(rtol=1e-3))},
        right=_condition,
        expects="the condition number of the covariance of the features",
        mistakes=[
            Mistake(
                "of_the_table",
                wrong=np.linalg.cond,
                hint="This is the condition number of the table itself, means included, not of the covariance "
                "of its columns.",
            ),
            Mistake(
                "square_root",
                wrong=lambda x: np.linalg.cond(x - x.mean(axis=0)),
                hint="This is the condition number of the centred table. The covariance's is its square.",
            ),
            Mistake(
                "not_centred",
                wrong=lambda x: np.linalg.cond(x.T @ x),
                hint="The table is not centred: xᵀx then measures above all how far the means are from 0.",
            ),
            Mistake(
                "correlation",
                wrong=lambda x: np.linalg.cond(np.corrcoef(x, rowvar=False)),
                hint="This is the correlation matrix, in which the scales no longer show. Their effect is what we "
                "want to see.",
            ),
            Mistake(
                "upside_down",
                wrong=lambda x: 1 / _condition(x),
                hint="Below 1: the largest eigenvalue belongs above the fraction line.",
            ),
            Mistake(
                "rows_as_features",
                # More rows than features: only rounding keeps the number from infinity, so that none equals another.
                lambda a, ctx: all(abs(given) > 1e12 for given in a.condition_number),
                wrong=lambda x: np.linalg.cond(np.cov(x)),
                hint="An enormous number: by default np.cov treats rows as features.",
            ),
        ],
        fallback_hint="np.cov treats rows as features unless you pass `rowvar=False`; np.linalg.cond of a "
        "covariance is its largest eigenvalue divided by its smallest.",
    ),
)
