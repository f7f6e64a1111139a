"""Runs a command as a user without rights, who can read the course and its interpreter wherever they lie.

`python ordinary.py USER FOLDER... -- COMMAND`, in a mount namespace of its own: folders below one that others may not
enter, such as /root, are mounted anew in an empty one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path


def closed_above(folder: Path) -> Path | None:
    """Return the uppermost folder on the way to one that others may not enter."""
    way = [*reversed(folder.parents), folder]
    return next((place for place in way if not place.stat().st_mode & 0o001), None)


def open_to_others(folders: list[Path]) -> None:
    """Let others reach folders; only this mount namespace sees it."""
    shut: dict[Path, set[Path]] = {}
    for folder in folders:
        if (above := closed_above(folder)) is not None:
            shut.setdefault(above, set()).add(folder)
    for above, inside in shut.items():
        # Those that lie in another one come with it.
        outer = sorted(
            f for f in inside if not any(f != other and f.is_relative_to(other) for other in inside)
        )
        held = [tempfile.mkdtemp() for _ in outer]
        for folder, place in zip(outer, held, strict=True):
            subprocess.run(["mount", "--bind", folder, place], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", above], check=True)
        for folder, place in zip(outer, held, strict=True):
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "--move", place, folder], check=True)
            Path(place).rmdir()


def main() -> None:
    """Become the user, and run the command."""
    user = int(sys.argv[1])
    end = sys.argv.index("--")
    open_to_others([Path(folder) for folder in sys.argv[2:end]])
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    os.execvp(sys.argv[end + 1], sys.argv[end + 1 :])


if __name__ == "__main__":
    main()
