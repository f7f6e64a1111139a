"""Executed notebooks without executing: a lab's solution with outputs and the record of a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat.v4 import new_output

from labs_engine.build.project import find_project
from labs_engine.declare.course import find_lab
from labs_engine.run.provenance import mark, teaching_digest
from labs_engine.session.cards import MIME
from labs_lib.audio.player import Player

PROJECT = find_project(Path(__file__))
# One transparent pixel.
PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
FIGURE = f'<img src="{PIXEL}" alt="A curve that falls." style="width:700px">'


def sound(caption: str = "a tone") -> str:
    """Return a player as a notebook stores it."""
    return Player(np.sin(np.arange(400) / 5), 8000, caption)._repr_html_()


def html(text: str) -> Any:
    """Return an output of HTML."""
    return new_output("display_data", {"text/html": text, "text/plain": "as text"})


def make_run(
    folder: Path,
    number: str = "01",
    *,
    digest: str | None = None,
    outputs: dict[int, list[Any]] | None = None,
    **record: Any,
) -> Path:
    """Write an executed notebook as `labs run` leaves it.

    Args:
        folder: Folder of the runs.
        number: The lab's number.
        digest: Mark of the code that it was executed with; the present one without.
        outputs: Outputs by index of the code cell.
        **record: What differs in the record of the run.
    """
    lab = find_lab(number)
    notebook = nbformat.read(PROJECT.notebook(lab, "solution"), as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for index, several in (outputs or {}).items():
        cells[index].outputs = several
    found = {
        "lab": lab.name,
        "parameters": {"seed": 0, "profile": "quick", "song": None},
        "data_source": "synthetic",
        "data_sources": [],
        "exercises": {exercise.name: "passed" for exercise in lab.exercises},
        "scores": [{"name": "loss", "value": 0.5, "spread": None, "data_source": "synthetic"}],
    }
    cells[-1].outputs = [new_output("execute_result", {MIME: found | record, "text/html": "<div>done</div>"})]
    mark(notebook, teaching_digest() if digest is None else digest)
    path = folder / f"{lab.name}.ipynb"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path
