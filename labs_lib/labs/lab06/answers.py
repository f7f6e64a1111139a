"""Exercises of lab 06 on a network's answers: its own input, a new song, the name of a genre."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import numpy as np

from labs_engine.declare.answers import Array, Function, Pieces, Text
from labs_engine.declare.framework import Context, Exercise, Mistake
from labs_lib.labs.lab06.common import FRAMES, SECONDS, SEGMENTS
from labs_lib.labs.tracks import vote

# As datasets.gtzan has them; written out because declaring the lab must not import the loaders.
GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")

# TODO 14: the network's own input ---------------------------------------------------------


def _segment(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(14)
    return [(rng.standard_normal((frames, ctx["n_mfcc"])).round(3),) for frames in (FRAMES, 40)]


def _batch(segment: np.ndarray) -> np.ndarray:
    return segment[None, :, :, None]


def _scrambled(a: SimpleNamespace, ctx: Context) -> bool:
    """Tell whether the numbers are those of the segment, in its right shape, somewhere else."""
    return all(
        given.shape == _batch(segment).shape
        and np.allclose(np.sort(given, axis=None), np.sort(segment, axis=None))
        for given, (segment,) in zip(a.model_input, _segment(ctx), strict=True)
    )


INPUT = Exercise(
    name="input",
    title="The network's own input",
    points=2,
    answers={"model_input": Function(_segment, Array())},
    right=_batch,
    expects="every number where it was, in a batch of one segment: frames, coefficients, one channel",
    mistakes=[
        Mistake(
            "scrambled",
            wrong=[
                lambda segment: np.resize(segment.T, (1, *segment.shape, 1)),
                lambda segment: np.resize(segment[::-1], (1, *segment.shape, 1)),
            ],
            recognises=_scrambled,
            hint="The shape is right and the numbers are in the wrong places. np.resize and reshape do not turn an "
            "array around: they pour its numbers into a new shape in the order in which they lie in memory. The "
            "network is shown noise, and any map of it will be noise as well.",
        ),
        Mistake(
            "turned",
            wrong=[
                lambda segment: segment.T[None, :, :, None],
                lambda segment: segment.T[None],
                lambda segment: segment.T,
            ],
            hint="Frames and coefficients are exchanged. That is how we draw a segment, not how the network takes it.",
        ),
        Mistake(
            "no_batch",
            wrong=lambda segment: segment[:, :, None],
            hint="This is one segment. A network takes a batch of segments, even if there is only one in it.",
        ),
        Mistake(
            "no_channel",
            wrong=lambda segment: segment[None],
            hint="The last axis is missing, that of the channels: a convolution wants it even if there is only one.",
        ),
    ],
    fallback_hint="Index with None to add an axis: it moves no number. model.input_shape says what the network takes.",
)


# TODO 15: all segments of a song ----------------------------------------------------------


def _songs(ctx: Context) -> list[tuple[np.ndarray, int]]:
    rng = ctx.rng(15)
    rate = int(rng.integers(40, 90))
    return [(rng.standard_normal(int(seconds * rate)).round(3), rate) for seconds in (10.4, 37.0, 1.3)]


def _all_of(samples: np.ndarray, rate: int) -> list[np.ndarray]:
    length = SECONDS * rate
    if len(samples) < length:
        samples = np.resize(samples, length)
    return list(samples[: len(samples) // length * length].reshape(-1, length))


def _cut_to_first(samples: np.ndarray, rate: int, shorter: bool = True) -> list[np.ndarray]:
    """Return the segments of a song that was cut to its first segment beforehand."""
    whole = _all_of(samples, rate)
    return [whole[0], *([samples[:0]] if shorter else [whole[0]]) * (len(whole) - 1)]


def _with_rest(samples: np.ndarray, rate: int) -> list[np.ndarray]:
    rest = len(samples) % (SECONDS * rate)
    whole = _all_of(samples, rate)
    return [*whole, samples[-rest:]] if rest and len(samples) > SECONDS * rate else whole


def _with_padded_rest(samples: np.ndarray, rate: int) -> list[np.ndarray]:
    length = SECONDS * rate
    return [np.pad(piece, (0, length - len(piece))) for piece in _with_rest(samples, rate)]


def _none_if_short(samples: np.ndarray, rate: int) -> list[np.ndarray]:
    return _all_of(samples, rate) if len(samples) >= SECONDS * rate else []


def _silence_if_short(samples: np.ndarray, rate: int) -> list[np.ndarray]:
    missing = SECONDS * rate - len(samples)
    return _all_of(np.pad(samples, (0, max(missing, 0))), rate)


SONG = Exercise(
    name="song",
    title="All segments of a song",
    points=2,
    answers={"song_segments": Function(_songs, Pieces())},
    right=_all_of,
    expects="all consecutive segments of three seconds of the song",
    mistakes=[
        Mistake(
            "truncated",
            wrong=[_cut_to_first, partial(_cut_to_first, shorter=False)],
            hint="Only the first three seconds are ever heard: the song was cut to them, and every further segment is "
            "taken from what is left. Keep the whole song, and take each segment out of it.",
        ),
        Mistake(
            "first_only",
            wrong=lambda s, r: _all_of(s, r)[:1],
            hint="One segment, the first. A song changes: ask for all of it.",
        ),
        Mistake(
            "ten_only",
            wrong=lambda s, r: _all_of(s, r)[:SEGMENTS],
            hint="No more than ten segments: that limit was for the training tracks. A new song may be longer.",
        ),
        Mistake(
            "short_lost",
            wrong=_none_if_short,
            hint="A song shorter than three seconds gives no segment at all. The text says what to do with it.",
        ),
        Mistake(
            "short_silence",
            wrong=_silence_if_short,
            hint="A short song was filled up with silence. No segment in training ended like that: repeat the sound.",
        ),
        Mistake(
            "rest_kept",
            wrong=[_with_rest, _with_padded_rest],
            hint="There is one segment more than fit into the song: the rest at the end is shorter than three seconds.",
        ),
    ],
    fallback_hint="As in TODO 2, without a limit; np.resize(samples, length) repeats samples until there are enough.",
)


# TODO 16: the name of the genre -----------------------------------------------------------


def _answers(ctx: Context) -> list[tuple[np.ndarray, list[str]]]:
    """Return probabilities and class names in an unusual order; by every rule the first two answers are clear."""
    rng = ctx.rng(16)
    probes = []
    for clear in (True, True, False):
        order = rng.permutation(len(GENRES))
        while np.any(order == np.arange(len(GENRES))):  # no genre stays in its usual place
            order = rng.permutation(len(GENRES))
        names = [GENRES[place] for place in order]
        best, second, third = rng.choice(len(GENRES), 3, replace=False)
        rows = np.full((6, len(GENRES)), 0.01)
        if clear:
            rows[:, best] = 0.91
        else:  # first a narrow vote for one genre, then three for another, then two strong opinions for the best
            rows[0, third], rows[1:4, second], rows[:4, best] = 0.48, 0.48, 0.44
            rows[4:, best] = 0.91
        probes.append((rows / rows.sum(axis=1, keepdims=True), names))
    return probes


def _named(rule: Callable[[np.ndarray], int]) -> Callable[[np.ndarray, list[str]], str]:
    return lambda probabilities, names: names[rule(probabilities)]


_genre = _named(lambda p: int(p.mean(axis=0).argmax()))
_least = _named(lambda p: int(p.mean(axis=0).argmin()))


def _other_list(a: SimpleNamespace, ctx: Context) -> bool:
    """Tell whether the number of a class is looked up in a list other than the one passed in."""
    clear = list(zip(a.genre_name, _answers(ctx), strict=True))[:2]
    # One of them may agree by chance, where a genre stands at the same place in both lists.
    return any(given != _genre(*probe) for given, probe in clear) and not all(
        given == _least(*probe) for given, probe in zip(a.genre_name, _answers(ctx), strict=True)
    )


NAME = Exercise(
    name="name",
    title="The name of the genre",
    points=2,
    answers={"genre_name": Function(_answers, Text(GENRES))},
    right=_genre,
    expects="the name of the class with the largest mean probability",
    mistakes=[
        Mistake(
            "other_list",
            _other_list,
            wrong=lambda p, names: GENRES[int(p.mean(axis=0).argmax())],
            hint="Every segment agrees on one class, and another name comes out: its number was looked up "
            "in a list in another order than the one in training. The labels that are passed in "
            "belong to the network.",
        ),
        Mistake(
            "vote",
            wrong=_named(vote),
            hint="Each segment has one vote here. The text asks for mean probabilities.",
        ),
        Mistake(
            "first_segment",
            wrong=_named(lambda p: int(p[0].argmax())),
            hint="Only the first segment is used.",
        ),
        Mistake(
            "least",
            wrong=_least,
            hint="This is the least probable genre.",
        ),
    ],
    fallback_hint="The mean over the segments is axis 0; np.argmax gives the number of a class, "
    "labels[number] its name.",
)
