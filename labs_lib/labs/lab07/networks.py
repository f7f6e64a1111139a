"""Exercises of lab 07 on recurrent networks: parameters by hand, a GRU, convolutions before it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from labs_engine.declare.answers import Function, Number
from labs_engine.declare.framework import Context, Exercise, Mistake
from labs_lib.kinds.models import Model
from labs_lib.kinds.networks import ignores_size
from labs_lib.models.table import Network, Row, layers

Shape = tuple[int, ...]

FRAMES, COEFFICIENTS, N_CLASSES = 130, 13, 10

# TODO 3: parameters -----------------------------------------------------------------------


def _gru(m: int, n: int) -> int:
    return 3 * n * (m + n + 2)


def _lstm(m: int, n: int) -> int:
    return 4 * n * (m + n + 1)


def _count(**formulas: Callable[[int, int], int]) -> dict[str, Callable[[Context], int]]:
    """Return counts as code: of 'gru' and 'lstm', by formulas of the numbers read at a step and the units."""

    def counting(formula: Callable[[int, int], int]) -> Callable[[Context], int]:
        return lambda run: formula(COEFFICIENTS, run["units"])

    return {f"{cell}_parameters": counting(formula) for cell, formula in formulas.items()}


# TODO 4: a recurrent network ----------------------------------------------------------------


def _shapes(ctx: Context) -> list[tuple[tuple[int, int], int, int]]:
    return [((FRAMES, COEFFICIENTS), N_CLASSES, ctx["units"]), ((20, 7), 4, ctx["units"] + 3)]


def _rnn(shape: Shape, n_classes: int, units: int) -> Network:
    return Network(
        shape, (layers.GRU(units), layers.Dropout(0.3), layers.Dense(n_classes, activation="softmax"))
    )


def _every_state(shape: Shape, n_classes: int, units: int, behind: str) -> Network:
    network = _rnn(shape, n_classes, units).changed(0, return_sequences=True)
    return network.inserted(2, Row(behind)) if behind else network


# TODO 5: convolutions first -----------------------------------------------------------------


def _crnn(shape: Shape, n_classes: int, units: int) -> Network:
    rows: list[Row] = []
    for filters, pool in ((32, 3), (48, 2)):
        rows += [
            layers.Conv1D(filters, 5, padding="same", use_bias=False),
            layers.MaxPooling1D(pool, padding="same"),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
        ]
    return Network(shape, (*rows, *_rnn(shape, n_classes, units).rows))


def _turned(build: Callable[..., Network]) -> list[Callable[..., Network]]:
    """Return builders of networks whose input is turned around, by its shape or by a layer."""
    return [
        lambda shape, *asked: build(shape[::-1], *asked),
        lambda *asked: build(*asked).inserted(0, layers.Permute((2, 1))),
    ]


_ORDER = "The input is turned around. A recurrent layer steps along the first axis and reads the second at each step: "

EXERCISES = (
    Exercise(
        name="counts",
        title="Count the parameters of GRU and LSTM",
        points=2,
        answers={"gru_parameters": Number(integer=True), "lstm_parameters": Number(integer=True)},
        right=_count(gru=_gru, lstm=_lstm),
        expects="the parameters of each layer when it is given 13 numbers a frame",
        mistakes=[
            Mistake(
                "exchanged",
                wrong=_count(gru=_lstm, lstm=_gru),
                hint="The two are exchanged: which of the cells has more gates?",
            ),
            Mistake(
                "one_bias",
                wrong=_count(gru=lambda m, n: 3 * n * (m + n + 1)),
                hint="In Keras each gate of a GRU has two biases, one beside each of its matrices (see reset_after "
                "in keras.layers.GRU).",
            ),
            Mistake(
                "two_biases",
                wrong=_count(lstm=lambda m, n: 4 * n * (m + n + 2)),
                hint="Two biases a gate are the GRU's; the LSTM of Keras has one.",
            ),
            Mistake(
                "no_biases",
                wrong=[_count(gru=lambda m, n: 3 * n * (m + n)), _count(lstm=lambda m, n: 4 * n * (m + n))],
                hint="The matrices are right; the biases are missing.",
            ),
            Mistake(
                "no_feedback",
                wrong=[_count(gru=lambda m, n: 3 * n * (m + 2)), _count(lstm=lambda m, n: 4 * n * (m + 1))],
                hint="The matrix that is applied to the old state is missing: how large is it?",
            ),
            Mistake(
                "one_gate",
                wrong=[_count(gru=lambda m, n: n * (m + n + 2)), _count(lstm=lambda m, n: n * (m + n + 1))],
                hint="This counts one set of matrices. A GRU has three of them, an LSTM four.",
            ),
            Mistake(
                "frames",
                wrong=[_count(gru=lambda _, n: _gru(FRAMES, n)), _count(lstm=lambda _, n: _lstm(FRAMES, n))],
                hint="The number of frames is in it. All steps share the same matrices; how long is what is read at "
                "one step?",
            ),
        ],
        fallback_hint="Each gate has a matrix for what is read (13 by units), one for the old state (units by "
        "units), and biases.",
    ),
    Exercise(
        name="rnn",
        title="Build a recurrent network",
        points=2,
        answers={"build_rnn": Function(_shapes, Model())},
        right=_rnn,
        mistakes=[
            Mistake("turned", wrong=_turned(_rnn), hint=_ORDER + "which of frames and coefficients is time?"),
            Mistake(
                "every_state",
                wrong=[
                    partial(_every_state, behind=behind)
                    for behind in ("", "Flatten", "GlobalAveragePooling1D")
                ],
                hint="The GRU hands on its state after every frame (return_sequences). What comes behind sees each "
                "of them; the answer is wanted from the last.",
            ),
            Mistake(
                "units_typed_in",
                ignores_size("build_rnn", "GRU", "units"),
                wrong=lambda shape, n, units: _rnn(shape, n, 64),
                hint="The GRU has the same number of units whatever is passed in: use `units`.",
            ),
        ],
        fallback_hint="keras.layers.GRU(units) takes (frames, coefficients) and returns its last state.",
        needs=("counts",),
    ),
    Exercise(
        name="crnn",
        title="Convolutions before the GRU",
        points=2,
        answers={"build_crnn": Function(_shapes, Model())},
        right=_crnn,
        mistakes=[
            Mistake(
                "turned", wrong=_turned(_crnn), hint=_ORDER + "convolutions, too, are to slide over time."
            ),
            Mistake(
                "not_recurrent",
                wrong=[
                    lambda *asked, pool=pool: _crnn(*asked).without(8).inserted(8, Row(pool))
                    for pool in ("GlobalAveragePooling1D", "GlobalMaxPooling1D", "Flatten")
                ],
                hint="There is no GRU left: the convolutions alone do not remember.",
            ),
            Mistake(
                "not_pooled",
                wrong=lambda *asked: _crnn(*asked).without_all("MaxPooling1D"),
                hint="Nothing is pooled, so the GRU still takes a step for each frame and is as slow as before.",
            ),
            Mistake(
                "not_padded",
                wrong=[
                    lambda *asked: _crnn(*asked).changed_all("MaxPooling1D", padding="valid"),
                    lambda *asked: _crnn(*asked).changed_all("Conv1D", padding="valid"),
                ],
                hint='Frames are lost at the edges: the table asks for padding="same" in convolutions and pooling.',
            ),
            Mistake(
                "bias",
                wrong=lambda *asked: _crnn(*asked).changed_all("Conv1D", use_bias=True),
                hint="The convolutions have biases. Batch normalisation behind them subtracts the mean, and with it "
                "any bias: the table leaves it out.",
            ),
            Mistake(
                "units_typed_in",
                ignores_size("build_crnn", "GRU", "units"),
                wrong=lambda shape, n, units: _crnn(shape, n, 64),
                hint="The GRU has the same number of units whatever is passed in: use `units`.",
            ),
        ],
        fallback_hint="Build the table from top to bottom: each block is Conv1D, MaxPooling1D, "
        "BatchNormalization, ReLU.",
        needs=("rnn",),
    ),
)
