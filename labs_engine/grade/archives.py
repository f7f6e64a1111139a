"""Unpacking an untrusted archive: nothing is written outside its folder, nothing grows without bound."""

from __future__ import annotations

import hashlib
import lzma
import re
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from labs_engine.base.storage import StorageError, explained

_MOST_FILES = 20_000
_LARGEST_FILE = 200_000_000  # bytes
_LARGEST_ALL = 4_000_000_000
_RATIO = 200  # of unpacked to packed bytes; text shrinks to a tenth, a bomb to a thousandth
_BLOCK = 1 << 20
_LONGEST_NAME = 250  # bytes of a name on a disk
_DEEPEST = 20  # folders within one another
# What reading a damaged archive may raise.
_DAMAGED = (
    *(zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError),
    *(zlib.error, lzma.LZMAError, struct.error, IndexError, OverflowError),
)


class ArchiveError(ValueError):
    """An archive that is not unpacked; the message says why."""


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip file into a folder.

    Sizes are counted while reading, because the archive may lie about them. A student may have chosen a name that is
    too long for a disk, or that differs from another only in how accents are encoded: such names are changed, so that
    they do not hold up the rest of the class.

    Args:
        archive: The file; it may hold anything.
        folder: Where its files go. It is emptied first.

    Raises:
        ArchiveError: It is no zip file, damaged, encrypted, too large, or holds a path or link that leads outside.
        StorageError: No space, or no right to write there.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    try:
        with explained(folder), zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            if len(entries) > _MOST_FILES:
                raise ArchiveError(f"{archive.name} holds {len(entries):,} files, more than {_MOST_FILES:,}")
            total = 0
            names: dict[Path, str] = {}
            for entry in entries:
                target = folder.joinpath(*_inside(entry))
                if names.setdefault(target, entry.filename) != entry.filename:
                    target = target.with_stem(f"{target.stem}~{_digest(entry.filename)}")
                target.parent.mkdir(parents=True, exist_ok=True)
                total += _unpack_one(opened, entry, target, _LARGEST_ALL - total)
    except StorageError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except ArchiveError as error:
        shutil.rmtree(folder)
        raise ArchiveError(f"{archive.name} is not unpacked: {error}") from None
    except _DAMAGED as error:
        shutil.rmtree(folder)
        raise ArchiveError(f"{archive.name} cannot be unpacked: {error}. Export it again.") from None


def read_one(archive: Path, choose: Callable[[list[str]], str], largest: int) -> bytes:
    """Return one file of a zip that a student made; the same rules hold as for a whole export.

    Args:
        archive: The file; it may hold anything.
        choose: Gets the paths in it and returns one.
        largest: The most bytes that the file may have.

    Raises:
        ArchiveError: It is no zip file, damaged, encrypted, too large, or holds a path or link that leads outside.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist()[: _MOST_FILES + 1] if not entry.is_dir()]
            if len(entries) > _MOST_FILES:
                raise ArchiveError(f"it holds more than {_MOST_FILES:,} files")
            files = {"/".join(_inside(entry)): entry for entry in entries}
            return b"".join(_blocks(opened, files[choose(list(files))], largest))
    except ArchiveError:
        raise
    except _DAMAGED as error:
        raise ArchiveError(f"it cannot be unpacked: {str(error)[:200]}") from None


def _inside(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return an entry's path in parts, if it stays inside."""
    name = unicodedata.normalize("NFC", entry.filename.replace("\\", "/"))
    path = PurePosixPath(name)
    parts = tuple(part for part in path.parts if part != ".")
    if (
        path.is_absolute()
        or ".." in parts
        or not parts
        or re.fullmatch("[A-Za-z]:", parts[0])
        or "\0" in name
    ):
        raise ArchiveError(f"it holds a path that leads outside: {entry.filename[:100]!r}")
    if any(len(part.encode(errors="replace")) > 5 * _LONGEST_NAME for part in parts) or len(parts) > 500:
        raise ArchiveError(f"it holds a path that is too long: {entry.filename[:100]!r}")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise ArchiveError(f"it holds a link or a device: {entry.filename[:100]!r}")
    if entry.flag_bits & 1:
        raise ArchiveError(f"it is encrypted: {entry.filename[:100]!r}")
    if len(parts) > _DEEPEST:
        parts = (parts[0], _digest("/".join(parts)), parts[-1])
    return tuple(map(_shortened, parts))


def _shortened(name: str) -> str:
    """Return a name that fits on a disk: its beginning, which the platform wrote, and its end."""
    data = name.encode(errors="replace")
    if len(data) <= _LONGEST_NAME:
        return name
    start, end = data[:200].decode(errors="ignore"), data[-30:].decode(errors="ignore")
    return f"{start}~{_digest(name)}~{end}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]


def _unpack_one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    if target.exists():
        raise ArchiveError(f"it holds the same path twice: {entry.filename[:100]!r}")
    size = 0
    with target.open("xb") as file:
        for block in _blocks(archive, entry, left):
            size += file.write(block)
    return size


def _blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> Iterator[bytes]:
    most = min(_LARGEST_FILE, left, _BLOCK + _RATIO * entry.compress_size)
    size = 0
    with archive.open(entry) as source:
        while block := source.read(_BLOCK):
            size += len(block)
            if size > most:
                raise ArchiveError(
                    f"{entry.filename[:100]!r} grows to more than {most / 1e6:.0f} MB, which no notebook does"
                )
            yield block
