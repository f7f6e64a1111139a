"""Verifying a lab's source against its declaration: every exercise is asked, marked and checked, in order."""

from __future__ import annotations

import ast

from nbformat import NotebookNode

from labs_engine.build.roles import answered_question, checked_exercise
from labs_engine.build.stubs import BEGIN, SourceError
from labs_engine.declare.framework import LabSpec


def verify(notebook: NotebookNode, lab: LabSpec) -> None:
    """Verify a notebook against the declaration of its lab.

    Args:
        notebook: The solution notebook.
        lab: The lab's declaration.

    Raises:
        SourceError: An exercise or a question is missing, too many or in another place, a cell is not Python, or a
            solution and its check do not belong together.
    """
    _verify_names(notebook, lab)
    _verify_syntax(notebook, lab)
    _verify_solutions(notebook, lab)


def _verify_names(notebook: NotebookNode, lab: LabSpec) -> None:
    checked = [name for name in map(checked_exercise, notebook.cells) if name]
    declared = [exercise.name for exercise in lab.exercises]
    if checked != declared:
        raise SourceError(f"{lab.name}: the source checks {checked}, the lab declares {declared}")
    answered = [name for name in map(answered_question, notebook.cells) if name]
    questions = [question.name for question in lab.questions]
    if answered != questions:
        raise SourceError(f"{lab.name}: the source answers {answered}, the lab declares {questions}")


def _verify_syntax(notebook: NotebookNode, lab: LabSpec) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            try:
                ast.parse(cell.source)
            except SyntaxError as error:
                raise SourceError(f"{lab.name}: {error} in the cell\n{cell.source}") from None


def _verify_solutions(notebook: NotebookNode, lab: LabSpec) -> None:
    """Verify that each check follows a solution with the number of its TODO, and that no solution is left."""
    waiting: list[NotebookNode] = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and BEGIN in cell.source:
            waiting.append(cell)
        name = checked_exercise(cell)
        if name:
            todo = f"# TODO {lab.todo(name)}"
            if not any(todo in asked.source for asked in waiting):
                raise SourceError(f"{lab.name}: no cell with a solution and the comment {todo!r} ({name})")
            waiting = []
    if waiting:
        raise SourceError(f"{lab.name}: a solution that no check follows:\n{waiting[0].source}")
