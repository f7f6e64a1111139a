"""Lab 01, TODO 9 and 10: the prediction as a curve, and as a sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Given
from labs_engine.declare.comparison import Run
from labs_engine.declare.drawings import Drawing, Shows
from labs_engine.declare.framework import Exercise, Mistake, close
from labs_lib.kinds.models import Model
from labs_lib.labs.lab01.common import points, predict, predicted, ramp, samples


def _curve(run: Run) -> dict[str, Any]:
    x = np.sort(points(run)[0])
    return {"x_sorted": x, "y_sorted": predicted(run, x), "ax_fit": _fit_figure(run)}


def _fit_figure(run: Run, *, rule: bool = True) -> Shows:
    x = np.sort(points(run)[0])
    curves = [(x, predicted(run, x))]
    if rule:
        curves.append((x, ramp(x, run["slope"], run["intercept"])))
    return Shows(points=[points(run)], curves=curves, legend=True)


def _activations(run: Run) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what the last hidden layer gives for the sorted inputs, and the weights and the bias of the output."""
    import keras

    assert run.given is not None
    model = run.given.model
    output = next(layer for layer in reversed(model.layers) if layer.weights)
    inner = keras.Model(model.inputs[0], output.input)
    x = np.sort(points(run)[0]).astype(np.float32)
    weights, bias = (np.asarray(value) for value in output.weights)
    return np.asarray(inner(x[:, None])), weights[:, 0], bias


def _contributions(run: Run) -> np.ndarray:
    activations, weights, _ = _activations(run)
    return activations * weights


EXERCISES = (
    Exercise(
        name="curve",
        title="The prediction as a curve",
        points=3,
        answers={
            "x_sorted": Array(samples, what="the inputs x in ascending order"),
            "y_sorted": Array(
                samples, what="at each x_sorted the prediction for exactly that x", rtol=1e-3, atol=1e-3
            ),
            "ax_fit": Drawing(),
            "model": Given(Model()),
        },
        right=_curve,
        mistakes=[
            Mistake(
                "not_sorted",
                wrong=lambda run: {"x_sorted": points(run)[0]},
                hint="x is in its original order: a line plot would jump back and forth between the points.",
            ),
            Mistake(
                "order_lost",
                wrong=lambda run: {"y_sorted": predicted(run, points(run)[0])},
                hint="x is sorted, but the predictions are still in the order of the unsorted x.",
            ),
            Mistake(
                "targets",
                wrong=[
                    lambda run: {"y_sorted": points(run)[1]},
                    lambda run: {"y_sorted": points(run)[1][np.argsort(points(run)[0])]},
                    lambda run: {"y_sorted": np.sort(points(run)[1])},
                ],
                hint="These are the noisy targets y, not what the network predicts.",
            ),
            Mistake(
                "predictions_sorted",
                # A recogniser of its own: where the curve only rises, sorting changes nothing.
                lambda a, ctx: (
                    close(a.y_sorted, np.sort(predict(a.model, a.x_sorted)), rtol=1e-3, atol=1e-3)
                    and not close(a.y_sorted, predict(a.model, a.x_sorted), rtol=1e-3, atol=1e-3)
                ),
                hint="The predictions were sorted on their own, so they no longer belong to their x.",
            ),
            Mistake(
                "no_rule",
                wrong=lambda run: {"ax_fit": _fit_figure(run, rule=False)},
                hint="The arrays are right. The figure lacks the rule: draw noise_free over x_sorted as well.",
            ),
        ],
        fallback_hint="A model takes a column of inputs, shape (n, 1), and returns a column; both arrays here "
        "are flat, shape (n,). Sort x first, then predict, then draw the points and both lines.",
        needs=("draw", "sgd"),
    ),
    Exercise(
        name="contributions",
        title="What each unit adds",
        points=2,
        answers={
            "contributions": Array(
                lambda ctx: (ctx["n_samples"], ctx["hidden"]),
                what="the activation of each unit times its weight",
                rtol=1e-3,
                atol=1e-3,
            ),
            "model": Given(Model()),
        },
        right=_contributions,
        mistakes=[
            Mistake(
                "activations",
                wrong=lambda run: _activations(run)[0],
                hint="These are the activations. The output layer multiplies each by a weight before it adds them.",
            ),
            Mistake(
                "bias_everywhere",
                wrong=lambda run: _contributions(run) + _activations(run)[2],
                hint="The bias was added to every unit. It is added once, to the sum.",
            ),
        ],
        fallback_hint="inner.predict gives one column for each unit, weights one row for each unit. Which shape do "
        "the weights need, so that NumPy multiplies column by column?",
        needs=("draw", "sgd"),
    ),
)
