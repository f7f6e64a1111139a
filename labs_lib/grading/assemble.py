"""From a submission to the notebook that is run: the released lab with the student's answers in it.

Nothing of a submission but its answers is used. Check cells, parameters and texts come from the release,
so it does not matter what was deleted, reordered or rewritten. Cells that a student added go along, each
behind the cell that it stood behind: an honest answer may need them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from labs_lib.grading.reading import UnreadableSubmission, read_submission

__all__ = ["Assembled", "UnreadableSubmission", "assemble", "read_submission"]

_LONGEST = 200_000  # characters of code of a cell


@dataclass(frozen=True)
class Assembled:
    """A submission, ready to run.

    Attributes:
        cells: Ids and code, in order.
        texts: The short answers, by question.
        remarks: What the instructor should know of the file.
    """

    cells: list[tuple[str, str]]
    texts: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def assemble(release: NotebookNode, submission: list[dict[str, Any]]) -> Assembled:
    """Put a student's answers into the released lab.

    An answer is known by its cell's id (nbgrader's metadata or the notebook's own), or else by the comment
    `# TODO n` in it. Where there are several, the last one that differs from the release counts.

    Args:
        release: The students' version of the lab.
        submission: What `read_submission` returned.
    """
    places = {cell.id: cell for cell in release.cells}
    answers = {
        cell.id: cell.source
        for cell in release.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }
    todos = {number: name for name, source in answers.items() for number in _todo_numbers(source)}
    given: dict[str, list[str]] = {}
    added: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    anchor = next(iter(places), "")
    names = [_name_of(cell, places, answers, todos) for cell in submission]
    marked = {
        name
        for cell, name in zip(submission, names, strict=True)
        if name in answers and _is_marked(cell, name, todos)
    }
    for cell, name in zip(submission, names, strict=True):
        if name in marked and not _is_marked(cell, name, todos):
            # An editor of the script may give a cell that was put before a TODO the id of that TODO.
            name = ""
        if name in answers and cell["cell_type"] == "code":
            given.setdefault(name, []).append(cell["source"])
        elif name.startswith("answer-"):
            texts[name.removeprefix("answer-")] = cell["source"]
        elif not name and cell["cell_type"] == "code" and cell["source"].strip():
            added.setdefault(anchor, []).append(cell["source"])
        anchor = name or anchor
    return Assembled(_merged(release, answers, given, added), texts, _remarks(answers, given, added))


def _merged(
    release: NotebookNode,
    answers: Mapping[str, str],
    given: Mapping[str, list[str]],
    added: Mapping[str, list[str]],
) -> list[tuple[str, str]]:
    cells: list[tuple[str, str]] = []
    for cell in release.cells:
        source = cell.source
        if cell.id in answers:
            changed = [own for own in given.get(cell.id, []) if own.strip() != source.strip()]
            source = changed[-1] if changed else source
        # The parameters are those of the run, which are set when the lab is opened.
        if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
            cells.append((cell.id, source[:_LONGEST]))
        for number, own in enumerate(added.get(cell.id, []), start=1):
            cells.append((f"{cell.id}+{number}", own[:_LONGEST]))
    return cells


def _remarks(
    answers: Mapping[str, str], given: Mapping[str, list[str]], added: Mapping[str, list[str]]
) -> tuple[str, ...]:
    remarks = []
    missing = [name.removeprefix("todo-") for name in answers if name not in given]
    if missing:
        remarks.append(f"no cell for: {', '.join(missing)}")
    several = [name.removeprefix("todo-") for name, own in given.items() if len(own) > 1]
    if several:
        remarks.append(f"several cells for: {', '.join(several)} (the last one that was changed counts)")
    number = sum(map(len, added.values()))
    if number:
        remarks.append(f"{number} code cell{'s' if number > 1 else ''} of the student's own")
    return tuple(remarks)


def _name_of(
    cell: dict[str, Any],
    places: Mapping[str, NotebookNode],
    answers: Mapping[str, str],
    todos: Mapping[int, str],
) -> str:
    """Return the id of the released cell that this one was, or ''."""
    grader = cell["metadata"].get("nbgrader")
    named = str(grader.get("grade_id", "")) if isinstance(grader, dict) else ""
    numbers = _todo_numbers(cell["source"]) if cell["cell_type"] == "code" else []
    for name in (named, cell["id"]):
        if name in places:
            # A cell that was copied keeps its id; what it answers says its comment.
            own = [todos[n] for n in numbers if n in todos]
            return own[0] if name in answers and own and name not in own else name
    for number in numbers:
        if number in todos:
            return todos[number]
    same = [name for name, place in places.items() if place.source.strip() == cell["source"].strip()]
    return same[0] if same and cell["source"].strip() else ""


def _is_marked(cell: dict[str, Any], name: str, todos: Mapping[int, str]) -> bool:
    """Tell whether a cell's comment says that it is the answer of that name."""
    return name in (todos.get(number) for number in _todo_numbers(cell["source"]))


def _todo_numbers(source: str) -> list[int]:
    return [int(number) for number in re.findall(r"^\s*# TODO (\d+)\b", source, flags=re.MULTILINE)]
