"""Judging classifiers: cross-validation over folds, tables."""

from labs_lib.evaluation.folds import (
    FoldResults,
    Interval,
    Predictor,
    Train,
    cross_validate,
    mean_with_interval,
)
from labs_lib.evaluation.tables import accuracy_table, confusion

__all__ = [
    "FoldResults",
    "Interval",
    "Predictor",
    "Train",
    "accuracy_table",
    "confusion",
    "cross_validate",
    "mean_with_interval",
]
