"""`model.fit`, accelerated: whatever Keras's own gives, it gives, and what it cannot run goes to Keras."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from keras import layers

from labs_engine.declare.course import find_lab
from labs_lib import models, programs, training

RNG = np.random.default_rng(0)
X = RNG.standard_normal((21, 4)).astype(np.float32)  # 21: the last of the batches of 8 is smaller
Y = RNG.integers(0, 3, 21)
ONE_HOT = np.eye(3, dtype=np.float32)[Y]
WEIGHTS = RNG.random(21).astype(np.float32)

KERAS_FIT = keras.Model.fit


class Result(NamedTuple):
    """What a training gave."""

    history: dict[str, list[float]]
    epoch: list[int]
    params: dict[str, Any]
    weights: list[np.ndarray]
    updates: int


@pytest.fixture(autouse=True)
def _accelerated(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(programs, "_KEPT", 100)  # networks of one layout are traced once for all tests
    training.accelerate()
    yield
    training.accelerate(False)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who ran each of a test's trainings: 'ours' for compiled epochs, 'Keras' for its own."""
    found: list[str] = []
    run, keras_fit = training._run, training._keras_fit

    def ours(*args: Any, **kwargs: Any) -> Any:
        found.append("ours")
        return run(*args, **kwargs)

    def theirs(model: keras.Model, *args: Any, **kwargs: Any) -> Any:
        if not (args and isinstance(args[0], training._Epochs)):
            found.append("Keras")
        return keras_fit(model, *args, **kwargs)

    monkeypatch.setattr(training, "_run", ours)
    monkeypatch.setattr(training, "_keras_fit", theirs)
    return found


def _result(train: Callable[[], tuple[keras.Model, Any]]) -> Result:
    keras.utils.set_random_seed(3)
    model, history = train()
    return Result(
        history.history, history.epoch, history.params, model.get_weights(), int(model.optimizer.iterations)
    )


