"""Which cells wait for a TODO: what a cell reads, what is skipped, what runs all the same."""

from __future__ import annotations

import ast
import builtins
import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell

from labs_engine.declare.answers import Given, Number
from labs_engine.declare.course import find_lab
from labs_engine.declare.framework import Exercise, LabSpec
from labs_engine.declare.parameters import resolve
from labs_engine.session.lab import Lab
from labs_engine.session.waiting import Waiting, follow, names_of


class Notebook:
    """A notebook whose first TODO makes `a` and `b`, the second the function `f`, the third `c`."""

    def __init__(self, **variables: Any) -> None:
        self.names: dict[str, Any] = {"__builtins__": builtins, **variables}
        self.skipped: list[tuple[str, ...]] = []
        self.checked: list[dict[str, Any]] = []
        makes = {"first": ("a", "b"), "second": ("f",), "third": ("c", "a")}
        self.names["lab"] = self
        self.waiting = Waiting(makes, self.names, self.skipped.append, lambda todos: None)

    def check(self, **answers: Any) -> None:
        self.checked.append(answers)

    def run(self, code: str) -> tuple[str, ...] | None:
        """Run a cell, and return what it waited for, or None."""
        before = len(self.skipped)
        tree = self.waiting.visit(ast.parse(code))
        exec(compile(ast.fix_missing_locations(tree), "<cell>", "exec"), self.names)
        return self.skipped[-1] if len(self.skipped) > before else None


@pytest.mark.parametrize(
    ("code", "reads", "makes"),
    [
        ("x = y", "y", "x"),
        ("x = 1; y = x", "", "x y"),
        ("x += 1", "x", "x"),
        ("x = x * 2", "x", "x"),
        ("x: int = y", "int y", "x"),
        ("a, (b, *c) = d", "d", "a b c"),
        ("x[i] = y", "x i y", ""),
        ("x.y = z", "x z", ""),
        ("del x", "x", ""),
        ("import os.path as p, sys; from a import b", "", "p sys b"),
        ("[x for x in y if z]", "y z", ""),
        ("x = [x[i] for i in x]", "x", "x"),
        ("x = {k: w for k, w in zip(x, y)}", "x y zip", "x"),
        ("def f(x, y=z):\n    return x + w", "z w", "f"),
        ("def f():\n    return g()\ndef g():\n    return 1", "", "f g"),
        ("def f():\n    global n\n    n = m", "m", "f n"),
        ("def f():\n    x = 1\n    def g():\n        return x + y\n    return g", "y", "f"),
        ("lambda x: x + y", "y", ""),
        ("class C(B):\n    n = m\n    k = n\n    def f(self): return n", "B m n", "C"),
        ("for i in x: print(i)", "x print", "i"),
        ("with open(p) as f: pass", "open p", "f"),
        ("try:\n    x\nexcept E as e:\n    raise", "x E", "e"),
        ("f'{x:{w}} {y!r}'", "x w y", ""),
        ("if (n := m): n", "m", "n"),
        ("match v:\n    case {'k': q}: q", "v", "q"),
        ("@d\ndef f(): pass", "d", "f"),
        ("await x", "x", ""),
        ("print(y := 1, y)", "print", "y"),
    ],
)
def test_python_itself_settles_what_is_read_and_made(code: str, reads: str, makes: str) -> None:
    found_reads, found_makes = names_of(ast.parse(code))
    assert {name for name in found_reads if not name.startswith("__")} == set(reads.split())
    assert found_makes == set(makes.split())


_NAMES = st.sampled_from("abcdxy")
_READ = st.one_of(
    _NAMES,
    st.builds("{} + {}".format, _NAMES, _NAMES),
    st.builds("[{1} for {0} in [{2}]]".format, _NAMES, _NAMES, _NAMES),
    st.builds("(lambda {}: {})(1)".format, _NAMES, _NAMES),
)
_STATEMENT = st.one_of(
    st.builds("{} = {}".format, _NAMES, _READ),
    st.builds("{} += {}".format, _NAMES, _READ),
    st.builds("for {} in [{}]: {}".format, _NAMES, _READ, _READ),
    st.builds("if {}: {} = {}".format, _READ, _NAMES, _READ),
    st.builds("def {}({}=1): return {}".format, _NAMES, _NAMES, _READ),
    st.builds("class {}:\n    {} = {}".format, _NAMES, _NAMES, _READ),
)


