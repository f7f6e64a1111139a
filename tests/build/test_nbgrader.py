"""nbgrader, where it is installed (`pip install labs-lib[nbgrader]`), accepts the notebooks and grades them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from labs_engine.build.project import find_project
from labs_engine.declare.course import all_labs, find_lab

pytest.importorskip("nbgrader", reason="the extra 'nbgrader' is not installed")

PROJECT = find_project(Path(__file__))


def _nbgrader(course: Path, *arguments: str) -> str:
    # nbgrader calls another command of its environment by name.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path},
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def _documented_settings() -> str:
    """Return the settings that docs/grading.md gives to those who use nbgrader."""
    text = (PROJECT.root / "docs" / "grading.md").read_text(encoding="utf-8")
    (settings,) = re.findall(r"```python\n(# nbgrader_config\.py\n.*?)```", text, flags=re.DOTALL)
    return settings


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "nbgrader_config.py").write_text(_documented_settings(), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("version", ["solution", "student"])
def test_generate_assignment_accepts_every_lab(course: Path, version: str) -> None:
    for lab in all_labs():
        folder = course / "source" / lab.name
        folder.mkdir(parents=True)
        shutil.copy(PROJECT.notebook(lab, version), folder)
        _nbgrader(course, "generate_assignment", lab.name)
        released = nbformat.read(course / "release" / lab.name / f"{lab.name}.ipynb", as_version=4)
        text = "\n".join(cell.source for cell in released.cells)
        assert "BEGIN SOLUTION" not in text
        assert sum(cell.metadata.get("nbgrader", {}).get("solution", False) for cell in released.cells)


def test_right_answers_get_their_points_and_open_ones_none_and_both_get_feedback(course: Path) -> None:
    lab = find_lab("01")
    folder = course / "source" / lab.name
    folder.mkdir(parents=True)
    shutil.copy(PROJECT.notebook(lab, "solution"), folder)
    _nbgrader(course, "generate_assignment", lab.name)
    for student, version in (("right", "solution"), ("empty", "student")):
        handed_in = course / "submitted" / student / lab.name
        handed_in.mkdir(parents=True)
        shutil.copy(PROJECT.notebook(lab, version), handed_in)
    _nbgrader(course, "autograde", lab.name)
    _nbgrader(course, "export", "--to", "grades.csv")
    rows = [line.split(",") for line in (course / "grades.csv").read_text(encoding="utf-8").splitlines()]
    score, student = rows[0].index("score"), rows[0].index("student_id")
    scores = {row[student]: float(row[score]) for row in rows[1:]}
    assert scores == {"right": sum(e.points for e in lab.exercises), "empty": 0.0}
    _nbgrader(course, "generate_feedback", lab.name)
    pages = {
        student: (course / "feedback" / student / lab.name / f"{lab.name}.html").read_text(encoding="utf-8")
        for student in ("right", "empty")
    }
    possible = sum(e.points for e in lab.exercises) + sum(q.points for q in lab.questions)
    assert f"(Score: {scores['right']} / {possible}.0)" in pages["right"]
    assert f"(Score: 0.0 / {possible}.0)" in pages["empty"]
    assert "not attempted yet" in pages["empty"]
    assert "BEGIN SOLUTION" not in pages["empty"]
