"""Lab 01, TODO 11 to 13: fresh networks, and the floor of their losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Curves, Function, Given, Number
from labs_engine.declare.comparison import Run
from labs_engine.declare.drawings import Drawing, Shows, over_epochs
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake, close
from labs_lib.kinds.models import Model
from labs_lib.kinds.networks import optimizer_name, units
from labs_lib.labs.lab01.common import LINEAR, Answers, points, ramp

# TODO 11: a fresh network each time -----------------------------------------------------

_TRIAL_EPOCHS = (4, 4, 6)


def _trials(ctx: Context) -> list[tuple[Any, int, int]]:
    import keras

    rate, seed = ctx["learning_rate"], int(ctx.rng(7).integers(1, 1000))
    optimizers = [keras.optimizers.SGD(rate), keras.optimizers.SGD(rate), keras.optimizers.Adam(rate)]
    return [(optimizer, n, seed) for optimizer, n in zip(optimizers, _TRIAL_EPOCHS, strict=True)]


def _judge_fresh(a: Answers, ctx: Context) -> Failure | None:
    (first, curve), (_, again), (adam, longer) = a.train_fresh
    lengths = tuple(len(c["loss"]) for c in (curve, again, longer))
    if lengths != _TRIAL_EPOCHS:
        return Failure(f"as many epochs as asked for, {_TRIAL_EPOCHS}", f"{lengths}")
    if (optimizer_name(first), optimizer_name(adam)) != ("SGD", "Adam"):
        return Failure("the optimiser that was passed in", f"{optimizer_name(first)}, {optimizer_name(adam)}")
    if not close(curve["loss"], again["loss"], rtol=1e-3):
        return Failure(
            "the same curve for the same seed, called twice",
            f"first losses {curve['loss'][0]:.4f} and {again['loss'][0]:.4f}",
        )
    if units(first) != [ctx["hidden"], ctx["hidden"], 1]:
        return Failure("the network of TODO 4", f"dense layers of {units(first)} units")
    return None


def _not_rebuilt(a: Answers, ctx: Context) -> bool:
    (first, curve), (second, again), _ = a.train_fresh
    return first is second or (
        again["loss"][0] < 0.9 * curve["loss"][0] and again["loss"][0] < 1.15 * curve["loss"][-1]
    )


def _seed_ignored(a: Answers, ctx: Context) -> bool:
    curve, again = a.train_fresh[0][1]["loss"], a.train_fresh[1][1]["loss"]
    return len(curve) == len(again) and not close(curve, again, rtol=1e-3)


def _epochs_ignored(a: Answers, ctx: Context) -> bool:
    return len({len(curve["loss"]) for _, curve in a.train_fresh}) == 1


# TODO 13: the floor in a figure ---------------------------------------------------------


def _floor_figure(run: Run, *, levels: int = 2, log: str = "y") -> Shows:
    assert run.given is not None
    x, y = points(run)
    here = float(np.mean((y - ramp(x, run["slope"], run["intercept"])) ** 2))
    curves = [over_epochs(run["more_epochs"], curve) for curve in (run.given.sgd_loss, run.given.adam_loss)]
    return Shows(curves=curves, levels=[run["noise"] ** 2, here][:levels], log=log, legend=True)


EXERCISES = (
    Exercise(
        name="fresh",
        title="A fresh network for every run",
        points=2,
        answers={"train_fresh": Function(_trials, (Model(), Curves()))},
        judge=_judge_fresh,
        mistakes=[
            Mistake(
                "not_rebuilt",
                _not_rebuilt,
                hint="The second call continues where the first one stopped: the network is not built inside "
                "the function, so the two runs cannot be compared.",
            ),
            Mistake(
                "epochs_ignored",
                _epochs_ignored,
                hint="The curves have the same length whatever is asked for: use the argument `epochs`.",
            ),
            Mistake(
                "optimizer_ignored",
                lambda a, ctx: optimizer_name(a.train_fresh[0][0]) == optimizer_name(a.train_fresh[2][0]),
                hint="Every run uses the same kind of optimiser: compile with the argument `optimizer`.",
            ),
            Mistake(
                "seed_ignored",
                _seed_ignored,
                hint="Two calls with one seed give different curves. The starting weights are random: set the "
                "seed before the network is built.",
            ),
        ],
        fallback_hint="Inside the function: set the seed, build, compile with the given optimiser, fit, return "
        "both the model and the history.",
        needs=("model",),
    ),
    Exercise(
        name="floor",
        title="The noise floor",
        points=1,
        answers={"noise_floor": Number()},
        right=lambda run: run["noise"] ** 2,
        expects="the mean squared error of the best possible prediction",
        mistakes=[
            Mistake(
                "deviation",
                wrong=lambda run: run["noise"],
                hint="This is the standard deviation of the noise. The loss is a mean of squares.",
            ),
            Mistake(
                "half",
                wrong=lambda run: run["noise"] ** 2 / 2,
                hint="There is no factor ½ in the mean squared error.",
            ),
            Mistake(
                "default_noise",
                wrong=0.04,
                hint="This is the floor for another noise level. Compute it from `noise`.",
            ),
        ],
        fallback_hint="Suppose that the network had learned the noise-free function exactly: what would be left?",
    ),
    Exercise(
        name="floor_figure",
        title="The floor in a figure",
        points=2,
        answers={
            "ax_floor": Drawing(),
            "sgd_loss": Given(Array((None,))),
            "adam_loss": Given(Array((None,))),
        },
        right=lambda run: _floor_figure(run),
        mistakes=[
            Mistake("linear", wrong=lambda run: _floor_figure(run, log=""), hint=LINEAR),
            Mistake(
                "one_floor",
                wrong=lambda run: _floor_figure(run, levels=1),
                hint="The expected floor is there; the floor of these points is missing.",
            ),
            Mistake(
                "no_floor",
                wrong=lambda run: _floor_figure(run, levels=0),
                hint="The curves are there; no line shows the floors that were computed above.",
            ),
        ],
        fallback_hint="ax.semilogy twice for the curves, ax.axhline twice for the floors, each with a label, then "
        "ax.legend().",
        needs=("fresh", "floor"),
    ),
)
