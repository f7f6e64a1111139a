"""From a submission to the notebook that is run: the released lab with the student's answers in it.

Nothing of a submission but its answers is used. Check cells, parameters and texts come from the release,
so it does not matter what was deleted, reordered or rewritten. Cells that a student added are kept, each after the
cell that it followed, because an honest answer may need them.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from labs_engine.grade.in_sandbox.protocol import plain_text
from labs_engine.grade.placing import (
    Piece,
    Release,
    Todo,
    added_lines,
    bound_names,
    parsed,
    place,
    release_from,
)
from labs_engine.grade.reading import UnreadableSubmission

_LONGEST = 200_000  # characters of a cell
_MOST_CELLS = 2000
_MOST_TEXT = 2_000_000  # characters of all cells; the longest lab has 80 000


@dataclass(frozen=True)
class Unplaced:
    """Something that a student wrote and that belongs to no answer.

    Attributes:
        number: The cell's number in the submission, from 1.
        kind: 'code', 'markdown' or 'raw'.
        text: What stands there.
    """

    number: int
    kind: str
    text: str


@dataclass(frozen=True)
class Assembled:
    """A submission, ready to run.

    Attributes:
        cells: Ids and code, in order.
        texts: The short answers, by question.
        remarks: What the instructor should know of the file.
        unplaced: What could not be placed.
        answers: The code that counts for each exercise, by its name.
    """

    cells: list[tuple[str, str]]
    texts: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)


def assemble(
    notebook: NotebookNode, submission: Sequence[Mapping[str, Any]], manual: Mapping[int, str] | None = None
) -> Assembled:
    """Put a student's answers into the released lab.

    All cells of a TODO run in their order, as they did in the student's kernel, up to the check; the last
    definition counts. A later attempt counts if there is no earlier one.

    Args:
        notebook: The students' version of the lab.
        submission: What `read_submission` returned.
        manual: By number of a cell, the id of the TODO's or the answer's cell that the instructor says it is.

    Raises:
        UnreadableSubmission: It is too large to be looked at.
    """
    release = release_from(notebook)
    pieces = place(release, _cells_to_place(submission), manual or {})
    answers = {todo.cell: _answer(todo, pieces) for todo in release.todos.values()}
    behind = _own_cells(release, pieces, answers)
    return Assembled(
        _merged(release, answers, behind),
        _texts(release, pieces),
        (*_remarks(pieces, answers, behind), *_placed_in_vain(release, pieces)),
        tuple(_unplaced(release, pieces)),
        {
            todo.removeprefix("todo-"): "\n".join(p.source for p in found.used)
            for todo, found in answers.items()
        },
    )


def _cells_to_place(submission: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the cells of a submission with plain text of a fair length, or refuse one that is too large."""
    size = sum(len(cell["source"]) for cell in submission)
    if len(submission) > _MOST_CELLS or size > _MOST_TEXT:
        raise UnreadableSubmission(
            f"the notebook has {len(submission)} cells with {size / 1e6:.1f} MB of text, more than is looked at"
        )
    return [{**cell, "source": plain_text(cell["source"])[:_LONGEST]} for cell in submission]


@dataclass(frozen=True)
class _Answer:
    """The cells of one TODO.

    Attributes:
        used: Those that run in its place, in order.
        later: Those that stood behind the check and do not count.
        stub: Whether the released stub runs first.
    """

    used: list[Piece]
    later: list[Piece]
    stub: bool


def _answer(todo: Todo, pieces: Sequence[Piece]) -> _Answer:
    """Return what counts for a TODO."""
    places = {
        place: piece
        for place, piece in enumerate(pieces)
        if todo.cell in piece.todos and piece.source.strip() not in ("", todo.stub.strip())
    }
    check = next(
        (place for place, p in enumerate(pieces) if todo.check and p.released == todo.check), len(pieces)
    )
    chosen = [place for place, piece in places.items() if piece.manual == todo.cell]
    if chosen and _give_all([places[place] for place in chosen], todo):
        # They run last, after the cells that stood before them, which may define what they need.
        return _Answer([piece for place, piece in places.items() if place <= chosen[-1]], [], False)
    own = list(places.values())
    before = [piece for place, piece in places.items() if place < check]
    counts = before if any(p.gives(todo) for p in before) or not any(p.gives(todo) for p in own) else own
    # Manually placed cells that do not define all that is asked for are run as well, but replace nothing.
    counts = [piece for place, piece in places.items() if piece in (counts or own) or place in chosen]
    given: set[str] = set().union(*(bound_names(piece.source) for piece in counts))
    known = {piece.source.strip() for piece in counts}
    later = [piece for piece in own if piece.source.strip() not in known]
    return _Answer(counts, later, not todo.names <= given)


def _give_all(pieces: Sequence[Piece], todo: Todo) -> bool:
    """Tell whether some pieces together define all that a TODO asks for."""
    given: set[str] = set().union(*(bound_names(piece.source) for piece in pieces))
    return bool(pieces) and todo.names <= given


