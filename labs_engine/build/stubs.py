"""Taking the solution out of a cell and leaving what a student starts from.

A solution stands between `### BEGIN SOLUTION` and `### END SOLUTION` (nbgrader's own
marks). What replaces it follows from the code: a name that is used outside the marks
stays as `name = ...`, a function keeps its signature and docstring, and a function
whose body is marked returns `...`. Every check knows `...` as "not attempted yet".
"""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
YOUR_CODE = "# your code here"
YOUR_ANSWER = "*Write your answer here.*"


class SourceError(ValueError):
    """A lab's source breaks a rule of authoring."""


@dataclass(frozen=True)
class Region:
    """The lines between two marks.

    Attributes:
        first: Index of the line with the opening mark.
        last: Index of the line with the closing mark.
        indent: White space before the marks.
        code: The lines between them, dedented.
    """

    first: int
    last: int
    indent: str
    code: str


def regions(source: str) -> list[Region]:
    """Find the marked solutions of a cell.

    Raises:
        SourceError: The marks do not come in pairs, or the code between them does not parse.
    """
    lines = source.splitlines()
    found, begin = [], None
    for number, line in enumerate(lines):
        mark = line.strip()
        if mark == BEGIN and begin is None:
            begin = number
        elif mark == END and begin is not None:
            code = textwrap.dedent("\n".join(lines[begin + 1 : number]))
            indent = lines[begin][: len(lines[begin]) - len(lines[begin].lstrip())]
            found.append(Region(begin, number, indent, code))
            begin = None
        elif mark in (BEGIN, END):
            raise SourceError(f"{mark!r} without its partner in the cell\n{textwrap.shorten(source, 200)}")
    if begin is not None:
        raise SourceError(f"{BEGIN!r} is never closed in the cell\n{textwrap.shorten(source, 200)}")
    return found


def without_solutions(source: str) -> str:
    """Return the cell's code without what stands between the marks."""
    lines = source.splitlines()
    for region in reversed(regions(source)):
        lines[region.first : region.last + 1] = [f"{region.indent}pass"]
    return "\n".join(lines)


def stub(source: str, used_elsewhere: set[str]) -> str:
    """Return the cell as a student gets it.

    Args:
        source: The cell with its marked solutions.
        used_elsewhere: Names that other cells read; those which the solution assigns
            are kept as placeholders.

    Returns:
        The cell with each solution replaced by its placeholder.

    Example:
        >>> cell = '''# TODO 1: the sum.
        ... ### BEGIN SOLUTION
        ... total = a + b
        ... ### END SOLUTION'''
        >>> print(stub(cell, used_elsewhere={"total"}))
        # TODO 1: the sum.
        total = ...  # your code here
    """
    used = used_elsewhere | names_read(without_solutions(source))
    lines = source.splitlines()
    for region in reversed(regions(source)):
        placeholder = [f"{region.indent}{line}".rstrip() for line in _placeholder(region, used)]
        lines[region.first : region.last + 1] = placeholder
    return "\n".join(lines)


def names_read(source: str) -> set[str]:
    """Return the names that a piece of code reads."""
    tree = ast.parse(source)
    return {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _placeholder(region: Region, used: set[str]) -> list[str]:
    body = region.code
    # `return` is only legal in a function: wrap the code to parse it as one.
    tree = ast.parse("def _():\n" + textwrap.indent(body, "    ") if body.strip() else "def _(): pass")
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    lines: list[str] = []
    for statement in function.body:
        if isinstance(statement, ast.FunctionDef) and statement.name in used:
            lines += _signature(statement)
    names = dict.fromkeys(name for name in _assigned(function.body) if name in used)
    lines += [f"{name} = ...  {YOUR_CODE}" for name in names]
    if any(_returns(statement) for statement in function.body):
        lines.append(f"return ...  {YOUR_CODE}")
    return lines or [f"...  {YOUR_CODE}"]


def _signature(function: ast.FunctionDef) -> list[str]:
    kept = copy.copy(function)
    kept.decorator_list = []
    kept.body = [ast.Return(ast.Constant(...))]
    if ast.get_docstring(function):
        kept.body.insert(0, function.body[0])
    lines = ast.unparse(ast.fix_missing_locations(kept)).splitlines()
    return [*lines[:-1], f"{lines[-1]}  {YOUR_CODE}"]


def _assigned(statements: list[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements assign, in order, without looking into functions."""
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            continue
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
            targets = [statement.target]
        for target in targets:
            for node in ast.walk(target):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id
        for block in ("body", "orelse", "finalbody"):
            yield from _assigned(getattr(statement, block, []))


def _returns(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return False
    return isinstance(statement, ast.Return) or any(
        _returns(child)
        for block in ("body", "orelse", "finalbody")
        for child in getattr(statement, block, [])
    )
