"""Lab 03, TODO 6 to 9: the gradients, checked by differences and by a tape, and their cost."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Function, Number
from labs_engine.declare.framework import Context, Exercise, Mistake
from labs_lib.kinds.probes import SmoothFunction
from labs_lib.labs.lab03.common import Formula, networks, sigmoid, sigmoid_slope

# TODO 6: the three gradients -----------------------------------------------------------------


def _gradient_probes(ctx: Context) -> list[tuple[Any, ...]]:
    return networks(ctx, 6)


def _gradients(
    W1: np.ndarray,
    W2: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    factor: float = 2.0,
    slope: Formula = sigmoid_slope,
    hidden: Formula = sigmoid,
) -> tuple[np.ndarray, ...]:
    z = W1 @ x
    g = factor * (W2 @ sigmoid(z) - y)
    dz = (W2.T @ g) * slope(z)
    return np.outer(dz, x), np.outer(g, hidden(z)), W1.T @ dz


def _turned(part: int) -> Formula:
    """Return wrong gradients: one of them the wrong way round, the others whatever they are."""

    def gradients(*probe: Any) -> tuple[Any, ...]:
        right = _gradients(*probe)
        return tuple(right[at].T if at == part else ... for at in range(3))

    return gradients


# TODO 7: numerical gradients -----------------------------------------------------------------


def _smooth_functions(ctx: Context) -> list[tuple[Any, ...]]:
    rng = ctx.rng(7)
    probes = []
    for shape in ((4,), (3, 2)):
        f = SmoothFunction(rng.uniform(0.5, 1.5, shape))
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


# TODO 8: a tape --------------------------------------------------------------------------------


def _tape_probes(ctx: Context) -> list[tuple[Any, ...]]:
    return networks(ctx, 8)


def _linear(W1: np.ndarray, W2: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    g = 2 * (W2 @ W1 @ x - y)
    return np.outer(W2.T @ g, x), np.outer(g, W1 @ x), W1.T @ W2.T @ g


def _of_mean(W1: np.ndarray, W2: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    return _gradients(W1, W2, x, y, factor=2 / len(y))


# TODO 9: what a gradient costs -----------------------------------------------------------------


def _cost_sizes(ctx: Context) -> list[tuple[int, int, int]]:
    sizes = ctx.rng(8).integers(8, 300, (2, 3)).tolist()
    return [(ctx["n"], ctx["m"], ctx["q"]), *(tuple(size) for size in sizes)]


def _cost(n: int, m: int, q: int, back: Formula = lambda m, q: m * q + m) -> tuple[int, ...]:
    signal = back(m, q)
    return q * m, signal + m * n, signal + m * n, q * m + signal + 2 * m * n


EXERCISES = (
    Exercise(
        name="gradients",
        title="The three gradients",
        points=3,
        answers={"gradients": Function(_gradient_probes, (Array(), Array(), Array()))},
        right=_gradients,
        expects="the ∂E/∂W1, ∂E/∂W2 and ∂E/∂x of the definition, each with the shape of its variable",
        mistakes=[
            Mistake(
                "factor_missing",
                wrong=partial(_gradients, factor=1.0),
                hint="All three have half of the right size: a factor is lost at the very start of the chain.",
            ),
            Mistake(
                "sign",
                wrong=[partial(_gradients, factor=-2.0), partial(_gradients, factor=-1.0)],
                hint="All three point the wrong way: is the difference of ŷ and y the right way round?",
            ),
            Mistake(
                "slope_forgotten",
                wrong=partial(_gradients, slope=lambda z: 1.0),
                hint="∂E/∂W2 is right, the other two are not: on the way to W1 and x the derivative of the "
                "activation is missing.",
            ),
            Mistake(
                "slope_at_h",
                wrong=partial(_gradients, slope=lambda z: sigmoid_slope(sigmoid(z))),
                hint="∂E/∂W2 is right, the other two are not: the slope of σ is taken at h instead of z.",
            ),
            Mistake(
                "z_for_h",
                wrong=partial(_gradients, hidden=lambda z: z),
                hint="Only ∂E/∂W2 is off: which vector does W2 multiply in the forward pass?",
            ),
            Mistake(
                "outer_transposed",
                wrong=[_turned(0), _turned(1)],
                hint="A weight gradient is transposed: the outer product has its two vectors exchanged. Row i, "
                "column j of it belongs to the weight from j to i.",
            ),
            Mistake(
                "order",
                wrong=lambda *probe: tuple(_gradients(*probe)[part] for part in (1, 0, 2)),
                hint="The values are right, the order is not: return ∂E/∂W1 first, then ∂E/∂W2, then ∂E/∂x.",
            ),
        ],
        fallback_hint="If NumPy complains about shapes, write the shape of each factor beside it: a gradient has "
        "the shape of its variable, which shows where a matrix must be transposed and which of two "
        "vectors comes first in np.outer.",
        needs=("forward", "error_gradient", "signal"),
    ),
    Exercise(
        name="numerical",
        title="A gradient without any derivation",
        points=2,
        answers={"numerical_gradient": Function(_smooth_functions)},
        right=_central,
        expects="the central difference for each entry of w by itself",
        mistakes=[
            Mistake(
                "one_sided",
                wrong=[
                    lambda f, w, eps: _differences(f, w, eps, 0, eps),
                    lambda f, w, eps: _differences(f, w, 0, eps, eps),
                ],
                hint="This is a one-sided difference. It is right in the limit, but its error falls only with "
                "the step, that of the central difference with the step's square.",
            ),
            Mistake(
                "half_divisor",
                wrong=lambda f, w, eps: _differences(f, w, eps, eps, eps),
                hint="Twice too large: how far apart are the two points at which you evaluate f?",
            ),
            Mistake(
                "sign",
                wrong=lambda f, w, eps: -_central(f, w, eps),
                hint="The sign is reversed: which of the two values comes first in the difference?",
            ),
            Mistake(
                "all_at_once",
                wrong=[
                    lambda f, w, eps: np.full(w.shape, (f(w + eps) - f(w - eps)) / (2 * eps)),
                    lambda f, w, eps: (f(w + eps) - f(w - eps)) / (2 * eps),
                ],
                hint="All entries of w are moved at once, so that every entry of the result is the sum of all "
                "partial derivatives. Move one entry at a time.",
            ),
            Mistake(
                "not_restored",
                wrong=_never_restored,
                hint="Only the first entry is right: an entry that was moved is not put back before the next "
                "one's turn. Work on a copy.",
            ),
            Mistake(
                "flattened",
                wrong=lambda f, w, eps: _central(f, w, eps).ravel(),
                hint="The values are right, but as one long vector: give the result the shape of w.",
            ),
        ],
        fallback_hint="np.ndindex(w.shape) gives the index of every entry, whatever the shape. Move that entry "
        "of a copy up and down by eps.",
    ),
    Exercise(
        name="tape",
        title="Gradients from a tape",
        points=2,
        answers={"tape_gradients": Function(_tape_probes, (Array(), Array(), Array()))},
        right=_gradients,
        expects="the ∂E/∂W1, ∂E/∂W2 and ∂E/∂x of section 1, each with the shape of its variable",
        mistakes=[
            Mistake(
                "mean",
                wrong=_of_mean,
                hint="All three are too small by the number of outputs: E is the sum of the squares, not their mean.",
            ),
            Mistake(
                "linear",
                wrong=_linear,
                hint="These are the gradients of a network without an activation: σ is missing.",
            ),
            Mistake(
                "order",
                wrong=lambda *probe: tuple(_gradients(*probe)[part] for part in (1, 0, 2)),
                hint="The values are right, the order is not: return ∂E/∂W1 first, then ∂E/∂W2, then ∂E/∂x.",
            ),
        ],
        fallback_hint="Make a tf.Variable of each array, compute E inside `with tf.GradientTape() as tape:`, then ask "
        "tape.gradient for a list. Where it gives None, E was not computed from that variable inside the tape.",
        needs=("gradients",),
    ),
    Exercise(
        name="cost",
        title="Count the multiply-adds",
        points=2,
        answers={"multiply_adds": Function(_cost_sizes, (Number(integer=True),) * 4)},
        right=_cost,
        expects="the multiply-adds of ∂E/∂W2 alone, ∂E/∂W1 alone, ∂E/∂x alone, and of all three together",
        mistakes=[
            Mistake(
                "signal_forgotten",
                lambda a, ctx: all(
                    given[1] == m * n and given[2] == m * n
                    for given, (n, m, q) in zip(a.multiply_adds, _cost_sizes(ctx), strict=True)
                ),
                hint="∂E/∂W1 and ∂E/∂x are counted as if ∂E/∂z were given. Only h, σ' and ∂E/∂ŷ are: add the cost "
                "of going back through the output layer.",
            ),
            Mistake(
                "elementwise_forgotten",
                wrong=partial(_cost, back=lambda m, q: m * q),
                hint="Almost: the multiplication with σ' is missing. It is cheap, but not free.",
            ),
            Mistake(
                "diagonal_matrix",
                wrong=partial(_cost, back=lambda m, q: m * q + m * m),
                hint="You count the multiplication with σ' as a product with a full matrix. Nobody multiplies "
                "with all those zeros.",
            ),
            Mistake(
                "not_shared",
                lambda a, ctx: all(
                    given[:3] == _cost(*size)[:3] and given[3] == sum(given[:3])
                    for given, size in zip(a.multiply_adds, _cost_sizes(ctx), strict=True)
                ),
                hint="The last count is the sum of the others. Computed together, ∂E/∂W1 and ∂E/∂x share "
                "intermediate results, which are computed only once.",
            ),
        ],
        fallback_hint="A matrix of r rows and c columns times a vector takes r·c multiply-adds, so does the "
        "outer product of vectors of lengths r and c; an elementwise product takes one for each "
        "entry.",
    ),
)
