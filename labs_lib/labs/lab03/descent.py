"""Lab 03, TODO 16 to 22: gradient descent on a bowl, its rates, momentum."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Function, Number
from labs_engine.declare.drawings import Drawing, Shows
from labs_engine.declare.framework import Context, Exercise, Mistake
from labs_lib import descent
from labs_lib.labs.lab03.common import TABLE


def _bowls(ctx: Context, stream: int) -> list[tuple[float, float]]:
    """Return curvatures: the run's own, and two pairs of which once a and once b is larger."""
    rng = ctx.rng(stream)
    low, high = round(rng.uniform(0.3, 1.5), 2), round(rng.uniform(2.5, 9.0), 2)
    return [(ctx["a"], ctx["b"]), (low, high), (high, low + 0.1)]


def _descents(ctx: Context) -> list[tuple[Any, ...]]:
    rng = ctx.rng(9)
    probes: list[tuple[Any, ...]] = []
    for a, b in _bowls(ctx, 9)[1:]:
        eta = round(rng.uniform(0.4, 0.85) * descent.largest_rate([a, b]), 4)
        probes.append((a, b, rng.uniform(1, 4, 2) * rng.choice([-1, 1], 2), eta, int(rng.integers(4, 9))))
    return probes


def _descend(
    a: float, b: float, start: Any, eta: float, steps: int, scale: tuple[float, float] = (1, 1)
) -> np.ndarray:
    return descent.gradient_descent(descent.quadratic_gradient(scale[0] * a, scale[1] * b), start, eta, steps)


def _path_figure(run: Context, *, path: bool = True, contours: bool = True) -> Shows:
    a, b, steps = run["a"], run["b"], run["steps"]
    w1, w2 = _descend(a, b, [9.0, 3.0], 0.2 / np.hypot(a, b), steps).T
    bowl = partial(descent.quadratic, a=a, b=b)
    return Shows(curves=[(w1, w2)] if path else [], contours=[bowl] if contours else [])


def _steps(ctx: Context) -> list[tuple[float, float, float]]:
    rng = ctx.rng(18)
    shares = rng.uniform(0.6, 0.9, 3)  # of the limit: one of the factors is negative
    return [
        (a, b, round(share * descent.largest_rate([a, b]), 4))
        for (a, b), share in zip(_bowls(ctx, 18), shares, strict=True)
    ]


def _flat(ctx: Context) -> list[tuple[float, float]]:
    return _bowls(ctx, 10)


