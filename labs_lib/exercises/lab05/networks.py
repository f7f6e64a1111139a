"""Exercises of lab 05 on the networks: dense, convolutional, and both of them held back."""

from __future__ import annotations

from typing import Any

from labs_lib.exercises.answers import Function, Model
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong
from labs_lib.exercises.lab05.common import N_CLASSES, Answers, frames
from labs_lib.exercises.networks import activations, layers_of, units

# TODO 6 and 11: the networks --------------------------------------------------------------


def _mlp_inputs(ctx: Context) -> list[tuple[tuple[int, int], int]]:
    return [((ctx["n_mels"], frames(ctx)), N_CLASSES), ((20, 30), 4)]


def _cnn_inputs(ctx: Context) -> list[tuple[tuple[int, int, int], int]]:
    return [((ctx["n_mels"], frames(ctx), 1), N_CLASSES), ((40, 50, 1), 4)]


def _judge_mlp(a: Answers, ctx: Context) -> Wrong | None:
    for model, (shape, n_classes) in zip(a.build_mlp, _mlp_inputs(ctx), strict=True):
        wrong = _input(model, shape) or _head(model, n_classes) or _dense(model, [16, 16, n_classes])
        if wrong:
            return wrong
    return None


def _judge_cnn(a: Answers, ctx: Context) -> Wrong | None:
    from labs_lib.models import environment_cnn

    for model, (shape, n_classes) in zip(a.build_cnn, _cnn_inputs(ctx), strict=True):
        wrong = _input(model, shape)
        if wrong:
            return wrong
        convolutions = layers_of(model, "Conv2D")
        found = [(layer.filters, *layer.kernel_size) for layer in convolutions]
        if found != [(16, 3, 3), (16, 3, 3), (32, 2, 2)]:
            return Wrong(
                "the three convolutions of the table",
                f"(filters, height, width): {found or 'no convolution'}",
            )
        if any(layer.activation.__name__ != "relu" for layer in convolutions):
            return Wrong("a ReLU in every convolution", f"{[c.activation.__name__ for c in convolutions]}")
        wrong = _head(model, n_classes) or _dense(model, [32, n_classes])
        if wrong:
            return wrong
        if [layer.rate for layer in layers_of(model, "Dropout")] != [0.1]:
            return Wrong("one dropout layer of the rate in the table", "another number or rate")
        right = environment_cnn(shape, n_classes).count_params()
        if model.count_params() != right:
            return Wrong(f"{right:,} parameters for input {shape}", f"{model.count_params():,}")
    return None


def _input(model: Any, shape: tuple[int, ...]) -> Wrong | None:
    if model.input_shape != (None, *shape):
        return Wrong(f"inputs of the shape passed in, {shape}", f"input shape {model.input_shape}")
    return None


def _head(model: Any, n_classes: int) -> Wrong | None:
    if model.output_shape != (None, n_classes):
        return Wrong(f"one output a class, shape (None, {n_classes})", f"output shape {model.output_shape}")
    if activations(model)[-1:] != ["softmax"]:
        return Wrong(
            "outputs that are probabilities over the classes", f"{activations(model)[-1:]} at the end"
        )
    return None


def _dense(model: Any, wanted: list[int]) -> Wrong | None:
    if units(model) != wanted:
        return Wrong(f"dense layers of {wanted} units", f"{units(model)}")
    if activations(model)[:-1] != ["relu"] * (len(wanted) - 1):
        return Wrong("a ReLU in every dense layer before the last", f"{activations(model)}")
    return None


def _last_activation(name: str, kind: str) -> Any:
    def same(a: Answers, ctx: Context) -> bool:
        return activations(getattr(a, name)[0])[-1:] == [kind]

    return same


def _first_pool_unpadded(a: Answers, ctx: Context) -> bool:
    pools = layers_of(a.build_cnn[0], "MaxPooling2D")
    return bool(pools) and pools[0].padding == "valid"


