"""Tables of accuracies, and counts of what is taken for what."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from labs_lib import evaluation


class TestAccuracyTable:
    def test_percent_spread_and_gaps(self) -> None:
        table = evaluation.accuracy_table(
            {"best": {"validation": 0.7754}, "network": {"training": [0.5, 0.7], "validation": 1}}
        )
        assert list(table.columns) == ["validation / %", "training / %"]
        assert table.loc["best"].tolist() == ["77.5", "–"]
        assert table.loc["network"].tolist() == ["100.0", "60.0 ± 14.1"]

    def test_digits(self) -> None:
        assert evaluation.accuracy_table({"a": {"b": [0.12345]}}, digits=2).iloc[0, 0] == "12.35"


class TestConfusion:
    def test_rows_are_true_classes_and_columns_predicted_ones(self) -> None:
        counts = evaluation.confusion(np.array([0, 0, 1, 2, 2, 2]), np.array([0, 2, 1, 1, 1, 2]), 4)
        assert counts.tolist() == [[1, 0, 1, 0], [0, 1, 0, 0], [0, 2, 1, 0], [0, 0, 0, 0]]

    def test_it_counts_as_scikit_learn_does(self) -> None:
        from sklearn.metrics import confusion_matrix

        rng = np.random.default_rng(0)
        labels, predictions = rng.integers(0, 10, (2, 500))
        assert np.array_equal(
            evaluation.confusion(labels, predictions, 10), confusion_matrix(labels, predictions)
        )

    @pytest.mark.parametrize(
        ("labels", "predictions", "message"),
        [
            ([0, 1], [0], "one prediction an item"),
            ([0, 3], [0, 1], "labels that are whole numbers from 0 to 2"),
            ([0, 1], [0, -1], "predictions that are whole"),
            ([0, 1], [0.9, 0.1], "predictions that are whole"),
        ],
    )
    def test_what_are_no_classes_is_refused(self, labels: Any, predictions: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            evaluation.confusion(labels, predictions, 3)
