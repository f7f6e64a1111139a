"""What comes out of a sandbox: messages of JSON and bytes, parsed as hostile input.

A message is a line of JSON with the lengths of the parts that follow it, then these parts. The sender runs beside a
submission, so the receiver trusts nothing: lengths are limited before anything is read, and a broken message ends the
stream.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_HEADER_LIMIT = 1_000_000  # bytes of JSON; the header holds texts and structure, never arrays


class BrokenStream(ValueError):
    """The data are not a message, or are larger than allowed."""


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        kind: What it reports: 'cell', 'output', 'answer', ...
        content: Texts, numbers, lists and dicts.
        parts: Bytes that belong to it.
    """

    kind: str
    content: dict[str, Any]
    parts: tuple[bytes, ...] = ()


def send(descriptor: int, kind: str, content: dict[str, Any], parts: Sequence[bytes] = ()) -> None:
    """Write a message to a file descriptor.

    Args:
        descriptor: The write end of a pipe.
        kind: What it reports.
        content: What can be written as JSON.
        parts: Bytes that belong to it.
    """
    header = {"kind": kind, "content": content, "parts": [len(part) for part in parts]}
    line = json.dumps(header, allow_nan=True).encode() + b"\n"
    for piece in (line, *parts):
        view = memoryview(piece)
        while view:
            view = view[os.write(descriptor, view) :]


class Reader:
    """Assembles messages from what arrives.

    Args:
        limit: Bytes that may arrive in all; more than that break the stream.
    """

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._buffer = bytearray()
        self._header: dict[str, Any] | None = None

    def feed(self, data: bytes, receive: Callable[[Message], None]) -> None:
        """Take what arrived and hand over every message that is complete.

        Raises:
            BrokenStream: It is no message, more than allowed, or `receive` cannot take it.
        """
        self._left -= len(data)
        if self._left < 0:
            raise BrokenStream("more came out of the run than is allowed")
        self._buffer += data
        while True:
            if self._header is None and not self._read_header():
                return
            message = self._read_parts()
            if message is None:
                return
            try:
                receive(message)
            except BrokenStream:
                raise
            except Exception as error:  # what was sent decides what happens there, too
                raise BrokenStream(f"a message that cannot be taken ({type(error).__name__})") from error

    def _read_header(self) -> bool:
        end = self._buffer.find(b"\n")
        if end < 0:
            if len(self._buffer) > _HEADER_LIMIT:
                raise BrokenStream("a message that does not end")
            return False
        try:
            header = json.loads(bytes(self._buffer[:end]))
        except (ValueError, RecursionError):
            raise BrokenStream("a message that cannot be read") from None
        del self._buffer[: end + 1]
        if not _is_header(header):
            raise BrokenStream("a message of another form")
        self._header = header
        return True

    def _read_parts(self) -> Message | None:
        header = self._header
        assert header is not None
        lengths = header["parts"]
        if sum(lengths) > self._left + len(self._buffer):
            raise BrokenStream("more came out of the run than is allowed")
        if len(self._buffer) < sum(lengths):
            return None
        parts, start = [], 0
        for length in lengths:
            parts.append(bytes(self._buffer[start : start + length]))
            start += length
        del self._buffer[:start]
        self._header = None
        return Message(header["kind"], header["content"], tuple(parts))


def _is_header(header: Any) -> bool:
    return (
        isinstance(header, dict)
        and header.keys() == {"kind", "content", "parts"}
        and isinstance(header["kind"], str)
        and isinstance(header["content"], dict)
        and isinstance(header["parts"], list)
        and all(type(length) is int and length >= 0 for length in header["parts"])
    )


def plain_text(text: Any) -> str:
    """Return a text that every encoding can write; what is no character becomes a replacement sign."""
    return str(text).encode("utf-8", errors="replace").decode("utf-8") if isinstance(text, str) else ""