class _Watched(dict):
    """Variables that remember which of them were read before they were made."""

    def __init__(self) -> None:
        super().__init__({name: 1 for name in "abcdxy"})
        self.made: set[str] = set()
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        if name in "abcdxy" and name not in self.made:
            self.read.add(name)
        return super().__getitem__(name)

    def __setitem__(self, name: str, value: Any) -> None:
        self.made.add(name)
        super().__setitem__(name, value)


@given(st.lists(_STATEMENT, min_size=1, max_size=6).map("\n".join))
@settings(deadline=None, max_examples=300)
def test_what_code_reads_is_never_overlooked(code: str) -> None:
    reads, makes = names_of(ast.parse(code))
    variables = _Watched()
    # Functions look among the globals, which are empty; numbers meet lists.
    with contextlib.suppress(NameError, TypeError):
        exec(compile(code, "<cell>", "exec"), {"__builtins__": builtins}, variables)
    assert variables.read <= reads
    assert variables.made <= makes


def test_what_builds_on_an_open_todo_is_skipped_and_so_is_what_builds_on_that() -> None:
    notebook = Notebook()
    assert notebook.run("a = ...\nb = 3") is None
    assert notebook.run("total = b + 1") is None
    assert notebook.run("doubled = 2 * a") == ("first",)
    assert notebook.run("print(doubled)") == ("first",)
    assert notebook.run("other = [doubled, c]") == ("first", "third")
    assert notebook.run("x = 1") is None
    assert "doubled" not in notebook.names
    assert notebook.run("a = 5") is None
    assert notebook.run("doubled = 2 * a") is None
    assert notebook.run("print(doubled)") is None
    assert notebook.run("other = [doubled, c]") == ("third",)


def test_a_todo_that_was_never_run_or_failed_is_open() -> None:
    notebook = Notebook()
    assert notebook.run("b") == ("first",)
    with pytest.raises(ZeroDivisionError):
        notebook.run("a, b = 1 / 0, 1")
    assert notebook.run("b") == ("first",)


@pytest.mark.parametrize(
    "body",
    [
        "return ...",
        "...",
        "y = ...\n    return y",
        '"""Say what."""\n    ...',
        "if x:\n        return ...\n    return 1",
    ],
)
def test_a_function_with_a_placeholder_is_open(body: str) -> None:
    notebook = Notebook()
    assert notebook.run(f"def f(x):\n    {body}") is None
    assert notebook.run("f(1)") == ("second",)
    assert notebook.run("def f(x):\n    return x[..., 0]") is None
    assert notebook.run("values = lambda x: f(x)") is None


def test_an_answer_that_is_there_is_used_right_or_wrong() -> None:
    notebook = Notebook()
    notebook.run("a = b = None")
    assert notebook.run("x = (a, b)") is None
    with pytest.raises(TypeError):
        notebook.run("a + 1")


def test_a_check_runs_and_sees_the_placeholder() -> None:
    notebook = Notebook()
    assert notebook.run("lab.check(a=a, b=b)") is None
    notebook.run("derived = a")
    notebook.run("b = 2")
    assert notebook.run("lab.check(x=derived, b=b)") is None
    assert notebook.run("lab.check(x=a.shape[0], y=[c, b], b=b)") is None
    assert notebook.checked == [
        {"a": ..., "b": ...},
        {"x": ..., "b": 2},
        {"x": ..., "y": ..., "b": 2},
    ]


def test_a_skipped_cell_still_imports_and_defines_what_needs_no_answer() -> None:
    notebook = Notebook()
    code = "import math as m\ndef g(x):\n    return m.sqrt(x)\ndef h(x):\n    return x * c\nvalue = g(c)"
    assert notebook.run(code) == ("third",)
    assert notebook.run("m.pi, g(4)") is None
    assert notebook.run("h(1)") == ("third",)
    assert notebook.run("value") == ("third",)


