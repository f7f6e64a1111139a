"""Exercises of lab 06 on a network's answers: a whole track, its own input, a new song, the name of a genre."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labs_lib.exercises.answers import Array, Function, Number, Pieces, Text
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong
from labs_lib.exercises.lab06.common import FRAMES, SECONDS, SEGMENTS, Answers, alike, follows
from labs_lib.exercises.tracks import RULES, by_first, by_mean, by_segment, by_vote, vote

# As datasets.gtzan has them; written out because declaring the lab must not import the loaders.
GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")

# TODO 13: accuracy of tracks --------------------------------------------------------------


Probe = tuple[np.ndarray, np.ndarray, np.ndarray]


def _predicted(ctx: Context) -> list[Probe]:
    """Return probabilities, labels and tracks of segments, on which every wrong rule gives another accuracy."""
    rng = ctx.rng(13)
    probes: list[Probe] = []
    for count in (7, 10):
        probe = _drawn(rng, count)
        while len({round(rule(*probe), 6) for rule in RULES}) < len(RULES):
            probe = _drawn(rng, count)
        probes.append(probe)
    return probes


def _drawn(rng: np.random.Generator, count: int) -> Probe:
    tracks, labels, probabilities = [], [], []
    for number in rng.choice(90, count, replace=False):
        label, other = rng.choice(4, 2, replace=False)
        # Two narrow votes for one class, and one strong opinion for another.
        likely, unlikely = (other, label) if rng.random() < 0.5 else (label, other)
        rows = np.full((3, 4), 0.02)
        rows[:2, likely], rows[:2, unlikely] = 0.5, 0.46
        rows[2, unlikely], rows[2, likely] = 0.9, 0.06
        sure = np.full((int(rng.integers(0, 3)), 4), 0.02)
        sure[:, label] = 0.94
        probabilities += [rows, sure]
        tracks += [number] * (3 + len(sure))
        labels += [label] * (3 + len(sure))
    order = rng.permutation(len(tracks))
    return np.concatenate(probabilities)[order], np.array(labels)[order], np.array(tracks)[order]


def _judge_tracks(a: Answers, ctx: Context) -> Wrong | None:
    for given, probe in zip(a.track_accuracy, _predicted(ctx), strict=True):
        right = by_mean(*probe)
        if not alike(given, right, atol=1e-4):
            count = len(np.unique(probe[2]))
            return Wrong("the share of tracks that are right", f"{given:.4f} for {count} tracks")
    return None


TRACKS = Exercise(
    name="tracks",
    title="Accuracy of whole tracks",
    points=2,
    answers={"track_accuracy": Function(_predicted, Number())},
    judge=_judge_tracks,
    mistakes=[
        Mistake(
            "segments",
            wrong=by_segment,
            hint="This is the share of segments. Take the segments of a track together first.",
        ),
        Mistake(
            "vote",
            wrong=by_vote,
            hint="Each segment has one vote here. The text asks for mean probabilities, in which a sure "
            "segment counts for more than a doubtful one.",
        ),
        Mistake(
            "first_segment",
            wrong=by_first,
            hint="Only the first segment of each track is asked.",
        ),
        Mistake(
            "percent",
            wrong=lambda *probe: 100 * by_mean(*probe),
            hint="A share lies between 0 and 1.",
        ),
    ],
    where="For each number in np.unique(tracks): the mean of its rows over axis 0, the class of the "
    "largest, compared with its label.",
)


# TODO 14: the network's own input ---------------------------------------------------------


def _segment(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(14)
    return [(rng.standard_normal((frames, ctx["n_mfcc"])).round(3),) for frames in (FRAMES, 40)]


def _batch(segment: np.ndarray) -> np.ndarray:
    return segment[None, :, :, None]


def _judge_input(a: Answers, ctx: Context) -> Wrong | None:
    for given, (segment,) in zip(a.model_input, _segment(ctx), strict=True):
        wanted = _batch(segment).shape
        if given.shape != wanted:
            return Wrong(
                f"shape {wanted}: one segment, frames, coefficients, one channel", f"shape {given.shape}"
            )
        if not alike(given, _batch(segment)):
            moved = np.allclose(np.sort(given, axis=None), np.sort(segment, axis=None))
            return Wrong(
                "every number where it was",
                "the same numbers in other places" if moved else "other numbers",
            )
    return None


INPUT = Exercise(
    name="input",
    title="The network's own input",
    points=2,
    answers={"model_input": Function(_segment, Array())},
    judge=_judge_input,
    mistakes=[
        Mistake(
            "scrambled",
            lambda a, ctx: all(
                given.shape == _batch(segment).shape
                and np.allclose(np.sort(given, axis=None), np.sort(segment, axis=None))
                for given, (segment,) in zip(a.model_input, _segment(ctx), strict=True)
            ),
            hint="The shape is right and the numbers are in the wrong places. np.resize and reshape do not "
            "turn an array around: they pour its numbers into a new shape in the order in which they "
            "lie in memory. The network is shown noise, and any map of it will be noise as well.",
        ),
        Mistake(
            "turned",
            lambda a, ctx: all(
                given.size == segment.size and segment.shape[::-1] in (given.shape[:2], given.shape[1:3])
                for given, (segment,) in zip(a.model_input, _segment(ctx), strict=True)
            ),
            hint="Frames and coefficients are exchanged. That is how we draw a segment, not how the "
            "network takes it.",
        ),
        Mistake(
            "no_batch",
            lambda a, ctx: all(
                given.shape == (*segment.shape, 1)
                for given, (segment,) in zip(a.model_input, _segment(ctx), strict=True)
            ),
            hint="This is one segment. A network takes a batch of segments, even if there is only one in it.",
        ),
        Mistake(
            "no_channel",
            lambda a, ctx: all(
                given.shape == (1, *segment.shape)
                for given, (segment,) in zip(a.model_input, _segment(ctx), strict=True)
            ),
            hint="The last axis is missing, that of the channels: a convolution wants it even if there is "
            "only one.",
        ),
    ],
    where="Index with None to add an axis: it moves no number. model.input_shape says what the network takes.",
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


def _judge_song(a: Answers, ctx: Context) -> Wrong | None:
    for given, (samples, rate) in zip(a.song_segments, _songs(ctx), strict=True):
        right = _all_of(samples, rate)
        if [len(piece) for piece in given] != [len(piece) for piece in right]:
            return Wrong(
                f"{len(right)} segments of {SECONDS * rate} samples for a song of {len(samples) / rate:.1f} s",
                f"{len(given)} segments of lengths {sorted({len(piece) for piece in given})}",
            )
        if not alike(given, right):
            return Wrong("segments that follow one another through the song", "other samples in them")
    return None


def _truncated(a: Answers, ctx: Context) -> bool:
    """Tell whether the segments of longer songs are all the first one, or empty behind it."""
    for given, (samples, rate) in zip(a.song_segments[:2], _songs(ctx)[:2], strict=True):
        first = samples[: SECONDS * rate]
        if len(given) < 2 or not alike(given[0], first):
            return False
        if not all(len(piece) == 0 or alike(piece, first) for piece in given[1:]):
            return False
    return True


def _songs_as(
    rule: Callable[[np.ndarray, int], list[np.ndarray]], which: slice
) -> Callable[[Answers, Context], bool]:
    def same(a: Answers, ctx: Context) -> bool:
        pairs = list(zip(a.song_segments, _songs(ctx), strict=True))[which]
        return all(alike(given, rule(*probe)) for given, probe in pairs)

    return same


SONG = Exercise(
    name="song",
    title="All segments of a song",
    points=2,
    answers={"song_segments": Function(_songs, Pieces())},
    judge=_judge_song,
    mistakes=[
        Mistake(
            "truncated",
            _truncated,
            hint="Only the first three seconds are ever heard: the song was cut to them, and every further "
            "segment is taken from what is left. Keep the whole song, and take each segment out of "
            "it.",
        ),
        Mistake(
            "first_only",
            _songs_as(lambda s, r: _all_of(s, r)[:1], slice(0, 2)),
            hint="One segment, the first. A song changes: ask for all of it.",
        ),
        Mistake(
            "ten_only",
            _songs_as(lambda s, r: _all_of(s, r)[:SEGMENTS], slice(0, 2)),
            hint="No more than ten segments: that limit was for the training tracks. A new song may be longer.",
        ),
        Mistake(
            "short_lost",
            lambda a, ctx: len(a.song_segments[2]) == 0,
            hint="A song shorter than three seconds gives no segment at all. The text says what to do with it.",
        ),
        Mistake(
            "short_silence",
            lambda a, ctx: (
                len(a.song_segments[2]) == 1
                and len(a.song_segments[2][0]) > len(_songs(ctx)[2][0])
                and bool(np.all(a.song_segments[2][0][len(_songs(ctx)[2][0]) :] == 0))
            ),
            hint="A short song was filled up with silence. No segment in training ended like that: repeat "
            "the sound.",
        ),
        Mistake(
            "rest_kept",
            lambda a, ctx: any(
                len(given) == len(_all_of(*probe)) + 1
                for given, probe in zip(a.song_segments[:2], _songs(ctx)[:2], strict=True)
            ),
            hint="There is one segment more than fit into the song: the rest at the end is shorter than "
            "three seconds.",
        ),
    ],
    where="As in TODO 2, without a limit; np.resize(samples, length) repeats samples until there are enough.",
)


# TODO 16: the name of the genre -----------------------------------------------------------


def _answers(ctx: Context) -> list[tuple[np.ndarray, list[str]]]:
    """Return probabilities and class names in an order of their own; the first answer is clear in every way."""
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


def _judge_name(a: Answers, ctx: Context) -> Wrong | None:
    for given, (probabilities, names) in zip(a.genre_name, _answers(ctx), strict=True):
        wanted = names[int(probabilities.mean(axis=0).argmax())]
        if given != wanted:
            place = names.index(given)
            return Wrong(
                "the name of the class with the largest mean probability",
                f"{given!r}, whose mean probability is {probabilities[:, place].mean():.2f}",
            )
    return None


def _names_as(rule: Callable[[np.ndarray], int]) -> Callable[[Answers, Context], bool]:
    def same(a: Answers, ctx: Context) -> bool:
        return all(
            given == names[rule(probabilities)]
            for given, (probabilities, names) in zip(a.genre_name, _answers(ctx), strict=True)
        )

    return same


def _other_list(a: Answers, ctx: Context) -> bool:
    """Tell whether the number of a class is looked up in another list than the one passed in."""
    clear = list(zip(a.genre_name, _answers(ctx), strict=True))[:2]
    # One of them may agree by chance, where a genre stands at the same place in both lists.
    return any(given != names[int(p[0].argmax())] for given, (p, names) in clear) and not _names_as(
        lambda p: int(p.mean(axis=0).argmin())
    )(a, ctx)


NAME = Exercise(
    name="name",
    title="The name of the genre",
    points=2,
    answers={"genre_name": Function(_answers, Text(GENRES))},
    judge=_judge_name,
    mistakes=[
        Mistake(
            "other_list",
            _other_list,
            hint="Every segment agrees on one class, and another name comes out: its number was looked up "
            "in a list in another order than the one in training. The labels that are passed in "
            "belong to the network.",
        ),
        Mistake(
            "vote",
            _names_as(vote),
            hint="Each segment has one vote here. The text asks for mean probabilities.",
        ),
        Mistake(
            "first_segment",
            _names_as(lambda p: int(p[0].argmax())),
            hint="Only the first segment is asked.",
        ),
        Mistake(
            "least",
            _names_as(lambda p: int(p.mean(axis=0).argmin())),
            hint="This is the least probable genre.",
        ),
    ],
    where="The mean over the segments is axis 0; np.argmax gives the number of a class, "
    "labels[number] its name.",
)
