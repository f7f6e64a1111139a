"""Digests of files, remembered as long as the system's record of a file stays the same."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import xxhash

from labs_engine.base import storage
from labs_engine.base.parallel import in_threads


def file_digests(paths: Sequence[Path]) -> list[str]:
    """Return a digest of the content of each file.

    A digest is remembered with the file's size, times and inode, as version control does;
    a file that was written to since is read again. Where the cache folder cannot be written
    to, all files are read each time.

    Args:
        paths: The files.

    Raises:
        FileNotFoundError: One is not there.
    """
    records = [(os.fsencode(path.absolute()), _record(path)) for path in paths]
    with _memory() as memory:
        known = {} if memory is None else _look_up(memory, records)
        unknown = [record for record in records if record not in known]
        for record, digest in zip(unknown, in_threads(_digest, [name for name, _ in unknown]), strict=True):
            known[record] = digest
        if memory is not None:
            _remember(memory, [(*record, known[record]) for record in unknown])
    return [known[record] for record in records]


Record = tuple[
    bytes, str
]  # absolute path (bytes: it may be no UTF-8, which SQLite refuses), and what the system says of the file


def _record(path: Path) -> str:
    info = path.stat()
    return f"{info.st_size} {info.st_mtime_ns} {info.st_ctime_ns} {info.st_ino}"


def _digest(name: bytes) -> str:
    return xxhash.xxh3_128_hexdigest(Path(os.fsdecode(name)).read_bytes())


@contextmanager
def _memory() -> Iterator[sqlite3.Connection | None]:
    folder = storage.cache_folder() / "features"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(folder / "digests.sqlite", timeout=30)
        connection.execute("PRAGMA synchronous = OFF")  # a lost entry is computed again
        connection.execute(
            "CREATE TABLE IF NOT EXISTS digest (path TEXT PRIMARY KEY, record TEXT, value TEXT)"
        )
    except (OSError, sqlite3.Error):
        yield None
        return
    with closing(connection):
        yield connection


def _look_up(memory: sqlite3.Connection, records: Sequence[Record]) -> dict[Record, str]:
    found = {}
    for name, record in records:
        row = memory.execute("SELECT record, value FROM digest WHERE path = ?", (name,)).fetchone()
        if row and row[0] == record:
            found[name, record] = row[1]
    return found


def _remember(memory: sqlite3.Connection, rows: Sequence[tuple[bytes, str, str]]) -> None:
    try:
        with memory:
            memory.executemany("INSERT OR REPLACE INTO digest VALUES (?, ?, ?)", rows)
    except sqlite3.Error:
        pass  # read-only or full: the digests are computed again next time
