"""Measure whether the stand-in sounds teach what the labs on sound are about, over several seeds.

    python tools/lessons.py [instruments|environment|music]... [--seeds 0-4]

Instruments: a random split of the excerpts of notes flatters a network, new recordings are harder.
Environment: the dense network memorises the clips, the convolutional one does better on folds
that neither has heard. Music: segments of one track on both sides of a split inflate the score.

Every seed makes a stand-in, a split and starting weights of its own. Everything goes through the
loaders that read the real recordings as well. All three take about ten minutes on two cores.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import StratifiedKFold

from labs_lib import features, models
from labs_lib.datasets import esc50, gtzan, splits, uiowa
from labs_lib.datasets.recordings import Examples
from labs_lib.notebook import accelerate_fit

if TYPE_CHECKING:
    import keras

PARTS = 5  # of which one is held out in turn
Rows = tuple[np.ndarray, np.ndarray]  # to train on, to test on
# Adam at 0.01, as in the original lab, leaves the dense network of lab 05 at half of its training
# clips; a slower one shows what it can memorise.
DENSE = {"Adam 0.0003, 300 epochs": (0.0003, 300), "Adam 0.01, 60 epochs": (0.01, 60)}


def instruments(seed: int, parts: Sequence[int] = range(PARTS)) -> dict[str, float]:
    """Return the accuracies of lab 04's network on excerpts of notes, at random and by recording."""
    data = uiowa.notes(uiowa.load(source="standin", seed=seed), seconds=0.45, step=0.05)

    def network() -> keras.Model:
        return models.mlp(120, [256], 10, activation="sigmoid", output_activation="softmax")

    return _random_and_group_split(data, "recording", network, parts, seed, epochs=40, batch=128)


def music(seed: int, parts: Sequence[int] = range(PARTS)) -> dict[str, float]:
    """Return the accuracies of a dense network on segments, at random and by track."""
    data = gtzan.segments(gtzan.load(source="standin", seed=seed))

    def network() -> keras.Model:
        return models.mlp(data.x[0].size, [128], 10, output_activation="softmax")

    return _random_and_group_split(data, "track", network, parts, seed, epochs=30, batch=32)


def environment(
    seed: int, folds: Sequence[int] = (1, 2, 3, 4, 5), dense: dict[str, tuple[float, int]] = DENSE
) -> dict[str, float]:
    """Return the accuracies of lab 05's networks, each the mean over the folds held out in turn."""
    clips = esc50.load(source="standin", seed=seed)
    log_mel = features.to_db(features.clips_mel_power(clips.paths, 22_050, progress=False))
    results: dict[str, list[float]] = {}
    for fold in folds:
        rows = splits.by_fold(clips, fold)
        scaled = (log_mel - log_mel[rows.train].mean()) / log_mel[rows.train].std()
        for name, (build, x, rate, epochs) in {
            **{
                f"dense, {how}": (models.environment_mlp, scaled, *settings)
                for how, settings in dense.items()
            },
            "convolutional": (models.environment_cnn, scaled[..., None], 0.001, 30),
        }.items():
            _seed(seed)
            network = build(x.shape[1:], 10)
            _train(network, x[rows.train], clips.labels[rows.train], rate, epochs, 32)
            for side, part in (("training", rows.train), ("test", rows.test)):
                score = _right(network, x[part], clips.labels[part]).mean()
                results.setdefault(f"{name}, {side}", []).append(float(score))
    return {name: float(np.mean(values)) for name, values in results.items()}


def _random_and_group_split(
    data: Examples,
    group: str,
    network: Callable[[], keras.Model],
    parts: Sequence[int],
    seed: int,
    epochs: int,
    batch: int,
) -> dict[str, float]:
    x = data.x.reshape(len(data), -1)
    mixed = StratifiedKFold(PARTS, shuffle=True, random_state=seed).split(x, data.labels)
    grouped = ((split.train, split.test) for split in splits.group_folds(data, group, PARTS, seed=seed))

    def accuracy(dealt: Iterable[Rows]) -> float:
        right, all_parts = [], list(dealt)
        for train, test in [all_parts[part] for part in parts]:
            scaled = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
            _seed(seed)
            model = network()
            _train(model, scaled[train], data.labels[train], 0.001, epochs, batch)
            right.append(_right(model, scaled[test], data.labels[test]))
        return float(np.concatenate(right).mean())

    return {"split at random": accuracy(mixed), f"every {group} on one side": accuracy(grouped)}


def _seed(seed: int) -> None:
    import keras  # here: labs_lib silences TensorFlow before it starts

    keras.utils.set_random_seed(seed)


def _train(network: keras.Model, x: np.ndarray, y: np.ndarray, rate: float, epochs: int, batch: int) -> None:
    import keras

    network.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(x, y, epochs=epochs, batch_size=batch, verbose=0)


def _right(network: keras.Model, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.asarray(network(x, training=False)).argmax(axis=1) == y


LESSONS = {"instruments": instruments, "environment": environment, "music": music}


def main() -> None:
    """Print a table: mean, standard deviation and extremes over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help=f"{', '.join(LESSONS)}; all without")
    parser.add_argument("--seeds", default="0-4", help="first and last seed (default: 0-4)")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    accelerate_fit()
    for title in options.lessons or LESSONS:
        runs = []
        for seed in seeds:
            _seed(seed)
            runs.append(LESSONS[title](seed))
        print(f"{title} (stand-in), accuracy over seeds {options.seeds}", flush=True)
        for name in runs[0]:
            values = np.array([run[name] for run in runs])
            spread = values.std(ddof=1) if len(values) > 1 else 0.0
            extremes = f"({values.min():.3f} to {values.max():.3f})"
            print(f"  {name:<40} {values.mean():.3f} ± {spread:.3f}  {extremes}", flush=True)


if __name__ == "__main__":
    main()
