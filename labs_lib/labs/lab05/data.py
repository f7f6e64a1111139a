"""Exercises of lab 05 on the data: file names, decibels, shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Function, Number, Text
from labs_engine.declare.framework import Context, Exercise, Mistake
from labs_lib.labs.lab05.common import SECONDS, clips, frames, to_decibels

# TODO 1: file names ---------------------------------------------------------------------


def _names(ctx: Context) -> list[tuple[str]]:
    rng = ctx.rng(1)
    names = []
    for target in (int(rng.integers(0, 10)), int(rng.integers(10, 50)), int(rng.integers(10, 50))):
        fold, source = rng.integers(1, 6), rng.integers(1000, 300_000)
        names.append((f"{fold}-{source}-{'ABCDEF'[rng.integers(0, 6)]}-{target}.wav",))
    return names


def _parse(name: str) -> tuple[int, int, str, int]:
    fold, source, take, target = name.removesuffix(".wav").split("-")
    return int(fold), int(source), take, int(target)


def _last_digit(name: str) -> tuple[Any, ...]:
    *others, target = _parse(name)
    return (*others, target % 10)


def _fold_and_target(name: str) -> tuple[Any, ...]:
    fold, source, take, target = _parse(name)
    return target, source, take, fold


def _target_as_source(name: str) -> tuple[Any, ...]:
    fold, _, _, target = _parse(name)
    return fold, target, ..., target


# TODO 2: decibels -----------------------------------------------------------------------


def _powers(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(3)
    powers = [10 ** rng.uniform(-9.5, 2.5, (4, 6)) for _ in range(2)]
    powers[1][0, 0] = 0.0
    return [(power,) for power in powers]


def _loudest_at_0(power: np.ndarray) -> np.ndarray:
    return to_decibels(power) - to_decibels(power).max()


# TODO 3: the shape of the data ----------------------------------------------------------


def _shape(run: Context) -> tuple[int, int, int]:
    return len(clips(run)), run["n_mels"], frames(run)


EXERCISES = (
    Exercise(
        name="parse",
        title="Read a file name",
        points=2,
        answers={
            "parse": Function(
                _names,
                (Number(integer=True), Number(integer=True), Text(tuple("abcdefgh")), Number(integer=True)),
            )
        },
        right=_parse,
        expects="fold, source, take and target, in this order",
        mistakes=[
            Mistake(
                "last_digit",
                wrong=_last_digit,
                hint="Only the last digit of the target is read. Targets go up to 49: split at the hyphens "
                "instead of counting characters.",
            ),
            Mistake(
                "fold_and_target",
                wrong=_fold_and_target,
                hint="Fold and target are exchanged: which number comes first in the name?",
            ),
            Mistake(
                "take_and_source",
                wrong=_target_as_source,
                hint="The source is the target again: each of the four parts has a place of its own.",
            ),
        ],
        fallback_hint="str.split('-') gives the four parts; the ending .wav still hangs on the last. Numbers are "
        "wanted as int, the take as its letter.",
    ),
    Exercise(
        name="decibels",
        title="From power to decibels",
        points=2,
        answers={"to_decibels": Function(_powers, Array(finite=False, atol=1e-3))},
        right=to_decibels,
        expects="decibels relative to a power of 1, finite also where the power is 0",
        mistakes=[
            Mistake(
                "no_floor",
                lambda a, ctx: not np.all(np.isfinite(a.to_decibels[1])),
                wrong=[
                    lambda power: 10 * np.log10(power),
                    lambda power: 20 * np.log10(power),
                    lambda power: 10 * np.log(power),
                ],
                hint="Digital silence has power 0, and the logarithm of 0 is minus infinity. Raise the power to "
                "the floor first.",
            ),
            Mistake(
                "natural_logarithm",
                wrong=lambda power: 10 * np.log(np.maximum(power, 1e-10)),
                hint="np.log is the natural logarithm; decibels use the one to base 10.",
            ),
            Mistake(
                "amplitude",
                wrong=lambda power: 20 * np.log10(np.maximum(power, 1e-10)),
                hint="The factor 20 belongs to amplitudes. These are powers, amplitudes squared.",
            ),
            Mistake(
                "bels",
                wrong=lambda power: np.log10(np.maximum(power, 1e-10)),
                hint="This is in bels. What does the deci in decibel mean?",
            ),
            Mistake(
                "relative_to_maximum",
                wrong=_loudest_at_0,
                hint="Every clip is measured against its own loudest value, so loud and quiet clips become "
                "alike. The reference is a power of 1 for all.",
            ),
            Mistake(
                "top_db",
                wrong=lambda power: np.maximum(to_decibels(power), to_decibels(power).max() - 80),
                hint="Quiet values are cut at 80 dB below the loudest: that is the default of librosa's "
                "power_to_db, see its argument top_db.",
            ),
        ],
        fallback_hint="Ten times the logarithm to base 10 of the power, where the power is at least 1e-10.",
    ),
    Exercise(
        name="shape",
        title="What the three numbers mean",
        points=1,
        answers={"shape": Array((3,))},
        right=_shape,
        expects="clips, mel bands, frames",
        mistakes=[
            Mistake(
                "no_first_frame",
                wrong=lambda run: np.add(_shape(run), (0, 0, -1)),
                hint="One frame is missing: the first is centred on the very first sample, before any hop.",
            ),
            Mistake(
                "time_first",
                wrong=lambda run: np.take(_shape(run), (0, 2, 1)),
                hint="The numbers are right, the order is not: librosa puts frequency before time.",
            ),
            Mistake(
                "samples",
                wrong=lambda run: (*_shape(run)[:2], SECONDS * run["sample_rate"]),
                hint="The last number counts samples. A spectrogram has one column a hop.",
            ),
            Mistake(
                "default_parameters",
                wrong=lambda run: (len(clips(run)), 128, 216),
                hint="This is the shape for other parameters. Compute it from n_mels and sample_rate.",
            ),
        ],
        fallback_hint="How many clips, how many bands, and how many times does a hop of 512 samples fit into 5 s?",
    ),
)
