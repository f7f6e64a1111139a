"""Classifiers of scikit-learn, tables and split data as answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from labs_engine.declare.answers import AnswerProblem, Array, Function, Unattempted
from labs_engine.declare.context import Context
from labs_lib.kinds.classifiers import Classifier, SplitData, Table
from labs_lib.kinds.probes import Disc

CTX = Context({})
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 2)), np.repeat([0, 1], 30)
X[Y == 1] += 1
KIND = Classifier(Function(lambda ctx: [(np.linspace(-1, 1, 10).reshape(5, 2),)], Array(rtol=1e-3)))


def test_a_classifier_is_known_by_its_decisions() -> None:
    right = KIND.of_code(LogisticRegression().fit(X, Y), CTX)
    same = KIND.collect(make_pipeline(LogisticRegression()).fit(X, Y), CTX)
    assert KIND.difference(same, right, CTX) is None
    for other in (LogisticRegression().fit(X[::2], Y[::2]), QuadraticDiscriminantAnalysis().fit(X, Y)):
        assert KIND.difference(KIND.collect(other, CTX), right, CTX) is not None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (LogisticRegression(), "not fitted"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "not fitted"),
        (LogisticRegression, "the class LogisticRegression"),
        (StandardScaler().fit(X), "StandardScaler"),
        (0.8, "the number 0.8"),
    ],
)
def test_what_is_no_fitted_classifier_is_refused(value: Any, words: str) -> None:
    with pytest.raises(AnswerProblem) as problem:
        KIND.collect(value, CTX)
    assert words in problem.value.found


TABLE = Table(("a", "b"), ("x", "y"), Array(rtol=0, atol=0.01))


def test_a_table_may_have_its_names_in_another_order_and_more_of_them() -> None:
    frame = pd.DataFrame({"y": [4, 2, 9], "note": ["", "", ""], "x": [3, 1, 9]}, index=["b", "a", "c"])
    given = TABLE.collect(frame, CTX)
    assert given.tolist() == [[1, 2], [3, 4]]
    assert TABLE.difference(given, given + 0.001, CTX) is None
    wrong = TABLE.difference(given, given + np.eye(2)[1] * [[0], [1]], CTX)
    assert wrong is not None
    assert wrong.found == "4 for b, y"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (pd.DataFrame({"a": [1, 2], "b": [3, 4]}, index=["x", "y"]), "the columns 'a', 'b'"),
        (pd.DataFrame({"x": [1, 2], "y": [3, 4]}), "the rows '0', '1'"),
        (pd.DataFrame({"x": ["1 %", "2 %"], "y": [3, 4]}, index=["a", "b"]), ""),
        ({"x": {"a": 1}}, "a dict"),
        (None, "None"),
    ],
)
def test_another_table_is_refused(value: Any, words: str) -> None:
    with pytest.raises(AnswerProblem) as problem:
        TABLE.collect(value, CTX)
    assert words in problem.value.found


def test_split_data_are_four_arrays_that_belong_together() -> None:
    kind = SplitData(2)
    data = kind.collect([pd.DataFrame(X), pd.Series(Y), X.tolist(), Y], CTX)
    assert [part.shape for part in data] == [(60, 2), (60,), (60, 2), (60,)]
    assert kind.difference(data, data, CTX) is None
    assert kind.difference(data, (*data[:3], 1 - data[3]), CTX) is not None
    for wrong in ((X, Y, X), (X, Y[:-1], X, Y), (X, Y * 0, X, Y), (X[:, :1], Y, X, Y), None):
        with pytest.raises(AnswerProblem):
            kind.collect(wrong, CTX)
    with pytest.raises(Unattempted):
        kind.collect((X, Y, ..., Y), CTX)


def test_a_disc_has_its_border_where_its_classes_change() -> None:
    disc = Disc((1.0, -0.5), 2.0)
    x, y = disc.border(2.0)
    inside = np.isfinite(x)
    assert 0 < inside.sum() < len(x)
    assert np.abs(np.column_stack([x, y])[inside]).max() <= 2
    for factor, value in ((0.99, 1), (1.01, 0)):
        points = np.column_stack([1 + factor * (x[inside] - 1), -0.5 + factor * (y[inside] + 0.5)])
        assert np.all(disc(points) == value)
    with pytest.raises(ValueError, match=r"shape \(n, 2\), not \(3, 3\)"):
        disc(np.zeros((3, 3)))
    with pytest.raises(TypeError, match="one array of points"):
        disc(np.zeros(3), np.zeros(3))
