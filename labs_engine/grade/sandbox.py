"""The sandbox seen from outside: started, given jobs, watched, ended.

A `Sandbox` is a bubblewrap container with a fork server in it (`in_sandbox.server`). It has no network, sees
the system and the libraries read-only, and of the course only what a submission may know. Each job is a
forked child with namespaces and folders of its own, and no right to change them (`in_sandbox.isolation`).
"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from labs_engine.base import forking
from labs_engine.grade import accounting
from labs_engine.grade.container import Container, Kind
from labs_engine.grade.course_copy import course_without_answers
from labs_engine.grade.endings import Ending, WatchedJob
from labs_engine.grade.in_sandbox.limits import Limits
from labs_engine.grade.in_sandbox.protocol import BrokenStream, Message, Reader

_START_SECONDS = 120  # for the libraries to load
_LOOK_EVERY = 0.1  # seconds, at what a run takes


class SandboxError(RuntimeError):
    """The sandbox cannot be used; the message says why and what to do."""


def check_sandbox() -> None:
    """Check that a sandbox works here and isolates its jobs; takes about a second.

    Raises:
        SandboxError: Something is missing, or the system does not allow it; the message says what to switch on.
    """
    _check_bubblewrap()
    with (
        course_without_answers() as visible,
        Sandbox(visible, "labs_engine.grade.in_sandbox.isolation:do_nothing") as sandbox,
    ):
        ending = sandbox.run({}, Limits(seconds=30), lambda message: None)
    if ending.reason:
        raise SandboxError(f"submissions cannot be isolated here: {ending.reason}")


def _check_bubblewrap() -> None:
    if shutil.which("bwrap") is None:
        raise SandboxError(
            "bubblewrap (the command bwrap) is not installed. It keeps submissions from your files and the network: "
            "install the packages `bubblewrap` and `libseccomp2` (Fedora: `libseccomp`), or grade without protection "
            "by `--sandbox none`, on a machine that holds nothing of value."
        )
    trial = subprocess.run(
        ["bwrap", "--ro-bind", "/", "/", "--unshare-all", "--proc", "/proc", "--dev", "/dev", "true"],
        capture_output=True,
        text=True,
    )
    if trial.returncode:
        raise SandboxError(
            f"bubblewrap does not work here: {trial.stderr.strip()}. It needs user namespaces, which some systems "
            "switch off (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)."
        )


class Sandbox:
    """A container that does jobs, one at a time. It is started at the first job, and again after a job was ended.

    Args:
        packages: Folders of the packages to be seen inside, and imported.
        task: 'module:function' that does a job inside.
        kind: 'bwrap', or 'none' for no protection at all.
        readable: Further folders that are visible inside, read-only.
        environment: Further environment variables.
    """

    def __init__(
        self,
        packages: Sequence[Path],
        task: str,
        *,
        kind: Kind = "bwrap",
        readable: Sequence[Path] = (),
        environment: dict[str, str] | None = None,
    ) -> None:
        self._container = Container(kind, packages, readable)
        self._task, self._kind, self._environment = task, kind, environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._address = ""
        self._stack = contextlib.ExitStack()
        self._group: accounting.Group | None = None
        self._memory: accounting.Watch | None = None
        self._allowed_mb = 0.0

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def run(self, job: dict[str, Any], limits: Limits, receive: Callable[[Message], None]) -> Ending:
        """Do a job.

        Args:
            job: What the task takes; `limits` is added.
            limits: Its limits.
            receive: Called with each message as it arrives.

        Returns:
            How it ended. Whatever it started is gone by then.

        Raises:
            SandboxError: The sandbox could not be started.
        """
        address = self._started()
        if self._group is not None and self._allowed_mb != limits.all_mb:
            self._group.allow(limits.all_mb)
            self._allowed_mb = limits.all_mb
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        try:
            with tempfile.TemporaryFile() as file:
                pickle.dump({**job, "limits": limits, "private": self._container.private()}, file)
                file.seek(0)
                try:
                    _, ending = forking.fork(address, [file.fileno(), writing], _START_SECONDS)
                finally:
                    os.close(writing)
            with ending:
                return self._watch(reading, ending, limits, receive)
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(reading)

    def _watch(
        self, reading: int, job: socket.socket, limits: Limits, receive: Callable[[Message], None]
    ) -> Ending:
        watched = WatchedJob(limits, time.monotonic())
        reader = Reader(limits.output_mb * 1_000_000)
        kills = self._group.kills() if self._group else 0
        next_look = 0.0

        def received(message: Message) -> None:
            watched.note(message)
            receive(message)

        ending, sources = Ending(), [reading, job.fileno()]
        while not ending.reason:
            ready, _, _ = select.select(sources, [], [], _LOOK_EVERY)
            if job.fileno() in ready:
                return self._ended(job, reading, reader, received, watched, kills)
            try:
                # One piece at a time, so that a job that writes without end still meets its time limit.
                data = self._read(reading)
                if reading in ready and not data:
                    sources.remove(reading)  # closed by the job, which may go on for long
                reader.feed(data, received)
            except BrokenStream as error:
                ending = Ending(str(error), "output")
                break
            ending = watched.out_of_time()
            if not ending.reason and time.monotonic() > next_look:
                ending = self._too_large(watched, kills)
                next_look = time.monotonic() + _LOOK_EVERY
        self._kill(job)
        return ending

    def _too_large(self, watched: WatchedJob, kills: int) -> Ending:
        """Return the limit of memory or processes that a job has passed, if any."""
        tasks = accounting.tasks_below(self._server)
        if self._group is not None:
            memory = math.inf if self._group.kills() > kills else 0.0
        else:
            memory = self._memory.taken() if self._memory else 0.0
        return watched.too_large(memory, tasks)

    @staticmethod
    def _read(descriptor: int) -> bytes:
        try:
            return os.read(descriptor, 1 << 20)
        except BlockingIOError:
            return b""

    def _ended(
        self,
        job: socket.socket,
        reading: int,
        reader: Reader,
        receive: Callable[[Message], None],
        watched: WatchedJob,
        kills: int,
    ) -> Ending:
        """Read what is left in the pipe after a job's end, and say how it ended."""
        answer = _status(job)
        if answer is None:
            self.stop()
            return Ending("the sandbox was lost", "lost")
        with contextlib.suppress(BrokenStream):
            while data := self._read(reading):
                reader.feed(data, receive)
        if self._group is not None and self._group.kills() > kills:
            return watched.too_large(math.inf, 0)
        if watched.fault:
            return Ending(f"the run could not go on: {watched.fault}", "fault")
        if answer == 0 and watched.complete:
            return Ending()
        return Ending(f"the process ended by itself in {watched.place}", "ended")

    def _kill(self, job: socket.socket) -> None:
        """End the job, and the sandbox too if it does not answer at once."""
        with contextlib.suppress(OSError):
            job.shutdown(socket.SHUT_WR)
        if not select.select([job], [], [], 3)[0] or _status(job) is None:
            self.stop()

    def _started(self) -> str:
        """Return the address of the server, and start it if it is not running."""
        if self._address and self._process is not None and self._process.poll() is None:
            return self._address
        self.stop()
        listener, self._address = self._stack.enter_context(forking.listening())
        command = self._command(listener.fileno())
        if self._kind == "bwrap":
            self._group = accounting.make_group()
        if self._group is not None:
            command = self._group.started_in(command)
        self._process = subprocess.Popen(
            command,
            pass_fds=[listener.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self._container.variables(self._environment),
            start_new_session=True,
        )
        listener.close()
        try:
            forking.have_loaded(self._address, _START_SECONDS)
            self._server = self._server_process()
            self._memory = None if self._group else accounting.Watch(self._server)
        except forking.ServerLost:
            assert self._process.stderr is not None
            self._process.kill()
            said = self._process.stderr.read().decode(errors="replace").strip().splitlines()
            self.stop()
            raise SandboxError("the sandbox did not start: " + (said[-1] if said else "no answer")) from None
        except OSError as error:
            self.stop()
            raise SandboxError(f"the memory of a sandbox cannot be counted here: {error}") from None
        return self._address

    def _command(self, descriptor: int) -> list[str]:
        server = [
            # -P: without it the working folder would come first where modules are looked for.
            sys.executable, "-P", "-m", "labs_engine.grade.in_sandbox.server",
            str(descriptor), self._task, "isolate" if self._kind == "bwrap" else "share",
        ]  # fmt: skip
        return self._container.command(server)

    def _server_process(self) -> int:
        """Return the process number of the fork server, seen from here."""
        import psutil

        assert self._process is not None
        process = psutil.Process(self._process.pid)
        for child in [process, *process.children(recursive=True)]:
            if (
                "labs_engine.grade.in_sandbox.server" in " ".join(child.cmdline()[:7])
                and "bwrap" not in child.name()
            ):
                return child.pid
        return self._process.pid

    def stop(self) -> None:
        """End the sandbox and everything in it."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            for stream in (self._process.stdin, self._process.stderr):
                if stream is not None:
                    stream.close()
        if self._group is not None:
            self._group.remove()
        self._stack.close()
        self._process = self._group = None
        self._address = ""
        self._allowed_mb = 0.0


def _status(job: socket.socket) -> int | None:
    """Return the exit status of a job, or None where the sandbox was lost."""
    try:
        return int(job.recv(256))
    except (OSError, ValueError):
        return None