@pytest.mark.parametrize(
    "change",
    [
        "items[c] = 1",
        "items.setdefault(c, 1)",
        "x = items.pop(c)",
        "items.update({c: 1})",
        "for k in c:\n    items[k] = k",
        "items['a']['b'] = c",
        "items[0].append(c)",
    ],
)
def test_what_a_skipped_cell_would_have_changed_waits(change: str) -> None:
    notebook = Notebook()
    assert notebook.run("import math\nitems, others = {}, {}") is None
    assert notebook.run(change) == ("third",)
    assert notebook.run("print(items)") == ("third",)
    assert notebook.run("print(others)") is None
    assert notebook.run("items = {}") is None
    assert notebook.run("print(items)") is None


def test_a_skipped_call_of_a_module_or_the_lab_changes_neither() -> None:
    notebook = Notebook()
    notebook.run("import math")
    assert notebook.run("math.sqrt(c)\nlab.score(c)") == ("third",)
    assert notebook.run("math.sqrt(4)") is None
    assert notebook.run("lab.check(x=1)") is None


def test_a_name_of_two_todos_belongs_to_the_first() -> None:
    notebook = Notebook()
    assert notebook.run("a") == ("first",)


def test_what_a_lesson_makes_itself_waits_for_nothing() -> None:
    notebook = Notebook()
    assert notebook.run("c = 7") is None
    assert notebook.run("c + 1") is None


@pytest.mark.parametrize("code", ["return 1", "x = 'é'", "", "pass", "break"])
def test_code_that_python_refuses_is_left_to_python(code: str) -> None:
    tree = ast.parse(code)
    assert Notebook().waiting.visit(tree) is tree


def test_what_a_check_is_only_given_is_made_by_no_todo() -> None:
    answers = {"value": Number(), "data": Given(Number())}
    exercise = Exercise("sum", "Sum", 1, answers, lambda a, ctx: None)
    lab = Lab(LabSpec("01", "x", "X", "", (), (exercise,)), {})
    namespace: dict[str, Any] = {}
    waiting = lab.waiting(namespace)
    assert waiting.waits_for("value") == {"sum"}
    assert waiting.waits_for("data") == frozenset()


class _Shell(InteractiveShell):
    """IPython, without terminal and history."""

    def init_history(self) -> None:
        self.config.HistoryManager.enabled = False
        super().init_history()


@pytest.fixture(scope="module")
def shell() -> Iterator[Any]:
    yield _Shell.instance()
    _Shell.clear_instance()


@pytest.fixture
def ramp(shell: Any, capsys: Any) -> Iterator[Any]:
    """The first tiny lab, open in IPython."""
    spec = find_lab("01")
    parameters = resolve(spec.parameters, {})
    lab = Lab(spec, parameters)
    shell.user_ns.update(parameters, lab=lab)
    follow(shell, lab.waiting(shell.user_ns))
    yield shell
    shell.reset(new_session=False)


def test_in_ipython_a_cell_says_what_it_waits_for(ramp: Any, capsys: Any) -> None:
    result = ramp.run_cell("noise_free(1, 2, 3)")
    assert result.success
    assert result.result is None
    assert "This cell waits for TODO 1 (" in capsys.readouterr().out
    assert ramp.run_cell("lab.check('count', n_parameters=n_parameters)").success
    assert "not attempted yet" in capsys.readouterr().out


@pytest.mark.parametrize("magic", ["%%time\n", "%%timeit -n 1 -r 1\n", "%time "])
def test_magics_that_run_code_wait_too(ramp: Any, capsys: Any, magic: str) -> None:
    assert ramp.run_cell(magic + "print(n_parameters)").success
    assert "waits for TODO 2" in capsys.readouterr().out


def test_an_error_names_the_todo_that_has_not_passed(ramp: Any, capsys: Any) -> None:
    ramp.run_cell("n_parameters = None")
    assert not ramp.run_cell("n_parameters + 1").success
    shown = capsys.readouterr().out
    assert "TypeError" in shown
    assert "has not passed its check: TODO 2" in shown
    assert not ramp.run_cell("1 / 0").success
    assert "has not passed" not in capsys.readouterr().out


def test_a_lab_that_is_opened_again_takes_the_place_of_the_first(ramp: Any) -> None:
    lab = ramp.user_ns["lab"]
    follow(ramp, lab.waiting(ramp.user_ns))
    assert len([t for t in ramp.ast_transformers if isinstance(t, Waiting)]) == 1
    assert len([c for c in ramp.events.callbacks["post_run_cell"] if c.__name__ == "after"]) == 1
