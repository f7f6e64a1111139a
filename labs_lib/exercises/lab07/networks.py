"""Exercises of lab 07 on recurrent networks: parameters by hand, a GRU, convolutions before it."""

from __future__ import annotations

from typing import Any

from labs_lib.exercises.answers import Function, Model, Number
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong
from labs_lib.exercises.lab07.common import Answers
from labs_lib.exercises.networks import activations, layers_of

FRAMES, COEFFICIENTS, N_CLASSES = 130, 13, 10

# TODO 3: parameters -----------------------------------------------------------------------


def _gru(m: int, n: int) -> int:
    return 3 * n * (m + n + 2)


def _lstm(m: int, n: int) -> int:
    return 4 * n * (m + n + 1)


def _judge_counts(a: Answers, ctx: Context) -> Wrong | None:
    n = ctx["units"]
    for name, given, right in (
        ("GRU", a.gru_parameters, _gru(COEFFICIENTS, n)),
        ("LSTM", a.lstm_parameters, _lstm(COEFFICIENTS, n)),
    ):
        if given != right:
            return Wrong(
                f"the parameters of a layer {name}({n}) that is given 13 numbers a frame", f"{given:g}"
            )
    return None


def _counted(gru: Any, lstm: Any) -> Any:
    """Return a predicate: one of the counts follows a wrong formula, the other the same or the right one."""

    def same(a: Answers, ctx: Context) -> bool:
        n = ctx["units"]
        pairs = (
            (a.gru_parameters, gru(COEFFICIENTS, n), _gru(COEFFICIENTS, n)),
            (a.lstm_parameters, lstm(COEFFICIENTS, n), _lstm(COEFFICIENTS, n)),
        )
        return all(given in (wrong, right) for given, wrong, right in pairs)

    return same


def _exchanged(a: Answers, ctx: Context) -> bool:
    n = ctx["units"]
    return a.gru_parameters == _lstm(COEFFICIENTS, n) and a.lstm_parameters == _gru(COEFFICIENTS, n)


# TODO 4: a recurrent network ----------------------------------------------------------------


def _shapes(ctx: Context) -> list[tuple[tuple[int, int], int, int]]:
    return [((FRAMES, COEFFICIENTS), N_CLASSES, ctx["units"]), ((20, 7), 4, ctx["units"] + 3)]


def _ends(model: Any, shape: tuple[int, int], n_classes: int) -> Wrong | None:
    """Judge what goes in and what comes out."""
    if model.input_shape != (None, *shape):
        return Wrong(f"inputs of the shape passed in, {shape}", f"input shape {model.input_shape}")
    if model.output_shape != (None, n_classes):
        return Wrong(f"one output a class, shape (None, {n_classes})", f"output shape {model.output_shape}")
    if activations(model)[-1:] != ["softmax"]:
        return Wrong(
            "outputs that are probabilities over the classes", f"{activations(model)[-1:]} at the end"
        )
    return None


def _judge_rnn(a: Answers, ctx: Context) -> Wrong | None:
    from labs_lib.models import rnn

    for model, (shape, n_classes, units) in zip(a.build_rnn, _shapes(ctx), strict=True):
        kinds = [
            type(layer).__name__ for layer in layers_of(model, "GRU", "LSTM", "SimpleRNN", "Bidirectional")
        ]
        if kinds != ["GRU"]:
            return Wrong("one GRU layer", f"{', '.join(kinds) or 'no recurrent layer'}")
        wrong = _ends(model, shape, n_classes)
        if wrong:
            return wrong
        if [layer.rate for layer in layers_of(model, "Dropout")] != [0.3]:
            return Wrong("one dropout layer of the rate in the table", "another number or rate")
        right = rnn(shape, n_classes, units).count_params()
        if model.count_params() != right:
            return Wrong(
                f"{right:,} parameters for build_rnn({shape}, {n_classes}, {units})",
                f"{model.count_params():,}",
            )
    return None


def _input_turned(name: str) -> Any:
    def same(a: Answers, ctx: Context) -> bool:
        return all(
            model.input_shape == (None, *shape[::-1])
            or any(type(layer).__name__ == "Permute" for layer in model.layers)
            for model, (shape, _, _) in zip(getattr(a, name), _shapes(ctx), strict=True)
        )

    return same


def _every_state(a: Answers, ctx: Context) -> bool:
    layers = [layer for model in a.build_rnn for layer in layers_of(model, "GRU")]
    return bool(layers) and all(layer.return_sequences for layer in layers)


def _no_softmax(name: str) -> Any:
    return lambda a, ctx: all(activations(model)[-1:] != ["softmax"] for model in getattr(a, name))


def _units_typed_in(name: str) -> Any:
    def same(a: Answers, ctx: Context) -> bool:
        given = {layer.units for model in getattr(a, name) for layer in layers_of(model, "GRU")}
        return len(given) == 1

    return same


# TODO 5: convolutions first -----------------------------------------------------------------


def _judge_crnn(a: Answers, ctx: Context) -> Wrong | None:
    from labs_lib.models import crnn

    for model, (shape, n_classes, units) in zip(a.build_crnn, _shapes(ctx), strict=True):
        wrong = _ends(model, shape, n_classes)
        if wrong:
            return wrong
        found = [(layer.filters, *layer.kernel_size) for layer in layers_of(model, "Conv1D")]
        if found != [(32, 5), (48, 5)]:
            return Wrong(
                "the two convolutions of the table, over time", f"(filters, frames): {found or 'none'}"
            )
        if len(layers_of(model, "GRU")) != 1:
            return Wrong("one GRU behind the convolutions", f"{len(layers_of(model, 'GRU'))} of them")
        right = crnn(shape, n_classes, units)
        steps, wanted = _steps(model), _steps(right)
        if steps != wanted:
            return Wrong(f"a GRU that takes {wanted} steps for {shape[0]} frames", f"{steps} steps")
        if model.count_params() != right.count_params():
            return Wrong(f"{right.count_params():,} parameters", f"{model.count_params():,}")
    return None


