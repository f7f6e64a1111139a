"""Rows of numbers on disk: written one file's worth at a time, read back as a mapped array.

A folder holds `x.npy`, which NumPy maps into memory, and `about.json`. While it is written
it has another name and a journal: one line for each item that is complete, with the digest
of everything up to there. A process that was killed at any moment left whole lines, perhaps
half of one more, and perhaps data beyond the last line; the next one verifies what the lines
vouch for, cuts off the rest and goes on.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import xxhash

_DATA, _ABOUT, _JOURNAL = "x.npy", "about.json", "journal"
_BLOCK = 1 << 22  # bytes read at once when a digest is verified


class DamagedRows(ValueError):
    """Rows on disk are not what was written."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows that were computed from items, such as files.

    Attributes:
        x: The rows, shape (n, ...), float32, read-only, mapped from disk.
        item: The item that each row was made from, shape (n,).
        number: The number of each row within its item, shape (n,).
        failed: Why an item gave no rows, by item.
    """

    x: np.ndarray
    item: np.ndarray
    number: np.ndarray
    failed: Mapping[int, str]


class RowsWriter:
    """Appends rows to a folder; goes on where an interrupted writer stopped.

    Args:
        folder: Where to write; may hold the work of an interrupted writer.
        row_shape: Shape of a row.
    """

    def __init__(self, folder: Path, row_shape: Sequence[int]) -> None:
        self._folder = folder
        self._row_shape = tuple(row_shape)
        self._digest = xxhash.xxh3_128()
        self._numbers: list[list[int]] = []  # of the rows of each item
        self._failed: dict[int, str] = {}
        self._header = len(_header(0, self._row_shape))
        self._data = self._open_data()
        self._journal = self._resume()

    @property
    def done(self) -> int:
        """How many items are complete."""
        return len(self._numbers)

    def append(self, rows: np.ndarray, numbers: np.ndarray) -> None:
        """Add the rows of the next item."""
        if rows.shape[1:] != self._row_shape or len(rows) != len(numbers):
            raise ValueError(f"expected rows of shape {self._row_shape}, not {rows.shape}")
        data = np.ascontiguousarray(rows, dtype=np.float32).tobytes()
        _write_all(self._data, data)
        self._digest.update(data)
        self._note([int(number) for number in numbers], None)

    def fail(self, reason: str) -> None:
        """Note that the next item gives no rows, and why."""
        self._note([], reason)

    def finish(self) -> None:
        """Complete the folder."""
        count = sum(map(len, self._numbers))
        self._data.seek(0)
        _write_all(self._data, _header(count, self._row_shape))
        self.close()
        about = {
            "row_shape": self._row_shape,
            "numbers": self._numbers,
            "failed": self._failed,
            "digest": self._digest.hexdigest(),
            "stamp": _stamp(self._folder / _DATA),
        }
        (self._folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
        (self._folder / _JOURNAL).unlink()

    def close(self) -> None:
        """Close the files; what is complete stays for the next writer."""
        self._data.close()
        self._journal.close()

    def _note(self, numbers: list[int], reason: str | None) -> None:
        if reason is not None:
            self._failed[self.done] = reason
        self._numbers.append(numbers)
        line = {"numbers": numbers, "failed": reason, "digest": self._digest.hexdigest()}
        _write_all(self._journal, json.dumps(line).encode() + b"\n")

    def _open_data(self) -> BinaryIO:
        path = self._folder / _DATA
        if not path.is_file():
            path.write_bytes(_header(0, self._row_shape))
        return path.open("r+b", buffering=0)

    def _resume(self) -> BinaryIO:
        path = self._folder / _JOURNAL
        row_bytes = 4 * int(np.prod(self._row_shape))
        good = end = 0
        self._data.seek(self._header)
        for line in path.read_bytes().splitlines(keepends=True) if path.is_file() else ():
            try:
                entry = json.loads(line)
                data = self._data.read(row_bytes * len(entry["numbers"]))
                digest = self._digest.copy()
                digest.update(data)
                if digest.hexdigest() != entry["digest"]:
                    break
            except (ValueError, KeyError, TypeError):
                break
            self._digest = digest
            if entry["failed"] is not None:
                self._failed[self.done] = entry["failed"]
            self._numbers.append(entry["numbers"])
            good += len(line)
            end += len(data)
        self._data.truncate(self._header + end)
        self._data.seek(self._header + end)
        journal = path.open("ab", buffering=0)
        journal.truncate(good)
        return journal


def read_rows(folder: Path) -> Rows:
    """Map finished rows into memory.

    Whether the data are what was written is verified in full unless the system's record of
    the file (size, times, inode) is the one of the moment when it was finished.

    Args:
        folder: What a `RowsWriter` has finished.

    Raises:
        DamagedRows: They are not what was written.
    """
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        numbers: list[list[int]] = about["numbers"]
        count = sum(map(len, numbers))
        data = folder / _DATA
        if about["stamp"] != _stamp(data):
            _verify(data, _header(count, about["row_shape"]), about["digest"])
        x = np.load(data, mmap_mode="r") if count else np.load(data)
        failed = {int(item): reason for item, reason in about["failed"].items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedRows(f"{folder}: {error}") from None
    return Rows(
        x=x,
        item=np.repeat(np.arange(len(numbers)), [len(of_item) for of_item in numbers]),
        number=np.array([number for of_item in numbers for number in of_item], dtype=np.int32),
        failed=failed,
    )


def _write_all(file: BinaryIO, data: bytes) -> None:
    # Without a buffer (a kill would lose it), one call may write less: on a disk that fills up, for example.
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _verify(path: Path, header: bytes, digest: str) -> None:
    with path.open("rb") as file:
        if file.read(len(header)) != header or _digest_of(file, len(header)).hexdigest() != digest:
            raise DamagedRows("the data differ from what was written")


def _digest_of(file: BinaryIO, start: int) -> Any:
    digest = xxhash.xxh3_128()
    file.seek(start)
    for block in _blocks(file):
        digest.update(block)
    return digest


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _header(count: int, row_shape: Sequence[int]) -> bytes:
    # NumPy pads the header so that it keeps its length when the first axis grows.
    buffer = io.BytesIO()
    what = {"descr": "<f4", "fortran_order": False, "shape": (count, *row_shape)}
    np.lib.format.write_array_header_1_0(buffer, what)
    return buffer.getvalue()


def _stamp(path: Path) -> list[int]:
    info = path.stat()
    return [info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino]
