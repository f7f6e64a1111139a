"""Which helpers of the course each answer used: some of them do what a TODO asks students to write."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from labs_engine.declare.course import course
from labs_engine.grade.placing import parsed


def helpers_used(answers: Mapping[str, str], cells: Iterable[str]) -> dict[str, list[str]]:
    """Return the names of the helper package that each answer reads, by exercise.

    Args:
        answers: The code that counts for each exercise.
        cells: The code of all cells that run; their imports say what names stand for.

    Returns:
        Names such as 'models.mlp', sorted; none for an answer that uses none.
    """
    package, imported = course().package, dict[str, str]()
    for source in cells:
        if package in source:
            imported |= _imports(parsed(source), package)
    return {exercise: sorted(set(_read(parsed(source), imported))) for exercise, source in answers.items()}


def _imports(tree: ast.Module | None, package: str) -> dict[str, str]:
    """Return what each imported name stands for, without the package's own name."""
    names: dict[str, str] = {}
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package:
            room = (node.module or "").removeprefix(package).strip(".")
            names |= {a.asname or a.name: f"{room}.{a.name}".strip(".") for a in node.names}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == package:
                    full = alias.name.removeprefix(package).strip(".")
                    names[alias.asname or package] = full if alias.asname else ""
    return names


def _read(tree: ast.Module | None, imported: Mapping[str, str]) -> Iterable[str]:
    """Return each longest chain of attributes that begins with an imported name."""
    inner: set[int] = set()
    for node in ast.walk(tree) if tree else ():  # from the outside in
        if id(node) in inner or not isinstance(node, ast.Name | ast.Attribute):
            continue
        chain: list[str] = []
        part: ast.expr = node
        while isinstance(part, ast.Attribute):
            chain.append(part.attr)
            part = part.value
            inner.add(id(part))
        if isinstance(part, ast.Name) and part.id in imported:
            name = ".".join(filter(None, [imported[part.id], *reversed(chain)]))
            if name:
                yield name
