"""A second cache that is only read: graded runs share what was computed, and leave nothing in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from labs_lib import features
from labs_lib.datasets.standin import corpus


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "noise.wav"
    soundfile.write(path, 0.1 * np.random.default_rng(0).standard_normal(16_000), 8000)
    return path


def _features(path: Path) -> np.ndarray:
    return features.clips_mel_power([path], 8000, 40, 1.0, progress=False)


@pytest.fixture
def shared(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Features and a corpus in one cache; afterwards that one is read, and the own cache is empty."""
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "shared"))
    _features(sound)
    corpus.corpus("few", corpus.mark)
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "own"))
    monkeypatch.setenv("LABS_CACHE_READ", str(tmp_path / "shared"))
    return tmp_path / "shared"


def test_what_is_there_is_taken_and_not_made_again(sound: Path, shared: Path, tmp_path: Path) -> None:
    before = sorted(shared.rglob("*"))
    assert _features(sound).shape == (1, 40, 16)
    assert corpus.corpus("few", corpus.mark).is_relative_to(shared)
    assert [path for path in (tmp_path / "own").rglob("x.npy")] == []
    assert sorted(shared.rglob("*")) == before


def test_what_is_missing_is_made_in_the_own_cache(shared: Path, tmp_path: Path) -> None:
    assert corpus.corpus("others", corpus.mark).is_relative_to(tmp_path / "own")
    assert not any("others" in path.name for path in shared.rglob("*"))


def test_damaged_features_are_computed_in_the_own_cache(sound: Path, shared: Path, tmp_path: Path) -> None:
    right = np.array(_features(sound))
    (data,) = shared.rglob("x.npy")
    data.write_bytes(data.read_bytes()[:-4] + b"oops")
    with pytest.warns(UserWarning, match="damaged"):
        again = _features(sound)
    np.testing.assert_array_equal(again, right)
    assert data.read_bytes().endswith(b"oops")
    assert len(list((tmp_path / "own").rglob("x.npy"))) == 1
