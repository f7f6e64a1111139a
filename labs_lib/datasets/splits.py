"""Group splits: training and test rows in which related rows are on one side.

Clips cut from one recording, segments of one track and notes of one session resemble each
other. With such near-duplicates on both sides, the score measures how well a network recognises recordings that it
has memorised. Every split here is a group split, except the one whose name says that it is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from labs_lib.datasets.recordings import Labelled

_EMPTY = np.empty(0, dtype=np.int64)


class Split(NamedTuple):
    """Row numbers of a data set.

    Attributes:
        train: Training rows.
        test: Test rows.
        validation: Validation rows; empty if none were asked for.
    """

    train: np.ndarray
    test: np.ndarray
    validation: np.ndarray = _EMPTY


class GroupsOnBothSides(ValueError):
    """Rows of one group are on two sides of a split."""


def by_group(
    data: Labelled, group: str, test_share: float = 0.2, validation_share: float = 0.0, *, seed: int = 0
) -> Split:
    """Split at random, with every group on one side and about equal shares of the classes.

    Args:
        data: What is split.
        group: Name of the groups that stay whole, such as 'track'.
        test_share: Share of the rows for testing.
        validation_share: Share of the rows for validation.
        seed: Seed of the draw.

    Raises:
        KeyError: The data have no such groups.
        ValueError: A share is out of range, or there are too few groups for a side.
    """
    groups = groups_of(data, group)
    _check_shares(test_share, validation_share)
    everything = np.arange(len(data))
    rest, test = _part(data.labels, groups, everything, test_share, seed)
    if validation_share:
        train, validation = _part(data.labels, groups, rest, validation_share / (1 - test_share), seed + 1)
    else:
        train, validation = rest, _EMPTY
    return checked(Split(train, test, validation), data, group)


def by_fold(data: Labelled, test_fold: int, validation_fold: int | None = None) -> Split:
    """Split by the official folds.

    Args:
        data: What is split; has groups 'fold'.
        test_fold: The test fold.
        validation_fold: The validation fold, if any.

    Raises:
        KeyError: The data have no folds.
        ValueError: There is no such fold, or one fold was named for both.

    Example:
        >>> fold = np.array([1, 1, 2, 2, 3, 3])
        >>> about = {"name": "six clips", "class_names": ("dog", "cat"), "standin": True, "provenance": ""}
        >>> clips = Labelled(labels=fold % 2, groups={"fold": fold}, **about)
        >>> split = by_fold(clips, test_fold=3, validation_fold=2)
        >>> split.train, split.validation, split.test
        (array([0, 1]), array([2, 3]), array([4, 5]))
    """
    folds = groups_of(data, "fold")
    for fold in (test_fold, validation_fold):
        if fold is not None and fold not in folds:
            raise ValueError(f"no fold {fold}; there are {', '.join(map(str, np.unique(folds)))}")
    if test_fold == validation_fold:
        raise ValueError(f"fold {test_fold} cannot be both the validation and the test fold")
    held_out = folds == validation_fold
    return Split(
        train=np.flatnonzero((folds != test_fold) & ~held_out),
        test=np.flatnonzero(folds == test_fold),
        validation=np.flatnonzero(held_out),
    )


def group_folds(data: Labelled, group: str, n_folds: int = 5, *, seed: int = 0) -> Iterator[Split]:
    """Yield splits for cross-validation: each row is tested on once, every group on one side.

    Args:
        data: What is split.
        group: Name of the groups that stay whole.
        n_folds: Number of splits.
        seed: Seed of the draw.

    Raises:
        KeyError: The data have no such groups.
        ValueError: There are fewer groups than folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    groups = groups_of(data, group)
    if len(np.unique(groups)) < n_folds:
        raise ValueError(f"{n_folds} folds need as many groups {group!r}; there are {len(np.unique(groups))}")
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    for train, test in folds.split(data.labels, data.labels, groups):
        yield checked(Split(train, test), data, group)


def random_ignoring_groups(
    data: Labelled, test_share: float = 0.2, validation_share: float = 0.0, *, seed: int = 0
) -> Split:
    """Split row by row with equal shares of the classes, and ignore the groups.

    Parts of one recording end up on both sides, which inflates the score. This split is here to show by how much.

    Args:
        data: What is split.
        test_share: Share of the rows for testing.
        validation_share: Share of the rows for validation.
        seed: Seed of the draw.

    Raises:
        ValueError: A share is out of range.
    """
    from sklearn.model_selection import train_test_split

    _check_shares(test_share, validation_share)
    rows = np.arange(len(data))
    rest, test = train_test_split(rows, test_size=test_share, stratify=data.labels, random_state=seed)
    validation = _EMPTY
    if validation_share:
        share = validation_share / (1 - test_share)
        rest, validation = train_test_split(
            rest, test_size=share, stratify=data.labels[rest], random_state=seed + 1
        )
    return Split(np.sort(rest), np.sort(test), np.sort(validation))


def shared_groups(split: Split, data: Labelled, group: str) -> np.ndarray:
    """Return the groups that lie on more than one side of a split."""
    groups = groups_of(data, group)
    sides = [np.unique(groups[rows]) for rows in split]
    values, counts = np.unique(np.concatenate(sides), return_counts=True)
    return values[counts > 1]


def checked(split: Split, data: Labelled, group: str) -> Split:
    """Return the split if no group lies on two of its sides.

    Raises:
        GroupsOnBothSides: One does.
    """
    shared = shared_groups(split, data, group)
    if len(shared):
        some = ", ".join(map(str, shared[:5]))
        raise GroupsOnBothSides(
            f"{len(shared)} of the groups {group!r} lie on both sides: {some}"
            f"{' ...' if len(shared) > 5 else ''}. `random_ignoring_groups` splits like that on purpose"
        )
    return split


def groups_of(data: Labelled, group: str) -> np.ndarray:
    """Return the groups of a name, shape (n,).

    Raises:
        KeyError: There are none of this name.
    """
    if group not in data.groups:
        raise KeyError(f"{data.name} has no groups {group!r}; it has {', '.join(data.groups) or 'none'}")
    return np.asarray(data.groups[group])


def _part(
    labels: np.ndarray, groups: np.ndarray, rows: np.ndarray, share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Part rows in two, the second of about the given share, groups whole and classes balanced."""
    rng = np.random.default_rng(seed)
    second = np.zeros(len(labels), dtype=bool)
    # Class by class: groups in random order go to the second part until it has its share. A group of
    # several classes (a duplicate across two genres) is dealt with at its first class.
    undecided = set(np.unique(groups[rows]).tolist())
    for label in np.unique(labels[rows]):
        of_class = rows[labels[rows] == label]
        wanted = round(share * len(of_class))
        taken = int(second[of_class].sum())
        order = [group for group in np.unique(groups[of_class]).tolist() if group in undecided]
        rng.shuffle(order)
        undecided -= set(order)
        for group in order[: max(len(order) - 1, 0)]:  # one at least stays in the first part
            size = int((groups[of_class] == group).sum())
            if taken + size / 2 > wanted and taken:
                break
            second[rows[groups[rows] == group]] = True
            taken += size
        if not taken or not (~second[of_class]).any():
            raise ValueError(
                f"class {label} has {len(np.unique(groups[of_class]))} group(s): too few for both sides"
            )
    return rows[~second[rows]], rows[second[rows]]


def _check_shares(test_share: float, validation_share: float) -> None:
    if not (0 < test_share < 1 and 0 <= validation_share < 1 and test_share + validation_share < 1):
        raise ValueError(
            f"shares must be above 0 and leave something to train on, not {test_share}, {validation_share}"
        )