def _steps(model: Any) -> int:
    """Return how many steps the recurrent layer of a network takes."""
    return int(layers_of(model, "GRU")[0].input.shape[1])


def _not_pooled(a: Answers, ctx: Context) -> bool:
    return all(not layers_of(model, "MaxPooling1D") for model in a.build_crnn)


def _not_padded(a: Answers, ctx: Context) -> bool:
    layers = [layer for model in a.build_crnn for layer in layers_of(model, "Conv1D", "MaxPooling1D")]
    return any(layer.padding != "same" for layer in layers)


def _not_recurrent(a: Answers, ctx: Context) -> bool:
    return all(not layers_of(model, "GRU", "LSTM", "SimpleRNN") for model in a.build_crnn)


def _with_bias(a: Answers, ctx: Context) -> bool:
    return any(layer.use_bias for model in a.build_crnn for layer in layers_of(model, "Conv1D"))


_ORDER = "The input is turned around. A recurrent layer steps along the first axis and reads the second at each step: "

EXERCISES = (
    Exercise(
        "counts",
        "Count the parameters of GRU and LSTM",
        2,
        {"gru_parameters": Number(integer=True), "lstm_parameters": Number(integer=True)},
        _judge_counts,
        (
            Mistake("exchanged", _exchanged, "The two are exchanged: which of the cells has more gates?"),
            Mistake(
                "one_bias",
                _counted(lambda m, n: 3 * n * (m + n + 1), _lstm),
                "In Keras each gate of a GRU has two biases, one beside each of its matrices (see reset_after in "
                "keras.layers.GRU).",
            ),
            Mistake(
                "two_biases",
                _counted(_gru, lambda m, n: 4 * n * (m + n + 2)),
                "Two biases a gate are the GRU's; the LSTM of Keras has one.",
            ),
            Mistake(
                "no_biases",
                _counted(lambda m, n: 3 * n * (m + n), lambda m, n: 4 * n * (m + n)),
                "The matrices are right; the biases are missing.",
            ),
            Mistake(
                "no_feedback",
                _counted(lambda m, n: 3 * n * (m + 2), lambda m, n: 4 * n * (m + 1)),
                "The matrix that is applied to the old state is missing: how large is it?",
            ),
            Mistake(
                "one_gate",
                _counted(lambda m, n: n * (m + n + 2), lambda m, n: n * (m + n + 1)),
                "This counts one set of matrices. A GRU has three of them, an LSTM four.",
            ),
            Mistake(
                "frames",
                _counted(lambda m, n: _gru(FRAMES, n), lambda m, n: _lstm(FRAMES, n)),
                "The number of frames is in it. All steps share the same matrices; how long is what is read at "
                "one step?",
            ),
        ),
        where="Each gate has a matrix for what is read (13 by units), one for the old state (units by units), and "
        "biases.",
    ),
    Exercise(
        "rnn",
        "Build a recurrent network",
        2,
        {"build_rnn": Function(_shapes, Model())},
        _judge_rnn,
        (
            Mistake(
                "turned",
                _input_turned("build_rnn"),
                _ORDER + "which of frames and coefficients is time?",
            ),
            Mistake(
                "every_state",
                _every_state,
                "The GRU hands on its state after every frame (return_sequences). What comes behind sees each of "
                "them; the answer is wanted from the last.",
            ),
            Mistake("no_softmax", _no_softmax("build_rnn"), "The last layer lacks the softmax of the table."),
            Mistake(
                "units_typed_in",
                _units_typed_in("build_rnn"),
                "The GRU has the same number of units whatever is passed in: use `units`.",
            ),
            Mistake(
                "other_cell",
                lambda a, ctx: all(layers_of(m, "LSTM", "SimpleRNN") for m in a.build_rnn),
                "This is another recurrent layer than the one in the table.",
            ),
        ),
        where="keras.layers.GRU(units) takes (frames, coefficients) and returns its last state.",
        needs=("counts",),
    ),
    Exercise(
        "crnn",
        "Convolutions before the GRU",
        2,
        {"build_crnn": Function(_shapes, Model())},
        _judge_crnn,
        (
            Mistake(
                "turned",
                _input_turned("build_crnn"),
                _ORDER + "convolutions, too, are to slide over time.",
            ),
            Mistake(
                "not_recurrent",
                _not_recurrent,
                "There is no GRU left: the convolutions alone do not remember.",
            ),
            Mistake(
                "not_pooled",
                _not_pooled,
                "Nothing is pooled, so the GRU still takes a step for each frame and is as slow as before.",
            ),
            Mistake(
                "not_padded",
                _not_padded,
                'Frames are lost at the edges: the table asks for padding="same" in convolutions and pooling.',
            ),
            Mistake(
                "bias",
                _with_bias,
                "The convolutions have biases. Batch normalisation behind them subtracts the mean, and with it any "
                "bias: the table leaves it out.",
            ),
            Mistake(
                "no_softmax", _no_softmax("build_crnn"), "The last layer lacks the softmax of the table."
            ),
            Mistake(
                "units_typed_in",
                _units_typed_in("build_crnn"),
                "The GRU has the same number of units whatever is passed in: use `units`.",
            ),
        ),
        where="Build the table from top to bottom: each block is Conv1D, MaxPooling1D, BatchNormalization, ReLU.",
        needs=("rnn",),
    ),
)
