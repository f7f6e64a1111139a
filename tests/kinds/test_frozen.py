"""A model as plain data: whatever it was written with, what is checked of it stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from labs_engine.declare.answers import AnswerProblem
from labs_engine.declare.context import Context
from labs_engine.grade.in_sandbox.encoding import NotData, decode, encode
from labs_lib.kinds.frozen import FrozenModel, NotPlain, freeze, plain_model, thaw
from labs_lib.kinds.models import Model
from labs_lib.kinds.networks import layers_of, learning_rate, loss_name, optimizer_name, units

layers = keras.layers
RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 5)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(np.float32)


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = layers.Dense(8, activation="relu")
        self.dropout = layers.Dropout(0.2)
        self.out = layers.Dense(1, activation="sigmoid")

    def call(self, x: Any, training: bool | None = None) -> Any:
        return self.out(self.dropout(self.hidden(x), training=training))


class OwnLayer(layers.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(8, activation="relu")

    def call(self, x: Any) -> Any:
        return self.dense(x) * 1.0


class OwnWeights(layers.Layer):
    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(shape=(shape[-1], 8))

    def call(self, x: Any) -> Any:
        return x @ self.kernel


class OwnPenalty(keras.regularizers.Regularizer):
    def __call__(self, x: Any) -> Any:
        return 0.01 * keras.ops.sum(x**2)


class OwnStart(keras.initializers.Initializer):
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return keras.random.normal(shape, stddev=0.3)


class OwnMetric(keras.metrics.Metric):
    def __init__(self) -> None:
        super().__init__(name="mine")
        self.total = self.add_weight(name="total", initializer="zeros")

    def update_state(self, *arguments: Any, **keywords: Any) -> None:
        self.total.assign_add(1)

    def result(self) -> Any:
        return self.total


class OwnLoss(keras.losses.Loss):
    def call(self, y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean((y_true - y_pred) ** 2)


class OwnAdam(keras.optimizers.Adam):
    pass


@keras.saving.register_keras_serializable("course")
class RegisteredLayer(OwnLayer):
    pass


def own_metric(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean(y_pred)


def relu(x: Any) -> Any:
    return keras.ops.maximum(x, 0)


def sequential(*inside: Any) -> Any:
    return keras.Sequential([keras.Input((5,)), *inside, layers.Dense(1, activation="sigmoid")])


def functional() -> Any:
    inputs = keras.Input((5,))
    return keras.Model(
        inputs, layers.Dense(1, activation="sigmoid")(layers.Dense(8, activation="relu")(inputs))
    )


NETWORKS: dict[str, Callable[[], Any]] = {
    "sequential": lambda: sequential(layers.Dense(8, activation="relu")),
    "without an input": lambda: keras.Sequential(
        [layers.Dense(8, activation="relu"), layers.Dense(1, activation="sigmoid")]
    ),
    "functional": functional,
    "subclassed": Subclassed,
    "a layer of their own": lambda: sequential(OwnLayer()),
    "a registered layer": lambda: sequential(RegisteredLayer()),
    "a Lambda": lambda: sequential(layers.Dense(8, activation="relu"), layers.Lambda(lambda v: v * 1.0)),
    "a function of TensorFlow": lambda: sequential(layers.Dense(8, activation=tf.nn.relu)),
    "a function as activation": lambda: sequential(layers.Dense(8, activation=relu)),
    "a lambda as activation": lambda: sequential(
        layers.Dense(8, activation=lambda v: keras.ops.maximum(v, 0))
    ),
    "own penalty and start": lambda: sequential(
        layers.Dense(8, activation="relu", kernel_regularizer=OwnPenalty(), kernel_initializer=OwnStart())
    ),
    "lambdas as penalty and start": lambda: sequential(
        layers.Dense(
            8,
            activation="relu",
            kernel_regularizer=lambda w: keras.ops.sum(w**2),
            kernel_initializer=lambda shape, dtype=None: keras.random.normal(shape, stddev=0.3),
            kernel_constraint=lambda w: w * 1.0,
        )
    ),
    "batch normalisation": lambda: sequential(
        layers.Dense(8, activation="relu"), layers.BatchNormalization(momentum=0.9)
    ),
}

COMPILED: dict[str, Callable[[], dict[str, Any]]] = {
    "strings": lambda: {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"]},
    "objects": lambda: {
        "optimizer": keras.optimizers.SGD(
            keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9), momentum=0.9
        ),
        "loss": keras.losses.BinaryCrossentropy(),
        "metrics": [keras.metrics.BinaryAccuracy(name="acc")],
    },
    "own classes": lambda: {"optimizer": OwnAdam(0.003), "loss": OwnLoss(), "metrics": [OwnMetric()]},
    "functions": lambda: {
        "optimizer": keras.optimizers.Adam(0.002),
        "loss": lambda y_true, y_pred: keras.ops.mean((y_true - y_pred) ** 2),
        "metrics": [own_metric, lambda y_true, y_pred: keras.ops.mean(y_pred)],
    },
}


def trained(network: str, compiled: str) -> Any:
    model = NETWORKS[network]()
    model.compile(**COMPILED[compiled]())
    model.fit(X, Y, epochs=2, verbose=0)
    return model


def activations(model: Any) -> list[str]:
    """Return the activation of each dense layer; one behind a linear layer is that layer's."""
    found = [layer.activation.__name__ for layer in layers_of(model, "Dense", "Activation")]
    return [name for name in found if name != "linear"]