def _paths(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(12)
    paths = []
    for a, b in _bowls(ctx, 12)[1:]:
        eta, _ = descent.best_rate([a, b])
        start = rng.uniform(1, 4, 2)
        paths.append((_descend(a, b, start, eta, int(rng.integers(15, 25))),))
    return paths


def _shrinking(path: np.ndarray) -> float:
    """Return the factor per step, from the second half of a path."""
    r = descent.distances(path)
    half = len(r) // 2
    return float((r[-1] / r[half]) ** (1 / (len(r) - 1 - half)))


def _rolling(ctx: Context) -> list[tuple[Any, ...]]:
    rng = ctx.rng(13)
    probes: list[tuple[Any, ...]] = []
    for a, b in _bowls(ctx, 13)[1:]:
        eta = round(rng.uniform(0.3, 0.7) / max(a, b), 4)
        beta = round(rng.uniform(0.3, 0.8), 3)
        probes.append((a, b, rng.uniform(1, 4, 2), eta, beta, int(rng.integers(5, 9))))
    return probes


def _roll(
    a: float, b: float, start: np.ndarray, eta: float, beta: float, steps: int, variant: str = ""
) -> np.ndarray:
    points, move = [np.asarray(start, dtype=float)], np.zeros(2)
    gradient = descent.quadratic_gradient(a, b)
    if variant == "from_origin":
        move = points[0]
    for _ in range(steps):
        w = points[-1]
        at = w + beta * move if variant == "nesterov" else w
        keep = {"no_momentum": 0.0, "against": -beta}.get(variant, beta)
        gain = 1 - beta if variant == "dampened" else 1.0
        move = keep * move - gain * eta * gradient(at)
        points.append(w + move)
    return np.array(points)


EXERCISES = (
    Exercise(
        name="descent",
        title="Gradient descent",
        points=2,
        answers={"descend": Function(_descents, TABLE)},
        right=_descend,
        expects="each point from the one before, by the update rule, the start first",
        mistakes=[
            Mistake(
                "start_missing",
                wrong=lambda *probe: _descend(*probe)[1:],
                hint="The start is missing: it is the first row, before any step.",
            ),
            Mistake(
                "last_missing",
                wrong=lambda *probe: _descend(*probe)[:-1],
                hint="One step is missing: after `steps` updates there are steps + 1 points.",
            ),
            Mistake(
                "ascent",
                wrong=lambda a, b, start, eta, steps: _descend(a, b, start, -eta, steps),
                hint="The path climbs: a step goes against the gradient.",
            ),
            Mistake(
                "half_forgotten",
                wrong=partial(_descend, scale=(2, 2)),
                hint="The steps are twice as long as they should be: L has a factor ½ in front.",
            ),
            Mistake(
                "curvatures_exchanged",
                wrong=lambda a, b, *rest: _descend(b, a, *rest),
                hint="a and b have changed places: a belongs to w1, b to w2.",
            ),
            Mistake(
                "curvatures_ignored",
                wrong=lambda a, b, *rest: _descend(1.0, 1.0, *rest),
                hint="Both coordinates shrink alike: the curvatures do not enter your gradient.",
            ),
            Mistake(
                "same_array",
                wrong=lambda *probe: np.tile(_descend(*probe)[-1], (probe[-1] + 1, 1)),
                hint="All rows are the last point: `w -= …` changes the array in place, and the list holds "
                "that one array many times. Make a new array in each step.",
            ),
            Mistake(
                "transposed",
                wrong=lambda *probe: _descend(*probe).T,
                hint="Rows and columns are exchanged: one row for each point, one column for each coordinate.",
            ),
        ],
        fallback_hint="Keep a list of points. The next one is the last one minus the rate times the gradient there.",
    ),
    Exercise(
        name="path_figure",
        title="A path on contours",
        points=1,
        answers={"ax_path": Drawing()},
        right=_path_figure,
        mistakes=[
            Mistake(
                "no_contours",
                wrong=partial(_path_figure, contours=False),
                hint="The path is there; the contours of L are missing.",
            ),
            Mistake(
                "no_path",
                wrong=partial(_path_figure, path=False),
                hint="The contours are there; the path of this descent is missing: one line through all its points, "
                "w1 across and w2 upwards.",
            ),
        ],
        fallback_hint="ax.contour takes w1, w2 and the values of L on them; ax.plot takes the first column of the path "
        "and the second. Both draw on the same axes.",
        needs=("descent",),
    ),
    Exercise(
        name="factors",
        title="What a step does to each coordinate",
        points=2,
        answers={"step_factors": Function(_steps, Array((2,)))},
        right=lambda a, b, eta: (1 - a * eta, 1 - b * eta),
        expects="the number by which a step multiplies w1, and the one for w2",
        mistakes=[
            Mistake(
                "absolute",
                wrong=lambda a, b, eta: (abs(1 - a * eta), abs(1 - b * eta)),
                hint="These are absolute values. A factor may be negative, and its sign says that the coordinate "
                "changes sides.",
            ),
            Mistake(
                "ascent",
                wrong=lambda a, b, eta: (1 + a * eta, 1 + b * eta),
                hint="Both factors are above 1: a step goes against the gradient.",
            ),
            Mistake(
                "move_only",
                wrong=[lambda a, b, eta: (a * eta, b * eta), lambda a, b, eta: (-a * eta, -b * eta)],
                hint="This is the share by which a coordinate changes. What is left of it after the step?",
            ),
            Mistake(
                "exchanged",
                wrong=lambda a, b, eta: (1 - b * eta, 1 - a * eta),
                hint="The factors are exchanged: a belongs to w1, b to w2.",
            ),
            Mistake(
                "half_forgotten",
                wrong=[
                    lambda a, b, eta: (1 - 2 * a * eta, 1 - 2 * b * eta),
                    lambda a, b, eta: (1 - a * eta / 2, 1 - b * eta / 2),
                ],
                hint="The gradient differs by a factor of two: L has a ½ in front, and the derivative of a square a 2.",
            ),
        ],
        fallback_hint="Write the update of w1 alone with its own part of the gradient, and factor w1(t) out.",
    ),
    Exercise(
        name="largest_rate",
        title="The largest rate that converges",
        points=1,
        answers={"largest_rate": Function(_flat, Number())},
        right=lambda a, b: descent.largest_rate([a, b]),
        expects="the rate above which descent diverges, for the curvatures a and b",
        mistakes=[
            Mistake(
                "one_over_max",
                wrong=lambda a, b: 1 / max(a, b),
                hint="A common answer, but only the limit for an approach without oscillation. Beyond it the "
                "steep coordinate changes sign at every step; does it still shrink?",
            ),
            Mistake(
                "flat_direction",
                wrong=[lambda a, b: 2 / min(a, b), lambda a, b: 1 / min(a, b)],
                hint="At this rate the flat direction still converges, the steep one does not. Both must.",
            ),
            Mistake(
                "best",
                wrong=lambda a, b: 2 / (a + b),
                hint="At this rate both factors have the same absolute value, below 1: larger rates converge as well.",
            ),
            Mistake(
                "upside_down",
                wrong=[lambda a, b: max(a, b) / 2, lambda a, b: max(a, b)],
                hint="The limit grows with the curvature in your formula. Does a steeper bowl permit longer "
                "steps?",
            ),
        ],
        fallback_hint="Both factors of TODO 18 must lie between −1 and 1: write each as a condition on η.",
        needs=("factors",),
    ),
    Exercise(
        name="best_rate",
        title="The best fixed rate",
        points=2,
        answers={"best_rate": Function(_flat, (Number(), Number()))},
        right=lambda a, b: descent.best_rate([a, b]),
        expects="the fixed rate whose slower direction is fastest, and its factor per step",
        mistakes=[
            Mistake(
                "one_over_max",
                wrong=lambda a, b: (1 / max(a, b), ...),
                hint="This rate finishes the steep direction in one step and leaves the flat one slow. A "
                "little more makes the flat one faster, at a price for the steep one.",
            ),
            Mistake(
                "limit",
                wrong=lambda a, b: (2 / max(a, b), ...),
                hint="This is the limit of convergence: there the steep direction does not shrink at all.",
            ),
            Mistake(
                "half",
                wrong=lambda a, b: (1 / (a + b), ...),
                hint="Half of the best rate: solve 1 − aη = −(1 − bη) for η again.",
            ),
            Mistake(
                "precedence",
                wrong=lambda a, b: (..., max(a, b) / min(a, b) - 1 / (max(a, b) / min(a, b)) + 1),
                hint="Brackets are missing in the rate: Python divides before it adds and subtracts.",
            ),
            Mistake(
                "kappa_upside_down",
                lambda a, ctx: any(rate < 0 for _, rate in a.best_rate),
                hint="The rate is negative for some curvatures: κ is the larger curvature divided by the "
                "smaller one, whichever of a and b that is.",
            ),
            Mistake(
                "rate_of_loss",
                wrong=lambda a, b: (..., ((b - a) / (b + a)) ** 2),
                hint="By this factor the loss shrinks, which grows with the square of the distance. The factor "
                "of the distance is asked for.",
            ),
            Mistake(
                "rate_of_one_over_max",
                wrong=lambda a, b: (..., 1 - min(a, b) / max(a, b)),
                hint="That is the factor at the rate 1/max(a, b). At the best rate both directions share the "
                "same, smaller factor.",
            ),
        ],
        fallback_hint=(
            "Draw |1 − aη| and |1 − bη| over η. The slower of the two is smallest where the lines cross."
        ),
        needs=("factors",),
    ),
    Exercise(
        name="measured_rate",
        title="Measure the rate of convergence",
        points=1,
        answers={"measured_rate": Function(_paths, Number())},
        right=_shrinking,
        expects="the factor by which the distance shrinks in each step",
        mistakes=[
            Mistake(
                "of_the_square",
                wrong=lambda path: _shrinking(path) ** 2,
                hint="This is the square of the factor: the loss, or a squared norm, shrinks like that. Take "
                "the distance itself.",
            ),
            Mistake(
                "inverse",
                wrong=lambda path: 1 / _shrinking(path),
                hint="Above 1 although the distance falls: the earlier distance belongs below the fraction "
                "line.",
            ),
            Mistake(
                "logarithm",
                wrong=[
                    lambda path: np.log(_shrinking(path)),
                    lambda path: -np.log(_shrinking(path)),
                    lambda path: np.log10(_shrinking(path)),
                ],
                hint="This is the slope of the curve on a logarithmic axis. Turn it back into a factor.",
            ),
            Mistake(
                "whole_path",
                wrong=lambda path: descent.distances(path)[-1] / descent.distances(path)[0],
                hint="This is how much the whole path shrinks the distance, not one step of it.",
            ),
        ],
        fallback_hint="np.linalg.norm(trajectory, axis=1) gives all distances at once; how do two consecutive ones "
        "compare?",
    ),
    Exercise(
        name="momentum",
        title="Descent with momentum",
        points=2,
        answers={"momentum": Function(_rolling, TABLE)},
        right=_roll,
        expects="each point from the one before, by the update rule, the start first",
        mistakes=[
            Mistake(
                "no_momentum",
                wrong=partial(_roll, variant="no_momentum"),
                hint="This is plain gradient descent: the previous move has no effect.",
            ),
            Mistake(
                "against",
                wrong=partial(_roll, variant="against"),
                hint="The last move is subtracted: it brakes instead of keeping the motion.",
            ),
            Mistake(
                "dampened",
                wrong=partial(_roll, variant="dampened"),
                hint="The gradient is multiplied by 1 − β: a running mean, also in use, but with another rate. "
                "The text's formula keeps the gradient's full share.",
            ),
            Mistake(
                "nesterov",
                wrong=partial(_roll, variant="nesterov"),
                hint="The gradient is taken at the point ahead: that is Nesterov's variant. Here it is taken "
                "at w(t).",
            ),
            Mistake(
                "from_origin",
                wrong=partial(_roll, variant="from_origin"),
                hint="The first step starts with a kick, as if the point had come from the origin. Before the "
                "first step there is no move.",
            ),
            Mistake(
                "start_missing",
                wrong=lambda *probe: _roll(*probe)[1:],
                hint="The start is missing: it is the first row, before any step.",
            ),
        ],
        fallback_hint="Keep the last move in a variable of its own, zero at first: the new move is β times the "
        "old one minus η times the gradient.",
        needs=("descent",),
    ),
)
