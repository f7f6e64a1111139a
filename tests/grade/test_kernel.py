"""A graded run behaves as a student's kernel does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from corpus import ALL, INSTRUCTOR, LAB, RELEASE, behind_count, needs_sandbox, with_cells

from labs_engine.grade.graded import Submission
from labs_engine.grade.grader import Settings, close_graders, grade_one
from labs_engine.grade.in_sandbox.limits import Limits

pytestmark = needs_sandbox

LIMITS = Limits(cell_seconds=20, seconds=120, processes=60)


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    instructor = INSTRUCTOR
    yield Settings(LAB, RELEASE, instructor, "a secret of this test", runs=1, limits=LIMITS)
    close_graders()


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Callable[[bytes], tuple[dict[str, Any], str]]:
    def graded(submission: bytes) -> tuple[dict[str, Any], str]:
        path = tmp_path / "submission.ipynb"
        path.write_bytes(submission)
        result = grade_one(settings, Submission("ada", path), tmp_path / "runs")
        notebook = nbformat.read(tmp_path / "runs" / result["runs"][0]["notebook"], as_version=4)
        return result, "\n".join(str(output) for cell in notebook.cells for output in cell.get("outputs", []))

    return graded


MAGICS = """
%matplotlib inline
%config InlineBackend.figure_format = "retina"
%load_ext autoreload
%autoreload 2
%autosave 60
%pylab inline --no-import-all
get_ipython().run_line_magic("matplotlib", "inline")
from IPython.display import HTML, Markdown, clear_output, display
handle = display(Markdown("shown"), display_id=True)
handle.update(HTML("<b>updated</b>"))
clear_output(wait=True)
%timeit -n 1 -r 1 sum(range(10))
files = !ls /
!echo from the shell
%env SOMETHING=1
%who
%psearch noise*
noise_free?
import asyncio
await asyncio.sleep(0)
from tqdm.auto import tqdm
for _ in tqdm(range(3)): pass
_ = get_ipython().kernel
quit()
"""


def test_magics_and_displays_lose_nothing(run: Any) -> None:
    result, said = run(behind_count(MAGICS)())
    assert "'output_type': 'error'" not in said, said
    for words in ("shown", "updated", "from the shell"):
        assert words in said
    assert result["points"] == ALL


def test_a_module_written_beside_the_notebook_is_found(run: Any) -> None:
    code = "%%writefile own_helper.py\ndef square(x):\n    return x * x"
    floor = "# TODO 8\nfrom own_helper import square\nnoise_floor = square(noise)"

    def edit(notebook: Any) -> None:
        place = next(n for n, cell in enumerate(notebook.cells) if cell.id == "todo-floor")
        notebook.cells[place].source = floor
        notebook.cells.insert(place, nbformat.v4.new_code_cell(code))

    from corpus import edited

    result, _ = run(edited(edit)())
    assert result["points"] == ALL


WARNINGS = """
import warnings
warnings.warn("a warning of theirs")
warnings.warn("an old way", DeprecationWarning)
def floor_of(value):
    warnings.warn("while it was checked")
    return value
before = list(warnings.filters)
"""


def test_warnings_are_shown_as_in_jupyter(run: Any) -> None:
    result, said = run(
        with_cells(
            noise_free="{}\n" + WARNINGS + "_right = noise_free\n"
            "def noise_free(*arguments):\n    warnings.warn('while it was checked')\n    return _right(*arguments)",
            count="{}\nprint('FILTERS', before == list(warnings.filters))",
        )()
    )
    for words in ("a warning of theirs", "an old way", "while it was checked", "FILTERS True"):
        assert words in said
    assert result["points"] == ALL


def test_warnings_as_errors_change_no_answer(run: Any) -> None:
    result, _ = run(behind_count("import warnings\nwarnings.simplefilter('error')")())
    assert result["points"] == ALL


PROCESSES = """
import psutil, os
from joblib import Parallel, delayed
from concurrent.futures import ProcessPoolExecutor
assert psutil.Process().pid == os.getpid() and psutil.Process().memory_info().rss
assert psutil.cpu_count() and psutil.virtual_memory().total
print("PARALLEL", Parallel(n_jobs=2)(delayed(abs)(-n) for n in range(4)))
with ProcessPoolExecutor(2) as pool:
    print("POOL", list(pool.map(abs, [-1, -2])))
"""


def test_processes_of_their_own_work(run: Any) -> None:
    result, said = run(behind_count(PROCESSES)())
    assert "PARALLEL [0, 1, 2, 3]" in said, said
    assert "POOL [1, 2]" in said
    assert result["points"] == ALL


def test_input_says_that_nobody_answers(run: Any) -> None:
    result, said = run(behind_count("name = input('your name? ')")())
    assert "nobody sits in front of a graded run" in said
    assert result["points"] == ALL
