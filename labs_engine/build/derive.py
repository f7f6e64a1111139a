"""Deriving the solution and the student notebook from a lab's source, cell by cell."""

from __future__ import annotations

import copy
import hashlib

import jupytext
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from labs_engine.build.head import HEAD_TAG, head_cells, is_head
from labs_engine.build.identify import identify
from labs_engine.build.project import Published
from labs_engine.build.roles import COMPARE_TAG, answered_question, checked_exercise
from labs_engine.build.stubs import YOUR_ANSWER, names_read, stub, without_solutions
from labs_engine.build.verify import verify
from labs_engine.declare.framework import LabSpec

FORMATS = "ipynb,py:percent"  # each notebook and its script are a pair, for jupytext

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
    verify(notebook, lab)
    identify(notebook, lab)
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


def code_digest(notebook: NotebookNode) -> str:
    """Return a digest of all code but the generated first cells: stored outputs belong to exactly this code."""
    code = "\0".join(
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and HEAD_TAG not in cell.metadata.get("tags", ())
    )
    return hashlib.sha256(code.encode()).hexdigest()
