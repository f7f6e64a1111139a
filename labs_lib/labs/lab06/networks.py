"""Exercises of lab 06 on the networks: one builder for six dense ones, one for seven convolutional ones."""

from __future__ import annotations

from labs_engine.declare.answers import Function
from labs_engine.declare.framework import Context, Exercise, Mistake
from labs_lib.kinds.models import Model
from labs_lib.kinds.networks import ignores_size, units
from labs_lib.labs.lab06.common import FRAMES, N_CLASSES
from labs_lib.models.table import Network, Row, l2, layers

Shape = tuple[int, ...]

_NO_SOFTMAX = "The outputs are any numbers. Which activation makes them positive with sum 1?"

# TODO 7: dense networks -------------------------------------------------------------------

DenseProbe = tuple[Shape, int, Shape, float, float, bool]


def _dense_probes(ctx: Context) -> list[DenseProbe]:
    """Return arguments of a plain network, of a regularised one, and of one with batch normalisation."""
    rng = ctx.rng(7)
    width, rate = int(rng.integers(10, 40)), float(rng.integers(1, 4)) / 10
    shape = (FRAMES, ctx["n_mfcc"])
    return [
        (shape, N_CLASSES, (512, 256, 128, 64, 32), 0.0, 0.0, False),
        ((20, 5), 4, (width, 8, 6), 0.002, rate, False),
        ((20, 5), 4, (width, 8), 0.0, 0.0, True),
    ]


def _dense(
    shape: Shape, n_classes: int, hidden: Shape, penalty: float, dropout: float, normalised: bool
) -> Network:
    regularised = {"kernel_regularizer": l2(penalty)} if penalty else {}
    normalisation = [layers.BatchNormalization(momentum=0.9)] if normalised else []
    dropping = [layers.Dropout(dropout)] if dropout else []
    rows: list[Row] = [layers.Flatten(), *normalisation]
    for width in hidden:
        rows += [layers.Dense(width, activation="relu", **regularised), *normalisation, *dropping]
    return Network(shape, (*rows, layers.Dense(n_classes, activation="softmax")))


DENSE = Exercise(
    name="ffnn",
    title="Six dense networks, one builder",
    points=3,
    answers={"build_ffnn": Function(_dense_probes, Model())},
    right=_dense,
    mistakes=[
        Mistake(
            "not_flattened",
            wrong=lambda *asked: _dense(*asked).without(0),
            hint="A dense layer acts on the last axis only: without flattening every frame gets its own answer.",
        ),
        Mistake(
            "no_softmax", wrong=lambda *asked: _dense(*asked).changed(-1, activation=None), hint=_NO_SOFTMAX
        ),
        Mistake(
            "linear",
            wrong=lambda *asked: _dense(*asked).changed_all("Dense", but=-1, activation=None),
            hint="A dense layer has no activation unless you give it one; without, all layers together are one "
            "linear map.",
        ),
        Mistake(
            "hidden_ignored",
            lambda a, ctx: units(a.build_ffnn[1])[:-1] == units(a.build_ffnn[2])[:-1],
            wrong=lambda shape, n, hidden, *more: _dense(shape, n, (512, 256, 128, 64, 32), *more),
            hint="The hidden layers are the same whatever is asked for: go through the argument hidden.",
        ),
        Mistake(
            "penalty_everywhere",
            wrong=lambda *asked: _dense(*asked).changed(-1, kernel_regularizer=l2(asked[3])),
            hint="The output layer is penalised too; the text asks for the hidden layers alone.",
        ),
        Mistake(
            "dropout_keeps",
            wrong=lambda shape, n, hidden, penalty, rate, normalised: _dense(
                shape, n, hidden, penalty, 1 - rate if rate else 0.0, normalised
            ),
            hint="The rate of a dropout layer is the share that is dropped, not the share that is kept.",
        ),
        Mistake(
            "always_normalised",
            wrong=lambda shape, n, hidden, penalty, rate, _: _dense(shape, n, hidden, penalty, rate, True),
            hint="There is batch normalisation where nobody asked for it: see the argument normalised.",
        ),
        Mistake(
            "input_not_normalised",
            wrong=lambda *asked: _dense(*asked).without(1) if asked[-1] else _dense(*asked),
            hint="Every hidden layer is normalised, the flattened input is not. The count of 5300 parameters that "
            "are not trained includes it.",
        ),
    ],
    fallback_hint="Input, Flatten, then one dense layer for each number in hidden, with what is asked for behind it.",
)


# TODO 11: convolutional networks ----------------------------------------------------------

CnnProbe = tuple[Shape, int, Shape]


def _cnn_probes(ctx: Context) -> list[CnnProbe]:
    from labs_lib.models import filter_combinations

    rng = ctx.rng(11)
    first = filter_combinations(ctx["cnns"])[0]
    others = tuple(int(width) for width in rng.permutation([2, 3, 4, 5]))
    return [((FRAMES, ctx["n_mfcc"], 1), N_CLASSES, first), ((70, 13, 1), 4, others)]


def _cnn(shape: Shape, n_classes: int, filters: Shape) -> Network:
    rows: list[Row] = []
    for width, kernel, pool in zip(filters, (3, 3, 2, 1), (2, 3, 3, 2), strict=True):
        rows += [
            layers.Conv2D(width, kernel, activation="relu", kernel_regularizer=l2(1e-4)),
            layers.MaxPooling2D(pool, strides=2, padding="same"),
            layers.BatchNormalization(momentum=0.9),
            layers.Dropout(0.2),
        ]
    rows += [layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dropout(0.3)]
    return Network(shape, (*rows, layers.Dense(n_classes, activation="softmax")))


CNN = Exercise(
    name="cnn",
    title="Seven convolutional networks, one builder",
    points=3,
    answers={"build_cnn": Function(_cnn_probes, Model())},
    right=_cnn,
    mistakes=[
        Mistake(
            "no_softmax", wrong=lambda *asked: _cnn(*asked).changed(-1, activation=None), hint=_NO_SOFTMAX
        ),
        Mistake(
            "filters_ignored",
            ignores_size("build_cnn", "Conv2D", "filters"),
            wrong=lambda shape, n, filters: _cnn(shape, n, (32, 32, 32, 32)),
            hint="The convolutions are the same whatever is asked for: use the argument filters.",
        ),
        Mistake(
            "linear_convolution",
            wrong=lambda *asked: _cnn(*asked).changed_all("Conv2D", activation=None),
            hint="A convolution has no activation unless you give it one.",
        ),
        Mistake(
            "own_stride",
            wrong=lambda *asked: _cnn(*asked).changed_all("MaxPooling2D", strides=None),
            hint="A pooling moves on by its own size unless told otherwise; the table asks for steps of 2.",
        ),
        Mistake(
            "momentum",
            wrong=lambda *asked: _cnn(*asked).changed_all("BatchNormalization", momentum=0.99),
            hint="Batch normalisation has its usual momentum, which forgets over hundreds of updates. A short "
            "training does not have so many, and the network would be tested with statistics of its first steps.",
        ),
    ],
    fallback_hint="A loop over filters, kernels and pools for the four blocks, then the rest of the table.",
)
