"""Which helpers of the course an answer used."""

from __future__ import annotations

import pytest

from labs_engine.grade.helpers_used import helpers_used

IMPORTS = "from tiny_lib import models, training as t\nfrom tiny_lib.datasets import synthetic\nimport tiny_lib\nimport tiny_lib.plots as p\nimport numpy as np"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("net = models.mlp(1, [5], 1)", ["models.mlp"]),
        ("t.warm_cosine(0.1, 9); np.sum(x)", ["training.warm_cosine"]),
        ("x, y = synthetic.regression(10)", ["datasets.synthetic.regression"]),
        ("tiny_lib.evaluation.bayes_accuracy(1)", ["evaluation.bayes_accuracy"]),
        ("from tiny_lib.descent import path\npath(3)", ["descent.path"]),
        ("p.scatter(models.mlp(1, [2], 1).layers[0].units)", ["models.mlp", "plots.scatter"]),
        ("net = keras.Sequential()", []),
        ("this is no code", []),
        ("import tiny_lib.models as m\n%matplotlib inline\nm.cnn(3)", ["models.cnn"]),
    ],
)
def test_helpers_are_named(source: str, names: list[str]) -> None:
    assert helpers_used({"todo": source}, [IMPORTS, source]) == {"todo": names}
