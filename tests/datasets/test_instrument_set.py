"""The instrument set: published arrays where they are at hand, else rows made from notes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labs_lib.datasets import instrument_set, uiowa
from labs_lib.datasets.locate import DataNotFound
from labs_lib.datasets.recordings import Examples


def _notes(per_recording: int = 40, n_features: int = 120) -> Examples:
    """Six recordings of three instruments, each a cloud of its own."""
    rng = np.random.default_rng(0)
    recording = np.repeat(np.arange(6), per_recording)
    centres, mixing = rng.normal(0, 5, (6, n_features)), rng.normal(0, 1, (6, n_features, 4))
    x = centres[recording] + np.einsum("nfk,nk->nf", mixing[recording], rng.normal(size=(len(recording), 4)))
    return Examples(
        name="notes",
        x=x.astype(np.float32),
        axes=("feature",),
        labels=recording // 2,
        class_names=("a", "b", "c"),
        groups={"recording": recording},
        standin=True,
        provenance="Drawn for a test.",
    )


def _arrays(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    for part, n in (("train", 12), ("test", 5)):
        np.save(folder / f"uiowa_{part}_data.npy", rng.normal(size=(n, 120)))
        np.save(folder / f"uiowa_{part}_labels.npy", np.arange(n) % 10)
    return folder


def test_excerpts_are_split_at_random_with_the_published_share() -> None:
    notes = _notes()
    train, test = instrument_set.excerpts(notes, seed=1)
    assert (len(train), len(test)) == (195, 45)
    together = np.concatenate([train.x, test.x])
    assert np.array_equal(np.unique(together, axis=0), np.unique(notes.x, axis=0))
    assert set(train.groups["recording"]) == set(test.groups["recording"]) == set(range(6))
    assert "240 excerpts" in train.provenance
    assert train.x.flags.writeable


def test_drawn_rows_have_the_means_and_deviations_of_their_recording() -> None:
    notes = _notes()
    train, test = instrument_set.drawn(notes, 5000, 700, seed=2)
    assert (train.x.shape, test.x.shape) == ((5000, 120), (700, 120))
    assert np.array_equal(train.labels, train.groups["recording"] // 2)
    for recording in range(6):
        given = notes.x[notes.groups["recording"] == recording]
        made = train.x[train.groups["recording"] == recording]
        assert 700 < len(made) < 970
        deviation = given.std(axis=0, ddof=1)
        assert np.abs((made.mean(axis=0) - given.mean(axis=0)) / deviation).max() < 0.2
        assert np.abs(made.std(axis=0) / deviation - 1).max() < 0.15
        correlations = [np.corrcoef(rows, rowvar=False)[0, 1:] for rows in (given, made)]
        assert np.abs(0.9 * correlations[0] - correlations[1]).max() < 0.2
    assert "No row is the sound of a note" in train.provenance


def test_drawing_depends_on_the_seed_alone() -> None:
    first, again, other = (instrument_set.drawn(_notes(), 50, 10, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.train.x, again.train.x)
    assert not np.array_equal(first.train.x, other.train.x)


def test_too_few_excerpts_are_refused() -> None:
    with pytest.raises(ValueError, match=r"recording 0 has 4 excerpts.*smaller"):
        instrument_set.drawn(_notes(per_recording=4), 50, 10)


def test_the_stand_in_gives_excerpts_or_the_published_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    few = uiowa.load(source="standin", files_per_class=2)
    monkeypatch.setattr(uiowa, "load", lambda data_home, source: few)
    train, test = instrument_set.load(source="standin", step=0.1)
    assert train.standin
    assert train.x.shape[1] == 120
    assert 0.15 < len(test) / (len(train) + len(test)) < 0.22
    train, test = instrument_set.load(source="standin", published_size=True, step=0.02)
    assert (train.x.shape, test.x.shape) == ((66_247, 120), (14_904, 120))
    assert np.isfinite(train.x).all()
    assert set(np.unique(test.labels)) == set(range(10))


def test_real_recordings_are_never_replaced_by_drawn_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    few = uiowa.load(source="standin", files_per_class=2)
    monkeypatch.setattr(uiowa, "load", lambda data_home, source: replace(few, standin=False))
    train, _ = instrument_set.load("somewhere", "real", published_size=True, step=0.1)
    assert not train.standin
    assert len(train) < 1000


def test_published_arrays_are_used_where_they_are_at_hand(tmp_path: Path) -> None:
    train, test = instrument_set.load(_arrays(tmp_path))
    assert (train.x.shape, test.x.shape) == ((12, 120), (5, 120))
    assert not train.standin


def test_beside_arrays_alone_recordings_are_looked_for_elsewhere(tmp_path: Path) -> None:
    folder = _arrays(tmp_path)
    assert len(instrument_set.recordings(folder)) == 140
    with pytest.raises(DataNotFound):
        instrument_set.recordings(folder, "real")


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(ValueError, match="source='both'"):
        instrument_set.load(source="both")
