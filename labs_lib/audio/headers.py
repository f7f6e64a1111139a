"""What a file's header says of its length, held against what the file holds.

libsndfile believes the header. It reads a file that was cut off without a complaint, and of a file
whose header gives too short a length, or none, it reads too little or nothing. Recorders that lost
power and encoders that write to a pipe leave such headers.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from labs_lib.audio import flac, mpeg

_UNKNOWN = 0x7FFFF000  # from here on a length of 32 bits stands for none: SoX, ALSA, FFmpeg, GStreamer
_MISCOUNTED = 8  # bytes: the header of a RIFF file, which its length leaves out and some writers count
_LONGEST_OGG_PAGE = 65_307  # bytes
_NO_LENGTH = "its header gives no length"
_MORE_CHUNKS = "what its header announces behind the samples is missing"


class Finding(NamedTuple):
    """How a file's length and its header go together.

    Attributes:
        missing: What is missing at the end of the file, in words; '' if nothing is.
        remark: What is wrong with the header, in words; '' if nothing is.
        mended: The file with a right header, where libsndfile would be misled by its own.
    """

    missing: str = ""
    remark: str = ""
    mended: bytes | None = None


def examine(path: Path, size: int) -> Finding:
    """Compare the length that a file's header gives with what the file holds.

    Args:
        path: A file.
        size: Its bytes.
    """
    with path.open("rb") as file:
        head = file.read(12)
        if head.startswith(b"OggS"):
            return Finding("" if _ogg_ends(file, size) else "it lacks the last page")
        if head[:4] in (b"RIFF", b"RIFX") and head[8:] == b"WAVE":
            return _wave(file, head, size)
        if head.startswith(b"FORM"):
            return _by_size(int.from_bytes(head[4:8], "big"), 8, size)
        if head.startswith(b".snd"):
            return _au(file, head, size)
        if head.startswith(b"fLaC"):
            return _flac(file)
        if head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] >= b"\xe0"):
            return _mpeg(file)
    return Finding()


def _by_size(length: int, before: int, size: int) -> Finding:
    """Compare the length of all that stands behind the first bytes of a file."""
    missing = before + length - size
    if length == 0 or length >= _UNKNOWN:
        return Finding(remark=_NO_LENGTH)
    if missing > _MISCOUNTED:
        return Finding(f"it has {size:,} bytes of the {before + length:,} that its header announces")
    # An odd chunk is padded to an even length, and some writers leave the last padding byte out.
    return Finding(remark=f"its header counts {missing} bytes too many" if missing > 1 else "")


def _wave(file: BinaryIO, head: bytes, size: int) -> Finding:
    order: Literal["little", "big"] = "little" if head.startswith(b"RIFF") else "big"
    whole = _by_size(int.from_bytes(head[4:8], order), 8, size)
    start, length = _data_chunk(file, order, size)
    if not start:
        return whole
    if length == 0 and size > start and not _begins_chunk(file, start, order, size):
        return Finding(remark=_NO_LENGTH, mended=_patched(file, start - 4, (size - start).to_bytes(4, order)))
    data = _by_size(length, start, size) if length else Finding()
    return Finding(data.missing, data.remark or whole.remark or (_MORE_CHUNKS if whole.missing else ""))


def _data_chunk(file: BinaryIO, order: Literal["little", "big"], size: int) -> tuple[int, int]:
    """Return where the samples of a WAV file begin and how many bytes they have by its header; 0, 0 without."""
    at = 12
    while at + 8 <= size:
        file.seek(at)
        name, length = file.read(4), int.from_bytes(file.read(4), order)
        at += 8
        if name == b"data":
            return at, length
        at += length + length % 2
    return 0, 0


def _begins_chunk(file: BinaryIO, at: int, order: Literal["little", "big"], size: int) -> bool:
    file.seek(at)
    name, length = file.read(4), int.from_bytes(file.read(4), order)
    return (
        len(name) == 4 and name.isascii() and name.decode("ascii").isprintable() and at + 8 + length <= size
    )


def _au(file: BinaryIO, head: bytes, size: int) -> Finding:
    start, length = int.from_bytes(head[4:8], "big"), int.from_bytes(head[8:12], "big")
    if length == 0xFFFFFFFF or (length == 0 and size <= start):
        return Finding()  # the format's own word for a length that is not known; a file without samples
    found = _by_size(length, start, size)
    return found._replace(mended=_patched(file, 8, b"\xff" * 4)) if found.remark == _NO_LENGTH else found


def _patched(file: BinaryIO, at: int, value: bytes) -> bytes:
    file.seek(0)
    content = bytearray(file.read())
    content[at : at + len(value)] = value
    return bytes(content)


def _flac(file: BinaryIO) -> Finding:
    file.seek(0)
    if flac.gives_length(file.read(64)):
        return Finding()
    file.seek(0)
    mended = flac.with_length(file.read())
    return Finding(remark=_NO_LENGTH, mended=mended) if mended else Finding("it holds no whole frame")


def _mpeg(file: BinaryIO) -> Finding:
    file.seek(0)
    found = mpeg.count_frames(file.read())
    if found is None or found.content is None:
        return Finding()
    return Finding(
        remark=f"its header gives {found.announced:,} frames" if found.announced else _NO_LENGTH,
        mended=found.content,
    )


def _ogg_ends(file: BinaryIO, size: int) -> bool:
    """Tell whether the last page is marked as the last one and is whole."""
    file.seek(max(0, size - _LONGEST_OGG_PAGE))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    if not page.startswith(b"OggS") or len(page) < 27:
        return False
    segments = page[27 : 27 + page[26]]
    return bool(page[5] & 4) and len(page) >= 27 + len(segments) + sum(segments)