# TODO 10: the dense network, held back ---------------------------------------------------

_HELD_BACK = (8, 0.3, 0.01)  # units, dropout, weight of L2: as in the text of the lab


def _judge_regularised(a: Answers, ctx: Context) -> Wrong | None:
    hidden, rate, weight = _HELD_BACK
    for model, (shape, n_classes) in zip(a.build_regularised, _mlp_inputs(ctx), strict=True):
        wrong = _input(model, shape) or _head(model, n_classes) or _dense(model, [hidden, n_classes])
        if wrong:
            return wrong
        if [round(layer.rate, 6) for layer in layers_of(model, "Dropout")] != [rate]:
            return Wrong("one dropout layer of the rate in the table", "another number or rate")
        found = _penalties(model)
        if found != [weight, 0.0]:
            return Wrong("an L2 penalty of the given weight on the hidden layer alone", f"weights {found}")
        kinds = [type(layer).__name__ for layer in model.layers]
        if kinds.index("Dropout") < kinds.index("Dense"):
            return Wrong("dropout behind the hidden layer", "dropout before it")
    return None


def _penalties(model: Any) -> list[float]:
    """Return the weight of the L2 penalty of each layer with weights, 0 without one."""
    found = []
    for layer in layers_of(model, "Dense", "Conv2D"):
        regularizer = layer.kernel_regularizer
        found.append(round(float(getattr(regularizer, "l2", 0.0)), 8) if regularizer else 0.0)
    return found


# TODO 12: the convolutional network, tuned ------------------------------------------------


def _judge_tuned(a: Answers, ctx: Context) -> Wrong | None:
    from labs_lib.models import environment_cnn_tuned

    for model, (shape, n_classes) in zip(a.build_tuned, _cnn_inputs(ctx), strict=True):
        wrong = _input(model, shape) or _head(model, n_classes) or _dense(model, [32, n_classes])
        if wrong:
            return wrong
        channels = [layer.gamma.shape[0] for layer in layers_of(model, "BatchNormalization")]
        if channels != [16, 32]:
            return Wrong(
                "batch normalisation behind the second pooling (16 channels) and the third convolution (32)",
                f"of {channels or 'no'} channels",
            )
        if _penalties(model) != [0.001] * 4 + [0.0]:
            return Wrong(
                "an L2 penalty of the given weight on all layers but the last", f"{_penalties(model)}"
            )
        right = environment_cnn_tuned(shape, n_classes).count_params()
        if model.count_params() != right:
            return Wrong(f"{right:,} parameters for input {shape}", f"{model.count_params():,}")
    return None


MLP = Exercise(
    "mlp",
    "The dense network",
    2,
    {"build_mlp": Function(_mlp_inputs, Model())},
    _judge_mlp,
    (
        Mistake(
            "not_flattened",
            lambda a, ctx: len(a.build_mlp[0].output_shape) > 2,
            "A dense layer acts on the last axis only: without flattening every mel band gets its own "
            "answer.",
        ),
        Mistake(
            "no_softmax",
            _last_activation("build_mlp", "linear"),
            "The outputs are any numbers. Which activation makes them positive with sum 1?",
        ),
        Mistake(
            "sigmoid",
            _last_activation("build_mlp", "sigmoid"),
            "With a sigmoid each class is a yes or no of its own. Here exactly one class is right.",
        ),
        Mistake(
            "classes_typed_in",
            lambda a, ctx: a.build_mlp[1].output_shape == a.build_mlp[0].output_shape,
            "The network always has the same number of outputs: use the argument n_classes.",
        ),
    ),
    where="Input, Flatten, then the dense layers of the table.",
)

