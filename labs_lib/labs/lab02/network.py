"""Lab 02, TODO 3 to 6: the network, its parameters, its training, its classes."""

from __future__ import annotations

import numpy as np

from labs_engine.declare.answers import Array, Curves, Function, Number
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake
from labs_lib.kinds.models import Model
from labs_lib.kinds.trained import Trained, Training
from labs_lib.labs.lab02.data import SPLIT_AGAIN, Answers, judge_passed_split, with_split
from labs_lib.labs.small_network import (
    default_width,
    hidden_widths,
    no_biases,
    output_forgotten,
    small_network,
    width_typed_in,
)
from labs_lib.models.table import Network

# TODO 3 and 4: the network, and its parameters ---------------------------------------------


def _network(hidden: int) -> Network:
    return small_network(2, hidden, "sigmoid")


# TODO 5: training ------------------------------------------------------------------------

# The second run is long enough that a trained network differs from one that is not: see the hidden check.
_TRIAL_EPOCHS = (2, 24)


def _trials(ctx: Context) -> list[tuple[int, int]]:
    seed = int(ctx.rng(5).integers(1, 1000))
    return [(seed, epochs) for epochs in _TRIAL_EPOCHS]


def _trained(a: Answers, ctx: Context) -> list[Trained]:
    return [
        Trained(
            model,
            curves,
            epochs,
            ctx["learning_rate"],
            data=(a.X_train, a.y_train),
            batch_size=ctx["batch_size"],
            validation=(a.X_val, a.y_val),
        )
        for (model, curves), epochs in zip(a.train, _TRIAL_EPOCHS, strict=True)
    ]


_TRAINING = Training(
    _trained,
    loss="binary_crossentropy",
    units=lambda ctx: [ctx["hidden"], ctx["hidden"], 1],
    afresh=True,
)


def _judge_train(a: Answers, ctx: Context) -> Failure | None:
    return judge_passed_split(a, ctx) or _TRAINING.judge(a, ctx)


def _trained_on_everything(a: Answers, ctx: Context) -> bool:
    first = _trained(a, ctx)[0]
    everything = first.updates_on(2 * ctx["n_per_class"])
    return first.updates == everything != first.updates_on(len(a.X_train))


# TODO 6: from probabilities to classes -----------------------------------------------------


def _probabilities(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(6)
    columns = [rng.uniform(0.02, 0.98, (n, 1)) for n in (12, 17)]
    # Away from one half, where rounding could decide.
    return [(np.where(np.abs(p - 0.5) < 0.02, 0.6, p).astype(np.float32),) for p in columns]


EXERCISES = (
    Exercise(
        name="model",
        title="A network for two classes",
        points=2,
        answers={"build_model": Function(hidden_widths, Model())},
        right=_network,
        mistakes=[
            Mistake(
                "no_sigmoid",
                wrong=lambda hidden: _network(hidden).changed(-1, activation=None),
                hint="The output has no activation and can be any number. A probability lies between 0 and 1.",
            ),
            Mistake(
                "softmax",
                wrong=lambda hidden: _network(hidden).changed(-1, activation="softmax"),
                hint="A softmax makes the outputs of a layer add up to 1. With a single output that one is "
                "always exactly 1, whatever the input; with two the text asks for another network.",
            ),
            width_typed_in(_network, 6),
            Mistake(
                "linear_hidden",
                wrong=lambda hidden: _network(hidden).changed(0, activation=None).changed(1, activation=None),
                hint="A hidden layer has no activation. Without any the boundary can only be a straight line.",
            ),
            Mistake(
                "one_input",
                wrong=lambda hidden: small_network(1, hidden, "sigmoid"),
                hint="The network takes one number a point. How many coordinates does a point have?",
            ),
        ],
        fallback_hint="Start from keras.Input with the shape of one point, apply the layers of the table one "
        "after another, and return keras.Model(inputs, outputs).",
    ),
    Exercise(
        name="count",
        title="Count the parameters",
        points=1,
        answers={"n_parameters": Number(integer=True)},
        right=lambda run: _network(run["hidden"]).count_params(),
        expects="all weights and biases of the network of TODO 3",
        mistakes=[
            no_biases(_network),
            Mistake(
                "one_input",
                wrong=lambda run: small_network(1, run["hidden"]).count_params(),
                hint="This is the network of lab 01, which takes one number. Here a point has more "
                "coordinates.",
            ),
            output_forgotten(_network),
            default_width(51),
        ],
        fallback_hint="A dense layer with m inputs and n units has one weight for each pair and one bias a unit.",
    ),
    Exercise(
        name="train",
        title="Train and watch the validation data",
        points=3,
        answers={**SPLIT_AGAIN, "train": Function(_trials, (Model(compiled=True), Curves()))},
        judge=_judge_train,
        mistakes=[
            *_TRAINING.mistakes(
                squared_error="The loss is the squared error, the loss of lab 01. For probabilities the text asks for "
                "another one, which punishes confident mistakes.",
                from_logits="",
                sgd="",
                default_rate="",
                epochs_ignored="",
                not_rebuilt="",
                no_accuracy="",
                other_metric="",
                no_validation="",
            ),
            Mistake(
                "trained_on_everything",
                with_split(_trained_on_everything),
                hint="The number of updates is that of all points together: the validation data were trained "
                "on, and no longer tell anything about new points.",
            ),
            *_TRAINING.mistakes(
                validated_on_training="",
                batch_size="",
            ),
        ],
        fallback_hint="Build, compile, call model.fit with the training data, `validation_data`, `epochs`, "
        "`batch_size` and `seed`, and return the model and what fit gave, in this order.",
        needs=("split", "model"),
    ),
    Exercise(
        name="classes",
        title="From probabilities to classes",
        points=1,
        answers={"to_classes": Function(_probabilities, Array())},
        right=lambda p: p[:, 0] > 0.5,
        expects="for each point the class that is more probable, 0 or 1",
        mistakes=[
            Mistake(
                "column",
                wrong=[lambda p: p > 0.5, lambda p: p],
                hint="The result is still a column, shape (n, 1). Compared with the flat labels it would be "
                "stretched to a table of n × n values without a warning.",
            ),
            Mistake(
                "probabilities",
                wrong=lambda p: p[:, 0],
                hint="These are the probabilities themselves; a class is 0 or 1.",
            ),
            Mistake(
                "argmax",
                wrong=lambda p: np.zeros(len(p)),
                hint="Every point is in class 0. If you used argmax: it tells which *column* is largest, and "
                "there is one column only.",
            ),
            Mistake(
                "threshold_zero",
                wrong=lambda p: np.ones(len(p)),
                hint="Every point is in class 1. A probability is never below 0: at which value are both "
                "classes equally probable?",
            ),
            Mistake(
                "flipped",
                wrong=lambda p: p[:, 0] < 0.5,
                hint="The classes are exchanged: the network's output is the probability of class 1.",
            ),
        ],
        fallback_hint="Compare the column of probabilities with one half, and take the column out of its table.",
    ),
)
