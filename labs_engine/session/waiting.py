"""Which cells wait: those that read what a TODO that is not done was to make.

Lessons are written as if every TODO were done. Before a cell runs, the open lab looks at the names that it reads. If
one of them was to come from a TODO that is not done, or from a cell that was skipped, the cell is skipped as well, and
the names that it would have made or changed wait in turn. An answer that is there is used, right or wrong: a check
decides about points, never about whether a cell runs.
"""

from __future__ import annotations

import ast
import dis
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from types import CodeType, ModuleType
from typing import Any

_AT_ONCE = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}
# Methods that change their object although something is made of their result.
_CHANGING = {"append", "compile", "fit", "fit_transform", "pop", "setdefault", "update"}


class Waiting:
    """Follows the cells of a notebook and skips those whose ingredients are missing.

    An AST transformer of IPython: it receives each cell as a syntax tree before the cell runs.

    Args:
        makes: For each TODO, the names that it is to make.
        namespace: The notebook's variables.
        skipped: Called with the TODOs that a skipped cell waits for.
        failed: Called with the TODOs whose names were read by a cell that raised an error.
    """

    def __init__(
        self,
        makes: Mapping[str, tuple[str, ...]],
        namespace: MutableMapping[str, Any],
        skipped: Callable[[tuple[str, ...]], None],
        failed: Callable[[tuple[str, ...]], None],
    ) -> None:
        self._order = tuple(makes)
        self._todo: dict[str, str] = {}
        for todo, names in makes.items():
            for name in names:
                self._todo.setdefault(name, todo)
        self._namespace = namespace
        self._report_skipped, self._report_failed = skipped, failed
        self._skipped: dict[str, frozenset[str]] = {}  # names of skipped cells, and what these waited for
        self._unfinished: set[str] = set()  # functions that still hold a placeholder
        self._read: frozenset[str] = frozenset()  # the TODOs whose names the last cell read

    def visit(self, tree: ast.Module) -> ast.Module:
        """Return the cell as it is to run: unchanged, or what does not wait of a cell that is skipped."""
        try:
            reads, stores = names_of(tree)
        except (SyntaxError, ValueError):  # Python itself will say so
            return tree
        self._read = frozenset(self._todo[name] for name in reads if name in self._todo)
        missing = {name: todos for name in reads if (todos := self.waits_for(name))}
        if missing and _is_check(tree):
            tree = ast.fix_missing_locations(_Placeholders(missing).visit(tree))
        elif missing:
            return self._skip(tree, stores, frozenset[str]().union(*missing.values()))
        for name in stores:
            self._skipped.pop(name, None)
        self._note_functions(tree)
        return tree

    def after(self, result: Any) -> None:
        """Tell on whose answers a cell builds that has just failed; IPython calls it when a cell has run."""
        if result.error_in_exec is not None and self._read:
            self._report_failed(self._in_order(self._read))

    def waits_for(self, name: str) -> frozenset[str]:
        """Return the TODOs that must be done before a name has a value."""
        if name in self._skipped:
            return self._skipped[name]
        todo = self._todo.get(name)
        if todo is None:
            return frozenset()
        open_ = name in self._unfinished or _is_placeholder(self._namespace.get(name, ...))
        return frozenset({todo}) if open_ else frozenset()

    def _in_order(self, todos: frozenset[str]) -> tuple[str, ...]:
        return tuple(todo for todo in self._order if todo in todos)

    def _skip(self, tree: ast.Module, stores: set[str], todos: frozenset[str]) -> ast.Module:
        self._report_skipped(self._in_order(todos))
        kept = [statement for statement in tree.body if self._is_independent(statement)]
        made = names_of(ast.Module(kept, []))[1]
        changed = {name for name in changes_of(tree) if not self._is_tool(name)}
        self._skipped |= dict.fromkeys((stores | changed) - made, todos)
        return ast.fix_missing_locations(ast.Module([*kept, ast.Expr(ast.Constant(None))], []))

    def _is_tool(self, name: str) -> bool:
        return name == "lab" or isinstance(self._namespace.get(name), ModuleType)

    def _is_independent(self, statement: ast.stmt) -> bool:
        """Tell whether a statement only prepares what other cells may use: an import, or a function of the lesson."""
        if isinstance(statement, ast.Import | ast.ImportFrom):
            return True
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            return False
        return not any(map(self.waits_for, names_of(ast.Module([statement], []))[0]))

    def _note_functions(self, tree: ast.Module) -> None:
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef):
                (self._unfinished.add if _is_skeleton(statement) else self._unfinished.discard)(
                    statement.name
                )


