"""The stand-ins teach what the labs are about. Figures over five seeds: `python tools/lessons.py`."""

from __future__ import annotations

import lessons


def test_new_recordings_are_harder_than_a_random_split_makes_believe() -> None:
    accuracy = lessons.instruments(seed=0, parts=(0, 1))
    assert accuracy["split at random"] > 0.95
    assert 0.55 < accuracy["every recording on one side"] < accuracy["split at random"] - 0.05


def test_segments_of_one_track_on_both_sides_inflate_the_score() -> None:
    accuracy = lessons.music(seed=0, parts=(0, 1))
    assert accuracy["split at random"] > accuracy["every track on one side"] + 0.08
    assert 0.25 < accuracy["every track on one side"] < 0.8


def test_the_dense_network_learns_by_heart_where_the_convolutional_one_generalises() -> None:
    accuracy = lessons.environment(seed=0, folds=(2, 4), dense={"slow": (0.0003, 200)})
    assert accuracy["dense, slow, training"] > 0.95
    assert accuracy["dense, slow, test"] < 0.75
    assert accuracy["convolutional, test"] > accuracy["dense, slow, test"] + 0.1
