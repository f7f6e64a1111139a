"""`labs new`: a lab that works as it stands, in a copy of the course."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from labs_engine.build.project import find_project

PROJECT = find_project(Path(__file__))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course, whose own labs_lib is the one that runs there."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("labs_lib", "solutions", "notebooks"):
        shutil.copytree(
            PROJECT.root / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", ".*")
        )
    shutil.copy(PROJECT.root / "pyproject.toml", root)
    (root / "tests" / "exercises").mkdir(parents=True)
    for name in ("harness.py", "notebook_tests.py"):
        shutil.copy(PROJECT.root / "tests" / "exercises" / name, root / "tests" / "exercises")
    return root


def _call(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200"}
    return subprocess.run([sys.executable, *command], cwd=root, env=variables, capture_output=True, text=True)


def _labs(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _call(root, "-c", "from labs_engine.cli import main; main()", *arguments)


def test_a_new_lab_works_as_it_stands(copy: Path) -> None:
    done = _labs(copy, "new", "loudness", "--title", "How loud is it?")
    assert done.returncode == 0, done.stderr
    number = f"{len(list(PROJECT.solutions.glob('[0-9]*.py'))) + 1:02d}"
    assert f"Next: labs build {number}" in done.stdout
    built = _labs(copy, "build", number)
    assert built.returncode == 0, built.stderr + built.stdout
    assert _labs(copy, "build", "--check", number).returncode == 0
    student = nbformat.read(copy / "notebooks" / f"{number}_loudness.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in student.cells)
    assert f"# Lab {number} · How loud is it?" in text
    assert "np.sqrt" not in text
    solved = nbformat.read(copy / "solutions" / f"{number}_loudness.ipynb", as_version=4)
    shown = [output for cell in solved.cells for output in cell.get("outputs", ())]
    assert any("passed (1 of 1 point)" in str(output) for output in shown)
    assert not [output for output in shown if output.output_type == "error"]
    # The mistakes, the typed-in number, the graded run, the released notebook: what holds for every lab.
    test = f"tests/labs/test_lab{number}.py"
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=")
    passed = _call(copy, "-m", "pytest", *options, "-k", "not twice_the_same", test)
    assert passed.returncode == 0, passed.stdout
    written = [
        test,
        f"labs_lib/labs/lab{number}.py",
        f"solutions/grading/lab{number}.py",
    ]
    ruff = _call(copy, "-m", "ruff", "check", *written)
    assert ruff.returncode == 0, ruff.stdout
    layout = _call(copy, "-m", "ruff", "format", "--check", *written)
    assert layout.returncode == 0, layout.stdout
    types = _call(copy, "-m", "mypy", "--follow-imports=silent", f"labs_lib/labs/lab{number}.py")
    assert types.returncode == 0, types.stdout
    again = _labs(copy, "new", "loudness")
    assert again.returncode == 1
    assert f"there is a lab {number}_loudness already" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Speech Commands"], "expected small letters, digits and _"),
        (["../evil"], "expected small letters, digits and _"),
        (["loud", "--number", "8"], "expected two digits"),
        (["loud", "--number", "01"], "there is a lab 01_synthetic_regression already"),
        (["music_genres"], "there is a lab 06_music_genres already"),
        (["loud", "--title", 'a "title"'], "expected one line without quotation marks"),
    ],
)
def test_what_cannot_be_is_refused(copy: Path, arguments: list[str], message: str) -> None:
    before = sorted(copy.rglob("*.py"))
    done = _labs(copy, "new", *arguments)
    assert done.returncode == 1
    assert message in " ".join(done.stderr.split())
    assert sorted(copy.rglob("*.py")) == before


def test_another_copy_of_the_course_is_not_written_to(copy: Path) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("labs")), "--project", str(copy), "new", "loud"],
        capture_output=True,
        text=True,
        cwd=PROJECT.root,
    )
    assert done.returncode == 1
    assert "belongs to another copy of the course" in " ".join(done.stderr.split())
