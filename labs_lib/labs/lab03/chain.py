"""Lab 03, TODO 1 to 5: the forward pass and the links of the chain rule."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Function
from labs_engine.declare.framework import Context, Exercise, Mistake
from labs_lib.labs.lab03.common import Formula, networks, sigmoid, sigmoid_slope

_VECTOR = Array((None,))


# TODO 1: the forward pass --------------------------------------------------------------


def _forward_probes(ctx: Context) -> list[tuple[Any, ...]]:
    return [network[:3] for network in networks(ctx, 1)]


def _forward(
    W1: np.ndarray,
    W2: np.ndarray,
    x: np.ndarray,
    hidden: Formula = sigmoid,
    output: Formula = lambda y: y,
) -> tuple[np.ndarray, ...]:
    z = W1 @ x
    return z, hidden(z), output(W2 @ hidden(z))


# TODO 2 and 3: the pieces of the chain -----------------------------------------------------


def _outputs_and_targets(ctx: Context) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = ctx.rng(2)
    return [(rng.normal(0, 2, q), rng.normal(0, 2, q)) for q in (ctx["q"] + 1, ctx["q"] + 3)]


def _inputs_of_sigma(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(3)
    return [(rng.normal(0, 2, size),) for size in (ctx["m"] + 1, ctx["m"] + 4)]


# TODO 4: shapes ------------------------------------------------------------------------------


def _shapes(run: Context) -> dict[str, tuple[int, ...]]:
    n, m, q = run["n"], run["m"], run["q"]
    return {"J_yh": (q, m), "J_hz": (m, m), "J_zx": (m, n), "J_zW1": (m, m, n), "G_W1": (m, n)}


def _right_shape(name: str) -> Callable[[Context], tuple[int, ...]]:
    return lambda run: _shapes(run)[name]


def _shape(name: str, change: Callable[[int, int, int], tuple[int, ...]]) -> dict[str, Any]:
    """Return one shape as code, from n, m and q."""
    return {name: lambda run: change(run["n"], run["m"], run["q"])}


_NAMES = {"J_yh": "∂ŷ/∂h", "J_hz": "∂h/∂z", "J_zx": "∂z/∂x", "J_zW1": "∂z/∂W1", "G_W1": "∂E/∂W1"}


# TODO 5: one step back -----------------------------------------------------------------------


def _steps_back(ctx: Context) -> list[tuple[Any, ...]]:
    # Square on purpose: a forgotten transpose then gives wrong numbers, which can be explained,
    # instead of an error about shapes.
    rng = ctx.rng(5)
    return [(rng.normal(0, 1, (m, m)), rng.normal(0, 1.5, m), rng.normal(0, 1, m)) for m in (3, ctx["m"] + 2)]


def _step_back(
    W2: np.ndarray, z: np.ndarray, g: np.ndarray, slope: Formula = sigmoid_slope, transpose: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    dh = (W2.T if transpose else W2) @ g
    return dh, slope(z) * dh


EXERCISES = (
    Exercise(
        name="forward",
        title="The forward pass",
        points=1,
        answers={"forward": Function(_forward_probes, (_VECTOR, _VECTOR, _VECTOR))},
        right=_forward,
        expects="the z, h and ŷ that the definitions give for random weights",
        mistakes=[
            Mistake(
                "activation_missing",
                wrong=partial(_forward, hidden=lambda z: z),
                hint="h equals z: the activation is missing, and two linear layers in a row are one linear layer.",
            ),
            Mistake(
                "sign_of_exponent",
                wrong=partial(_forward, hidden=lambda z: sigmoid(-z)),
                hint="Your h falls where z grows. Look at the sign inside the exponential of σ.",
            ),
            Mistake(
                "tanh",
                wrong=partial(_forward, hidden=np.tanh),
                hint="h goes from −1 to 1: that is tanh. The text defines σ, which goes from 0 to 1.",
            ),
            Mistake(
                "activation_on_output",
                wrong=partial(_forward, output=sigmoid),
                hint="ŷ passes through σ as well. In this network only the hidden layer has an activation.",
            ),
            Mistake(
                "skips_hidden",
                wrong=lambda W1, W2, x: (..., ..., W2 @ W1 @ x),
                hint="ŷ is computed from z. The output layer reads h.",
            ),
        ],
        fallback_hint="Three lines, one for each formula in the text. For a matrix and a vector `@` is the "
        "product; return z, h and y_hat, in this order.",
    ),
    Exercise(
        name="error_gradient",
        title="The gradient of the error",
        points=1,
        answers={"error_gradient": Function(_outputs_and_targets)},
        right=lambda y_hat, y: 2 * (y_hat - y),
        expects="how fast E grows with each output",
        mistakes=[
            Mistake(
                "factor_missing",
                wrong=lambda y_hat, y: y_hat - y,
                hint="Half of the right size: what does the derivative of a square bring down in front?",
            ),
            Mistake(
                "sign",
                wrong=[lambda y_hat, y: 2 * (y - y_hat), lambda y_hat, y: y - y_hat],
                hint="The sign is reversed: descent along −∂E/∂ŷ would then run away from the target. If ŷ "
                "lies above y, does E grow or fall with ŷ?",
            ),
            Mistake(
                "mean",
                wrong=[lambda y_hat, y: 2 * (y_hat - y) / len(y), lambda y_hat, y: (y_hat - y) / len(y)],
                hint="You divide by the number of outputs. E is a sum of squares here, not their mean.",
            ),
            Mistake(
                "error_itself",
                wrong=[lambda y_hat, y: (y_hat - y) ** 2, lambda y_hat, y: np.sum((y_hat - y) ** 2)],
                hint="This is the error itself, not its derivative.",
            ),
        ],
        fallback_hint="Write E as a sum over the outputs and differentiate each term with respect to its own output.",
    ),
    Exercise(
        name="sigma_slope",
        title="The derivative of the activation",
        points=1,
        answers={"sigma_slope": Function(_inputs_of_sigma)},
        right=sigmoid_slope,
        expects="the slope of σ at each entry of z",
        mistakes=[
            Mistake(
                "at_h",
                wrong=lambda z: sigmoid_slope(sigmoid(z)),
                hint="σ is applied twice: the formula in terms of h already takes σ(z) as its h.",
            ),
            Mistake(
                "z_as_h",
                wrong=lambda z: z * (1 - z),
                hint="z(1 − z) is not a slope of σ: the argument of this function is z, before the activation.",
            ),
            Mistake(
                "one_factor",
                wrong=[lambda z: 1 - sigmoid(z), sigmoid],
                hint="One of two factors is missing. The slope must go to 0 on both sides: check at z = 10 and "
                "z = −10.",
            ),
            Mistake(
                "sign",
                wrong=lambda z: -sigmoid_slope(z),
                hint="A negative slope, but σ grows everywhere. Follow the inner derivative of exp(−z).",
            ),
            Mistake(
                "tanh_slope",
                wrong=lambda z: 1 - sigmoid(z) ** 2,
                hint="1 − h² is the derivative of tanh. The slope of σ is another expression in h.",
            ),
            Mistake(
                "matrix",
                wrong=lambda z: np.diag(sigmoid_slope(z)),
                hint="You return the whole matrix. Only its diagonal is asked for, one value for each entry of "
                "z.",
            ),
        ],
        fallback_hint=(
            "Differentiate σ(z) = 1/(1 + exp(−z)) with the quotient rule and express the result in terms of σ(z)."
        ),
    ),
    Exercise(
        name="shapes",
        title="Shapes of the Jacobians",
        points=2,
        answers={name: Array((None,), what=f"the shape of {of}") for name, of in _NAMES.items()},
        right={name: _right_shape(name) for name in _NAMES},
        mistakes=[
            Mistake(
                "transposed",
                wrong=[
                    _shape("J_yh", lambda n, m, q: (m, q)),
                    _shape("J_zx", lambda n, m, q: (n, m)),
                    _shape("G_W1", lambda n, m, q: (n, m)),
                ],
                hint="At least one shape is the wrong way round. A Jacobian has one row for each component of the "
                "function and one column for each component of the variable; the gradient of a number has the "
                "shape of the variable.",
            ),
            Mistake(
                "diagonal_as_vector",
                wrong=_shape("J_hz", lambda n, m, q: (m,)),
                hint="∂h/∂z is given as a vector. As a Jacobian it is a matrix, even if most of it is zero; that a "
                "vector is enough to store it comes later.",
            ),
            Mistake(
                "tensor_as_gradient",
                wrong=_shape("J_zW1", lambda n, m, q: (m, n)),
                hint="∂z/∂W1 is given the shape of W1. But z has several components, and each has a derivative with "
                "respect to every weight.",
            ),
            Mistake(
                "tensor_flattened",
                wrong=[
                    _shape("J_zW1", lambda n, m, q: (m, m * n)),
                    _shape("J_zW1", lambda n, m, q: (m * m * n,)),
                ],
                hint="The count of entries fits, but the two indices of a weight are merged into one: keep them "
                "separate.",
            ),
            Mistake(
                "tensor_order",
                wrong=[
                    _shape("J_zW1", lambda n, m, q: (m, n, m)),
                    _shape("J_zW1", lambda n, m, q: (n, m, m)),
                ],
                hint="∂z/∂W1 has the right lengths in another order: first the index of z, then the two indices of "
                "the weight, row before column.",
            ),
        ],
        fallback_hint="Write the index of each component down: ∂z_i/∂x_j has an i for every component of z and "
        "a j for every component of x. Answer with tuples in n, m and q.",
    ),
    Exercise(
        name="signal",
        title="Back to the hidden layer",
        points=2,
        answers={"back_to_hidden": Function(_steps_back, (Array(), Array()))},
        right=_step_back,
        expects="the ∂E/∂h and ∂E/∂z that the chain rule gives",
        mistakes=[
            Mistake(
                "not_transposed",
                wrong=partial(_step_back, transpose=False),
                hint="The matrix is used as in the forward pass. Going back, component j of h collects from "
                "all outputs i: which index is summed over?",
            ),
            Mistake(
                "slope_forgotten",
                wrong=partial(_step_back, slope=lambda z: 1.0),
                hint="∂E/∂z equals ∂E/∂h: the derivative of the activation is missing.",
            ),
            Mistake(
                "slope_at_h",
                wrong=partial(_step_back, slope=lambda z: sigmoid_slope(sigmoid(z))),
                hint="The slope of σ is taken at h instead of z.",
            ),
            Mistake(
                "slope_is_h",
                wrong=partial(_step_back, slope=sigmoid),
                hint="You multiply by the activation itself, not by its derivative.",
            ),
            Mistake(
                "columns_scaled",
                lambda a, ctx: all(given[1].ndim == 2 for given in a.back_to_hidden),
                hint="∂E/∂z comes out as a matrix. It has one value for each hidden unit: multiply two vectors "
                "entry by entry.",
            ),
        ],
        fallback_hint="Two factors of the chain: first from ŷ to h through W2, then from h to z "
        "through the activation.",
        needs=("sigma_slope",),
    ),
)
