"""`labs new` and `labs remove`: a lab that works as it stands, and goes without a trace, in a copy of the course."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from labs_engine.build.project import find_project

PROJECT = find_project(Path(__file__))
NUMBER = f"{max(int(path.name[:2]) for path in PROJECT.solutions.glob('[0-9][0-9]_*.py')) + 1:02d}"
OWN = [
    f"labs_lib/labs/lab{NUMBER}.py",
    f"notebooks/{NUMBER}_loudness.ipynb",
    f"notebooks/{NUMBER}_loudness.py",
    f"solutions/{NUMBER}_loudness.ipynb",
    f"solutions/{NUMBER}_loudness.py",
    f"solutions/grading/lab{NUMBER}.py",
    f"tests/labs/test_lab{NUMBER}.py",
]
# Beside the lab's own tests and its notebook under nbval: all that look at every lab.
EVERY_LAB = [
    "tests/test_package.py::test_heavy_libraries_are_not_imported_early",
    "tests/test_package.py::test_imports_go_one_way",
    "tests/labs/test_all_labs.py",
    "tests/build/test_build.py",
    "tests/build/test_nbgrader.py",
    "tests/build/test_release.py",
    f"tests/labs/test_grading.py::test_every_draw_is_allowed_and_none_is_the_notebooks[{NUMBER}]",
]

# These look at every lab as well, but stand for themselves.
ELSEWHERE = {
    "tests/browser/test_lab.py": "opens lab 01",
    "tests/build/test_scaffold.py": "this file",
    "tests/cli/test_lab.py": "works on the tiny course",
    "tests/site/test_site.py": "pages of made-up runs",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course, all of it committed, whose own packages are those that run there."""
    root = tmp_path_factory.mktemp("course")
    no_part = shutil.ignore_patterns("__pycache__", ".*", "build", "dist")
    for entry in PROJECT.root.iterdir():
        if entry.name == ".gitignore" or not no_part(str(PROJECT.root), [entry.name]):
            # Within the packages a folder 'build' is a module.
            nested = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
            shutil.copytree(entry, root / entry.name, ignore=nested) if entry.is_dir() else shutil.copy(
                entry, root
            )
    _git(root, "init", "--quiet")
    _commit(root)
    return root


@pytest.fixture(scope="module")
def built(copy: Path) -> str:
    """The commit of the copy with a new lab that was built."""
    done = _labs(copy, "new", "loudness", "--title", "How loud is it?")
    assert done.returncode == 0, done.stderr
    assert f"Next: labs build {NUMBER}" in done.stdout
    build = _labs(copy, "build", NUMBER)
    assert build.returncode == 0, build.stderr + build.stdout
    return _commit(copy)


@pytest.fixture
def loudness(copy: Path, built: str) -> Iterator[Path]:
    """The copy with a new lab that was built and is not committed; afterwards the copy as it was."""
    _git(copy, "checkout", "--quiet", "--force", "--detach", built)
    _git(copy, "reset", "--quiet", _first(copy))
    yield copy
    _git(copy, "reset", "--quiet", "--hard", _first(copy))
    _git(copy, "clean", "--quiet", "-d", "--force")


