"""A lab's notebook, graded in the sandbox as a submission."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from labs_engine.declare.course import find_lab
from labs_engine.grade.grader import Settings, Submission, grade_one

ROOT = Path(__file__).parent.parent.parent
needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


def instructor_of(number: str) -> Path:
    """Return the instructor's file of a lab."""
    return ROOT / "solutions" / "grading" / f"lab{number}.py"


def graded(
    number: str, submission: Path, folder: Path, given: dict[str, Any] | None = None
) -> tuple[dict[str, Any], nbformat.NotebookNode]:
    """Grade a notebook once, and return the result and the notebook as it ran; no cell of it may fail.

    Args:
        number: Of the lab.
        submission: The notebook.
        folder: Where results go.
        given: The parameters of the run; None for what the instructor's file draws.
    """
    spec = find_lab(number)
    instructor = instructor_of(number)
    if given is not None:
        folder.mkdir(parents=True)
        drawn = f"\n\ndef sample_parameters(rng):\n    return { ({'source': 'standin'} | given)!r}\n"
        instructor = folder / "instructor.py"
        instructor.write_text(instructor_of(number).read_text(encoding="utf-8") + drawn, encoding="utf-8")
    release = ROOT / "notebooks" / f"{spec.name}.ipynb"
    settings = Settings(spec.name, release, instructor, "a secret of this test", runs=1)
    result = grade_one(settings, Submission("somebody", submission), folder / "run")
    (run,) = result["runs"]
    assert run["ended"] == ""
    notebook = nbformat.from_dict(json.loads((folder / "run" / run["notebook"]).read_text(encoding="utf-8")))
    failed = {
        cell.id: output["evalue"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "error"
    }
    assert failed == {}
    return result, notebook


def checked_twice(number: str, folder: Path) -> Path:
    """Write the worked solution with checks that run a second time, as they do for a student who tries again."""
    name = f"{find_lab(number).name}.ipynb"
    notebook = nbformat.read(ROOT / "solutions" / name, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("lab.check("):
            cell.source += "\n" + cell.source
    nbformat.write(notebook, folder / name)
    return folder / name
