"""Lab 05: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Answers, Solved, make_tests, solve
from notebook_tests import make_notebook_tests
from trainings import How, training_mutations

from labs_lib import models

SHORT = {"n_folds": 2, "compact_epochs": 1}

# Every lab needs three sets that differ in all that the answers depend on; networks stay tiny.
PARAMETER_SETS: list[dict[str, Any]] = [
    {
        "seed": 1,
        "n_mels": 48,
        "sample_rate": 16_000,
        "test_fold": 2,
        "mlp_epochs": 3,
        "cnn_epochs": 3,
        **SHORT,
    },
    {
        "seed": 2,
        "n_mels": 40,
        "sample_rate": 8_000,
        "test_fold": 5,
        "mlp_epochs": 4,
        "cnn_epochs": 4,
        **SHORT,
    },
    {
        "seed": 3,
        "n_mels": 64,
        "sample_rate": 11_025,
        "test_fold": 3,
        "mlp_epochs": 2,
        "cnn_epochs": 2,
        **SHORT,
    },
]


def _scaled(center: Any, scale: Any) -> Any:
    """Return a mutation: each array by center and scale of (its own, the training, all raw values)."""

    def mutate(right: Answers, s: Solved) -> Answers:
        raw = {side: s.namespace[f"X_{side}"] for side in ("train", "validation", "test")}
        everything = np.concatenate(list(raw.values()))
        return {
            f"X_{side}_scaled": (own - center(own, raw["train"], everything))
            / scale(own, raw["train"], everything)
            for side, own in raw.items()
        }

    return mutate


def _training(how: How) -> Any:
    """Return a mutation: `train` with one thing done in another way."""

    def train(model: Any, x: Any, y: Any, x_val: Any, y_val: Any, n: int, rate: float) -> Any:
        loss = "sparse_categorical_crossentropy"
        return how.train(lambda: model, x, y, (x_val, y_val), loss=loss, rate=rate, epochs=n)

    return lambda right, s: {"train": train}


def _watched_on_test(right: Answers, s: Solved) -> Answers:
    """Trained rightly, but with the test clips under the name of validation clips."""
    names = s.namespace
    mlp, history = names["train"](
        names["build_mlp"](names["mel"].shape[1:], 10),
        names["X_train_scaled"],
        names["y_train"],
        names["X_test_scaled"],
        names["y_test"],
        s.context["mlp_epochs"],
        0.0003,
    )
    return {
        **right,
        "mlp": mlp,
        "mlp_history": history,
        "training_loss": history.history["loss"],
        "validation_loss": history.history["val_loss"],
    }


def _exchanged(right: Answers, s: Solved) -> Answers:
    """The CNN's score is the dense network's; the networks are told apart by making one useless."""
    blind = models.environment_mlp(right["X_test_scaled"].shape[1:], 10)
    weights = [np.zeros_like(w) for w in blind.get_weights()]
    weights[-1][int(np.argmax(np.bincount(s.namespace["y_test"])))] = 1
    blind.set_weights(weights)
    accuracy = float(np.mean(s.namespace["y_test"] == np.argmax(weights[-1])))
    history = {"accuracy": np.array([0.99]), "val_accuracy": np.array([0.98])}
    return {
        **right,
        "mlp": blind,
        "mlp_accuracy": accuracy,
        "cnn": _right_cnn(right, s),
        "cnn_accuracy": accuracy,
        "mlp_history": history,
        "cnn_history": history,
    }


def _right_cnn(right: Answers, s: Solved) -> Any:
    """A CNN whose score differs from guessing: trained on the test clips themselves."""
    import keras

    model = right["cnn"]
    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    twin.compile(optimizer=keras.optimizers.Adam(0.002), loss="sparse_categorical_crossentropy")
    twin.fit(right["X_test_scaled"][..., None], s.namespace["y_test"], epochs=15, verbose=0)
    return twin


MUTATIONS = {
    **training_mutations(
        "training",
        _training,
        (
            "from_logits",
            "rate_ignored",
            "sgd",
            "epochs_ignored",
            "no_accuracy",
            "other_metric",
            "no_validation",
            "validated_on_training",
        ),
    ),
    ("standardise", "own_statistics"): _scaled(
        lambda own, train, all_: own.mean(), lambda own, train, all_: own.std()
    ),
    ("standardise", "all_statistics"): _scaled(
        lambda own, train, all_: all_.mean(), lambda own, train, all_: all_.std()
    ),
    ("standardise", "not_centred"): _scaled(
        lambda own, train, all_: 0.0, lambda own, train, all_: train.std()
    ),
    ("standardise", "variance"): _scaled(
        lambda own, train, all_: train.mean(), lambda own, train, all_: train.var()
    ),
    ("watched", "watched_on_test"): _watched_on_test,
    ("watched", "training_twice"): lambda right, s: {**right, "validation_loss": right["training_loss"]},
    ("watched", "exchanged"): lambda right, s: {
        **right,
        "training_loss": right["validation_loss"],
        "validation_loss": right["training_loss"],
    },
    ("watched", "accuracy"): lambda right, s: {
        **right,
        "training_loss": right["mlp_history"].history["accuracy"],
        "validation_loss": right["mlp_history"].history["val_accuracy"],
    },
    ("scores", "percent"): lambda right, s: {**right, "mlp_accuracy": 100 * right["mlp_accuracy"] + 2},
    ("scores", "training_accuracy"): lambda right, s: {
        **right,
        "mlp_history": {"accuracy": np.array([0.3, 0.987])},
        "mlp_accuracy": 0.987,
    },
    ("scores", "validation_accuracy"): lambda right, s: {
        **right,
        "mlp_history": {"accuracy": np.array([0.3, 0.99]), "val_accuracy": np.array([0.3, 0.987])},
        "mlp_accuracy": 0.987,
    },
    ("scores", "exchanged"): _exchanged,
}


TestLab05 = make_tests("05", PARAMETER_SETS, MUTATIONS)
TestNotebook05 = make_notebook_tests("05", PARAMETER_SETS[0])


def test_clips_are_changed_anew_in_every_epoch_and_again_from_the_same_seed() -> None:
    import keras

    names = solve("05", tuple(sorted(PARAMETER_SETS[0].items())), "all").namespace
    x, y = names["X_train_scaled"][:40, ..., None], names["y_train"][:40]

    def two_epochs(seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
        keras.utils.set_random_seed(seed)
        batches = names["augmented"](x, y)
        epochs = [list(batches.as_numpy_iterator()) for _ in range(2)]
        return [tuple(map(np.concatenate, zip(*epoch, strict=True))) for epoch in epochs]

    (x_first, y_first), (x_second, y_second) = two_epochs(1)
    assert sorted(y_first) == sorted(y_second) == sorted(y)
    assert not np.array_equal(y_first, y_second)
    assert not np.isin(x_second.sum(axis=(1, 2, 3)), x_first.sum(axis=(1, 2, 3))).all()
    for again, before in zip(two_epochs(1), [(x_first, y_first), (x_second, y_second)], strict=True):
        assert all(map(np.array_equal, again, before))
    assert not np.array_equal(two_epochs(2)[0][0], x_first)