@pytest.mark.parametrize(
    ("network", "compiled"),
    [*((network, "functions") for network in NETWORKS), *(("functional", compiled) for compiled in COMPILED)],
)
def test_what_is_checked_of_a_model_stays(network: str, compiled: str) -> None:
    model = trained(network, compiled)
    before = [np.asarray(w) for w in model.get_weights()]
    content, parts = encode(_answers(model))
    json.dumps(content)
    back = decode(json.loads(json.dumps(content)), parts).model
    np.testing.assert_allclose(back.predict(X, verbose=0), model.predict(X, verbose=0), atol=1e-6)
    assert units(back) == [8, 1]
    assert activations(back) == ["relu", "sigmoid"]
    assert optimizer_name(back) == optimizer_name(model)
    assert learning_rate(back) == pytest.approx(learning_rate(model))
    assert int(back.optimizer.iterations) == 4
    assert loss_name(back).strip("<>") == loss_name(model).strip("<>")
    back.get_compile_config()
    # The student's own model is as it was, and trains on.
    for weight, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, kept)
    model.fit(X, Y, epochs=1, verbose=0)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_check_in_the_notebook_sees_what_is_graded(network: str) -> None:
    collected = Model(compiled=True).collect(trained(network, "functions"), Context({}))
    assert units(collected) == [8, 1]
    assert activations(collected) == ["relu", "sigmoid"]


def test_an_ordinary_model_is_itself() -> None:
    model = trained("functional", "functions")
    assert plain_model(model) is model


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (OwnWeights, "weights of its own"),
        (lambda: layers.Dense(8, activation=lambda v: v**2), "an activation that Keras does not have"),
        (lambda: layers.Lambda(lambda v: tf.nn.relu(v)), "code of your own"),
    ],
)
def test_what_cannot_be_graded_is_said_at_once(layer: Callable[[], Any], says: str) -> None:
    model = sequential(layer())
    with pytest.raises(NotPlain, match=says):
        freeze(model)
    with pytest.raises(AnswerProblem) as raised:
        Model().collect(model, Context({}))
    assert says in raised.value.found


def test_models_keep_their_identity_and_shared_optimisers() -> None:
    first, second = trained("functional", "strings"), trained("sequential", "strings")
    second.optimizer = first.optimizer
    back = decode(*encode(_answers([first, first, second])))
    one, again, other = back.model
    assert one is again
    assert one is not other
    assert one.optimizer is other.optimizer


HOSTILE = [
    {"class_name": "Lambda", "config": {"function": "print"}},
    {"class_name": "__lambda__", "config": {"value": "eval"}},
    {"class_name": "Dense", "module": "os", "config": {}},
    {"class_name": "Dense", "module": "keras.layers", "registered_name": "course>Dense", "config": {}},
    {"class_name": "function", "module": "builtins", "config": "exec"},
    {"class_name": 3, "config": {}},
]


@pytest.mark.parametrize("part", HOSTILE)
def test_a_model_with_code_is_refused(part: dict[str, Any]) -> None:
    frozen = freeze(functional())
    config = {**frozen.config, "layers": [*frozen.config["layers"], part]}
    with pytest.raises(NotPlain):
        thaw(FrozenModel("Functional", config, frozen.weights))


@pytest.mark.parametrize(
    "about", [b"", b"[]", b"{}", b'{"kind": "Functional", "config": {}, "compiled": 3}', b"[" * 5000]
)
def test_what_describes_no_model_is_refused(about: bytes) -> None:
    content = {"model": {"model": {"parts": [0], "optimizer of": None}}}
    with pytest.raises(NotData):
        decode(content, [about])


def _answers(model: Any) -> Any:
    from types import SimpleNamespace

    return SimpleNamespace(model=model)