def follow(shell: Any, waiting: Waiting) -> None:
    """Let a lab look at the cells of an IPython shell from the next one on, in place of a lab opened before."""
    for former in [t for t in shell.ast_transformers if isinstance(t, Waiting)]:
        shell.ast_transformers.remove(former)
        shell.events.unregister("post_run_cell", former.after)
    shell.ast_transformers.append(waiting)
    shell.events.register("post_run_cell", waiting.after)


def names_of(tree: ast.Module) -> tuple[set[str], set[str]]:
    """Return the names that a cell reads before it makes them, and those that it makes.

    Python's own compiler settles what is a variable of the notebook and what is local to a function.

    Raises:
        SyntaxError: It cannot be compiled.

    Example:
        >>> reads, makes = names_of(ast.parse("total = sum(x for x in data)"))
        >>> sorted(reads), sorted(makes)
        (['data', 'sum'], ['total'])
    """
    code = compile(tree, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    made: set[str] = set()
    later: set[str] = set()
    reads = set(_read(code, made, later))
    return reads | (later - made), made


def _read(code: CodeType, made: set[str], later: set[str]) -> Iterator[str]:
    """Yield what is read at once; add to `later` what functions read when they are called."""
    for step in dis.get_instructions(code):
        if step.opname in ("STORE_NAME", "STORE_GLOBAL"):
            made.add(step.argval)
        elif step.opname.startswith(("LOAD_", "DELETE_")) and step.opname.endswith(
            ("_NAME", "_GLOBAL", "_GLOBALS")
        ):
            if step.argval not in made:
                yield step.argval
        elif isinstance(step.argval, CodeType):
            inner = step.argval
            if inner.co_name in _AT_ONCE:
                yield from _read(inner, made, later)
            elif inner.co_flags & 2:  # CO_NEWLOCALS: a function
                later.update(_read(inner, set(), later))
                made |= _declared_global(inner)
            else:
                yield from _read(
                    inner, set(made), later
                )  # the body of a class runs at once, with names of its own


def _declared_global(code: CodeType) -> set[str]:
    return {step.argval for step in dis.get_instructions(code) if step.opname == "STORE_GLOBAL"}


def changes_of(tree: ast.Module) -> set[str]:
    """Return the names whose objects a cell changes in place, as far as its text shows it.

    Example:
        >>> sorted(changes_of(ast.parse("results[0] = model.fit(x).history; axes.grid()")))
        ['axes', 'model', 'results']
    """
    found: set[str] = set()
    for statement in tree.body:
        for node in ast.walk(statement):
            match node:
                case ast.Subscript(value=base, ctx=ast.Store()) | ast.Attribute(value=base, ctx=ast.Store()):
                    found.add(_root(base))
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=base))):
                    found.add(_root(base))
                case ast.Call(func=ast.Attribute(value=base, attr=method)) if method in _CHANGING:
                    found.add(_root(base))
    return found - {""}


def _root(node: ast.expr) -> str:
    """Return the name at the start of `name.a[i].b`, or ''."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_placeholder(value: Any) -> bool:
    return value is ... or (isinstance(value, tuple) and any(part is ... for part in value))


def _is_skeleton(function: ast.FunctionDef) -> bool:
    """Tell whether a function still holds `name = ...`, `return ...` or `...` as a whole statement."""
    return any(
        isinstance(node, ast.Return | ast.Assign | ast.Expr)
        and isinstance(node.value, ast.Constant)
        and node.value.value is ...
        for node in ast.walk(function)
    )


def _is_check(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "check"
        and isinstance(node.value, ast.Name)
        and node.value.id == "lab"
        for node in ast.walk(tree)
    )


class _Placeholders(ast.NodeTransformer):
    """Puts the placeholder in place of every argument that is made from a missing name."""

    def __init__(self, missing: Mapping[str, Any]) -> None:
        self._missing = missing

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        names = {part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)}
        return ast.keyword(node.arg, ast.Constant(...)) if names & self._missing.keys() else node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(...) if node.id in self._missing and isinstance(node.ctx, ast.Load) else node
