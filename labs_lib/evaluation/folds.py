"""Cross-validation over given folds: every item is tested once, by a network that never saw its fold."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from labs_engine.base.progress import track

Predictor = Callable[[np.ndarray], np.ndarray]
Train = Callable[[np.ndarray, np.ndarray, int], Predictor]


class Interval(NamedTuple):
    """A mean with its uncertainty.

    Attributes:
        mean: The mean.
        deviation: Standard deviation of the values (divided by k - 1).
        low: Lower end of the confidence interval of the mean.
        high: Its upper end.
    """

    mean: float
    deviation: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class FoldResults:
    """What cross-validation found.

    Attributes:
        folds: Name of each fold, shape (k,), ascending.
        accuracies: Accuracy on each fold, from 0 to 1, shape (k,).
        rows: The items that were tested, all of them unless some folds were left out, shape (m,).
        probabilities: For each of these the probabilities of the classes, from the network that
            did not train on its fold, shape (m, classes).
        seconds: Time that each fold took to train and to predict, in s, shape (k,).
    """

    folds: np.ndarray
    accuracies: np.ndarray
    rows: np.ndarray
    probabilities: np.ndarray
    seconds: np.ndarray

    @property
    def predictions(self) -> np.ndarray:
        """The most probable class of each tested item, shape (m,)."""
        return self.probabilities.argmax(axis=1)

    @property
    def interval(self) -> Interval:
        """Mean accuracy over the folds, with its 95 % confidence interval."""
        return mean_with_interval(self.accuracies)


def cross_validate(
    x: np.ndarray,
    labels: np.ndarray,
    folds: np.ndarray,
    train: Train,
    *,
    test_folds: Sequence[int] | None = None,
    seed: int = 0,
    what: str = "",
) -> FoldResults:
    """Test on each fold in turn, after training on all others.

    Whatever is computed from data (a mean to subtract, the weights of a network) belongs in `train`, which gets only
    the training rows, so that nothing of the test fold can reach it.

    Args:
        x: Inputs, shape (n, ...).
        labels: Class index of each, shape (n,).
        folds: Fold of each, shape (n,).
        train: Builds a new network, trains it on (inputs, labels, seed) and returns a function
            from inputs, shape (m, ...), to probabilities of the classes, shape (m, classes).
        test_folds: The folds to test on; by default all of them.
        seed: Passed on to `train`, the same for every fold.
        what: Label of a progress bar over the folds; none is shown if it is empty.

    Raises:
        ValueError: Inputs, labels and folds differ in length, there is one fold only, or the
            returned function gives something other than one row of probabilities per item.
    """
    labels, folds = np.asarray(labels), np.asarray(folds)
    if not len(x) == len(labels) == len(folds):
        raise ValueError(f"expected a label and a fold an item, found {len(x)}, {len(labels)}, {len(folds)}")
    names = _folds_to_test(folds, test_folds)
    accuracies, seconds = np.empty(len(names)), np.empty(len(names))
    predicted: list[tuple[np.ndarray, np.ndarray]] = []
    for number in track(range(len(names)), what) if what else range(len(names)):
        test = folds == names[number]
        start = time.perf_counter()
        predict = train(x[~test], labels[~test], seed)
        probabilities = _one_row_an_item(predict(x[test]), int(test.sum()))
        seconds[number] = time.perf_counter() - start
        accuracies[number] = np.mean(probabilities.argmax(axis=1) == labels[test])
        predicted.append((np.flatnonzero(test), probabilities))
    rows = np.concatenate([of_fold for of_fold, _ in predicted])
    together = np.concatenate([probabilities for _, probabilities in predicted])
    order = np.argsort(rows)
    return FoldResults(names, accuracies, rows[order], together[order], seconds)


def _folds_to_test(folds: np.ndarray, wanted: Sequence[int] | None) -> np.ndarray:
    """Return the folds to test on in ascending order, all of them if none are named."""
    names = np.unique(folds)
    if len(names) < 2:
        raise ValueError(f"expected two folds at least, found {len(names)}")
    if wanted is None:
        return names
    if not set(wanted) <= set(names.tolist()):
        raise ValueError(f"expected folds among {names.tolist()}, found {list(wanted)}")
    return np.array(sorted(wanted))


def mean_with_interval(values: Sequence[float] | np.ndarray, confidence: float = 0.95) -> Interval:
    """Return the mean of a few values, such as accuracies of folds, and how uncertain it is.

    The interval is Student's: mean ± t * deviation / sqrt(k). It assumes that the values are independent. Those of
    folds are not quite, because their training sets overlap, so the true uncertainty is larger (Bengio and Grandvalet
    2004, JMLR 5, 1089-1105).

    Args:
        values: The values, two at least.
        confidence: Probability with which the interval covers the true mean.

    Raises:
        ValueError: There are fewer than two values, or the confidence is not between 0 and 1.

    Example:
        >>> found = mean_with_interval([0.80, 0.86, 0.83])
        >>> print(f"{found.mean:.2f}, from {found.low:.2f} to {found.high:.2f}")
        0.83, from 0.76 to 0.90
    """
    from scipy.special import stdtrit  # quantiles of Student's t

    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or len(numbers) < 2:
        raise ValueError(f"expected two values at least, found an array of shape {numbers.shape}")
    if not 0 < confidence < 1:
        raise ValueError(f"expected a confidence between 0 and 1, not {confidence}")
    mean, deviation = float(numbers.mean()), float(numbers.std(ddof=1))
    reach = float(stdtrit(len(numbers) - 1, (1 + confidence) / 2)) * deviation / np.sqrt(len(numbers))
    return Interval(mean, deviation, mean - reach, mean + reach)


def _one_row_an_item(probabilities: np.ndarray, items: int) -> np.ndarray:
    probabilities = np.asarray(probabilities)
    if probabilities.ndim != 2 or len(probabilities) != items:
        raise ValueError(
            f"expected probabilities of shape ({items}, classes), one row an item, found {probabilities.shape}"
        )
    return probabilities
