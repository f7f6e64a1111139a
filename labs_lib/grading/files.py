"""Writing reports: whole or not at all, and only where something has changed."""

from __future__ import annotations

import os
from pathlib import Path

from labs_lib.storage import explained, remove


def write_whole(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Write a file that one process alone writes; unlike `storage.new_file` it leaves no lock beside it.

    Args:
        path: The file. One that holds these bytes already is left as it is.
        data: What it is to hold.
        durable: Whether to wait until it is on the disk: for what cannot be made again.

    Raises:
        StorageError: No space, or no right to write there.
    """
    with explained(path):
        if path.is_file() and path.read_bytes() == data:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.parent / f".{path.name}.part"
        try:
            with part.open("wb") as file:
                file.write(data)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(path)
        finally:
            remove(part)
