"""Which answer each cell of a submission holds: known by its id, its tag, its comment, or by what it defines.

Students merge and split cells, paste them, turn code into text, and editors strip ids. So a cell is placed by the
first of these that says something. For a TODO without a cell, the other cells are searched for the names that it asks
for. What has no place is reported, never dropped.
"""

from __future__ import annotations

import ast
import difflib
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nbformat import NotebookNode

_TODO = re.compile(r"^[ \t]*# TODO (\d{1,4})\b", flags=re.MULTILINE)


@dataclass(frozen=True)
class Todo:
    """A TODO of the release.

    Attributes:
        cell: Id of its cell.
        stub: What stands in it.
        names: What it asks for.
        check: Id of the cell that checks it, '' if there is none.
    """

    cell: str
    stub: str
    names: frozenset[str]
    check: str


@dataclass(frozen=True)
class Piece:
    """A cell of a submission, or the part of one that belongs to one TODO.

    Attributes:
        number: The cell's number in the submission, from 1.
        kind: 'code', 'markdown' or 'raw'.
        source: Its text.
        released: Id of the released cell that it is or was, or ''.
        todos: Ids of the TODOs that it answers.
        question: Name of the short answer that it holds, or ''.
        manual: Id of the TODO's or the answer's cell that the instructor chose for it, or ''.
    """

    number: int
    kind: str
    source: str
    released: str = ""
    todos: tuple[str, ...] = ()
    question: str = ""
    manual: str = ""

    def gives(self, todo: Todo) -> bool:
        """Tell whether it defines all that a TODO asks for."""
        return bool(todo.names) and todo.names <= bound_names(self.source)


@dataclass(frozen=True)
class Release:
    """What a submission is compared with.

    Attributes:
        cells: The released cells by id, in order.
        todos: The TODOs by the id of their cell.
        numbers: The id of a TODO's cell by its number.
        prompts: By id of a text cell, the question that it asks.
    """

    cells: Mapping[str, NotebookNode]
    todos: Mapping[str, Todo]
    numbers: Mapping[int, str]
    prompts: Mapping[str, str] = field(default_factory=dict)

    def is_unchanged(self, piece: Piece) -> bool:
        """Tell whether a piece is the released cell as it was."""
        return bool(piece.released) and self.cells[piece.released].source.strip() == piece.source.strip()


def release_from(notebook: NotebookNode) -> Release:
    """Return what a released notebook asks for, and where."""
    cells = {cell.id: cell for cell in notebook.cells}
    todos, numbers, prompts = {}, {}, {}
    order = list(cells)
    for place, identity in enumerate(order):
        cell = cells[identity]
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            check = f"check-{identity.removeprefix('todo-')}"
            names = bound_names(cell.source)
            todos[identity] = Todo(identity, cell.source, names, check if check in cells else "")
            numbers.update(dict.fromkeys(todo_numbers(cell.source), identity))
        elif identity.startswith("answer-"):
            prompts[identity] = prompts[order[place - 1]] = identity.removeprefix("answer-")
    return Release(cells, todos, numbers, prompts)


def place(
    release: Release, submission: Sequence[Mapping[str, Any]], manual: Mapping[int, str]
) -> list[Piece]:
    """Return the pieces of a submission, in order, each with its place.

    Args:
        release: The released lab.
        submission: Its cells, as `reading.read_submission` gives them.
        manual: Places that the instructor chose: by number of a cell, the id of a TODO's or an answer's cell.
    """
    pieces: list[Piece] = []
    for number, cell in enumerate(submission, start=1):
        pieces += _pieces_of(release, number, cell, manual.get(number, ""))
    return _by_definition(release, _answers(release, pieces))


def _pieces_of(release: Release, number: int, cell: Mapping[str, Any], chosen: str) -> list[Piece]:
    piece = Piece(number, cell["cell_type"], cell["source"], _released_id(release, cell))
    if chosen:
        return [_placed(release, piece, chosen)]
    if piece.kind != "code" and not (is_code(piece.source) and _claims(release, piece)):
        return [replace(piece, question=_tagged(release, cell))]
    claims = _claims(release, piece)
    if not claims:
        return [piece]
    parts = _split(release, piece.source) if len(claims) > 1 else []
    if parts:
        return [
            replace(piece, kind="code", source=source, todos=(todo,), released=todo) for todo, source in parts
        ]
    return [replace(piece, kind="code", todos=claims)]


def _placed(release: Release, piece: Piece, chosen: str) -> Piece:
    """Return a piece at the place that the instructor chose; it still answers the TODOs that it defines."""
    code = is_code(piece.source)
    kept = [todo for todo in _claims(release, piece) if code and piece.gives(release.todos[todo])]
    if chosen in release.todos:
        todos = tuple(dict.fromkeys((chosen, *kept)))
        return replace(piece, kind="code", released=chosen, todos=todos, manual=chosen)
    kind = "code" if kept or (code and piece.kind == "code") else "markdown"
    question = chosen.removeprefix("answer-")
    return replace(piece, kind=kind, released="", todos=tuple(kept), question=question, manual=chosen)


