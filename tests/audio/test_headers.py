"""Files whose header gives no length or a wrong one: what is there is read, and it is said."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from odd_files import RATE, SECONDS, TONE_AND_NOISE, encoded, flac_total, id3, mp3, wav_lengths, without_xing

from labs_lib import audio

WAV = encoded("WAV", "PCM_16")
FLAC = encoded("FLAC", "PCM_16")
AU = encoded("AU", "PCM_16")
N = len(TONE_AND_NOISE)


def _load(tmp_path: Path, name: str, content: bytes) -> np.ndarray:
    (tmp_path / name).write_bytes(content)
    return audio.load(tmp_path / name, None)


def _load_saying(tmp_path: Path, name: str, content: bytes) -> np.ndarray:
    with pytest.warns(audio.AudioWarning, match=rf"^{name}: .*its header .*; what it holds was read, \d"):
        return _load(tmp_path, name, content)


@pytest.mark.parametrize(
    ("whole", "data"),
    [
        (len(WAV), None),  # the whole file, and not what is behind the first 8 bytes
        (len(WAV), len(WAV) - 44 + 8),
        (0, 0),
        (36, 0),
        (None, 0),
        (0xFFFFFFFF, 0),
        (0x7FFFFFFF, 0x7FFFFFFF),
        (0x7FFFF024, 0x7FFFF000),  # SoX, espeak
        (0x80000024, 0x80000000),  # arecord
        (0xFFFFFFFF, 0xFFFFFFFF),  # FFmpeg
        (0xFFFFFFFF, None),
        (2 * len(WAV), None),
    ],
)
def test_a_wav_with_wrong_lengths_is_read_whole(whole: int | None, data: int | None, tmp_path: Path) -> None:
    samples = _load_saying(tmp_path, "streamed.wav", wav_lengths(WAV, whole, data))
    np.testing.assert_array_equal(samples, _load(tmp_path, "right.wav", WAV))


def test_of_a_streamed_wav_that_was_cut_off_the_rest_is_read(tmp_path: Path) -> None:
    samples = _load_saying(tmp_path, "streamed.wav", wav_lengths(WAV, 0, 0)[:50_000])
    assert len(samples) == (50_000 - 44) // 2


def test_a_wav_that_lacks_samples_is_cut_off_whatever_its_first_length_says(tmp_path: Path) -> None:
    with pytest.raises(audio.AudioError, match=r"cut\.wav is cut off: it has 50,000 bytes of the"):
        _load(tmp_path, "cut.wav", wav_lengths(WAV, 0, None)[:50_000])


def test_an_empty_recording_with_chunks_behind_it_stays_empty(tmp_path: Path) -> None:
    note = b"LIST\x04\x00\x00\x00INFO"
    with pytest.raises(audio.AudioError, match="holds no samples"):
        _load(tmp_path, "empty.wav", wav_lengths(WAV[:44], 36 + len(note), 0) + note)


@pytest.mark.parametrize("total", [0, 2**36 - 1])
@pytest.mark.parametrize(
    "samples", [TONE_AND_NOISE, TONE_AND_NOISE[:4096], np.zeros(RATE), TONE_AND_NOISE[:100]]
)
def test_a_flac_without_a_length_is_read_whole(total: int, samples: np.ndarray, tmp_path: Path) -> None:
    content = encoded("FLAC", "PCM_16", samples)
    loaded = _load_saying(tmp_path, "streamed.flac", flac_total(content, total))
    np.testing.assert_array_equal(loaded, _load(tmp_path, "right.flac", content))


def test_of_a_streamed_flac_that_was_cut_off_the_whole_frames_are_read(tmp_path: Path) -> None:
    samples = _load_saying(tmp_path, "streamed.flac", flac_total(FLAC, 0)[: 2 * len(FLAC) // 3])
    whole = _load(tmp_path, "right.flac", FLAC)
    assert 0.4 * N < len(samples) < N
    assert len(samples) % 4096 == 0
    np.testing.assert_array_equal(samples, whole[: len(samples)])


def test_a_flac_with_a_length_that_is_cut_off_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(
        audio.AudioError, match=r"cut\.flac cannot be read as sound: .*(breaks off|lost sync)"
    ):
        _load(tmp_path, "cut.flac", FLAC[: len(FLAC) // 2])


@pytest.mark.parametrize("length", [0, 0x7FFFFFFF])
def test_an_au_without_a_length_is_read_whole(length: int, tmp_path: Path) -> None:
    content = AU[:8] + length.to_bytes(4, "big") + AU[12:]
    assert len(_load_saying(tmp_path, "streamed.au", content)) == N


def test_the_formats_own_word_for_no_length_needs_none_of_ours(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(_load(tmp_path, "streamed.au", AU[:8] + b"\xff" * 4 + AU[12:])) == N


@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE", "AVERAGE"])
@pytest.mark.parametrize("tag", [b"", id3(2000), id3(60_000)], ids=["no tag", "tag", "picture"])
@pytest.mark.parametrize("rate", [RATE, 44_100, 8_000])
def test_an_mp3_without_a_xing_header_is_read_whole(mode: str, tag: bytes, rate: int, tmp_path: Path) -> None:
    content = mp3(mode, rate=rate)
    right = _load(tmp_path, "right.mp3", content)
    samples = _load_saying(tmp_path, "streamed.mp3", tag + without_xing(content))
    assert 0 <= len(samples) - N < 5000, "only the padding of the encoder is added, which the header tells of"
    # The same sound, from one end to the other, later by the delay that the encoder puts in front.
    for at in (N // 2 + 1000, N - 9000):
        piece, place = right[at : at + 2000], samples[at : at + 6000]
        lag = int(np.argmax(np.correlate(place, piece, "valid")))
        assert 0 < lag < 3000
        np.testing.assert_allclose(place[lag : lag + 2000], piece, atol=0.01)


def test_an_mp3_with_a_picture_and_a_header_is_read_without_a_word(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(_load(tmp_path, "right.mp3", id3(60_000) + mp3("VARIABLE"))) == N


def test_two_mp3_files_in_one_are_read_to_the_end(tmp_path: Path) -> None:
    content = mp3("VARIABLE")
    assert len(_load_saying(tmp_path, "both.mp3", content + content)) > 2 * N


@pytest.mark.parametrize("frames", [0, 1])
def test_an_mp3_whose_header_gives_too_few_frames_is_read_whole(frames: int, tmp_path: Path) -> None:
    content = mp3("VARIABLE")
    at = content.index(b"Xing") + 8
    changed = content[:at] + frames.to_bytes(4, "big") + content[at + 4 :]
    assert len(_load_saying(tmp_path, "odd.mp3", changed)) >= N


@pytest.mark.parametrize(
    "subtype", ["GSM610", "IMA_ADPCM", "MS_ADPCM", "G721_32", "NMS_ADPCM_16", "ULAW", "ALAW"]
)
def test_speech_codecs_in_wav_are_read(subtype: str, tmp_path: Path) -> None:
    content = encoded("WAV", subtype, TONE_AND_NOISE[: RATE * SECONDS // 2], 8000)
    samples = _load(tmp_path, "speech.wav", content)
    assert 0 <= len(samples) - RATE * SECONDS // 2 < 2000
    assert np.abs(np.abs(samples[2000:-2000]).max() - 0.3) < 0.1


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are text there")
def test_a_name_that_is_no_utf8_is_read_or_named_and_can_be_printed(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav"))
    path.write_bytes(WAV)
    assert len(audio.load(path, 8000)) > 0
    for content in (b"", b"nothing", WAV[:1000]):
        path.write_bytes(content)
        with pytest.raises(audio.AudioError, match=r"caf\\xe9\.wav") as caught:
            audio.load(path, None)
        str(caught.value).encode("utf-8")
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"caf\\xe9\.wav") as missing:
        audio.load(path, None)
    str(missing.value).encode("utf-8")


def test_a_mean_of_channels_that_overflows_is_an_error(tmp_path: Path) -> None:
    loud = np.full((100, 2), np.finfo(np.float32).max)
    with pytest.raises(audio.AudioError, match="not numbers"):
        _load(tmp_path, "loud.wav", encoded("WAV", "FLOAT", loud))
