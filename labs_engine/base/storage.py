"""Files and folders that are complete or absent: caches, atomic writes, locks.

A writer fills a temporary file or folder beside the final one and moves it there in one step. The temporary one has a
fixed name and is guarded by a lock, which the system releases when a process dies. So the next process removes what a
killed one left behind, and two processes never write to the same place.
"""

from __future__ import annotations

import errno
import hashlib
import inspect
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import filelock
import pooch

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_NOT_WRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR}


class StorageError(OSError):
    """A folder cannot be written to; the message says why and what to do."""


def cache_folder() -> Path:
    """Return where downloads, stand-ins and features are kept: $LABS_CACHE, or the user's cache folder."""
    return Path(os.environ.get("LABS_CACHE") or pooch.os_cache("labs"))


def places(*parts: str) -> list[Path]:
    """Return where a part of the cache may be: in $LABS_CACHE_READ, if it is set, then in the user's own cache.

    $LABS_CACHE_READ names a second cache, which is read and never written to: graded runs share one.

    Args:
        *parts: The path within the cache.
    """
    shared = os.environ.get("LABS_CACHE_READ")
    return [folder.joinpath(*parts) for folder in (*([Path(shared)] if shared else []), cache_folder())]


def code_digest(modules: Sequence[ModuleType]) -> str:
    """Return a short digest of the source of modules, for the keys of what they produce."""
    code = "\0".join(inspect.getsource(module) for module in modules)
    return hashlib.sha256(code.encode()).hexdigest()[:12]


def tree_digest(*folders: Path, suffixes: Sequence[str] = (".py",)) -> str:
    """Return a digest of the names and contents of all files of some kinds below folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in suffixes):
            name = path.relative_to(folder.parent).as_posix()
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@contextmanager
def new_folder(folder: Path, *, resume: bool = False) -> Iterator[Path | None]:
    """Fill a folder that appears under its name complete, or not at all.

    Args:
        folder: The final place.
        resume: Whether to keep a partial folder when the work is interrupted, and to continue with it.

    Yields:
        A folder to fill, empty unless work is resumed; or None where another process has finished `folder` meanwhile.

    Raises:
        StorageError: No space, or no right to write there.
    """
    with locked(folder), explained(folder):
        if folder.is_dir():
            yield None
            return
        part = _part(folder)
        if not resume:
            remove(part)
        part.mkdir(exist_ok=True)
        try:
            yield part
            part.replace(folder)
        finally:
            if not resume:
                remove(part)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Write a file that appears under its name complete, or not at all; an old one is replaced.

    Args:
        path: The final place.

    Yields:
        The path to write to.

    Raises:
        StorageError: No space, or no right to write there.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "numbers.txt"
        ...     with new_file(path) as part:
        ...         _ = part.write_text("1 2 3")
        ...         print("there while it is written:", path.exists())
        ...     print("there at the end:", path.exists())
        there while it is written: False
        there at the end: True
    """
    with locked(path), explained(path):
        part = _part(path)
        remove(part)
        try:
            yield part
            with part.open("rb+") as written:
                os.fsync(written.fileno())
            part.replace(path)
        finally:
            remove(part)


def write_whole(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Write in one step a file that only one process writes; unlike `new_file`, leave no lock beside it.

    Args:
        path: The file. One that holds these bytes already is left as it is.
        data: What it is to hold.
        durable: Whether to wait until it is on the disk, for data that cannot be recreated.

    Raises:
        StorageError: No space, or no right to write there.
    """
    with explained(path):
        if path.is_file() and path.read_bytes() == data:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = _part(path)
        try:
            with part.open("wb") as file:
                file.write(data)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(path)
        finally:
            remove(part)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a path; another process that wants it waits until this one has released it or died.

    Args:
        path: A file or folder, which need not exist.

    Raises:
        StorageError: No space, or no right to write there.
    """
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(path.parent / f".{path.name}.lock")
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            print(f"waiting for another process that writes {path.name} ...", flush=True)
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn a full disk or a missing right into an error that says what to do."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        if error.errno not in _NO_SPACE | _NOT_WRITABLE:
            raise
        home = next((parent for parent in (path, *path.parents) if parent.is_dir()), Path.cwd())
        if error.errno in _NO_SPACE:
            free = shutil.disk_usage(home).free / 1e6
            reason = f"no space is left ({free:,.0f} MB free)"
            remedy = "free some"
        else:
            reason = f"it cannot be written to ({error.strerror})"
            remedy = "make it writable"
        raise StorageError(
            error.errno, f"{home}: {reason}; {remedy}, or set LABS_CACHE to another folder"
        ) from error


def _part(path: Path) -> Path:
    return path.parent / f".{path.name}.part"


def discard(folder: Path) -> None:
    """Remove a folder of the cache in one step, so that no process ever sees a part of it.

    Raises:
        StorageError: No right to write there.
    """
    with locked(folder), explained(folder):
        part = _part(folder)
        remove(part)
        if folder.is_dir():
            folder.replace(part)
        remove(part)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