def _released_id(release: Release, cell: Mapping[str, Any]) -> str:
    """Return the id of the released cell that this one is or was, '' if that is unknown."""
    grader = cell["metadata"].get("nbgrader")
    named = str(grader.get("grade_id", "")) if isinstance(grader, dict) else ""
    for name in (named, cell["id"]):
        if name in release.cells:
            return name
    text = cell["source"].strip()
    same = (name for name, known in release.cells.items() if text and known.source.strip() == text)
    return next(same, "")


def _claims(release: Release, piece: Piece) -> tuple[str, ...]:
    """Return the TODOs that a cell's comments name, or else its id."""
    if release.is_unchanged(piece) and piece.released not in release.todos:
        return ()
    said = [release.numbers[n] for n in todo_numbers(piece.source) if n in release.numbers]
    if not said and piece.released in release.todos:
        said = [piece.released]
    return tuple(dict.fromkeys(said))


def _split(release: Release, source: str) -> list[tuple[str, str]]:
    """Return the parts of a cell that begin with a TODO's comment, if each of them is code by itself."""
    starts = [match for match in _TODO.finditer(source) if int(match[1]) in release.numbers]
    ends = [match.start() for match in starts[1:]] + [len(source)]
    parts, begin = [], 0
    for match, end in zip(starts, ends, strict=True):
        parts.append((release.numbers[int(match[1])], source[begin:end].strip("\n")))
        begin = end
    return parts if all(is_code(part) for _, part in parts) else []


def _tagged(release: Release, cell: Mapping[str, Any]) -> str:
    """Return the question whose tag a cell carries, or ''."""
    tags = cell["metadata"].get("tags")
    names = (
        {tag.removeprefix("answer-") for tag in tags if isinstance(tag, str)}
        if isinstance(tags, list)
        else set()
    )
    return next((name for name in release.prompts.values() if name in names), "")


def _answers(release: Release, pieces: Iterable[Piece]) -> list[Piece]:
    """Give short answers their question: that of their id or tag, or that whose text they follow."""
    placed, near = [], ""
    for piece in pieces:
        if piece.released:
            near = release.prompts.get(piece.released, "")
        own = not piece.released and not piece.todos and not piece.question
        if piece.released.startswith("answer-"):
            piece = replace(piece, question=release.prompts[piece.released])
        elif own and near and piece.source.strip() and (piece.kind != "code" or not is_code(piece.source)):
            piece = replace(piece, question=near)
        elif piece.released and piece.kind != "code" and near and not release.is_unchanged(piece):
            written = added_lines(release.cells[piece.released].source, piece.source)
            piece = replace(piece, question=near, source=written)
        placed.append(piece)
    return placed


def _by_definition(release: Release, pieces: list[Piece]) -> list[Piece]:
    """Give a TODO without an answer the cells that define all that it asks for."""
    for todo in release.todos.values():
        if any(todo.cell in piece.todos and not _is_stub(piece, todo) for piece in pieces):
            continue
        for place, piece in enumerate(pieces):
            if (
                piece.kind == "code"
                and (piece.manual or not piece.question)
                and not release.is_unchanged(piece)
                and piece.gives(todo)
            ):
                pieces[place] = replace(piece, todos=(*piece.todos, todo.cell))
    return pieces


def _is_stub(piece: Piece, todo: Todo) -> bool:
    return piece.source.strip() == todo.stub.strip()


def todo_numbers(source: str) -> list[int]:
    """Return the numbers of the TODOs that comments of a cell name."""
    return [int(number) for number in _TODO.findall(source)]


def added_lines(before: str, after: str) -> str:
    r"""Return the lines that somebody wrote into a text.

    Example:
        >>> added_lines("x = ...", "x = 3\ny = 4")
        'x = 3\ny = 4'
    """
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return "\n".join(line[2:] for line in lines if line.startswith("+ ")).strip()


# Code -------------------------------------------------------------------------------------------------------


def parsed(source: str) -> ast.Module | None:
    """Return a cell's code, magics and shell commands included, as a tree; None where it is no code."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def is_code(source: str) -> bool:
    """Tell whether a text is code that can be run."""
    return _facts(source) is not None


def bound_names(source: str) -> frozenset[str]:
    r"""Return the names that a cell gives a value to: by assignment, definition, import, `for` or `with`.

    Example:
        >>> sorted(bound_names("import numpy as np\nx, y = 1, 2"))
        ['np', 'x', 'y']
    """
    return _facts(source) or frozenset()


@functools.lru_cache(maxsize=4096)
def _facts(source: str) -> frozenset[str] | None:
    """Return the names that a cell binds, None where it is no code."""
    tree = parsed(source)
    try:
        return None if tree is None else frozenset(_bound(tree))
    except RecursionError:  # no student nests so deep
        return frozenset()


_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _bound(node: ast.AST) -> Iterator[str]:
    """Return the names that a statement binds where it stands, not inside functions, classes or comprehensions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Definition):
            yield child.name
        elif isinstance(child, ast.alias):
            yield child.asname or child.name.split(".")[0]
        elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif not isinstance(child, ast.Lambda | ast.comprehension):
            yield from _bound(child)
