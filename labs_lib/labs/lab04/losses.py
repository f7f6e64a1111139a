"""Lab 04, TODO 6 and 7: the log-loss, and the loss of each batch."""

from __future__ import annotations

import numpy as np

from labs_engine.declare.answers import Array, Function, Number
from labs_engine.declare.framework import Context, Exercise, Mistake

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


# TODO 7: the loss of each batch ----------------------------------------------------------


def _running(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(7)
    losses = [rng.uniform(0.2, 2.5, shape) for shape in ((3, 7), (2, 11))]
    return [(np.cumsum(one, axis=1) / np.arange(1, one.shape[1] + 1),) for one in losses]


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
        name="log_loss",
        title="The log-loss",
        points=2,
        answers={"log_loss": Function(_predictions, Number(rtol=1e-3))},
        right=_log_loss,
        expects="the log-loss of the predictions",
        mistakes=[
            Mistake(
                "sign",
                wrong=lambda p, y: -_log_loss(p, y),
                hint="The logarithm of a probability is negative; a loss is not.",
            ),
            Mistake(
                "sum",
                wrong=lambda p, y: len(y) * _log_loss(p, y),
                hint="This is the sum over the examples. It grows with their number; the mean does not.",
            ),
            Mistake(
                "other_logarithm",
                wrong=[lambda p, y: _log_loss(p, y) / np.log(2), lambda p, y: _log_loss(p, y) / np.log(10)],
                hint="This is a logarithm to another base. The log-loss takes the natural one, np.log.",
            ),
            Mistake(
                "all_classes",
                wrong=lambda p, y: -np.mean(np.log(p)),
                hint="This averages over the probabilities of all classes. Only that of the right class "
                "counts.",
            ),
            Mistake(
                "largest",
                wrong=lambda p, y: -np.mean(np.log(p.max(axis=1))),
                hint="This takes the largest probability of each row: how sure the network is, right or wrong.",
            ),
            Mistake(
                "logarithm_of_mean",
                wrong=lambda p, y: -np.log(np.mean(_of_right_class(p, y))),
                hint="This is the logarithm of the mean. The order matters: logarithms first.",
            ),
        ],
        fallback_hint="probabilities[np.arange(len(labels)), labels] picks one probability from each row.",
    ),
    Exercise(
        name="batch_losses",
        title="The loss of each batch",
        points=2,
        answers={"batch_losses": Function(_running, Array(rtol=1e-3, atol=1e-4))},
        right=lambda running: _differences(running * _counts(running)),
        expects="one loss a batch, whose running means are the reported ones",
        mistakes=[
            Mistake(
                "running",
                wrong=lambda running: running,
                hint="These are the reported numbers as they are, each the mean over the epoch so far.",
            ),
            Mistake(
                "totals",
                wrong=lambda running: running * _counts(running),
                hint="These are the sums of all losses up to each batch. One more step gives the loss of the "
                "batch.",
            ),
            Mistake(
                "differences_of_means",
                wrong=_differences,
                hint="Neighbouring means are subtracted. How many losses is each of these means made of?",
            ),
            Mistake(
                "counted_from_zero",
                wrong=_from_zero,
                hint="The first mean is made of one loss, not of none: where does the count begin?",
            ),
            Mistake(
                "across_epochs",
                wrong=_across_epochs,
                hint="Keras begins a new mean with each epoch, that is with each row.",
            ),
        ],
        fallback_hint="A mean of k losses times k is their sum; the loss of batch k is what that sum grew by.",
    ),
)
