"""Lab 05, the instructor's side: what a graded run draws, and what is checked beyond the students' checks."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_lib.exercises.context import Context
from labs_lib.exercises.framework import Wrong
from labs_lib.grading.hidden import typed_in, untrained

# Where features of sounds are computed: what numba compiles for them is compiled there once.
SOUND = ("runs",)


def draw(rng: np.random.Generator) -> dict[str, Any]:
    """Return the parameters of one run: smaller spectrograms, other folds, few epochs."""
    return {
        "source": "standin",
        "seed": int(rng.integers(1, 10_000)),
        # Few values, since the features of each pair are computed once and kept.
        "sample_rate": int(rng.choice([8000, 11_025, 16_000])),
        "n_mels": int(rng.choice([40, 44, 48, 52])),
        "test_fold": int(rng.integers(1, 6)),
        "batch_size": int(rng.integers(20, 40)),
        "mlp_epochs": int(rng.integers(4, 9)),
        "cnn_epochs": int(rng.integers(2, 5)),
        "n_folds": 2,
        "compact_epochs": 1,
    }


def prepare(parameters: Mapping[str, Any]) -> None:
    """Synthesise the clips and compute their spectrograms, before any run asks for them."""
    from labs_lib import features
    from labs_lib.datasets import esc50

    clips = esc50.load(None, parameters["source"])
    features.clips_mel_power(clips.paths, parameters["sample_rate"], parameters["n_mels"], progress=False)


_ALIKE = 0.8  # correlation of a clip's array with its spectrogram, from which it counts as that clip


def _own_clips(answers: SimpleNamespace, ctx: Context) -> Wrong | None:
    """The students' check looks at means and deviations: here each array must hold the clips of its side.

    A spectrogram that was scaled otherwise, or cut off at another level, is still alike.
    """
    from labs_lib import features
    from labs_lib.exercises.lab05.common import clips, rows

    power = features.clips_mel_power(clips(ctx).paths, ctx["sample_rate"], ctx["n_mels"], progress=False)
    for side in ("train", "validation", "test"):
        given = getattr(answers, f"X_{side}_scaled", None)
        if given is None:
            continue
        right = 10 * np.log10(np.maximum(power[rows(ctx, side)], 1e-10))
        alike = np.mean(_correlations(given, right) > _ALIKE)
        if alike < 0.9:
            return Wrong(f"the spectrograms of the {side} clips", f"others in {1 - alike:.0%} of the places")
    return None


def _correlations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the correlation of each clip with the clip at the same place, shape (n,)."""
    rows = [np.reshape(array, (len(array), -1)).astype(float) for array in (first, second)]
    x, y = (row - row.mean(axis=1, keepdims=True) for row in rows)
    scale = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    return np.asarray((x * y).sum(axis=1) / np.maximum(scale, 1e-12))


def _watched(answers: SimpleNamespace, ctx: Context) -> Wrong | None:
    """The network handed in was trained, on its way its curves were recorded, on clips of the run."""
    from labs_lib.exercises.lab05.common import labels

    return (
        untrained(answers.mlp, ctx["mlp_epochs"])
        or _own_clips(answers, ctx)
        or typed_in(answers.mlp, answers.mlp_history, answers.X_validation_scaled, labels(ctx, "validation"))
    )


def _scores(answers: SimpleNamespace, ctx: Context) -> Wrong | None:
    """The accuracies are those of trained networks on the run's own test clips."""
    return (
        untrained(answers.mlp, ctx["mlp_epochs"])
        or untrained(answers.cnn, ctx["cnn_epochs"])
        or _own_clips(answers, ctx)
    )


def _all_were_trained(answers: SimpleNamespace, _: Context) -> Wrong | None:
    found = (untrained(model, len(curves["loss"])) for model, curves in answers.train)
    return next((wrong for wrong in found if wrong), None)


HIDDEN = {"standardise": _own_clips, "training": _all_were_trained, "watched": _watched, "scores": _scores}
