"""The length of a FLAC file whose header does not give it: an encoder that writes to a pipe cannot go back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

_STREAMINFO = 8  # after the marker 'fLaC' and the header of the first block
_TOTAL = slice(
    _STREAMINFO + 10, _STREAMINFO + 18
)  # rate, channels and width share these bytes with the total
_TOTAL_BITS = 36
_UNKNOWN = (0, (1 << _TOTAL_BITS) - 1)
_TAIL = 1 << 20  # bytes at the end in which the last frame begins
_MOST_TRIED = 8  # beginnings of a frame
_BLOCK_SIZES = {1: 192, **{2 + k: 576 << k for k in range(4)}, **{8 + k: 256 << k for k in range(8)}}


def gives_length(start: bytes) -> bool:
    """Tell from its first bytes whether the header of a FLAC file gives the number of samples."""
    return int.from_bytes(start[_TOTAL], "big") & _UNKNOWN[1] not in _UNKNOWN


def with_length(content: bytes) -> bytes | None:
    """Return a file with the number of its samples in its header.

    The number follows from the last whole frame, which says where in the stream it stands.
    What is behind that frame is left out.

    Args:
        content: A FLAC file whose header does not give the number.

    Returns:
        The mended file; None where there is no whole frame.
    """
    found = _last_frame(content)
    if found is None:
        return None
    total, end = found
    fields = int.from_bytes(content[_TOTAL], "big") >> _TOTAL_BITS << _TOTAL_BITS | total
    return content[: _TOTAL.start] + fields.to_bytes(8, "big") + content[_TOTAL.stop : end]


def _last_frame(content: bytes) -> tuple[int, int] | None:
    """Return the number of the sample behind the last whole frame, and where that frame ends."""
    ends = [len(content)]
    for start, behind in _frames_from_the_end(content):
        for end in ends:
            if end > start and _crc(content[start:end], 0x8005, 16) == 0:
                return behind, end
        ends.append(start)
        if len(ends) > _MOST_TRIED:
            break
    return None


def _frames_from_the_end(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield where frames begin, and the number of the sample behind each, the last frame first."""
    at = len(content)
    lowest = max(_STREAMINFO + 34, at - _TAIL)
    fixed = int.from_bytes(content[_STREAMINFO : _STREAMINFO + 2], "big")
    while (at := content.rfind(b"\xff", lowest, at)) >= 0:
        behind = _sample_behind(content[at : at + 16].ljust(16, b"\0"), fixed)
        if behind is not None:
            yield at, behind


def _sample_behind(head: bytes, fixed: int) -> int | None:
    """Read the header of a frame; return the number of the sample behind it, or None if it is no header."""
    if head[1] & 0xFE != 0xF8 or head[3] & 1:
        return None
    ones = _leading_ones(head[4])  # the number is coded as UTF-8 codes a character
    size = ones or 1
    number = head[4] & (0x7F >> ones)
    for byte in head[5 : 4 + size]:
        number = number << 6 | byte & 0x3F
    at = 4 + size
    code = head[2] >> 4
    extra = {6: 1, 7: 2}.get(code, 0)
    block = int.from_bytes(head[at : at + extra], "big") + 1 if extra else _BLOCK_SIZES.get(code, 0)
    at += extra + {12: 1, 13: 2, 14: 2}.get(head[2] & 0xF, 0)
    if not block or _crc(head[: at + 1], 0x07, 8):
        return None
    return (number if head[1] & 1 else number * fixed) + block


def _leading_ones(byte: int) -> int:
    return 8 - (byte ^ 0xFF).bit_length()


def _crc(data: bytes, polynomial: int, width: int) -> int:
    """Return the checksum of data; of data with their own checksum behind them it is 0."""
    table, top, value = _table(polynomial, width), width - 8, 0
    mask = (1 << top) - 1
    for byte in data:
        value = table[value >> top ^ byte] ^ (value & mask) << 8
    return value


@cache
def _table(polynomial: int, width: int) -> list[int]:
    table = []
    for byte in range(256):
        value = byte << (width - 8)
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> (width - 1) else 0)
            value &= (1 << width) - 1
        table.append(value)
    return table