def _own_cells(
    release: Release, pieces: Sequence[Piece], answers: Mapping[str, _Answer]
) -> dict[str, list[str]]:
    """Return the code that a student added, by the id of the released cell that it followed."""
    behind: dict[str, list[str]] = {}
    later = {id(piece) for answer in answers.values() for piece in answer.later}
    used = {id(piece) for answer in answers.values() for piece in answer.used}
    anchor = next(iter(release.cells), "")
    for piece in pieces:
        does_not_count = id(piece) in later and id(piece) not in used
        if piece.todos and not does_not_count:
            anchor = piece.todos[-1]
        elif piece.released:
            anchor = piece.released
        code = ""
        if does_not_count:
            code = piece.source
        elif piece.kind == "code" and not piece.todos and (not piece.question or piece.manual):
            code = _added_statements(release, piece) if piece.released else piece.source
        if code.strip():
            behind.setdefault(anchor, []).append(code)
    return behind


def _added_statements(release: Release, piece: Piece) -> str:
    """Return the statements that a student wrote into a released cell, such as one more import.

    The parameters are the run's own, and what checks an answer is the release's.
    """
    cell = release.cells[piece.released]
    if "parameters" in cell.metadata.get("tags", []) or release.is_unchanged(piece):
        return ""
    before, after = parsed(cell.source), parsed(piece.source)
    if before is None or after is None:
        return ""
    known = {ast.dump(statement) for statement in before.body}
    with contextlib.suppress(RecursionError):  # no student nests so deep
        return "\n".join(
            ast.unparse(statement) for statement in after.body if ast.dump(statement) not in known
        )
    return ""


def _merged(
    release: Release, answers: Mapping[str, _Answer], behind: Mapping[str, list[str]]
) -> list[tuple[str, str]]:
    cells: list[tuple[str, str]] = []
    for identity, cell in release.cells.items():
        answer = answers.get(identity)
        if answer is not None:
            cells += _cells_of(release.todos[identity], answer)
        # The parameters are those of the run, which are set when the lab is opened.
        elif cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
            cells.append((identity, cell.source))
        for number, code in enumerate(behind.get(identity, []), start=1):
            cells.append((f"{identity}+{number}", code))
    return cells


def _cells_of(todo: Todo, answer: _Answer) -> list[tuple[str, str]]:
    """Return a TODO's cells; the one that defines what is asked for bears its id."""
    sources = ([todo.stub] if answer.stub or not answer.used else []) + [
        piece.source for piece in answer.used
    ]
    defining = [
        place for place, piece in enumerate(answer.used, len(sources) - len(answer.used)) if piece.gives(todo)
    ]
    main = defining[-1] if defining else len(sources) - 1
    return [
        (todo.cell if place == main else f"{todo.cell}+part-{place + 1}", source)
        for place, source in enumerate(sources)
    ]


def _texts(release: Release, pieces: Sequence[Piece]) -> dict[str, str]:
    texts: dict[str, list[str]] = {}
    for piece in pieces:
        text = piece.source.strip()
        cell = release.cells.get(f"answer-{piece.question}")
        blank = cell.source.strip() if cell else ""
        if piece.question and text not in ("", blank, *texts.get(piece.question, [])):
            texts.setdefault(piece.question, []).append(text)
    return {name: "\n\n".join(parts) for name, parts in texts.items()}


def _unplaced(release: Release, pieces: Sequence[Piece]) -> list[Unplaced]:
    """Return what was written and belongs to no answer: texts beside the answers, and changed texts of the lab."""
    found = []
    for piece in pieces:
        if piece.kind == "code" or piece.question or piece.todos or not piece.source.strip():
            continue
        text = piece.source
        if piece.released:
            text = added_lines(release.cells[piece.released].source, piece.source)
        if text.strip():
            found.append(Unplaced(piece.number, piece.kind, text[:5000]))
    return found


def _remarks(
    pieces: Sequence[Piece], answers: Mapping[str, _Answer], behind: Mapping[str, list[str]]
) -> tuple[str, ...]:
    held = {todo for piece in pieces for todo in piece.todos}
    missing = [todo.removeprefix("todo-") for todo in answers if todo not in held]
    several = [todo.removeprefix("todo-") for todo, found in answers.items() if len(found.used) > 1]
    later = [todo.removeprefix("todo-") for todo, found in answers.items() if found.later]
    number = sum(map(len, behind.values()))
    remarks = [
        (missing, f"no cell for: {', '.join(missing)}"),
        (
            several,
            f"several cells for: {', '.join(several)} (they run in their order: the last definition counts)",
        ),
        (later, f"another attempt behind the check, which does not count: {', '.join(later)}"),
        (number, f"{number} code cell{'s' if number > 1 else ''} of the student's own"),
    ]
    return tuple(text for present, text in remarks if present)


def _placed_in_vain(release: Release, pieces: Sequence[Piece]) -> list[str]:
    """Say which cells the instructor placed at a TODO although they do not define all that it asks for."""
    remarks = []
    for todo in release.todos.values():
        chosen = [piece for piece in pieces if piece.manual == todo.cell]
        if chosen and not _give_all(chosen, todo):
            numbers = ", ".join(str(piece.number) for piece in chosen)
            names = ", ".join(sorted(todo.names))
            remarks.append(
                f"placed as {todo.cell.removeprefix('todo-')} without defining all of it ({names}): cell {numbers}"
            )
    return remarks
