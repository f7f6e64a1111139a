"""Lab 06: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from harness import Answers, Solved, make_tests
from notebook_tests import make_notebook_tests

TINY = {"mlps": "[3]", "mlp_epochs": 1, "cnn_epochs": 1, "explained": 10}

# Every lab needs three sets that differ in all that the answers depend on; networks stay tiny.
PARAMETER_SETS: list[dict[str, Any]] = [
    {"seed": 1, "n_mfcc": 13, "cnns": "4-3-2-2", **TINY},
    {"seed": 2, "n_mfcc": 14, "cnns": "2-3-4-5", **TINY},
    {"seed": 3, "n_mfcc": 16, "cnns": "3-2-2-4", **TINY},
]


def _function(name: str, function: Any) -> Any:
    """Return a mutation: another function under the name of an answer."""
    return lambda right, s: {name: function}


# Sound ------------------------------------------------------------------------------------


def _bin(samples: np.ndarray) -> int:
    return int(np.abs(np.fft.rfft(samples)).argmax())


def _cut(samples: np.ndarray, rate: int, most: int | None = 10) -> np.ndarray:
    return samples[: len(samples) // (3 * rate) * 3 * rate].reshape(-1, 3 * rate)[:most]


def _padded(samples: np.ndarray, rate: int) -> np.ndarray:
    return _cut(np.pad(samples, (0, -len(samples) % (3 * rate))), rate)


def _shape(change: Any) -> Any:
    return lambda right, s: {"shape": change(*right["shape"])}


# Splits -----------------------------------------------------------------------------------


def _sides(track_of: Any, validation: Any, test: Any) -> tuple[Any, Any, Any]:
    in_validation, in_test = np.isin(track_of, validation), np.isin(track_of, test)
    return ~(in_validation | in_test), in_validation, in_test  # masks are right as well


def _scaled(center: Any, scale: Any) -> Any:
    """Return a mutation: each array by center and scale of (its own, the training, all raw values)."""

    def mutate(right: Answers, s: Solved) -> Answers:
        raw = {side: s.namespace[f"X_{side}"] for side in ("train", "validation", "test")}
        everything = np.concatenate(list(raw.values()))
        return {
            f"X_{side}_scaled": (own - center(own, raw["train"], everything))
            / scale(own, raw["train"], everything)
            for side, own in raw.items()
        }

    return mutate


def _mean(x: np.ndarray) -> np.ndarray:
    return x.mean(axis=(0, 1))


def _std(x: np.ndarray) -> np.ndarray:
    return x.std(axis=(0, 1))


# Networks ---------------------------------------------------------------------------------


def _prepare(
    optimizer: Any = None,
    loss: str = "sparse_categorical_crossentropy",
    metrics: tuple[str, ...] = ("accuracy",),
) -> Any:
    def prepare(model: Any, rate: float) -> Any:
        import keras

        model.compile(
            optimizer(rate) if optimizer else keras.optimizers.Adam(rate), loss, metrics=list(metrics)
        )
        return model

    return _function("prepare", prepare)


def _shared_optimizer(right: Answers, s: Solved) -> Answers:
    import keras

    made_once = keras.optimizers.Adam(0.01)

    def prepare(model: Any, rate: float) -> Any:
        made_once.learning_rate = rate
        model.compile(made_once, "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    return {"prepare": prepare}


def _sgd(rate: float) -> Any:
    import keras

    return keras.optimizers.SGD(rate)


def _stopping(**changed: Any) -> Any:
    def stopping(patience: int) -> Any:
        import keras

        settings = {"monitor": "val_loss", "patience": patience, "restore_best_weights": True, **changed}
        return keras.callbacks.EarlyStopping(**settings)

    return _function("stopping", stopping)


def _decay(rule: Any) -> Any:
    return _function("decay", rule)


# Answers ----------------------------------------------------------------------------------


def _by_track(choose: Any, factor: float = 1.0) -> Any:
    def accuracy(probabilities: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> float:
        right = [choose(probabilities[tracks == t]) == labels[tracks == t][0] for t in np.unique(tracks)]
        return factor * float(np.mean(right))

    return _function("track_accuracy", accuracy)


def _vote(rows: np.ndarray) -> int:
    return int(np.bincount(rows.argmax(axis=1)).argmax())


def _resized(segment: np.ndarray) -> np.ndarray:
    """Turn the picture and make it fit with np.resize, as published versions do."""
    return np.resize(np.rot90(segment), (1, *segment.shape, 1))


def _segments_of(samples: np.ndarray, length: int) -> Any:
    return samples[: len(samples) // length * length].reshape(-1, length)


def _truncated(samples: np.ndarray, rate: int) -> list[np.ndarray]:
    """Cut the signal itself inside the loop, as published versions do: what follows is empty."""
    pieces = []
    for number in range(max(len(samples) // (3 * rate), 1)):
        samples = samples[number * 3 * rate : (number + 1) * 3 * rate]
        pieces.append(samples)
    return pieces


def _song(samples: np.ndarray, rate: int, most: int | None = None, short: str = "repeat") -> Any:
    length = 3 * rate
    if len(samples) < length and short == "repeat":
        samples = np.resize(samples, length)
    elif len(samples) < length and short == "silence":
        samples = np.pad(samples, (0, length - len(samples)))
    return _segments_of(samples, length)[:most]


# The order in which the labels stand in a published version.
OTHER_ORDER = ["disco", "metal", "reggae", "blues", "rock", "classical", "jazz", "hiphop", "country", "pop"]


def _name(number: Any) -> Any:
    return _function("genre_name", lambda probabilities, labels: labels[number(probabilities)])


MUTATIONS = {
    ("peak", "bin"): _function("loudest_frequency", lambda x, r: _bin(x)),
    ("peak", "doubled"): _function("loudest_frequency", lambda x, r: _bin(x) * r / len(np.fft.rfft(x))),
    ("peak", "real_part"): _function(
        "loudest_frequency", lambda x, r: np.fft.rfft(x).real.argmax() * r / len(x)
    ),
    ("peak", "value"): _function("loudest_frequency", lambda x, r: np.abs(np.fft.rfft(x)).max()),
    ("segments", "first_only"): _function(
        "cut", lambda x, r: np.repeat(_cut(x, r)[:1], len(_cut(x, r)), axis=0)
    ),
    ("segments", "no_limit"): _function("cut", lambda x, r: _cut(x, r, None)),
    ("segments", "rest_padded"): _function("cut", _padded),
    ("segments", "sliding"): _function("cut", lambda x, r: [x[k * r : k * r + 3 * r] for k in range(10)]),
    ("segments", "transposed"): _function("cut", lambda x, r: _cut(x, r).T),
    ("shape", "transposed"): _shape(lambda n, f, c: (n, c, f)),
    ("shape", "one_frame_less"): _shape(lambda n, f, c: (n, f - 1, c)),
    ("shape", "tracks"): _shape(lambda n, f, c: (n // 10, f, c)),
    ("shape", "whole_track"): _shape(lambda n, f, c: (n, 1 + 30 * 22_050 // 512, c)),
    ("shape", "samples"): _shape(lambda n, f, c: (n, 3 * 22_050, c)),
    ("apart", "numbers_as_rows"): _function(
        "split_by_track", lambda t, v, e: (np.setdiff1d(t, np.concatenate([v, e])), v, e)
    ),
    ("apart", "validation_left_in"): _function(
        "split_by_track", lambda t, v, e: (~np.isin(t, e), np.isin(t, v), np.isin(t, e))
    ),
    ("apart", "exchanged"): _function(
        "split_by_track", lambda t, v, e: (_sides(t, v, e)[0], np.isin(t, e), np.isin(t, v))
    ),
    ("apart", "everything_trained_on"): _function(
        "split_by_track", lambda t, v, e: (np.arange(len(t)), *_sides(t, v, e)[1:])
    ),
    ("leaked", "rows"): _function("leaked_share", lambda t, a, b: np.isin(b, a).mean()),
    ("leaked", "tracks"): _function("leaked_share", lambda t, a, b: np.isin(np.unique(t[b]), t[a]).mean()),
    ("leaked", "of_training"): _function("leaked_share", lambda t, a, b: np.isin(t[a], t[b]).mean()),
    ("leaked", "not_leaked"): _function("leaked_share", lambda t, a, b: 1 - np.isin(t[b], t[a]).mean()),
    ("leaked", "percent"): _function("leaked_share", lambda t, a, b: 100 * np.isin(t[b], t[a]).mean()),
    ("standardise", "own_statistics"): _scaled(lambda o, t, e: _mean(o), lambda o, t, e: _std(o)),
    ("standardise", "all_statistics"): _scaled(lambda o, t, e: _mean(e), lambda o, t, e: _std(e)),
    ("standardise", "one_number"): _scaled(lambda o, t, e: t.mean(), lambda o, t, e: t.std()),
    ("standardise", "each_place"): _scaled(lambda o, t, e: t.mean(axis=0), lambda o, t, e: t.std(axis=0)),
    ("standardise", "not_centred"): _scaled(lambda o, t, e: 0, lambda o, t, e: _std(t)),
    ("standardise", "variance"): _scaled(lambda o, t, e: _mean(t), lambda o, t, e: _std(t) ** 2),
    ("compile", "shared"): _shared_optimizer,
    ("compile", "rate_ignored"): _prepare(optimizer=lambda rate: "adam"),
    ("compile", "sgd"): _prepare(optimizer=_sgd),
    ("compile", "one_hot"): _prepare(loss="categorical_crossentropy"),
    ("compile", "no_accuracy"): _prepare(metrics=()),
    ("decay", "one_late"): _decay(lambda e, r, s, v: r if e <= s else r * math.exp(-v)),
    ("decay", "at_once"): _decay(lambda e, r, s, v: r * math.exp(-v)),
    ("decay", "twice"): _decay(lambda e, r, s, v: r if e < s else r * math.exp(-v * (e - s + 1))),
    ("decay", "grows"): _decay(lambda e, r, s, v: r if e < s else r * math.exp(v)),
    ("decay", "factor"): _decay(lambda e, r, s, v: r if e < s else r * v),
    ("stopping", "watches_training"): _stopping(monitor="loss"),
    ("stopping", "accuracy"): _stopping(monitor="val_accuracy"),
    ("stopping", "keeps_last"): _stopping(restore_best_weights=False),
    ("stopping", "patience_ignored"): _stopping(patience=10),
    ("steps", "one_late"): _function("steps", lambda e, f: f * (1 if e <= 25 else 0.5 if e <= 100 else 0.3)),
    ("steps", "last_step_missing"): _function("steps", lambda e, f: f * (1 if e < 25 else 0.5)),
    ("steps", "typed_in"): _function("steps", lambda e, f: 1e-4 if e < 25 else 5e-5 if e < 100 else 3e-5),
    ("steps", "of_each_other"): _function(
        "steps", lambda e, f: f * (1 if e < 25 else 0.5 if e < 100 else 0.15)
    ),
    ("tracks", "segments"): _function("track_accuracy", lambda p, y, t: np.mean(p.argmax(axis=1) == y)),
    ("tracks", "vote"): _by_track(_vote),
    ("tracks", "first_segment"): _by_track(lambda rows: rows[0].argmax()),
    ("tracks", "percent"): _by_track(lambda rows: rows.mean(axis=0).argmax(), factor=100.0),
    ("input", "scrambled"): _function("model_input", _resized),
    ("input", "turned"): _function("model_input", lambda x: x.T[None, :, :, None]),
    ("input", "no_batch"): _function("model_input", lambda x: x[:, :, None]),
    ("input", "no_channel"): _function("model_input", lambda x: x[None]),
    ("song", "truncated"): _function("song_segments", _truncated),
    ("song", "first_only"): _function("song_segments", lambda x, r: _song(x, r, most=1)),
    ("song", "ten_only"): _function("song_segments", lambda x, r: _song(x, r, most=10)),
    ("song", "short_lost"): _function("song_segments", lambda x, r: _song(x, r, short="lost")),
    ("song", "short_silence"): _function("song_segments", lambda x, r: _song(x, r, short="silence")),
    ("song", "rest_kept"): _function(
        "song_segments", lambda x, r: [x[k : k + 3 * r] for k in range(0, len(x), 3 * r)]
    ),
    ("name", "other_list"): _function(
        "genre_name", lambda p, labels: OTHER_ORDER[int(p.mean(axis=0).argmax())]
    ),
    ("name", "vote"): _name(_vote),
    ("name", "first_segment"): _name(lambda p: p[0].argmax()),
    ("name", "least"): _name(lambda p: p.mean(axis=0).argmin()),
}

TestLab06 = make_tests("06", PARAMETER_SETS, MUTATIONS, later="answers")
TestNotebook06 = make_notebook_tests("06", PARAMETER_SETS[0])


def test_other_shapes_of_the_same_mistakes_are_recognised() -> None:
    from harness import solve

    from labs_lib.exercises.framework import check

    solved = solve("06", tuple(sorted(PARAMETER_SETS[0].items())), "all")
    for exercise, name, function, mistake in (
        # The picture turned back by reshaping; the first segment again and again; the labels in alphabetical order.
        ("input", "model_input", lambda x: x.T.reshape(1, *x.shape, 1), "scrambled"),
        (
            "song",
            "song_segments",
            lambda x, r: [np.resize(x, 3 * r)] * max(len(x) // (3 * r), 1),
            "truncated",
        ),
        ("name", "genre_name", lambda p, labels: sorted(labels)[int(p.mean(axis=0).argmax())], "other_list"),
    ):
        verdict = check(solved.lab.exercise(exercise), {name: function}, solved.context)
        assert (verdict.status, verdict.mistake) == ("failed", mistake)
