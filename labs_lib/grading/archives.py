"""Unpacking an archive that others filled: nothing lands outside, nothing grows without bound."""

from __future__ import annotations

import shutil
import stat
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath

_MOST_FILES = 20_000
_LARGEST_FILE = 200_000_000  # bytes
_LARGEST_ALL = 4_000_000_000
_RATIO = 200  # of unpacked to packed bytes; text shrinks to a tenth, a bomb to a thousandth
_BLOCK = 1 << 20


class ArchiveError(ValueError):
    """An archive that is not unpacked; the message says why."""


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a zip file into a folder.

    Sizes are counted while reading, because what the archive says of them may be a lie.

    Args:
        archive: The file; it may hold anything.
        folder: Where its files go. It is emptied before.

    Raises:
        ArchiveError: It is no zip file, damaged, encrypted, too large, or holds a path or link that leads outside.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            if len(entries) > _MOST_FILES:
                raise ArchiveError(f"{archive.name} holds {len(entries):,} files, more than {_MOST_FILES:,}")
            total = 0
            for entry in entries:
                target = folder.joinpath(*_inside(entry))
                target.parent.mkdir(parents=True, exist_ok=True)
                total += _unpack_one(opened, entry, target, _LARGEST_ALL - total)
    except ArchiveError as error:
        shutil.rmtree(folder)
        raise ArchiveError(f"{archive.name} is not unpacked: {error}") from None
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        shutil.rmtree(folder)
        raise ArchiveError(f"{archive.name} cannot be unpacked: {error}. Export it again.") from None


def _inside(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return an entry's path in parts, if it stays inside."""
    name = unicodedata.normalize("NFC", entry.filename.replace("\\", "/"))
    path = PurePosixPath(name)
    parts = tuple(part for part in path.parts if part != ".")
    if path.is_absolute() or ".." in parts or not parts or parts[0].endswith(":") or "\0" in name:
        raise ArchiveError(f"it holds a path that leads outside: {entry.filename[:100]!r}")
    if any(len(part.encode()) > 250 for part in parts) or len(parts) > 20:
        raise ArchiveError(f"it holds a path that is too long: {entry.filename[:100]!r}")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise ArchiveError(f"it holds a link or a device: {entry.filename[:100]!r}")
    if entry.flag_bits & 1:
        raise ArchiveError(f"it is encrypted: {entry.filename[:100]!r}")
    return parts


def _unpack_one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    if target.exists():
        raise ArchiveError(f"it holds the same path twice: {entry.filename[:100]!r}")
    most = min(_LARGEST_FILE, left, _BLOCK + _RATIO * entry.compress_size)
    size = 0
    with archive.open(entry) as source, target.open("xb") as file:
        while block := source.read(_BLOCK):
            size += len(block)
            if size > most:
                raise ArchiveError(
                    f"{entry.filename[:100]!r} grows to more than {most / 1e6:.0f} MB, which no notebook does"
                )
            file.write(block)
    return size
