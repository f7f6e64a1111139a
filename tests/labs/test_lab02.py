"""Lab 02: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from harness import Answers, Solved, make_tests
from notebook_tests import make_notebook_tests
from trainings import How, training_mutations

from labs_engine.declare.context import Context
from labs_engine.declare.course import find_lab
from labs_engine.declare.framework import check
from labs_engine.declare.parameters import resolve
from labs_lib.labs.lab02.bayes import grid_of
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
            X_train, y_train, X_val, y_val = right["data"]
            everything = np.concatenate([X_train, X_val]), np.concatenate([y_train, y_val])
            return how.train(
                lambda: mlp(2, [p["hidden"]] * 2, 1, output_activation="sigmoid"),
                *((X_train, y_train) if len(train_on) == 1 else everything),
                (X_val, y_val),
                loss="binary_crossentropy",
                rate=p["learning_rate"],
                epochs=epochs,
                batch_size=p["batch_size"],
            )

        return {**right, "train": train}

    return mutate


def _levels(*levels: str) -> Any:
    """Return a mutation: the accuracy figure with some of its levels only."""

    def mutate(right: Answers, s: Solved) -> Answers:
        _, ax = plt.subplots()
        for name in ("accuracy", "val_accuracy"):
            ax.plot(right["history"].history[name], label=name)
        for level in levels:
            ax.axhline(s.namespace[level])
        ax.set(xlabel="epoch", ylabel="accuracy")
        ax.legend()
        return {**right, "ax_accuracy": ax}

    return mutate


def _moons(
    *,
    width: int = 16,
    loss: str = "binary_crossentropy",
    optimizer: str = "Adam",
    rate: float = 1,
    epochs: int = 100,
    batch: int = 1,
) -> Any:
    """Return a mutation: the network for the moons trained in another way."""

    def mutate(right: Answers, s: Solved) -> Answers:
        import keras

        p = s.context.parameters
        model = mlp(2, [width or p["hidden"]] * 2, 1, output_activation="sigmoid")
        model.compile(getattr(keras.optimizers, optimizer)(p["learning_rate"] * rate), loss)
        data = s.namespace["moons_train"], s.namespace["labels_train"]
        history = model.fit(*data, epochs=epochs, batch_size=p["batch_size"] * batch, verbose=0)
        return {**right, "moon_network": model, "moon_history": history}

    return mutate


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
    ("accuracy_figure", "expected"): lambda right, s: {**right, "bayes_here": s.namespace["bayes_accuracy"]},
    ("moons", "other_data"): lambda right, s: {**right, "moon_qda": s.namespace["qda"]},
    ("moons", "width"): _moons(width=0),
    ("moons", "squared_error"): _moons(loss="mse"),
    ("moons", "sgd"): _moons(optimizer="SGD"),
    ("moons", "default_rate"): _moons(rate=0.1),
    ("moons", "epochs"): _moons(epochs=99),
    ("moons", "batch_size"): _moons(batch=2),
}

TestLab02 = make_tests("02", PARAMETER_SETS, MUTATIONS)
TestNotebook02 = make_notebook_tests("02", PARAMETER_SETS[0])


@pytest.mark.parametrize("variances", [(4.0, 3.0), (1.5, 5.0), (2.0, 2.0)])
def test_the_grid_of_the_notebook_is_fine_enough(variances: tuple[float, float]) -> None:
    from scipy.stats import ncx2, norm

    v0, v1 = variances
    grid = grid_of(Context({"center": 1.0, "variance_0": v0, "variance_1": v1}))
    reached = grid.expected_accuracy(grid.log_ratio > 0)
    if v0 == v1:
        exact = norm.cdf(np.sqrt(2 / v0))
    else:  # the boundary is a circle, and the mass inside it non-central chi-squared
        middle = (v0 + v1) / (v0 - v1)
        squared = 2 * middle**2 + 2 * v0 * v1 / (v0 - v1) * (np.log(v0 / v1) + 1 / v0 - 1 / v1)
        inside = [ncx2.cdf(squared / v, 2, 2 * (middle - m) ** 2 / v) for v, m in ((v0, -1), (v1, 1))]
        exact = (1 - inside[0] + inside[1]) / 2
        exact = exact if v0 > v1 else 1 - exact
    assert abs(reached - exact) < 2e-4


def test_the_same_points_are_drawn_in_other_ways() -> None:
    ctx = Context(resolve(find_lab("02").parameters, {"seed": 4}))
    rng = np.random.default_rng(4)
    scaled = [m + np.sqrt(v) * rng.standard_normal((1000, 2)) for m, v in ((-1, 4.0), (1, 3.0))]
    rng = np.random.default_rng(4)
    joint = [rng.multivariate_normal([m, m], v * np.eye(2), 1000) for m, v in ((-1, 4.0), (1, 3.0))]
    for given in (scaled, joint):
        verdict = check(
            find_lab("02").exercise("draw"), dict(zip(("cloud_0", "cloud_1"), given, strict=True)), ctx
        )
        assert verdict.status == "passed"
