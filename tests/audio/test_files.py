"""Reading sound files: formats, rates, and files that cannot be read."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile

from labs_lib import audio

RATE = 44_100
TONE = 0.4 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
FORMATS = [
    ("wav", "PCM_16", RATE),
    ("wav", "FLOAT", RATE),
    ("aiff", "PCM_16", RATE),
    ("aif", "PCM_24", RATE),
    ("flac", "PCM_24", RATE),
    ("ogg", "VORBIS", RATE),
    ("opus", "OPUS", 48_000),
    ("mp3", "MPEG_LAYER_III", RATE),
    ("au", "PCM_16", RATE),
]


def _write(path: Path, samples: np.ndarray, subtype: str, rate: int = RATE) -> Path:
    kinds = {"aif": "AIFF", "opus": "OGG"}
    kind = kinds.get(path.suffix[1:], path.suffix[1:].upper())
    soundfile.write(path, samples, rate, subtype=subtype, format=kind)
    return path


@pytest.mark.parametrize(("ending", "subtype", "rate"), FORMATS)
@pytest.mark.parametrize("channels", [1, 2])
def test_formats_become_float32_mono_at_the_rate(
    ending: str, subtype: str, rate: int, channels: int, tmp_path: Path
) -> None:
    tone = 0.4 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    path = _write(tmp_path / f"tone.{ending}", np.stack([tone] * channels, axis=1), subtype, rate)
    samples = audio.load(path, 22_050)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert len(samples) == pytest.approx(22_050, abs=1200)  # lossy codecs pad to whole frames
    spectrum = np.abs(np.fft.rfft(samples[:22_050], 22_050))
    assert np.argmax(spectrum) == 440
    assert np.abs(samples[2000:-2000]).max() == pytest.approx(0.4, abs=0.03)


@pytest.mark.parametrize("rate", [22_050, 48_000, 8_000])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_the_samples_are_those_of_librosa(rate: int, subtype: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, (12_345, 2))
    path = _write(tmp_path / "noise.wav", noise, subtype)
    expected, _ = librosa.load(path, sr=rate)
    np.testing.assert_allclose(audio.load(path, rate), expected, atol=1e-7)


def test_without_a_rate_the_file_keeps_its_own(tmp_path: Path) -> None:
    path = _write(tmp_path / "tone.wav", TONE, "PCM_16")
    assert len(audio.load(path, None)) == RATE


@pytest.mark.parametrize(("ending", "subtype", "rate"), FORMATS)
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.97])
def test_a_truncated_file_is_an_error_that_names_it(
    ending: str, subtype: str, rate: int, kept: float, tmp_path: Path
) -> None:
    noise = 0.3 * np.random.default_rng(1).standard_normal(2 * rate)
    path = _write(tmp_path / f"cut.{ending}", noise, subtype, rate)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(audio.AudioError, match=rf"cut\.{ending}"):
        audio.load(path, 22_050)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "an HTML page, not a recording"),
        (b"  <html>", "an HTML page, not a recording"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS pointer"),
        (b"RIFF\x04\x00\x00\x00WAVE", "cannot be read as sound|holds no samples"),
        (b"RIFF\x10\x00\x00\x00WAVE", "is cut off"),
        (bytes(range(256)) * 8, "cannot be read as sound"),
    ],
)
@pytest.mark.parametrize("name", ["broken.wav", "broken.aiff"])
def test_what_is_no_sound_is_named_with_the_reason(
    content: bytes, reason: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(audio.AudioError, match=f"{name}.*({reason})"):
        audio.load(path, 22_050)


def test_another_ending_is_told_which_are_read(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no sound at all, but long enough to look at" * 10)
    with pytest.raises(audio.AudioError, match=r"Expected one of .*\.aiff.*\.wav"):
        audio.load(path, 22_050)


def test_a_file_without_samples_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(audio.AudioError, match=r"silent\.wav holds no samples"):
        audio.load(_write(tmp_path / "silent.wav", np.zeros(0), "PCM_16"), 22_050)


def test_samples_that_are_no_numbers_are_an_error(tmp_path: Path) -> None:
    path = _write(tmp_path / "odd.wav", np.array([0.1, np.nan, 0.2]), "FLOAT")
    with pytest.raises(audio.AudioError, match=r"odd\.wav .*not numbers"):
        audio.load(path, 22_050)


def test_an_over_long_file_is_not_read(tmp_path: Path) -> None:
    path = _write(tmp_path / "long.wav", np.zeros(3 * RATE), "PCM_16")
    with pytest.raises(audio.AudioError, match=r"long\.wav lasts 3 s; at most 2 s are read"):
        audio.load(path, 22_050, longest=2.0)


def test_a_length_that_was_never_known_is_no_truncation(tmp_path: Path) -> None:
    path = _write(tmp_path / "streamed.wav", TONE, "PCM_16")
    content = bytearray(path.read_bytes())
    content[4:8] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert len(audio.load(path, RATE)) == RATE


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.wav"):
        audio.load(tmp_path / "missing.wav", 22_050)
    with pytest.raises(audio.AudioError, match="is a folder"):
        audio.load(tmp_path, 22_050)


def test_every_real_recording_is_read(real_data: Path) -> None:
    paths = [path for path in real_data.rglob("*") if path.suffix.lower() in audio.SUFFIXES]
    assert len(paths) == 400 + 59 + 46
    for path in paths[::7]:
        assert np.abs(audio.load(path, None)).max() > 0
