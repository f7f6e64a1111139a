"""Reading the notebook that a student handed in: plain cells, whatever the file holds."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from labs_engine.grade.archives import ArchiveError, read_one

# How a notebook's name ends: browsers and mail programs add to it.
NOTEBOOK = re.compile(r"\.ipynb(?:\.json|\.txt)?$", re.IGNORECASE)
ZIP = re.compile(r"\.zip$", re.IGNORECASE)

_LARGEST = 100_000_000  # bytes of a submission that is looked at


class UnreadableSubmission(ValueError):
    """A submission that is no notebook; the message says why."""


def read_submission(path: Path, lab: str = "") -> list[dict[str, Any]]:
    """Return the cells of a notebook that a student handed in.

    It may be in UTF-8 or UTF-16, with a mark at its beginning or without, of nbformat 3 or 4, and in a zip.

    Args:
        path: The file; it may hold anything.
        lab: The lab's name; it tells which notebook of several in a zip counts.

    Returns:
        Its cells, each with `cell_type`, `source` (a text), `id` and `metadata`.

    Raises:
        UnreadableSubmission: It is no notebook, empty, or too large.
    """
    try:
        size = path.stat().st_size
        if size == 0:
            raise UnreadableSubmission("the file is empty")
        if size > _LARGEST:
            raise UnreadableSubmission(
                f"the file has {size / 1e6:.0f} MB, more than {_LARGEST / 1e6:.0f}: were outputs left in it?"
            )
        data = path.read_bytes()
        if data.startswith(b"PK"):
            data = read_one(path, lambda names: _notebook_of(names, lab), _LARGEST)
        notebook = _parsed(data)
    except UnreadableSubmission:
        raise
    except OSError as error:
        raise UnreadableSubmission(f"the file cannot be read: {error}") from None
    except ArchiveError as error:
        raise UnreadableSubmission(f"the file is an archive and not a notebook, and {error}") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableSubmission(f"the file is not a notebook: {str(error)[:200]}") from None
    cells = _cells(notebook)
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise UnreadableSubmission("the file is not a notebook: it has no list of cells")
    return [_plain(cell) for cell in cells]


def rank(name: str, lab: str) -> tuple[bool, bool, int]:
    """Return where a notebook's name stands among several of one student; the highest counts.

    That is the one named as the lab; platforms and browsers add -1, (2), ... to what is handed in again.

    Args:
        name: The file's name.
        lab: The lab's name.
    """
    stem = NOTEBOOK.sub("", name).casefold()
    again = re.fullmatch(re.escape(lab.casefold()) + r"(?:[-_ ]?\(?(\d{1,3})\)?)?", stem)
    of_lab = again is not None or stem.startswith(lab.casefold())
    return of_lab, again is not None, int(again[1] or 0) if again else 0


def _notebook_of(names: Sequence[str], lab: str) -> str:
    """Return which file of an archive is the submission."""
    notebooks = [
        name
        for name in names
        if NOTEBOOK.search(name)
        and not any(part.startswith(".") or part == "__MACOSX" for part in PurePosixPath(name).parts)
    ]
    if not notebooks:
        raise UnreadableSubmission("the file is an archive without a notebook in it")
    ranks = {name: rank(PurePosixPath(name).name, lab) for name in notebooks}
    best = [name for name in notebooks if ranks[name] == max(ranks.values())]
    if len(best) > 1:
        raise UnreadableSubmission(
            f"the file is an archive with several notebooks, {', '.join(sorted(best)[:5])}: hand in the lab's alone"
        )
    return best[0]


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)  # knows UTF-8, UTF-16 and UTF-32 by how they begin
    except UnicodeDecodeError:
        return json.loads(data.decode("cp1252", errors="replace"))  # what old editors on Windows write


def _cells(notebook: Any) -> Any:
    """Return the cells of a notebook as nbformat 4 has them, None where there are none."""
    if not isinstance(notebook, dict) or not isinstance(notebook.get("worksheets"), list):
        return notebook.get("cells") if isinstance(notebook, dict) else None
    sheets = [sheet.get("cells") for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
    return [
        _upgraded(cell) if isinstance(cell, dict) else None
        for cells in sheets
        if isinstance(cells, list)
        for cell in cells
    ]


def _upgraded(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a cell of nbformat 3 as nbformat 4 has it: code is its `source`, headings and HTML are Markdown."""
    kind = cell.get("cell_type")
    if kind == "code":
        return {**cell, "source": cell.get("input", "")}
    return cell if kind == "raw" else {**cell, "cell_type": "markdown"}


def _plain(cell: dict[str, Any]) -> dict[str, Any]:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    metadata = cell.get("metadata")
    return {
        "cell_type": str(cell.get("cell_type", "")),
        "source": source if isinstance(source, str) else "",
        "id": str(cell.get("id", "")),
        "metadata": metadata if isinstance(metadata, dict) else {},
    }
