"""Exercises of lab 05 on the data: file names, decibels, shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from labs_lib.exercises.answers import Array, Function, Number, Text
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong, close
from labs_lib.exercises.lab05.common import SECONDS, Answers, clips, frames

# TODO 1: file names ---------------------------------------------------------------------


def _names(ctx: Context) -> list[tuple[str]]:
    rng = ctx.rng(1)
    names = []
    for target in (int(rng.integers(0, 10)), int(rng.integers(10, 50)), int(rng.integers(10, 50))):
        fold, source = rng.integers(1, 6), rng.integers(1000, 300_000)
        names.append((f"{fold}-{source}-{'ABCDEF'[rng.integers(0, 6)]}-{target}.wav",))
    return names


def _parts(name: str) -> tuple[int, int, str, int]:
    fold, source, take, target = name.removesuffix(".wav").split("-")
    return int(fold), int(source), take.lower(), int(target)


def _judge_names(a: Answers, ctx: Context) -> Wrong | None:
    for given, (name,) in zip(a.parse, _names(ctx), strict=True):
        if tuple(given) != _parts(name):
            return Wrong("fold, source, take and target, in this order", f"{tuple(given)} for {name!r}")
    return None


def _reads_as(rule: Any) -> Any:
    def same(a: Answers, ctx: Context) -> bool:
        return all(tuple(g) == rule(_parts(name)) for g, (name,) in zip(a.parse, _names(ctx), strict=True))

    return same


# TODO 2: decibels -----------------------------------------------------------------------


def _powers(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(3)
    powers = [10 ** rng.uniform(-9.5, 2.5, (4, 6)) for _ in range(2)]
    powers[1][0, 0] = 0.0
    return [(power,) for power in powers]


def _decibels(power: np.ndarray) -> np.ndarray:
    return 10 * np.log10(np.maximum(power, 1e-10))


def _judge_decibels(a: Answers, ctx: Context) -> Wrong | None:
    for given, (power,) in zip(a.to_decibels, _powers(ctx), strict=True):
        if given.shape != power.shape:
            return Wrong(f"the shape of the input, {power.shape}", f"{given.shape}")
        if not np.all(np.isfinite(given)):
            return Wrong("finite numbers, also where the power is 0", "infinity or NaN")
        if not close(given, _decibels(power), atol=1e-3):
            at = np.unravel_index(np.argmax(np.abs(given - _decibels(power))), power.shape)
            return Wrong(
                "decibels relative to a power of 1", f"{given[at]:.2f} for a power of {power[at]:.3g}"
            )
    return None


def _computes(formula: Any) -> Any:
    """Return a predicate: where the power is above the floor, the outputs follow another formula."""

    def same(a: Answers, ctx: Context) -> bool:
        return all(
            given.shape == power.shape and close(given[power > 0], formula(power)[power > 0], atol=1e-3)
            for given, (power,) in zip(a.to_decibels, _powers(ctx), strict=True)
        )

    return same


def _decibels_80(power: np.ndarray) -> np.ndarray:
    return np.maximum(_decibels(power), _decibels(power).max() - 80)


# TODO 3: the shape of the data ----------------------------------------------------------


def _judge_shape(a: Answers, ctx: Context) -> Wrong | None:
    if close(a.shape, (len(clips(ctx)), ctx["n_mels"], frames(ctx))):
        return None
    return Wrong("clips, mel bands, frames", f"{tuple(int(v) for v in a.shape)}")


EXERCISES = (
    Exercise(
        "parse",
        "Read a file name",
        2,
        {
            "parse": Function(
                _names,
                (
                    Number(integer=True),
                    Number(integer=True),
                    Text(tuple("abcdefgh")),
                    Number(integer=True),
                ),
            )
        },
        _judge_names,
        (
            Mistake(
                "last_digit",
                _reads_as(lambda p: (p[0], p[1], p[2], p[3] % 10)),
                "Only the last digit of the target is read. Targets go up to 49: split at the hyphens "
                "instead of counting characters.",
            ),
            Mistake(
                "fold_and_target",
                _reads_as(lambda p: (p[3], p[1], p[2], p[0])),
                "Fold and target are exchanged: which number comes first in the name?",
            ),
            Mistake(
                "take_and_source",
                lambda a, ctx: all(
                    g[0] == _parts(n)[0] and g[1] == g[3]
                    for g, (n,) in zip(a.parse, _names(ctx), strict=True)
                ),
                "The source is the target again: each of the four parts has a place of its own.",
            ),
        ),
        where="str.split('-') gives the four parts; the ending .wav still hangs on the last. Numbers are "
        "wanted as int, the take as its letter.",
    ),
    Exercise(
        "decibels",
        "From power to decibels",
        2,
        {"to_decibels": Function(_powers, Array(finite=False))},
        _judge_decibels,
        (
            Mistake(
                "no_floor",
                lambda a, ctx: not np.all(np.isfinite(a.to_decibels[1])),
                "Digital silence has power 0, and the logarithm of 0 is minus infinity. Raise the power to "
                "the floor first.",
            ),
            Mistake(
                "natural_logarithm",
                _computes(lambda p: 10 * np.log(np.maximum(p, 1e-10))),
                "np.log is the natural logarithm; decibels use the one to base 10.",
            ),
            Mistake(
                "amplitude",
                _computes(lambda p: 20 * np.log10(np.maximum(p, 1e-10))),
                "The factor 20 belongs to amplitudes. These are powers, amplitudes squared.",
            ),
            Mistake(
                "bels",
                _computes(lambda p: np.log10(np.maximum(p, 1e-10))),
                "This is in bels. What does the deci in decibel mean?",
            ),
            Mistake(
                "relative_to_maximum",
                _computes(lambda p: _decibels(p) - _decibels(p).max()),
                "Every clip is measured against its own loudest value, so loud and quiet clips become "
                "alike. The reference is a power of 1 for all.",
            ),
            Mistake(
                "top_db",
                _computes(_decibels_80),
                "Quiet values are cut at 80 dB below the loudest: that is the default of librosa's "
                "power_to_db, see its argument top_db.",
            ),
        ),
        where="Ten times the logarithm to base 10 of the power, where the power is at least 1e-10.",
    ),
    Exercise(
        "shape",
        "What the three numbers mean",
        1,
        {"shape": Array((3,))},
        _judge_shape,
        (
            Mistake(
                "no_first_frame",
                lambda a, ctx: close(a.shape, (len(clips(ctx)), ctx["n_mels"], frames(ctx) - 1)),
                "One frame is missing: the first is centred on the very first sample, before any hop.",
            ),
            Mistake(
                "time_first",
                lambda a, ctx: close(a.shape, (len(clips(ctx)), frames(ctx), ctx["n_mels"])),
                "The numbers are right, the order is not: librosa puts frequency before time.",
            ),
            Mistake(
                "samples",
                lambda a, ctx: a.shape[2] == SECONDS * ctx["sample_rate"],
                "The last number counts samples. A spectrogram has one column a hop.",
            ),
            Mistake(
                "default_parameters",
                lambda a, ctx: close(a.shape[1:], (128, 216)),
                "This is the shape for other parameters. Compute it from n_mels and sample_rate.",
            ),
        ),
        where="How many clips, how many bands, and how many times does a hop of 512 samples fit into 5 s?",
    ),
)
