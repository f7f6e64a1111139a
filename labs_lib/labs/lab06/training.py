"""Exercises of lab 06 on training: separate optimisers, rates that fall, when to stop."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from labs_engine.declare.answers import Function, Number
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake, close
from labs_lib.kinds.models import Model, Stopper
from labs_lib.kinds.networks import learning_rate, loss_name, optimizer_name
from labs_lib.labs.lab06.common import Answers

# TODO 8: compiling ------------------------------------------------------------------------


def _networks(ctx: Context) -> list[tuple[Any, float]]:
    from labs_lib.models import mlp

    rates = ctx.rng(8).choice(np.arange(200, 900), 2, replace=False) / 1e5
    return [(mlp(3, [4], 2, output_activation="softmax"), float(rate)) for rate in rates]


def _judge_compiled(a: Answers, ctx: Context) -> Failure | None:
    if a.prepare[0].optimizer is a.prepare[1].optimizer:
        return Failure("a separate optimiser for every network", "one optimiser in two networks")
    for model, (_, rate) in zip(a.prepare, _networks(ctx), strict=True):
        if optimizer_name(model) != "Adam":
            return Failure("the Adam optimiser", optimizer_name(model))
        if not close(learning_rate(model), rate, rtol=1e-3):
            return Failure(f"the learning rate passed in, {rate:g}", f"{learning_rate(model):g}")
        if loss_name(model) != "sparse_categorical_crossentropy":
            return Failure("the cross-entropy for labels that are class numbers", loss_name(model))
        if "accuracy" not in _metrics(model):
            return Failure("the accuracy as a metric", f"{_metrics(model) or 'no metric'}")
    return None


def _metrics(model: Any) -> str:
    return str(model.get_compile_config().get("metrics") or "")


COMPILE = Exercise(
    name="compile",
    title="An optimiser for every network",
    points=1,
    answers={"prepare": Function(_networks, Model(compiled=True))},
    judge=_judge_compiled,
    mistakes=[
        Mistake(
            "shared",
            lambda a, ctx: a.prepare[0].optimizer is a.prepare[1].optimizer,
            hint="Both networks were given one and the same optimiser. It keeps a memory of the gradients "
            "of the first network's weights, and of how far its rate has fallen: make a new one "
            "inside the function.",
        ),
        Mistake(
            "rate_ignored",
            lambda a, ctx: (
                optimizer_name(a.prepare[0]) == "Adam"
                and close(learning_rate(a.prepare[0]), learning_rate(a.prepare[1]))
            ),
            hint="The rate does not depend on the argument. The text 'adam', for one, stands for a default rate.",
        ),
        Mistake(
            "sgd",
            lambda a, ctx: optimizer_name(a.prepare[0]).startswith("SGD"),
            hint="This is SGD; the text asks for Adam.",
        ),
        Mistake(
            "one_hot",
            lambda a, ctx: loss_name(a.prepare[0]) == "categorical_crossentropy",
            hint="This loss wants labels as rows of zeros and a one. Ours are class numbers: see its sparse "
            "counterpart.",
        ),
        Mistake(
            "no_accuracy",
            lambda a, ctx: "acc" not in _metrics(a.prepare[0]),
            hint="Keras records only the metrics that are passed to compile: see its argument metrics.",
        ),
    ],
    fallback_hint="model.compile with keras.optimizers.Adam(rate), the sparse categorical cross-entropy and "
    "metrics=['accuracy']; return the model.",
)


# TODO 9: a rate that falls ----------------------------------------------------------------


def _decays(ctx: Context) -> list[tuple[int, float, int, float]]:
    rng = ctx.rng(9)
    start, rate = int(rng.integers(5, 12)), float(rng.integers(200, 900)) / 1e5
    speed = float(rng.integers(1, 4)) / 10
    return [(epoch, rate, start, speed) for epoch in (0, start - 1, start, start + 1, start + 7)]


def _decayed(epoch: int, rate: float, start: int, speed: float) -> float:
    return rate if epoch < start else rate * math.exp(-speed)


DECAY = Exercise(
    name="decay",
    title="A rate that falls every epoch",
    points=1,
    answers={"decay": Function(_decays, Number(atol=1e-9))},
    right=_decayed,
    expects="the rate of this epoch, given that of the previous one",
    mistakes=[
        Mistake(
            "one_late",
            wrong=lambda e, r, s, v: r if e <= s else r * math.exp(-v),
            hint="One epoch late: from epoch `start` on, this one included, the rate falls.",
        ),
        Mistake(
            "at_once",
            wrong=lambda e, r, s, v: r * math.exp(-v),
            hint="The rate falls from the first epoch on; it should be left alone until `start`.",
        ),
        Mistake(
            "twice",
            wrong=lambda e, r, s, v: r if e < s else r * math.exp(-v * (e - s + 1)),
            hint="The factor grows with the epoch. Keras passes in the rate of the previous epoch, which has fallen "
            "already, so the rate would fall faster and faster.",
        ),
        Mistake(
            "grows",
            wrong=lambda e, r, s, v: r if e < s else r * math.exp(v),
            hint="The rate grows: look at the sign of the exponent.",
        ),
        Mistake(
            "factor",
            wrong=lambda e, r, s, v: r if e < s else r * v,
            hint="The rate is multiplied by the speed itself; the factor is an exponential.",
        ),
    ],
    fallback_hint="Two cases, before `start` and from it on; np.exp.",
)


# TODO 10: when to stop --------------------------------------------------------------------


def _patiences(ctx: Context) -> list[tuple[int]]:
    first, second = ctx.rng(10).choice(range(4, 30), 2, replace=False)
    return [(int(first),), (int(second),)]


def _stopper(patience: int, monitor: str = "val_loss", restores: bool = True) -> Any:
    import keras

    return keras.callbacks.EarlyStopping(monitor, patience=patience, restore_best_weights=restores)


STOPPING = Exercise(
    name="stopping",
    title="Know when to stop",
    points=1,
    answers={"stopping": Function(_patiences, Stopper())},
    right=_stopper,
    expects="a callback that watches the validation loss, has the patience passed in and restores the best weights",
    mistakes=[
        Mistake(
            "watches_training",
            wrong=[partial(_stopper, monitor="loss"), partial(_stopper, monitor="accuracy")],
            hint="It watches the training segments, on which the loss hardly ever stops falling: names of curves on "
            "the validation segments begin with val_.",
        ),
        Mistake(
            "accuracy",
            wrong=partial(_stopper, monitor="val_accuracy"),
            hint="It watches the accuracy, which moves in steps of a whole segment; the loss says more.",
        ),
        Mistake(
            "keeps_last",
            wrong=partial(_stopper, restores=False),
            hint="Training stops `patience` epochs after the best one, and the weights of that last epoch are kept: "
            "see the argument restore_best_weights.",
        ),
        Mistake(
            "patience_ignored",
            lambda a, ctx: a.stopping[0]["patience"] == a.stopping[1]["patience"],
            wrong=lambda patience: _stopper(3),
            hint="The patience does not depend on the argument.",
        ),
    ],
    fallback_hint="keras.callbacks.EarlyStopping, with the arguments monitor, patience and restore_best_weights.",
)


# TODO 12: a rate in steps -----------------------------------------------------------------


def _steps(ctx: Context) -> list[tuple[int, float]]:
    first = float(ctx.rng(12).integers(200, 900)) / 1e6
    return [(epoch, first) for epoch in (0, 24, 25, 60, 99, 100, 150)]


def _stepped(epoch: int, first: float) -> float:
    return first * (1 if epoch < 25 else 0.5 if epoch < 100 else 0.3)


def _is_one_late(epoch: int, first: float) -> float:
    return _stepped(max(epoch - 1, 0), first)


STEPS = Exercise(
    name="steps",
    title="A rate in steps",
    points=1,
    answers={"steps": Function(_steps, Number(atol=1e-9))},
    right=_stepped,
    expects="the share of the first rate that the text gives for each epoch",
    mistakes=[
        Mistake(
            "one_late",
            wrong=_is_one_late,
            hint="One epoch late: epochs are counted from 0, so the first 25 are those below 25.",
        ),
        Mistake(
            "last_step_missing",
            wrong=lambda e, f: f * (1 if e < 25 else 0.5),
            hint="The last step is never taken. Is the first condition that holds for epoch 150 the right one?",
        ),
        Mistake(
            "published_rates",
            wrong=lambda e, f: _stepped(e, 1e-4),
            hint="These are the published rates whatever the first rate is: use the argument.",
        ),
        Mistake(
            "of_each_other",
            wrong=lambda e, f: f * (1 if e < 25 else 0.5 if e < 100 else 0.15),
            hint="The last rate is 0.3 of the one before it; the text gives it as a share of the first.",
        ),
    ],
    fallback_hint="Three cases: below 25, below 100, and the rest.",
)
