"""Gradient descent on quadratics: references and rates.

A quadratic bowl with curvatures λ₁ … λ_d (the eigenvalues of its Hessian) is the one
case in which everything about gradient descent is known exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

Gradient = Callable[[np.ndarray], np.ndarray]


class Momentum(NamedTuple):
    """Settings of the heavy-ball method and the rate that they reach.

    Attributes:
        eta: Learning rate.
        beta: Share of the last move that is repeated.
        rate: Factor by which the distance shrinks a step, in the long run.
    """

    eta: float
    beta: float
    rate: float


def quadratic(w1: np.ndarray, w2: np.ndarray, a: float, b: float) -> np.ndarray:
    """Return ½(a·w1² + b·w2²), element by element."""
    return 0.5 * (a * np.square(w1) + b * np.square(w2))


def quadratic_gradient(a: float, b: float) -> Gradient:
    """Return the gradient of ½(a·w1² + b·w2²) as a function of w, shape (2,)."""
    curvatures = np.array([a, b], dtype=float)
    return lambda w: curvatures * w


def gradient_descent(
    gradient: Gradient, start: Sequence[float] | np.ndarray, eta: float, steps: int
) -> np.ndarray:
    """Follow the negative gradient with one fixed rate.

    Args:
        gradient: Gradient of the loss at a point.
        start: The point to start from, d numbers.
        eta: Learning rate.
        steps: Number of updates.

    Returns:
        All points visited, shape (steps + 1, d), the start first.

    Example:
        >>> gradient_descent(quadratic_gradient(1.0, 10.0), [1.0, 1.0], eta=0.1, steps=2).round(3)
        array([[1.  , 1.  ],
               [0.9 , 0.  ],
               [0.81, 0.  ]])
    """
    return heavy_ball(gradient, start, eta, 0.0, steps)


def heavy_ball(
    gradient: Gradient, start: Sequence[float] | np.ndarray, eta: float, beta: float, steps: int
) -> np.ndarray:
    """Gradient descent with momentum: each move repeats a share of the move before.

    Args:
        gradient: Gradient of the loss at a point.
        start: The point to start from, at rest, d numbers.
        eta: Learning rate.
        beta: Share of the last move that is repeated, 0 to 1.
        steps: Number of updates.

    Returns:
        All points visited, shape (steps + 1, d), the start first.
    """
    points = np.empty((steps + 1, len(start)))
    points[0] = start
    move = np.zeros(len(start))
    for step in range(steps):
        move = beta * move - eta * gradient(points[step])
        points[step + 1] = points[step] + move
    return points


def contraction(eta: float | np.ndarray, curvatures: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the factor of the slowest direction, max |1 − ηλ|, for each rate.

    Args:
        eta: One rate or an array of rates.
        curvatures: Eigenvalues of the Hessian.

    Returns:
        Below 1 where gradient descent converges; the shape of `eta`.

    Example:
        >>> contraction(np.array([0.1, 0.25]), [1.0, 10.0])
        array([0.9, 1.5])

    See Also:
        notebooks/03_backpropagation.ipynb
    """
    return np.abs(1 - np.asarray(eta)[..., None] * np.asarray(curvatures)).max(axis=-1)


def largest_rate(curvatures: Sequence[float] | np.ndarray) -> float:
    """Return the limit below which every positive rate converges.

    Example:
        >>> largest_rate([1.0, 10.0])
        0.2

    See Also:
        notebooks/03_backpropagation.ipynb
    """
    return float(2 / np.max(curvatures))


def best_rate(curvatures: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Return the best fixed rate and the factor by which it shrinks the distance a step.

    Example:
        >>> eta, factor = best_rate([1.0, 10.0])
        >>> round(eta, 3), round(factor, 3)
        (0.182, 0.818)

    See Also:
        notebooks/03_backpropagation.ipynb
    """
    low, high = float(np.min(curvatures)), float(np.max(curvatures))
    return 2 / (low + high), (high - low) / (high + low)


def best_momentum(curvatures: Sequence[float] | np.ndarray) -> Momentum:
    """Return the best fixed settings of the heavy ball (Polyak 1964) and their rate."""
    low, high = np.sqrt(np.min(curvatures)), np.sqrt(np.max(curvatures))
    rate = float((high - low) / (high + low))
    return Momentum(float(4 / (high + low) ** 2), rate**2, rate)


def distances(trajectory: np.ndarray) -> np.ndarray:
    """Return the distance of each point from the minimum at 0, shape (steps + 1,)."""
    return np.linalg.norm(np.asarray(trajectory, dtype=float), axis=1)


def steps_needed(rate: float, shrink: float) -> float:
    """Return after how many steps the distance has shrunk by a factor, at a rate below 1.

    Example:
        >>> round(steps_needed(0.9, 1000))
        66

    See Also:
        notebooks/03_backpropagation.ipynb
    """
    return float(np.log(shrink) / -np.log(rate))
