"""GTZAN: names, layouts, faults, the filtered split, segments."""

from __future__ import annotations

import shutil
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile

from labs_lib.datasets import gtzan, splits
from labs_lib.datasets.locate import DataNotFound
from labs_lib.datasets.registry import data_sets


def _track(folder: Path, genre: str, number: int, seconds: float = 1.0, ending: str = "wav") -> Path:
    path = folder / genre / f"{genre}.{number:05d}.{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng([number, len(genre)]).standard_normal(round(seconds * gtzan.RATE))
    soundfile.write(path, 0.1 * noise, gtzan.RATE)
    return path


def test_a_name_gives_genre_and_number() -> None:
    assert gtzan.parse_name("metal.00058.wav") == ("metal", 58)
    assert gtzan.parse_name("blues.00000.au") == ("blues", 0)
    for name in ("polka.00001.wav", "blues.1.wav", "blues.00001.mp3", "._blues.00001.wav"):
        with pytest.raises(ValueError, match="is not a track of GTZAN"):
            gtzan.parse_name(name)


@pytest.mark.parametrize("below", data_sets()["gtzan"].folders)
@pytest.mark.parametrize("ending", ["wav", "au"])
def test_common_copies_are_read(below: str, ending: str, tmp_path: Path) -> None:
    for genre, number in (("rock", 7), ("blues", 3), ("blues", 1)):
        _track(tmp_path / below, genre, number, ending=ending)
    tracks = gtzan.load(tmp_path)
    assert [path.stem for path in tracks.paths] == ["blues.00001", "blues.00003", "rock.00007"]
    assert tracks.labels.tolist() == [0, 0, 9]
    assert tracks.groups["number"].tolist() == [1, 3, 7]
    assert not tracks.standin


def test_what_cannot_be_used_is_named_and_left_out(tmp_path: Path) -> None:
    _track(tmp_path / "genres", "jazz", 1)
    broken = _track(tmp_path / "genres", "jazz", 54)
    broken.write_bytes(bytes(5000))
    (broken.parent / "._jazz.00001.wav").write_bytes(b"left by an archive")
    shutil.copy(broken.with_name("jazz.00001.wav"), broken.with_name("jazz.00001 (1).wav"))
    tracks = gtzan.load(tmp_path)
    assert len(tracks) == 1
    reasons = {item.path.name: item.reason for item in tracks.skipped}
    assert reasons.keys() == {"jazz.00054.wav", "jazz.00001 (1).wav"}
    assert "cannot be opened as sound" in reasons["jazz.00054.wav"]
    assert "jazz.00054.wav" in tracks.provenance


def test_identical_files_are_one_track(tmp_path: Path) -> None:
    original = _track(tmp_path / "genres", "metal", 58)
    _track(tmp_path / "genres", "metal", 59)
    (tmp_path / "genres" / "rock").mkdir()
    shutil.copy(original, tmp_path / "genres" / "rock" / "rock.00016.wav")
    tracks = gtzan.load(tmp_path)
    assert gtzan.duplicates(tracks) == [["metal.00058", "rock.00016"]]
    track = dict(zip([path.stem for path in tracks.paths], tracks.groups["track"], strict=True))
    assert track["metal.00058"] == track["rock.00016"] != track["metal.00059"]


def test_a_folder_in_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    _track(tmp_path / "genres", "pop", 1).write_bytes(b"nothing")
    with pytest.raises(DataNotFound, match="holds no track that can be read"):
        gtzan.load(tmp_path)


def test_the_filtered_split_has_its_published_sizes_and_no_track_twice() -> None:
    parts = gtzan._filtered()
    counts = {part: list(parts.values()).count(part) for part in ("train", "valid", "test")}
    assert counts == {"train": 443, "valid": 197, "test": 290}
    assert len(parts) == 930
    assert {genre for genre, _ in parts} == set(gtzan.CLASS_NAMES)
    assert all(0 <= number < 100 for _, number in parts)
    assert parts["blues", 29] == "train"
    assert parts["blues", 0] == "valid"
    assert parts["blues", 12] == "test"
    assert ("rock", 16) not in parts or ("metal", 58) not in parts, "a duplicate across genres"


