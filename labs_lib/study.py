"""Several networks on several splits: trained one after the other, each kept on disk when it is done.

A study of many networks takes hours on a CPU, and it is stopped: a lid is closed, a session ends. What is
finished stays. Each network lies in the cache under a key made of all that decides what it becomes (its
architecture, the recipe, the data, the rows of the split, the seed), so that the same study, started
again, goes on with the first network that is missing; and anything that is changed is trained anew.

TensorFlow computes on a GPU by itself where it finds one.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import xxhash

from labs_engine.base import storage
from labs_engine.base.progress import step_bar
from labs_lib import tracking, training
from labs_lib.datasets.recordings import Examples
from labs_lib.datasets.splits import Split

Schedule = Callable[[int, float], float]  # from the epoch, counted from 0, and the rate to the new rate
Build = Callable[[tuple[int, ...], int], keras.Model]

_VERSION = 1  # is part of every key: a change in what `_train` does must raise it
_BATCH = 256  # segments predicted together
_MODEL, _PROBABILITIES, _ABOUT = "model.keras", "probabilities.npy", "about.json"


class Scaling(NamedTuple):
    """Mean and standard deviation of each coefficient, over segments and frames.

    Attributes:
        mean: Shape (coefficients,).
        deviation: Likewise; 1 where a coefficient never changes.
    """

    mean: np.ndarray
    deviation: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return inputs of shape (..., coefficients) shifted and scaled, float32."""
        return ((x - self.mean) / self.deviation).astype(np.float32)


def scaling(x: np.ndarray) -> Scaling:
    """Measure mean and deviation of each coefficient on training data.

    Args:
        x: Training inputs, shape (n, frames, coefficients).
    """
    mean, deviation = x.mean(axis=(0, 1), dtype=np.float64), x.std(axis=(0, 1), dtype=np.float64)
    return Scaling(mean.astype(np.float32), np.where(deviation > 0, deviation, 1).astype(np.float32))


@dataclass(frozen=True)
class Plan:
    """A network and how it is trained: with Adam, and an optimiser of its own.

    Attributes:
        name: As tables show it.
        build: Returns a new network from the shape of an input and the number of classes.
        rate: The learning rate at the beginning.
        epochs: Epochs at most.
        patience: Stop when the validation loss has not fallen for so many epochs, and go back to
            the weights of the best one; 0 for a fixed number of epochs.
        schedule: The rate of each epoch, from the epoch (counted from 0) and the rate before it.
        batch_size: Segments an update.
        channel: Whether inputs get a last axis of length 1, as convolutions want it.
    """

    name: str
    build: Build = field(repr=False)
    rate: float = 1e-3
    epochs: int = 50
    patience: int = 0
    schedule: Schedule | None = field(default=None, repr=False)
    batch_size: int = 32
    channel: bool = False

    def rates(self) -> list[float]:
        """Return the learning rate of every epoch."""
        rates, rate = [], self.rate
        for epoch in range(self.epochs):
            rate = float(self.schedule(epoch, rate)) if self.schedule else rate
            rates.append(rate)
        return rates


@dataclass(frozen=True, eq=False)
class Trained:
    """A network of a study, trained.

    Attributes:
        plan: Name of its plan.
        split: Name of the split.
        seed: Seed of its weights, of the order of its batches and of its dropout.
        parameters: Number of its parameters.
        history: Its curves over the epochs, as Keras records them, and 'learning_rate'.
        kept: The epoch, counted from 1, whose weights it has: with patience the best one, else the last.
        seconds: Time that training took, in s.
        accuracy: Share of the test segments that are classified rightly.
        track_accuracy: Share of the test tracks, each by the mean probabilities of its segments.
        probabilities: Of the classes for each test segment, shape (n, classes).
        scaling: Of the coefficients, measured on its training segments.
        resumed: Whether it was read from disk.
        folder: Where it is kept.
    """

    plan: str
    split: str
    seed: int
    parameters: int
    history: dict[str, list[float]]
    kept: int
    seconds: float
    accuracy: float
    track_accuracy: float
    probabilities: np.ndarray
    scaling: Scaling
    resumed: bool
    folder: Path

    @property
    def epochs(self) -> int:
        """Number of epochs that it was trained for."""
        return len(self.history["loss"])

    @property
    def validation_accuracy(self) -> float:
        """Share of the validation segments that it classifies rightly: what to choose a network by.

        Losses of several networks do not compare, because each holds its own penalties.
        """
        return self.history["val_accuracy"][self.kept - 1]

    def model(self) -> keras.Model:
        """Return the trained network."""
        return keras.models.load_model(self.folder / _MODEL)


