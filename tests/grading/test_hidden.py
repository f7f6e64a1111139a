"""Hidden checks: each catches what the students' checks let through, and lets the right answer pass."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from worked import instructor_of

from labs_lib import features, models, training
from labs_lib.datasets import esc50
from labs_lib.exercises.context import Context
from labs_lib.exercises.framework import judge
from labs_lib.exercises.lab05.common import rows
from labs_lib.exercises.parameters import resolve
from labs_lib.exercises.registry import find_lab
from labs_lib.grading.hidden import typed_in, untrained
from labs_lib.grading.scoring import grading_module, verdict_on


def _run(number: str, **parameters: Any) -> tuple[ModuleType, Context]:
    return grading_module(instructor_of(number)), Context(resolve(find_lab(number).parameters, parameters))


@pytest.fixture(scope="module")
def trained() -> tuple[keras.Model, dict[str, np.ndarray], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((60, 4)).astype(np.float32), rng.integers(0, 3, 60)
    model = models.mlp(4, [5], 3, output_activation="softmax")
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = training.fit(model, x[:40], y[:40], epochs=2, validation_data=(x[40:], y[40:])).history
    return model, {name: np.array(curve) for name, curve in history.items()}, x[40:], y[40:]


def test_curves_must_end_where_their_network_is(trained: Any) -> None:
    model, curves, x, y = trained
    assert typed_in(model, curves, x, y) is None
    for name, value in (("val_loss", 0.5), ("val_accuracy", 1.0)):
        wrong = typed_in(model, {**curves, name: np.array([1.0, value])}, x, y)
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


def _lab_01(seed: int) -> tuple[ModuleType, Context]:
    module = grading_module(instructor_of("01"))
    drawn = module.draw(np.random.default_rng(seed))
    return module, Context(resolve(find_lab("01").parameters, drawn), seed)


def _trained_in_lab_01(ctx: Context, module: ModuleType, epochs: int) -> SimpleNamespace:
    x, y = module._points(ctx)
    training.set_seed(ctx["seed"])
    model = models.mlp(1, [ctx["hidden"]] * 2, 1)
    model.compile(keras.optimizers.SGD(ctx["learning_rate"]), "mse")
    curves = {
        "loss": np.full(ctx["epochs"], float(np.mean((np.asarray(model(x[:, None])).ravel() - y) ** 2)))
    }
    if epochs:
        history = training.fit(model, x[:, None], y, epochs=epochs, batch_size=ctx["batch_size"])
        curves = {"loss": np.array(history.history["loss"])}
    return SimpleNamespace(model=model, history=curves, train_fresh=[(model, curves)])


@pytest.mark.parametrize("seed", range(3))
def test_lab_01_takes_what_training_gives(seed: int) -> None:
    module, ctx = _lab_01(seed)
    answers = _trained_in_lab_01(ctx, module, ctx["epochs"])
    assert {name: check(answers, ctx) for name, check in module.HIDDEN.items()} == dict.fromkeys(
        module.HIDDEN
    )


@pytest.mark.parametrize("seed", range(3))
def test_lab_01_gives_nothing_for_a_network_that_was_not_trained(seed: int) -> None:
    module, ctx = _lab_01(seed)
    answers = _trained_in_lab_01(ctx, module, 0)
    # What a cheater would do: a falling line that ends where the untrained network is, and a forged counter.
    answers.history["loss"] = answers.history["loss"] * np.linspace(1.4, 1.0, ctx["epochs"])
    answers.model.optimizer.iterations.assign(10_000)
    exercise = find_lab("01").exercise("sgd")
    assert judge(exercise, answers, ctx).status == "passed"
    assert [name for name, check in module.HIDDEN.items() if check(answers, ctx) is None] == []


def test_lab_01_gives_nothing_for_a_network_that_knows_the_mean() -> None:
    module, ctx = _lab_01(1)
    _, y = module._points(ctx)
    assert module._too_high(float(np.var(y)), ctx) is not None


def test_lab_01_curves_of_fresh_networks_must_end_where_they_are() -> None:
    module, ctx = _lab_01(2)
    answers = _trained_in_lab_01(ctx, module, 4)
    check = module.HIDDEN["fresh"]
    assert check(answers, ctx) is None
    (model, curves), *_ = answers.train_fresh
    answers.train_fresh = [(model, {"loss": curves["loss"] * 0.3})]
    assert check(answers, ctx) is not None


def test_lab_02_gives_nothing_for_a_counter_that_was_set() -> None:
    module, ctx = _run("02", n_per_class=100, epochs=3)
    model = models.mlp(2, [5, 5], 1, output_activation="sigmoid")
    model.compile("adam", "binary_crossentropy")
    model.optimizer.iterations.assign(1000)
    curves = {name: np.array([0.9, 0.8, 0.7]) for name in ("loss", "val_loss", "accuracy", "val_accuracy")}
    answers = SimpleNamespace(train=[(model, curves)], X_val=np.zeros((3, 2)), y_val=np.zeros(3))
    wrong = module.HIDDEN["train"](answers, ctx)
    assert wrong is not None
    assert wrong.found == "biases that are all as they began"


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
    rng = np.random.default_rng(1)
    noise = 1.1 * rng.standard_normal(right["X_test_scaled"].shape)
    for test in (right["X_validation_scaled"], noise):
        cheated = SimpleNamespace(**{**right, "X_test_scaled": test})
        assert judge(exercise, cheated, ctx).status == "passed"
        wrong = check(cheated, ctx)
        assert wrong is not None
        assert wrong.expected == "the spectrograms of the test clips"


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
