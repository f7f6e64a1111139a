"""Reading sound files to mono float32 at a chosen rate."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path

import numpy as np
import soundfile
import soxr

from labs_lib.audio.headers import examine

# What the course's data sets and students come with; libsndfile reads more.
SUFFIXES = frozenset({".wav", ".aif", ".aiff", ".aifc", ".flac", ".ogg", ".opus", ".mp3", ".au"})


class AudioError(ValueError):
    """A file that cannot be read as sound; the message names it and says why."""


class AudioWarning(UserWarning):
    """A file whose header is wrong about its length, and which was read all the same."""


def printable(path: str | Path) -> str:
    r"""Return a path or a name as it can be printed: bytes that are no UTF-8 become '\xe9' and the like."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def load(path: str | Path, rate: int | None, *, longest: float = 3600.0) -> np.ndarray:
    """Read a sound file as mono at a given rate.

    Channels are averaged; the rate is changed as librosa does by default (soxr, high quality). Where the
    header gives no length or a wrong one, as recorders and streams leave it, what is there is read, with an
    `AudioWarning` that says so.

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
    name = printable(path.name)
    if path.is_dir():
        raise AudioError(f"{name} is a folder, not a sound file")
    if not path.is_file():
        raise FileNotFoundError(f"no sound file at {printable(path)}")
    try:
        samples, recorded = _read(path, name, longest)
        samples = samples if rate is None or rate == recorded else _resample(samples, recorded, rate)
    except AudioError:
        raise
    except (soundfile.LibsndfileError, EOFError, OSError, ValueError, MemoryError) as error:
        raise AudioError(f"{name} cannot be read as sound: {_reason(path, error)}") from None
    if not np.isfinite(samples).all():
        raise AudioError(f"{name} holds samples that are not numbers (NaN or infinite)")
    return samples


def frames(path: Path) -> int:
    """Return the number of samples that a file's header gives, without reading them.

    Raises:
        AudioError: It cannot be opened as sound; the message says why, without the name.
    """
    try:
        return int(soundfile.info(_system_name(path)).frames)
    except soundfile.LibsndfileError as error:
        raise AudioError(error.error_string) from None


def _system_name(path: Path) -> Path | bytes:
    # A name that is no UTF-8 is bytes to all systems but Windows, where names are text.
    return path if os.name == "nt" else os.fsencode(path)


def _read(path: Path, name: str, longest: float) -> tuple[np.ndarray, int]:
    """Return the samples of a file and their rate."""
    size = path.stat().st_size
    if size == 0:
        raise AudioError(f"{name} is empty (0 bytes): was its download cut off?")
    missing, remark, mended = examine(path, size)
    if missing:
        raise AudioError(f"{name} is cut off: {missing}. Fetch or copy it again")
    # By its name: from an open file libsndfile would read through Python, one thread at a time.
    with soundfile.SoundFile(_system_name(path) if mended is None else io.BytesIO(mended)) as sound:
        samples, recorded = _decode(sound, name, longest), sound.samplerate
    if remark:
        found = f"what it holds was read, {len(samples) / recorded:.1f} s"
        warnings.warn(f"{name}: {remark}; {found}", AudioWarning, stacklevel=3)
    return samples, recorded


def _resample(samples: np.ndarray, recorded: int, rate: int) -> np.ndarray:
    resampled: np.ndarray = soxr.resample(samples, recorded, rate, quality="HQ")
    length = -(-len(samples) * rate // recorded)
    if len(resampled) < length:
        return np.pad(resampled, (0, length - len(resampled)))
    return resampled[:length]


def _decode(sound: soundfile.SoundFile, name: str, longest: float) -> np.ndarray:
    if sound.samplerate <= 0:
        raise AudioError(f"{name} gives a rate of {sound.samplerate} samples per second")
    seconds = sound.frames / sound.samplerate
    if seconds > longest:
        raise AudioError(f"{name} lasts {seconds:,.0f} s; at most {longest:,.0f} s are read")
    announced = sound.frames
    if sound.subtype == "PCM_16":
        # The numbers that libsndfile's own conversion gives, in a third of the time.
        samples = sound.read(announced, dtype="int16", always_2d=True).astype(np.float32)
        samples *= np.float32(1 / 32_768)
    else:
        samples = sound.read(announced, dtype="float32", always_2d=True)
    if not len(samples):
        raise AudioError(f"{name} holds no samples")
    if len(samples) < announced:
        raise AudioError(f"{name} is cut off: it holds {len(samples):,} samples and announces {announced:,}")
    return samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    with path.open("rb") as file:
        start = file.read(512).lstrip().lower()
    if start.startswith((b"<!doc", b"<html", b"<?xml")):
        return "it is an HTML page, not a recording; its download most likely met an error page"
    if start.startswith(b"version https://git-lfs"):
        return "it is a Git LFS pointer; run `git lfs pull` in the repository that it comes from"
    if path.suffix.lower() not in SUFFIXES:
        return f"its ending is none that is read. Expected one of {', '.join(sorted(SUFFIXES))}"
    if "psf_fseek" in str(error):
        return "it breaks off before the length that its header gives"
    return error.error_string if isinstance(error, soundfile.LibsndfileError) else str(error)
