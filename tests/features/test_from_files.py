"""Features of many files: kept, resumed, rebuilt; whatever happens, never wrong."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile

from labs_engine.base import storage
from labs_lib import audio, features
from labs_lib.features import files

RATE = 22_050


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"{number}.wav" for number in range(7)]
    for path in paths:
        soundfile.write(path, 0.3 * rng.standard_normal(rng.integers(RATE, 3 * RATE)), RATE)
    return paths


@dataclass(frozen=True)
class Counting:
    """A recipe that notes which files it was called with."""

    log: Path
    row_shape: tuple[int, ...] = (2,)

    def __call__(self, path: Path) -> tuple[np.ndarray, np.ndarray]:
        with self.log.open("a") as file:
            file.write(f"{path.stem}\n")
        samples = audio.load(path, None)
        return np.full((1, 2), len(samples), dtype=np.float32), np.zeros(1, dtype=np.int32)

    def calls(self) -> list[str]:
        return sorted(self.log.read_text().split()) if self.log.exists() else []


def test_clips_of_other_lengths_are_cut_or_end_in_silence(cache: Path, tmp_path: Path) -> None:
    paths = []
    for seconds in (0.5, 1.0, 2.0):
        path = tmp_path / f"{seconds}.wav"
        tone = 0.4 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)
        soundfile.write(path, tone, RATE)
        paths.append(path)
    power = features.clips_mel_power(paths, RATE, n_mels=40, seconds=1.0, progress=False)
    assert power.shape == (3, 40, 44)
    assert power.dtype == np.float32
    assert power[0, :, -10:].max() == 0
    np.testing.assert_allclose(power[1][:, :-4], power[2][:, :-4], rtol=0.02, atol=1e-3)


def test_segments_equal_the_plain_loop(cache: Path, clips: list[Path]) -> None:
    rows = features.from_files(clips, features.Segments(0.5, 4), what="")
    expected, item = [], []
    for number, path in enumerate(clips):
        samples, _ = librosa.load(path, sr=RATE)
        for segment in samples[: len(samples) // 11_025 * 11_025].reshape(-1, 11_025)[:4]:
            expected.append(librosa.feature.mfcc(y=segment, sr=RATE, n_mfcc=13).T)
            item.append(number)
    assert rows.x.shape == (len(expected), 22, 13)
    np.testing.assert_allclose(rows.x, expected, rtol=1e-4, atol=1e-3)
    assert rows.item.tolist() == item
    assert set(rows.number) == {0, 1, 2, 3}


def test_segments_of_a_fourier_spectrum_equal_librosa(cache: Path, clips: list[Path]) -> None:
    recipe = features.Segments(0.5, 4, "log_stft", features.Spectral(n_fft=512))
    rows = features.from_files(clips[:2], recipe, what="")
    samples, _ = librosa.load(clips[0], sr=RATE)
    power = np.abs(librosa.stft(samples[:11_025], n_fft=512, hop_length=512)) ** 2
    assert rows.x.shape[1:] == recipe.row_shape == (22, 257)
    np.testing.assert_allclose(rows.x[0], librosa.power_to_db(power, top_db=80.0).T, atol=1e-3)
    np.testing.assert_array_equal(recipe.of(audio.load(clips[0], RATE)), recipe(clips[0])[0])


def test_notes_give_a_row_each_or_several_excerpts(cache: Path, tmp_path: Path) -> None:
    time_axis = np.arange(round(0.6 * RATE)) / RATE
    tone = 0.4 * np.sin(2 * np.pi * 330 * time_axis)
    pause = np.zeros(RATE // 2)
    path = tmp_path / "scale.aiff"
    soundfile.write(path, np.concatenate([pause, tone, pause, tone, pause]), RATE)
    whole = features.from_files([path], features.Notes(), what="")
    assert whole.x.shape == (2, 120)
    assert whole.number.tolist() == [0, 1]
    excerpts = features.from_files([path], features.Notes(seconds=0.3, step=0.1), what="")
    assert len(excerpts.x) in (6, 8)
    assert np.bincount(excerpts.number).tolist() == [len(excerpts.x) // 2] * 2
    assert excerpts.item.tolist() == [0] * len(excerpts.x)


def test_the_second_call_maps_what_the_first_computed(cache: Path, clips: list[Path], tmp_path: Path) -> None:
    recipe = Counting(tmp_path / "log")
    first = features.from_files(clips, recipe, what="")
    second = features.from_files(clips, recipe, what="")
    assert recipe.calls() == [path.stem for path in clips]
    assert isinstance(second.x, np.memmap)
    np.testing.assert_array_equal(first.x, second.x)
    with pytest.raises(ValueError, match="read-only"):
        second.x[0] = 0


def test_content_decides_not_the_name(cache: Path, clips: list[Path], tmp_path: Path) -> None:
    recipe = Counting(tmp_path / "log")
    features.from_files(clips, recipe, what="")
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for path in clips:
        shutil.copy(path, moved / f"copy of {path.name}")
    features.from_files([moved / f"copy of {path.name}" for path in clips], recipe, what="")
    assert len(recipe.calls()) == 7, "the same content elsewhere is found"
    stamp = clips[3].stat()
    soundfile.write(clips[3], np.zeros(round((stamp.st_size - 44) / 2)), RATE)
    os.utime(clips[3], ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert clips[3].stat().st_size == stamp.st_size
    features.from_files(clips, recipe, what="")
    assert len(recipe.calls()) == 14, "other content under the same name, size and time is not"


def test_other_settings_and_another_order_are_other_features(
    cache: Path, clips: list[Path], tmp_path: Path
) -> None:
    a = features.from_files(clips, features.Clips(1.0), what="").x
    b = features.from_files(clips[::-1], features.Clips(1.0), what="").x
    c = features.from_files(clips, features.Clips(1.0, "log_mel"), what="").x
    np.testing.assert_array_equal(a, b[::-1])
    np.testing.assert_allclose(c, [features.to_db(row, 80.0) for row in a], atol=1e-4)


def test_an_unreadable_file_is_an_error_or_skipped_and_named(
    cache: Path, clips: list[Path], tmp_path: Path
) -> None:
    clips[2].write_bytes(clips[2].read_bytes()[:1000])
    recipe = Counting(tmp_path / "log")
    with pytest.raises(audio.AudioError, match=r"2\.wav is cut off"):
        features.from_files(clips, recipe, what="")
    for _ in range(2):
        rows = features.from_files(clips, recipe, unreadable="skip", what="")
        assert rows.item.tolist() == [0, 1, 3, 4, 5, 6]
        assert list(rows.failed) == [2]
        assert "2.wav is cut off" in rows.failed[2]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are text there")
def test_names_that_are_no_utf8_are_read_and_remembered(cache: Path, clips: list[Path]) -> None:
    expected = np.array(features.from_files(clips[:2], features.Clips(1.0), what="").x)
    odd = [
        path.rename(os.fsdecode(os.fsencode(path.parent) + b"/\xe9" + bytes([48 + k])))
        for k, path in enumerate(clips[:2])
    ]
    np.testing.assert_array_equal(features.from_files(odd, features.Clips(1.0), what="").x, expected)
    odd[0].write_bytes(b"broken")
    rows = features.from_files(odd, features.Clips(1.0), unreadable="skip", what="")
    assert r"\xe90" in rows.failed[0]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_number_of_workers_changes_nothing(
    cache: Path, clips: list[Path], workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = features.Segments(0.5, 4, "log_mel")
    together = features.from_files(clips, recipe, what="", workers=workers).x
    np.testing.assert_array_equal(together, np.concatenate([recipe(path)[0] for path in clips]))


def test_an_interrupted_call_goes_on_where_it_stopped(
    cache: Path, clips: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Counting(tmp_path / "log")
    whole = files.RowsWriter.append
    appended = iter(range(4))

    def stops(writer, *result):
        if next(appended, None) is None:
            raise KeyboardInterrupt
        whole(writer, *result)

    with monkeypatch.context() as patch:
        patch.setattr(files.RowsWriter, "append", stops)
        with pytest.raises(KeyboardInterrupt):
            features.from_files(clips, recipe, what="", workers=1)
    before = len(recipe.calls())
    rows = features.from_files(clips, recipe, what="")
    assert recipe.calls()[: before - 1] != []
    assert len(recipe.calls()) - before == 3, "the four that were complete are not computed again"
    np.testing.assert_array_equal(rows.x[:, 0], [len(audio.load(path, None)) for path in clips])


DAMAGES = {
    "a flipped bit": lambda folder: _flip(folder / "x.npy"),
    "cut data": lambda folder: _cut(folder / "x.npy"),
    "no data": lambda folder: (folder / "x.npy").unlink(),
    "cut description": lambda folder: _cut(folder / "about.json"),
    "no description": lambda folder: (folder / "about.json").unlink(),
    "an empty folder": lambda folder: [file.unlink() for file in folder.iterdir()],
}


def _flip(path: Path) -> None:
    stamp = path.stat()
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # as a failing disk would leave it


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_noticed_and_mended(damage: str, cache: Path, clips: list[Path]) -> None:
    expected = np.array(features.from_files(clips, features.Clips(1.0), what="").x)
    DAMAGES[damage](_kept(cache))
    with pytest.warns(UserWarning, match="damaged and are computed anew"):
        mended = features.from_files(clips, features.Clips(1.0), what="").x
    np.testing.assert_array_equal(mended, expected)
    again = features.from_files(clips, features.Clips(1.0), what="").x
    np.testing.assert_array_equal(again, expected)


def test_a_kept_result_that_was_copied_is_verified_and_used(
    cache: Path, clips: list[Path], tmp_path: Path
) -> None:
    recipe = Counting(tmp_path / "log")
    features.from_files(clips, recipe, what="")
    shutil.copytree(cache, tmp_path / "copy")
    shutil.rmtree(cache)
    (tmp_path / "copy").rename(cache)
    features.from_files(clips, recipe, what="")
    assert len(recipe.calls()) == 7


def _kept(cache: Path) -> Path:
    (folder,) = [path for path in (cache / "features").iterdir() if path.is_dir()]
    return folder


SCRIPT = textwrap.dedent(
    """
    import sys, time
    from dataclasses import dataclass
    from pathlib import Path
    import numpy as np
    from labs_lib import features

    @dataclass(frozen=True)
    class Slow:
        row_shape: tuple = (50_000,)
        def __call__(self, path):
            time.sleep(float(sys.argv[2]))
            with open(sys.argv[3], "a") as log:
                log.write("x")
            seed = int(path.stem)
            return np.random.default_rng(seed).random((2, 50_000), dtype=np.float32), np.arange(2)

    paths = sorted(Path(sys.argv[1]).glob("*.wav"))
    print("ready", flush=True)
    rows = features.from_files(paths, Slow(), what="", workers=1)
    expected = [np.random.default_rng(int(p.stem)).random((2, 50_000), dtype=np.float32) for p in paths]
    assert np.array_equal(rows.x, np.concatenate(expected)), "wrong rows"
    print("right", flush=True)
    """
)


def _run(tmp_path: Path, delay: float, log: str = "log") -> subprocess.Popen:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), str(delay), str(tmp_path / log)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_killed_at_any_moment_it_is_right_in_the_end(cache: Path, clips: list[Path], tmp_path: Path) -> None:
    chance = random.Random(0)
    for _ in range(5):
        process = _run(tmp_path, 0.02)
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 0.12))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        finished = [path for path in (cache / "features").glob("*") if path.is_dir() and path.name[0] != "."]
        for folder in finished:
            files.read_rows(folder)  # what has its final name is whole
    out, _ = _run(tmp_path, 0.0).communicate(timeout=60)
    assert out.endswith("right\n")
    assert not list((cache / "features").glob(".*.part"))


def test_a_journal_that_claims_too_much_is_not_believed(
    cache: Path, clips: list[Path], tmp_path: Path
) -> None:
    process = _run(tmp_path, 0.05)
    assert process.stdout.readline() == "ready\n"
    while not any(path.stat().st_size > 400 for path in (cache / "features").glob(".*.part/journal")):
        time.sleep(0.01)
    process.kill()
    process.communicate()
    (part,) = (cache / "features").glob(".*.part")
    with (part / "x.npy").open("r+b") as file:
        file.truncate(file.seek(0, 2) - 300_000)  # the last block never reached the disk
    out, _ = _run(tmp_path, 0.0).communicate(timeout=60)
    assert out.endswith("right\n")


def test_two_processes_compute_once_and_agree(cache: Path, clips: list[Path], tmp_path: Path) -> None:
    both = [_run(tmp_path, 0.05) for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert all(out.endswith("right\n") for out in outputs)
    assert len((tmp_path / "log").read_text()) == 7


def test_a_full_disk_is_an_error_that_says_what_to_do(
    cache: Path, clips: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(writer, *result):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files.RowsWriter, "append", full)
        with pytest.raises(storage.StorageError, match=r"no space is left .* free some, or set LABS_CACHE"):
            features.from_files(clips, features.Clips(1.0), what="")
    assert features.from_files(clips, features.Clips(1.0), what="").x.shape == (7, 128, 44)


def test_a_cache_that_cannot_be_written_is_an_error_that_says_what_to_do(
    clips: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(storage.StorageError, match=r"cannot be written to .* set LABS_CACHE"):
        features.from_files(clips, features.Clips(1.0), what="")


def test_no_files_give_no_rows(cache: Path) -> None:
    rows = features.from_files([], features.Clips(1.0), what="")
    assert rows.x.shape == (0, 128, 44)


def test_a_missing_file_is_named(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.wav"):
        features.from_files([tmp_path / "gone.wav"], features.Clips(1.0), what="")
