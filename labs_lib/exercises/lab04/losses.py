"""Lab 04, TODO 6 and 7: the log-loss, and the loss of each batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from labs_lib.exercises.answers import Array, Function, Number
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong, close
from labs_lib.exercises.lab04.data import Answers

# TODO 6: the log-loss --------------------------------------------------------------------


def _predictions(ctx: Context) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = ctx.rng(6)
    probes = []
    for rows, classes in ((9, 4), (14, 10)):
        weights = rng.uniform(0.02, 1.0, (rows, classes)) ** 2
        probes.append((weights / weights.sum(axis=1, keepdims=True), rng.integers(0, classes, rows)))
    return probes


def _of_right_class(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.asarray(p[np.arange(len(y)), y])


def _log_loss(p: np.ndarray, y: np.ndarray) -> float:
    return float(-np.mean(np.log(_of_right_class(p, y))))


def _judge_log_loss(a: Answers, ctx: Context) -> Wrong | None:
    for given, (p, y) in zip(a.log_loss, _predictions(ctx), strict=True):
        if not close(given, _log_loss(p, y), rtol=1e-3):
            return Wrong(f"the log-loss of {len(y)} predictions for {p.shape[1]} classes", f"{given:.5g}")
    return None


def _gives(formula: Callable[[np.ndarray, np.ndarray], Any]) -> Callable[[Answers, Context], bool]:
    return lambda a, ctx: all(
        close(given, formula(p, y), rtol=1e-3)
        for given, (p, y) in zip(a.log_loss, _predictions(ctx), strict=True)
    )


def _other_logarithm(a: Answers, ctx: Context) -> bool:
    factors = [given / _log_loss(p, y) for given, (p, y) in zip(a.log_loss, _predictions(ctx), strict=True)]
    return any(close(factors, [1 / np.log(base)] * len(factors), rtol=1e-3) for base in (2.0, 10.0))


# TODO 7: the loss of each batch ----------------------------------------------------------


def _running(ctx: Context) -> list[tuple[np.ndarray]]:
    return [(_means(losses),) for losses in _batches(ctx)]


def _batches(ctx: Context) -> list[np.ndarray]:
    rng = ctx.rng(7)
    return [rng.uniform(0.2, 2.5, shape) for shape in ((3, 7), (2, 11))]


def _means(losses: np.ndarray) -> np.ndarray:
    return np.asarray(np.cumsum(losses, axis=1) / np.arange(1, losses.shape[1] + 1))


def _judge_batches(a: Answers, ctx: Context) -> Wrong | None:
    for given, losses in zip(a.batch_losses, _batches(ctx), strict=True):
        if given.shape != losses.shape:
            return Wrong(f"one loss a batch, shape {losses.shape}", f"shape {given.shape}")
        if not close(given, losses, rtol=1e-3, atol=1e-4):
            epoch, batch = np.unravel_index(np.argmax(np.abs(given - losses)), losses.shape)
            return Wrong(
                "losses whose running means are the reported ones",
                f"{given[epoch, batch]:.4f} for batch {batch} of epoch {epoch}, counted from 0",
            )
    return None


def _computed_as(formula: Callable[[np.ndarray], np.ndarray]) -> Callable[[Answers, Context], bool]:
    return lambda a, ctx: all(
        close(given, formula(running), rtol=1e-3, atol=1e-4)
        for given, (running,) in zip(a.batch_losses, _running(ctx), strict=True)
    )


def _counts(running: np.ndarray) -> np.ndarray:
    return np.arange(1, running.shape[1] + 1)


def _differences(totals: np.ndarray) -> np.ndarray:
    return np.diff(totals, axis=1, prepend=0.0)


def _across_epochs(running: np.ndarray) -> np.ndarray:
    flat = running.reshape(-1)
    totals = flat * np.arange(1, len(flat) + 1)
    return np.diff(totals, prepend=0.0).reshape(running.shape)


def _from_zero(running: np.ndarray) -> np.ndarray:
    return _differences(running * (_counts(running) - 1))


EXERCISES = (
    Exercise(
        "log_loss",
        "The log-loss",
        2,
        {"log_loss": Function(_predictions, Number())},
        _judge_log_loss,
        (
            Mistake(
                "sign",
                _gives(lambda p, y: -_log_loss(p, y)),
                "The logarithm of a probability is negative; a loss is not.",
            ),
            Mistake(
                "sum",
                _gives(lambda p, y: len(y) * _log_loss(p, y)),
                "This is the sum over the examples. It grows with their number; the mean does not.",
            ),
            Mistake(
                "other_logarithm",
                _other_logarithm,
                "This is a logarithm to another base. The log-loss takes the natural one, np.log.",
            ),
            Mistake(
                "all_classes",
                _gives(lambda p, y: -np.mean(np.log(p))),
                "This averages over the probabilities of all classes. Only that of the right class counts.",
            ),
            Mistake(
                "largest",
                _gives(lambda p, y: -np.mean(np.log(p.max(axis=1)))),
                "This takes the largest probability of each row: how sure the network is, right or wrong.",
            ),
            Mistake(
                "logarithm_of_mean",
                _gives(lambda p, y: -np.log(np.mean(_of_right_class(p, y)))),
                "This is the logarithm of the mean. The order matters: logarithms first.",
            ),
        ),
        where="probabilities[np.arange(len(labels)), labels] picks one probability from each row.",
    ),
    Exercise(
        "batch_losses",
        "The loss of each batch",
        2,
        {"batch_losses": Function(_running, Array())},
        _judge_batches,
        (
            Mistake(
                "running",
                _computed_as(lambda running: running),
                "These are the reported numbers as they are, each the mean over the epoch so far.",
            ),
            Mistake(
                "totals",
                _computed_as(lambda running: running * _counts(running)),
                "These are the sums of all losses up to each batch. One more step gives the loss of the batch.",
            ),
            Mistake(
                "differences_of_means",
                _computed_as(_differences),
                "Neighbouring means are subtracted. How many losses is each of these means made of?",
            ),
            Mistake(
                "counted_from_zero",
                _computed_as(_from_zero),
                "The first mean is made of one loss, not of none: where does the count begin?",
            ),
            Mistake(
                "across_epochs",
                _computed_as(_across_epochs),
                "Keras begins a new mean with each epoch, that is with each row.",
            ),
        ),
        where="A mean of k losses times k is their sum; the loss of batch k is what that sum grew by.",
    ),
)
