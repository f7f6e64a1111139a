"""Judging classifiers: the best possible accuracy, cross-validation over folds, tables."""

from labs_lib.evaluation.folds import (
    FoldResults,
    Interval,
    Predictor,
    Train,
    cross_validate,
    mean_with_interval,
)
from labs_lib.evaluation.gaussian import bayes_accuracy, expected_accuracy, plane_grid
from labs_lib.evaluation.tables import accuracy_table, confusion

__all__ = [
    "FoldResults",
    "Interval",
    "Predictor",
    "Train",
    "accuracy_table",
    "bayes_accuracy",
    "confusion",
    "cross_validate",
    "expected_accuracy",
    "mean_with_interval",
    "plane_grid",
]