def test_the_filtered_split_picks_the_tracks_that_are_there(tmp_path: Path) -> None:
    for number in (0, 12, 29, 30):
        _track(tmp_path / "genres", "blues", number)
    unlisted = next(number for number in range(100) if ("disco", number) not in gtzan._filtered())
    _track(tmp_path / "genres", "disco", unlisted)
    tracks = gtzan.load(tmp_path)
    split = gtzan.fault_filtered(tracks)
    assert [tracks.groups["number"][rows].tolist() for rows in split] == [[29, 30], [12], [0]]


def test_segments_of_short_and_long_tracks(tmp_path: Path) -> None:
    for number, seconds in ((1, 2.9), (2, 7.0), (3, 31.0)):
        _track(tmp_path / "genres", "pop", number, seconds)
    segments = gtzan.segments(gtzan.load(tmp_path))
    assert segments.x.shape == (12, 130, 13)
    track = segments.groups["track"]
    assert np.unique(track, return_counts=True)[1].tolist() == [2, 10]
    assert segments.groups["segment"].tolist() == [0, 1, *range(10)]
    samples, _ = librosa.load(tmp_path / "genres" / "pop" / "pop.00002.wav", sr=gtzan.RATE)
    second = samples[3 * gtzan.RATE : 6 * gtzan.RATE]
    np.testing.assert_allclose(
        segments.x[1], librosa.feature.mfcc(y=second, sr=gtzan.RATE, n_mfcc=13).T, rtol=1e-4, atol=1e-3
    )


def test_a_track_that_breaks_off_is_named_by_its_segments(tmp_path: Path) -> None:
    _track(tmp_path / "genres", "pop", 1, 4.0)
    path = _track(tmp_path / "genres", "pop", 2, 4.0)
    path.write_bytes(path.read_bytes()[:-5000])
    segments = gtzan.segments(gtzan.load(tmp_path))
    assert len(segments) == 1
    assert [item.path.name for item in segments.skipped] == ["pop.00002.wav"]
    assert "is cut off" in segments.skipped[0].reason


def test_the_same_loader_reads_the_stand_in_with_its_faults() -> None:
    tracks = gtzan.load(source="standin", tracks_per_genre=2)
    assert tracks.standin
    assert set(tracks.labels) == set(range(10))
    assert len(tracks.skipped) == 1
    assert "jazz" in tracks.skipped[0].path.name
    assert len(gtzan.duplicates(tracks)) == 1
    with pytest.raises(ValueError, match="these are stand-ins"):
        gtzan.fault_filtered(tracks)
    segments = gtzan.segments(tracks)
    assert segments.standin
    assert segments.x.shape[1:] == (130, 13)
    split = splits.by_group(segments, "track", 0.5)
    assert not len(splits.shared_groups(split, segments, "track"))


def test_the_real_tracks(real_data: Path) -> None:
    tracks = gtzan.load(real_data)
    assert len(tracks) == 59
    assert not tracks.standin
    assert np.bincount(tracks.labels).min() >= 5
    split = gtzan.fault_filtered(tracks)
    assert 0 < sum(map(len, split)) < 59
    listed = {
        part: {
            line.rsplit("/")[-1]
            for line in (real_data / "genres" / f"{part}_filtered.txt").read_text().split()
        }
        for part in ("train", "valid", "test")
    }
    ours = {(genre, number): part for (genre, number), part in gtzan._filtered().items()}
    for part, names in listed.items():
        assert {f"{g}.{n:05d}.wav" for (g, n), where in ours.items() if where == part} == names
    assert gtzan.segments(tracks).x.shape == (588, 130, 13)
