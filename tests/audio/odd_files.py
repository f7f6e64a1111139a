"""Sound files with the headers that recorders, streams and careless programs write."""

from __future__ import annotations

import io
import struct

import numpy as np
import soundfile

RATE = 22_050
SECONDS = 6
# A tone, then noise: with a variable bit rate the first frame says little about the rest.
TONE_AND_NOISE = np.concatenate(
    [
        0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE * SECONDS // 2) / RATE),
        0.2 * np.random.default_rng(0).standard_normal(RATE * SECONDS // 2),
    ]
)


def encoded(
    kind: str, subtype: str, samples: np.ndarray = TONE_AND_NOISE, rate: int = RATE, **how: object
) -> bytes:
    """Return the bytes of a sound file."""
    buffer = io.BytesIO()
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with soundfile.SoundFile(buffer, "w", rate, channels, subtype, format=kind, **how) as file:
        file.write(samples)
    return buffer.getvalue()


def mp3(mode: str, samples: np.ndarray = TONE_AND_NOISE, rate: int = RATE) -> bytes:
    """Return an MP3 file with its first frame, which gives the number of frames."""
    return encoded("MP3", "MPEG_LAYER_III", samples, rate, compression_level=0.5, bitrate_mode=mode)


def without_xing(content: bytes) -> bytes:
    """Leave out the first frame, as encoders do that write to a pipe."""
    second = content.index(b"\xff" + content[1:2], 4)
    while content[second + 1 : second + 2] != content[1:2] or content[second + 2] & 0x0C != content[2] & 0x0C:
        second = content.index(b"\xff" + content[1:2], second + 1)
    return content[second:]


def id3(size: int) -> bytes:
    """Return a tag in front of an MP3 file, large as with a picture."""
    digits = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + digits + b"TIT2\x00\x00\x00\x05\x00\x00\x00Tone".ljust(size, b"\0")


def wav_lengths(content: bytes, whole: int | None, data: int | None) -> bytes:
    """Write other lengths into the header of a WAV file."""
    changed = bytearray(content)
    if whole is not None:
        struct.pack_into("<I", changed, 4, whole)
    if data is not None:
        struct.pack_into("<I", changed, content.index(b"data") + 4, data)
    return bytes(changed)


def flac_total(content: bytes, total: int) -> bytes:
    """Write another number of samples into the header of a FLAC file."""
    fields = int.from_bytes(content[18:26], "big") >> 36 << 36 | total
    return content[:18] + fields.to_bytes(8, "big") + content[26:]
