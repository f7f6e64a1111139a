"""Lab 03, backpropagation and descent by hand: parameters, exercises, checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_lib import descent
from labs_lib.exercises.answers import Array, Function, Number
from labs_lib.exercises.framework import Context, Exercise, LabSpec, Mistake, ShortAnswer, Wrong, close
from labs_lib.exercises.parameters import Parameter, common_parameters

Answers = SimpleNamespace
Probes = Callable[[Context], Sequence[tuple[Any, ...]]]
Formula = Callable[..., Any]


def _agree(given: Any, expected: Any, rtol: float = 1e-4) -> bool:
    if isinstance(expected, tuple):
        return len(given) == len(expected) and all(
            _agree(g, e, rtol) for g, e in zip(given, expected, strict=True)
        )
    return close(given, expected, rtol=rtol, atol=1e-7)


def _all_agree(given: Sequence[Any], probes: Sequence[tuple[Any, ...]], formula: Formula) -> bool:
    with np.errstate(all="ignore"):
        return all(_agree(g, formula(*probe)) for g, probe in zip(given, probes, strict=True))


def _like(name: str, probes: Probes, *formulas: Formula, part: int | None = None) -> Any:
    """Return a predicate: the outputs (or one part of them) are those of one of these formulas."""

    def same(a: Answers, ctx: Context) -> bool:
        given = getattr(a, name)
        if part is not None:
            given = [output[part] for output in given]
        return any(_all_agree(given, probes(ctx), formula) for formula in formulas)

    return same


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


def _slope(z: np.ndarray) -> np.ndarray:
    return _sigmoid(z) * (1 - _sigmoid(z))


# TODO 1: the forward pass --------------------------------------------------------------


def _sizes(ctx: Context, stream: int) -> list[tuple[int, int, int]]:
    """Return the run's sizes, and others that differ from each other."""
    n, m, q = (int(size) for size in ctx.rng(stream).permutation(np.arange(2, 8))[:3])
    return [(ctx["n"], ctx["m"], ctx["q"]), (n, m, q)]


def _networks(ctx: Context, stream: int) -> list[tuple[Any, ...]]:
    """Return networks as tuples of W1, W2, x and y."""
    rng = ctx.rng(100 + stream)
    return [
        (
            rng.normal(0, 1.5 / np.sqrt(n), (m, n)),
            rng.normal(0, 1.5 / np.sqrt(m), (q, m)),
            rng.normal(0, 1, n),
            rng.normal(0, 1, q),
        )
        for n, m, q in _sizes(ctx, stream)
    ]


def _forward_probes(ctx: Context) -> list[tuple[Any, ...]]:
    return [network[:3] for network in _networks(ctx, 1)]


def _forward(
    W1: np.ndarray,
    W2: np.ndarray,
    x: np.ndarray,
    hidden: Formula = _sigmoid,
    output: Formula = lambda y: y,
) -> tuple[np.ndarray, ...]:
    z = W1 @ x
    return z, hidden(z), output(W2 @ hidden(z))


def _judge_forward(a: Answers, ctx: Context) -> Wrong | None:
    for given, probe in zip(a.forward, _forward_probes(ctx), strict=True):
        for name, found, right in zip(("z", "h", "y_hat"), given, _forward(*probe), strict=True):
            if found.shape != right.shape:
                return Wrong(f"{name} of shape {right.shape}", f"shape {found.shape}")
            if not close(found, right):
                return Wrong(
                    f"the {name} that the definition gives for random weights",
                    f"other values ({name}[0] = {found[0]:.4g})",
                )
    return None


_forward_like = partial(_like, "forward", _forward_probes)


# TODO 2 and 3: the pieces of the chain -----------------------------------------------------


def _outputs_and_targets(ctx: Context) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = ctx.rng(2)
    return [(rng.normal(0, 2, q), rng.normal(0, 2, q)) for q in (ctx["q"] + 1, ctx["q"] + 3)]


