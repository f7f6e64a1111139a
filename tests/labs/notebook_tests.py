"""What holds for the notebook of every lab, executed as students and instructors meet it.

A lab's test module turns its number and parameters into tests with `make_notebook_tests`. They stand beside the
tests of the lab's exercises and share the worked solution that those execute. The solution notebooks are executed
by nbval as well, which compares their stored outputs.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from graded_run import checked_twice, graded, needs_bubblewrap
from harness import solve

from labs_engine.build.derive import checked_exercise
from labs_engine.build.project import find_project
from labs_engine.declare.course import find_lab
from labs_engine.declare.framework import LabSpec
from labs_engine.declare.parameters import resolve
from labs_engine.run.execute import RunPlan, execute
from labs_engine.run.results import RunResult, record_of
from labs_engine.session.lab import Lab

PROJECT = find_project(Path(__file__))
STAGES = ("first half", "second half", "every other")


def other_ways(number: str) -> Path:
    """Return the file of answers to a lab that are right and written in other ways."""
    return Path(__file__).parent / "other_ways" / f"lab{number}.py"


def make_notebook_tests(
    number: str, given: dict[str, Any], *, scores_within: float = 0.0, stages: Sequence[str] = STAGES
) -> type:
    """Return the test class of a lab's notebook.

    Args:
        number: The lab's number.
        given: Small parameters, one of the sets on which the exercises are tested.
        scores_within: How far a score may move with the number of threads, which add in another order.
        stages: At which stages of completion it is run.
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

        @needs_bubblewrap
        def test_graded_its_solution_has_all_points_and_the_scores_of_another_run(
            self, tmp_path: Path
        ) -> None:
            first = solve(number, tuple(sorted(given.items())), "all").scores
            result, notebook = graded(number, checked_twice(number, tmp_path), tmp_path / "graded", given)
            lost = {name: e for name, e in result["exercises"].items() if e["status"] != "passed"}
            assert lost == {}
            assert result["points"] == result["points_possible"] > 0
            assert result["remarks"] == []
            again = record_of(notebook)["scores"]
            assert [score["name"] for score in again] == [score["name"] for score in first] != []
            for score, before in zip(again, first, strict=True):
                near = pytest.approx(before["value"], rel=0, abs=scores_within)
                assert score == {**before, "value": near}
            shown = [_html(output) for cell in notebook.cells for output in cell.get("outputs", [])]
            images = [html for html in shown if "<img" in html]
            assert images
            assert all('alt="' in image and 'alt=""' not in image for image in images)

        @pytest.mark.skipif(not other_ways(number).is_file(), reason="no answers in other ways")
        def test_answers_in_other_ways_pass_and_no_given_cell_fails(self, capsys: Any) -> None:
            cells = re.split(r"(?m)^# %% (\w+)\n", other_ways(number).read_text(encoding="utf-8"))
            answers = dict(zip(cells[1::2], cells[2::2], strict=True))
            assert list(answers) == [exercise.name for exercise in lab.exercises]
            student = nbformat.read(PROJECT.notebook(lab, "student"), as_version=4)
            for cell in student.cells:
                if exercise := _exercise_of(cell):
                    cell.source = _without_stubs(cell.source) + answers[exercise]
            session = _run_here(lab, given, student)
            capsys.readouterr()
            exercises = session.finish().record["exercises"]
            assert {name: status for name, status in exercises.items() if status != "passed"} == {}

        def test_a_student_has_the_cells_of_the_solution(self) -> None:
            pasted = _with_solutions(lab, None).cells
            solution = nbformat.read(PROJECT.notebook(lab, "solution"), as_version=4).cells
            right = {cell.id: cell.source for cell in solution if cell.cell_type == "code"}
            assert {cell.id: cell.source for cell in pasted if cell.cell_type == "code"} == right

        @pytest.mark.parametrize("stage", stages)
        def test_at_any_stage_of_completion_every_cell_runs(self, stage: str, capsys: Any) -> None:
            names = [exercise.name for exercise in lab.exercises]
            half = len(names) // 2
            solved = {"first half": names[:half], "second half": names[half:], "every other": names[::2]}[
                stage
            ]
            session = _run_here(lab, given, _with_solutions(lab, solved))
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


def _run_here(lab: LabSpec, given: dict[str, Any], notebook: nbformat.NotebookNode) -> Lab:
    """Run a notebook's cells in this process, as an open lab does, and return the lab."""
    parameters = resolve(lab.parameters, given)
    session = Lab(lab, parameters)
    namespace = {"__builtins__": builtins, "__name__": "__main__", "lab": session, **parameters}
    waiting = session.waiting(namespace)
    for cell in notebook.cells[4:]:  # without the generated head
        if cell.cell_type == "code":
            tree = ast.fix_missing_locations(waiting.visit(ast.parse(cell.source)))
            exec(compile(tree, cell.id, "exec"), namespace)
    return session


def _without_stubs(source: str) -> str:
    """Return what a TODO's cell gives beside the places to fill in."""
    stub = ("def ", "    ", ")")
    kept = [
        line for line in source.splitlines() if "your code here" not in line and not line.startswith(stub)
    ]
    return "\n".join(kept) + "\n"


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
    return "".join(output.get("data", {}).get("text/html", ""))  # a text, or its lines
