"""ESC-50: names, layouts, stand-in and real recordings through the same loader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from labs_lib import audio, features
from labs_lib.datasets import esc50
from labs_lib.datasets.locate import DataNotFound
from labs_lib.datasets.standin import environment


def _fake(folder: Path, *names: str) -> Path:
    (folder / "audio").mkdir(parents=True)
    for name in names:
        soundfile.write(folder / "audio" / name, np.zeros(100), 44_100)
    return folder


def test_a_name_gives_fold_source_take_and_target() -> None:
    assert esc50.parse_name("5-198411-C-20.wav") == (5, 198411, "C", 20)


@pytest.mark.parametrize(
    "name", ["6-1-A-0.wav", "1-1-A-0.mp3", "1-1-a-0.wav", "1-1-A.wav", "", "1-1-A-0.wav.part"]
)
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a clip of ESC-50"):
        esc50.parse_name(name)


@pytest.mark.parametrize("below", [".", "ESC-50-master", "ESC-50"])
def test_the_common_layouts_are_found(below: str, tmp_path: Path) -> None:
    _fake(tmp_path / below, "1-100-A-0.wav", "2-200-A-9.wav", "3-300-A-10.wav")
    (tmp_path / below / "audio" / "._1-100-A-0.wav").write_bytes(b"left by an archive")
    clips = esc50.load(tmp_path)
    assert [path.name for path in clips.paths] == ["1-100-A-0.wav", "2-200-A-9.wav"]
    assert clips.labels.tolist() == [0, 9]
    assert clips.folds.tolist() == [1, 2]
    assert clips.sources.tolist() == [100, 200]
    assert not clips.standin


def test_a_named_folder_without_the_set_is_an_error_not_a_stand_in(tmp_path: Path) -> None:
    with pytest.raises(
        DataNotFound, match="holds no such data set; expected a folder with ESC-50-master/audio"
    ):
        esc50.load(tmp_path)
    with pytest.raises(DataNotFound, match="does not exist"):
        esc50.load(tmp_path / "nowhere")


def test_real_recordings_that_nobody_named_are_an_error() -> None:
    with pytest.raises(DataNotFound, match="set data_home"):
        esc50.load(source="real")


def test_the_environment_variable_names_a_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake(tmp_path / "ESC-50-master", "1-100-A-0.wav")
    monkeypatch.setenv("LABS_DATA", str(tmp_path))
    assert not esc50.load().standin
    assert esc50.load(source="standin").standin


def test_the_stand_in_has_the_layout_and_balance_of_the_set() -> None:
    clips = esc50.load(source="standin")
    assert clips.standin
    assert "synthesised" in clips.provenance
    table = np.zeros((10, 6), dtype=int)
    np.add.at(table, (clips.labels, clips.folds), 1)
    assert (table[:, 1:] == environment.CLIPS_PER_FOLD).all()
    per_source = [len(set(clips.folds[clips.sources == source])) for source in set(clips.sources)]
    assert set(per_source) == {1}, "all takes of a source lie in one fold"
    assert max(np.bincount(clips.sources)) > 1, "some sources give several takes"
    assert (clips.paths[0].parent.parent / "meta" / "esc50.csv").is_file()


def test_stand_in_clips_are_sounds_worth_hearing() -> None:
    clips = esc50.load(source="standin")
    for path in clips.paths[::7]:
        samples, rate = soundfile.read(path)
        assert (rate, len(samples)) == (44_100, 220_500)
        assert 0.05 < np.abs(samples).max() < 0.999, path
        assert np.sqrt(np.mean(samples**2)) > 1e-3
        loudness = np.array([np.std(part) for part in np.array_split(samples, 50)])
        assert loudness.max() > 1.3 * loudness.min(), "something happens in it"


def test_synthesis_depends_on_source_and_take_alone() -> None:
    voice = environment.VOICES["hen"]
    one = environment.event_clip(voice, [0, 7], 0)
    assert np.array_equal(one, environment.event_clip(voice, [0, 7], 0))
    assert not np.array_equal(one, environment.event_clip(voice, [0, 7], 1))
    assert not np.array_equal(one, environment.event_clip(voice, [1, 7], 0))


def test_a_stopped_synthesis_leaves_nothing_under_the_final_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABS_CACHE", str(tmp_path))
    whole = environment.event_clip
    calls = iter(range(3))

    def stops(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return whole(*arguments)

    monkeypatch.setattr(environment, "event_clip", stops)
    with pytest.raises(KeyboardInterrupt):
        environment.environment(("dog",), clips_per_fold=1)
    assert not list(tmp_path.rglob("*.wav"))
    monkeypatch.setattr(environment, "event_clip", whole)
    folder = environment.environment(("dog",), clips_per_fold=1)
    assert len(list(folder.glob("audio/*.wav"))) == 5


def test_on_the_real_recordings_the_same_loader_gives_400_clips_in_five_folds(real_data: Path) -> None:
    clips = esc50.load(real_data)
    assert len(clips) == 400
    assert not clips.standin
    assert np.bincount(clips.folds)[1:].tolist() == [80] * 5
    assert np.bincount(clips.labels).tolist() == [40] * 10
    power = features.clips_mel_power(clips.paths[:3], 22_050, progress=False)
    assert power.shape == (3, 128, 216)
    assert len(audio.load(clips.paths[0], 44_100)) == 220_500