CNN = Exercise(
    "cnn",
    "The convolutional network",
    3,
    {"build_cnn": Function(_cnn_inputs, Model())},
    _judge_cnn,
    (
        Mistake(
            "no_softmax",
            _last_activation("build_cnn", "linear"),
            "The outputs are any numbers. Which activation makes them positive with sum 1?",
        ),
        Mistake(
            "linear_convolution",
            lambda a, ctx: any(
                c.activation.__name__ == "linear" for c in layers_of(a.build_cnn[0], "Conv2D")
            ),
            "A convolution has no activation unless you give it one; without, the first layers together "
            "are one linear map.",
        ),
        Mistake(
            "dropout_missing",
            lambda a, ctx: not layers_of(a.build_cnn[0], "Dropout"),
            "The dropout layer of the table is missing.",
        ),
        Mistake(
            "pool_not_padded",
            _first_pool_unpadded,
            "The count differs by what the first pooling throws away: 214 columns do not divide by 3. The "
            "table asks for padding there.",
        ),
        Mistake(
            "classes_typed_in",
            lambda a, ctx: a.build_cnn[1].output_shape == a.build_cnn[0].output_shape,
            "The network always has the same number of outputs: use the argument n_classes.",
        ),
    ),
    where="Follow the table row by row; model.summary() shows the shape after each layer.",
)

REGULARISED = Exercise(
    "regularised",
    "The dense network, held back",
    2,
    {"build_regularised": Function(_mlp_inputs, Model())},
    _judge_regularised,
    (
        Mistake(
            "no_penalty",
            lambda a, ctx: not any(_penalties(a.build_regularised[0])),
            "The L2 penalty is missing: see the argument kernel_regularizer of a dense layer.",
        ),
        Mistake(
            "penalty_everywhere",
            lambda a, ctx: all(_penalties(a.build_regularised[0])),
            "The output layer is penalised too; the table asks for the hidden layer alone.",
        ),
        Mistake(
            "no_dropout",
            lambda a, ctx: not layers_of(a.build_regularised[0], "Dropout"),
            "The dropout layer of the table is missing.",
        ),
        Mistake(
            "dropout_keeps",
            lambda a, ctx: [round(d.rate, 6) for d in layers_of(a.build_regularised[0], "Dropout")] == [0.7],
            "The rate of a dropout layer is the share that is dropped, not the share that is kept.",
        ),
        Mistake(
            "same_size",
            lambda a, ctx: units(a.build_regularised[0])[:1] == [16],
            "The hidden layer still has 16 units. Fewer of them can learn less by heart.",
        ),
    ),
    where="Input, Flatten, then the three rows of the table.",
)

TUNED = Exercise(
    "tuned",
    "The convolutional network, tuned",
    2,
    {"build_tuned": Function(_cnn_inputs, Model())},
    _judge_tuned,
    (
        Mistake(
            "no_normalisation",
            lambda a, ctx: not layers_of(a.build_tuned[0], "BatchNormalization"),
            "There is no batch normalisation in it.",
        ),
        Mistake(
            "too_much_normalisation",
            lambda a, ctx: len(layers_of(a.build_tuned[0], "BatchNormalization")) > 2,
            "There is a batch normalisation behind more places than the text names.",
        ),
        Mistake(
            "no_penalty",
            lambda a, ctx: not any(_penalties(a.build_tuned[0])),
            "The L2 penalty is missing: see the argument kernel_regularizer, which convolutions have as well.",
        ),
        Mistake(
            "convolutions_only",
            lambda a, ctx: _penalties(a.build_tuned[0]) == [0.001] * 3 + [0.0, 0.0],
            "The dense layer in the middle has no penalty, and it holds nearly all the weights.",
        ),
        Mistake(
            "pool_not_padded",
            lambda a, ctx: [p.padding for p in layers_of(a.build_tuned[0], "MaxPooling2D")][:1] == ["valid"],
            "The first pooling is no longer padded as in the network before.",
        ),
    ),
    where="The network of TODO 11, with the two additions of the text; model.summary() shows the shapes.",
    needs=("cnn",),
)
