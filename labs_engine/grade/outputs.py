"""Reading the outputs of an executed notebook, which may contain anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_LARGEST = 200_000_000  # bytes of a notebook
_LONGEST = 300  # signs of an error


def outputs_of(notebook: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the cell's id and the content of each output, in order; none if the file is not a notebook.

    Args:
        notebook: The file.
    """
    try:
        if notebook.stat().st_size > _LARGEST:
            return []
        cells = json.loads(notebook.read_bytes())["cells"]
        outputs = [(str(cell.get("id", "")), output) for cell in cells for output in cell.get("outputs", [])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
    return [(cell, output) for cell, output in outputs if isinstance(output, dict)]


def errors_in(notebook: Path) -> dict[str, str]:
    """Return the first error of each cell that had one, by the cell's id, in one line.

    Args:
        notebook: The file.
    """
    errors: dict[str, str] = {}
    for cell, output in outputs_of(notebook):
        if output.get("output_type") == "error":
            name, value = str(output.get("ename", ""))[:_LONGEST], str(output.get("evalue", ""))[:_LONGEST]
            errors.setdefault(cell, " ".join(f"{name}: {value}".split())[:_LONGEST])
    return errors
