"""The process in a sandbox from which jobs are forked, see `labs_engine.base.forking`.

`python -m labs_engine.grade.in_sandbox.server DESCRIPTOR TASK ISOLATE`: requests arrive at the listening socket
DESCRIPTOR. A job takes two descriptors: it reads the task from one and writes messages to the other. Only the child
has the latter, so the end of that stream is the end of the job. No code of a submission ever runs in this process, and
its children cannot reach it: each has namespaces of its own (`isolation`).
"""

from __future__ import annotations

import importlib
import os
import pickle
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from labs_engine.base.forking import ForkServer
from labs_engine.grade.in_sandbox import isolation, limits
from labs_engine.grade.in_sandbox.protocol import send

# A job's function takes the job and the descriptor to write to.
Task = Callable[[Any, int], None]


def do_job(task: Task, isolate: bool, descriptors: list[int]) -> int:
    """Do a job and return its exit status.

    Args:
        task: Does it.
        isolate: Whether it gets namespaces of its own.
        descriptors: Where the job is read from, and where messages go.
    """
    job_descriptor, out = descriptors
    try:
        with os.fdopen(job_descriptor, "rb") as file:
            job = pickle.load(file)  # made outside, by the grader
        limits.leave_nothing_open({out})
        limits.silence_standard_streams()
        limits.be_ended_first()
        if isolate:
            isolation.enter_namespaces()
            _become_first_process(out)
            isolation.shut_in(job["limits"], job["private"])
        limits.limit_this_process(job["limits"])
        task(job, out)
    except BaseException as error:
        _report(out, error)
        return 1
    return 0


def _become_first_process(out: int) -> None:
    """Continue as process 1 of the new namespace; its parent waits for it and ends with the same status."""
    first = os.fork()
    if first == 0:
        return
    os.close(out)
    code = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


def _report(out: int, error: BaseException) -> None:
    try:
        send(out, "fault", {"error": f"{type(error).__name__}: {error}"[:500]})
    except OSError:
        return  # nobody listens any more


def _nothing() -> None:
    """Load nothing."""


def main() -> None:
    """Serve."""
    descriptor, name, isolate = sys.argv[1:4]
    module, function = name.split(":")
    found = importlib.import_module(module)
    shut_in = isolate == "isolate"
    if shut_in:
        isolation.load_filter_library()
    isolation.own_proc_files()
    work = partial(do_job, getattr(found, function), shut_in)
    with socket.socket(fileno=int(descriptor)) as listener:
        ForkServer(listener, work, getattr(found, "prepare", _nothing), alone=shut_in).serve()


if __name__ == "__main__":
    main()
