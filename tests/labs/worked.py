"""The worked solution and the untouched release of a lab, graded."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import nbformat

from labs_engine.declare.course import all_labs, find_lab
from labs_engine.grade.grader import Settings, Submission, grade_one
from labs_engine.grade.sampling import sample_parameters
from labs_engine.grade.scoring import grading_module

ROOT = Path(__file__).parent.parent.parent
NUMBERS = tuple(lab.number for lab in all_labs())
# What is to be drawn for those whose data or networks are large, so that other tests have made the data already.
LARGE: dict[str, dict[str, Any]] = {"04": {}, "06": {"tracks_per_genre": 4}, "07": {}}


def instructor_of(number: str) -> Path:
    """Return the instructor's file of a lab."""
    return ROOT / "solutions" / "grading" / f"lab{number}.py"


def check_grading(number: str, folder: Path, *, untouched: bool = True, **cheap: Any) -> None:
    """Assert that the worked solution has all points, and the untouched release none, without a cell that fails.

    Each check of the worked solution runs twice.

    Args:
        number: Of the lab.
        folder: An empty folder.
        untouched: Whether the untouched release is graded as well.
        **cheap: What must be drawn: the first student who draws it hands in.
    """
    spec = find_lab(number)
    release = ROOT / "notebooks" / f"{spec.name}.ipynb"
    settings = Settings(spec.name, release, instructor_of(number), "a secret of this test", runs=1)
    module = grading_module(settings.instructor)
    for student in map(str, itertools.count()):
        drawn = sample_parameters(spec, module, settings.secret, student, 0)
        if cheap.items() <= drawn.items():
            break
    twice = _with_checks_again(ROOT / "solutions" / release.name, folder / "twice.ipynb")
    worked = grade_one(settings, Submission(student, twice), folder / "worked")
    lost = {name: e for name, e in worked["exercises"].items() if e["status"] != "passed"}
    assert lost == {}
    assert worked["points"] == worked["points_possible"] > 0
    assert worked["remarks"] == []
    _assert_ran(worked, drawn, folder / "worked")
    if untouched:
        bare = grade_one(settings, Submission(student, release), folder / "untouched")
        assert bare["points"] == 0
        assert {e["status"] for e in bare["exercises"].values()} == {"unattempted"}
        _assert_ran(bare, drawn, folder / "untouched")


def _assert_ran(result: dict[str, Any], drawn: dict[str, Any], folder: Path) -> None:
    (run,) = result["runs"]
    assert run["ended"] == ""
    assert run["parameters"] == drawn
    assert _failed_cells(folder / run["notebook"]) == {}


def _with_checks_again(source: Path, target: Path) -> Path:
    """Write a notebook whose checks run a second time, as they do for a student who tries again."""
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("lab.check("):
            cell.source += "\n" + cell.source
    nbformat.write(notebook, target)
    return target


def _failed_cells(path: Path) -> dict[str, str]:
    cells = json.loads(path.read_text())["cells"]
    return {
        cell["id"]: output["evalue"]
        for cell in cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "error"
    }
