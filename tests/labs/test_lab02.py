"""Lab 02: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Answers, Solved, make_tests
from notebook_tests import make_notebook_tests
from trainings import How, training_mutations

from labs_lib import evaluation
from labs_lib.models import mlp

# The batches are small, so that training on all points is told by its number of updates.
PARAMETER_SETS: list[dict[str, Any]] = [
    {"seed": 2, "n_per_class": 100, "hidden": 6, "batch_size": 16, "epochs": 6, "n_seeds": 1},
    {
        "seed": 5,
        "n_per_class": 80,
        "center": 0.7,
        "variance_0": 1.5,
        "variance_1": 5.0,
        "holdout": 0.25,
        "hidden": 8,
        "learning_rate": 0.02,
        "batch_size": 20,
        "epochs": 5,
        "n_seeds": 2,
    },
    {
        "seed": 3,
        "n_per_class": 120,
        "center": 1.5,
        "variance_0": 3.0,
        "variance_1": 2.0,
        "holdout": 0.4,
        "hidden": 4,
        "epochs": 4,
        "n_seeds": 1,
    },
]


def _clouds(s: Solved) -> tuple[np.ndarray, np.ndarray]:
    return s.namespace["cloud_0"], s.namespace["cloud_1"]


def _stacked(X: Any = None, y: Any = None) -> Any:
    """Return a mutation: X made of the clouds, or y made of the right y, in another way."""
    return lambda right, s: {
        "X": X(_clouds(s)) if X else right["X"],
        "y": y(right["y"]) if y else right["y"],
    }


def _split(change: Any) -> Any:
    return lambda right, s: {**right, **change(right)}


def _cut_by_count(right: Answers, s: Solved, shuffled: bool) -> Answers:
    """Cut the rows in their own order, or in a random one that leaves the classes unequal."""
    X, y = s.namespace["X"], s.namespace["y"]
    n_val = len(right["y_val"])
    order = np.arange(len(y))
    if shuffled:  # nine tenths of the validation data from class 1
        few = n_val // 10
        order = np.concatenate(
            [order[few : len(y) - n_val + few], order[:few], order[len(y) - n_val + few :]]
        )
    train, val = order[:-n_val], order[-n_val:]
    return {"X_train": X[train], "y_train": y[train], "X_val": X[val], "y_val": y[val]}


def _train(how: How, train_on: tuple[str, ...] = ("train",)) -> Any:
    """Return a mutation: `train` with one thing done in another way."""

    def mutate(right: Answers, s: Solved) -> Answers:
        import keras

        p = s.context.parameters

        def train(seed: int, epochs: int) -> Any:
            keras.utils.set_random_seed(seed)
            return how.train(
                lambda: mlp(2, [p["hidden"]] * 2, 1, output_activation="sigmoid"),
                np.concatenate([right[f"X_{part}"] for part in train_on]),
                np.concatenate([right[f"y_{part}"] for part in train_on]),
                (right["X_val"], right["y_val"]),
                loss="binary_crossentropy",
                rate=p["learning_rate"],
                epochs=epochs,
                batch_size=p["batch_size"],
            )

        return {**right, "train": train}

    return mutate


def _fitted_on(*parts: str) -> Any:
    """Return a mutation: both classifiers fitted on these parts of the data."""

    def mutate(right: Answers, s: Solved) -> Answers:
        X = np.concatenate([right[f"X_{part}"] for part in parts])
        y = np.concatenate([right[f"y_{part}"] for part in parts])
        qda, logistic = type(s.namespace["qda"])().fit(X, y), type(s.namespace["logistic"])().fit(X, y)
        return {
            **right,
            "qda": qda.decision_function,
            "logistic": logistic.decision_function,
            "qda_accuracy": qda.score(right["X_val"], right["y_val"]),
            "logistic_accuracy": logistic.score(right["X_val"], right["y_val"]),
        }

    return mutate


def _on_training(right: Answers, s: Solved) -> Answers:
    X, y = right["X_train"], right["y_train"]
    return {
        **right,
        "qda_accuracy": s.namespace["qda"].score(X, y),
        "logistic_accuracy": s.namespace["logistic"].score(X, y),
    }


MUTATIONS = {
    ("stack", "side_by_side"): _stacked(X=lambda clouds: np.concatenate(clouds, axis=1)),
    ("stack", "new_axis"): _stacked(X=np.stack),
    ("stack", "flattened"): _stacked(X=lambda clouds: np.append(*clouds)),
    ("stack", "column_of_labels"): _stacked(y=lambda y: y[:, None]),
    ("stack", "labels_flipped"): _stacked(y=lambda y: 1 - y),
    ("stack", "labels_elsewhere"): _stacked(y=lambda y: np.tile([0, 1], len(y) // 2)),
    ("split", "returned_order"): _split(lambda r: {"y_train": r["X_val"], "X_val": r["y_train"]}),
    ("split", "overlap"): _split(
        lambda r: {"X_val": r["X_train"][: len(r["y_val"])], "y_val": r["y_train"][: len(r["y_val"])]}
    ),
    ("split", "share_exchanged"): _split(
        lambda r: {"X_train": r["X_val"], "y_train": r["y_val"], "X_val": r["X_train"], "y_val": r["y_train"]}
    ),
    ("split", "pairs_broken"): _split(lambda r: {"y_train": r["y_train"][::-1]}),
    ("split", "not_shuffled"): lambda right, s: _cut_by_count(right, s, shuffled=False),
    ("split", "not_stratified"): lambda right, s: _cut_by_count(right, s, shuffled=True),
    ("train", "trained_on_everything"): _train(How(), ("train", "val")),
    **training_mutations(
        "train",
        _train,
        (
            "squared_error",
            "binary_from_logits",
            "sgd",
            "default_rate",
            "epochs_ignored",
            "not_rebuilt",
            "no_accuracy",
            "other_metric",
            "no_validation",
            "validated_on_training",
            "batch_size",
        ),
        binary_from_logits="from_logits",
    ),
    ("baselines", "fitted_on_validation"): _fitted_on("val"),
    ("baselines", "fitted_on_everything"): _fitted_on("train", "val"),
    ("baselines", "scored_on_training"): _on_training,
    ("baselines", "scores_exchanged"): lambda right, s: {
        **right,
        "qda_accuracy": right["logistic_accuracy"],
        "logistic_accuracy": right["qda_accuracy"],
    },
    ("baselines", "error"): lambda right, s: {**right, "qda_accuracy": 1 - right["qda_accuracy"]},
}

TestLab02 = make_tests("02", PARAMETER_SETS, MUTATIONS)
TestNotebook02 = make_notebook_tests("02", PARAMETER_SETS[0])


def test_the_grid_of_the_notebook_is_fine_enough() -> None:
    from scipy.stats import multivariate_normal

    pair = multivariate_normal([-1, -1], 4), multivariate_normal([1, 1], 3)
    points, area = evaluation.plane_grid(*pair)
    reached = np.sum(np.maximum(pair[0].pdf(points), pair[1].pdf(points))) * area / 2
    assert abs(reached - evaluation.bayes_accuracy(*pair)) < 1e-5
