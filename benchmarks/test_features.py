"""Features of many files, against the loop that a notebook would write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import baseline
import librosa
import numpy as np
import pytest

from labs_lib import features
from labs_lib.datasets import esc50, gtzan
from labs_lib.features.rows import RowsWriter, read_rows

RATE = 22_050
WAYS = ["plain", "ours"]


@pytest.fixture(scope="module")
def clips() -> Sequence[Path]:
    """The clips of ESC-50 (400 real ones where they are at hand), once read so that no disk is measured."""
    return _warm(esc50.load().paths)


@pytest.fixture(scope="module")
def tracks() -> Sequence[Path]:
    """The tracks of GTZAN, likewise."""
    return _warm(gtzan.load().paths)


def _warm(paths: Sequence[Path]) -> Sequence[Path]:
    samples, _ = librosa.load(paths[0], sr=RATE)
    librosa.feature.mfcc(y=samples, sr=RATE)
    features.mfcc(samples, RATE)
    for path in paths:
        path.read_bytes()
    return paths


def _segments(paths: Sequence[Path]) -> np.ndarray:
    return features.from_files(paths, features.Segments(3.0, 10), what="").x


def _mel(paths: Sequence[Path]) -> np.ndarray:
    return features.clips_mel_power(paths, RATE, progress=False)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.benchmark(group="ESC-50: WAV to mel power, cold")
def test_mel_cold(
    way: str, benchmark: Any, pairs: Any, clips: Sequence[Path], forget_features: Callable[[], None]
) -> None:
    function = {"plain": lambda: baseline.mel(clips), "ours": lambda: _mel(clips)}[way]
    result = pairs.run(benchmark, way, function, before=forget_features)
    assert result.shape == (len(clips), 128, 216)
    pairs.compare(benchmark.group, np.array(result), rtol=1e-4, atol=1e-14)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.benchmark(group="ESC-50: WAV to mel power, kept")
def test_mel_kept(way: str, benchmark: Any, pairs: Any, clips: Sequence[Path]) -> None:
    _mel(clips)
    function = {"plain": lambda: baseline.mel(clips), "ours": lambda: _mel(clips)}[way]
    result = pairs.run(benchmark, way, function)
    pairs.compare(benchmark.group, np.array(result), rtol=1e-4, atol=1e-14)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.benchmark(group="GTZAN: tracks to MFCC of 3-s segments, cold")
def test_segments_cold(
    way: str, benchmark: Any, pairs: Any, tracks: Sequence[Path], forget_features: Callable[[], None]
) -> None:
    function = {"plain": lambda: baseline.segments(tracks), "ours": lambda: _segments(tracks)}[way]
    result = pairs.run(benchmark, way, function, before=forget_features)
    assert result.shape[1:] == (130, 13)
    pairs.compare(benchmark.group, np.array(result), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.benchmark(group="GTZAN: tracks to MFCC of 3-s segments, kept")
def test_segments_kept(way: str, benchmark: Any, pairs: Any, tracks: Sequence[Path]) -> None:
    _segments(tracks)
    function = {"plain": lambda: baseline.segments(tracks), "ours": lambda: _segments(tracks)}[way]
    result = pairs.run(benchmark, way, function)
    pairs.compare(benchmark.group, np.array(result), rtol=1e-4, atol=1e-3)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Segments of a thousand tracks, (9990, 130, 13), as indented JSON and as kept rows."""
    folder = tmp_path_factory.mktemp("stored")
    x = np.random.default_rng(0).normal(0, 50, (9990, 130, 13)).astype(np.float32)
    baseline.to_json(x, folder / "x.json")
    (folder / "rows").mkdir()
    writer = RowsWriter(folder / "rows", x.shape[1:])
    for track in range(999):
        writer.append(x[10 * track : 10 * track + 10], np.arange(10))
    writer.finish()
    sizes = [path.stat().st_size / 1e6 for path in (folder / "x.json", folder / "rows" / "x.npy")]
    print(f"\nJSON {sizes[0]:.0f} MB, rows {sizes[1]:.0f} MB: {sizes[0] / sizes[1]:.1f} x")
    return folder / "x.json", folder / "rows"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.benchmark(group="(9990, 130, 13) read into memory")
def test_read_into_memory(way: str, benchmark: Any, pairs: Any, stored: tuple[Path, Path]) -> None:
    functions = {
        "plain": lambda: baseline.from_json(stored[0]),
        "ours": lambda: np.array(read_rows(stored[1]).x),
    }
    result = pairs.run(benchmark, way, functions[way])
    pairs.compare(benchmark.group, result, rtol=0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.benchmark(group="(9990, 130, 13) scanned once, mapped")
def test_scan(way: str, benchmark: Any, pairs: Any, stored: tuple[Path, Path]) -> None:
    functions = {
        "plain": lambda: baseline.from_json(stored[0]).max(axis=0),
        "ours": lambda: np.asarray(read_rows(stored[1]).x).max(axis=0),
    }
    result = pairs.run(benchmark, way, functions[way])
    pairs.compare(benchmark.group, result, rtol=0)
