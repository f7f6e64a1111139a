"""Results side by side: accuracies of several classifiers, and their confusions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def accuracy_table(
    rows: Mapping[str, Mapping[str, float | Sequence[float]]], digits: int = 1, missing: str = "–"
) -> pd.DataFrame:
    """Return a table of accuracies in percent, one classifier per row.

    Args:
        rows: For each classifier its accuracies from 0 to 1 by column; a sequence of
            several is shown as mean ± sample standard deviation.
        digits: Digits shown behind the point.
        missing: What stands where a classifier has no value.

    Returns:
        The table, as texts, with the unit in the column names.

    Example:
        >>> print(accuracy_table({"network": {"validation": [0.78, 0.80]}, "chance": {"validation": 0.5}}))
                validation / %
        network     79.0 ± 1.4
        chance            50.0

    See Also:
        notebooks/06_music_genres.ipynb
    """
    import pandas as pd

    def text(value: float | Sequence[float]) -> str:
        percent = 100 * np.atleast_1d(np.asarray(value, dtype=float))
        spread = f" ± {np.std(percent, ddof=1):.{digits}f}" if len(percent) > 1 else ""
        return f"{np.mean(percent):.{digits}f}{spread}"

    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    cells = [[text(row[column]) if column in row else missing for column in columns] for row in rows.values()]
    return pd.DataFrame(cells, index=list(rows), columns=[f"{column} / %" for column in columns])


def confusion(labels: np.ndarray, predictions: np.ndarray, n_classes: int) -> np.ndarray:
    """Count how often each class was predicted as each other.

    Args:
        labels: True class of each item, shape (n,), whole numbers from 0 to n_classes - 1.
        predictions: Class that was predicted for each, likewise.
        n_classes: Number of classes.

    Returns:
        Counts, shape (n_classes, n_classes): the true class by row, the predicted one by column.

    Raises:
        ValueError: The two differ in shape, or hold something other than numbers of classes.

    Example:
        >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
        array([[1, 1],
               [0, 1]])

    See Also:
        notebooks/04_instruments.ipynb
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.ndim != 1 or labels.shape != predictions.shape:
        raise ValueError(
            f"expected one label and one prediction an item, found {labels.shape} and {predictions.shape}"
        )
    for name, classes in (("labels", labels), ("predictions", predictions)):
        if classes.dtype.kind not in "iu" or np.any((classes < 0) | (classes >= n_classes)):
            raise ValueError(f"expected {name} that are whole numbers from 0 to {n_classes - 1}")
    return np.bincount(n_classes * labels + predictions, minlength=n_classes**2).reshape(n_classes, n_classes)
