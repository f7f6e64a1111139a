"""Functions that students' code is tried on.

They are classes and lie outside the labs' modules because a graded run takes them along: they are pickled,
and the labs' modules, which hold the answers, are not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class SmoothFunction:
    """A smooth number of an array of any shape: a sum of exponentials, and the cube of a weighted sum.

    Attributes:
        weights: A weight for each entry, of the array's shape.
    """

    weights: np.ndarray

    def __call__(self, w: np.ndarray) -> float:
        """Return its value at w."""
        return float(np.sum(self.weights * np.exp(0.7 * w)) + np.sum(self.weights * w) ** 3 / 3)


@dataclass(frozen=True)
class Disc:
    """A rule for two classes in the plane: class 1 inside a circle.

    Attributes:
        center: Of the circle, x and y.
        radius: Of the circle.
    """

    center: tuple[float, float]
    radius: float

    def __call__(self, points: np.ndarray, *others: Any) -> np.ndarray:
        """Return the class of each point, shape (n,).

        Args:
            points: Shape (n, 2).
            *others: Refused, with words for whoever passes the coordinates one by one.
        """
        if others:
            raise TypeError("predict takes one array of points, of shape (n, 2)")
        points = np.asarray(points, dtype=float)
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"predict takes points of shape (n, 2), not {points.shape}")
        return np.asarray(np.hypot(*(points - self.center).T) < self.radius).astype(int)

    def border(self, limit: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the circle as x and y, NaN where it leaves the square from -limit to limit."""
        angles = np.linspace(0, 2 * np.pi, 1000)
        x, y = (
            c + self.radius * wave
            for c, wave in zip(self.center, (np.cos(angles), np.sin(angles)), strict=True)
        )
        outside = (np.abs(x) > limit) | (np.abs(y) > limit)
        return np.where(outside, np.nan, x), np.where(outside, np.nan, y)
