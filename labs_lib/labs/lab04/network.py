"""Lab 04, TODO 4 and 5: the network, and training it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from labs_engine.declare.answers import Curves, Function
from labs_engine.declare.comparison import FromRun
from labs_engine.declare.framework import Context, Exercise, Mistake
from labs_lib.kinds.models import Model
from labs_lib.kinds.trained import Trained, Training
from labs_lib.labs.lab04.data import N_FEATURES, Answers, n_classes
from labs_lib.models.dense import mlp_table
from labs_lib.models.table import Network

# TODO 4: the network ---------------------------------------------------------------------


def _sizes(ctx: Context) -> list[tuple[int, int]]:
    return [(N_FEATURES, n_classes(ctx)), (31, n_classes(ctx) + 3)]


def _network(ctx: Context, n_features: int, n_classes: int) -> Network:
    return mlp_table(
        n_features, [ctx["hidden"]], n_classes, activation="sigmoid", output_activation="softmax"
    )


def _but(place: int, *arguments: Any, **settings: Any) -> FromRun:
    """Return the builder of a network that differs in one row."""
    return FromRun(lambda run: lambda m, n: _network(run, m, n).changed(place, *arguments, **settings))


# TODO 5: training ------------------------------------------------------------------------

_EPOCHS = (2, 12)


def _trials(ctx: Context) -> list[tuple[Any, ...]]:
    """Return classes that lie far apart: whoever trains on them does much better than guessing."""
    rng = ctx.rng(5)
    centres = rng.standard_normal((n_classes(ctx), N_FEATURES))
    (x, y), validation = [_around(centres, n, rng) for n in (8 * ctx["batch_size"] + 3, 40)]
    return [(x, y, validation, epochs) for epochs in _EPOCHS]


def _around(centres: np.ndarray, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    classes = rng.integers(0, len(centres), n)
    return (centres[classes] + 0.5 * rng.standard_normal((n, N_FEATURES))).astype(np.float32), classes


def _trained(a: Answers, ctx: Context) -> list[Trained]:
    return [
        Trained(
            model,
            curves,
            epochs,
            ctx["learning_rate"],
            data=(x, y),
            batch_size=ctx["batch_size"],
            validation=validation,
        )
        for (model, curves), (x, y, validation, epochs) in zip(a.train, _trials(ctx), strict=True)
    ]


_TRAINING = Training(_trained, units=lambda ctx: [ctx["hidden"], n_classes(ctx)])


EXERCISES = (
    Exercise(
        name="model",
        title="The network",
        points=2,
        answers={"build_model": Function(_sizes, Model())},
        right=FromRun(lambda run: partial(_network, run)),
        mistakes=[
            Mistake(
                "no_softmax",
                wrong=_but(-1, activation=None),
                hint="The outputs are any numbers. Which activation makes them positive with sum 1?",
            ),
            Mistake(
                "sigmoid_output",
                wrong=_but(-1, activation="sigmoid"),
                hint="With a sigmoid each instrument is a yes or no of its own. Here exactly one is right.",
            ),
            Mistake(
                "linear_hidden",
                wrong=_but(0, activation=None),
                hint="The hidden layer has no activation: two linear maps in a row are a single one.",
            ),
            Mistake(
                "sizes_typed_in",
                lambda a, ctx: (
                    a.build_model[0].output_shape == a.build_model[1].output_shape
                    or a.build_model[0].input_shape == a.build_model[1].input_shape
                ),
                wrong=FromRun(lambda run: lambda m, n: _network(run, N_FEATURES, n_classes(run))),
                hint="The network has the same inputs or outputs whatever is asked for: use both arguments.",
            ),
        ],
        fallback_hint="Start from keras.Input with the shape of one example, apply the layers of the table, and "
        "return keras.Model(inputs, outputs).",
    ),
    Exercise(
        name="train",
        title="Train the network",
        points=3,
        answers={"train": Function(_trials, (Model(compiled=True), Curves()))},
        judge=_TRAINING.judge,
        mistakes=_TRAINING.mistakes(
            from_logits="",
            sgd="",
            rate_ignored="",
            epochs_ignored="",
            no_accuracy="",
            other_metric="",
            no_validation="",
            not_rebuilt="",
            batch_size="",
            validated_on_training="",
        ),
        fallback_hint="Build with build_model, compile with Adam, the sparse categorical cross-entropy and "
        "metrics=['accuracy'], call model.fit, and return the network and what fit gave.",
        needs=("numbers", "model"),
    ),
)
