"""Cross-validation: every item tested once, by what never saw its fold; intervals as textbooks have them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from labs_lib import evaluation

RNG = np.random.default_rng(0)
FOLDS = RNG.permutation(np.repeat([1, 2, 3, 4, 5], 12))
LABELS = RNG.integers(0, 3, 60)
X = (LABELS[:, None] + 0.1 * RNG.standard_normal((60, 4))).astype(np.float32)


def _nearest_mean(x: np.ndarray, labels: np.ndarray, seed: int) -> Any:
    means = np.stack([x[labels == label].mean(axis=0) for label in range(3)])

    def predict(inputs: np.ndarray) -> np.ndarray:
        closeness = np.exp(-np.sum((inputs[:, None] - means) ** 2, axis=2))
        return closeness / closeness.sum(axis=1, keepdims=True)

    return predict


class TestCrossValidate:
    def test_each_fold_is_tested_by_what_trained_on_the_others_alone(self) -> None:
        row_numbers = np.arange(60)
        pairs = []

        def train(x: np.ndarray, labels: np.ndarray, seed: int) -> Any:
            assert np.array_equal(labels, LABELS[x])

            def predict(inputs: np.ndarray) -> np.ndarray:
                pairs.append((x, inputs))
                return np.eye(3)[LABELS[inputs]]

            return predict

        results = evaluation.cross_validate(row_numbers, LABELS, FOLDS, train)
        assert np.array_equal(np.sort(np.concatenate([test for _, test in pairs])), row_numbers)
        for fold, (trained, tested) in zip(results.folds, pairs, strict=True):
            assert set(FOLDS[tested]) == {fold}
            assert np.array_equal(np.union1d(trained, tested), row_numbers)
            assert not set(trained) & set(tested)
        assert results.accuracies.tolist() == [1.0] * 5

    def test_predictions_stand_in_the_order_of_the_items(self) -> None:
        results = evaluation.cross_validate(X, LABELS, FOLDS, _nearest_mean)
        assert np.mean(results.predictions == LABELS) > 0.95
        for fold, accuracy in zip(results.folds, results.accuracies, strict=True):
            rows = fold == FOLDS
            assert accuracy == np.mean(results.predictions[rows] == LABELS[rows])
            expected = _nearest_mean(X[~rows], LABELS[~rows], 0)(X[rows])
            np.testing.assert_allclose(results.probabilities[rows], expected, rtol=1e-5)
        assert results.interval == evaluation.mean_with_interval(results.accuracies)
        assert np.all(results.seconds > 0)

    def test_some_folds_alone_may_be_tested_on(self) -> None:
        whole = evaluation.cross_validate(X, LABELS, FOLDS, _nearest_mean)
        some = evaluation.cross_validate(X, LABELS, FOLDS, _nearest_mean, test_folds=[4, 2])
        assert some.folds.tolist() == [2, 4]
        assert some.rows.tolist() == np.flatnonzero(np.isin(FOLDS, [2, 4])).tolist()
        assert some.accuracies.tolist() == whole.accuracies[[1, 3]].tolist()
        np.testing.assert_array_equal(some.probabilities, whole.probabilities[some.rows])
        with pytest.raises(ValueError, match=r"expected folds among \[1, 2, 3, 4, 5\], found \[7\]"):
            evaluation.cross_validate(X, LABELS, FOLDS, _nearest_mean, test_folds=[7])

    def test_the_seed_is_passed_on(self) -> None:
        seen = []

        def train(x: np.ndarray, labels: np.ndarray, seed: int) -> Any:
            seen.append(seed)
            return _nearest_mean(x, labels, seed)

        evaluation.cross_validate(X, LABELS, FOLDS, train, seed=7)
        assert seen == [7] * 5

    def test_lengths_that_differ_are_refused(self) -> None:
        with pytest.raises(ValueError, match="found 60, 59, 60"):
            evaluation.cross_validate(X, LABELS[:-1], FOLDS, _nearest_mean)

    def test_one_fold_is_refused(self) -> None:
        with pytest.raises(ValueError, match="two folds at least, found 1"):
            evaluation.cross_validate(X, LABELS, np.ones(60), _nearest_mean)

    def test_classes_in_place_of_probabilities_are_refused(self) -> None:
        def train(x: np.ndarray, labels: np.ndarray, seed: int) -> Any:
            return lambda inputs: np.zeros(len(inputs))

        with pytest.raises(ValueError, match=r"shape \(12, classes\), one row an item, found \(12,\)"):
            evaluation.cross_validate(X, LABELS, FOLDS, train)

    def test_a_bar_shows_the_folds_where_a_label_is_given(self, capsys: pytest.CaptureFixture) -> None:
        evaluation.cross_validate(X, LABELS, FOLDS, _nearest_mean)
        assert capsys.readouterr().out == ""
        evaluation.cross_validate(X, LABELS, FOLDS, _nearest_mean, what="five folds")
        assert "five folds" in capsys.readouterr().out


class TestMeanWithInterval:
    VALUES = (0.7, 0.8, 0.75, 0.65, 0.85)

    @pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
    def test_it_is_the_interval_of_the_t_test(self, confidence: float) -> None:
        found = evaluation.mean_with_interval(self.VALUES, confidence)
        expected = stats.ttest_1samp(self.VALUES, 0).confidence_interval(confidence)
        assert found.mean == pytest.approx(0.75)
        assert found.deviation == pytest.approx(stats.tstd(self.VALUES))
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))

    def test_it_covers_the_true_mean_as_often_as_it_says(self) -> None:
        draws = np.random.default_rng(1).normal(0.7, 0.05, (2000, 5))
        covered = [low < 0.7 < high for _, _, low, high in map(evaluation.mean_with_interval, draws)]
        assert np.mean(covered) == pytest.approx(0.95, abs=0.02)

    def test_values_that_agree_leave_no_width(self) -> None:
        assert evaluation.mean_with_interval([0.5, 0.5]) == (0.5, 0.0, 0.5, 0.5)

    @pytest.mark.parametrize(
        ("values", "confidence", "message"), [([0.5], 0.95, "two values"), ([0.5, 0.6], 95, "not 95")]
    )
    def test_what_has_no_interval_is_refused(self, values: Any, confidence: float, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            evaluation.mean_with_interval(values, confidence)
