"""Exercises of lab 07 on whether a map says anything: drops, random places, a paired interval."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from labs_engine.declare.answers import Array, Function, Number
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake

# TODO 7: the drop of the true class ---------------------------------------------------------


def _before_and_after(ctx: Context) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    found = []
    for stream, (n, classes) in enumerate(((11, 5), (7, 4))):
        rng = ctx.rng(70 + stream)
        before, after = rng.dirichlet(np.full(classes, 0.6), (2, n))
        labels = rng.integers(0, classes, n)
        labels[:2] = before[:2].argmin(axis=1)  # segments that the network gets wrong
        found.append((before, after, labels))
    return found


def _of(probabilities: np.ndarray, classes: np.ndarray) -> np.ndarray:
    return probabilities[np.arange(len(classes)), classes]


def _drop(before: np.ndarray, after: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return _of(before, labels) - _of(after, labels)


# TODO 8: places at random -------------------------------------------------------------------


def _draws(ctx: Context) -> list[tuple[int, int, int, int]]:
    rng = ctx.rng(80)
    n, size = int(rng.integers(20, 60)), int(rng.integers(90, 250))
    count, first = int(rng.integers(size // 6, size // 4)), int(rng.integers(1, 10_000))
    return [(n, size, count, first), (n, size, count, first), (n, size, count, first + 1)]


def _judge_random(a: SimpleNamespace, ctx: Context) -> Failure | None:
    for given, (n, size, count, _) in zip(a.random_places, _draws(ctx), strict=True):
        if given.shape != (n, size):
            return Failure(f"shape {(n, size)}: {n} segments of {size} places", f"shape {given.shape}")
        if not np.isin(given, (0, 1)).all():
            return Failure("True for a chosen place and False for the others", "other values")
        chosen = given.sum(axis=1)
        if np.any(chosen != count):
            return Failure(f"{count} places in every segment", f"from {chosen.min()} to {chosen.max()}")
    first, again, other = (np.asarray(given, dtype=bool) for given in a.random_places)
    if len(np.unique(first, axis=0)) < len(first):
        return Failure("other places in each segment", "segments with the same places")
    if not np.array_equal(first, again):
        return Failure("the same places for the same seed", "other places in a second call")
    if np.array_equal(first, other):
        return Failure("other places for another seed", "the same places")
    share = first.mean(axis=0)
    if np.any(share == 1) or len(np.unique(np.nonzero(first)[1])) < first.shape[1] / 2:
        return Failure("places from the whole segment", "some places always, or a part of them never")
    return None


def _sums(a: SimpleNamespace, ctx: Context) -> list[np.ndarray]:
    draws = zip(a.random_places, _draws(ctx), strict=True)
    return [given.sum(axis=1) - count for given, (n, size, count, _) in draws if given.shape == (n, size)]


def _same_for_each(a: SimpleNamespace, ctx: Context) -> bool:
    return all(given.ndim == 2 and len(np.unique(given, axis=0)) == 1 for given in a.random_places)


def _fewer(a: SimpleNamespace, ctx: Context) -> bool:
    sums = _sums(a, ctx)
    return bool(sums) and all(np.all(s <= 0) and np.any(s < 0) for s in sums)


def _about(a: SimpleNamespace, ctx: Context) -> bool:
    sums = _sums(a, ctx)
    return bool(sums) and all(np.any(s > 0) and np.any(s < 0) for s in sums)


def _not_repeated(a: SimpleNamespace, ctx: Context) -> bool:
    return not np.array_equal(a.random_places[0], a.random_places[1])


def _seed_ignored(a: SimpleNamespace, ctx: Context) -> bool:
    return np.array_equal(a.random_places[0], a.random_places[2])


def _places(n: int, size: int, count: int, seed: int | None, *, replace: bool = False) -> np.ndarray:
    rng, chosen = np.random.default_rng(seed), np.zeros((n, size), dtype=bool)
    for row in chosen:
        row[rng.choice(size, count, replace=replace)] = True
    return chosen


def _by_probability(n: int, size: int, count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((n, size)) < count / size


# TODO 9: a paired interval --------------------------------------------------------------------

_Z = 1.96


def _pairs(ctx: Context) -> list[tuple[np.ndarray, np.ndarray]]:
    found = []
    for stream, n in enumerate((14, 31)):
        rng = ctx.rng(90 + stream)
        common = rng.normal(0, 0.3, n)  # what makes pairing worth while
        found.append((common + rng.normal(0.15, 0.1, n), common + rng.normal(0.05, 0.1, n)))
    return found


def _interval(
    salient: np.ndarray, random: np.ndarray, *, z: float = _Z, ddof: int = 1, root: bool = True
) -> tuple[float, float, float]:
    difference = salient - random
    reach = z * difference.std(ddof=ddof) / (np.sqrt(len(difference)) if root else 1)
    mean = difference.mean()
    return float(mean), float(mean - reach), float(mean + reach)


def _unpaired(salient: np.ndarray, random: np.ndarray) -> tuple[float, float, float]:
    mean = salient.mean() - random.mean()
    reach = _Z * np.sqrt((salient.var(ddof=1) + random.var(ddof=1)) / len(salient))
    return float(mean), float(mean - reach), float(mean + reach)


EXERCISES = (
    Exercise(
        name="drop",
        title="How far a probability falls",
        points=2,
        answers={"drop": Function(_before_and_after, Array())},
        right=_drop,
        expects="for each segment how much the probability of the true class fell",
        mistakes=[
            Mistake(
                "largest",
                wrong=lambda b, f, y: b.max(axis=1) - f.max(axis=1),
                hint="The largest probability before is compared with the largest after: these may be of two "
                "different classes. A network that is certain of something wrong would look unharmed.",
            ),
            Mistake(
                "predicted",
                wrong=lambda b, f, y: _drop(b, f, b.argmax(axis=1)),
                hint="This follows the class that was predicted. Where the network is wrong, that is not the class "
                "of the segment.",
            ),
            Mistake(
                "rise",
                wrong=lambda b, f, y: -_drop(b, f, y),
                hint="The sign is turned: a drop is positive where the probability was larger before.",
            ),
            Mistake(
                "relative",
                wrong=lambda b, f, y: _drop(b, f, y) / _of(b, y),
                hint="The drop is divided by the probability before. The text asks for the plain difference.",
            ),
            Mistake(
                "after_only",
                wrong=lambda b, f, y: _of(f, y),
                hint="This is the probability that is left; what was lost is the difference from before.",
            ),
        ],
        fallback_hint="probabilities[np.arange(len(labels)), labels] takes one number from each row.",
    ),
    Exercise(
        name="random",
        title="Places at random",
        points=2,
        answers={"random_places": Function(_draws, Array(finite=False))},
        judge=_judge_random,
        mistakes=[
            Mistake(
                "same_for_each",
                _same_for_each,
                wrong=lambda n, size, count, seed: np.tile(_places(1, size, count, seed), (n, 1)),
                hint="Every segment loses the same places. Was the generator made anew, with the same seed, "
                "for each? Then a hundred segments test one draw.",
            ),
            Mistake(
                "with_repetition",
                _fewer,
                wrong=lambda *asked: _places(*asked, replace=True),
                hint="Some places were drawn twice, so fewer are chosen than asked for and the comparison is "
                "unfair. Draw without repetition.",
            ),
            Mistake(
                "by_probability",
                _about,
                wrong=_by_probability,
                hint="Each place was drawn by itself, so some segments lose more and some less. The number must be "
                "the same in all.",
            ),
            Mistake(
                "seed_ignored",
                _seed_ignored,
                wrong=lambda n, size, count, seed: _places(n, size, count, 0),
                hint="The places do not depend on the seed that is passed in.",
            ),
            Mistake(
                "not_repeatable",
                _not_repeated,
                wrong=lambda n, size, count, seed: _places(n, size, count, None),
                hint="Two calls with one seed choose differently: the draw does not come from the seed alone.",
            ),
        ],
        fallback_hint="One np.random.default_rng(seed) for all segments; its choice(size, count, replace=False) "
        "or permutation(size) for each.",
    ),
    Exercise(
        name="interval",
        title="An interval for paired differences",
        points=2,
        answers={"paired_interval": Function(_pairs, (Number(rtol=1e-3),) * 3)},
        right=_interval,
        expects="mean of the differences, lower and upper end of its interval",
        mistakes=[
            Mistake(
                "unpaired",
                wrong=_unpaired,
                hint="The two rows were treated as if they came from different segments, so the differences "
                "between easy and hard segments count as noise. Each segment was measured twice: take its "
                "difference first.",
            ),
            Mistake(
                "deviation",
                wrong=lambda s, r: _interval(s, r, root=False),
                hint="This is the spread of single differences. The mean of many is known more precisely than "
                "one of them.",
            ),
            Mistake(
                "divided_by_all",
                wrong=lambda s, r: _interval(s, r, ddof=0),
                hint="np.std divides by n by default (see ddof); the text asks for the sample's deviation.",
            ),
            Mistake(
                "one_sided",
                wrong=lambda s, r: _interval(s, r, z=1.645),
                hint="1.645 leaves out 5 % on one side. Two sides of 2.5 % are asked for.",
            ),
            Mistake(
                "turned",
                wrong=lambda s, r: _interval(r, s),
                hint="The sign is turned: a positive value is to mean that the salient part mattered more.",
            ),
        ],
        fallback_hint="Differences first; then their mean, their standard deviation with ddof=1, and the square "
        "root of their number.",
    ),
)
