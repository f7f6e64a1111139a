"""Many runs: planned, executed in parallel, stoppable; a failed one does not affect the others."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import Any

from labs_engine.build.project import Project
from labs_engine.declare.framework import LabSpec
from labs_engine.declare.parameters import ParameterError, resolve
from labs_engine.run.execute import RunPlan, execute
from labs_engine.run.kernels.fork import kernel_server
from labs_engine.run.results import RunResult

_TIME_TO_CLEAN_UP = 20.0  # seconds

# Called with the plan's index, cells done and cells in all.
Report = Callable[[int, int, int], None]


def plan_runs(
    project: Project,
    labs: Sequence[LabSpec],
    given: Mapping[str, Any],
    out: Path,
    *,
    version: str = "auto",
    workers: int = 1,
    cell_timeout: int = 0,
) -> list[RunPlan]:
    """Plan one run per lab; nothing is executed and every value is checked.

    Args:
        project: The course.
        labs: The labs.
        given: Parameters by name, as texts or values. With several labs a parameter
            is passed to those that have it; it must exist in at least one.
        out: Folder of the executed notebooks.
        version: 'solution', 'student', or 'auto' for the solution where there is one.
        workers: Runs at a time, which share the cores.
        cell_timeout: Seconds that a cell may take, 0 for any time.

    Raises:
        ParameterError: A parameter that no lab has, or a value that it cannot take.
        FileNotFoundError: The notebook of a lab is not there.
    """
    names = {parameter.name for lab in labs for parameter in lab.parameters}
    unknown = [name for name in given if name not in names]
    if unknown:
        raise ParameterError(
            f"unknown parameter {', '.join(map(repr, unknown))}; "
            + "; ".join(f"lab {lab.number} has: {', '.join(p.name for p in lab.parameters)}" for lab in labs)
        )
    threads = threads_per_run(min(workers, len(labs)))
    plans = [_plan(project, lab, given, out, version) for lab in labs]
    return [replace(plan, threads=threads, cell_timeout=cell_timeout) for plan in plans]


def _plan(project: Project, lab: LabSpec, given: Mapping[str, Any], out: Path, version: str) -> RunPlan:
    """Plan the run of one lab, with those of the given parameters that it has."""
    declared = {parameter.name: parameter for parameter in lab.parameters}
    values = {name: declared[name].convert(given[name]) for name in given if name in declared}
    if values.get("data_home"):
        values["data_home"] = str(Path(values["data_home"]).expanduser().resolve())
    kind = version if version != "auto" else _best_version(project, lab)
    source = project.notebook(lab, kind)
    if not source.is_file():
        raise FileNotFoundError(f"{source} is not there; run `labs build` to derive it")
    return RunPlan(
        lab=lab.name,
        version=kind,
        source=source,
        output=out / f"{lab.name}.ipynb",
        given=values,
        resolved=resolve(lab.parameters, values),
    )


def threads_per_run(workers: int) -> int:
    """Return how many threads each of several parallel runs may use; 0 stands for all."""
    return max(1, (os.cpu_count() or 1) // workers) if workers > 1 else 0


def execute_all(
    plans: Sequence[RunPlan],
    workers: int,
    report: Report | None = None,
    finished: Callable[[int, RunResult], None] | None = None,
) -> dict[int, RunResult]:
    """Execute runs, several at a time.

    Args:
        plans: What to run.
        workers: Runs at a time.
        report: Called after each executed cell.
        finished: Called after each run, in the order in which they end.

    Returns:
        The results by the index of their plan. Fewer than the plans if the user
        pressed Ctrl-C: what had ended by then is kept.
    """
    context = multiprocessing.get_context("spawn")
    results: dict[int, RunResult] = {}
    with context.Manager() as manager, _kernels(plans):
        events = manager.Queue()
        listener = threading.Thread(target=_listen, args=(events, report), daemon=True)
        listener.start()
        pool = ProcessPoolExecutor(max(1, min(workers, len(plans))), context, initializer=stop_on_sigterm)
        try:
            for index, result in _in_order_of_end(pool, plans, events):
                results[index] = result
                if finished:
                    finished(index, result)
        except KeyboardInterrupt:
            stop_pool(pool)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            events.put(None)
            listener.join()
    return results


def _kernels(plans: Sequence[RunPlan]) -> contextlib.AbstractContextManager[None]:
    """Return a server of kernels; for a single run none, because it would save no loading."""
    return kernel_server() if len(plans) > 1 else contextlib.nullcontext()


def _in_order_of_end(
    pool: Executor, plans: Sequence[RunPlan], events: Any
) -> Iterable[tuple[int, RunResult]]:
    # Later labs take longer. They begin first, so that at the end no long one is left alone on one core.
    order = sorted(range(len(plans)), key=lambda index: plans[index].lab, reverse=True)
    futures = {pool.submit(_work, index, plans[index], events): index for index in order}
    for future in as_completed(futures):
        index = futures[future]
        try:
            yield index, future.result()
        except Exception as error:  # a worker that died, not a notebook that failed
            yield index, _lost(plans[index], error)


def stop_on_sigterm() -> None:
    """Prepare a worker: it ignores Ctrl-C, and cleans up and ends when its parent sends SIGTERM."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when its parent has been killed and can send no signal."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        # The job at work cleans up. The worker then waits for another, which nobody will send.
        time.sleep(_TIME_TO_CLEAN_UP / 2)
        os._exit(1)


def stop_pool(pool: ProcessPoolExecutor) -> None:
    """End the workers, with some time to stop their kernels and to remove what is temporary."""
    processes = list(pool._processes.values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_TIME_TO_CLEAN_UP)
        if process.is_alive():
            process.kill()


def _work(index: int, plan: RunPlan, events: Any) -> RunResult:
    def report(done: int, total: int) -> None:
        # After Ctrl-C nobody may be listening, and the run still has to clean up.
        with contextlib.suppress(OSError, EOFError):
            events.put((index, done, total))

    return execute(plan, progress=report)


def _lost(plan: RunPlan, error: Exception) -> RunResult:
    return RunResult(
        lab=plan.lab,
        version=plan.version,
        status="failed",
        parameters=plan.resolved,
        profile=plan.resolved["profile"],
        seconds=0.0,
        peak_memory_mb=0.0,
        packages={},
        notebook=plan.output.name,
        error=f"the worker was lost: {type(error).__name__}: {error}",
    )


def _listen(events: queue.Queue[Any], report: Report | None) -> None:
    while (event := events.get()) is not None:
        if report:
            report(*event)


def _best_version(project: Project, lab: LabSpec) -> str:
    return "solution" if project.notebook(lab, "solution").is_file() else "student"
