"""Lab 04, TODO 4 and 5: the network, and training it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from labs_engine.declare.answers import Curves, Function
from labs_engine.declare.comparison import FromRun
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake, close
from labs_lib.kinds.layers import Network, layers
from labs_lib.kinds.models import Model
from labs_lib.kinds.networks import cross_entropy, learning_rate, loss_name, optimizer_name, units
from labs_lib.labs.lab04.data import N_FEATURES, Answers, n_classes

# TODO 4: the network ---------------------------------------------------------------------


def _sizes(ctx: Context) -> list[tuple[int, int]]:
    return [(N_FEATURES, n_classes(ctx)), (31, n_classes(ctx) + 3)]


def _network(ctx: Context, n_features: int, n_classes: int) -> Network:
    return Network(
        (n_features,),
        (layers.Dense(ctx["hidden"], activation="sigmoid"), layers.Dense(n_classes, activation="softmax")),
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


def _judge_train(a: Answers, ctx: Context) -> Failure | None:
    (model, curves), (other, longer) = a.train
    x, _, validation, _ = _trials(ctx)[0]
    if units(model) != [ctx["hidden"], n_classes(ctx)]:
        return Failure("the network of TODO 4", f"dense layers of {units(model)} units")
    if optimizer_name(model) != "Adam":
        return Failure("the optimiser Adam", optimizer_name(model))
    if not close(learning_rate(model), ctx["learning_rate"], rtol=1e-3):
        return Failure(f"the learning rate {ctx['learning_rate']:g}", f"{learning_rate(model):g}")
    if loss_name(model) != "sparse_categorical_crossentropy":
        return Failure("the cross-entropy for labels that are class numbers", loss_name(model))
    lengths = (len(curves["loss"]), len(longer["loss"]))
    if lengths != _EPOCHS:
        return Failure(f"as many epochs as asked for, {_EPOCHS}", f"{lengths}")
    missing = [key for key in ("accuracy", "val_loss", "val_accuracy") if key not in curves]
    if missing:
        return Failure(
            "curves of loss and accuracy, in training and validation", f"no {', no '.join(missing)}"
        )
    updates, wanted = int(model.optimizer.iterations), _EPOCHS[0] * _updates(len(x), ctx)
    if model is other or updates > wanted:
        return Failure("a new network for each call", f"{updates} updates where {wanted} were asked for")
    if updates != wanted:
        return Failure(f"{wanted} updates in {_EPOCHS[0]} epochs of {len(x)} examples", f"{updates}")
    if not close(curves["val_loss"][-1], cross_entropy(model, *validation), rtol=1e-3):
        return Failure(
            "a validation curve that ends at this network's loss on the validation data",
            f"{curves['val_loss'][-1]:.4f}, which is not that loss",
        )
    return None


def _updates(samples: int, ctx: Context) -> int:
    return -(-samples // ctx["batch_size"])


def _validated_on_training(a: Answers, ctx: Context) -> bool:
    model, curves = a.train[0]
    x, y, _, _ = _trials(ctx)[0]
    return "val_loss" in curves and close(curves["val_loss"][-1], cross_entropy(model, x, y), rtol=1e-3)


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
                "relu_hidden",
                wrong=_but(0, activation="relu"),
                hint="The hidden layer has a ReLU. The table asks for another activation.",
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
            Mistake(
                "width_typed_in",
                lambda a, ctx: (
                    units(a.build_model[0])[:1] != [ctx["hidden"]] and len(units(a.build_model[0])) == 2
                ),
                wrong=_but(0, 100),
                hint="The hidden layer has another width than `hidden`.",
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
        judge=_judge_train,
        mistakes=[
            Mistake(
                "sgd",
                lambda a, ctx: optimizer_name(a.train[0][0]).startswith("SGD"),
                hint="This is SGD; the text asks for Adam.",
            ),
            Mistake(
                "rate_ignored",
                lambda a, ctx: (
                    optimizer_name(a.train[0][0]) == "Adam"
                    and not close(learning_rate(a.train[0][0]), ctx["learning_rate"], rtol=1e-3)
                ),
                hint="The optimiser is Adam, with another rate than `learning_rate`. Passing the text 'adam' "
                "instead of an optimiser object uses Keras's default.",
            ),
            Mistake(
                "epochs_ignored",
                lambda a, ctx: len({len(curves["loss"]) for _, curves in a.train}) == 1,
                hint="The curves have the same length whatever is asked for: use the argument `epochs`.",
            ),
            Mistake(
                "no_accuracy",
                lambda a, ctx: "accuracy" not in a.train[0][1],
                hint="Keras records the loss and what it is told to: see the argument metrics of compile.",
            ),
            Mistake(
                "no_validation",
                lambda a, ctx: "val_loss" not in a.train[0][1],
                hint="The history holds no validation curves: pass `validation_data` on.",
            ),
            Mistake(
                "not_rebuilt",
                lambda a, ctx: a.train[0][0] is a.train[1][0],
                hint="The second call goes on with the network of the first: build it inside the function.",
            ),
            Mistake(
                "batch_size",
                lambda a, ctx: (
                    int(a.train[0][0].optimizer.iterations)
                    != _EPOCHS[0] * _updates(len(_trials(ctx)[0][0]), ctx)
                ),
                hint="The number of updates does not fit `batch_size`.",
            ),
            Mistake(
                "validated_on_training",
                _validated_on_training,
                hint="The validation curve is measured on the training data, which the network has seen.",
            ),
        ],
        fallback_hint="Build with build_model, compile with Adam, the sparse categorical cross-entropy and "
        "metrics=['accuracy'], call model.fit, and return the network and what fit gave.",
        needs=("numbers", "model"),
    ),
)
