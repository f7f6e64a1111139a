"""Exercises of lab 06 on sound: a spectrum, segments, the shape of the features."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labs_engine.declare.answers import Array, Function, Number, Pieces
from labs_engine.declare.framework import Context, Exercise, Mistake
from labs_lib.labs.lab06.common import FRAMES, HOP, RATE, SECONDS, SEGMENTS, tracks

# TODO 1: the loudest frequency ------------------------------------------------------------


def _tones(ctx: Context) -> list[tuple[np.ndarray, int]]:
    rng = ctx.rng(1)
    probes = []
    for samples, rate in ((1600, 8000), (3000, 12_000)):
        loud, soft = rng.choice(np.arange(40, samples // 3), 2, replace=False)
        time = np.arange(samples) / rate
        # A sine at a frequency of the transform: its coefficient is imaginary, its real part is 0.
        tone = np.sin(2 * np.pi * (loud * rate / samples) * time)
        tone += 0.4 * np.cos(2 * np.pi * (soft * rate / samples) * time)
        probes.append((tone, rate))
    return probes


def _bin(samples: np.ndarray) -> int:
    return int(np.abs(np.fft.rfft(samples)).argmax())


PEAK = Exercise(
    name="peak",
    title="The loudest frequency",
    points=2,
    answers={"loudest_frequency": Function(_tones, Number(atol=2))},
    right=lambda s, r: _bin(s) * r / len(s),
    expects="the frequency in Hz that carries the most power",
    mistakes=[
        Mistake(
            "bin",
            wrong=lambda s, r: _bin(s),
            hint="This is the place in the spectrum, a number without a unit. How many hertz lie between "
            "two places?",
        ),
        Mistake(
            "doubled",
            wrong=lambda s, r: _bin(s) * r / (len(s) // 2 + 1),
            hint="About twice as high as it should be: the places reach to half the sampling rate, not to "
            "all of it.",
        ),
        Mistake(
            "real_part",
            wrong=lambda s, r: np.fft.rfft(s).real.argmax() * r / len(s),
            hint="The real part alone depends on the phase of a tone and misses a sine. How large is a "
            "complex number?",
        ),
        Mistake(
            "value",
            wrong=lambda s, r: np.abs(np.fft.rfft(s)).max(),
            hint="This is how much of that frequency there is. Which frequency is it?",
        ),
    ],
    fallback_hint="np.fft.rfft gives one complex number for each frequency, np.fft.rfftfreq(n, 1 / rate) "
    "the frequencies.",
)


# TODO 2: segments -------------------------------------------------------------------------


def _recordings(ctx: Context) -> list[tuple[np.ndarray, int]]:
    rng = ctx.rng(2)
    found = []
    for seconds in (30.4, 29.1, 41.0):
        rate = int(rng.integers(40, 90))
        found.append((rng.standard_normal(int(seconds * rate)).round(3), rate))
    return found


def _cut(samples: np.ndarray, rate: int, most: int | None = SEGMENTS) -> list[np.ndarray]:
    length = SECONDS * rate
    return list(samples[: len(samples) // length * length].reshape(-1, length)[:most])


def _padded(samples: np.ndarray, rate: int) -> list[np.ndarray]:
    length = SECONDS * rate
    missing = -len(samples) % length
    return _cut(np.pad(samples, (0, missing)), rate)


def _sliding(samples: np.ndarray, rate: int) -> list[np.ndarray]:
    return [samples[k * rate : k * rate + SECONDS * rate] for k in range(SEGMENTS)]


SEGMENTS_OF = Exercise(
    name="segments",
    title="Cut a track into segments",
    points=2,
    answers={"cut": Function(_recordings, Pieces())},
    right=_cut,
    expects="segments of three seconds that follow one another from the beginning, ten at most",
    mistakes=[
        Mistake(
            "first_only",
            wrong=lambda s, r: [_cut(s, r)[0]] * len(_cut(s, r)),
            hint="Every segment is the first one: where does the second one begin?",
        ),
        Mistake(
            "no_limit",
            wrong=lambda s, r: _cut(s, r, None),
            hint="A longer recording gives more than ten segments; each track is to count alike.",
        ),
        Mistake(
            "rest_padded",
            wrong=_padded,
            hint="The short rest at the end was filled up with silence. Leave it out: no other segment "
            "ends like that.",
        ),
        Mistake(
            "sliding",
            wrong=_sliding,
            hint="The segments begin one second apart and overlap: neighbours share two of their three "
            "seconds.",
        ),
        Mistake(
            "transposed",
            wrong=lambda s, r: np.transpose(_cut(s, r)),
            hint="The two axes are exchanged: one row should be one segment.",
        ),
    ],
    fallback_hint="Whole segments: len(samples) // length, at most ten; cut off the rest, then reshape.",
)


# TODO 3: the shape of the features --------------------------------------------------------


def _shape(ctx: Context) -> tuple[int, int, int]:
    return SEGMENTS * len(tracks(ctx)), FRAMES, int(ctx["n_mfcc"])


def _changed(run: Context, change: Callable[[int, int, int], tuple[int, int, int]]) -> tuple[int, int, int]:
    return change(*_shape(run))


SHAPE = Exercise(
    name="shape",
    title="The shape of the features",
    points=1,
    answers={"shape": Array((3,))},
    right=_shape,
    expects="segments, frames, coefficients",
    mistakes=[
        Mistake(
            "transposed",
            wrong=lambda run: np.take(_shape(run), (0, 2, 1)),
            hint="Frames and coefficients are exchanged. In this lab one row of a segment is one frame.",
        ),
        Mistake(
            "one_frame_less",
            wrong=lambda run: np.add(_shape(run), (0, -1, 0)),
            hint="One frame is missing: the first one is centred on the very first sample.",
        ),
        Mistake(
            "tracks",
            wrong=lambda run: _changed(run, lambda n, f, c: (n // SEGMENTS, f, c)),
            hint="One row for each track; the network is given segments.",
        ),
        Mistake(
            "whole_track",
            wrong=lambda run: _changed(run, lambda n, f, c: (n, 1 + SEGMENTS * SECONDS * RATE // HOP, c)),
            hint="This is the number of frames of a whole track, not of a segment.",
        ),
        Mistake(
            "samples",
            wrong=lambda run: _changed(run, lambda n, f, c: (n, SECONDS * RATE, c)),
            hint="This counts samples. There is one frame for every 512 of them.",
        ),
    ],
    fallback_hint="Ten segments per track; one frame on the first sample and one more for every full hop of 512.",
)
