"""Exercises of lab 06 on the networks: one builder for six dense ones, one for seven convolutional ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labs_lib.exercises.answers import Function, Model
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong
from labs_lib.exercises.lab06.common import FRAMES, N_CLASSES, Answers, Predicate
from labs_lib.exercises.networks import activations, layers_of, units

# TODO 7: dense networks -------------------------------------------------------------------

DenseProbe = tuple[tuple[int, int], int, tuple[int, ...], float, float, bool]

# Positions of the networks among the probes.
_PLAIN, _HELD_BACK, _NORMALISED = 0, 1, 2


def _dense_probes(ctx: Context) -> list[DenseProbe]:
    rng = ctx.rng(7)
    width, rate = int(rng.integers(10, 40)), float(rng.integers(1, 4)) / 10
    shape = (FRAMES, ctx["n_mfcc"])
    return [
        (shape, N_CLASSES, (512, 256, 128, 64, 32), 0.0, 0.0, False),
        ((20, 5), 4, (width, 8, 6), 0.002, rate, False),
        ((20, 5), 4, (width, 8), 0.0, 0.0, True),
    ]


def _penalties(model: Any) -> list[float]:
    """Return the weight of the L2 penalty of each dense or convolutional layer, 0 without one."""
    found = []
    for layer in layers_of(model, "Dense", "Conv2D"):
        regularizer = layer.kernel_regularizer
        found.append(round(float(getattr(regularizer, "l2", 0.0)), 8) if regularizer else 0.0)
    return found


def _rates(model: Any) -> list[float]:
    return [round(layer.rate, 6) for layer in layers_of(model, "Dropout")]


def _frame(model: Any, shape: tuple[int, ...], n_classes: int) -> Wrong | None:
    """Judge input and output."""
    if model.input_shape != (None, *shape):
        return Wrong(f"inputs of the shape passed in, {shape}", f"input shape {model.input_shape}")
    if model.output_shape != (None, n_classes):
        return Wrong(f"one output a class, shape (None, {n_classes})", f"output shape {model.output_shape}")
    if activations(model)[-1:] != ["softmax"]:
        return Wrong(
            "outputs that are probabilities over the classes", f"{activations(model)[-1:]} at the end"
        )
    return None


def _judge_dense(a: Answers, ctx: Context) -> Wrong | None:
    from labs_lib.models import genre_mlp

    for model, probe in zip(a.build_ffnn, _dense_probes(ctx), strict=True):
        shape, n_classes, hidden, l2, dropout, normalised = probe
        wrong = _frame(model, shape, n_classes)
        if wrong:
            return wrong
        if units(model) != [*hidden, n_classes]:
            return Wrong(f"dense layers of {[*hidden, n_classes]} units", f"{units(model)}")
        if activations(model)[:-1] != ["relu"] * len(hidden):
            return Wrong("a ReLU in every hidden layer", f"{activations(model)}")
        if _penalties(model) != [l2] * len(hidden) + [0.0]:
            return Wrong(f"L2 penalties of {[l2] * len(hidden) + [0.0]} for l2={l2}", f"{_penalties(model)}")
        wanted = [dropout] * len(hidden) if dropout else []
        if [rate for rate in _rates(model) if rate] != wanted:
            return Wrong(f"dropout of {wanted or 'no rate'} for dropout={dropout}", f"{_rates(model)}")
        right = genre_mlp(shape, n_classes, hidden, l2=l2, dropout=dropout, normalised=normalised)
        if _normalised(model) != _normalised(right):
            return Wrong(
                f"batch normalisation of {_normalised(right) or 'nothing'} for normalised={normalised}",
                f"of {_normalised(model) or 'nothing'}",
            )
        if model.count_params() != right.count_params():
            return Wrong(f"{right.count_params():,} parameters", f"{model.count_params():,}")
    return None


def _normalised(model: Any) -> list[int]:
    """Return how many numbers each batch normalisation shifts and scales."""
    return [int(layer.gamma.shape[0]) for layer in layers_of(model, "BatchNormalization")]


def _of_dense(which: int, rule: Callable[[Any, DenseProbe], bool]) -> Predicate:
    return lambda a, ctx: rule(a.build_ffnn[which], _dense_probes(ctx)[which])


def _last_is(answer: str, kind: str) -> Predicate:
    return lambda a, ctx: activations(getattr(a, answer)[0])[-1:] == [kind]


DENSE = Exercise(
    "ffnn",
    "Six dense networks, one builder",
    3,
    {"build_ffnn": Function(_dense_probes, Model())},
    _judge_dense,
    (
        Mistake(
            "not_flattened",
            lambda a, ctx: len(a.build_ffnn[0].output_shape) > 2,
            "A dense layer acts on the last axis only: without flattening every frame gets its own answer.",
        ),
        Mistake(
            "no_softmax",
            _last_is("build_ffnn", "linear"),
            "The outputs are any numbers. Which activation makes them positive with sum 1?",
        ),
        Mistake(
            "linear",
            _of_dense(_PLAIN, lambda m, p: "linear" in activations(m)[:-1]),
            "A dense layer has no activation unless you give it one; without, all layers together are one linear map.",
        ),
        Mistake(
            "hidden_ignored",
            _of_dense(_HELD_BACK, lambda m, p: units(m)[:-1] != list(p[2])),
            "The hidden layers are the same whatever is asked for: go through the argument hidden.",
        ),
        Mistake(
            "no_penalty",
            _of_dense(_HELD_BACK, lambda m, p: not any(_penalties(m))),
            "The L2 penalty is missing: see the argument kernel_regularizer of a dense layer.",
        ),
        Mistake(
            "penalty_everywhere",
            _of_dense(_HELD_BACK, lambda m, p: all(_penalties(m))),
            "The output layer is penalised too; the text asks for the hidden layers alone.",
        ),
        Mistake(
            "no_dropout",
            _of_dense(_HELD_BACK, lambda m, p: not _rates(m)),
            "There is no dropout layer where one is asked for.",
        ),
        Mistake(
            "dropout_once",
            _of_dense(_HELD_BACK, lambda m, p: len(_rates(m)) == 1),
            "One dropout layer alone; each hidden layer is to have one behind it.",
        ),
        Mistake(
            "dropout_keeps",
            _of_dense(_HELD_BACK, lambda m, p: set(_rates(m)) == {round(1 - p[4], 6)}),
            "The rate of a dropout layer is the share that is dropped, not the share that is kept.",
        ),
        Mistake(
            "never_normalised",
            _of_dense(_NORMALISED, lambda m, p: not _normalised(m)),
            "There is no batch normalisation where normalised=True asks for it.",
        ),
        Mistake(
            "always_normalised",
            _of_dense(_PLAIN, lambda m, p: bool(_normalised(m))),
            "There is batch normalisation where nobody asked for it: see the argument normalised.",
        ),
        Mistake(
            "input_not_normalised",
            _of_dense(_NORMALISED, lambda m, p: _normalised(m) == list(p[2])),
            "Every hidden layer is normalised, the flattened input is not. The count of 5300 parameters that are not "
            "trained includes it.",
        ),
    ),
    where="Input, Flatten, then one dense layer for each number in hidden, with what is asked for behind it.",
)


# TODO 11: convolutional networks ----------------------------------------------------------

CnnProbe = tuple[tuple[int, int, int], int, tuple[int, ...]]


def _cnn_probes(ctx: Context) -> list[CnnProbe]:
    from labs_lib.models import filter_combinations

    rng = ctx.rng(11)
    first = filter_combinations(ctx["cnns"])[0]
    others = tuple(int(width) for width in rng.permutation([2, 3, 4, 5]))
    return [((FRAMES, ctx["n_mfcc"], 1), N_CLASSES, first), ((70, 13, 1), 4, others)]


def _judge_cnn(a: Answers, ctx: Context) -> Wrong | None:
    from labs_lib.models import genre_cnn

    for model, (shape, n_classes, filters) in zip(a.build_cnn, _cnn_probes(ctx), strict=True):
        wrong = _frame(model, shape, n_classes)
        if wrong:
            return wrong
        convolutions = layers_of(model, "Conv2D")
        found = [(layer.filters, *layer.kernel_size) for layer in convolutions]
        wanted = [(width, size, size) for width, size in zip(filters, (3, 3, 2, 1), strict=True)]
        if found != wanted:
            return Wrong(f"convolutions of (filters, height, width) {wanted}", f"{found or 'none'}")
        if any(layer.activation.__name__ != "relu" for layer in convolutions):
            return Wrong("a ReLU in every convolution", f"{[c.activation.__name__ for c in convolutions]}")
        if units(model) != [64, n_classes] or activations(model)[0] != "relu":
            return Wrong(
                f"dense layers of 64 (ReLU) and {n_classes} units", f"{units(model)}, {activations(model)}"
            )
        if _penalties(model) != [1e-4] * 4 + [0.0, 0.0]:
            return Wrong("an L2 penalty of 0.0001 on the convolutions alone", f"{_penalties(model)}")
        if _pools(model) != [((size, size), (2, 2), "same") for size in (2, 3, 3, 2)]:
            return Wrong("the four poolings of the table: size, stride, padding", f"{_pools(model)}")
        if _normalised(model) != list(filters):
            return Wrong("batch normalisation in every block", f"of {_normalised(model) or 'nothing'}")
        if _rates(model) != [0.2] * 4 + [0.3]:
            return Wrong("the five dropouts of the table", f"{_rates(model) or 'none'}")
        if [layer.momentum for layer in layers_of(model, "BatchNormalization")] != [0.9] * 4:
            return Wrong("batch normalisation with momentum=0.9", "another momentum")
        right = genre_cnn(shape, n_classes, filters).count_params()
        if model.count_params() != right:
            return Wrong(
                f"{right:,} parameters for input {shape} and filters {filters}", f"{model.count_params():,}"
            )
    return None


def _pools(model: Any) -> list[tuple[tuple[int, ...], tuple[int, ...], str]]:
    return [
        (tuple(pool.pool_size), tuple(pool.strides), pool.padding)
        for pool in layers_of(model, "MaxPooling2D")
    ]


CNN = Exercise(
    "cnn",
    "Seven convolutional networks, one builder",
    3,
    {"build_cnn": Function(_cnn_probes, Model())},
    _judge_cnn,
    (
        Mistake(
            "no_softmax",
            _last_is("build_cnn", "linear"),
            "The outputs are any numbers. Which activation makes them positive with sum 1?",
        ),
        Mistake(
            "filters_ignored",
            lambda a, ctx: (
                [c.filters for c in layers_of(a.build_cnn[1], "Conv2D")]
                == [c.filters for c in layers_of(a.build_cnn[0], "Conv2D")]
            ),
            "The convolutions are the same whatever is asked for: use the argument filters.",
        ),
        Mistake(
            "linear_convolution",
            lambda a, ctx: any(
                c.activation.__name__ == "linear" for c in layers_of(a.build_cnn[0], "Conv2D")
            ),
            "A convolution has no activation unless you give it one.",
        ),
        Mistake(
            "own_stride",
            lambda a, ctx: (
                [stride for _, stride, _ in _pools(a.build_cnn[0])] == [(2, 2), (3, 3), (3, 3), (2, 2)]
            ),
            "A pooling moves on by its own size unless told otherwise; the table asks for steps of 2.",
        ),
        Mistake(
            "no_penalty",
            lambda a, ctx: not any(_penalties(a.build_cnn[0])),
            "The L2 penalty is missing: see the argument kernel_regularizer, which convolutions have as well.",
        ),
        Mistake(
            "no_normalisation",
            lambda a, ctx: not _normalised(a.build_cnn[0]),
            "There is no batch normalisation in it.",
        ),
        Mistake(
            "momentum",
            lambda a, ctx: (
                {layer.momentum for layer in layers_of(a.build_cnn[0], "BatchNormalization")} == {0.99}
            ),
            "Batch normalisation has its usual momentum, which forgets over hundreds of updates. A short training "
            "does not have so many, and the network would be tested with statistics of its first steps.",
        ),
        Mistake(
            "no_dropout",
            lambda a, ctx: not _rates(a.build_cnn[0]),
            "The dropout layers of the table are missing.",
        ),
        Mistake(
            "one_dropout",
            lambda a, ctx: _rates(a.build_cnn[0]) == [0.2] * 4,
            "The dropout of 0.3 behind the dense layer is missing.",
        ),
    ),
    where="A loop over filters, kernels and pools for the four blocks, then the rest of the table.",
)
