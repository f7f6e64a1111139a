"""Grading many submissions: several at a time, and each result is stored as soon as it is there.

Workers are a `concurrent.futures.Executor`: processes of this machine, or those of a dask cluster. If a worker is
lost, the submission that it was grading is tried again, and nothing else is affected.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from labs_engine.base.storage import StorageError, new_file
from labs_engine.declare.course import all_labs
from labs_engine.grade.graded import Submission, file_name, new_result
from labs_engine.grade.grader import Settings, grade_one
from labs_engine.run.schedule import stop_on_sigterm, stop_pool

_TRIES = 3  # of a submission whose worker is lost

Result = dict[str, Any]
# Makes an executor; called again after a worker was lost.
MakeExecutor = Callable[[], Executor]


def processes(workers: int) -> MakeExecutor:
    """Return how to make an executor of processes on this machine."""
    context = multiprocessing.get_context("spawn")
    return lambda: ProcessPoolExecutor(workers, context, initializer=stop_on_sigterm)


def dask_cluster(address: str) -> MakeExecutor:
    """Return how to make an executor on a dask cluster, whose workers see the same folders as this machine.

    Raises:
        OSError: There is no scheduler at the address.
        ModuleNotFoundError: dask.distributed is not installed.
    """
    from distributed import Client

    client = Client(address, timeout=20)
    return lambda: client.get_executor(pure=False, retries=_TRIES - 1)


def grade_all(
    settings: Settings,
    submissions: Sequence[Submission],
    out: Path,
    make: MakeExecutor,
    *,
    at_once: int,
    finished: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Grade what is new or changed; keep each result in `out/rows`.

    Args:
        settings: The settings of the grading.
        submissions: The submissions, with one student each.
        out: Folder for rows and executed notebooks.
        make: Makes the executor.
        at_once: Submissions at a time, one for each worker.
        finished: Called with each result, those that were there already first.

    Returns:
        The results, in the order of the submissions. Fewer after Ctrl-C: what was reached is kept.

    Raises:
        StorageError: No space, or no right to write; what was reached is kept.
    """
    # Workers may have another working folder.
    out = out.resolve()
    submissions = [replace(submission, path=submission.path.resolve()) for submission in submissions]
    settings_key = settings.digest()
    keys = {s.student: _key(settings_key, s) for s in submissions}
    results: dict[str, Result] = {}
    waiting: list[Submission] = []
    for submission in submissions:
        kept = _kept(out, submission.student, keys[submission.student])
        if kept is None:
            waiting.append(submission)
        else:
            results[submission.student] = kept
            finished(kept)
    try:
        for student, result in _graded(settings, waiting, out / "runs", make, at_once):
            if result["status"] != "lost":  # to be tried again at the next call
                _keep(out, student, keys[student], settings.lab, result)
            results[student] = result
            finished(result)
    except KeyboardInterrupt:
        pass
    return [results[s.student] for s in submissions if s.student in results]


def _graded(
    settings: Settings, waiting: list[Submission], notebooks: Path, make: MakeExecutor, at_once: int
) -> Iterator[tuple[str, Result]]:
    """Grade submissions, as many at once as there are workers; yield results in the order of their end."""
    tries = {submission.student: 0 for submission in waiting}
    queue = list(reversed(waiting))
    while queue:
        running: dict[Future[Result], Submission] = {}
        with _executor(make) as executor:
            broken = False
            while running or (queue and not broken):
                while queue and not broken and len(running) < at_once:
                    submission = queue.pop()
                    tries[submission.student] += 1
                    running[executor.submit(grade_one, settings, submission, notebooks)] = submission
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    submission = running.pop(future)
                    error = future.exception()
                    if isinstance(error, StorageError):
                        raise error  # a full disk is no fault of this submission's
                    if error is None:
                        yield submission.student, future.result()
                    elif tries[submission.student] < _TRIES:
                        queue.append(submission)
                    else:
                        yield submission.student, _lost(submission, error)
                    broken |= isinstance(error, BrokenProcessPool)


@contextmanager
def _executor(make: MakeExecutor) -> Iterator[Executor]:
    executor = make()
    try:
        yield executor
    except BaseException:
        if isinstance(executor, ProcessPoolExecutor):
            stop_pool(executor)
        raise
    finally:
        executor.shutdown(wait=True)


def _lost(submission: Submission, error: BaseException) -> Result:
    reason = f"the worker was lost {_TRIES} times: {type(error).__name__}: {error}"
    return new_result(
        submission.student,
        "lost",
        [reason[:500]],
        name=submission.name,
        file=submission.path.name,
        late_seconds=submission.late_seconds,
    )


def _key(settings_key: str, submission: Submission) -> str:
    """Return a digest of everything that a stored result depends on."""
    try:
        digest = hashlib.sha256(submission.path.read_bytes()).hexdigest()
    except OSError as error:
        digest = f"{type(error).__name__}"
    about = repr(
        (submission.student, submission.name, submission.remark, submission.late_seconds, submission.placed)
    )
    return hashlib.sha256(f"{settings_key}\0{about}\0{digest}".encode()).hexdigest()[:16]


def _row(out: Path, student: str) -> Path:
    return out / "rows" / f"{file_name(student)}.json"


def _kept(out: Path, student: str, key: str) -> Result | None:
    try:
        row = json.loads(_row(out, student).read_text(encoding="utf-8"))
        return row["result"] if row["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not there, or damaged: it is graded again


def _keep(out: Path, student: str, key: str, lab: str, result: Result) -> None:
    row = {"key": key, "lab": lab, "result": result}
    with new_file(_row(out, student)) as part:
        part.write_text(json.dumps(row, indent=1, sort_keys=True), encoding="utf-8")


def lab_held(out: Path) -> str:
    """Return the name of the lab of a folder's rows, '' if none names it.

    Args:
        out: The folder of a grading; it need not be there.
    """
    for path in sorted((out / "rows").glob("*.json")):
        with suppress(OSError, ValueError, AttributeError, TypeError):  # damaged
            row = json.loads(path.read_text(encoding="utf-8"))
            if lab := row.get("lab") or _lab_of(row.get("result", {}).get("exercises", {})):
                return str(lab)
    return ""


def _lab_of(exercises: Collection[str]) -> str:
    """Return the lab that has these exercises: a row of an earlier version does not tell its lab."""
    return next((lab.name for lab in all_labs() if {e.name for e in lab.exercises} == set(exercises)), "")
