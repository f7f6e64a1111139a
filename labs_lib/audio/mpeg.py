"""The length of an MP3 file whose header does not give it.

An MP3 file is a row of frames. Where the number of frames is not given by a first frame of its own
(named Xing or Info after its marker), libmpg123 guesses it from the size of the file and the first
frame. With a variable bit rate, or with a picture in a tag, the guess is far off.
"""

from __future__ import annotations

from typing import NamedTuple

# kbit/s by the index in the header, of layer III in MPEG 1, and in MPEG 2 and 2.5.
_BIT_RATES = (
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
)
_RATES = (44_100, 48_000, 32_000)  # in MPEG 1; half of it in MPEG 2, a quarter in MPEG 2.5
_SAME = 0xFFFE0C00  # what all frames of a file share: version, layer and rate
_FARTHEST = 1 << 16  # bytes of anything else in front of the first frame, behind its tags


class Counted(NamedTuple):
    """What an MP3 file holds.

    Attributes:
        frames: Number of whole frames of sound.
        announced: The number that the header gives; None without a header.
        content: The file with a right header, where its own would have less read than there is; else None.
    """

    frames: int
    announced: int | None
    content: bytes | None


def count_frames(content: bytes) -> Counted | None:
    """Count the frames of an MP3 file, and give it a header where that is missing or wrong.

    Args:
        content: The file.

    Returns:
        What was found; None if it is no MP3 file.
    """
    start = _first_frame(content, _behind_tags(content))
    if start is None:
        return None
    frames, broken = _walk(content, start)
    announced = _announced(frames[0])
    if announced is not None:
        del frames[0]
    count = len(frames)
    # Some programs count the header as well. A file that lacks more than that was cut off, and is left as it is.
    right = announced is not None and announced >= count and (announced != count + 1 or broken)
    mended = None if right or not frames else b"".join([_header(frames[0], count), *frames])
    return Counted(count, announced, mended)


def _behind_tags(content: bytes) -> int:
    at = 0
    while content.startswith(b"ID3", at) and len(content) >= at + 10:
        size = 0
        for byte in content[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        at += 10 + size
    return at


def _first_frame(content: bytes, at: int) -> int | None:
    """Return where the first frame begins that another one follows."""
    end = min(len(content), at + _FARTHEST)
    while (at := content.find(b"\xff", at, end)) >= 0:
        length = _length(content, at)
        if length and _length(content, at + length):
            return at
        at += 1
    return None


def _walk(content: bytes, at: int) -> tuple[list[bytes], bool]:
    """Return the whole frames, and whether the file ends within one; what lies between frames is passed over."""
    kind = int.from_bytes(content[at : at + 4], "big") & _SAME
    frames: list[bytes] = []
    while at < len(content):
        length = _length(content, at)
        if not length or int.from_bytes(content[at : at + 4], "big") & _SAME != kind:
            following = _first_frame(content, at + 1)
            if following is None:
                return frames, False
            at = following
        elif at + length > len(content):
            return frames, True
        else:
            frames.append(content[at : at + length])
            at += length
    return frames, False


def _length(content: bytes, at: int) -> int:
    """Return the bytes of the frame of layer III that begins here, or 0."""
    head = content[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, bit_rate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or bit_rate in (0, 15) or rate == 3:
        return 0
    first = version == 3  # MPEG 1
    per_second = _RATES[rate] // (1 if first else 2 if version == 2 else 4)
    return (144 if first else 72) * 1000 * _BIT_RATES[first][bit_rate] // per_second + (head[2] >> 1 & 1)


def _marker(frame: bytes) -> int:
    """Return where in a frame the marker of a header stands: behind what an ordinary frame says of its sound."""
    first, mono = frame[1] >> 3 & 3 == 3, frame[3] >> 6 == 3
    return 4 + ((17 if mono else 32) if first else (9 if mono else 17))


def _announced(frame: bytes) -> int | None:
    """Return the number of frames that a first frame gives, 0 if it leaves it open, or None if it is sound."""
    at = _marker(frame)
    if frame[at : at + 4] not in (b"Xing", b"Info"):
        return None
    given = frame[at + 7 : at + 8] and frame[at + 7] & 1
    return int.from_bytes(frame[at + 8 : at + 12], "big") if given else 0


def _header(like: bytes, frames: int) -> bytes:
    """Return a first frame that gives the number of frames."""
    head = bytes([like[0], like[1] | 1, 9 << 4 | like[2] & 0x0C, like[3]])
    body = bytes(_marker(head) - 4) + b"Info" + (1).to_bytes(4, "big") + frames.to_bytes(4, "big")
    return (head + body).ljust(_length(head, 0), b"\0")
