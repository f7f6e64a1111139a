"""Exercises of lab 05 on the networks: dense, convolutional, and both of them regularised."""

from __future__ import annotations

from labs_engine.declare.answers import Function
from labs_engine.declare.framework import Context, Exercise, Mistake
from labs_lib.kinds.models import Model
from labs_lib.labs.lab05.common import N_CLASSES, frames
from labs_lib.models.environment import environment_cnn_table as _cnn
from labs_lib.models.environment import environment_cnn_tuned_table as _tuned
from labs_lib.models.environment import environment_mlp_table as _mlp
from labs_lib.models.table import Network, l2, layers

Shape = tuple[int, ...]


def _flat_inputs(ctx: Context) -> list[tuple[Shape, int]]:
    return [((ctx["n_mels"], frames(ctx)), N_CLASSES), ((20, 30), 4)]


def _images(ctx: Context) -> list[tuple[Shape, int]]:
    return [((ctx["n_mels"], frames(ctx), 1), N_CLASSES), ((40, 50, 1), 4)]


def _regularised(shape: Shape, n_classes: int) -> Network:
    hidden = layers.Dense(8, activation="relu", kernel_regularizer=l2(0.01))
    return Network(
        shape, (layers.Flatten(), hidden, layers.Dropout(0.3), layers.Dense(n_classes, activation="softmax"))
    )


_NO_SOFTMAX = "The outputs are any numbers. Which activation makes them positive with sum 1?"
_CLASSES_TYPED_IN = "The network always has the same number of outputs: use the argument n_classes."

MLP = Exercise(
    name="mlp",
    title="The dense network",
    points=2,
    answers={"build_mlp": Function(_flat_inputs, Model())},
    right=_mlp,
    mistakes=[
        Mistake(
            "not_flattened",
            wrong=lambda shape, n: _mlp(shape, n).without(0),
            hint="A dense layer acts on the last axis only: without flattening every mel band gets its own answer.",
        ),
        Mistake(
            "no_softmax", wrong=lambda shape, n: _mlp(shape, n).changed(-1, activation=None), hint=_NO_SOFTMAX
        ),
        Mistake(
            "sigmoid",
            wrong=lambda shape, n: _mlp(shape, n).changed(-1, activation="sigmoid"),
            hint="With a sigmoid each class is a yes or no of its own. Here exactly one class is right.",
        ),
        Mistake("classes_typed_in", wrong=lambda shape, n: _mlp(shape, N_CLASSES), hint=_CLASSES_TYPED_IN),
    ],
    fallback_hint="Input, Flatten, then the dense layers of the table.",
)

CNN = Exercise(
    name="cnn",
    title="The convolutional network",
    points=3,
    answers={"build_cnn": Function(_images, Model())},
    right=_cnn,
    mistakes=[
        Mistake(
            "no_softmax", wrong=lambda shape, n: _cnn(shape, n).changed(-1, activation=None), hint=_NO_SOFTMAX
        ),
        Mistake(
            "linear_convolution",
            wrong=[
                lambda shape, n, place=place: _cnn(shape, n).changed(place, activation=None)
                for place in (0, 2, 4)
            ],
            hint="A convolution has no activation unless you give it one; without, the first layers together "
            "are one linear map.",
        ),
        Mistake(
            "pool_not_padded",
            wrong=lambda shape, n: _cnn(shape, n).changed(1, padding="valid"),
            hint="The first pooling throws away what does not fill a window. The table asks for padding there.",
        ),
        Mistake("classes_typed_in", wrong=lambda shape, n: _cnn(shape, N_CLASSES), hint=_CLASSES_TYPED_IN),
    ],
    fallback_hint="Follow the table row by row; model.summary() shows the shape after each layer.",
)

REGULARISED = Exercise(
    name="regularised",
    title="The dense network, regularised",
    points=2,
    answers={"build_regularised": Function(_flat_inputs, Model())},
    right=_regularised,
    mistakes=[
        Mistake(
            "penalty_everywhere",
            wrong=lambda shape, n: _regularised(shape, n).changed(-1, kernel_regularizer=l2(0.01)),
            hint="The output layer is penalised too; the table asks for the hidden layer alone.",
        ),
        Mistake(
            "dropout_keeps",
            wrong=lambda shape, n: _regularised(shape, n).changed(2, 0.7),
            hint="The rate of a dropout layer is the share that is dropped, not the share that is kept.",
        ),
        Mistake(
            "same_size",
            wrong=lambda shape, n: _regularised(shape, n).changed(1, 16),
            hint="The hidden layer still has 16 units. With fewer of them a network can memorise less.",
        ),
    ],
    fallback_hint="Input, Flatten, then the three rows of the table.",
)

TUNED = Exercise(
    name="tuned",
    title="The convolutional network, tuned",
    points=2,
    answers={"build_tuned": Function(_images, Model())},
    right=_tuned,
    mistakes=[
        Mistake(
            "convolutions_only",
            wrong=lambda shape, n: _tuned(shape, n).changed(8, kernel_regularizer=None),
            hint="The dense layer in the middle has no penalty, and it holds nearly all the weights.",
        ),
    ],
    fallback_hint="The network of TODO 11, with the two additions of the text; model.summary() shows the shapes.",
    needs=("cnn",),
)
