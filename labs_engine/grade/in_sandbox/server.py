"""A process that has the heavy libraries loaded, and forks one child for each job.

It runs inside the sandbox: `python -m labs_engine.grade.in_sandbox.server SOCKET TASK ISOLATE`. A job arrives on
the control socket with two descriptors: one to read the job from, one to write messages to. Only the child
has the latter, so the end of that stream is the end of the job. No code of a submission ever runs in this
process, and its children cannot reach it: each has namespaces of its own (`isolation`).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pickle
import select
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from labs_engine.grade.in_sandbox import isolation, limits

# A job's function takes the job and the descriptor to write to.
Task = Callable[[Any, int], None]


def serve(control: socket.socket, task: Task, isolate: bool) -> None:
    """Do jobs until the other end closes.

    Args:
        control: Where jobs come from, and where their end is told.
        task: Does a job, in a child.
        isolate: Whether each child gets namespaces of its own.
    """
    control.sendall(b'{"ready": true}\n')
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 64, 2)
        if not message:
            return
        job, out = descriptors
        child = os.fork()
        if child == 0:
            control.close()
            _child(task, job, out, isolate)
        os.close(job)
        os.close(out)
        status = _wait(child, control, isolate)
        _end(child, isolate)
        if status is None:
            return
        control.sendall(json.dumps({"status": status}).encode() + b"\n")


def _wait(child: int, control: socket.socket, isolate: bool) -> int | None:
    """Return the exit status; a word on the control socket ends the child, None means that it closed."""
    handle = os.pidfd_open(child)
    try:
        while True:
            ready, _, _ = select.select([handle, control.fileno()], [], [])
            if control.fileno() in ready:
                word = control.recv(64)
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                _end(child, isolate)
                if not word:
                    os.waitpid(child, 0)
                    return None
            if handle in ready:
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        os.close(handle)


def _end(child: int, isolate: bool) -> None:
    """End a job and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        if isolate:
            # Everything but this process and the sandbox's first one, whatever session or group it hid in.
            os.kill(-1, signal.SIGKILL)
        else:
            os.killpg(child, signal.SIGKILL)


def _child(task: Task, job_descriptor: int, out: int, isolate: bool) -> None:
    """Do a job and end; never returns."""
    status = 1
    try:
        with os.fdopen(job_descriptor, "rb") as file:
            job = pickle.load(file)  # made outside, by the grader
        limits.leave_nothing_open({out})
        limits.silence_standard_streams()
        os.setsid()
        limits.be_ended_first()
        if isolate:
            isolation.enter_namespaces()
            _become_first_process(out)
            isolation.shut_in(job["limits"], job["private"])
        limits.limit_this_process(job["limits"])
        task(job, out)
        status = 0
    except BaseException as error:
        _report(out, error)
    finally:
        os._exit(status)


def _become_first_process(out: int) -> None:
    """Go on as process 1 of the new namespace; the one that forked it waits and ends as it did."""
    first = os.fork()
    if first == 0:
        return
    os.close(out)
    code = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


def _report(out: int, error: BaseException) -> None:
    from labs_engine.grade.in_sandbox.protocol import send

    try:
        send(out, "fault", {"error": f"{type(error).__name__}: {error}"[:500]})
    except OSError:
        return  # nobody listens any more


def main() -> None:
    """Load what jobs need, then serve."""
    descriptor, name, isolate = sys.argv[1:4]
    module, function = name.split(":")
    task = getattr(importlib.import_module(module), function)
    prepare = getattr(importlib.import_module(module), "prepare", None)
    if prepare:
        prepare()
    if isolate == "isolate":
        isolation.load_filter_library()
    isolation.own_proc_files()
    with socket.socket(fileno=int(descriptor)) as control:
        serve(control, task, isolate == "isolate")


if __name__ == "__main__":
    main()
