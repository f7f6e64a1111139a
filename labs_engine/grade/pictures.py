"""The figures of an executed notebook: PNG pictures, checked byte by byte and written anew.

A notebook that a submission was run in may hold anything under the name of a picture. What is let through has
the chunks that a picture needs and no others, right checksums, and pixels of exactly the size that it declares.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from labs_engine.grade.outputs import outputs_of

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel, by kind of colour
_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
_MOST_PIXELS = 12_000_000
_LARGEST = 3_000_000  # bytes of one picture
_LONGEST_ALT = 1000

# How the house style shows a figure: one image with its alt text, and nothing else.
_IMAGE = re.compile(
    r'\s*<img src="data:image/png;base64,([A-Za-z0-9+/=\s]+)" alt="([^"<>]*)"'
    r'(?: style="width:(\d{1,4})px[^"<>]*")?\s*/?>\s*'
)


class NotAPicture(ValueError):
    """Bytes that are not the picture they say they are."""


@dataclass(frozen=True)
class Picture:
    """A figure of a notebook.

    Attributes:
        png: The checked picture.
        alt: What it shows, in the words of the notebook.
        width: At which it is shown, in pixels.
        cell: Id of the cell that made it.
    """

    png: bytes
    alt: str
    width: int
    cell: str


def pictures_in(notebook: Path, most: int = 30) -> list[Picture]:
    """Return the figures of an executed notebook, in order; what is not a picture is left out.

    Args:
        notebook: The file; its outputs may hold anything.
        most: The largest number of pictures.
    """
    found: list[Picture] = []
    for cell, output in outputs_of(notebook):
        picture = _picture_of(output.get("data"), cell)
        if picture is not None:
            found.append(picture)
        if len(found) == most:
            break
    return found


def checked_png(data: bytes) -> bytes:
    """Return a picture, written anew from the parts that were checked.

    Args:
        data: What should be a PNG file.

    Raises:
        NotAPicture: It is not one, or too large.
    """
    if len(data) > _LARGEST or not data.startswith(_SIGNATURE):
        raise NotAPicture("no PNG file of a fair size")
    chunks = _chunks(data)
    kinds = [kind for kind, _ in chunks]
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or kinds.count(b"IHDR") != 1 or chunks[-1][1]:
        raise NotAPicture("no beginning or end")
    colour, rows = _expected_size(chunks[0][1])
    colours = _colours(chunks, colour)
    pixels = [body for kind, body in chunks if kind == b"IDAT"]
    _check_pixels(b"".join(pixels), *rows)
    parts = [chunks[0], *colours, *((b"IDAT", body) for body in pixels), (b"IEND", b"")]
    return _SIGNATURE + b"".join(_chunk(kind, body) for kind, body in parts)


def _picture_of(data: Any, cell: str) -> Picture | None:
    if not isinstance(data, dict):
        return None
    html, png, text = (_joined(data.get(kind)) for kind in ("text/html", "image/png", "text/plain"))
    match = _IMAGE.fullmatch(html) if len(html) < 2 * _LARGEST else None
    encoded, alt, width = match.groups() if match else (png, text, None)
    try:
        picture = checked_png(base64.b64decode("".join(encoded.split()), validate=True))
    except (NotAPicture, binascii.Error, ValueError):
        return None
    alt = unescape(alt).strip()[:_LONGEST_ALT]
    known = match is not None or not alt.startswith("<")
    natural = struct.unpack(">I", picture[16:20])[0]
    return Picture(
        picture, alt if alt and known else "A figure without a description", int(width or natural), cell
    )


def _joined(value: Any) -> str:
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return kind and content of the chunks that a picture needs; those that may be left out are."""
    chunks, place = [], len(_SIGNATURE)
    while place < len(data):
        if place + 12 > len(data):
            raise NotAPicture("cut off")
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack(">I", data[place + 8 + length : place + 12 + length].rjust(4, b"\0"))
        if len(body) != length or zlib.crc32(kind + body) != checksum:
            raise NotAPicture("a broken chunk")
        if kind in _CHUNKS:
            chunks.append((kind, body))
        elif not kind[0] & 32:  # capital letter: whoever does not know it cannot show the picture
            raise NotAPicture("an unknown chunk")
        place += 12 + length
        if kind == b"IEND":
            break  # what follows is no part of the picture
    return chunks


def _expected_size(header: bytes) -> tuple[int, tuple[int, int]]:
    """Return the kind of colour, and the number of rows and bytes of a row with its filter's number."""
    if len(header) != 13:
        raise NotAPicture("a broken header")
    width, height, depth, colour, packing, filtering, interlace = struct.unpack(">IIBBBBB", header)
    if colour not in _DEPTHS or depth not in _DEPTHS[colour] or packing or filtering or interlace:
        raise NotAPicture("a picture of another kind")
    if not 0 < width * height <= _MOST_PIXELS:
        raise NotAPicture("no pixels, or too many")
    return colour, (height, 1 + (width * depth * _SAMPLES[colour] + 7) // 8)


def _colours(chunks: list[tuple[bytes, bytes]], colour: int) -> list[tuple[bytes, bytes]]:
    """Return the chunks of palette and transparency that a picture of this kind of colour may have."""
    palette = [chunk for chunk in chunks if chunk[0] == b"PLTE"]
    if len(palette) > 1 or any(len(body) % 3 or not 3 <= len(body) <= 768 for _, body in palette):
        raise NotAPicture("a broken palette")
    if colour == 3 and not palette:
        raise NotAPicture("no palette")
    see_through = [chunk for chunk in chunks if chunk[0] == b"tRNS"]
    if len(see_through) > 1 or any(len(body) > 256 for _, body in see_through):
        raise NotAPicture("broken transparency")
    return (palette if colour in (2, 3, 6) else []) + (see_through if colour in (0, 2, 3) else [])


def _check_pixels(packed: bytes, rows: int, row_bytes: int) -> None:
    size = rows * row_bytes
    unpacker = zlib.decompressobj()
    try:
        pixels = unpacker.decompress(packed, size + 1)
    except zlib.error:
        raise NotAPicture("pixels that cannot be unpacked") from None
    if len(pixels) != size or not unpacker.eof or unpacker.unused_data:
        raise NotAPicture("more or fewer pixels than declared")
    if max(pixels[::row_bytes]) > 4:
        raise NotAPicture("a row with an unknown filter")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
