"""Lab 03: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import make_tests
from notebook_tests import make_notebook_tests

PARAMETER_SETS: list[dict[str, Any]] = [
    {"seed": 1, "n": 4, "m": 6, "q": 3, "a": 1.0, "b": 6.0, "steps": 20, "n_notes": 40, "largest_layer": 64},
    {
        "seed": 5,
        "n": 7,
        "m": 3,
        "q": 5,
        "a": 8.0,
        "b": 0.5,
        "steps": 30,
        "n_notes": 45,
        "largest_layer": 128,
    },
    {"seed": 8, "n": 3, "m": 4, "q": 6, "a": 2.0, "b": 5.0, "steps": 12, "n_notes": 42, "largest_layer": 64},
]


def _is(name: str, function: Any) -> Any:
    return lambda right, s: {name: function}


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def slope(z: np.ndarray) -> np.ndarray:
    return sigmoid(z) * (1 - sigmoid(z))


def _forward(hidden: Any = sigmoid, output: Any = lambda y: y) -> Any:
    return _is("forward", lambda W1, W2, x: (W1 @ x, hidden(W1 @ x), output(W2 @ hidden(W1 @ x))))


def _skip(W1: Any, W2: Any, x: Any) -> Any:
    return W1 @ x, sigmoid(W1 @ x), W2 @ (W1 @ x)


def _back(matrix: Any = lambda W2: W2.T, derivative: Any = slope) -> Any:
    return _is("back_to_hidden", lambda W2, z, g: (matrix(W2) @ g, derivative(z) * (matrix(W2) @ g)))


def _scaled_columns(W2: Any, z: Any, g: Any) -> Any:
    return W2.T @ g, np.diag(slope(z)) * (W2.T @ g)


def _gradients(error: Any = lambda a, y: 2 * (a - y), derivative: Any = slope, hidden: Any = sigmoid) -> Any:
    def gradients(W1: Any, W2: Any, x: Any, y: Any) -> Any:
        z = W1 @ x
        g = error(W2 @ sigmoid(z), y)
        dz = W2.T @ g * derivative(z)
        return dz[:, None] * x, g[:, None] * hidden(z), dz @ W1

    return _is("gradients", gradients)


def _rearranged(change: Any) -> Any:
    return lambda right, s: {"gradients": lambda *arguments: change(*right["gradients"](*arguments))}


def _difference(up: float, down: float, divisor: float) -> Any:
    def numerical_gradient(f: Any, w: Any, eps: float) -> Any:
        gradient = np.zeros(w.shape)
        for i in np.ndindex(w.shape):
            above, below = w.copy(), w.copy()
            above[i] += up * eps
            below[i] -= down * eps
            gradient[i] = (f(above) - f(below)) / (divisor * eps)
        return gradient

    return _is("numerical_gradient", numerical_gradient)


def _not_restored(f: Any, w: Any, eps: float) -> Any:
    gradient = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        w[i] += eps
        above = f(w)
        w[i] -= 2 * eps
        gradient[i] = (above - f(w)) / (2 * eps)
    return gradient


def _descend(gradient: Any, sign: float = -1.0) -> Any:
    def descend(a: float, b: float, start: Any, eta: float, steps: int) -> Any:
        w, points = np.array(start), [start]
        for _ in range(steps):
            w = w + sign * eta * np.array(gradient(a, b, w))
            points.append(w)
        return np.array(points)

    return _is("descend", descend)


def _in_place(a: float, b: float, start: Any, eta: float, steps: int) -> Any:
    w = np.array(start)
    points = [w]
    for _ in range(steps):
        w -= eta * np.array([a, b]) * w
        points.append(w)
    return np.array(points)


def _of(name: str, change: Any) -> Any:
    """A mutation: what the right function returns, changed."""
    return lambda right, s: {name: lambda *arguments: change(right[name](*arguments))}


def _momentum(update: Any, first: Any = lambda start: np.zeros(2)) -> Any:
    def momentum(a: float, b: float, start: Any, eta: float, beta: float, steps: int) -> Any:
        w, v = np.array(start), first(start)
        points = [w]
        for _ in range(steps):
            v = update(v, w, np.array([a, b]), eta, beta)
            w = w + v
            points.append(w)
        return np.array(points)

    return _is("momentum", momentum)


def _shape(name: str, formula: Any) -> Any:
    def mutate(right: Any, s: Any) -> Any:
        return {**right, name: formula(s.context["n"], s.context["m"], s.context["q"])}

    return mutate


def _best(eta: Any = lambda a, b: 2 / (a + b), rate: Any = lambda k: (k - 1) / (k + 1)) -> Any:
    return _is("best_rate", lambda a, b: (eta(a, b), rate(max(a, b) / min(a, b))))


def _count(formula: Any) -> Any:
    return _is("multiply_adds", formula)


MUTATIONS = {
    ("forward", "activation_missing"): _forward(lambda z: z),
    ("forward", "sign_of_exponent"): _forward(lambda z: 1 / (1 + np.exp(z))),
    ("forward", "tanh"): _forward(np.tanh),
    ("forward", "activation_on_output"): _forward(output=sigmoid),
    ("forward", "skips_hidden"): _is("forward", _skip),
    ("error_gradient", "factor_missing"): _is("error_gradient", lambda y_hat, y: y_hat - y),
    ("error_gradient", "sign"): _is("error_gradient", lambda y_hat, y: 2 * (y - y_hat)),
    ("error_gradient", "mean"): _is("error_gradient", lambda y_hat, y: 2 * (y_hat - y) / y.size),
    ("error_gradient", "error_itself"): _is("error_gradient", lambda y_hat, y: (y_hat - y) ** 2),
    ("sigma_slope", "at_h"): _is("sigma_slope", lambda z: slope(sigmoid(z))),
    ("sigma_slope", "z_as_h"): _is("sigma_slope", lambda z: z * (1 - z)),
    ("sigma_slope", "one_factor"): _is("sigma_slope", lambda z: 1 - sigmoid(z)),
    ("sigma_slope", "sign"): _is("sigma_slope", lambda z: sigmoid(z) * (sigmoid(z) - 1)),
    ("sigma_slope", "tanh_slope"): _is("sigma_slope", lambda z: 1 - sigmoid(z) ** 2),
    ("sigma_slope", "matrix"): _is("sigma_slope", lambda z: np.diag(slope(z))),
    ("shapes", "transposed"): _shape("J_yh", lambda n, m, q: (m, q)),
    ("shapes", "diagonal_as_vector"): _shape("J_hz", lambda n, m, q: (m,)),
    ("shapes", "tensor_as_gradient"): _shape("J_zW1", lambda n, m, q: (m, n)),
    ("shapes", "tensor_flattened"): _shape("J_zW1", lambda n, m, q: (m, m * n)),
    ("shapes", "tensor_order"): _shape("J_zW1", lambda n, m, q: (m, n, m)),
    ("signal", "not_transposed"): _back(lambda W2: W2),
    ("signal", "slope_forgotten"): _back(derivative=lambda z: 1.0),
    ("signal", "slope_at_h"): _back(derivative=lambda z: slope(sigmoid(z))),
    ("signal", "slope_is_h"): _back(derivative=sigmoid),
    ("signal", "columns_scaled"): _is("back_to_hidden", _scaled_columns),
    ("gradients", "factor_missing"): _gradients(lambda y_hat, y: y_hat - y),
    ("gradients", "sign"): _gradients(lambda y_hat, y: 2 * (y - y_hat)),
    ("gradients", "slope_forgotten"): _gradients(derivative=lambda z: 1.0),
    ("gradients", "slope_at_h"): _gradients(derivative=lambda z: slope(sigmoid(z))),
    ("gradients", "z_for_h"): _gradients(hidden=lambda z: z),
    ("gradients", "outer_transposed"): _rearranged(lambda dW1, dW2, dx: (dW1.T, dW2, dx)),
    ("gradients", "order"): _rearranged(lambda dW1, dW2, dx: (dW2, dW1, dx)),
    ("numerical", "one_sided"): _difference(1, 0, 1),
    ("numerical", "half_divisor"): _difference(1, 1, 1),
    ("numerical", "sign"): _difference(-1, -1, 2),
    ("numerical", "all_at_once"): _is(
        "numerical_gradient", lambda f, w, eps: np.ones(w.shape) * (f(w + eps) - f(w - eps)) / (2 * eps)
    ),
    ("numerical", "not_restored"): _is("numerical_gradient", _not_restored),
    ("numerical", "flattened"): _of("numerical_gradient", np.ravel),
    ("cost", "signal_forgotten"): _count(lambda n, m, q: (q * m, m * n, m * n, q * m + 2 * m * n)),
    ("cost", "elementwise_forgotten"): _count(
        lambda n, m, q: (q * m, q * m + m * n, q * m + m * n, 2 * q * m + 2 * m * n)
    ),
    ("cost", "diagonal_matrix"): _count(
        lambda n, m, q: (
            q * m,
            q * m + m * m + m * n,
            q * m + m * m + m * n,
            2 * q * m + m * m + 2 * m * n,
        )
    ),
    ("cost", "not_shared"): _count(
        lambda n, m, q: (q * m, q * m + m + m * n, q * m + m + m * n, 3 * q * m + 2 * m + 2 * m * n)
    ),
    ("descent", "start_missing"): _of("descend", lambda points: points[1:]),
    ("descent", "last_missing"): _of("descend", lambda points: points[:-1]),
    ("descent", "ascent"): _descend(lambda a, b, w: (a * w[0], b * w[1]), sign=1.0),
    ("descent", "half_forgotten"): _descend(lambda a, b, w: (2 * a * w[0], 2 * b * w[1])),
    ("descent", "curvatures_exchanged"): _descend(lambda a, b, w: (b * w[0], a * w[1])),
    ("descent", "curvatures_ignored"): _descend(lambda a, b, w: w),
    ("descent", "same_array"): _is("descend", _in_place),
    ("descent", "transposed"): _of("descend", np.transpose),
    ("largest_rate", "one_over_max"): _is("largest_rate", lambda a, b: 1 / max(a, b)),
    ("largest_rate", "flat_direction"): _is("largest_rate", lambda a, b: 2 / min(a, b)),
    ("largest_rate", "best"): _is("largest_rate", lambda a, b: 2 / (a + b)),
    ("largest_rate", "upside_down"): _is("largest_rate", lambda a, b: max(a, b) / 2),
    ("best_rate", "one_over_max"): _best(lambda a, b: 1 / max(a, b)),
    ("best_rate", "limit"): _best(lambda a, b: 2 / max(a, b)),
    ("best_rate", "half"): _best(lambda a, b: 1 / (a + b)),
    ("best_rate", "precedence"): _best(rate=lambda k: k - 1 / k + 1),
    ("best_rate", "kappa_upside_down"): _is(
        "best_rate", lambda a, b: (2 / (a + b), (a / b - 1) / (a / b + 1))
    ),
    ("best_rate", "rate_of_loss"): _best(rate=lambda k: ((k - 1) / (k + 1)) ** 2),
    ("best_rate", "rate_of_one_over_max"): _best(rate=lambda k: 1 - 1 / k),
    ("measured_rate", "of_the_square"): _of("measured_rate", np.square),
    ("measured_rate", "inverse"): _of("measured_rate", np.reciprocal),
    ("measured_rate", "logarithm"): _of("measured_rate", np.log),
    ("measured_rate", "whole_path"): _is(
        "measured_rate", lambda path: np.linalg.norm(path[-1]) / np.linalg.norm(path[0])
    ),
    ("momentum", "no_momentum"): _momentum(lambda v, w, c, eta, beta: -eta * c * w),
    ("momentum", "against"): _momentum(lambda v, w, c, eta, beta: -beta * v - eta * c * w),
    ("momentum", "dampened"): _momentum(lambda v, w, c, eta, beta: beta * v - (1 - beta) * eta * c * w),
    ("momentum", "nesterov"): _momentum(lambda v, w, c, eta, beta: beta * v - eta * c * (w + beta * v)),
    ("momentum", "from_origin"): _momentum(lambda v, w, c, eta, beta: beta * v - eta * c * w, np.array),
    ("momentum", "start_missing"): _of("momentum", lambda points: points[1:]),
    ("standardise", "not_centred"): _is("standardise", lambda x: x / x.std(axis=0)),
    ("standardise", "not_scaled"): _is("standardise", lambda x: x - x.mean(axis=0)),
    ("standardise", "variance"): _is("standardise", lambda x: (x - x.mean(axis=0)) / x.var(axis=0)),
    ("standardise", "rows"): _is("standardise", lambda x: ((x.T - x.mean(axis=1)) / x.std(axis=1)).T),
    ("standardise", "whole_table"): _is("standardise", lambda x: (x - x.mean()) / x.std()),
    ("standardise", "to_range"): _is("standardise", lambda x: (x - x.min(axis=0)) / np.ptp(x, axis=0)),
    ("condition", "of_the_table"): _is("condition_number", np.linalg.cond),
    ("condition", "square_root"): _is("condition_number", lambda x: np.linalg.cond(x - x.mean(axis=0))),
    ("condition", "not_centred"): _is("condition_number", lambda x: np.linalg.cond(x.T @ x / len(x))),
    ("condition", "correlation"): _is("condition_number", lambda x: np.linalg.cond(np.corrcoef(x.T))),
    ("condition", "upside_down"): _of("condition_number", np.reciprocal),
    ("condition", "rows_as_features"): _is("condition_number", lambda x: np.linalg.cond(np.cov(x))),
}

TestLab03 = make_tests("03", PARAMETER_SETS, MUTATIONS, later="answers")
TestNotebook03 = make_notebook_tests("03", PARAMETER_SETS[0])
