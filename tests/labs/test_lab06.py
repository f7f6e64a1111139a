"""Lab 06: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Answers, Solved, make_tests
from notebook_tests import make_notebook_tests

TINY = {"tracks_per_genre": 4, "mlps": "[3]", "mlp_epochs": 1, "cnn_epochs": 1, "explained": 10}

# Every lab needs three sets that differ in all that the answers depend on; networks stay tiny.
PARAMETER_SETS: list[dict[str, Any]] = [
    {"seed": 1, "n_mfcc": 13, "cnns": "4-3-2-2", **TINY},
    {"seed": 2, "n_mfcc": 14, "cnns": "2-3-4-5", **TINY},
    {"seed": 3, "n_mfcc": 16, "cnns": "3-2-2-4", **TINY},
]


def _function(name: str, function: Any) -> Any:
    """Return a mutation: another function under the name of an answer."""
    return lambda right, s: {name: function}


# Sound ------------------------------------------------------------------------------------


# Splits -----------------------------------------------------------------------------------


# Networks ---------------------------------------------------------------------------------


def _prepare(
    optimizer: Any = None,
    loss: str = "sparse_categorical_crossentropy",
    metrics: tuple[str, ...] = ("accuracy",),
) -> Any:
    def prepare(model: Any, rate: float) -> Any:
        import keras

        model.compile(
            optimizer(rate) if optimizer else keras.optimizers.Adam(rate), loss, metrics=list(metrics)
        )
        return model

    return _function("prepare", prepare)


def _shared_optimizer(right: Answers, s: Solved) -> Answers:
    import keras

    made_once = keras.optimizers.Adam(0.01)

    def prepare(model: Any, rate: float) -> Any:
        made_once.learning_rate = rate
        model.compile(made_once, "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    return {"prepare": prepare}


def _sgd(rate: float) -> Any:
    import keras

    return keras.optimizers.SGD(rate)


# Answers ----------------------------------------------------------------------------------


# The order in which the labels stand in a published version.
OTHER_ORDER = ["disco", "metal", "reggae", "blues", "rock", "classical", "jazz", "hiphop", "country", "pop"]


MUTATIONS = {
    ("compile", "shared"): _shared_optimizer,
    ("compile", "rate_ignored"): _prepare(optimizer=lambda rate: "adam"),
    ("compile", "sgd"): _prepare(optimizer=_sgd),
    ("compile", "one_hot"): _prepare(loss="categorical_crossentropy"),
    ("compile", "no_accuracy"): _prepare(metrics=()),
}

TestLab06 = make_tests("06", PARAMETER_SETS, MUTATIONS, later="answers")
TestNotebook06 = make_notebook_tests("06", PARAMETER_SETS[0])


def test_other_shapes_of_the_same_mistakes_are_recognised() -> None:
    from harness import solve

    from labs_engine.declare.framework import check

    solved = solve("06", tuple(sorted(PARAMETER_SETS[0].items())), "all")
    for exercise, name, function, mistake in (
        # The picture turned back by reshaping; the first segment again and again; the labels in alphabetical order.
        ("input", "model_input", lambda x: x.T.reshape(1, *x.shape, 1), "scrambled"),
        (
            "song",
            "song_segments",
            lambda x, r: [np.resize(x, 3 * r)] * max(len(x) // (3 * r), 1),
            "truncated",
        ),
        ("name", "genre_name", lambda p, labels: sorted(labels)[int(p.mean(axis=0).argmax())], "other_list"),
    ):
        verdict = check(solved.lab.exercise(exercise), {name: function}, solved.context)
        assert (verdict.status, verdict.mistake) == ("failed", mistake)
