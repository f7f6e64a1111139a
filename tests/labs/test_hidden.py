"""Hidden checks: each catches what the students' checks let through, and lets the right answer pass."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from graded_run import instructor_of

from labs_engine.declare.context import Context
from labs_engine.declare.course import find_lab
from labs_engine.declare.drawings import Shows
from labs_engine.declare.framework import collect, judge
from labs_engine.declare.parameters import resolve
from labs_engine.grade.scoring import grading_module, verdict_on
from labs_lib import features, models
from labs_lib.datasets import esc50
from labs_lib.labs.hidden import curves_mismatch, probes_of, untrained
from labs_lib.labs.lab02.boundaries import moons
from labs_lib.labs.lab02.data import together
from labs_lib.labs.lab04.data import n_classes
from labs_lib.labs.lab05.common import decibels, labels, rows
from labs_lib.notebook import accelerate_fit


@pytest.fixture(scope="module", autouse=True)
def _as_where_answers_are_scored() -> None:
    accelerate_fit()


def _run(number: str, **parameters: Any) -> tuple[ModuleType, Context]:
    return grading_module(instructor_of(number)), Context(resolve(find_lab(number).parameters, parameters))


@pytest.fixture(scope="module")
def trained() -> tuple[keras.Model, dict[str, np.ndarray], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((60, 4)).astype(np.float32), rng.integers(0, 3, 60)
    model = models.mlp(4, [5], 3, output_activation="softmax")
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x[:40], y[:40], epochs=2, validation_data=(x[40:], y[40:]), verbose=0).history
    return model, {name: np.array(curve) for name, curve in history.items()}, x[40:], y[40:]


def test_curves_must_end_where_their_network_is(trained: Any) -> None:
    model, curves, x, y = trained
    assert curves_mismatch(model, curves, x, y) is None
    for name, value in (("val_loss", 0.5), ("val_accuracy", 1.0)):
        wrong = curves_mismatch(model, {**curves, name: np.array([1.0, value])}, x, y)
        assert wrong is not None
        assert wrong.found == "another last value"


def test_a_network_must_have_been_trained(trained: Any) -> None:
    model, *_ = trained
    assert untrained(model, 2) is None
    wrong = untrained(keras.models.clone_model(model), 2)
    assert wrong is not None
    assert wrong.found == "one after 0 updates"
    # A counter of updates can be set by hand.
    forged = keras.models.clone_model(model)
    forged.compile("adam", "sparse_categorical_crossentropy")
    forged.optimizer.iterations.assign(model.optimizer.iterations)
    wrong = untrained(forged, 2)
    assert wrong is not None
    assert wrong.found == "biases that are all as they began"


def _drawn(number: str, seed: int) -> tuple[ModuleType, Context]:
    module = grading_module(instructor_of(number))
    drawn = module.sample_parameters(np.random.default_rng(seed))
    return module, Context(resolve(find_lab(number).parameters, drawn), seed)


def _trained_in_lab_01(ctx: Context, module: ModuleType, epochs: int) -> SimpleNamespace:
    x, y = module.points(ctx)
    keras.utils.set_random_seed(ctx["seed"])
    model = models.mlp(1, [ctx["hidden"]] * 2, 1)
    model.compile(keras.optimizers.SGD(ctx["learning_rate"]), "mse")
    curves = {
        "loss": np.full(ctx["epochs"], float(np.mean((np.asarray(model(x[:, None])).ravel() - y) ** 2)))
    }
    if epochs:
        history = model.fit(x[:, None], y, epochs=epochs, batch_size=ctx["batch_size"], verbose=0)
        curves = {"loss": np.array(history.history["loss"])}
    return SimpleNamespace(model=model, history=curves, train_fresh=[(model, curves)])


@pytest.mark.parametrize("seed", range(3))
def test_lab_01_takes_what_training_gives(seed: int) -> None:
    module, ctx = _drawn("01", seed)
    answers = _trained_in_lab_01(ctx, module, ctx["epochs"])
    assert {name: check(answers, ctx) for name, check in module.HIDDEN.items()} == dict.fromkeys(
        module.HIDDEN
    )


@pytest.mark.parametrize("seed", range(3))
def test_lab_01_gives_nothing_for_a_network_that_was_not_trained(seed: int) -> None:
    module, ctx = _drawn("01", seed)
    answers = _trained_in_lab_01(ctx, module, 0)
    # What a cheater would do: a falling line that ends where the untrained network is, and a forged counter.
    answers.history["loss"] = answers.history["loss"] * np.linspace(1.4, 1.0, ctx["epochs"])
    answers.model.optimizer.iterations.assign(10_000)
    exercise = find_lab("01").exercise("sgd")
    assert judge(exercise, answers, ctx).status == "passed"
    assert [name for name, check in module.HIDDEN.items() if check(answers, ctx) is None] == []


def test_lab_01_gives_nothing_for_a_network_that_knows_the_mean() -> None:
    module, ctx = _drawn("01", 1)
    _, y = module.points(ctx)
    assert module._too_high(float(np.var(y)), ctx) is not None


def test_lab_01_curves_of_fresh_networks_must_end_where_they_are() -> None:
    module, ctx = _drawn("01", 2)
    answers = _trained_in_lab_01(ctx, module, 4)
    check = module.HIDDEN["fresh"]
    assert check(answers, ctx) is None
    (model, curves), *_ = answers.train_fresh
    answers.train_fresh = [(model, {"loss": curves["loss"] * 0.3})]
    assert check(answers, ctx) is not None


def _forged(model: keras.Model, curves: dict[str, np.ndarray]) -> tuple[keras.Model, dict[str, np.ndarray]]:
    """Return what a cheater hands in for a trained network: counter and biases set by hand."""
    model.optimizer.iterations.assign(100_000)
    for layer in model.layers:
        if getattr(layer, "bias", None) is not None:
            layer.bias.assign(np.full(layer.bias.shape, 0.01))
    return model, curves


def _compiled(model: keras.Model, rate: float, loss: str) -> keras.Model:
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


def _ends(model: keras.Model, x: np.ndarray, y: np.ndarray, epochs: int) -> dict[str, np.ndarray]:
    """Return falling curves that end where a network is."""
    loss, accuracy = model.evaluate(x, y, verbose=0)
    ends = {"loss": loss, "val_loss": loss, "accuracy": accuracy, "val_accuracy": accuracy}
    return {name: np.linspace(1.2, 1.0, epochs) * end for name, end in ends.items()}


def _curves(history: Any) -> dict[str, np.ndarray]:
    return {name: np.array(curve) for name, curve in history.history.items()}


@pytest.mark.parametrize("seed", range(3))
def test_lab_02_tells_training_from_weights_that_were_set(seed: int) -> None:
    module, ctx = _drawn("02", seed)
    x, y = together(ctx)
    honest, forged = [], []
    for given, epochs in probes_of("02", "train", "train", ctx):
        for found in (honest, forged):
            keras.utils.set_random_seed(given)
            model = models.mlp(2, [ctx["hidden"]] * 2, 1, output_activation="sigmoid")
            _compiled(model, ctx["learning_rate"], "binary_crossentropy")
            if found is forged:
                found.append(_forged(model, _ends(model, x, y, epochs)))
                continue
            settings = {"epochs": epochs, "batch_size": ctx["batch_size"], "validation_data": (x, y)}
            found.append((model, _curves(model.fit(x, y, verbose=0, **settings))))
    data = (x, y, x, y)
    check = module.HIDDEN["train"]
    assert check(SimpleNamespace(train=honest, data=data), ctx) is None
    assert check(SimpleNamespace(train=forged, data=data), ctx) is not None
    # Nor when only the longer run is a forgery, whose curves end where it is.
    assert check(SimpleNamespace(train=[honest[0], forged[1]], data=data), ctx) is not None
    # The network on which other answers build must have been trained as well, and so must the curves that are drawn.
    for name in ("confusion", "roc", "table", "calibration"):
        assert module.HIDDEN[name](SimpleNamespace(model=honest[1][0], data=data), ctx) is None
        assert module.HIDDEN[name](SimpleNamespace(model=forged[1][0], data=data), ctx) is not None
    for name in ("loss_figure", "accuracy_figure"):
        assert module.HIDDEN[name](SimpleNamespace(history=honest[1][1]), ctx) is None
        assert module.HIDDEN[name](SimpleNamespace(history={"loss": np.full(9, 0.69)}), ctx) is not None


def test_lab_02_tells_a_network_that_learned_the_moons() -> None:
    module, ctx = _drawn("02", 0)
    (x, y), _ = moons(ctx)
    model = models.mlp(2, [16] * 2, 1, output_activation="sigmoid")
    _compiled(model, ctx["learning_rate"], "binary_crossentropy")
    check = module.HIDDEN["moons"]
    assert check(SimpleNamespace(moon_network=model), ctx) is not None
    model.fit(x, y, epochs=100, batch_size=ctx["batch_size"], verbose=0)
    assert check(SimpleNamespace(moon_network=model), ctx) is None


@pytest.mark.parametrize("seed", range(3))
def test_lab_03_the_network_must_be_where_its_losses_end(seed: int) -> None:
    module, ctx = _drawn("03", seed)
    x, y = module.points(ctx)
    keras.utils.set_random_seed(ctx["seed"])
    network = models.mlp(1, [5, 5], 1)
    first, fresh = network.get_weights(), keras.models.clone_model(network)
    settings = {"epochs": ctx["epochs"], "batch_size": ctx["batch_size"], "shuffle": False, "verbose": 0}
    network.compile(keras.optimizers.SGD(ctx["learning_rate"]), "mse")
    loss = np.array(network.fit(x, y, **settings).history["loss"])
    check = module.HIDDEN["same"]
    assert check(SimpleNamespace(network=network, first_weights=first), ctx) is None
    # What a cheater hands in: the losses computed without a network, beside one that was not trained.
    fresh.compile(keras.optimizers.SGD(ctx["learning_rate"]), "mse")
    fresh.set_weights(first)
    fresh.optimizer.iterations.assign(network.optimizer.iterations)
    figure = Shows(curves=[(None, loss), (None, loss)], log="y", legend=True).draw()
    exercise = find_lab("03").exercise("same")
    answers = {"network": fresh, "keras_losses": loss, "losses": loss, "first_weights": first}
    forged = collect(exercise, {**answers, "ax_same": figure}, ctx)
    assert judge(exercise, forged, ctx).status == "passed"
    assert check(forged, ctx) is not None


@pytest.mark.parametrize("seed", range(2))
def test_lab_04_tells_training_from_weights_that_were_set(seed: int) -> None:
    module, ctx = _drawn("04", seed)
    honest, forged = [], []
    for x, y, validation, epochs in probes_of("04", "train", "train", ctx):
        for found in (honest, forged):
            model = models.mlp(
                x.shape[1], [ctx["hidden"]], n_classes(ctx), activation="sigmoid", output_activation="softmax"
            )
            _compiled(model, ctx["learning_rate"], "sparse_categorical_crossentropy")
            if found is forged:
                found.append(_forged(model, _ends(model, *validation, epochs)))
                continue
            settings = {"epochs": epochs, "batch_size": ctx["batch_size"], "validation_data": validation}
            found.append((model, _curves(model.fit(x, y, verbose=0, **settings))))
    check = module.HIDDEN["train"]
    assert check(SimpleNamespace(train=honest), ctx) is None
    assert check(SimpleNamespace(train=[honest[0], forged[1]]), ctx) is not None


def test_lab_04_networks_of_a_sweep_must_be_where_their_curves_end() -> None:
    _, ctx = _drawn("04", 5)
    rates, x, y, epochs = probes_of("04", "sweep", "run_sweep", ctx)[0]
    networks, histories = [], []
    for rate in rates:
        keras.utils.set_random_seed(ctx["seed"])
        model = models.mlp(
            x.shape[1], [ctx["hidden"]], n_classes(ctx), activation="sigmoid", output_activation="softmax"
        )
        _compiled(model, rate, "sparse_categorical_crossentropy")
        histories.append(_curves(model.fit(x, y, epochs=epochs, batch_size=ctx["batch_size"], verbose=0)))
        networks.append(model)
    exercise = find_lab("04").exercise("sweep")
    assert judge(exercise, SimpleNamespace(run_sweep=[(networks, histories)]), ctx).status == "passed"
    updates = int(networks[0].optimizer.iterations)
    keras.utils.set_random_seed(ctx["seed"])
    fresh = keras.models.clone_model(networks[0])
    _forged(_compiled(fresh, rates[0], "sparse_categorical_crossentropy"), {})
    fresh.optimizer.iterations.assign(updates)
    verdict = judge(exercise, SimpleNamespace(run_sweep=[([fresh, *networks[1:]], histories)]), ctx)
    assert verdict.status == "failed"
    assert "to which the curve belongs" in verdict.expected


@pytest.mark.parametrize("seed", range(3))
def test_lab_05_tells_training_from_weights_that_were_set(seed: int) -> None:
    module, ctx = _drawn("05", seed)
    honest, forged = [], []
    for found in (honest, forged):
        for model, x, y, x_val, y_val, epochs, rate in probes_of("05", "training", "train", ctx):
            _compiled(model, rate, "sparse_categorical_crossentropy")
            if found is forged:
                found.append(_forged(model, _ends(model, x_val, y_val, epochs)))
                continue
            settings = {"epochs": epochs, "batch_size": ctx["batch_size"], "validation_data": (x_val, y_val)}
            found.append((model, _curves(model.fit(x, y, verbose=0, **settings))))
    check = module.HIDDEN["training"]
    assert check(SimpleNamespace(train=honest), ctx) is None
    assert check(SimpleNamespace(train=[honest[0], forged[1]]), ctx) is not None


def test_lab_05_networks_must_have_been_trained_on_the_clips() -> None:
    module, ctx = _drawn("05", 1)
    sides = {side: decibels(ctx, side) for side in ("train", "validation", "test")}
    # As a student scales who computed decibels otherwise: the network is judged on clips such as its own.
    mean, std = 2 * sides["train"].mean(), 2 * sides["train"].std()
    scaled = {side: (2 * clips - mean) / std for side, clips in sides.items()}
    seen, watched = (scaled["train"], labels(ctx, "train")), (scaled["validation"], labels(ctx, "validation"))
    networks, histories = {}, {}
    for name, build, rate in (
        ("mlp", models.environment_mlp, 0.0003),
        ("cnn", models.environment_cnn, 0.001),
    ):
        model = build((*seen[0].shape[1:], 1)[: 2 if name == "mlp" else 3], 10)
        _compiled(model, rate, "sparse_categorical_crossentropy")
        settings = {"batch_size": ctx["batch_size"], "validation_data": watched}
        histories[name] = _curves(model.fit(*seen, epochs=ctx[f"{name}_epochs"], verbose=0, **settings))
        networks[name] = model
    right = {
        **networks,
        "mlp_history": histories["mlp"],
        "X_validation_scaled": scaled["validation"],
        "X_test_scaled": scaled["test"],
    }
    for name in ("watched", "scores"):
        assert module.HIDDEN[name](SimpleNamespace(**right), ctx) is None
    for kind in ("mlp", "cnn"):
        fresh = _compiled(keras.models.clone_model(networks[kind]), 0.001, "sparse_categorical_crossentropy")
        _forged(fresh, {})
        curves = _ends(fresh, *watched, ctx["mlp_epochs"])
        cheated = SimpleNamespace(**{**right, kind: fresh, f"{kind}_history": curves})
        assert module.HIDDEN["scores"](cheated, ctx) is not None
        if kind == "mlp":
            wrong = module.HIDDEN["watched"](cheated, ctx)
            assert wrong is not None
            assert "better than guessing" in wrong.expected


def test_lab_04_histories_must_come_from_training() -> None:
    module, ctx = _run(
        "04",
        source="standin",
        step=0.1,
        hidden=16,
        batch_size=40,
        sweep_epochs=3,
        learning_rates=[0.005, 0.0004],
    )
    check = module.HIDDEN["compare"]
    # What another student has: other weights to start from, other rows to validate on.
    other = Context({**ctx.parameters, "seed": 3})
    trained = [{"loss": module._trained(rate, other)} for rate in ctx["learning_rates"]]
    assert check(SimpleNamespace(histories=trained), ctx) is None
    typed = [{"loss": np.array([2.1, 1.6, 1.2])} for _ in ctx["learning_rates"]]
    invented = SimpleNamespace(
        histories=typed, loss_curves=np.array([c["loss"] for c in typed]), best_rate=0.005
    )
    assert judge(find_lab("04").exercise("compare"), invented, ctx).status == "passed"
    assert check(invented, ctx) is not None


def test_lab_05_arrays_must_hold_the_clips_of_their_side() -> None:
    module, ctx = _run("05", source="standin", sample_rate=8000, n_mels=40, test_fold=2)
    clips = esc50.load(None, "standin")
    power = features.clips_mel_power(clips.paths, 8000, 40, progress=False)
    level = 10 * np.log10(np.maximum(power, 1e-10))
    train = level[rows(ctx, "train")]
    right = {
        f"X_{side}_scaled": (level[rows(ctx, side)] - train.mean()) / train.std()
        for side in ("train", "validation", "test")
    }
    exercise, check = find_lab("05").exercise("standardise"), module.HIDDEN["standardise"]
    assert check(SimpleNamespace(**right), ctx) is None
    # Each side of its own clips, but of other places, or not on the training clips' scale.
    for side in ("validation", "test"):
        name = f"X_{side}_scaled"
        for other in (right[name][::-1], 1.7 * right[name] + 0.5, right[name] + 0.1, 1.05 * right[name]):
            verdict = judge(exercise, SimpleNamespace(**{**right, name: other}), ctx)
            assert verdict.status == "failed"
    for name, clips in right.items():
        shuffled = SimpleNamespace(**{**right, name: clips[np.random.default_rng(1).permutation(len(clips))]})
        assert check(shuffled, ctx) is not None


def test_a_hidden_check_that_breaks_fails_its_exercise_alone() -> None:
    spec = find_lab("01")
    ctx = Context(resolve(spec.parameters, {"noise": 0.3}))

    def breaks(answers: SimpleNamespace, ctx: Context) -> None:
        raise ZeroDivisionError("no such thing")

    told = {"status": "answered", "answers": {"noise_floor": {"plain": 0.09}}}
    assert verdict_on(spec.exercise("floor"), told, (), ctx).status == "passed"
    verdict = verdict_on(spec.exercise("floor"), told, (), ctx, breaks)
    assert (verdict.status, verdict.points) == ("failed", 0)
    assert verdict.found == "ZeroDivisionError: no such thing"
