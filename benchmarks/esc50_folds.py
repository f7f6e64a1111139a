"""The networks of lab 05 over the official five folds of ESC-50: accuracy of every fold, and time.

python benchmarks/esc50_folds.py [DATA_HOME] [--seeds 0 1 2] [--only NAME ...]

Each recipe has a fixed number of epochs and fixed settings, and is given the four other folds
alone; nothing is chosen on the fold that is tested.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from labs_lib import augment, evaluation, features, models, training
from labs_lib.datasets import esc50

RATE, N_MELS = 22_050, 128


class Recipe(NamedTuple):
    """What is trained: the network, its inputs and how many epochs."""

    build: Callable[[tuple[int, int, int], int], keras.Model]
    inputs: str
    epochs: int
    rate: float = 1e-3
    batch_size: int = 32
    steps: augment.Augment | None = None
    decay: float = 0.0  # with it: AdamW, and a rate that rises for a tenth of the run and falls as a cosine


SHIFT_AND_MASKS = augment.chain(
    augment.time_shift(), augment.mask_bands(16, masks=2), augment.mask_frames(20, masks=2)
)

RECIPES: Mapping[str, Recipe] = {
    "published CNN on power": Recipe(models.environment_cnn, "power", 50),
    "published CNN on log-mel": Recipe(models.environment_cnn, "log-mel", 50),
    "tuned CNN on log-mel": Recipe(models.environment_cnn_tuned, "log-mel", 50),
    "ours, no augmentation": Recipe(models.environment_gap, "log-mel", 50, 3e-3, 16, decay=1e-2),
    "ours": Recipe(models.environment_gap, "log-mel", 50, 3e-3, 16, SHIFT_AND_MASKS, decay=1e-2),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data_home", nargs="?", default=None, help="folder that holds the recordings")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", nargs="+", choices=RECIPES, default=list(RECIPES), metavar="NAME")
    arguments = parser.parse_args()
    training.accelerate()
    clips = esc50.load(arguments.data_home)
    print(f"{clips.name}: {clips.provenance} {os.cpu_count()} cores.")
    power = features.clips_mel_power(clips.paths, RATE, N_MELS)
    inputs = {
        "power": _each_standardised(power),
        "log-mel": np.stack([features.to_db(clip, 80.0) for clip in power]),
    }
    print(f"{'':26} {'seed':>4}  " + "  ".join(f"fold {fold}" for fold in np.unique(clips.folds)), end="")
    print("   mean   ± std  95 % interval   s a fold")
    for name in arguments.only:
        recipe = RECIPES[name]
        means = []
        for seed in arguments.seeds:
            results = evaluation.cross_validate(
                inputs[recipe.inputs], clips.labels, clips.folds, _trainer(recipe), seed=seed
            )
            mean, deviation, low, high = results.interval
            means.append(mean)
            print(f"{name:26} {seed:4}  " + "  ".join(f"{a:6.3f}" for a in results.accuracies), end="")
            print(
                f"  {mean:.3f} ± {deviation:.3f}  {low:.3f} - {high:.3f}   {results.seconds.mean():5.1f}",
                flush=True,
            )
        if len(means) > 1:
            print(f"{name:26} over seeds: {np.mean(means):.3f} ± {np.std(means, ddof=1):.3f}", flush=True)


def _each_standardised(power: np.ndarray) -> np.ndarray:
    """Return spectrograms with mean 0 and deviation 1 each, as the published versions do."""
    return (power - power.mean((1, 2), keepdims=True)) / power.std((1, 2), keepdims=True)


def _trainer(recipe: Recipe) -> evaluation.Train:
    def train(x: np.ndarray, labels: np.ndarray, seed: int) -> evaluation.Predictor:
        mean, deviation = x.mean(), x.std()

        def scale(inputs: np.ndarray) -> np.ndarray:
            return ((inputs - mean) / deviation)[..., None]

        keras.utils.set_random_seed(seed)
        classes = len(esc50.CLASS_NAMES)
        model = recipe.build((*x.shape[1:], 1), classes)
        model.compile(_optimizer(recipe, len(x)), "sparse_categorical_crossentropy")
        if recipe.steps is None:
            model.fit(scale(x), labels, epochs=recipe.epochs, batch_size=recipe.batch_size, verbose=0)
        else:
            model.fit(_augmented(scale(x), labels, recipe), epochs=recipe.epochs, shuffle=False, verbose=0)
        return lambda inputs: model.predict(scale(inputs), verbose=0)

    return train


def _augmented(x: np.ndarray, labels: np.ndarray, recipe: Recipe) -> tf.data.Dataset:
    """Return batches as in lab 05: shuffled and changed anew in every epoch."""
    steps = recipe.steps
    assert steps is not None
    batches = tf.data.Dataset.from_tensor_slices((x, labels)).shuffle(len(x))
    seeds = tf.data.Dataset.random(rerandomize_each_iteration=True).batch(2)
    together = tf.data.Dataset.zip(
        batches.batch(recipe.batch_size), seeds.map(lambda pair: tf.cast(pair, tf.int32))
    )
    changed = together.map(lambda batch, pair: steps(*batch, pair), num_parallel_calls=tf.data.AUTOTUNE)
    return changed.prefetch(tf.data.AUTOTUNE)


def _optimizer(recipe: Recipe, clips: int) -> keras.optimizers.Optimizer:
    if not recipe.decay:
        return keras.optimizers.Adam(recipe.rate)
    updates = recipe.epochs * -(-clips // recipe.batch_size)
    return keras.optimizers.AdamW(training.warm_cosine(recipe.rate, updates), weight_decay=recipe.decay)


if __name__ == "__main__":
    main()
