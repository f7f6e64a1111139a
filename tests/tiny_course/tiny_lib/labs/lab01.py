"""Lab 01, a ramp: parameters, exercises, checks."""

from __future__ import annotations

from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Function, Number
from labs_engine.declare.comparison import Run
from labs_engine.declare.framework import Context, Exercise, LabSpec, Mistake, ShortAnswer
from labs_engine.declare.parameters import Parameter, common_parameters
from tiny_lib import points


def _probes(ctx: Context) -> list[tuple[Any, ...]]:
    rng = ctx.rng(1)
    x = np.append(rng.uniform(-0.5, 0.5, 40), 0.0)
    return [(x, round(rng.uniform(1, 4), 2), round(rng.uniform(0.5, 3), 2)) for _ in range(3)]


def _split(run: Run, held_out: float) -> dict[str, np.ndarray]:
    x, y = points(*(run[name] for name in ("n_samples", "slope", "intercept", "noise", "seed")))
    n = len(x) - round(held_out * len(x))
    return {"x_train": x[:n], "y_train": y[:n], "x_val": x[n:], "y_val": y[n:]}


LAB = LabSpec(
    number="01",
    slug="ramp",
    title="A ramp",
    summary="A bent line, the numbers in a table, and what noise leaves.",
    parameters=(
        *common_parameters(),
        Parameter("n_samples", int, None, "number of points", quick=50, full=500, minimum=20, maximum=5000),
        Parameter("slope", float, 2.0, "slope where x is above 0"),
        Parameter("intercept", float, 1.0, "height of the step at 0"),
        Parameter("noise", float, 0.2, "standard deviation of the noise", minimum=0.0),
        Parameter("hidden", int, 5, "width of the table", minimum=1, maximum=100),
        Parameter("holdout", float, 0.3, "share of the points held out", minimum=0.1, maximum=0.9),
        Parameter("rates", list, [0.1, 0.2], "some numbers", minimum=0.0),
    ),
    exercises=(
        Exercise(
            name="noise_free",
            title="The ramp",
            points=2,
            answers={"noise_free": Function(_probes, Array((41,)))},
            right=lambda x, slope, intercept: np.where(x > 0, slope * x + intercept, 0.0),
            expects="the ramp, which is 0 up to x = 0",
            mistakes=[
                Mistake(
                    "not_bent",
                    wrong=lambda x, slope, intercept: slope * x + intercept,
                    hint="This is a straight line everywhere: what holds for x up to 0?",
                ),
                Mistake(
                    "bent_at_one",
                    wrong=lambda x, slope, intercept: np.where(x >= 0, slope * x + intercept, 0.0),
                    hint="Look at x = 0 itself.",
                ),
            ],
            fallback_hint="np.where takes a condition and two values.",
        ),
        Exercise(
            name="count",
            title="Numbers in a table",
            points=1,
            answers={"n_parameters": Number(integer=True)},
            right=lambda run: run["hidden"] ** 2 + 4 * run["hidden"] + 1,
            expects="all numbers of the table",
            mistakes=[
                Mistake(
                    "square_alone",
                    wrong=lambda run: run["hidden"] ** 2,
                    hint="The rows and columns around the square are missing.",
                ),
                Mistake("from_another_run", wrong=46, hint="This is the count for another `hidden`."),
            ],
            fallback_hint="Count the square, the four rows beside it, and the last number.",
            needs=("noise_free",),
        ),
        Exercise(
            name="floor",
            title="The noise floor",
            points=1,
            answers={"noise_floor": Number()},
            right=lambda run: run["noise"] ** 2,
            expects="the mean square of the noise",
            mistakes=[
                Mistake(
                    "deviation",
                    wrong=lambda run: run["noise"],
                    hint="This is the standard deviation. The floor is a mean of squares.",
                ),
            ],
            fallback_hint="What is left where the ramp is known exactly?",
        ),
        Exercise(
            name="holdout",
            title="Hold out points",
            points=2,
            answers={name: Array((None,)) for name in ("x_train", "y_train", "x_val", "y_val")},
            right=lambda run: _split(run, run["holdout"]),
            expects="the last points held out, and the others in their order",
            mistakes=[
                Mistake(
                    "share_exchanged",
                    wrong=lambda run: _split(run, 1 - run["holdout"]),
                    hint="The smaller part is used for training: `holdout` is the share that is held out.",
                ),
            ],
            fallback_hint="Slices of x and y at one and the same place.",
        ),
    ),
    questions=(ShortAnswer("why", 2),),
)
