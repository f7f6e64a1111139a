"""Lab 03, TODO 1 to 5: the forward pass and the links of the chain rule."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from labs_lib.exercises.answers import Array, Function
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong, close
from labs_lib.exercises.lab03.common import (
    Answers,
    Formula,
    judge_function,
    like,
    networks,
    sigmoid,
    sigmoid_slope,
)

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


_forward_like = partial(like, "forward", _forward_probes)


# TODO 2 and 3: the pieces of the chain -----------------------------------------------------


def _outputs_and_targets(ctx: Context) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = ctx.rng(2)
    return [(rng.normal(0, 2, q), rng.normal(0, 2, q)) for q in (ctx["q"] + 1, ctx["q"] + 3)]


def _inputs_of_sigma(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(3)
    return [(rng.normal(0, 2, size),) for size in (ctx["m"] + 1, ctx["m"] + 4)]


_error_like = partial(like, "error_gradient", _outputs_and_targets)
_slope_like = partial(like, "sigma_slope", _inputs_of_sigma)


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
    W2: np.ndarray, z: np.ndarray, g: np.ndarray, slope: Formula = sigmoid_slope, transpose: bool = True
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


_back_like = partial(like, "back_to_hidden", _steps_back)


EXERCISES = (
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
                _forward_like(partial(_forward, hidden=lambda z: sigmoid(-z))),
                "Your h falls where z grows. Look at the sign inside the exponential of σ.",
            ),
            Mistake(
                "tanh",
                _forward_like(partial(_forward, hidden=np.tanh)),
                "h goes from −1 to 1: that is tanh. The text defines σ, which goes from 0 to 1.",
            ),
            Mistake(
                "activation_on_output",
                _forward_like(partial(_forward, output=sigmoid)),
                "ŷ passes through σ as well. In this network only the hidden layer has an activation.",
            ),
            Mistake(
                "skips_hidden",
                like("forward", _forward_probes, lambda W1, W2, x: W2 @ W1 @ x, part=2),
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
        judge_function(
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
                _error_like(lambda y_hat, y: 2 * (y_hat - y) / len(y), lambda y_hat, y: (y_hat - y) / len(y)),
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
        judge_function("sigma_slope", _inputs_of_sigma, sigmoid_slope, "the slope of σ at each entry of z"),
        (
            Mistake(
                "at_h",
                _slope_like(lambda z: sigmoid_slope(sigmoid(z))),
                "σ is applied twice: the formula in terms of h already takes σ(z) as its h.",
            ),
            Mistake(
                "z_as_h",
                _slope_like(lambda z: z * (1 - z)),
                "z(1 − z) is not a slope of σ: the argument of this function is z, before the activation.",
            ),
            Mistake(
                "one_factor",
                _slope_like(lambda z: 1 - sigmoid(z), sigmoid),
                "One of two factors is missing. The slope must go to 0 on both sides: check at z = 10 "
                "and z = −10.",
            ),
            Mistake(
                "sign",
                _slope_like(lambda z: -sigmoid_slope(z)),
                "A negative slope, but σ grows everywhere. Follow the inner derivative of exp(−z).",
            ),
            Mistake(
                "tanh_slope",
                _slope_like(lambda z: 1 - sigmoid(z) ** 2),
                "1 − h² is the derivative of tanh. For σ another expression in h holds.",
            ),
            Mistake(
                "matrix",
                _slope_like(lambda z: np.diag(sigmoid_slope(z))),
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
                _back_like(partial(_step_back, slope=lambda z: sigmoid_slope(sigmoid(z)))),
                "The slope of σ is taken at h instead of z.",
            ),
            Mistake(
                "slope_is_h",
                _back_like(partial(_step_back, slope=sigmoid)),
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
)