def _both(train: Callable[[], tuple[keras.Model, Any]], eager: bool = True) -> tuple[Result, Result]:
    """Return what a training gives, accelerated and by Keras: eagerly where that is quicker than tracing anew."""
    training.accelerate(False)
    tf.config.run_functions_eagerly(eager)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Even though the `tf.config.experimental_run_functions")
            expected = _result(train)
    finally:
        tf.config.run_functions_eagerly(False)
        training.accelerate()
    return _result(train), expected


def _assert_same(ours: Result, expected: Result, **tolerance: float) -> None:
    tolerance = {"rtol": 1e-4, "atol": 2e-6} | tolerance
    assert list(ours.history) == list(expected.history)
    for name, values in expected.history.items():
        np.testing.assert_allclose(ours.history[name], values, err_msg=name, **tolerance)
        assert [type(value) for value in ours.history[name]] == [type(value) for value in values]
    assert (ours.epoch, ours.params, ours.updates) == (expected.epoch, expected.params, expected.updates)
    for mine, theirs in zip(ours.weights, expected.weights, strict=True):
        np.testing.assert_allclose(mine, theirs, **tolerance)


def _classifier(**compiled: Any) -> keras.Model:
    model = models.mlp(4, [6], 3, activation="tanh", output_activation="softmax")
    how = {"optimizer": keras.optimizers.SGD(0.05), "loss": "sparse_categorical_crossentropy"}
    model.compile(**how | {"metrics": ["accuracy"]} | compiled)
    return model


def _fit(model: keras.Model, x: Any = X, y: Any = Y, **how: Any) -> tuple[keras.Model, Any]:
    return model, model.fit(x, y, **{"epochs": 2, "batch_size": 8, "verbose": 0, "shuffle": False} | how)


def _asked(lab: str, exercise: str, *arguments: Any) -> keras.Model:
    """Return a network that a lab asks for."""
    return find_lab(lab).exercise(exercise).right(*arguments).build()


NETWORKS: dict[str, tuple[Callable[[], keras.Model], tuple[int, ...]]] = {
    "lab 01": (lambda: models.mlp(4, [5, 5], 1), (4,)),
    "lab 02": (lambda: models.mlp(4, [10, 10], 1, output_activation="sigmoid"), (4,)),
    "lab 04": (lambda: models.mlp(12, [16], 10, activation="sigmoid", output_activation="softmax"), (12,)),
    "lab 05, dense": (lambda: models.environment_mlp((32, 36), 10), (32, 36)),
    "lab 05, convolutional": (lambda: models.environment_cnn((32, 36, 1), 10), (32, 36, 1)),
    "lab 05, tuned": (lambda: models.environment_cnn_tuned((32, 36, 1), 10), (32, 36, 1)),
    "lab 05, compact": (lambda: models.environment_gap((32, 36, 1), 10), (32, 36, 1)),
    "lab 06, dense": (lambda: _asked("06", "ffnn", (24, 5), 10, (16, 8), 0.0, 0.0, False), (24, 5)),
    "lab 06, regularised": (
        lambda: _asked("06", "ffnn", (24, 5), 10, (16, 8), 1e-3, 0.3, True),
        (24, 5),
    ),
    "lab 06, CNN": (lambda: _asked("06", "cnn", (40, 13, 1), 10, (4, 4, 4, 4)), (40, 13, 1)),
    "lab 07, GRU": (lambda: _asked("07", "rnn", (12, 5), 10, 64), (12, 5)),
    "lab 07, CRNN": (lambda: _asked("07", "crnn", (24, 5), 10, 8), (24, 5)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_networks_of_the_course(name: str, runs: list[str]) -> None:
    build, shape = NETWORKS[name]
    x = np.random.default_rng(1).standard_normal((21, *shape), dtype=np.float32)
    # Dropout and normalisation do something else in evaluation.
    watched = {"validation_data": (x[:9], np.arange(9) % 2)} if name == "lab 06, regularised" else {}

    def train() -> tuple[keras.Model, Any]:
        model = build()
        loss = "mse" if model.output_shape[-1] == 1 else "sparse_categorical_crossentropy"
        model.compile(keras.optimizers.SGD(0.01, momentum=0.9), loss, metrics=["accuracy"])
        return _fit(model, x, np.arange(21) % model.output_shape[-1], **watched)

    _assert_same(*_both(train, eager="lab 07" not in name))  # dropout draws the same numbers
    assert runs == ["ours"]


def test_xla_gives_the_same(runs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_UPDATES_THAT_REPAY_XLA", 1)

    def train() -> tuple[keras.Model, Any]:
        inputs = keras.Input((4,))
        hidden = layers.BatchNormalization()(
            layers.Dense(6, activation="relu", kernel_regularizer="l2")(inputs)
        )
        model = keras.Model(inputs, layers.Dense(3, activation="softmax")(hidden))
        model.compile(
            "adam", "sparse_categorical_crossentropy", metrics=["accuracy"], weighted_metrics=["accuracy"]
        )
        return _fit(model, epochs=3, class_weight={0: 2.0, 1: 0.5}, validation_split=0.2)

    compiled: list[bool] = []
    epoch_for = training.epoch_for
    monkeypatch.setattr(
        training,
        "epoch_for",
        lambda *a, **how: compiled.append(how.get("xla", False)) or epoch_for(*a, **how),
    )
    _assert_same(*_both(train))
    assert (runs, compiled) == (["ours"], [True, False])


class TestWhatXlaTakes:
    def test_dense_networks_in_long_runs(self) -> None:
        model = _classifier()
        data = training._Epochs(X, Y, None, batch_size=8)
        training._build(model, data)
        assert training._repays_xla(model, data, 5000)
        assert not training._repays_xla(model, data, 10)

    @pytest.mark.parametrize(
        "layer",
        [layers.Dropout(0.2), layers.Lambda(lambda x: x), layers.Dense(4, activation=lambda x: 2 * x)],
    )
    def test_neither_random_layers_nor_a_students_own_code(self, layer: Any) -> None:
        model = keras.Sequential([keras.Input((4,)), layer, layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        data = training._Epochs(X, Y, None, batch_size=8)
        training._build(model, data)
        assert not training._repays_xla(model, data, 5000)

    def test_no_class_numbers_that_are_out_of_range_which_it_would_not_notice(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(training, "_UPDATES_THAT_REPAY_XLA", 1)
        with pytest.raises(tf.errors.InvalidArgumentError):
            _fit(_classifier(), y=Y + 1)


def _own_loss(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


class _OwnLoss(keras.losses.Loss):
    def call(self, y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean(keras.ops.abs(y_true - y_pred)) + 0.1


class Hits(keras.metrics.Metric):
    def __init__(self, name: str = "hits") -> None:
        super().__init__(name=name)
        self.hits = self.add_variable((), "zeros", name="hits")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        right = keras.ops.argmax(y_pred, axis=-1) == keras.ops.argmax(y_true, axis=-1)
        self.hits.assign_add(keras.ops.sum(keras.ops.cast(right, "float32")))

    def result(self) -> Any:
        return self.hits


class Activity(layers.Layer):
    def call(self, inputs: Any) -> Any:
        self.add_loss(0.1 * keras.ops.mean(inputs**2))
        return inputs


class Subclass(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.out = layers.Dense(5, activation="relu"), layers.Dense(3)
        self.dropout = layers.Dropout(0.3)

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.out(self.dropout(self.hidden(inputs), training=training))


def _sequential(*parts: Any, **compiled: Any) -> keras.Model:
    model = keras.Sequential(parts)
    model.compile(**{"optimizer": "rmsprop", "loss": "mse"} | compiled)
    return model


def _two_of_each() -> keras.Model:
    one, other = keras.Input((4,), name="one"), keras.Input((2,), name="other")
    joined = layers.concatenate([layers.Dense(4)(one), layers.Dense(4)(other)])
    score, kind = layers.Dense(1, name="score")(joined), layers.Dense(3, name="kind")(joined)
    model = keras.Model([one, other], [score, kind])
    model.compile(
        keras.optimizers.RMSprop(1e-3),
        loss={"score": "mse", "kind": keras.losses.CategoricalCrossentropy(from_logits=True)},
        loss_weights={"score": 2.0, "kind": 1.0},
        metrics={"score": ["mae"], "kind": ["accuracy"]},
    )
    return model


def _twice(model: keras.Model) -> tuple[keras.Model, Any]:
    first = _fit(model)[1]
    second = _fit(model, initial_epoch=2, epochs=4)[1]
    assert first.epoch == [0, 1]
    return model, second


def _with_frozen_layer() -> tuple[keras.Model, Any]:
    model = _classifier()
    _fit(model)
    model.layers[1].trainable = False
    _fit(model)  # not compiled anew: what is trained stays as it was
    model.compile("adam", "sparse_categorical_crossentropy")
    return _fit(model)


SCHEDULE = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.9)
# In the manner of Keras's guides: training with built-in methods, Sequential, functional, subclassing, transfer learning.
CALLS: dict[str, Callable[[], tuple[keras.Model, Any]]] = {
    "validation data": lambda: _fit(
        _classifier(), validation_data=(X[:9], Y[:9], WEIGHTS[:9]), validation_batch_size=5
    ),
    "validation sometimes": lambda: _fit(
        _classifier(), validation_split=0.3, validation_freq=[1, 3], epochs=3
    ),
    "class weights": lambda: _fit(_classifier(weighted_metrics=["accuracy"]), class_weight={0: 1.0, 1: 3.0}),
    "sample weights": lambda: _fit(_classifier(weighted_metrics=["accuracy"]), sample_weight=WEIGHTS),
    "a loss as class": lambda: _fit(_classifier(loss=_OwnLoss(), metrics=[_own_loss]), y=ONE_HOT),
    "a metric as class": lambda: _fit(
        _classifier(
            loss="categorical_crossentropy", metrics=[Hits(), "accuracy", keras.metrics.AUC(name="auc")]
        ),
        y=ONE_HOT,
        validation_data=(X[:9], ONE_HOT[:9]),
    ),
    "losses of layers": lambda: _fit(
        _sequential(keras.Input((4,)), layers.Dense(5, kernel_regularizer="l1"), Activity(), layers.Dense(1))
    ),
    "built by the data": lambda: _fit(_sequential(layers.Dense(5, activation="relu"), layers.Dense(1))),
    "a subclass": lambda: _fit(
        (
            model := Subclass(),
            model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
        )[0]
    ),
    "lists": lambda: _fit(
        _two_of_each(),
        [X, X[:, :2]],
        [X[:, 3], ONE_HOT],
        sample_weight=[WEIGHTS, 2 * WEIGHTS],
        validation_split=0.25,
    ),
    "dictionaries": lambda: _fit(
        _two_of_each(), {"one": X, "other": X[:, :2]}, {"score": X[:, 3:], "kind": ONE_HOT}
    ),
    "tensors": lambda: _fit(_classifier(), tf.constant(X), tf.constant(Y), validation_split=0.2),
    "data frames": lambda: _fit(
        _classifier(), pd.DataFrame(X.astype(float)), pd.Series(Y), validation_split=0.2
    ),
    "double precision": lambda: _fit(_classifier(loss="mse"), X.astype(float), ONE_HOT.astype(float)),
    "integers": lambda: _fit(
        _sequential(layers.Embedding(5, 3), layers.Flatten(), layers.Dense(1)), Y[:, None], X[:, 0]
    ),
    "a schedule": lambda: _fit(_classifier(optimizer=keras.optimizers.Nadam(SCHEDULE))),
    "no epoch": lambda: _fit(_classifier(), epochs=0),
    "twice": lambda: _twice(_classifier(optimizer="adam")),
    "frozen": _with_frozen_layer,
}


# Whose numbers differ in Keras itself when it runs eagerly.
TRACED = {"lists", "dictionaries", "frozen"}


@pytest.mark.parametrize("name", CALLS)
def test_calls_as_keras_documents_them(name: str, runs: list[str]) -> None:
    _assert_same(*_both(CALLS[name], eager=name not in TRACED))
    assert set(runs) == {"ours"}


class Recorder(keras.callbacks.Callback):
    """Keeps the order of events, and what is told with them."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Any] = []

    def _keep(self, name: str, *about: Any) -> None:
        rounded = [
            {k: round(v, 5) for k, v in (a or {}).items()} if not isinstance(a, int) else a for a in about
        ]
        self.events.append((name, *rounded, int(self.model.optimizer.iterations), self.model.stop_training))

    def on_train_begin(self, logs: Any = None) -> None:
        self._keep("train begin", logs, len(self.params))

    def on_train_end(self, logs: Any = None) -> None:
        self._keep("train end", logs)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._keep("epoch begin", epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._keep("epoch end", epoch, logs)

    def on_test_begin(self, logs: Any = None) -> None:
        self._keep("test begin", logs)

    def on_test_end(self, logs: Any = None) -> None:
        self._keep("test end", logs)


class BatchRecorder(Recorder):
    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._keep("batch begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._keep("batch end", batch, logs)


class Meddler(keras.callbacks.Callback):
    """Changes weights, evaluates, predicts, trains on a batch, and stops."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        kernel = self.model.layers[1].kernel
        kernel.assign(0.5 * kernel)
        logs["other"] = self.model.evaluate(X[:10], Y[:10], verbose=0)[0]
        logs["mean"] = float(self.model.predict(X[:5], verbose=0).std())
        self.model.train_on_batch(X[:4], Y[:4])
        self.model.stop_training = epoch == 1


def test_events_and_their_logs(runs: list[str]) -> None:
    recorders = []

    def train() -> tuple[keras.Model, Any]:
        recorders.append(Recorder())
        return _fit(_classifier(), validation_data=(X[:9], Y[:9]), callbacks=[recorders[-1]])

    _assert_same(*_both(train))
    theirs, ours = recorders
    assert ours.events == theirs.events
    assert runs == ["ours"]


def _callbacks(folder: Path) -> dict[str, Callable[[], Any]]:
    c = keras.callbacks
    return {
        "EarlyStopping": lambda: c.EarlyStopping(
            "val_loss", patience=1, min_delta=10.0, restore_best_weights=True
        ),
        "ModelCheckpoint": lambda: c.ModelCheckpoint(folder / "best.keras", "loss", save_best_only=True),
        "ReduceLROnPlateau": lambda: c.ReduceLROnPlateau("loss", patience=0, min_delta=10.0),
        "LearningRateScheduler": lambda: c.LearningRateScheduler(lambda epoch, rate: rate / (1 + epoch)),
        "TensorBoard": lambda: c.TensorBoard(folder / "logs"),
        "CSVLogger": lambda: c.CSVLogger(folder / "log.csv"),
        "LambdaCallback": lambda: [
            [c.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(more=1.0)), c.History()]
        ],
        "SwapEMAWeights": lambda: c.SwapEMAWeights(swap_on_epoch=True),
        "Meddler": Meddler,
    }


@pytest.mark.parametrize("name", _callbacks(Path()))
def test_callbacks(name: str, tmp_path: Path, runs: list[str]) -> None:
    files = []

    def train() -> tuple[keras.Model, Any]:
        model = _classifier(optimizer=keras.optimizers.Adam(0.01, use_ema=True))
        done = _fit(model, epochs=4, validation_data=(X[:9], Y[:9]), callbacks=_callbacks(tmp_path)[name]())
        if name == "CSVLogger":
            files.append(np.loadtxt(tmp_path / "log.csv", delimiter=",", skiprows=1))
        if name == "ModelCheckpoint":
            files.append(keras.models.load_model(tmp_path / "best.keras").get_weights()[0])
        return done

    ours, expected = _both(train)
    _assert_same(ours, expected)
    assert runs == ["ours"]
    if files:
        np.testing.assert_allclose(files[1], files[0], rtol=1e-4)
    if name == "TensorBoard":
        assert len(list((tmp_path / "logs").rglob("events*"))) == 4


def test_what_is_not_a_number_stops_training_at_its_batch(runs: list[str]) -> None:
    x = np.where(np.arange(21)[:, None] == 10, np.nan, X)
    ours, expected = _both(lambda: _fit(_classifier(), x, callbacks=[keras.callbacks.TerminateOnNaN()]))
    assert ours.updates == expected.updates == 2
    assert runs == ["Keras"]


@pytest.mark.parametrize("verbose", ["auto", 2])
def test_the_progress_bar_is_keras_own(verbose: Any, runs: list[str]) -> None:
    def printed() -> list[str]:
        keras.utils.set_random_seed(3)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            _fit(_classifier(), verbose=verbose, validation_data=(X[:9], Y[:9]))
        last = [re.split(r"[\r\b]", line)[-1] for line in out.getvalue().splitlines()]
        return [re.sub(r"\d+m?u?s(/step)?", "", line) for line in last]

    training.accelerate(False)
    expected = printed()
    training.accelerate()
    assert printed() == expected
    assert "3/3" in "".join(expected)
    assert runs == ["ours"]


class TestOrder:
    def _visited(self, seed: int, epochs: int = 4) -> list[list[float]]:
        keras.utils.set_random_seed(seed)
        model, seen = _classifier(), []
        with pytest.MonkeyPatch.context() as patch:
            draw = training._Epochs.__next__
            patch.setattr(training._Epochs, "__next__", lambda s: seen.append(draw(s)) or seen[-1])
            _fit(model, shuffle=True, epochs=epochs)
        return [order.tolist() for order in seen]

    def test_a_seed_makes_it_repeatable_and_each_epoch_has_its_own(self) -> None:
        visited = self._visited(1)
        assert visited == self._visited(1)
        assert visited != self._visited(2)
        assert len({tuple(order) for order in visited}) == 4
        assert all(sorted(order) == list(range(21)) for order in visited)

    @pytest.mark.parametrize("xla", [False, True])
    def test_a_seed_gives_the_same_network(self, xla: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(training, "_UPDATES_THAT_REPAY_XLA", 1 if xla else 10**9)
        one, other = (_result(lambda: _fit(_classifier(), shuffle=True)) for _ in range(2))
        assert one.history == other.history
        assert all(map(np.array_equal, one.weights, other.weights))

    def test_the_samples_are_visited_in_that_order(self) -> None:
        order = np.array(self._visited(3, epochs=1)[0])
        ours = _result(lambda: _fit(_classifier(), shuffle=True, epochs=1))
        training.accelerate(False)
        keras.utils.set_random_seed(3)
        model, history = _fit(_classifier(), X[order], Y[order], epochs=1)
        np.testing.assert_allclose(ours.history["loss"], history.history["loss"], rtol=1e-5)
        np.testing.assert_allclose(ours.weights[0], model.get_weights()[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("when", ["callback", "epoch"])
def test_after_ctrl_c_the_model_stands_where_the_last_epoch_ended(
    when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(epochs: int) -> Result:
        return _result(lambda: _fit(_classifier(optimizer="adam"), epochs=epochs))

    expected, after_all = train(1), train(3)
    keras.utils.set_random_seed(3)
    model = _classifier(optimizer="adam")

    def interrupt(epoch: int, logs: Any) -> None:
        if epoch == 0:
            raise KeyboardInterrupt

    if when == "callback":
        callbacks = [keras.callbacks.LambdaCallback(on_epoch_end=interrupt)]
    else:
        callbacks = []
        monkeypatch.setattr(training._Events, "on_train_batch_end", lambda *_: interrupt(0, {}))
    with pytest.raises(KeyboardInterrupt):
        _fit(model, epochs=3, callbacks=callbacks)
    monkeypatch.undo()
    for mine, theirs in zip(model.get_weights(), expected.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert int(model.optimizer.iterations) == 3
    assert model.train_function is None
    _fit(model, epochs=2)
    for mine, theirs in zip(model.get_weights(), after_all.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


class OwnStep(keras.Model):
    def train_step(self, data: Any) -> Any:
        return super().train_step(data)


def _own_step() -> keras.Model:
    inputs = keras.Input((4,))
    model = OwnStep(inputs, layers.Dense(3)(inputs))
    model.compile("sgd", "mse")
    return model


def _with_xla() -> keras.Model:
    model = _classifier()
    model._jit_compile = True  # `compile` refuses it where operations are deterministic
    return model


def _on_strategy() -> keras.Model:
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        return _classifier()


def _generator() -> Iterator[Any]:
    while True:
        yield X[:8], Y[:8]


class Batches(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Any:
        return X[:8], Y[:8]


LEFT_TO_KERAS: dict[str, tuple[Callable[[], keras.Model], dict[str, Any]]] = {
    "a data set": (_classifier, {"x": tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)}),
    "a generator": (_classifier, {"x": _generator(), "steps_per_epoch": 2}),
    "a PyDataset": (_classifier, {"x": Batches()}),
    "a data set to evaluate on": (
        _classifier,
        {"x": X, "y": Y, "validation_data": tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)},
    ),
    "steps_per_epoch": (_classifier, {"x": X, "y": Y, "steps_per_epoch": 2}),
    "validation_steps": (_classifier, {"x": X, "y": Y, "validation_split": 0.5, "validation_steps": 1}),
    "shuffled batches": (_classifier, {"x": X, "y": Y, "shuffle": "batch"}),
    "a callback on batches": (_classifier, {"x": X, "y": Y, "callbacks": [BatchRecorder()]}),
    "a checkpoint between": (
        _classifier,
        {"x": X, "y": Y, "callbacks": keras.callbacks.ModelCheckpoint("no.keras", save_freq=10)},
    ),
    "a list of callbacks": (_classifier, {"x": X, "y": Y, "callbacks": keras.callbacks.CallbackList([])}),
    "a step of one's own": (_own_step, {"x": X, "y": ONE_HOT}),
    "eager": (lambda: _classifier(run_eagerly=True), {"x": X, "y": Y}),
    "XLA": (_with_xla, {"x": X, "y": Y}),
    "a strategy": (_on_strategy, {"x": X, "y": Y}),
    "ragged": (_classifier, {"x": tf.ragged.constant([[1.0], [2.0, 3.0]]), "y": Y[:2]}),
    "texts": (_classifier, {"x": np.array(["a", "b"]), "y": Y[:2]}),
    "an unknown argument": (_classifier, {"x": X, "y": Y, "epoch": 2}),
    "x and y of other lengths": (_classifier, {"x": X, "y": Y[:-1]}),
    "no data": (_classifier, {}),
    "other shapes": (_classifier, {"x": X[:, :2], "y": Y}),
    "not compiled": (lambda: models.mlp(4, [5], 1), {"x": X, "y": Y}),
}


@pytest.mark.parametrize(("build", "call"), LEFT_TO_KERAS.values(), ids=LEFT_TO_KERAS)
def test_every_other_call_goes_to_keras_as_it_is(
    build: Callable[[], keras.Model], call: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr(training, "_keras_fit", lambda *args, **kwargs: calls.append((args, kwargs)))
    model = build()
    model.fit(**call)
    [((given,), kwargs)] = calls
    assert given is model
    assert kwargs.keys() == call.keys()
    assert all(kwargs[name] is call[name] for name in call)


@pytest.mark.parametrize("name", ["x and y of other lengths", "other shapes", "not compiled", "no data"])
def test_errors_are_keras_own(name: str) -> None:
    build, call = LEFT_TO_KERAS[name]
    with pytest.raises(Exception) as ours:  # noqa: PT011 - whatever it is
        build().fit(**call)
    training.accelerate(False)
    with pytest.raises(type(ours.value)) as theirs:
        build().fit(**call)
    first = [re.sub(r"\d+", "", str(error.value))[:80] for error in (ours, theirs)]
    assert first[0] == first[1]


def test_an_optimiser_of_another_network_is_an_error_as_in_keras() -> None:
    optimizer = keras.optimizers.Adam(0.1)
    _fit(_classifier(optimizer=optimizer))
    with pytest.raises(ValueError, match="nknown variable"):
        _fit(_classifier(optimizer=optimizer))


def test_it_is_put_in_place_once_and_taken_away_without_a_trace() -> None:
    training.accelerate()
    training.accelerate()
    assert keras.Model.fit is keras.Sequential.fit is not KERAS_FIT
    assert keras.Model.fit.__doc__ == KERAS_FIT.__doc__
    training.accelerate(False)
    training.accelerate(False)
    assert keras.Model.fit is KERAS_FIT
    assert "fit" not in vars(keras.Model)


def test_the_model_is_left_as_it_was() -> None:
    model = _classifier()
    before = set(vars(model))
    _fit(model, validation_split=0.2)
    assert (model.train_function, model.test_function, model.steps_per_execution) == (None, None, 1)
    assert set(vars(model)) - before <= {
        "_bound_epochs",
        "history",
        "_eval_epoch_iterator",
        "stop_evaluating",
    }
    assert model.evaluate(X, Y, verbose=0)[0] > 0


def test_importing_the_package_imports_no_tensorflow() -> None:
    code = "import labs_lib, sys; assert not {'tensorflow', 'keras'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)


@st.composite
def _trainings(draw: st.DrawFn) -> Callable[[], tuple[keras.Model, Any]]:
    """Draw a small dense network and arguments of `fit`."""
    samples = draw(st.integers(2, 20))
    hidden = draw(st.lists(st.integers(1, 5), max_size=2))
    activation = draw(st.sampled_from(["relu", "tanh", "sigmoid"]))
    dropout, normalised = draw(st.booleans()), draw(st.booleans())
    # What is normalised after a layer takes the gradient of its bias away; the others would blow up the rounding.
    others = [] if normalised else [keras.optimizers.RMSprop, keras.optimizers.Adamax]
    optimizer = draw(st.sampled_from([keras.optimizers.SGD, *others]))
    loss = draw(st.sampled_from(["sparse_categorical_crossentropy", "categorical_crossentropy", "mae"]))
    how: dict[str, Any] = {
        "epochs": draw(st.integers(1, 3)),
        "batch_size": draw(st.one_of(st.none(), st.integers(1, 24))),
        "initial_epoch": draw(st.integers(0, 1)),
        "validation_batch_size": draw(st.one_of(st.none(), st.integers(1, 9))),
        "validation_freq": draw(st.integers(1, 2)),
    }
    x, y = X[:samples], (Y if loss.startswith("sparse") else ONE_HOT)[:samples]
    if draw(st.booleans()):
        how["sample_weight"] = WEIGHTS[:samples]
    elif draw(st.booleans()):
        how["class_weight"] = {0: 0.5, 2: 2.0}
    validation = draw(st.sampled_from(["none", "split", "data"]))
    if validation == "split":
        how["validation_split"] = draw(st.floats(0.2, 0.5))
    elif validation == "data":
        how["validation_data"] = (X[:5], (Y if loss.startswith("sparse") else ONE_HOT)[:5])

    def train() -> tuple[keras.Model, Any]:
        parts: list[Any] = [keras.Input((4,))]
        for width in hidden:
            parts.append(layers.Dense(width, activation))
            parts += [layers.BatchNormalization()] * normalised + [layers.Dropout(0.3)] * dropout
        model = keras.Sequential([*parts, layers.Dense(3, activation="softmax")])
        model.compile(optimizer(0.01), loss, metrics=["accuracy"], weighted_metrics=["accuracy"])
        return _fit(model, x, y, **how)

    return train


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(train=_trainings())
def test_any_dense_network_with_any_arguments(
    train: Callable[[], tuple[keras.Model, Any]], runs: list[str]
) -> None:
    _assert_same(*_both(train), atol=1e-5)
    assert set(runs) == {"ours"}


def test_the_rate_rises_for_a_tenth_of_the_run_and_falls_to_zero() -> None:
    schedule = training.warm_cosine(0.01, 200)
    rates = np.array([float(schedule(step)) for step in range(0, 201, 5)])
    assert rates[0] == pytest.approx(0.0005)
    assert np.argmax(rates) == 4
    assert rates.max() == pytest.approx(0.01)
    assert rates[-1] == pytest.approx(0, abs=1e-9)
    assert np.all(np.diff(rates[:5]) > 0)
    assert np.all(np.diff(rates[4:]) < 0)
