"""Functions that students' code is tried on.

They are classes and lie outside the labs' modules because a graded run takes them along: they are pickled,
and the labs' modules, which hold the answers, are not there.
"""

from __future__ import annotations

from dataclasses import dataclass

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
