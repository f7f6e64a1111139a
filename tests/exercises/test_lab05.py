"""Lab 05: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Answers, Solved, make_tests

from labs_lib import models

# Every lab needs three sets that differ in all that the answers depend on; networks stay tiny.
PARAMETER_SETS: list[dict[str, Any]] = [
    {"seed": 1, "n_mels": 48, "sample_rate": 16_000, "test_fold": 2, "mlp_epochs": 3, "cnn_epochs": 3},
    {"seed": 2, "n_mels": 40, "sample_rate": 8_000, "test_fold": 5, "mlp_epochs": 4, "cnn_epochs": 4},
    {"seed": 3, "n_mels": 64, "sample_rate": 11_025, "test_fold": 3, "mlp_epochs": 2, "cnn_epochs": 2},
]


def _split_name(name: str) -> list[str]:
    return name.removesuffix(".wav").split("-")


def _parse(rule: Any) -> Any:
    return lambda right, s: {"parse": lambda name: rule(*_split_name(name))}


def _db(formula: Any) -> Any:
    return lambda right, s: {"to_decibels": lambda p: formula(np.maximum(p, 1e-10))}


def _shape(change: Any) -> Any:
    return lambda right, s: {"shape": change(right["shape"], s)}


def _rows(change: Any) -> Any:
    return lambda right, s: {**right, **change(right, s.namespace["clips"], s.context)}


def _random_rows(right: Answers, clips: Any, ctx: Any) -> Answers:
    order = np.random.default_rng(0).permutation(len(clips))
    count = len(right["test_rows"])
    return {"test_rows": order[:count], "train_rows": order[count:]}


def _other_fold(right: Answers, clips: Any, ctx: Any) -> Answers:
    fold = ctx["test_fold"] % 5 + 1
    return {
        "test_rows": np.flatnonzero(clips.folds == fold),
        "train_rows": np.flatnonzero(clips.folds != fold),
    }


def _scaled(center: Any, scale: Any) -> Any:
    """Return a mutation: training data by (center, scale) of the raw arrays, test data likewise."""

    def mutate(right: Answers, s: Solved) -> Answers:
        train, test = s.namespace["X_train"], s.namespace["X_test"]
        both = np.concatenate([train, test])
        return {
            "X_train_scaled": (train - center(train, test, both, "train"))
            / scale(train, test, both, "train"),
            "X_test_scaled": (test - center(train, test, both, "test")) / scale(train, test, both, "test"),
        }

    return mutate


def _network(name: str, build: Any) -> Any:
    return lambda right, s: {name: build}


def _mlp(flatten: bool = True, last: str = "softmax", classes: int | None = None) -> Any:
    def build(shape: Any, n_classes: int) -> Any:
        import keras

        inputs = keras.Input(shape)
        x = keras.layers.Flatten()(inputs) if flatten else inputs
        for units in (16, 16):
            x = keras.layers.Dense(units, activation="relu")(x)
        return keras.Model(inputs, keras.layers.Dense(classes or n_classes, activation=last)(x))

    return build


def _cnn(
    last: str = "softmax",
    conv: str | None = "relu",
    dropout: bool = True,
    padding: str = "same",
    classes: int | None = None,
) -> Any:
    def build(shape: Any, n_classes: int) -> Any:
        import keras

        layers = keras.layers
        inputs = keras.Input(shape)
        x = layers.Conv2D(16, 3, activation=conv)(inputs)
        x = layers.MaxPooling2D(3, padding=padding)(x)
        x = layers.Conv2D(16, 3, activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.Conv2D(32, 2, activation="relu")(x)
        x = layers.Dense(32, activation="relu")(layers.Flatten()(x))
        x = layers.Dropout(0.1)(x) if dropout else x
        return keras.Model(inputs, layers.Dense(classes or n_classes, activation=last)(x))

    return build


def _training(
    optimizer: Any = None,
    epochs: int | None = None,
    metrics: Any = ("accuracy",),
) -> Any:
    def train(model: Any, x: Any, y: Any, n: int, rate: float) -> Any:
        import keras

        chosen = optimizer(rate) if optimizer else keras.optimizers.Adam(rate)
        model.compile(optimizer=chosen, loss="sparse_categorical_crossentropy", metrics=list(metrics))
        return model, model.fit(x, y, epochs=epochs or n, verbose=0)

    return lambda right, s: {"train": train}


def _sgd(rate: float) -> Any:
    import keras

    return keras.optimizers.SGD(rate)


def _exchanged(right: Answers, s: Solved) -> Answers:
    """The CNN's score is the dense network's; the networks are told apart by making one useless."""
    blind = models.environment_mlp(right["X_test_scaled"].shape[1:], 10)
    weights = [np.zeros_like(w) for w in blind.get_weights()]
    weights[-1][int(np.argmax(np.bincount(s.namespace["y_test"])))] = 1
    blind.set_weights(weights)
    accuracy = float(np.mean(s.namespace["y_test"] == np.argmax(weights[-1])))
    history = {"accuracy": np.array([0.99])}
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
    ("parse", "last_digit"): lambda right, s: {
        "parse": lambda name: (int(name[0]), int(name.split("-")[1]), name.split("-")[2], int(name[-5]))
    },
    ("parse", "fold_and_target"): _parse(lambda f, s, t, c: (int(c), int(s), t, int(f))),
    ("parse", "take_and_source"): _parse(lambda f, s, t, c: (int(f), int(c), t, int(c))),
    ("decibels", "no_floor"): lambda right, s: {"to_decibels": lambda p: _quiet_log(p)},
    ("decibels", "natural_logarithm"): _db(lambda p: 10 * np.log(p)),
    ("decibels", "amplitude"): _db(lambda p: 20 * np.log10(p)),
    ("decibels", "bels"): _db(np.log10),
    ("decibels", "relative_to_maximum"): _db(lambda p: 10 * np.log10(p / p.max())),
    ("decibels", "top_db"): _db(lambda p: np.maximum(10 * np.log10(p), 10 * np.log10(p.max()) - 80)),
    ("shape", "no_first_frame"): _shape(lambda r, s: (r[0], r[1], r[2] - 1)),
    ("shape", "time_first"): _shape(lambda r, s: (r[0], r[2], r[1])),
    ("shape", "samples"): _shape(lambda r, s: (r[0], r[1], 5 * s.context["sample_rate"])),
    ("shape", "default_parameters"): _shape(lambda r, s: (r[0], 128, 216)),
    ("split", "test_from_training"): _rows(lambda r, c, ctx: {"test_rows": r["train_rows"][:20]}),
    ("split", "random"): _rows(_random_rows),
    ("split", "other_fold"): _rows(_other_fold),
    ("standardise", "own_statistics"): _scaled(
        lambda a, b, both, side: (a if side == "train" else b).mean(),
        lambda a, b, both, side: (a if side == "train" else b).std(),
    ),
    ("standardise", "all_statistics"): _scaled(
        lambda a, b, both, _: both.mean(), lambda a, b, both, _: both.std()
    ),
    ("standardise", "not_centred"): _scaled(lambda *_: 0.0, lambda a, b, both, _: a.std()),
    ("standardise", "variance"): _scaled(lambda a, b, both, _: a.mean(), lambda a, b, both, _: a.var()),
    ("mlp", "not_flattened"): _network("build_mlp", _mlp(flatten=False)),
    ("mlp", "no_softmax"): _network("build_mlp", _mlp(last="linear")),
    ("mlp", "sigmoid"): _network("build_mlp", _mlp(last="sigmoid")),
    ("mlp", "classes_typed_in"): _network("build_mlp", _mlp(classes=10)),
    ("cnn", "no_softmax"): _network("build_cnn", _cnn(last="linear")),
    ("cnn", "linear_convolution"): _network("build_cnn", _cnn(conv=None)),
    ("cnn", "dropout_missing"): _network("build_cnn", _cnn(dropout=False)),
    ("cnn", "pool_not_padded"): _network("build_cnn", _cnn(padding="valid")),
    ("cnn", "classes_typed_in"): _network("build_cnn", _cnn(classes=10)),
    ("training", "rate_ignored"): _training(optimizer=lambda rate: "adam"),
    ("training", "sgd"): _training(optimizer=_sgd),
    ("training", "epochs_ignored"): _training(epochs=2),
    ("training", "no_accuracy"): _training(metrics=()),
    ("scores", "percent"): lambda right, s: {**right, "mlp_accuracy": 100 * right["mlp_accuracy"] + 2},
    ("scores", "training_accuracy"): lambda right, s: {
        **right,
        "mlp_history": {"accuracy": np.array([0.3, 0.987])},
        "mlp_accuracy": 0.987,
    },
    ("scores", "exchanged"): _exchanged,
}


def _quiet_log(power: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return 10 * np.log10(power)


TestLab05 = make_tests("05", PARAMETER_SETS, MUTATIONS)
