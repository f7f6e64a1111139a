"""Whether a map says anything: what happens to a network's answer when the salient part is taken away.

What is deleted are small patches, not single numbers. A fifth of all numbers deleted here and there is
noise that no network has met in training, and it harms every answer, whatever the numbers said; a map
whose places lie together then looks worse than chance. With patches both deletions tear holes of one
kind, and only the places differ. Samek et al. (2017), arXiv:1509.06321.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from labs_lib.evaluation import Interval, mean_with_interval
from labs_lib.explain.maps import fitting

_BATCH = 256  # inputs that are predicted together
_PATCHES = 16  # along each axis, if nothing else is said


@dataclass(frozen=True, eq=False)
class ShareCurve:
    """How probable a network finds the true class while an input is taken away or given back.

    Attributes:
        shares: Share of the input that is deleted or inserted, from 0 to 1, shape (steps + 1,).
        probabilities: Probability of the class at each share, shape (n, steps + 1).
    """

    shares: np.ndarray
    probabilities: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Mean probability over the inputs at each share, shape (steps + 1,)."""
        return self.probabilities.mean(axis=0)

    @property
    def areas(self) -> np.ndarray:
        """Area under the curve of each input, from 0 to 1, shape (n,)."""
        return np.trapezoid(self.probabilities, self.shares, axis=1)


@dataclass(frozen=True, eq=False)
class DeletionTest:
    """Whether deleting the most salient part hurts more than deleting as much at random.

    Attributes:
        salient: Drop of the class's probability for each input, without its most salient part, shape (n,).
        random: The same without a random part of the same size, shape (n,).
        interval: Mean of salient - random with its 95 % confidence interval.
    """

    salient: np.ndarray
    random: np.ndarray
    interval: Interval

    @property
    def differences(self) -> np.ndarray:
        """How much more the salient part mattered, for each input, shape (n,)."""
        return self.salient - self.random

    @property
    def passed(self) -> bool:
        """Whether the interval lies above 0: the map points at what the network uses."""
        return self.interval.low > 0


def deletion_curve(
    model: keras.Model,
    inputs: np.ndarray,
    classes: np.ndarray,
    maps: np.ndarray,
    *,
    steps: int = 10,
    fill: float | np.ndarray = 0.0,
    patch: tuple[int, int] | None = None,
    seed: int = 0,
) -> ShareCurve:
    """Follow the probability of a class while an input is deleted, the most salient part first.

    A map that is right about the network makes the curve fall early. Petsiuk et al. (2018),
    arXiv:1806.07421.

    Args:
        model: Its outputs are probabilities of the classes.
        inputs: What it takes, shape (n, height, width) or (n, height, width, 1).
        classes: The class that is followed for each input, usually the true one, shape (n,).
        maps: Saliency of each place, shape (n, height, width); only the order of the patches' means matters.
        steps: Number of equal steps from the whole input to none of it.
        fill: What stands where something was deleted: a number, or an array like one input. With
            standardised inputs 0 is the mean of the training data.
        patch: Height and width of what is deleted at once; by default a sixteenth of each axis.
        seed: Seed of the order among patches of equal saliency.

    Raises:
        ValueError: Maps and inputs differ in shape, or inputs do not fit the model.
    """
    return _share_curve(model, inputs, classes, maps, steps, fill, patch, seed, insert=False)


def insertion_curve(
    model: keras.Model,
    inputs: np.ndarray,
    classes: np.ndarray,
    maps: np.ndarray,
    *,
    steps: int = 10,
    fill: float | np.ndarray = 0.0,
    patch: tuple[int, int] | None = None,
    seed: int = 0,
) -> ShareCurve:
    """Follow the probability of a class while an empty input is filled, the most salient part first.

    A map that is right about the network makes the curve rise early. Arguments and errors are
    those of `deletion_curve`.
    """
    return _share_curve(model, inputs, classes, maps, steps, fill, patch, seed, insert=True)


