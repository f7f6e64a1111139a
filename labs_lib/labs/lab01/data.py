"""Lab 01, TODO 1 to 3: the rule, the points, a scatter plot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Function
from labs_engine.declare.comparison import Run
from labs_engine.declare.drawings import Drawing, Shows
from labs_engine.declare.framework import Context, Exercise, Mistake, close
from labs_lib.labs.lab01.common import points, ramp, samples

# TODO 1: the rule ----------------------------------------------------------------------


def _probes(ctx: Context) -> list[tuple[np.ndarray, float, float]]:
    rng = ctx.rng(1)
    x = np.sort(rng.uniform(-0.5, 0.5, 40))  # without 0 itself, of which no point tells anything
    return [(x, round(rng.uniform(1, 4), 2), round(rng.uniform(0.5, 3), 2)) for _ in range(3)]


# TODO 2: the points --------------------------------------------------------------------


def _drawn(
    draw: Callable[[Run, Any], tuple[np.ndarray, np.ndarray]],
) -> Callable[[Run], dict[str, np.ndarray]]:
    """Return points as code, from a function of the run and a new generator that returns inputs and noise."""

    def code(run: Run) -> dict[str, np.ndarray]:
        x, noise = draw(run, np.random.default_rng(run["seed"]))
        return {"x": x, "y": ramp(x, run["slope"], run["intercept"]) + noise}

    return code


def _uniform(run: Context, rng: Any) -> np.ndarray:
    return np.asarray(rng.uniform(-0.5, 0.5, run["n_samples"]))


def _noise_first(run: Run, rng: Any) -> tuple[np.ndarray, np.ndarray]:
    noise = rng.normal(0, run["noise"], run["n_samples"])
    return _uniform(run, rng), noise


def _old_generator(run: Run, rng: Any) -> tuple[np.ndarray, np.ndarray]:
    old = np.random.RandomState(run["seed"])
    return _uniform(run, old), old.normal(0, run["noise"], run["n_samples"])


def _one_side(run: Run) -> dict[str, np.ndarray]:
    x, y = points(run)
    return {"x": x, "y": np.where(x > 0, y, 0.0)}


EXERCISES = (
    Exercise(
        name="noise_free",
        title="The rule",
        points=2,
        answers={"noise_free": Function(_probes, Array(atol=1e-4))},
        right=ramp,
        expects="0 up to x = 0, then the line, with the slope and the intercept passed in",
        mistakes=[
            Mistake(
                "no_condition",
                wrong=lambda x, a, b: a * x + b,
                hint="Your function is one straight line for all x. What is the target for x below 0?",
            ),
            Mistake(
                "condition_flipped",
                wrong=lambda x, a, b: np.where(x < 0, a * x + b, 0.0),
                hint="The two halves are exchanged: your line is on the left of x = 0.",
            ),
            Mistake(
                "offset_missing",
                wrong=lambda x, a, b: np.where(x > 0, a * x, 0.0),
                hint="Your line starts at height 0. The intercept is its value at x = 0.",
            ),
            Mistake(
                "offset_everywhere",
                wrong=lambda x, a, b: np.where(x > 0, a * x, 0.0) + b,
                hint="The intercept is added on both sides. What is the target for x below 0?",
            ),
            Mistake(
                "slope_everywhere",
                wrong=lambda x, a, b: a * x + np.where(x > 0, b, 0.0),
                hint="The slope acts on both sides. What is the target for x below 0?",
            ),
            Mistake(
                "arguments_ignored",
                lambda a, ctx: close(a.noise_free[0], a.noise_free[1]),
                wrong=lambda x, a, b: ramp(x, 2, 1),
                hint="The result is the same whatever slope and intercept are: use the function's arguments, "
                "not the numbers of this one data set.",
            ),
        ],
        fallback_hint="np.where(condition, a, b) chooses for each value of an array; a comparison such as x > 0 "
        "gives the condition.",
    ),
    Exercise(
        name="draw",
        title="Draw the points",
        points=2,
        answers={
            "x": Array(samples, what="inputs that default_rng(seed).uniform draws, between -0.5 and 0.5"),
            "y": Array(samples, what="the rule plus noise that the same generator draws after the inputs"),
        },
        right=lambda run: dict(zip("xy", points(run), strict=True)),
        mistakes=[
            Mistake(
                "no_noise",
                wrong=_drawn(lambda run, rng: (_uniform(run, rng), np.zeros(run["n_samples"]))),
                hint="The targets lie exactly on the rule: the noise is missing.",
            ),
            Mistake(
                "unit_noise",
                wrong=_drawn(lambda run, rng: (_uniform(run, rng), rng.normal(0, 1, run["n_samples"]))),
                hint="The noise has the standard deviation 1, not `noise`.",
            ),
            Mistake(
                "variance",
                wrong=[
                    _drawn(
                        lambda run, rng: (
                            _uniform(run, rng),
                            rng.normal(0, run["noise"] ** 2, run["n_samples"]),
                        )
                    ),
                    _drawn(
                        lambda run, rng: (
                            _uniform(run, rng),
                            rng.normal(0, run["noise"] ** 0.5, run["n_samples"]),
                        )
                    ),
                ],
                hint="`noise` is the standard deviation. It is used as it is, neither squared nor under a root.",
            ),
            Mistake(
                "one_number",
                wrong=_drawn(lambda run, rng: (_uniform(run, rng), rng.normal(0, run["noise"]))),
                hint="All points have the same noise: one number was drawn. Each point needs its own, see the "
                "argument size.",
            ),
            Mistake(
                "one_side",
                wrong=_one_side,
                hint="For x below 0 the targets are exactly 0. The noise is added on both sides.",
            ),
            Mistake(
                "input_range",
                wrong=_drawn(
                    lambda run, rng: (
                        rng.uniform(0, 1, run["n_samples"]),
                        rng.normal(0, run["noise"], run["n_samples"]),
                    )
                ),
                hint="The inputs lie between 0 and 1; the text has them between -0.5 and 0.5.",
            ),
            Mistake(
                "noise_first",
                wrong=_drawn(_noise_first),
                hint="The noise was drawn before the inputs. A generator gives its numbers in order: call uniform "
                "first.",
            ),
            Mistake(
                "old_generator",
                wrong=_drawn(_old_generator),
                hint="These numbers come from NumPy's old generator, np.random.seed. Use "
                "np.random.default_rng(seed), as the cell above does.",
            ),
            Mistake(
                "generator_used",
                wrong=_drawn(
                    lambda run, rng: (
                        (rng.uniform(-0.5, 0.5, 3), rng.normal(0, 1, 2), _uniform(run, rng))[2],
                        rng.normal(0, run["noise"], run["n_samples"]),
                    )
                ),
                hint="The generator of the cell above has given away its first numbers already: make a new one.",
            ),
        ],
        fallback_hint="Make the generator, then call its uniform and its normal once each, with n_samples as size.",
        needs=("noise_free",),
    ),
    Exercise(
        name="scatter",
        title="A scatter plot",
        points=1,
        answers={"ax_points": Drawing()},
        right=lambda run: Shows(points=[points(run)]),
        mistakes=[
            Mistake(
                "exchanged",
                wrong=lambda run: Shows(points=[points(run)[::-1]]),
                hint="The axes are exchanged: the input x belongs on the horizontal axis.",
            ),
        ],
        fallback_hint="ax.scatter(x, y) draws the points, ax.set(xlabel=..., ylabel=...) labels the axes.",
        needs=("draw",),
    ),
)
