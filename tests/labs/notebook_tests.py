"""What holds for the notebook of every lab, executed as students and instructors meet it.

A lab's test module turns its number and parameters into tests with `make_notebook_tests`. They stand beside the
tests of the lab's exercises and share the worked solution that those execute. The solution notebooks are executed
by nbval as well, which compares their stored outputs.
"""

from __future__ import annotations

import builtins
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat
import pytest
from harness import solve

from labs_engine.base import storage
from labs_engine.build.derive import checked_exercise
from labs_engine.build.project import find_project
from labs_engine.declare.course import find_lab
from labs_engine.declare.framework import LabSpec
from labs_engine.declare.parameters import resolve
from labs_engine.run.execute import RunPlan, execute
from labs_engine.run.results import RunResult
from labs_engine.session.lab import Lab

PROJECT = find_project(Path(__file__))


def make_notebook_tests(number: str, given: dict[str, Any], *, scores_within: float = 0.0) -> type:
    """Return the test class of a lab's notebook.

    Args:
        number: The lab's number.
        given: Small parameters, one of the sets on which the exercises are tested.
        scores_within: How far a score may move with the number of threads, which add in another order.
    """
    lab = find_lab(number)

    class TestNotebook:
        def test_as_released_every_cell_runs_and_every_todo_says_that_it_is_open(
            self, tmp_path: Path
        ) -> None:
            result, notebook = _run(lab, given, PROJECT.notebook(lab, "student"), tmp_path)
            assert (result.status, result.error) == ("ok", "")
            assert result.points == 0
            assert set(result.exercises.values()) <= {"unattempted", "waiting"}
            checks = {
                checked_exercise(cell): _text(cell) for cell in notebook.cells if checked_exercise(cell)
            }
            assert list(checks) == [exercise.name for exercise in lab.exercises]
            for text in checks.values():
                assert "not attempted yet" in text
            red = [o.text for c in notebook.cells for o in c.get("outputs", []) if o.get("name") == "stderr"]
            assert red == []

        def test_with_the_solutions_pasted_in_it_scores_full_marks_twice_the_same(
            self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
        ) -> None:
            first = solve(number, tuple(sorted(given.items())), "all").scores
            # What was synthesised for it is there to be read; networks that it kept are not, so all are trained again.
            monkeypatch.setenv("LABS_CACHE_READ", str(storage.cache_folder()))
            monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))
            result, notebook = _run(lab, given, _with_solutions(lab, None), tmp_path, threads=2)
            assert (result.status, result.error) == ("ok", "")
            assert result.points == result.points_possible > 0
            assert set(result.exercises.values()) == {"passed"}
            assert [score.name for score in result.scores] == [score["name"] for score in first] != []
            for again, score in zip(result.scores, first, strict=True):
                assert asdict(again) == {
                    **score,
                    "value": pytest.approx(score["value"], rel=0, abs=scores_within),
                }
            images = [
                o.data["text/html"]
                for c in notebook.cells
                for o in c.get("outputs", [])
                if "<img" in _html(o)
            ]
            assert images
            assert all('alt="' in image and 'alt=""' not in image for image in images)
            assert not any(
                "image/png" in o.get("data", {}) for c in notebook.cells for o in c.get("outputs", [])
            )

        @pytest.mark.parametrize("stage", ["first half", "second half", "every other"])
        def test_at_any_stage_of_completion_every_cell_runs(self, stage: str, capsys: Any) -> None:
            names = [exercise.name for exercise in lab.exercises]
            half = len(names) // 2
            solved = {"first half": names[:half], "second half": names[half:], "every other": names[::2]}[
                stage
            ]
            parameters = resolve(lab.parameters, given)
            session = Lab(lab, parameters)
            namespace = {"__builtins__": builtins, "__name__": "__main__", "lab": session, **parameters}
            for cell in _with_solutions(lab, solved).cells[4:]:  # without the generated head
                if cell.cell_type != "code":
                    continue
                exercise = _exercise_of(cell)
                waits = exercise in solved and set(lab.exercise(exercise).needs) - set(solved)
                try:
                    exec(compile(cell.source, cell.id, "exec"), namespace)
                except Exception:
                    # A solution may use what a TODO before it was to give; nothing else may ever fail.
                    if not waits:
                        raise
                    return
            capsys.readouterr()
            assert session.finish().record is not None

    TestNotebook.__qualname__ = f"TestNotebook{number}"
    return TestNotebook


def _run(
    lab: LabSpec,
    given: dict[str, Any],
    notebook: nbformat.NotebookNode | Path,
    folder: Path,
    threads: int = 1,
) -> tuple[RunResult, nbformat.NotebookNode]:
    source = notebook
    if not isinstance(notebook, Path):
        source = folder / "source.ipynb"
        nbformat.write(notebook, source)
    output = folder / "out" / f"{lab.name}.ipynb"
    plan = RunPlan(lab.name, "student", source, output, given, resolve(lab.parameters, given), threads)
    return execute(plan), nbformat.read(output, as_version=4)


def _with_solutions(lab: LabSpec, solved: list[str] | None) -> nbformat.NotebookNode:
    """Return the students' notebook with the solutions of some TODOs pasted in, or of all."""
    student, solution = (
        nbformat.read(PROJECT.notebook(lab, version), as_version=4) for version in ("student", "solution")
    )
    right = {cell.id: cell.source for cell in solution.cells}
    for cell in student.cells:
        exercise = _exercise_of(cell)
        if exercise and (solved is None or exercise in solved):
            cell.source = right[cell.id]
    return student


def _exercise_of(cell: nbformat.NotebookNode) -> str:
    """Return the exercise that a cell is the TODO of, or ''; several cells of one are numbered."""
    if not cell.id.startswith("todo-"):
        return ""
    name = cell.id.removeprefix("todo-")
    return name.rsplit("-", 1)[0] if name[-1:].isdigit() else name


def _text(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", []))


def _html(output: nbformat.NotebookNode) -> str:
    return output.get("data", {}).get("text/html", "")
