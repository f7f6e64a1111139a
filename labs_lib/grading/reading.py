"""Reading the notebook that a student handed in: plain cells, whatever the file holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

# How a notebook's name ends: browsers and mail programs add to it.
NOTEBOOK = re.compile(r"\.ipynb(?:\.json|\.txt)?$", re.IGNORECASE)
ZIP = re.compile(r"\.zip$", re.IGNORECASE)

_LARGEST = 100_000_000  # bytes of a submission that is looked at


class UnreadableSubmission(ValueError):
    """A submission that is no notebook; the message says why."""


def read_submission(path: Path) -> list[dict[str, Any]]:
    """Return the cells of a notebook that a student handed in.

    Args:
        path: The file; it may hold anything.

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
        notebook = json.loads(path.read_bytes())
    except OSError as error:
        raise UnreadableSubmission(f"the file cannot be read: {error}") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableSubmission(f"the file is not a notebook: {str(error)[:200]}") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise UnreadableSubmission("the file is not a notebook: it has no list of cells")
    return [_plain(cell) for cell in cells]


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