def _inputs_of_sigma(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(3)
    return [(rng.normal(0, 2, size),) for size in (ctx["m"] + 1, ctx["m"] + 4)]


def _judge_function(
    name: str, probes: Probes, formula: Formula, expected: str
) -> Callable[[Answers, Context], Wrong | None]:
    """Return a judge for a function that maps an array to an array."""

    def judge(a: Answers, ctx: Context) -> Wrong | None:
        for given, probe in zip(getattr(a, name), probes(ctx), strict=True):
            right = np.asarray(formula(*probe))
            if given.shape != right.shape:
                return Wrong(f"a result of shape {right.shape}", f"shape {given.shape}")
            if not close(given, right, atol=1e-7):
                at = np.unravel_index(int(np.argmax(np.abs(given - right))), right.shape)
                return Wrong(expected, f"a value of {given[at]:.5g} that does not fit")
        return None

    return judge


_error_like = partial(_like, "error_gradient", _outputs_and_targets)
_slope_like = partial(_like, "sigma_slope", _inputs_of_sigma)


# TODO 4: shapes ------------------------------------------------------------------------------


def _right_shapes(ctx: Context) -> dict[str, tuple[int, ...]]:
    n, m, q = ctx["n"], ctx["m"], ctx["q"]
    return {"J_yh": (q, m), "J_hz": (m, m), "J_zx": (m, n), "J_zW1": (m, m, n), "G_W1": (m, n)}


_SHAPE_NAMES = {
    "J_yh": "∂ŷ/∂h",
    "J_hz": "∂h/∂z",
    "J_zx": "∂z/∂x",
    "J_zW1": "∂z/∂W1",
    "G_W1": "∂E/∂W1",
}


def _shapes(a: Answers) -> dict[str, tuple[int, ...]]:
    return {name: tuple(int(length) for length in getattr(a, name)) for name in _SHAPE_NAMES}


def _judge_shapes(a: Answers, ctx: Context) -> Wrong | None:
    given, right = _shapes(a), _right_shapes(ctx)
    for name, meaning in _SHAPE_NAMES.items():
        if given[name] != right[name]:
            n, m, q = ctx["n"], ctx["m"], ctx["q"]
            return Wrong(f"the shape of {meaning} for n = {n}, m = {m}, q = {q}", f"{name} = {given[name]}")
    return None


def _shapes_transposed(a: Answers, ctx: Context) -> bool:
    given, right = _shapes(a), _right_shapes(ctx)
    return any(given[name] == right[name][::-1] != right[name] for name in ("J_yh", "J_zx", "G_W1"))


# TODO 5: one step back -----------------------------------------------------------------------


def _steps_back(ctx: Context) -> list[tuple[Any, ...]]:
    # Square on purpose: a forgotten transpose then gives wrong numbers, which can be explained,
    # instead of an error about shapes.
    rng = ctx.rng(5)
    return [(rng.normal(0, 1, (m, m)), rng.normal(0, 1.5, m), rng.normal(0, 1, m)) for m in (3, ctx["m"] + 2)]


def _step_back(
    W2: np.ndarray, z: np.ndarray, g: np.ndarray, slope: Formula = _slope, transpose: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    dh = (W2.T if transpose else W2) @ g
    return dh, slope(z) * dh


def _judge_back(a: Answers, ctx: Context) -> Wrong | None:
    for given, probe in zip(a.back_to_hidden, _steps_back(ctx), strict=True):
        for name, found, right in zip(("∂E/∂h", "∂E/∂z"), given, _step_back(*probe), strict=True):
            if found.shape != right.shape:
                return Wrong(f"{name} of shape {right.shape}", f"shape {found.shape}")
            if not close(found, right):
                return Wrong(f"the {name} that the chain rule gives", f"other values for {name}")
    return None


_back_like = partial(_like, "back_to_hidden", _steps_back)


# TODO 6: the three gradients -----------------------------------------------------------------


def _gradient_probes(ctx: Context) -> list[tuple[Any, ...]]:
    return _networks(ctx, 6)


def _gradients(
    W1: np.ndarray,
    W2: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    factor: float = 2.0,
    slope: Formula = _slope,
    hidden: Formula = _sigmoid,
) -> tuple[np.ndarray, ...]:
    z = W1 @ x
    g = factor * (W2 @ _sigmoid(z) - y)
    dz = (W2.T @ g) * slope(z)
    return np.outer(dz, x), np.outer(g, hidden(z)), W1.T @ dz


def _judge_gradients(a: Answers, ctx: Context) -> Wrong | None:
    for given, probe in zip(a.gradients, _gradient_probes(ctx), strict=True):
        for name, found, right in zip(("∂E/∂W1", "∂E/∂W2", "∂E/∂x"), given, _gradients(*probe), strict=True):
            if found.shape != right.shape:
                return Wrong(
                    f"{name} with the shape of what E is derived by, {right.shape}", f"{found.shape}"
                )
            if not close(found, right, atol=1e-7):
                ratio = np.linalg.norm(found) / np.linalg.norm(right)
                return Wrong(
                    f"the {name} of the definition, for random weights",
                    f"another one; its norm is {ratio:.3g} times the right one's",
                )
    return None


_gradients_like = partial(_like, "gradients", _gradient_probes)


def _outer_transposed(a: Answers, ctx: Context) -> bool:
    rights = [_gradients(*probe) for probe in _gradient_probes(ctx)]
    return any(
        all(_agree(given[part], right[part].T) for given, right in zip(a.gradients, rights, strict=True))
        for part in (0, 1)
    )


# TODO 7: numerical gradients -----------------------------------------------------------------


def _smooth_functions(ctx: Context) -> list[tuple[Any, ...]]:
    rng = ctx.rng(7)
    probes = []
    for shape in ((4,), (3, 2)):
        c = rng.uniform(0.5, 1.5, shape)

        def f(w: np.ndarray, c: np.ndarray = c) -> float:
            return float(np.sum(c * np.exp(0.7 * w)) + np.sum(c * w) ** 3 / 3)

        probes.append((f, rng.normal(0, 1, shape), round(rng.uniform(0.05, 0.2), 3)))
    return probes


def _differences(f: Formula, w: np.ndarray, up: float, down: float, per: float) -> np.ndarray:
    """Return (f(w + up) − f(w − down)) / per for each entry of w by itself."""
    found = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        unit = np.zeros_like(w)
        unit[index] = 1.0
        found[index] = (f(w + up * unit) - f(w - down * unit)) / per
    return found


def _central(f: Formula, w: np.ndarray, eps: float) -> np.ndarray:
    return _differences(f, w, eps, eps, 2 * eps)


def _never_restored(f: Formula, w: np.ndarray, eps: float) -> np.ndarray:
    found, moved = np.zeros_like(w), w.copy()
    for index in np.ndindex(w.shape):
        moved[index] += eps
        above = f(moved)
        moved[index] -= 2 * eps
        found[index] = (above - f(moved)) / (2 * eps)
    return found


_numerical_like = partial(_like, "numerical_gradient", _smooth_functions)


# TODO 8: what a gradient costs -----------------------------------------------------------------


def _cost_sizes(ctx: Context) -> list[tuple[int, int, int]]:
    sizes = ctx.rng(8).integers(8, 300, (2, 3)).tolist()
    return [(ctx["n"], ctx["m"], ctx["q"]), *(tuple(size) for size in sizes)]


def _cost(n: int, m: int, q: int, back: Formula = lambda m, q: m * q + m) -> tuple[int, ...]:
    signal = back(m, q)
    return q * m, signal + m * n, signal + m * n, q * m + signal + 2 * m * n


def _judge_cost(a: Answers, ctx: Context) -> Wrong | None:
    names = ("∂E/∂W2 alone", "∂E/∂W1 alone", "∂E/∂x alone", "all three together")
    for given, (n, m, q) in zip(a.multiply_adds, _cost_sizes(ctx), strict=True):
        for name, found, right in zip(names, given, _cost(n, m, q), strict=True):
            if found != right:
                return Wrong(
                    f"the multiply-adds of {name} for n = {n}, m = {m}, q = {q}",
                    f"{found:g}, which is {'too few' if found < right else 'too many'}",
                )
    return None


_cost_like = partial(_like, "multiply_adds", _cost_sizes)


# TODO 9 to 13: descent -----------------------------------------------------------------------


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


def _judge_path(name: str, probes: Probes, reference: Formula) -> Callable[[Answers, Context], Wrong | None]:
    def judge(a: Answers, ctx: Context) -> Wrong | None:
        for given, probe in zip(getattr(a, name), probes(ctx), strict=True):
            right = reference(*probe)
            if given.shape != right.shape:
                return Wrong(f"shape {right.shape} for {probe[-1]} steps", f"shape {given.shape}")
            if not close(given, right):
                first = int(np.argmax(np.any(~np.isclose(given, right, rtol=1e-4, atol=1e-7), axis=1)))
                row = ", ".join(f"{value:.4g}" for value in given[first])
                return Wrong("each point from the one before, by the update rule", f"row {first} is [{row}]")
        return None

    return judge


_descend_like = partial(_like, "descend", _descents)


def _flat(ctx: Context) -> list[tuple[float, float]]:
    return _bowls(ctx, 10)


def _judge_largest(a: Answers, ctx: Context) -> Wrong | None:
    for given, (first, second) in zip(a.largest_rate, _flat(ctx), strict=True):
        if not close(given, descent.largest_rate([first, second])):
            at = abs(float(descent.contraction(given, [first, second])))
            return Wrong(
                f"the rate above which descent diverges, for a = {first:g}, b = {second:g}",
                f"{given:.4g}; there one step leaves {at:.3g} of the slower coordinate, in absolute value",
            )
    return None


_largest_like = partial(_like, "largest_rate", _flat)


def _judge_best(a: Answers, ctx: Context) -> Wrong | None:
    for (eta, rate), (first, second) in zip(a.best_rate, _flat(ctx), strict=True):
        right = descent.best_rate([first, second])
        if not close(eta, right[0]):
            return Wrong(
                f"the fixed rate whose slower direction is fastest, for a = {first:g}, b = {second:g}",
                f"eta = {eta:.4g}, which leaves {float(descent.contraction(eta, [first, second])):.3g} a step",
            )
        if not close(rate, right[1]):
            return Wrong(
                f"the factor a step at that rate, for a = {first:g}, b = {second:g}", f"rate = {rate:.4g}"
            )
    return None


_best_like = partial(_like, "best_rate", _flat)


def _paths(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(12)
    paths = []
    for a, b in _bowls(ctx, 12)[1:]:
        eta, _ = descent.best_rate([a, b])
        start = rng.uniform(1, 4, 2)
        paths.append((_descend(a, b, start, eta, int(rng.integers(15, 25))),))
    return paths


def _shrinking(path: np.ndarray) -> float:
    """Return the factor a step, from the second half of a path."""
    r = descent.distances(path)
    half = len(r) // 2
    return float((r[-1] / r[half]) ** (1 / (len(r) - 1 - half)))


def _judge_measured(a: Answers, ctx: Context) -> Wrong | None:
    for given, (path,) in zip(a.measured_rate, _paths(ctx), strict=True):
        if not close(given, _shrinking(path), rtol=1e-3):
            return Wrong(
                f"the factor a step of the distance along a path of {len(path) - 1} steps", f"{given:.4g}"
            )
    return None


_measured_like = partial(_like, "measured_rate", _paths)


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


_roll_like = partial(_like, "momentum", _rolling)


# TODO 14 and 15: features of different scales ---------------------------------------------------


def _tables(ctx: Context, stream: int) -> list[tuple[np.ndarray]]:
    """Return tables of correlated features of very different means and scales."""
    rng = ctx.rng(stream)
    tables = []
    for rows, columns in ((14, 4), (25, 3)):
        mixed = rng.normal(0, 1, (rows, columns)) @ (
            np.eye(columns) + 0.4 * rng.uniform(0, 1, (columns, columns))
        )
        tables.append((mixed * 10.0 ** rng.uniform(-1, 2, columns) + rng.uniform(1, 50, columns),))
    return tables


def _standardised(x: np.ndarray, axis: int | None = 0, ddof: int = 0) -> np.ndarray:
    return (x - x.mean(axis=axis, keepdims=True)) / x.std(axis=axis, ddof=ddof, keepdims=True)


def _wide_tables(ctx: Context) -> list[tuple[np.ndarray]]:
    return _tables(ctx, 14)


def _judge_standardise(a: Answers, ctx: Context) -> Wrong | None:
    for given, (table,) in zip(a.standardise, _wide_tables(ctx), strict=True):
        if given.shape != table.shape:
            return Wrong(f"the same shape as the table, {table.shape}", f"shape {given.shape}")
        # Dividing by the deviation of a sample (n − 1) or of the rows themselves (n) are both right.
        if not any(close(given, _standardised(table, ddof=ddof)) for ddof in (0, 1)):
            means, deviations = given.mean(axis=0), given.std(axis=0)
            return Wrong(
                "columns that all have the same mean and the same deviation, as the text asks",
                f"means from {means.min():.3g} to {means.max():.3g}, "
                f"deviations from {deviations.min():.3g} to {deviations.max():.3g}",
            )
    return None


_standardise_like = partial(_like, "standardise", _wide_tables)


def _more_tables(ctx: Context) -> list[tuple[np.ndarray]]:
    return _tables(ctx, 15)


def _condition(x: np.ndarray) -> float:
    return float(np.linalg.cond(np.cov(x, rowvar=False)))


def _judge_condition(a: Answers, ctx: Context) -> Wrong | None:
    for given, (table,) in zip(a.condition_number, _more_tables(ctx), strict=True):
        if not close(given, _condition(table), rtol=1e-3):
            return Wrong(
                f"the condition number of the covariance of {table.shape[1]} features, {len(table)} rows",
                f"{given:.5g}",
            )
    return None


_condition_like = partial(_like, "condition_number", _more_tables)


def _rows_as_features(a: Answers, ctx: Context) -> bool:
    # The covariance of more rows than features has no inverse: only rounding keeps it from infinity.
    return all(abs(given) > 1e12 for given in a.condition_number)


_VECTOR = Array((None,))
_TABLE = Array((None, None))

LAB = LabSpec(
    number="03",
    slug="backpropagation",
    title="Backpropagation and descent by hand",
    summary="The gradients of a small network derived, coded and verified, and what decides how fast descent is.",
    parameters=(
        *common_parameters(),
        Parameter("n", int, 6, "inputs of the network", minimum=1, maximum=64),
        Parameter("m", int, 5, "hidden units", minimum=1, maximum=64),
        Parameter("q", int, 3, "outputs", minimum=1, maximum=64),
        Parameter("a", float, 1.0, "curvature of the bowl along w1", minimum=0.01, maximum=1000),
        Parameter("b", float, 10.0, "curvature of the bowl along w2", minimum=0.01, maximum=1000),
        Parameter("steps", int, 60, "updates of each descent", minimum=4, maximum=2000),
        Parameter("n_notes", int, None, "notes whose features are compared", quick=60, full=200, minimum=40),
        Parameter(
            "largest_layer",
            int,
            None,
            "most inputs of the networks whose gradients are timed",
            quick=1024,
            full=4096,
            minimum=64,
        ),
    ),
    exercises=(
        Exercise(
            "forward",
            "The forward pass",
            1,
            {"forward": Function(_forward_probes, (_VECTOR, _VECTOR, _VECTOR))},
            _judge_forward,
            (
                Mistake(
                    "activation_missing",
                    _forward_like(partial(_forward, hidden=lambda z: z)),
                    "h equals z: the activation is missing, and two linear layers in a row are one linear layer.",
                ),
                Mistake(
                    "sign_of_exponent",
                    _forward_like(partial(_forward, hidden=lambda z: _sigmoid(-z))),
                    "Your h falls where z grows. Look at the sign inside the exponential of σ.",
                ),
                Mistake(
                    "tanh",
                    _forward_like(partial(_forward, hidden=np.tanh)),
                    "h goes from −1 to 1: that is tanh. The text defines σ, which goes from 0 to 1.",
                ),
                Mistake(
                    "activation_on_output",
                    _forward_like(partial(_forward, output=_sigmoid)),
                    "ŷ passes through σ as well. In this network only the hidden layer has an activation.",
                ),
                Mistake(
                    "skips_hidden",
                    _like("forward", _forward_probes, lambda W1, W2, x: W2 @ W1 @ x, part=2),
                    "ŷ is computed from z. The output layer reads h.",
                ),
            ),
            where="Three lines, one for each formula in the text. For a matrix and a vector `@` is the product; "
            "return z, h and y_hat, in this order.",
        ),
        Exercise(
            "error_gradient",
            "The gradient of the error by the output",
            1,
            {"error_gradient": Function(_outputs_and_targets)},
            _judge_function(
                "error_gradient",
                _outputs_and_targets,
                lambda y_hat, y: 2 * (y_hat - y),
                "how fast E grows with each output",
            ),
            (
                Mistake(
                    "factor_missing",
                    _error_like(lambda y_hat, y: y_hat - y),
                    "Half of the right size: what does the derivative of a square bring down in front?",
                ),
                Mistake(
                    "sign",
                    _error_like(lambda y_hat, y: 2 * (y - y_hat), lambda y_hat, y: y - y_hat),
                    "The sign is reversed: descent along −∂E/∂ŷ would then run away from the target. "
                    "If ŷ lies above y, does E grow or fall with ŷ?",
                ),
                Mistake(
                    "mean",
                    _error_like(
                        lambda y_hat, y: 2 * (y_hat - y) / len(y), lambda y_hat, y: (y_hat - y) / len(y)
                    ),
                    "You divide by the number of outputs. E is a sum of squares here, not their mean.",
                ),
                Mistake(
                    "error_itself",
                    _error_like(lambda y_hat, y: (y_hat - y) ** 2, lambda y_hat, y: np.sum((y_hat - y) ** 2)),
                    "This is the error itself, not its derivative.",
                ),
            ),
            where="Write E as a sum over the outputs and derive each term by its own output.",
        ),
        Exercise(
            "sigma_slope",
            "The derivative of the activation",
            1,
            {"sigma_slope": Function(_inputs_of_sigma)},
            _judge_function("sigma_slope", _inputs_of_sigma, _slope, "the slope of σ at each entry of z"),
            (
                Mistake(
                    "at_h",
                    _slope_like(lambda z: _slope(_sigmoid(z))),
                    "σ is applied twice: the formula in terms of h already takes σ(z) as its h.",
                ),
                Mistake(
                    "z_as_h",
                    _slope_like(lambda z: z * (1 - z)),
                    "z(1 − z) is not a slope of σ: the argument of this function is z, before the activation.",
                ),
                Mistake(
                    "one_factor",
                    _slope_like(lambda z: 1 - _sigmoid(z), _sigmoid),
                    "One of two factors is missing. The slope must go to 0 on both sides: check at z = 10 "
                    "and z = −10.",
                ),
                Mistake(
                    "sign",
                    _slope_like(lambda z: -_slope(z)),
                    "A negative slope, but σ grows everywhere. Follow the inner derivative of exp(−z).",
                ),
                Mistake(
                    "tanh_slope",
                    _slope_like(lambda z: 1 - _sigmoid(z) ** 2),
                    "1 − h² is the derivative of tanh. For σ another expression in h holds.",
                ),
                Mistake(
                    "matrix",
                    _slope_like(lambda z: np.diag(_slope(z))),
                    "You return the whole matrix. Only its diagonal is asked for, one value for each entry of z.",
                ),
            ),
            where="Derive σ(z) = 1/(1 + exp(−z)) by the quotient rule and collect the result in terms of σ(z).",
        ),
        Exercise(
            "shapes",
            "Shapes of the Jacobians",
            2,
            {name: _VECTOR for name in _SHAPE_NAMES},
            _judge_shapes,
            (
                Mistake(
                    "transposed",
                    _shapes_transposed,
                    "At least one shape is the wrong way round. A Jacobian has one row for each component of "
                    "what is derived and one column for each component that it is derived by; the gradient "
                    "of a number is arranged like what it is derived by.",
                ),
                Mistake(
                    "diagonal_as_vector",
                    lambda a, ctx: _shapes(a)["J_hz"] == (ctx["m"],),
                    "∂h/∂z is given as a vector. As a Jacobian it is a matrix, even if most of it is zero; that a "
                    "vector is enough to store it comes later.",
                ),
                Mistake(
                    "tensor_as_gradient",
                    lambda a, ctx: _shapes(a)["J_zW1"] == (ctx["m"], ctx["n"]),
                    "∂z/∂W1 is given the shape of W1. But z has several components, and each has a derivative "
                    "by every weight.",
                ),
                Mistake(
                    "tensor_flattened",
                    lambda a, ctx: (
                        _shapes(a)["J_zW1"]
                        in (
                            (ctx["m"], ctx["m"] * ctx["n"]),
                            (ctx["m"] * ctx["m"] * ctx["n"],),
                        )
                    ),
                    "The count of entries fits, but the two indices of a weight are melted into one: keep them apart.",
                ),
                Mistake(
                    "tensor_order",
                    lambda a, ctx: (
                        sorted(_shapes(a)["J_zW1"]) == sorted((ctx["m"], ctx["m"], ctx["n"]))
                        and _shapes(a)["J_zW1"] != (ctx["m"], ctx["m"], ctx["n"])
                    ),
                    "∂z/∂W1 has the right lengths in another order: first the index of what is derived, then the "
                    "two indices of the weight, row before column.",
                ),
            ),
            where="Write the index of each component down: ∂z_i/∂x_j has an i for every component of z and a j "
            "for every component of x. Answer with tuples in n, m and q.",
        ),
        Exercise(
            "signal",
            "One layer back",
            2,
            {"back_to_hidden": Function(_steps_back, (Array(), Array()))},
            _judge_back,
            (
                Mistake(
                    "not_transposed",
                    _back_like(partial(_step_back, transpose=False)),
                    "The matrix is used as in the forward pass. Going back, component j of h collects from all "
                    "outputs i: which index is summed over?",
                ),
                Mistake(
                    "slope_forgotten",
                    _back_like(partial(_step_back, slope=lambda z: 1.0)),
                    "∂E/∂z equals ∂E/∂h: the derivative of the activation is missing.",
                ),
                Mistake(
                    "slope_at_h",
                    _back_like(partial(_step_back, slope=lambda z: _slope(_sigmoid(z)))),
                    "The slope of σ is taken at h instead of z.",
                ),
                Mistake(
                    "slope_is_h",
                    _back_like(partial(_step_back, slope=_sigmoid)),
                    "You multiply by the activation itself, not by its derivative.",
                ),
                Mistake(
                    "columns_scaled",
                    lambda a, ctx: all(given[1].ndim == 2 for given in a.back_to_hidden),
                    "∂E/∂z comes out as a matrix. It has one value for each hidden unit: multiply two vectors "
                    "entry by entry.",
                ),
            ),
            where="Two factors of the chain: first from ŷ to h through W2, then from h to z through the activation.",
            needs=("sigma_slope",),
        ),
        Exercise(
            "gradients",
            "The three gradients",
            3,
            {"gradients": Function(_gradient_probes, (Array(), Array(), Array()))},
            _judge_gradients,
            (
                Mistake(
                    "factor_missing",
                    _gradients_like(partial(_gradients, factor=1.0)),
                    "All three have half of the right size: a factor is lost at the very start of the chain.",
                ),
                Mistake(
                    "sign",
                    _gradients_like(partial(_gradients, factor=-2.0), partial(_gradients, factor=-1.0)),
                    "All three point the wrong way: is the difference of ŷ and y the right way round?",
                ),
                Mistake(
                    "slope_forgotten",
                    _gradients_like(partial(_gradients, slope=lambda z: 1.0)),
                    "∂E/∂W2 is right, the other two are not: on the way to W1 and x the derivative of the "
                    "activation is missing.",
                ),
                Mistake(
                    "slope_at_h",
                    _gradients_like(partial(_gradients, slope=lambda z: _slope(_sigmoid(z)))),
                    "∂E/∂W2 is right, the other two are not: the slope of σ is taken at h instead of z.",
                ),
                Mistake(
                    "z_for_h",
                    _gradients_like(partial(_gradients, hidden=lambda z: z)),
                    "Only ∂E/∂W2 is off: which vector does W2 multiply in the forward pass?",
                ),
                Mistake(
                    "outer_transposed",
                    _outer_transposed,
                    "A weight gradient is transposed: the outer product has its two vectors exchanged. Row i, "
                    "column j of it belongs to the weight from j to i.",
                ),
                Mistake(
                    "order",
                    lambda a, ctx: all(
                        _agree((given[1], given[0], given[2]), _gradients(*probe))
                        for given, probe in zip(a.gradients, _gradient_probes(ctx), strict=True)
                    ),
                    "The values are right, the order is not: return ∂E/∂W1 first, then ∂E/∂W2, then ∂E/∂x.",
                ),
            ),
            where="If NumPy complains about shapes, write the shape of each factor beside it: a gradient has the "
            "shape of what E is derived by, which tells where a matrix must be transposed and which of "
            "two vectors comes first in np.outer.",
            needs=("forward", "error_gradient", "signal"),
        ),
        Exercise(
            "numerical",
            "A gradient without any derivation",
            2,
            {"numerical_gradient": Function(_smooth_functions)},
            _judge_function(
                "numerical_gradient",
                _smooth_functions,
                _central,
                "the central difference for each entry of w by itself",
            ),
            (
                Mistake(
                    "one_sided",
                    _numerical_like(
                        lambda f, w, eps: _differences(f, w, eps, 0, eps),
                        lambda f, w, eps: _differences(f, w, 0, eps, eps),
                    ),
                    "This is a one-sided difference. It is right in the limit, but its error falls only with the "
                    "step, that of the central difference with the step's square.",
                ),
                Mistake(
                    "half_divisor",
                    _numerical_like(lambda f, w, eps: _differences(f, w, eps, eps, eps)),
                    "Twice too large: how far apart are the two points at which you evaluate f?",
                ),
                Mistake(
                    "sign",
                    _numerical_like(lambda f, w, eps: -_central(f, w, eps)),
                    "The sign is reversed: which of the two values comes first in the difference?",
                ),
                Mistake(
                    "all_at_once",
                    _numerical_like(
                        lambda f, w, eps: np.full(w.shape, (f(w + eps) - f(w - eps)) / (2 * eps)),
                        lambda f, w, eps: (f(w + eps) - f(w - eps)) / (2 * eps),
                    ),
                    "All entries of w are moved at once, so that every entry of the result is the sum of all "
                    "partial derivatives. Move one entry at a time.",
                ),
                Mistake(
                    "not_restored",
                    _numerical_like(_never_restored),
                    "Only the first entry is right: an entry that was moved is not put back before the next one's "
                    "turn. Work on a copy.",
                ),
                Mistake(
                    "flattened",
                    _numerical_like(lambda f, w, eps: _central(f, w, eps).ravel()),
                    "The values are right, but as one long vector: give the result the shape of w.",
                ),
            ),
            where="np.ndindex(w.shape) gives the index of every entry, whatever the shape. Move that entry of a copy "
            "up and down by eps.",
        ),
        Exercise(
            "cost",
            "Count the multiply-adds",
            2,
            {"multiply_adds": Function(_cost_sizes, (Number(integer=True),) * 4)},
            _judge_cost,
            (
                Mistake(
                    "signal_forgotten",
                    lambda a, ctx: all(
                        given[1] == m * n and given[2] == m * n
                        for given, (n, m, q) in zip(a.multiply_adds, _cost_sizes(ctx), strict=True)
                    ),
                    "∂E/∂W1 and ∂E/∂x are counted as if ∂E/∂z were given. Only h, σ' and ∂E/∂ŷ are: add what it "
                    "takes to come back through the output layer.",
                ),
                Mistake(
                    "elementwise_forgotten",
                    _cost_like(partial(_cost, back=lambda m, q: m * q)),
                    "Almost: the multiplication with σ' is missing. It is cheap, but not free.",
                ),
                Mistake(
                    "diagonal_matrix",
                    _cost_like(partial(_cost, back=lambda m, q: m * q + m * m)),
                    "You count the multiplication with σ' as a product with a full matrix. Nobody multiplies with "
                    "all those zeros.",
                ),
                Mistake(
                    "not_shared",
                    lambda a, ctx: all(
                        given[:3] == _cost(*size)[:3] and given[3] == sum(given[:3])
                        for given, size in zip(a.multiply_adds, _cost_sizes(ctx), strict=True)
                    ),
                    "The last count is the sum of the others. Computed together, ∂E/∂W1 and ∂E/∂x share a part of "
                    "the way, which is walked only once.",
                ),
            ),
            where="A matrix of r rows and c columns times a vector takes r·c multiply-adds, so does the outer "
            "product of vectors of lengths r and c; an elementwise product takes one for each entry.",
        ),
        Exercise(
            "descent",
            "Gradient descent",
            2,
            {"descend": Function(_descents, _TABLE)},
            _judge_path("descend", _descents, _descend),
            (
                Mistake(
                    "start_missing",
                    _descend_like(lambda *probe: _descend(*probe)[1:]),
                    "The start is missing: it is the first row, before any step.",
                ),
                Mistake(
                    "last_missing",
                    _descend_like(lambda *probe: _descend(*probe)[:-1]),
                    "One step is missing: after `steps` updates there are steps + 1 points.",
                ),
                Mistake(
                    "ascent",
                    _descend_like(lambda a, b, start, eta, steps: _descend(a, b, start, -eta, steps)),
                    "The path climbs: a step goes against the gradient.",
                ),
                Mistake(
                    "half_forgotten",
                    _descend_like(partial(_descend, scale=(2, 2))),
                    "The steps are twice as long as they should be: L has a factor ½ in front.",
                ),
                Mistake(
                    "curvatures_exchanged",
                    _descend_like(lambda a, b, *rest: _descend(b, a, *rest)),
                    "a and b have changed places: a belongs to w1, b to w2.",
                ),
                Mistake(
                    "curvatures_ignored",
                    _descend_like(lambda a, b, *rest: _descend(1.0, 1.0, *rest)),
                    "Both coordinates shrink alike: the curvatures do not enter your gradient.",
                ),
                Mistake(
                    "same_array",
                    _descend_like(lambda *probe: np.tile(_descend(*probe)[-1], (probe[-1] + 1, 1))),
                    "All rows are the last point: `w -= …` changes the array in place, and the list holds that one "
                    "array many times. Make a new array in each step.",
                ),
                Mistake(
                    "transposed",
                    _descend_like(lambda *probe: _descend(*probe).T),
                    "Rows and columns are exchanged: one row for each point, one column for each coordinate.",
                ),
            ),
            where="Keep a list of points. The next one is the last one minus the rate times the gradient there.",
        ),
        Exercise(
            "largest_rate",
            "The largest rate that converges",
            1,
            {"largest_rate": Function(_flat, Number())},
            _judge_largest,
            (
                Mistake(
                    "one_over_max",
                    _largest_like(lambda a, b: 1 / max(a, b)),
                    "A common answer, but only the limit for an approach without oscillation. Beyond it the steep "
                    "coordinate changes sign at every step; does it still shrink?",
                ),
                Mistake(
                    "flat_direction",
                    _largest_like(lambda a, b: 2 / min(a, b), lambda a, b: 1 / min(a, b)),
                    "At this rate the flat direction still converges, the steep one does not. Both must.",
                ),
                Mistake(
                    "best",
                    _largest_like(lambda a, b: 2 / (a + b)),
                    "At this rate both directions shrink alike, well below 1 in size: there is room above it.",
                ),
                Mistake(
                    "upside_down",
                    _largest_like(lambda a, b: max(a, b) / 2, lambda a, b: max(a, b)),
                    "The limit grows with the curvature in your formula. Does a steeper bowl permit longer steps?",
                ),
            ),
            where="|1 − aη| < 1 and |1 − bη| < 1 must both hold: write each as a condition on η.",
        ),
        Exercise(
            "best_rate",
            "The best fixed rate",
            2,
            {"best_rate": Function(_flat, (Number(), Number()))},
            _judge_best,
            (
                Mistake(
                    "one_over_max",
                    _best_like(lambda a, b: 1 / max(a, b), part=0),
                    "This rate finishes the steep direction in one step and leaves the flat one slow. A little more "
                    "makes the flat one faster, at a price for the steep one.",
                ),
                Mistake(
                    "limit",
                    _best_like(lambda a, b: 2 / max(a, b), part=0),
                    "This is the limit of convergence: there the steep direction does not shrink at all.",
                ),
                Mistake(
                    "half",
                    _best_like(lambda a, b: 1 / (a + b), part=0),
                    "Half of the best rate: solve 1 − aη = −(1 − bη) for η once more.",
                ),
                Mistake(
                    "precedence",
                    _best_like(lambda a, b: max(a, b) / min(a, b) - 1 / (max(a, b) / min(a, b)) + 1, part=1),
                    "Brackets are missing in the rate: Python divides before it adds and subtracts.",
                ),
                Mistake(
                    "kappa_upside_down",
                    lambda a, ctx: any(rate < 0 for _, rate in a.best_rate),
                    "The rate is negative for some curvatures: κ is the larger curvature divided by the smaller one, "
                    "whichever of a and b that is.",
                ),
                Mistake(
                    "rate_of_loss",
                    _best_like(lambda a, b: ((b - a) / (b + a)) ** 2, part=1),
                    "By this factor the loss shrinks, which grows with the square of the distance. The factor of the "
                    "distance is asked for.",
                ),
                Mistake(
                    "rate_of_one_over_max",
                    _best_like(lambda a, b: 1 - min(a, b) / max(a, b), part=1),
                    "That is the factor at the rate 1/max(a, b). At the best rate both directions share the same, "
                    "smaller factor.",
                ),
            ),
            where="Draw |1 − aη| and |1 − bη| over η. The slower of the two is smallest where the lines cross.",
        ),
        Exercise(
            "measured_rate",
            "Measure the rate of convergence",
            1,
            {"measured_rate": Function(_paths, Number())},
            _judge_measured,
            (
                Mistake(
                    "of_the_square",
                    _measured_like(lambda path: _shrinking(path) ** 2),
                    "This is the square of the factor: the loss, or a squared norm, shrinks like that. Take the "
                    "distance itself.",
                ),
                Mistake(
                    "inverse",
                    _measured_like(lambda path: 1 / _shrinking(path)),
                    "Above 1 although the distance falls: the earlier distance belongs below the fraction line.",
                ),
                Mistake(
                    "logarithm",
                    _measured_like(
                        lambda path: np.log(_shrinking(path)),
                        lambda path: -np.log(_shrinking(path)),
                        lambda path: np.log10(_shrinking(path)),
                    ),
                    "This is the slope of the curve on a logarithmic axis. Turn it back into a factor.",
                ),
                Mistake(
                    "whole_path",
                    _measured_like(lambda path: descent.distances(path)[-1] / descent.distances(path)[0]),
                    "This is how much the whole path shrinks the distance, not one step of it.",
                ),
            ),
            where="np.linalg.norm(trajectory, axis=1) gives all distances at once; how do two that follow each "
            "other compare?",
        ),
        Exercise(
            "momentum",
            "Descent with momentum",
            2,
            {"momentum": Function(_rolling, _TABLE)},
            _judge_path("momentum", _rolling, _roll),
            (
                Mistake(
                    "no_momentum",
                    _roll_like(partial(_roll, variant="no_momentum")),
                    "This is plain gradient descent: the move before has no effect.",
                ),
                Mistake(
                    "against",
                    _roll_like(partial(_roll, variant="against")),
                    "The last move is subtracted: it brakes instead of keeping the motion.",
                ),
                Mistake(
                    "dampened",
                    _roll_like(partial(_roll, variant="dampened")),
                    "The gradient is multiplied by 1 − β: a running mean, also in use, but with another rate. The "
                    "text's formula keeps the gradient's full share.",
                ),
                Mistake(
                    "nesterov",
                    _roll_like(partial(_roll, variant="nesterov")),
                    "The gradient is taken at the point ahead: that is Nesterov's variant. Here it is taken at w(t).",
                ),
                Mistake(
                    "from_origin",
                    _roll_like(partial(_roll, variant="from_origin")),
                    "The first step starts with a kick, as if the point had come from the origin. Before the first "
                    "step there is no move.",
                ),
                Mistake(
                    "start_missing",
                    _roll_like(lambda *probe: _roll(*probe)[1:]),
                    "The start is missing: it is the first row, before any step.",
                ),
            ),
            where="Keep the last move in a variable of its own, zero at first: the new move is β times the old one "
            "minus η times the gradient.",
            needs=("descent",),
        ),
        Exercise(
            "standardise",
            "Standardise",
            1,
            {"standardise": Function(_wide_tables, _TABLE)},
            _judge_standardise,
            (
                Mistake(
                    "not_centred",
                    _standardise_like(lambda x: x / x.std(axis=0), lambda x: x / x.std(axis=0, ddof=1)),
                    "The deviations are equal, the means are not: centre each column as well.",
                ),
                Mistake(
                    "not_scaled",
                    _standardise_like(lambda x: x - x.mean(axis=0)),
                    "The columns are centred but keep their scales.",
                ),
                Mistake(
                    "variance",
                    _standardise_like(
                        lambda x: (x - x.mean(axis=0)) / x.var(axis=0),
                        lambda x: (x - x.mean(axis=0)) / x.var(axis=0, ddof=1),
                    ),
                    "You divide by the variance. What has the unit of the feature itself?",
                ),
                Mistake(
                    "rows",
                    _standardise_like(partial(_standardised, axis=1), partial(_standardised, axis=1, ddof=1)),
                    "Each row is standardised: that mixes units, Hz with decibels. One column is one feature.",
                ),
                Mistake(
                    "whole_table",
                    _standardise_like(
                        partial(_standardised, axis=None), partial(_standardised, axis=None, ddof=1)
                    ),
                    "One mean and one deviation for the whole table leave the columns as different as before.",
                ),
                Mistake(
                    "to_range",
                    _standardise_like(lambda x: (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0))),
                    "Each column now goes from 0 to 1. That is another scaling; mean and deviation are asked for.",
                ),
            ),
            where="x.mean(axis=...) and x.std(axis=...) give one value for each column, or for each row: which axis?",
        ),
        Exercise(
            "condition",
            "The condition number",
            2,
            {"condition_number": Function(_more_tables, Number())},
            _judge_condition,
            (
                Mistake(
                    "of_the_table",
                    _condition_like(np.linalg.cond),
                    "This is the condition number of the table itself, means included, not of the covariance of its "
                    "columns.",
                ),
                Mistake(
                    "square_root",
                    _condition_like(lambda x: np.linalg.cond(x - x.mean(axis=0))),
                    "This is the condition number of the centred table. The covariance's is its square.",
                ),
                Mistake(
                    "not_centred",
                    _condition_like(lambda x: np.linalg.cond(x.T @ x)),
                    "The table is not centred: xᵀx then measures above all how far the means are from 0.",
                ),
                Mistake(
                    "correlation",
                    _condition_like(lambda x: np.linalg.cond(np.corrcoef(x, rowvar=False))),
                    "This is the correlation matrix, from which the scales are gone already. Their effect is what "
                    "we want to see.",
                ),
                Mistake(
                    "upside_down",
                    _condition_like(lambda x: 1 / _condition(x)),
                    "Below 1: the largest eigenvalue belongs above the fraction line.",
                ),
                Mistake(
                    "rows_as_features",
                    _rows_as_features,
                    "An enormous number: np.cov takes rows for features unless it is told otherwise.",
                ),
            ),
            where="np.cov takes rows for features unless told `rowvar=False`; np.linalg.cond of a covariance is "
            "its largest eigenvalue divided by its smallest.",
        ),
    ),
    questions=(ShortAnswer("never_built", 3), ShortAnswer("one_over_max", 3), ShortAnswer("what_remains", 3)),
)
