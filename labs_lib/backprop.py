"""The small network of lab 03: random instances of it, and how long its gradients take."""

from __future__ import annotations

import timeit
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np


class Network(NamedTuple):
    """One instance of ŷ = W2 σ(W1 x) with a target.

    Attributes:
        W1: Weights of the hidden layer, shape (m, n).
        W2: Weights of the output layer, shape (q, m).
        x: Input, shape (n,).
        y: Target, shape (q,).
    """

    W1: np.ndarray
    W2: np.ndarray
    x: np.ndarray
    y: np.ndarray


def random_network(n: int, m: int, q: int, seed: int) -> Network:
    """Draw weights, an input and a target.

    Args:
        n: Number of inputs.
        m: Number of hidden units.
        q: Number of outputs.
        seed: Seed of the draw.

    Returns:
        The network, float64.
    """
    rng = np.random.default_rng([seed, 33])
    W1 = rng.standard_normal((m, n)) / np.sqrt(n) * 1.5
    W2 = rng.standard_normal((q, m)) / np.sqrt(m)
    return Network(W1, W2, rng.standard_normal(n), rng.standard_normal(q))


def relative_error(found: np.ndarray, reference: np.ndarray) -> float:
    """Return the largest difference, relative to the largest entry of the reference.

    Example:
        >>> round(relative_error(np.array([1.0, 2.2]), np.array([1.0, 2.0])), 3)
        0.1

    See Also:
        notebooks/03_backpropagation.ipynb
    """
    largest = np.max(np.abs(reference))
    return float(np.max(np.abs(np.asarray(found) - np.asarray(reference))) / largest)


def one_sided_gradient(f: Callable[[np.ndarray], float], w: np.ndarray, eps: float) -> np.ndarray:
    """Return the gradient of f at w from one-sided differences.

    Args:
        f: Maps an array of w's shape to a number.
        w: Where, any shape.
        eps: Step of the differences.

    Returns:
        The approximate gradient, of w's shape.

    Example:
        >>> one_sided_gradient(lambda w: float(w @ w), np.array([1.0, -2.0]), 1e-3).round(3)
        array([ 2.001, -3.999])
    """
    here = f(w)
    gradient = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        moved = w.copy()
        moved[index] += eps
        gradient[index] = (f(moved) - here) / eps
    return gradient


def time_gradients(
    sizes: Sequence[tuple[int, int, int]], *, batch: int = 64, repeats: int = 10, seed: int = 0
) -> dict[str, np.ndarray]:
    """Measure how long each gradient takes by itself, for a batch of samples, on one core.

    Everything that the forward pass computes (h, σ', ∂E/∂ŷ) is given, as in the count of lab 03. Each time is the
    smallest of several rounds over all sizes, the one least disturbed by other work of the machine.

    Args:
        sizes: Triples (n, m, q).
        batch: Samples that are worked on at once, as columns.
        repeats: Rounds of which the smallest time counts.
        seed: Seed of the arrays.

    Returns:
        Seconds by gradient ('∂E/∂W2', '∂E/∂W1', '∂E/∂x'), one value per size.
    """
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(seed)
    works = []
    for n, m, q in sizes:
        shapes = [(m, n), (q, m), (n, batch), (m, batch), (q, batch)]
        W1, W2, x, h, g = (rng.standard_normal(shape, dtype=np.float32) for shape in shapes)
        works.append(_gradient_works(W1, W2, x, h, h * (1 - h), g))
    # Threads that wait for each other on a busy machine would be measured instead of the work.
    with threadpool_limits(1):
        numbers = [[_calls(work) for work in row] for row in works]
        rounds = [
            [
                [timeit.timeit(work, number=calls) / calls for work, calls in zip(row, counts, strict=True)]
                for row, counts in zip(works, numbers, strict=True)
            ]
            for _ in range(repeats)
        ]
    names = ("∂E/∂W2", "∂E/∂W1", "∂E/∂x")
    return dict(zip(names, np.min(rounds, axis=0).T, strict=True))


def _gradient_works(
    W1: np.ndarray, W2: np.ndarray, x: np.ndarray, h: np.ndarray, slope: np.ndarray, g: np.ndarray
) -> tuple[Callable[[], np.ndarray], ...]:
    return (
        lambda: g @ h.T,
        lambda: (W2.T @ g * slope) @ x.T,
        lambda: W1.T @ (W2.T @ g * slope),
    )


def _calls(work: Callable[[], np.ndarray]) -> int:
    """Return how many calls take about two milliseconds."""
    work()
    return max(1, int(0.002 / max(timeit.timeit(work, number=1), 1e-7)))