def track_accuracy(probabilities: np.ndarray, labels: np.ndarray, tracks: np.ndarray) -> float:
    """Return the share of tracks that the mean probabilities of their segments classify rightly.

    Args:
        probabilities: Of the classes for each segment, shape (n, classes).
        labels: Class of each segment, shape (n,).
        tracks: Track of each segment, shape (n,).
    """
    _, first, member = np.unique(tracks, return_index=True, return_inverse=True)
    sums = np.zeros((len(first), probabilities.shape[1]))
    np.add.at(sums, member, probabilities)
    return float(np.mean(sums.argmax(axis=1) == labels[first]))


def run(
    plans: Sequence[Plan],
    data: Examples,
    splits: Mapping[str, Split],
    *,
    seeds: Sequence[int] = (0,),
    group: str = "track",
    logs: Path | None = None,
    what: str = "training",
    on_done: Callable[[Trained], None] | None = None,
) -> list[Trained]:
    """Train every plan on every split with every seed, or read what an earlier call has finished.

    Each network sees its split's training rows, scaled by the mean and the deviation of these alone,
    and is stopped by its validation rows where its plan has patience. The test rows are predicted once.

    Args:
        plans: The networks.
        data: Segments; x of shape (n, frames, coefficients).
        splits: Rows to train, to choose and to test on, by name.
        seeds: A network is trained with each of them.
        group: Name of the groups that a track's segments share.
        logs: Folder for TensorBoard's event files, one folder a network below it; none without.
        what: Label of the progress bar; none is shown if it is empty.
        on_done: Called with each network as soon as it is there.

    Returns:
        The networks, seed by seed, split by split, plan by plan.

    Raises:
        ValueError: A plan needs validation rows and a split has none, or two plans share a name.
        StorageError: The cache cannot be written to.
    """
    if len({plan.name for plan in plans}) != len(plans):
        raise ValueError("expected plans with names of their own; two of them share one")
    for name, split in splits.items():
        patient = [plan.name for plan in plans if plan.patience]
        if patient and not len(split.validation):
            raise ValueError(
                f"{patient[0]} stops early, which needs validation rows; split {name!r} has none"
            )
    digest = _data_digest(data, group)
    done: list[Trained] = []
    total = len(seeds) * len(splits) * len(plans)
    with step_bar(what, total) as bar:
        for seed in seeds:
            for split_name, split in splits.items():
                job = _Job(data, split, split_name, group, seed, digest)
                for plan in plans:
                    bar.set_postfix_str(f"{plan.name}, {split_name}, seed {seed}")
                    done.append(_one(plan, job, logs))
                    bar.update()
                    if on_done is not None:
                        on_done(done[-1])
    return done


def key_of(model: keras.Model, plan: Plan, split: Split, seed: int, data_digest: str) -> str:
    """Return the key under which a trained network is kept.

    Args:
        model: The network, not trained; its architecture counts, the names of its layers do not.
        plan: How it is trained.
        split: The rows.
        seed: The seed.
        data_digest: Digest of inputs, labels and groups.
    """
    rows = xxhash.xxh3_128()
    for side in split:
        rows.update(np.asarray(side, dtype=np.int64).tobytes() + b"|")
    settings = [_VERSION, _architecture(model), plan.rates(), plan.patience, plan.batch_size, plan.channel]
    text = json.dumps([*settings, seed, data_digest, rows.hexdigest(), keras.config.dtype_policy().name])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class _Job(NamedTuple):
    data: Examples
    split: Split
    split_name: str
    group: str
    seed: int
    digest: str


