"""What the course knows of each data set, read from `registry.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Archive:
    """A file to download.

    Attributes:
        file: Its name.
        urls: Where it is had, in the order in which they are tried.
        hash: 'sha256:' or 'md5:' and the digest.
        checked: Whether somebody has downloaded it and found this hash.
        size: Its size in bytes, where that is known.
    """

    file: str
    urls: Sequence[str]
    hash: str
    checked: bool
    size: int | None = None


@dataclass(frozen=True)
class DataSet:
    """A data set of recordings.

    Attributes:
        name: Its short name, as in `labs data get NAME`.
        title: Its full name.
        labs: The labs that use it.
        content: What it holds.
        licence: Its licence.
        citation: Where it is described.
        folders: Folders under which common copies of it come, the first as `labs data get` names it;
            may be patterns.
        holds: Patterns of file names of which a right folder matches at least one.
        example: A file in its place, for messages.
        known_faults: Files that are broken in every common copy.
        archive: What to download, or None.
        manual: How to get it where there is no archive.
    """

    name: str
    title: str
    labs: str
    content: str
    licence: str
    citation: str
    folders: Sequence[str]
    holds: Sequence[str]
    example: str
    known_faults: Sequence[str] = ()
    archive: Archive | None = None
    manual: str = ""

    def is_in(self, folder: Path) -> bool:
        """Tell whether a folder is the data set."""
        patterns = map(_with_any_ending, self.holds)
        return any(not path.name.startswith("._") for pattern in patterns for path in folder.glob(pattern))


def _with_any_ending(pattern: str) -> str:
    """Let a pattern match '.WAV' where it says '.wav', on every system."""
    stem, _, ending = pattern.rpartition(".")
    return f"{stem}." + "".join(f"[{letter}{letter.upper()}]" for letter in ending)


@cache
def data_sets() -> Mapping[str, DataSet]:
    """Return all data sets by name."""
    text = Path(__file__).with_name("registry.toml").read_text(encoding="utf-8")
    found = {}
    for name, entry in tomllib.loads(text).items():
        archive = entry.pop("archive", None)
        found[name] = DataSet(name=name, archive=Archive(**archive) if archive else None, **entry)
    return found
