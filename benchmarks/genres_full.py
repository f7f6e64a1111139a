"""Lab 06 in full size: the seven convolutional networks on segments split at random and by track.

python benchmarks/genres_full.py DIR [--tracks-per-genre 100] [--seeds 0 1 2]
    [--filters 32-32-32-32 256-128-64-64] [--splits random track] [--epochs 200] [--mlps 1 2 3 4 5 6]

Everything that takes time is kept in DIR: the stand-in tracks, their MFCC, and the scores of every network as soon
as it is trained. A run that was stopped goes on where it was; DIR/genres.csv and DIR/genres.md hold what is done.
Two runs may work on one DIR, on different splits or seeds. Real tracks are read with --data-home.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from sklearn.preprocessing import StandardScaler

from labs_engine.base import storage
from labs_lib import training
from labs_lib.datasets import gtzan, splits
from labs_lib.datasets.recordings import Examples
from labs_lib.datasets.splits import Split
from labs_lib.labs.lab06.networks import CNN, DENSE
from labs_lib.labs.lab06.training import DECAY, STEPS
from labs_lib.labs.tracks import by_mean
from labs_lib.models import GENRE_FILTERS, GENRE_MLPS, filter_combinations
from labs_lib.models.genres import Filters

COLUMNS = (
    "network",
    "parameters",
    "split",
    "seed",
    "settings",
    "segments",
    "tracks",
    "epochs",
    "seconds",
    "training",
    "published",
)
WHICH = ("network", "split", "seed", "settings")  # what tells one training from another
# Epochs at most, and how fast the rate falls from the tenth epoch on; without, nothing is stopped early either.
DENSE_TRAINING = {1: (50, 0.0), 2: (100, 0.0), 3: (100, 0.1), 4: (100, 0.01), 5: (100, 0.1), 6: (100, 0.1)}

Row = dict[str, str]


class Plan(NamedTuple):
    """A network and how it is trained: with Adam, in batches of 32.

    Attributes:
        build: Returns a new network for inputs of a shape and a number of classes.
        rate: The learning rate at the beginning.
        epochs: Epochs at most.
        patience: Stop when the validation loss has not fallen for so many epochs; 0 for a fixed number of epochs.
        schedule: The rate of each epoch, from the epoch (counted from 0) and the rate before it.
        channel: Whether inputs get a last axis of length 1, as convolutions want it.
        published: The published accuracy, if there is one.
    """

    build: Callable[[tuple[int, ...], int], keras.Model]
    rate: float
    epochs: int
    patience: int = 0
    schedule: Callable[[int, float], float] = lambda epoch, rate: rate
    channel: bool = False
    published: float | str = ""


def dense_plan(number: int) -> Plan:
    """Return how one of the dense networks is trained."""
    epochs, speed = DENSE_TRAINING[number]

    def build(shape: tuple[int, ...], n_classes: int) -> keras.Model:
        return DENSE.right(shape, n_classes, *GENRE_MLPS[number]).build()

    if not speed:
        return Plan(build, 0.01, epochs)
    return Plan(build, 0.01, epochs, 10, lambda epoch, rate: DECAY.right(epoch, rate, 10, speed))


def cnn_plan(filters: Filters, epochs: int, patience: int) -> Plan:
    """Return how a convolutional network is trained."""

    def build(shape: tuple[int, ...], n_classes: int) -> keras.Model:
        return CNN.right(shape, n_classes, filters).build()

    return Plan(
        build,
        1e-4,
        epochs,
        patience,
        lambda epoch, rate: STEPS.right(epoch, 1e-4),
        channel=True,
        published=GENRE_FILTERS.get(filters, ""),
    )


def train(plan: Plan, data: Examples, split: Split, seed: int) -> Row:
    """Train a network on one split, and return its scores.

    It sees inputs that are scaled by the mean and the deviation of its training segments; the test segments are
    predicted once.
    """
    scaler = StandardScaler().fit(data.x[split.train].reshape(-1, data.x.shape[-1]))
    x = scaler.transform(data.x.reshape(-1, data.x.shape[-1])).reshape(data.x.shape)
    x = x[..., None] if plan.channel else x
    callbacks: list[keras.callbacks.Callback] = [keras.callbacks.LearningRateScheduler(plan.schedule)]
    if plan.patience:
        stop = keras.callbacks.EarlyStopping("val_loss", patience=plan.patience, restore_best_weights=True)
        callbacks.append(stop)
    keras.utils.set_random_seed(seed)
    model = plan.build(x.shape[1:], len(data.class_names))
    model.compile(keras.optimizers.Adam(plan.rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()
    history = model.fit(
        x[split.train],
        data.labels[split.train],
        epochs=plan.epochs,
        validation_data=(x[split.validation], data.labels[split.validation]),
        callbacks=callbacks,
        verbose=0,
    ).history
    seconds = time.perf_counter() - start
    probabilities, labels = model.predict(x[split.test], verbose=0), data.labels[split.test]
    return {
        "parameters": str(model.count_params()),
        "segments": f"{np.mean(probabilities.argmax(axis=1) == labels):.4f}",
        "tracks": f"{by_mean(probabilities, labels, data.groups['track'][split.test]):.4f}",
        "epochs": str(len(history["loss"])),
        "seconds": f"{seconds:.0f}",
        "training": f"{history['accuracy'][-1]:.4f}",
        "published": str(plan.published),
    }


def study(
    folder: Path,
    plans: Mapping[str, Plan],
    data: Examples,
    deal: Callable[[int], Mapping[str, Split]],
    seeds: Iterable[int],
    settings: str,
) -> None:
    """Train what is missing in a folder's table, and write the table after every network.

    Args:
        folder: Where genres.csv and genres.md are.
        plans: The networks, by name.
        data: All segments.
        deal: Returns the splits, by name, for a seed.
        seeds: A network is trained on every split with each of them.
        settings: What else decides the scores, in words; a score with other settings counts as missing.
    """
    # Seed by seed over all splits, so that a run that is stopped early has whole tables.
    for seed in seeds:
        dealt = deal(seed)
        for name, plan in plans.items():
            for split_name, split in dealt.items():
                row = {"network": name, "split": split_name, "seed": str(seed), "settings": settings}
                if any(_is_same(row, done) for done in _rows(folder)):
                    continue
                keras.backend.clear_session(free_memory=False)
                row |= train(plan, data, split, seed)
                print("  ".join(f"{column} {row[column]}" for column in COLUMNS), flush=True)
                with storage.locked(folder / "genres.csv"):
                    _write(folder, [*(done for done in _rows(folder) if not _is_same(row, done)), row])


def main() -> None:
    """Train what is missing, and show the table."""
    options = _parser().parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    os.environ["LABS_CACHE"] = str(options.folder)
    training.accelerate()
    tracks = gtzan.load(options.data_home, tracks_per_genre=options.tracks_per_genre)
    data = gtzan.segments(tracks)
    print(f"{tracks.name}: {tracks.provenance} {len(data)} segments, {os.cpu_count()} cores.", flush=True)
    plans = {f"dense {number}": dense_plan(number) for number in options.mlps}
    for filters in options.filters:
        name = "CNN " + "-".join(map(str, filters))
        plans[name] = cnn_plan(filters, options.epochs, options.patience)
    dealers = {
        "random": partial(splits.random_ignoring_groups, data, 0.2, 0.1),
        "track": partial(splits.by_group, data, "track", 0.2, 0.1),
    }
    settings = f"{tracks.name}, {len(data)} segments; {options.epochs} epochs, patience {options.patience}"
    study(
        options.folder,
        plans,
        data,
        lambda seed: {name: dealers[name](seed=seed) for name in options.splits},
        options.seeds,
        settings,
    )
    print((options.folder / "genres.md").read_text(encoding="utf-8"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where everything is kept")
    parser.add_argument("--data-home", help="folder of the real tracks; stand-ins without")
    parser.add_argument("--tracks-per-genre", type=int, default=100, metavar="N", help="of the stand-in")
    parser.add_argument("--filters", type=_filters, nargs="+", default=list(GENRE_FILTERS), metavar="A-B-C-D")
    parser.add_argument("--mlps", type=int, nargs="*", default=[], choices=range(1, 7), metavar="K")
    parser.add_argument("--splits", nargs="+", default=["random", "track"], choices=["random", "track"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=200, help="at most")
    parser.add_argument("--patience", type=int, default=20)
    return parser


def _filters(text: str) -> Filters:
    try:
        return filter_combinations(text)[0]
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _is_same(one: Row, other: Row) -> bool:
    return all(one[column] == other[column] for column in WHICH)


def _rows(folder: Path) -> list[Row]:
    path = folder / "genres.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(folder: Path, rows: list[Row]) -> None:
    part = folder / "genres.csv.part"
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    part.replace(folder / "genres.csv")
    same = [row for row in rows if row["settings"] == rows[-1]["settings"]]
    (folder / "genres.md").write_text(_table(same), encoding="utf-8")


def _table(rows: list[Row]) -> str:
    def cell(values: list[float]) -> str:
        spread = f" ± {100 * np.std(values, ddof=1):.1f}" if len(values) > 1 else ""
        return f"{100 * np.mean(values):.1f}{spread}" if values else "–"

    scores: dict[str, dict[tuple[str, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    about = {row["network"]: (row["parameters"], row["published"]) for row in rows}
    for row in rows:
        for what in ("segments", "tracks"):
            scores[row["network"]][row["split"], what].append(float(row[what]))
    lines = [
        "| network | parameters | published | random: segments | group split: segments | group split: tracks |",
        "|---|---|---|---|---|---|",
    ]
    for network, found in scores.items():
        parameters, published = about[network]
        figures = [
            cell(found[key]) for key in (("random", "segments"), ("track", "segments"), ("track", "tracks"))
        ]
        mark = f"{100 * float(published):.2f}" if published else "–"
        lines.append(f"| {network} | {int(parameters):,} | {mark} | {' | '.join(figures)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