def _call(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200"}
    return subprocess.run([sys.executable, *command], cwd=root, env=variables, capture_output=True, text=True)


def _labs(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _call(root, "-c", "from labs_engine.cli import main; main()", *arguments)


def _git(root: Path, *arguments: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _commit(root: Path) -> str:
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--message", "All of it")
    return _git(root, "rev-parse", "HEAD")


def _first(root: Path) -> str:
    return _git(root, "rev-list", "--max-parents=0", "HEAD")


def _contents(root: Path) -> dict[str, bytes]:
    """Return every file of the copy by its path; what Python compiles is no part of it."""
    paths = (
        path for path in root.rglob("*") if not {".git", "__pycache__"} & {*path.relative_to(root).parts}
    )
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def test_a_new_lab_works_as_it_stands(loudness: Path) -> None:
    assert _labs(loudness, "build", "--check").returncode == 0
    assert "How loud is it?" in _labs(loudness, "list").stdout
    student = nbformat.read(loudness / "notebooks" / f"{NUMBER}_loudness.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in student.cells)
    assert f"# Lab {NUMBER} · How loud is it?" in text
    assert "np.sqrt" not in text
    solved = nbformat.read(loudness / "solutions" / f"{NUMBER}_loudness.ipynb", as_version=4)
    shown = [output for cell in solved.cells for output in cell.get("outputs", ())]
    assert any("passed (2 of 2 points)" in str(output) for output in shown)
    assert not [output for output in shown if output.output_type == "error"]
    for tool in (
        ("ruff", "check"),
        ("ruff", "format", "--check"),
        ("mypy", OWN[0], "--follow-imports=silent"),
    ):
        checked = _call(loudness, "-m", *tool)
        assert checked.returncode == 0, checked.stdout
    again = _labs(loudness, "new", "loudness")
    assert again.returncode == 1
    assert f"there is a lab {NUMBER}_loudness already" in again.stderr


def test_every_test_that_sees_a_new_lab_passes(loudness: Path) -> None:
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly")
    own = (f"tests/labs/test_lab{NUMBER}.py", f"solutions/{NUMBER}_loudness.ipynb")
    passed = _call(loudness, "-m", "pytest", *options, *own, *EVERY_LAB)
    assert passed.returncode == 0, passed.stdout


def test_no_test_that_looks_at_every_lab_is_left_out() -> None:
    looking = {
        path.relative_to(PROJECT.root).as_posix()
        for path in (PROJECT.root / "tests").rglob("test_*.py")
        if "all_labs(" in path.read_text(encoding="utf-8")
    }
    assert looking - {node.partition("::")[0] for node in EVERY_LAB} - ELSEWHERE.keys() == set()


def test_the_solution_of_a_new_lab_is_graded_with_all_points(loudness: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(loudness / "solutions" / f"{NUMBER}_loudness.ipynb", tmp_path / "in" / "ada.ipynb")
    sandbox = ("--sandbox", "bwrap" if shutil.which("bwrap") else "none")
    out = tmp_path / "out"
    done = _labs(loudness, "grade", str(tmp_path / "in"), "--lab", NUMBER, "--out", str(out), *sandbox)
    assert done.returncode == 0, done.stdout + done.stderr
    with (out / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        (ada,) = csv.DictReader(file)
    assert (ada["status"], ada["total"], ada["1 levels (2)"]) == ("graded", "2", "2")


def test_a_removed_lab_leaves_no_trace(loudness: Path) -> None:
    asked = _labs(loudness, "remove", NUMBER)
    assert asked.returncode == 1
    assert "not committed" in asked.stderr
    _commit(loudness)
    before = _contents(loudness)
    unanswered = _labs(loudness, "remove", NUMBER)  # nobody says yes
    assert unanswered.returncode == 1
    assert all(path in unanswered.stdout for path in OWN)
    assert _contents(loudness) == before
    removed = _labs(loudness, "remove", NUMBER, "--yes")
    assert removed.returncode == 0, removed.stderr
    assert _git(loudness, "diff", "--name-only", _first(loudness)) == ""
    assert sorted(before.keys() - _contents(loudness).keys()) == OWN


def test_a_lab_that_was_never_committed_is_removed_by_force(loudness: Path) -> None:
    there = _contents(loudness)
    done = _labs(loudness, "remove", "loudness", "--yes", "--force")
    assert done.returncode == 0, done.stderr
    left = _contents(loudness)
    assert sorted(there.keys() - left.keys()) == OWN
    _git(loudness, "reset", "--quiet", "--hard", _first(loudness))
    assert left == _contents(loudness)


@pytest.mark.parametrize("line", ["As in labs 01 and {0}.", "see lab{0}", "notebooks/{0}_loudness.ipynb"])
def test_a_lab_that_other_files_name_stays(loudness: Path, line: str) -> None:
    (loudness / "docs" / "more.md").write_text("# More\n\n" + line.format(NUMBER), encoding="utf-8")
    _commit(loudness)
    before = _contents(loudness)
    for options in (["--yes"], ["--yes", "--force"]):
        done = _labs(loudness, "remove", NUMBER, *options)
        assert done.returncode == 1
        assert "other files name it: docs/more.md, line 3" in " ".join(done.stderr.split())
    assert _contents(loudness) == before


def test_a_lab_with_changes_that_are_not_committed_stays(loudness: Path) -> None:
    _commit(loudness)
    with (loudness / OWN[0]).open("a", encoding="utf-8") as file:
        file.write("# more\n")
    done = _labs(loudness, "remove", NUMBER, "--yes")
    assert done.returncode == 1
    assert f"not committed: {OWN[0]}." in " ".join(done.stderr.split())


def test_only_a_lab_can_be_removed(copy: Path) -> None:
    done = _labs(copy, "remove", "violin", "--yes")
    assert done.returncode == 1
    assert "unknown lab 'violin'" in done.stderr


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


@pytest.mark.parametrize("command", [("new", "loud"), ("remove", "01", "--yes")])
def test_another_copy_of_the_course_is_not_written_to(copy: Path, command: tuple[str, ...]) -> None:
    done = _call(
        PROJECT.root, "-c", "from labs_engine.cli import main; main()", "--project", str(copy), *command
    )
    assert done.returncode == 1
    assert "belongs to another copy of the course" in " ".join(done.stderr.split())