def _one(plan: Plan, job: _Job, logs: Path | None) -> Trained:
    # Names begin anew. Collecting garbage as well would take a third of a second.
    keras.backend.clear_session(free_memory=False)
    training.set_seed(job.seed)
    shape = (*job.data.x.shape[1:], 1) if plan.channel else job.data.x.shape[1:]
    model = plan.build(shape, len(job.data.class_names))
    folder = storage.cache_folder() / "study" / key_of(model, plan, job.split, job.seed, job.digest)
    log = None if logs is None else logs / job.split_name / f"{plan.name}, seed {job.seed}"
    found = _read(folder, plan, job)
    if found is None:
        storage.discard(folder)
        with storage.new_folder(folder) as part:
            if part is not None:
                _train(model, plan, job, part, log)
        found = _read(folder, plan, job)
        if found is None:
            raise storage.StorageError(f"{folder}: the network that was just written cannot be read back")
        found = replace(found, resumed=False)
    if log is not None and not log.is_dir():
        tracking.write_curves(log, found.history)
    return found


def _train(model: keras.Model, plan: Plan, job: _Job, folder: Path, log: Path | None) -> None:
    data, split = job.data, job.split
    scale = scaling(data.x[split.train])

    def inputs(rows: np.ndarray) -> np.ndarray:
        scaled = scale(data.x[rows])
        return scaled[..., None] if plan.channel else scaled

    rates = plan.rates()
    callbacks: list[keras.callbacks.Callback] = [
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rates[epoch])
    ]
    if plan.patience:
        callbacks.append(
            keras.callbacks.EarlyStopping("val_loss", patience=plan.patience, restore_best_weights=True)
        )
    if log is not None:
        callbacks.append(tracking.logger(log))
    # A new optimiser: one that is handed on keeps the moments of the network before.
    model.compile(keras.optimizers.Adam(plan.rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    watched = (inputs(split.validation), data.labels[split.validation]) if len(split.validation) else None
    start = time.perf_counter()
    history = training.fit(
        model,
        inputs(split.train),
        data.labels[split.train],
        epochs=plan.epochs,
        batch_size=plan.batch_size,
        validation_data=watched,
        callbacks=callbacks,
        seed=job.seed,
    )
    seconds = time.perf_counter() - start
    probabilities = _predict(model, inputs(split.test))
    labels, tracks = data.labels[split.test], np.asarray(data.groups[job.group])[split.test]
    model.save(folder / _MODEL)
    np.save(folder / _PROBABILITIES, probabilities)
    about = {
        "parameters": model.count_params(),
        "history": {
            **{name: [float(v) for v in values] for name, values in history.history.items()},
            "learning_rate": rates[: len(history.epoch)],
        },
        "seconds": seconds,
        "accuracy": float(np.mean(probabilities.argmax(axis=1) == labels)),
        "track_accuracy": track_accuracy(probabilities, labels, tracks),
        "mean": scale.mean.tolist(),
        "deviation": scale.deviation.tolist(),
    }
    (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")


def _predict(model: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Return probabilities, shape (n, classes), without the program that `model.predict` would compile."""
    parts = [
        keras.ops.convert_to_numpy(model(inputs[first : first + _BATCH], training=False))
        for first in range(0, len(inputs), _BATCH)
    ]
    return np.concatenate(parts).astype(np.float32)


def _read(folder: Path, plan: Plan, job: _Job) -> Trained | None:
    """Return a finished network, or None where there is none, or a damaged one."""
    try:
        about: dict[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        probabilities = np.load(folder / _PROBABILITIES)
        if len(probabilities) != len(job.split.test) or not (folder / _MODEL).is_file():
            return None
        history = about["history"]
        kept = 1 + int(np.argmin(history["val_loss"])) if plan.patience else len(history["loss"])
        scale = Scaling(*(np.array(about.pop(name), dtype=np.float32) for name in Scaling._fields))
        return Trained(
            plan=plan.name,
            split=job.split_name,
            seed=job.seed,
            probabilities=probabilities,
            scaling=scale,
            kept=kept,
            resumed=True,
            folder=folder,
            **about,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _data_digest(data: Examples, group: str) -> str:
    digest = xxhash.xxh3_128()
    for array in (data.x, data.labels, np.asarray(data.groups[group])):
        digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(repr(array.shape).encode())
    return digest.hexdigest()


def _architecture(model: keras.Model) -> str:
    """Return the layers and how they are connected, as text, with numbers for the layers' names."""
    text = json.dumps(json.loads(model.to_json())["config"], sort_keys=True)
    for number, layer in enumerate(model.layers):
        text = text.replace(json.dumps(layer.name), f'"layer {number}"')
    return text.replace(json.dumps(model.name), '"model"')
