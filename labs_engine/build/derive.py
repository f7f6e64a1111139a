"""Deriving the solution and the student notebook from a lab's source, cell by cell."""

from __future__ import annotations

import ast
import copy
import hashlib
import re

import jupytext
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from labs_engine.build.head import HEAD_TAG, head_cells, is_head
from labs_engine.build.project import Published
from labs_engine.build.stubs import BEGIN, YOUR_ANSWER, SourceError, names_read, stub, without_solutions
from labs_engine.declare.framework import LabSpec

ANSWER_TAG = "answer-"
COMPARE_TAG = "nbval-check-output"
FORMATS = "ipynb,py:percent"  # each notebook and its script are a pair, for jupytext
_NBGRADER = {"schema_version": 3, "task": False}

_METADATA = {
    "jupytext": {
        "cell_metadata_filter": "tags,-all",
        "formats": FORMATS,
        # The version would make the files differ between two machines for no reason.
        "notebook_metadata_filter": "-jupytext.text_representation.jupytext_version",
    },
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
}


def read_source(text: str, lab: LabSpec, published: Published) -> NotebookNode:
    """Parse a lab's source into its solution notebook, without outputs.

    The generated head is replaced, each check cell is marked for comparison, ids and
    nbgrader's metadata are set.

    Args:
        text: The source, py:percent.
        lab: The lab's declaration.
        published: Where the course is published.

    Returns:
        The solution notebook.

    Raises:
        SourceError: The source and the declaration disagree.
    """
    body = [cell for cell in jupytext.reads(text, fmt="py:percent").cells if not is_head(cell)]
    for cell in body:
        cell.metadata = NotebookNode({"tags": list(cell.metadata.get("tags", []))})
        if checked_exercise(cell) and COMPARE_TAG not in cell.metadata["tags"]:
            cell.metadata["tags"].append(COMPARE_TAG)
    notebook = new_notebook(
        cells=head_cells(lab, published) + body,
        metadata=copy.deepcopy(_METADATA),
        nbformat_minor=5,
    )
    _verify(notebook, lab)
    _identify(notebook, lab)
    return notebook


def student_version(solution: NotebookNode) -> NotebookNode:
    """Return the notebook that a student gets: the same cells without solutions or outputs."""
    student = copy.deepcopy(solution)
    used = set().union(
        *(names_read(without_solutions(cell.source)) for cell in solution.cells if cell.cell_type == "code")
    )
    for cell in student.cells:
        cell.metadata["tags"] = [tag for tag in cell.metadata.get("tags", []) if tag != COMPARE_TAG]
        if answered_question(cell):
            cell.source = YOUR_ANSWER
        elif cell.cell_type == "code":
            cell.source = stub(cell.source, used)
            cell.outputs = []
            cell.execution_count = None
        if not cell.metadata["tags"]:
            del cell.metadata["tags"]
    student.metadata.pop("labs", None)
    return student


def to_percent(notebook: NotebookNode) -> str:
    """Return a notebook as py:percent text, the pair of its .ipynb."""
    paired = copy.deepcopy(notebook)
    paired.metadata.pop("labs", None)
    return jupytext.writes(paired, fmt="py:percent")


def checked_exercise(cell: NotebookNode) -> str | None:
    """Return the exercise that a cell checks, or None."""
    if cell.cell_type != "code":
        return None
    match = re.search(r"^lab\.check\(\s*[\"'](\w+)[\"']", cell.source, flags=re.MULTILINE)
    return match.group(1) if match else None


def answered_question(cell: NotebookNode) -> str | None:
    """Return the short-answer question that a cell answers, or None."""
    tags = [tag for tag in cell.metadata.get("tags", []) if tag.startswith(ANSWER_TAG)]
    return tags[0].removeprefix(ANSWER_TAG) if tags else None


def code_digest(notebook: NotebookNode) -> str:
    """Return a digest of all code but the generated first cells: stored outputs belong to exactly this code."""
    code = "\0".join(
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and HEAD_TAG not in cell.metadata.get("tags", ())
    )
    return hashlib.sha256(code.encode()).hexdigest()


def _verify(notebook: NotebookNode, lab: LabSpec) -> None:
    """Hold the source against the declaration: every exercise asked, marked, checked, in order."""
    checked = [name for name in map(checked_exercise, notebook.cells) if name]
    declared = [exercise.name for exercise in lab.exercises]
    if checked != declared:
        raise SourceError(f"{lab.name}: the source checks {checked}, the lab declares {declared}")
    answered = [name for name in map(answered_question, notebook.cells) if name]
    questions = [question.name for question in lab.questions]
    if answered != questions:
        raise SourceError(f"{lab.name}: the source answers {answered}, the lab declares {questions}")
    waiting: list[NotebookNode] = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            try:
                ast.parse(cell.source)
            except SyntaxError as error:
                raise SourceError(f"{lab.name}: {error} in the cell\n{cell.source}") from None
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


def _identify(notebook: NotebookNode, lab: LabSpec) -> None:
    """Give every cell an id that depends on its role or content alone, and nbgrader's metadata."""
    taken: set[str] = set()
    upcoming = [name for name in map(checked_exercise, notebook.cells) if name]
    for cell in notebook.cells:
        name, question = checked_exercise(cell), answered_question(cell)
        grade: dict[str, bool | int] = {"grade": False, "solution": False, "locked": True}
        if name:
            upcoming.pop(0)
            wanted = f"check-{name}"
            grade |= {"grade": True, "points": lab.exercise(name).points}
        elif question:
            wanted = f"answer-{question}"
            points = next(q.points for q in lab.questions if q.name == question)
            grade |= {"grade": True, "solution": True, "locked": False, "points": points}
        elif cell.cell_type == "code" and BEGIN in cell.source:
            wanted = f"todo-{upcoming[0]}"
            grade |= {"solution": True, "locked": False}
        else:
            digest = hashlib.sha256(f"{cell.cell_type}\0{cell.source}".encode()).hexdigest()[:12]
            wanted = f"{'text' if cell.cell_type == 'markdown' else 'code'}-{digest}"
        cell.id = _unused(wanted[:58], taken)
        if cell.cell_type == "code" or question:
            cell.metadata["nbgrader"] = {**_NBGRADER, **grade, "grade_id": cell.id}
        if not cell.metadata.get("tags"):
            cell.metadata.pop("tags", None)


def _unused(wanted: str, taken: set[str]) -> str:
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}-{count}"
    taken.add(name)
    return name
