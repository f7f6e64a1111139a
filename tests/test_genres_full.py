"""The long benchmark of lab 06's networks: what is done stays done, and is told from what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import genres_full
import keras
import numpy as np
import pytest
from genres_full import Plan, cnn_plan, dense_plan, study

from labs_lib.datasets import splits
from labs_lib.datasets.recordings import Examples
from labs_lib.datasets.splits import Split


def _data() -> Examples:
    """Return segments of 12 tracks in two classes, which differ in their first coefficient."""
    rng = np.random.default_rng(0)
    tracks = np.repeat(np.arange(12), 3)
    x = rng.normal(5.0, 3.0, (36, 7, 4)).astype(np.float32)
    x[..., 0] += 8 * (tracks % 2)[:, None]
    return Examples(
        name="probe",
        x=x,
        labels=tracks % 2,
        class_names=("low", "high"),
        groups={"track": tracks},
        standin=True,
        provenance="drawn",
    )


def _network(shape: tuple[int, ...], n_classes: int) -> keras.Model:
    return keras.Sequential(
        [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(n_classes, "softmax")]
    )


PLANS = {"one": Plan(_network, 0.01, 3), "two": Plan(_network, 0.02, 4, patience=2)}


def _deal(seed: int) -> dict[str, Split]:
    return {"track": splits.by_group(_data(), "track", 0.25, 0.25, seed=seed)}


def _table(folder: Path) -> list[dict[str, str]]:
    return [{**row, "seconds": ""} for row in genres_full._rows(folder)]


class _Stop(Exception):
    pass


def test_a_study_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[int] = []
    train, stop_at = genres_full.train, 3

    def counted(plan: Plan, data: Examples, split: Split, seed: int) -> Any:
        if len(trained) == stop_at:
            raise _Stop
        trained.append(seed)
        return train(plan, data, split, seed)

    monkeypatch.setattr(genres_full, "train", counted)
    (stopped := tmp_path / "stopped").mkdir()
    with pytest.raises(_Stop):
        study(stopped, PLANS, _data(), _deal, [0, 1], "short")
    assert (len(trained), len(_table(stopped))) == (3, 3)
    stop_at = -1
    study(stopped, PLANS, _data(), _deal, [0, 1], "short")
    assert trained == [0, 0, 1, 1]

    (afresh := tmp_path / "afresh").mkdir()
    study(afresh, PLANS, _data(), _deal, [0, 1], "short")
    assert _table(stopped) == _table(afresh)
    study(afresh, PLANS, _data(), _deal, [0, 1], "long")
    assert len(_table(afresh)) == 8
    assert len(trained) == 4 + 4 + 4


def test_a_network_learns_from_its_training_rows_alone() -> None:
    (split,) = _deal(0).values()
    other = _data()
    other.x[split.test] += 100.0
    plan = Plan(_network, 0.05, 40)
    mine, theirs = (genres_full.train(plan, data, split, 0) for data in (_data(), other))
    assert mine["training"] == theirs["training"]
    assert float(mine["segments"]) > 0.8 > float(theirs["segments"])
    assert (mine["parameters"], mine["epochs"]) == ("58", "40")


def test_the_published_rates() -> None:
    falling = dense_plan(4)
    assert (falling.epochs, falling.patience, falling.schedule(9, 0.01)) == (100, 10, 0.01)
    assert falling.schedule(10, 0.01) == pytest.approx(0.01 * np.exp(-0.01))
    assert (dense_plan(1).epochs, dense_plan(1).schedule(40, 0.01)) == (50, 0.01)
    steps = cnn_plan((32, 32, 32, 32), 200, 20)
    rates = [steps.schedule(epoch, steps.rate) for epoch in (0, 24, 25, 99, 100, 199)]
    assert rates == pytest.approx([1e-4, 1e-4, 5e-5, 5e-5, 3e-5, 3e-5])
    assert steps.build((130, 13, 1), 10).count_params() == 32_362
