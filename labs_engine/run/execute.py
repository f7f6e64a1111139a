"""One run: a notebook executed by papermill in a kernel of its own."""

from __future__ import annotations

import codecs
import contextlib
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from labs_engine.base.variables import variables
from labs_engine.declare.course import course, find_lab
from labs_engine.run.kernels import fork
from labs_engine.run.provenance import mark, teaching_digest
from labs_engine.run.results import RunResult, Score, record_of
from labs_engine.run.watching import PeakMemory

_SAMPLE_EVERY = 0.1  # seconds between two looks at the kernel's memory
# Seconds to wait for what a cell has printed: 100 000 lines, each flushed, take a minute.
_OUTPUT_SECONDS = 600

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class RunPlan:
    """A run to be done.

    Attributes:
        lab: The lab's name.
        version: 'solution' or 'student'.
        source: The notebook to execute.
        output: Where the executed notebook goes; its page lies beside it.
        given: Parameters that differ from the notebook's own.
        resolved: Every parameter of the run.
        threads: Threads that the kernel may use for computing, 0 for all.
        cell_timeout: Seconds that a cell may take, 0 for any time.
    """

    lab: str
    version: str
    source: Path
    output: Path
    given: dict[str, Any]
    resolved: dict[str, Any]
    threads: int = 0
    cell_timeout: int = 0


def execute(plan: RunPlan, progress: Progress | None = None) -> RunResult:
    """Execute a notebook and say how it went; a failing notebook is a result, not an exception.

    The output is written after every cell, so that a failed or stopped run leaves its results so far.

    Args:
        plan: What to run.
        progress: Called after each cell with the number of cells done and of all.

    Returns:
        The result; `status` is 'failed' and `error` says why if a cell raised.
    """
    import nbformat

    plan.output.parent.mkdir(parents=True, exist_ok=True)
    memory = PeakMemory(_kernels_memory, _SAMPLE_EVERY)
    code = teaching_digest()  # before the run, so that code changed meanwhile is not recorded as the run's
    start = time.perf_counter()
    error = ""
    with memory, _environment(plan.threads), tempfile.TemporaryDirectory(prefix="labs-") as folder:
        error = _run_papermill(plan, folder, progress)
    seconds = time.perf_counter() - start
    notebook = nbformat.read(plan.output, as_version=4) if plan.output.is_file() else None
    if notebook is not None:
        mark(notebook, code)
        nbformat.write(notebook, plan.output)
    record = record_of(notebook) if notebook is not None else {}
    page = _page_of(plan.output) if notebook is not None else ""
    spec = find_lab(plan.lab)
    return RunResult(
        lab=plan.lab,
        version=plan.version,
        status="failed" if error else "ok",
        parameters=record.get("parameters", plan.resolved),
        profile=plan.resolved["profile"],
        seconds=round(seconds, 2),
        peak_memory_mb=round(memory.peak / 1e6, 1),
        packages=package_versions(),
        notebook=plan.output.name,
        data_source=record.get("data_source", ""),
        points=record.get("points", 0),
        points_possible=sum(exercise.points for exercise in spec.exercises),
        exercises=record.get("exercises", {}),
        scores=[Score(**score) for score in record.get("scores", [])],
        error=error,
        page=page,
    )


def package_versions() -> dict[str, str]:
    """Return the installed versions of the packages that decide a run's figures."""
    found = {}
    for name in (course().distribution, *course().packages, "papermill"):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _run_papermill(plan: RunPlan, folder: str, progress: Progress | None) -> str:
    """Execute the notebook; return '' or what went wrong."""
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.engines import papermill_engines

    from labs_engine.run.kernels.listening import ListeningManager

    papermill_engines.register("labs", _counting_engine(progress))
    try:
        source = _readable(plan)
    except Exception as failure:  # nbformat raises many kinds; what matters is the file
        reason = next(iter(str(failure).splitlines()), type(failure).__name__)
        return f"{plan.source.name} cannot be read as a notebook: {reason}"
    try:
        papermill.execute_notebook(
            str(source),
            str(plan.output),
            parameters=plan.given,
            engine_name="labs",
            kernel_name="python3",
            progress_bar=False,
            cwd=folder,
            execution_timeout=plan.cell_timeout or None,
            iopub_timeout=_OUTPUT_SECONDS,
            kernel_manager_class=ListeningManager,
            coalesce_streams=True,  # lines that were flushed one by one are one output, as in JupyterLab
            extra_arguments=["--log-level=ERROR"],  # kernels warn about their own transport
        )
    except papermill.PapermillExecutionError as failure:
        return f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
    except CellTimeoutError as failure:
        if "IOPub" in str(failure):
            return f"what a cell printed did not arrive within {_OUTPUT_SECONDS} s: it printed too much"
        return f"a cell ran for more than {plan.cell_timeout} s"
    except DeadKernelError:
        return "the kernel died (out of memory?)"
    except OSError as failure:
        return f"{type(failure).__name__}: {failure}"
    return ""


def _counting_engine(progress: Progress | None) -> type:
    """Return papermill's own engine, which also tells how many cells are done."""
    from papermill.engines import NBClientEngine

    class CountingEngine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
            total = sum(cell.cell_type == "code" for cell in nb_man.nb.cells)
            complete, done = nb_man.cell_complete, 0

            def counted(cell: Any, *arguments: Any, **keywords: Any) -> Any:
                nonlocal done
                done += cell.cell_type == "code"
                if progress:
                    progress(done, total)
                return complete(cell, *arguments, **keywords)

            nb_man.cell_complete = counted
            return super().execute_managed_notebook(nb_man, kernel_name, **options)

    return CountingEngine


def _readable(plan: RunPlan) -> Path:
    """Return the notebook, or a copy without its byte order mark, which papermill cannot read.

    Some editors put that mark at the beginning of a file. The copy is written where the output goes.
    """
    import nbformat

    text = plan.source.read_text(encoding="utf-8-sig")
    nbformat.reads(text, as_version=4)
    if not plan.source.read_bytes().startswith(codecs.BOM_UTF8):
        return plan.source
    plan.output.write_text(text, encoding="utf-8")
    return plan.output


def _page_of(notebook: Path) -> str:
    from labs_engine.run.html import write_page

    page = notebook.with_suffix(".html")
    write_page(notebook, page)
    return page.name


def _environment(threads: int) -> contextlib.AbstractContextManager[None]:
    """Set what the kernel inherits: where figures go, how many threads numeric libraries start."""
    wanted = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    if os.environ.get("LABS_DATA"):  # the kernel works in another folder
        wanted["LABS_DATA"] = str(Path(os.environ["LABS_DATA"]).expanduser().absolute())
    if threads:
        names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
        wanted |= dict.fromkeys(names, str(threads))
    return variables(wanted)


def _kernels_memory() -> float:
    """Return the resident memory of this process's children and forked kernels, in bytes."""
    import psutil

    total = 0
    # A process may end between being listed and being asked.
    with contextlib.suppress(psutil.Error):
        kernels = [psutil.Process(pid) for pid in fork.running]
        for process in (*psutil.Process().children(recursive=True), *kernels):
            total += process.memory_info().rss
    return total
