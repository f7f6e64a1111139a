"""Ids of cells, by which submissions are assembled, and the metadata that nbgrader needs."""

from __future__ import annotations

import hashlib

from nbformat import NotebookNode

from labs_engine.build.roles import answered_question, checked_exercise
from labs_engine.build.stubs import BEGIN
from labs_engine.declare.framework import LabSpec

_NBGRADER = {"schema_version": 3, "task": False}


def identify(notebook: NotebookNode, lab: LabSpec) -> None:
    """Give every cell an id that depends on its role or content alone, and nbgrader's metadata.

    Args:
        notebook: The solution notebook, which is changed.
        lab: The lab's declaration.
    """
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
