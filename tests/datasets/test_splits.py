"""Splits keep groups whole, unless they say that they do not."""

from __future__ import annotations

import numpy as np
import pytest

from labs_lib.datasets import splits
from labs_lib.datasets.recordings import Examples


def _data(n_classes: int = 4, groups_per_class: int = 10, rows_per_group: int = 5) -> Examples:
    group = np.repeat(np.arange(n_classes * groups_per_class), rows_per_group)
    order = np.random.default_rng(0).permutation(len(group))
    group = group[order]
    return Examples(
        name="toy",
        x=np.zeros((len(group), 2)),
        labels=group // groups_per_class,
        class_names=[f"class {k}" for k in range(n_classes)],
        groups={"track": group, "fold": group % 5 + 1},
        standin=True,
        provenance="made up",
    )


DATA = _data()


def _covers(split: splits.Split) -> bool:
    return sorted(np.concatenate(split).tolist()) == list(range(len(DATA)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shares", [(0.2, 0.0), (0.25, 0.25), (0.5, 0.1)])
def test_by_group_keeps_groups_whole_and_classes_balanced(seed: int, shares: tuple[float, float]) -> None:
    split = splits.by_group(DATA, "track", *shares, seed=seed)
    assert _covers(split)
    assert not len(splits.shared_groups(split, DATA, "track"))
    for rows, share in ((split.test, shares[0]), (split.validation, shares[1])):
        if share:
            counts = np.bincount(DATA.labels[rows], minlength=4)
            np.testing.assert_allclose(counts, share * 50, atol=5)
    again = splits.by_group(DATA, "track", *shares, seed=seed)
    assert all(np.array_equal(a, b) for a, b in zip(split, again, strict=True))


def test_another_seed_is_another_split() -> None:
    a, b = (splits.by_group(DATA, "track", seed=seed).test for seed in (0, 1))
    assert not np.array_equal(a, b)


def test_a_group_of_two_classes_stays_whole_too() -> None:
    group = DATA.groups["track"].copy()
    group[np.isin(group, [3, 17])] = 3  # one track under two labels
    data = Examples(**{**vars(DATA), "groups": {"track": group}})
    for seed in range(10):
        split = splits.by_group(data, "track", 0.3, 0.2, seed=seed)
        assert not len(splits.shared_groups(split, data, "track"))
        assert _covers(split)


def test_too_few_groups_are_an_error() -> None:
    with pytest.raises(ValueError, match="class 0 has 1 group"):
        splits.by_group(_data(2, 1), "track")


@pytest.mark.parametrize("shares", [(0.0, 0.0), (1.0, 0.0), (0.5, 0.5), (-0.1, 0.2)])
def test_shares_that_leave_nothing_are_an_error(shares: tuple[float, float]) -> None:
    for split in (
        lambda: splits.by_group(DATA, "track", *shares),
        lambda: splits.random_ignoring_groups(DATA, *shares),
    ):
        with pytest.raises(ValueError, match="shares must be above 0"):
            split()


def test_official_folds() -> None:
    split = splits.by_fold(DATA, 2, validation_fold=3)
    assert set(DATA.folds[split.test]) == {2}
    assert set(DATA.folds[split.validation]) == {3}
    assert set(DATA.folds[split.train]) == {1, 4, 5}
    assert _covers(split)
    with pytest.raises(ValueError, match="no fold 7; there are 1, 2, 3, 4, 5"):
        splits.by_fold(DATA, 7)
    with pytest.raises(ValueError, match="be both the validation and the test fold"):
        splits.by_fold(DATA, 2, 2)


def test_cross_validation_tests_every_row_once_with_groups_whole() -> None:
    tested = []
    for split in splits.group_folds(DATA, "track", 5):
        assert not len(splits.shared_groups(split, DATA, "track"))
        tested += split.test.tolist()
    assert sorted(tested) == list(range(len(DATA)))
    with pytest.raises(ValueError, match="50 folds need as many groups 'track'; there are 40"):
        list(splits.group_folds(DATA, "track", 50))


def test_the_random_split_says_in_its_name_that_it_leaks_and_does() -> None:
    split = splits.random_ignoring_groups(DATA, 0.2, 0.2)
    assert _covers(split)
    assert len(splits.shared_groups(split, DATA, "track")) > 30
    with pytest.raises(
        splits.GroupsOnBothSides, match=r"groups 'track' lie on both sides.*random_ignoring_groups"
    ):
        splits.checked(split, DATA, "track")


def test_groups_that_are_not_there_are_named_with_those_that_are() -> None:
    with pytest.raises(KeyError, match="toy has no groups 'source'; it has track, fold"):
        splits.by_group(DATA, "source")


def test_selected_rows_keep_labels_and_groups_together() -> None:
    rows = np.array([5, 1, 7])
    part = DATA.select(rows)
    assert len(part) == 3
    assert part.groups["track"].tolist() == DATA.groups["track"][rows].tolist()
    assert DATA.select(DATA.labels == 2).labels.tolist() == [2] * 50
