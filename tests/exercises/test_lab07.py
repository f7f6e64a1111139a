"""Lab 07: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from harness import make_tests
from notebook_tests import make_notebook_tests

# Networks stay tiny; what matters here are the checks, whose probes follow from all parameters.
SMALL = {"tracks_per_genre": 4, "epochs": 1, "n_explained": 12, "noisy_copies": 1, "n_random": 2}

# Every lab needs three sets that differ in all that the answers depend on.
PARAMETER_SETS: list[dict[str, Any]] = [
    {"seed": 1, "units": 6, **SMALL},
    {"seed": 2, "units": 9, **SMALL},
    {"seed": 3, "units": 12, **SMALL},
]


def _answer(name: str, function: Callable[..., Any]) -> Any:
    return lambda right, s: {name: function}


def _scaled(axis: Any, *, rows_too: bool = True, variance: bool = False) -> Any:
    def standardise(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
        some = x[rows] if rows_too else x
        keep = axis is not None
        spread = some.var(axis, keepdims=keep) if variance else some.std(axis, keepdims=keep)
        return (x - some.mean(axis, keepdims=keep)) / spread

    return _answer("standardise", standardise)


def _by_itself(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)


def _tracks(decide: Callable[[np.ndarray], int], scale: Callable[[int], float] = lambda n: 1.0) -> Any:
    def track_accuracy(probabilities: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> float:
        numbers = np.unique(tracks)
        right = [decide(probabilities[tracks == n]) == labels[tracks == n][0] for n in numbers]
        return float(np.mean(right)) * scale(len(numbers))

    return _answer("track_accuracy", track_accuracy)


def _mean_choice(rows: np.ndarray) -> int:
    return int(rows.mean(axis=0).argmax())


def _chosen(column: str, sign: int = 1) -> Any:
    return _answer("choose", lambda table: max(table, key=lambda name: sign * table[name][column]))


def _of(probabilities: np.ndarray, classes: np.ndarray) -> np.ndarray:
    return probabilities[np.arange(len(classes)), classes]


def _drop(rule: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]) -> Any:
    return _answer("drop", rule)


def _same_for_each(n: int, size: int, count: int, seed: int) -> np.ndarray:
    places = np.zeros((n, size), dtype=bool)
    for row in places:
        row[np.random.default_rng(seed).choice(size, count, replace=False)] = True
    return places


def _drawn(*, replace: bool = False, seed: int | None = None, seeded: bool = True) -> Any:
    def random_places(n: int, size: int, count: int, given: int) -> np.ndarray:
        rng = np.random.default_rng((given if seed is None else seed) if seeded else None)
        places = np.zeros((n, size), dtype=bool)
        for row in places:
            row[rng.choice(size, count, replace=replace)] = True
        return places

    return _answer("random_places", random_places)


def _by_probability(n: int, size: int, count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((n, size)) < count / size


def _interval(z: float = 1.96, ddof: int = 1, root: bool = True, sign: int = 1) -> Any:
    def paired_interval(salient: np.ndarray, random: np.ndarray) -> tuple[float, float, float]:
        d = sign * (salient - random)
        reach = z * d.std(ddof=ddof) / (np.sqrt(len(d)) if root else 1)
        return d.mean(), d.mean() - reach, d.mean() + reach

    return _answer("paired_interval", paired_interval)


def _unpaired(salient: np.ndarray, random: np.ndarray) -> tuple[float, float, float]:
    mean = salient.mean() - random.mean()
    reach = 1.96 * np.sqrt(salient.var(ddof=1) / len(salient) + random.var(ddof=1) / len(random))
    return mean, mean - reach, mean + reach


def _lines(mask: np.ndarray, centres: np.ndarray, bins: np.ndarray) -> np.ndarray:
    return np.array([np.interp(bins, centres, frame) for frame in mask]).T


def _heard(
    change: Callable[[np.ndarray, np.ndarray], np.ndarray], *, hop_too: bool = True, whole: bool = True
) -> Any:
    def hear(samples: np.ndarray, mask: np.ndarray, n_fft: int, hop: int) -> np.ndarray:
        import librosa

        product = change(librosa.stft(samples, n_fft=n_fft, hop_length=hop), mask)
        return librosa.istft(
            product.astype(np.complex64),
            n_fft=n_fft,
            hop_length=hop if hop_too else None,
            length=len(samples) if whole else None,
        )

    return _answer("hear", hear)


MUTATIONS = {
    ("standardise", "all_rows"): _scaled((0, 1), rows_too=False),
    ("standardise", "one_number"): _scaled(None),
    ("standardise", "wrong_axis"): _scaled((0, 2)),
    ("standardise", "by_segment"): _answer("standardise", _by_itself),
    ("standardise", "each_place"): _scaled(0),
    ("standardise", "variance"): _scaled((0, 1), variance=True),
    ("tracks", "by_segment"): _answer("track_accuracy", lambda p, y, t: np.mean(p.argmax(axis=1) == y)),
    ("tracks", "by_vote"): _tracks(lambda rows: int(np.bincount(rows.argmax(axis=1)).argmax())),
    ("tracks", "by_first"): _tracks(lambda rows: int(rows[0].argmax())),
    ("tracks", "percent"): _tracks(_mean_choice, lambda n: 100.0),
    ("tracks", "counted"): _tracks(_mean_choice, float),
    ("choose", "by_test"): _chosen("test, track"),
    ("choose", "by_segment"): _chosen("validation, segment"),
    ("choose", "by_test_segment"): _chosen("test, segment"),
    ("choose", "worst"): _chosen("validation, track", -1),
    ("drop", "largest"): _drop(lambda b, f, y: b.max(axis=1) - f.max(axis=1)),
    ("drop", "predicted"): _drop(lambda b, f, y: _of(b, b.argmax(axis=1)) - _of(f, b.argmax(axis=1))),
    ("drop", "rise"): _drop(lambda b, f, y: _of(f, y) - _of(b, y)),
    ("drop", "relative"): _drop(lambda b, f, y: 1 - _of(f, y) / _of(b, y)),
    ("drop", "after_only"): _drop(lambda b, f, y: _of(f, y)),
    ("random", "same_for_each"): _answer("random_places", _same_for_each),
    ("random", "with_repetition"): _drawn(replace=True),
    ("random", "by_probability"): _answer("random_places", _by_probability),
    ("random", "seed_ignored"): _drawn(seed=0),
    ("random", "not_repeatable"): _drawn(seeded=False),
    ("interval", "unpaired"): _answer("paired_interval", _unpaired),
    ("interval", "deviation"): _interval(root=False),
    ("interval", "divided_by_all"): _interval(ddof=0),
    ("interval", "one_sided"): _interval(z=1.645),
    ("interval", "turned"): _interval(sign=-1),
    ("spread", "turned"): _answer("spread", lambda m, c, b: _lines(m, c, b).T),
    ("spread", "resized"): _answer("spread", lambda m, c, b: np.resize(m.T, (len(b), len(m)))),
    ("spread", "even_bands"): _answer(
        "spread", lambda m, c, b: _lines(m, np.linspace(b[0], b[-1], len(c)), b)
    ),
    ("spread", "nearest"): _answer(
        "spread", lambda m, c, b: m[:, [int(np.argmin(abs(hertz - c))) for hertz in b]].T
    ),
    ("hear", "phase_lost"): _heard(lambda s, m: np.abs(s) * m),
    ("hear", "power"): _heard(lambda s, m: np.abs(s) ** 2 * m),
    ("hear", "complement"): _heard(lambda s, m: s * (1 - m)),
    ("hear", "unmasked"): _heard(lambda s, m: s),
    ("hear", "own_hop"): _heard(lambda s, m: s * m, hop_too=False),
    ("hear", "cut"): _heard(lambda s, m: s * m, whole=False),
}

TestLab07 = make_tests("07", PARAMETER_SETS, MUTATIONS, later="answers")
TestNotebook07 = make_notebook_tests("07", PARAMETER_SETS[0], scores_within=5e-3)
