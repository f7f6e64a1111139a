"""Lab 01: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Answers, Solved, make_tests
from notebook_tests import make_notebook_tests

from labs_lib.models import mlp

PARAMETER_SETS: list[dict[str, Any]] = [
    {"seed": 1, "n_samples": 200, "hidden": 6, "noise": 0.25, "epochs": 15, "more_epochs": 25, "n_seeds": 1},
    {
        "seed": 7,
        "n_samples": 150,
        "slope": -1.5,
        "intercept": 2.5,
        "noise": 0.35,
        "hidden": 8,
        "learning_rate": 0.02,
        "epochs": 12,
        "more_epochs": 20,
        "holdout": 0.2,
        "n_seeds": 2,
    },
    {"seed": 3, "n_samples": 300, "noise": 0.1, "hidden": 4, "epochs": 9, "more_epochs": 15, "holdout": 0.4},
]


def _trained(s: Solved, *, optimizer: Any = None, loss: str = "mse", epochs: int | None = None) -> Answers:
    import keras

    p = s.context.parameters
    x, y = s.namespace["x"], s.namespace["y"]
    keras.utils.set_random_seed(p["seed"])
    model = mlp(1, [p["hidden"]] * 2, 1)
    model.compile(optimizer=optimizer or keras.optimizers.SGD(p["learning_rate"]), loss=loss)
    history = model.fit(x[:, None], y, epochs=epochs or p["epochs"], batch_size=p["batch_size"], verbose=0)
    return {"model": model, "history": history}


def _adam(right: Answers, s: Solved) -> Answers:
    import keras

    return _trained(s, optimizer=keras.optimizers.Adam(s.context["learning_rate"]))


def _continued(right: Answers, s: Solved) -> Answers:
    import keras

    p, x, y = s.context.parameters, s.namespace["x"], s.namespace["y"]
    model = mlp(1, [p["hidden"]] * 2, 1)
    model.compile(optimizer=keras.optimizers.Adam(0.03), loss="mse")
    model.fit(x[:, None], y, epochs=40, verbose=0)
    model.compile(optimizer=keras.optimizers.SGD(p["learning_rate"]), loss="mse")
    return {"model": model, "history": model.fit(x[:, None], y, epochs=p["epochs"], verbose=0)}


def _fresh(
    rebuild: bool = True, use_optimizer: bool = True, use_seed: bool = True, use_epochs: bool = True
) -> Any:
    """Return a mutation: `train_fresh` with one thing forgotten."""

    def mutate(right: Answers, s: Solved) -> Answers:
        import keras

        p, x, y = s.context.parameters, s.namespace["x"], s.namespace["y"]
        kept: list[Any] = []
        calls: list[int] = []

        def train_fresh(optimizer: Any, epochs: int, seed: int) -> Any:
            calls.append(seed)
            keras.utils.set_random_seed(seed if use_seed else seed + len(calls))
            if rebuild or not kept:
                kept[:] = [mlp(1, [p["hidden"]] * 2, 1)]
            chosen = optimizer if use_optimizer else keras.optimizers.SGD(p["learning_rate"])
            kept[0].compile(optimizer=chosen, loss="mse")
            length = epochs if use_epochs else 5
            return kept[0], kept[0].fit(x[:, None], y, epochs=length, verbose=0)

        return {"train_fresh": train_fresh}

    return mutate


def _overfit(
    *, optimizer: str = "Adam", rate: float = 0.01, more: int = 0, points: int = 30, watch: str = "val"
) -> Any:
    """Return a mutation: the large network trained in another way."""

    def mutate(right: Answers, s: Solved) -> Answers:
        import keras

        p = s.context.parameters
        x, y = (right[f"{name}_train"][:points] for name in "xy")
        watched = {"val": (right["x_val"][:, None], right["y_val"]), "train": (x[:, None], y), "": None}[
            watch
        ]
        model = mlp(1, [128, 128], 1)
        model.compile(getattr(keras.optimizers, optimizer)(rate), "mse")
        settings = {"epochs": p["more_epochs"] + more, "batch_size": p["batch_size"], "verbose": 0}
        return {
            **right,
            "large": model,
            "overfit": model.fit(x[:, None], y, validation_data=watched, **settings),
        }

    return mutate


def _split(change: Any) -> Any:
    return lambda right, s: {**right, **change(right)}


MUTATIONS = {
    ("sgd", "adam"): _adam,
    ("sgd", "default_rate"): lambda right, s: _trained(s, optimizer=_default_sgd(s)),
    ("sgd", "absolute_error"): lambda right, s: _trained(s, loss="mae"),
    ("sgd", "continued"): _continued,
    ("sgd", "epochs"): lambda right, s: _trained(s, epochs=s.context["epochs"] + 1),
    ("best", "last"): lambda right, s: {
        **right,
        "history": _jagged(right),
        "best_loss": _jagged(right)["loss"][-1],
    },
    ("best", "from_zero"): lambda right, s: {**right, "best_epoch": right["best_epoch"] - 1},
    ("best", "largest"): lambda right, s: {**right, "best_loss": max(right["history"].history["loss"])},
    ("curve", "predictions_sorted"): lambda right, s: {
        **right,
        "model": _zigzag(),
        "y_sorted": np.sort(_zigzag().predict(right["x_sorted"][:, None], verbose=0)[:, 0]),
    },
    ("overfit", "sgd"): _overfit(optimizer="SGD"),
    ("overfit", "default_rate"): _overfit(rate=0.001),
    ("overfit", "epochs"): _overfit(more=1),
    ("overfit", "all_points"): _overfit(points=1000),
    ("overfit", "no_validation"): _overfit(watch=""),
    ("overfit", "validated_on_training"): _overfit(watch="train"),
    ("fresh", "not_rebuilt"): _fresh(rebuild=False),
    ("fresh", "epochs_ignored"): _fresh(use_epochs=False),
    ("fresh", "optimizer_ignored"): _fresh(use_optimizer=False),
    ("fresh", "seed_ignored"): _fresh(use_seed=False),
    ("holdout", "returned_order"): _split(lambda r: {"y_train": r["x_val"], "x_val": r["y_train"]}),
    ("holdout", "overlap"): _split(lambda r: {"x_val": r["x_train"][: len(r["x_val"])]}),
    ("holdout", "share_exchanged"): _split(
        lambda r: {"x_train": r["x_val"], "y_train": r["y_val"], "x_val": r["x_train"], "y_val": r["y_train"]}
    ),
    ("holdout", "pairs_broken"): _split(lambda r: {"y_train": r["y_train"][::-1]}),
}


def _default_sgd(s: Solved) -> Any:
    import keras

    return keras.optimizers.SGD(s.context["learning_rate"] * 2)


def _jagged(right: Answers) -> dict[str, np.ndarray]:
    loss = np.array(right["history"].history["loss"])
    loss[len(loss) // 2] = loss.min() / 2
    return {"loss": loss}


def _zigzag() -> Any:
    """A network whose prediction rises and falls."""
    model = mlp(1, [2], 1)
    model.set_weights([np.array([[1.0, -1.0]]), np.zeros(2), np.array([[1.0], [1.0]]), np.zeros(1)])
    return model


TestLab01 = make_tests("01", PARAMETER_SETS, MUTATIONS)
TestNotebook01 = make_notebook_tests("01", PARAMETER_SETS[0])