def deletion_test(
    model: keras.Model,
    inputs: np.ndarray,
    classes: np.ndarray,
    maps: np.ndarray,
    *,
    fraction: float = 0.2,
    fill: float | np.ndarray = 0.0,
    patch: tuple[int, int] | None = None,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> DeletionTest:
    """Delete the most salient part of each input, and as many patches at random, and compare.

    The two are paired: each input is compared with itself. Each input loses its own random patches.

    Args:
        model: Its outputs are probabilities of the classes.
        inputs: What it takes, shape (n, height, width) or (n, height, width, 1).
        classes: The class whose probability is followed, usually the true one, shape (n,).
        maps: Saliency of each place, shape (n, height, width).
        fraction: Share of the patches that is deleted.
        fill: What stands where something was deleted, see `deletion_curve`.
        patch: Height and width of what is deleted at once, see there.
        groups: What inputs have in common, such as their track, shape (n,). Segments of one track
            resemble each other and count for less than as many independent ones: with groups
            the interval is that of the groups' means.
        seed: Seed of the random patches, and of the order among patches of equal saliency.

    Raises:
        ValueError: The fraction is not between 0 and 1, maps, inputs and groups differ in length or
            shape, or there are fewer than two inputs (or groups).
    """
    if not 0 < fraction < 1:
        raise ValueError(f"expected a fraction between 0 and 1, not {fraction}")
    inputs, classes = fitting(model, inputs, classes)
    order = _PatchOrder(_checked_maps(inputs, maps), patch, seed)
    chance = _PatchOrder(np.zeros_like(maps), patch, seed + 1)
    whole = _probabilities(model, inputs, classes)
    salient = whole - _probabilities(model, _replaced(inputs, order.first(fraction), fill), classes)
    random = whole - _probabilities(model, _replaced(inputs, chance.first(fraction), fill), classes)
    return DeletionTest(salient, random, mean_with_interval(_group_means(salient - random, groups)))


def map_correlation(first: np.ndarray, second: np.ndarray, *, centred: bool = False) -> np.ndarray:
    """Return how far two maps of each input agree in the order of its places: Spearman's rank correlation.

    For the sanity check of Adebayo et al. (2018), arXiv:1810.03292: the maps of a network and those of the same
    network with newly drawn weights must not agree.

    Args:
        first: Maps, shape (n, height, width).
        second: Maps of the same inputs, likewise.
        centred: Whether to subtract from each map the mean over all inputs first. What all maps share,
            such as edges and bands that are always empty, is due to the architecture and to what
            music is like; what is left is about the single input.

    Returns:
        Correlation from -1 to 1, shape (n,); 0 where a map is the same everywhere and has no order.

    Raises:
        ValueError: The two differ in shape, or are no maps.

    Example:
        >>> rows = np.random.default_rng(0).random((2, 4, 5))
        >>> map_correlation(rows, 2 * rows).round(6)
        array([1., 1.])

    See Also:
        notebooks/07_beyond.ipynb
    """
    from scipy.stats import rankdata

    first, second = np.asarray(first), np.asarray(second)
    if first.ndim != 3 or first.shape != second.shape:
        raise ValueError(
            f"expected two arrays of maps, (n, height, width), found {first.shape} and {second.shape}"
        )
    if centred:
        first, second = first - first.mean(axis=0), second - second.mean(axis=0)
    ranks = [rankdata(maps.reshape(len(maps), -1), axis=1) for maps in (first, second)]
    around = [rank - rank.mean(axis=1, keepdims=True) for rank in ranks]
    product = np.sqrt((around[0] ** 2).sum(axis=1) * (around[1] ** 2).sum(axis=1))
    together = (around[0] * around[1]).sum(axis=1)
    return np.divide(together, product, out=np.zeros(len(product)), where=product > 0)


def _share_curve(
    model: keras.Model,
    inputs: np.ndarray,
    classes: np.ndarray,
    maps: np.ndarray,
    steps: int,
    fill: float | np.ndarray,
    patch: tuple[int, int] | None,
    seed: int,
    *,
    insert: bool,
) -> ShareCurve:
    if steps < 1:
        raise ValueError(f"expected one step at least, not {steps}")
    inputs, classes = fitting(model, inputs, classes)
    order = _PatchOrder(_checked_maps(inputs, maps), patch, seed)
    shares = np.linspace(0, 1, steps + 1)
    columns = []
    for share in shares:
        chosen = order.first(share)
        columns.append(_probabilities(model, _replaced(inputs, ~chosen if insert else chosen, fill), classes))
    return ShareCurve(shares, np.stack(columns, axis=1))


def _checked_maps(inputs: np.ndarray, maps: np.ndarray) -> np.ndarray:
    maps = np.asarray(maps)
    if maps.shape != inputs.shape[:3]:
        raise ValueError(
            f"expected a map for each input, shape {inputs.shape[:3]}, found {maps.shape}: is it turned "
            "around, or of other segments?"
        )
    return maps


class _PatchOrder:
    """The patches of each map in the order of their mean saliency, equal ones at random."""

    def __init__(self, maps: np.ndarray, patch: tuple[int, int] | None, seed: int) -> None:
        self._shape = maps.shape[1:]
        self._patch = patch or tuple(-(-size // _PATCHES) for size in self._shape)
        if min(self._patch) < 1:
            raise ValueError(f"expected a patch of at least 1 x 1, not {self._patch}")
        means = _patch_means(maps, self._patch)
        rng = np.random.default_rng(seed)
        self._ranks = np.empty(means.shape, dtype=np.int64)
        for rank, mean in zip(self._ranks, means, strict=True):
            order = np.lexsort((rng.random(mean.size), -mean.reshape(-1)))
            rank.reshape(-1)[order] = np.arange(mean.size)

    def first(self, share: float) -> np.ndarray:
        """Return the places of the first share of the patches, truth values of shape (n, height, width)."""
        chosen = self._ranks < round(share * self._ranks[0].size)
        height, width = self._patch
        places = chosen.repeat(height, axis=1).repeat(width, axis=2)
        return places[:, : self._shape[0], : self._shape[1]]


def _patch_means(maps: np.ndarray, patch: tuple[int, ...]) -> np.ndarray:
    """Return the mean of each patch, shape (n, rows, columns); those at the far edges may be smaller."""
    starts = [np.arange(0, size, step) for size, step in zip(maps.shape[1:], patch, strict=True)]
    sums = np.add.reduceat(np.add.reduceat(np.asarray(maps, float), starts[0], axis=1), starts[1], axis=2)
    sizes = [np.diff(np.append(start, size)) for start, size in zip(starts, maps.shape[1:], strict=True)]
    return sums / np.outer(*sizes)


def _replaced(inputs: np.ndarray, places: np.ndarray, fill: float | np.ndarray) -> np.ndarray:
    """Return inputs with `fill` at some places, shape (n, height, width) of truth values."""
    if inputs.ndim == 4:
        places = places[..., None]
    return np.where(places, np.asarray(fill, dtype=np.float32), inputs)


def _probabilities(model: keras.Model, inputs: np.ndarray, classes: np.ndarray) -> np.ndarray:
    outputs = [
        keras.ops.convert_to_numpy(model(inputs[first : first + _BATCH], training=False))
        for first in range(0, len(inputs), _BATCH)
    ]
    return np.concatenate(outputs)[np.arange(len(classes)), classes].astype(float)


def _group_means(values: np.ndarray, groups: np.ndarray | None) -> np.ndarray:
    if groups is None:
        return values
    groups = np.asarray(groups)
    if groups.shape != values.shape:
        raise ValueError(f"expected a group for each of {len(values)} inputs, found shape {groups.shape}")
    return np.array([values[groups == group].mean() for group in np.unique(groups)])
