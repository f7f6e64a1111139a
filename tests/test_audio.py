"""Reading sound and playing it."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from labs_lib import audio, features

TONE = 0.4 * np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100)


@pytest.mark.parametrize(
    ("ending", "subtype"), [("wav", "PCM_16"), ("flac", "PCM_24"), ("aiff", "PCM_24"), ("ogg", "VORBIS")]
)
def test_formats_become_float32_mono_at_the_rate(ending: str, subtype: str, tmp_path: Path) -> None:
    path = tmp_path / f"tone.{ending}"
    soundfile.write(path, np.stack([TONE, TONE], axis=1), 44_100, subtype=subtype)
    samples = audio.load(path, 22_050)
    assert samples.dtype == np.float32
    assert samples.shape == (22_050,)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) == 440
    assert np.abs(samples).max() == pytest.approx(0.4, abs=0.03)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "an HTML page, not a recording"),
        (b"RIFF\x10\x00\x00\x00WAVE", "cannot be read as sound|holds no samples"),
        (bytes(range(256)) * 8, "cannot be read as sound"),
    ],
)
def test_what_is_no_sound_is_named_with_the_reason(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    with pytest.raises(audio.AudioError, match=f"broken.wav.*{reason}"):
        audio.load(path, 22_050)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.wav"):
        audio.load(tmp_path / "missing.wav", 22_050)


@pytest.mark.parametrize("gain", [0.01, 1.0, 40.0])
def test_a_player_never_hurts_and_leaves_quiet_sounds_quiet(gain: float) -> None:
    player = audio.Player(TONE * gain, 44_100, 'a "tone" & more')
    html = player._repr_html_()
    data = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    samples, rate = soundfile.read(io.BytesIO(data))
    assert rate == 44_100
    assert np.abs(samples).max() == pytest.approx(min(0.5, 0.4 * gain), abs=1e-3)
    assert 'aria-label="a &quot;tone&quot; &amp; more (1.0 s)"' in html
    assert "1.0 s" in repr(player)


def test_a_player_survives_numbers_that_are_none() -> None:
    assert "audio" in audio.Player(np.array([np.nan, 0.1]), 100, "odd")._repr_html_()


def test_mel_power_has_one_frame_a_hop_and_one_before() -> None:
    power = features.mel_power(TONE.astype(np.float32), 44_100, n_mels=64)
    assert power.shape == (64, 1 + 44_100 // 512)
    assert power.dtype == np.float32


def test_clips_of_other_lengths_are_cut_or_end_in_silence(tmp_path: Path) -> None:
    paths = []
    for seconds in (0.5, 1.0, 2.0):
        path = tmp_path / f"{seconds}.wav"
        soundfile.write(path, np.tile(TONE, 2)[: round(seconds * 44_100)], 44_100)
        paths.append(path)
    power = features.clips_mel_power(paths, 22_050, n_mels=40, seconds=1.0, progress=False)
    assert power.shape == (3, 40, 44)
    assert power[0, :, -10:].max() == 0
    np.testing.assert_allclose(power[1][:, :-4], power[2][:, :-4], rtol=0.02, atol=1e-3)
