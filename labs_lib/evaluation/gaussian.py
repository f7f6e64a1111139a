"""What a classifier can reach at best, and what it reaches in the long run, for Gaussian classes.

The best possible (Bayes) accuracy is known only where the distributions of the classes
are. Here they are Gaussian in the plane, given as SciPy's frozen `multivariate_normal`,
and both classes are equally frequent.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

# A SciPy frozen multivariate normal: `.mean` of shape (2,), `.cov` of shape (2, 2), `.pdf(points)`.
Gaussian = Any

_REACH = 8.0  # standard deviations around a mean; beyond it lie less than 2e-15 of a class


def bayes_accuracy(class_0: Gaussian, class_1: Gaussian) -> float:
    """Return the accuracy of the best possible rule for two Gaussian classes in the plane.

    The log-likelihood ratio is a quadratic in the second coordinate wherever the first
    one is held. Its roots say which stretches go to which class, and the normal
    distribution function gives their probability exactly. Only the first coordinate is
    integrated numerically, by adaptive quadrature. The error is below 1e-8.

    Args:
        class_0: Distribution of class 0.
        class_1: Distribution of class 1, as frequent as class 0.

    Returns:
        The probability that the rule is right, from 0.5 to 1.

    Example:
        >>> from scipy.stats import multivariate_normal
        >>> round(bayes_accuracy(multivariate_normal([-1, -1], 4), multivariate_normal([1, 1], 4)), 4)
        0.7602

    See Also:
        notebooks/02_gaussian_classification.ipynb
    """
    from scipy.integrate import quad
    from scipy.special import ndtr  # the normal distribution function

    quadratic, linear, constant = _log_ratio_coefficients(class_0, class_1)

    def correct(a: float) -> float:
        """Return the density of points that have first coordinate a and are classified rightly."""
        low, high, inside = _where_positive(
            quadratic[1, 1],
            2 * quadratic[0, 1] * a + linear[1],
            quadratic[0, 0] * a**2 + linear[0] * a + constant,
        )
        total = 0.0
        for distribution, wanted in ((class_0, not inside), (class_1, inside)):
            mean, cov = distribution.mean, distribution.cov
            slope = cov[1, 0] / cov[0, 0]
            middle, deviation = mean[1] + slope * (a - mean[0]), np.sqrt(cov[1, 1] - slope * cov[0, 1])
            share = ndtr((high - middle) / deviation) - ndtr((low - middle) / deviation)
            density = np.exp(-((a - mean[0]) ** 2) / (2 * cov[0, 0])) / np.sqrt(2 * np.pi * cov[0, 0])
            total += 0.5 * density * (share if wanted else 1 - share)
        return float(total)

    (left, right), _ = _extent(class_0, class_1)
    breaks = sorted({left, right, *_tangents(quadratic, linear, constant, left, right)})
    breaks = sorted({*breaks, *(float(d.mean[0]) for d in (class_0, class_1))})
    pieces = pairwise(breaks)
    return float(sum(quad(correct, low, high, epsabs=1e-10, limit=200)[0] for low, high in pieces))


def plane_grid(class_0: Gaussian, class_1: Gaussian, cells: int = 400) -> tuple[np.ndarray, float]:
    """Divide the part of the plane that two classes fill into small rectangular cells.

    Args:
        class_0: Distribution of class 0.
        class_1: Distribution of class 1.
        cells: Number of cells along each axis.

    Returns:
        The centres of the cells, shape (cells**2, 2), and the area of one cell.
    """
    axes = []
    area = 1.0
    for low, high in _extent(class_0, class_1):
        width = (high - low) / cells
        axes.append(low + width * (np.arange(cells) + 0.5))
        area *= width
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2), area


def expected_accuracy(
    classify: Callable[[np.ndarray], np.ndarray], class_0: Gaussian, class_1: Gaussian, cells: int = 400
) -> float:
    """Return the accuracy that a classifier has in the long run, over endless new points.

    Sums the probability of every cell of a grid that is given to the right class.
    The error is below 1e-3 for the classes of lab 02, mostly far below.

    Args:
        classify: From points of shape (n, 2) to classes 0 or 1 of shape (n,).
        class_0: Distribution of class 0.
        class_1: Distribution of class 1, as frequent as class 0.
        cells: Number of cells along each axis of the grid.

    Returns:
        The probability that a new point is classified rightly.

    Raises:
        ValueError: The classifier returns something other than one class per point.
    """
    points, area = plane_grid(class_0, class_1, cells)
    classes = np.asarray(classify(points))
    if classes.shape != (len(points),):
        raise ValueError(f"expected one class a point, shape ({len(points)},), found {classes.shape}")
    right = np.where(classes == 1, class_1.pdf(points), class_0.pdf(points))
    return float(np.sum(right) * area / 2)


def _log_ratio_coefficients(class_0: Gaussian, class_1: Gaussian) -> tuple[np.ndarray, np.ndarray, float]:
    """Return Q, l, c with ln p1(x) - ln p0(x) = x·Qx + l·x + c."""
    inverse_0, inverse_1 = np.linalg.inv(class_0.cov), np.linalg.inv(class_1.cov)
    toward_0, toward_1 = inverse_0 @ class_0.mean, inverse_1 @ class_1.mean
    determinants = np.linalg.slogdet(class_0.cov)[1] - np.linalg.slogdet(class_1.cov)[1]
    constant = 0.5 * (class_0.mean @ toward_0 - class_1.mean @ toward_1 + determinants)
    return 0.5 * (inverse_0 - inverse_1), toward_1 - toward_0, float(constant)


def _where_positive(c2: float, c1: float, c0: float) -> tuple[float, float, bool]:
    """Return an interval (low, high) and whether c2·t² + c1·t + c0 is positive inside it."""
    everywhere = (-np.inf, np.inf, bool(c0 > 0 if c2 == 0 else c2 > 0))
    if c2 == 0:
        if c1 == 0:
            return everywhere
        root = -c0 / c1
        return (root, np.inf, True) if c1 > 0 else (-np.inf, root, True)
    discriminant = c1**2 - 4 * c2 * c0
    if discriminant <= 0:
        return everywhere
    # This form of the roots loses no digits where c2 is small.
    q = -0.5 * (c1 + np.copysign(np.sqrt(discriminant), c1))
    low, high = sorted((q / c2, c0 / q))
    return low, high, bool(c2 < 0)


def _tangents(
    quadratic: np.ndarray, linear: np.ndarray, constant: float, left: float, right: float
) -> list[float]:
    """Return the first coordinates at which the boundary stands vertical: the integrand bends there."""
    (q00, q01), (_, q11) = quadratic
    discriminant = [
        4 * (q01**2 - q11 * q00),
        4 * (q01 * linear[1] - q11 * linear[0]),
        linear[1] ** 2 - 4 * q11 * constant,
    ]
    roots = np.roots(np.trim_zeros(discriminant, "f"))
    return [float(root.real) for root in roots if abs(root.imag) < 1e-12 and left < root.real < right]


def _extent(class_0: Gaussian, class_1: Gaussian) -> list[tuple[float, float]]:
    """Return for each axis the range that holds practically all of both classes."""
    both = (class_0, class_1)
    return [
        (
            float(min(d.mean[axis] - _REACH * np.sqrt(d.cov[axis, axis]) for d in both)),
            float(max(d.mean[axis] + _REACH * np.sqrt(d.cov[axis, axis]) for d in both)),
        )
        for axis in (0, 1)
    ]
