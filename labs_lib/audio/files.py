"""Reading sound files to mono float32 at a chosen rate."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr

# What the course's data sets and students come with; libsndfile reads more.
SUFFIXES = frozenset({".wav", ".aif", ".aiff", ".aifc", ".flac", ".ogg", ".opus", ".mp3", ".au"})

_UNKNOWN_LENGTH = (0, 0xFFFFFFFF)  # what programs write that stream to a pipe
_LONGEST_OGG_PAGE = 65_307  # bytes


class AudioError(ValueError):
    """A file that cannot be read as sound; the message names it and says why."""


def load(path: str | Path, rate: int | None, *, longest: float = 3600.0) -> np.ndarray:
    """Read a sound file as mono at a given rate.

    Channels are averaged; the rate is changed as librosa does by default (soxr, high quality).

    Args:
        path: A WAV, AIFF, FLAC, OGG, MP3 or AU file.
        rate: Samples per second of the result; None keeps the file's own.
        longest: Longest file that is read, in s, so that a stray one does not fill the memory.

    Returns:
        Samples between -1 and 1, shape (n,), float32.

    Raises:
        FileNotFoundError: There is no such file.
        AudioError: The file is empty, cut off, too long or no sound.
    """
    path = Path(path)
    if path.is_dir():
        raise AudioError(f"{path} is a folder, not a sound file")
    if not path.is_file():
        raise FileNotFoundError(f"no sound file at {path}")
    size = path.stat().st_size
    if size == 0:
        raise AudioError(f"{path.name} is empty (0 bytes): was its download cut off?")
    missing = _missing_bytes(path, size)
    if missing:
        raise AudioError(
            f"{path.name} is cut off: {missing} that its header announces. Fetch or copy it again"
        )
    try:
        # By its name: from an open file libsndfile would read through Python, one thread at a time.
        with soundfile.SoundFile(path) as sound:
            samples, recorded = _decode(sound, path.name, longest), sound.samplerate
    except (soundfile.LibsndfileError, EOFError) as error:
        raise AudioError(f"{path.name} cannot be read as sound: {_reason(path, error)}") from None
    if rate is None or rate == recorded:
        return samples
    return _resample(samples, recorded, rate)


def _resample(samples: np.ndarray, recorded: int, rate: int) -> np.ndarray:
    resampled: np.ndarray = soxr.resample(samples, recorded, rate, quality="HQ")
    length = -(-len(samples) * rate // recorded)
    if len(resampled) < length:
        return np.pad(resampled, (0, length - len(resampled)))
    return resampled[:length]


def _decode(sound: soundfile.SoundFile, name: str, longest: float) -> np.ndarray:
    seconds = sound.frames / sound.samplerate
    if seconds > longest:
        raise AudioError(f"{name} lasts {seconds:,.0f} s; at most {longest:,.0f} s are read")
    announced = sound.frames
    if sound.subtype == "PCM_16":
        # The numbers that libsndfile's own conversion gives, in a third of the time.
        samples = sound.read(dtype="int16", always_2d=True).astype(np.float32)
        samples *= np.float32(1 / 32_768)
    else:
        samples = sound.read(dtype="float32", always_2d=True)
    if not len(samples):
        raise AudioError(f"{name} holds no samples")
    if len(samples) < announced:
        raise AudioError(f"{name} is cut off: it holds {len(samples):,} samples and announces {announced:,}")
    if not np.isfinite(samples).all():
        raise AudioError(f"{name} holds samples that are not numbers (NaN or infinite)")
    return samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)


def _missing_bytes(path: Path, size: int) -> str:
    """Say what is missing at the end of a container, which libsndfile reads without a complaint."""
    with path.open("rb") as file:
        head = file.read(12)
        if head.startswith(b"OggS"):
            return "" if _ogg_ends(file, size) else "it lacks the last page"
    if head.startswith((b"RIFF", b"FORM")):
        announced, before = int.from_bytes(head[4:8], "little" if head.startswith(b"RIFF") else "big"), 8
    elif head.startswith(b".snd"):
        announced, before = int.from_bytes(head[8:12], "big"), int.from_bytes(head[4:8], "big")
    else:
        return ""
    if announced in _UNKNOWN_LENGTH:
        return ""
    # An odd chunk is padded to an even length, and some writers leave the last padding byte out.
    return f"it has {size:,} bytes of the {announced + before:,}" if size < announced + before - 1 else ""


def _ogg_ends(file: BinaryIO, size: int) -> bool:
    """Tell whether the last page is marked as the last one and is whole."""
    file.seek(max(0, size - _LONGEST_OGG_PAGE))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    if not page.startswith(b"OggS") or len(page) < 27:
        return False
    segments = page[27 : 27 + page[26]]
    return bool(page[5] & 4) and len(page) >= 27 + len(segments) + sum(segments)


def _reason(path: Path, error: Exception) -> str:
    start = path.open("rb").read(512).lstrip().lower()
    if start.startswith((b"<!doc", b"<html", b"<?xml")):
        return "it is an HTML page, not a recording; its download most likely met an error page"
    if start.startswith(b"version https://git-lfs"):
        return "it is a Git LFS pointer; run `git lfs pull` in the repository that it comes from"
    if path.suffix.lower() not in SUFFIXES:
        return f"{error} Expected one of {', '.join(sorted(SUFFIXES))}"
    return str(error)
