"""The sandbox seen from outside: started, given jobs, watched, ended.

A `Sandbox` is a bubblewrap container with a fork server in it (`inside.server`). It has no network, sees
the system and the libraries read-only, and of the course only what a submission may know. Each job is a
forked child with namespaces and folders of its own, and no right to change them (`inside.isolation`).
"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from labs_engine.base import forking
from labs_engine.declare.course import course_packages
from labs_engine.grade import accounting
from labs_engine.grade.in_sandbox.limits import Limits
from labs_engine.grade.in_sandbox.protocol import BrokenStream, Message, Reader, plain_text

Kind = Literal["bwrap", "none"]

_START_SECONDS = 120  # for the libraries to load
_LOOK_EVERY = 0.1  # seconds, at what a run takes
_GRACE = 10  # seconds beyond a cell's time, in which it may still be interrupted from inside
_PREFIX = "labs-grading-"  # of its copy of the course, with the grader's process number behind it
_COPY = re.compile(rf"{_PREFIX}(?:(?P<owner>\d+)-)?[a-z0-9_]{{8}}")
_A_DAY = 86400
_COURSE = "/course"  # where the packages lie inside
_PRIVATE = ("/private", "/dev/shm")  # each job has its own; the first is its temporary and its home folder
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_SETTINGS = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/localtime",
)


# What of the engine is needed beside a submission. Its judges are of no use without the labs, which stay outside.
_ENGINE_INSIDE = {"__init__.py", "base", "declare", "session", "grade"}


class SandboxError(RuntimeError):
    """The sandbox cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    Attributes:
        reason: '' where it came to its end, else what ended it, in words for the instructor.
        limit: Name of the limit that was hit, or ''.
    """

    reason: str = ""
    limit: str = ""


def check_sandbox() -> None:
    """Say whether a sandbox works here, and a job in it can be shut in; takes about a second.

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
        raise SandboxError(f"submissions cannot be kept apart here: {ending.reason}")


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


@contextlib.contextmanager
def course_without_answers() -> Iterator[tuple[Path, Path]]:
    """Give copies of both packages without the labs, which know what is right, and what operates the course."""
    _remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as folder, _held(folder):
        engine, helpers = (Path(folder) / package.name for package in course_packages())
        for source, target in zip(course_packages(), (engine, helpers), strict=True):
            shutil.copytree(source, target, ignore=_withheld)
        yield engine, helpers


@contextlib.contextmanager
def _held(folder: str) -> Iterator[None]:
    """Hold a folder as long as its grader lives: the kernel lets go of a lock when a process ends, however it ends."""
    import fcntl  # not on Windows, where there is no sandbox either

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _remove_abandoned() -> None:
    """Remove what this user's graders that were killed have left in the temporary folder."""
    for place in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's, or gone meanwhile
            if _is_abandoned(place):
                shutil.rmtree(place, ignore_errors=True)


def _is_abandoned(place: Path) -> bool:
    """Tell whether a folder is a grader's of this user, and the grader is gone.

    That is so if nobody holds it, and its process is gone. A number of a process is given again and earlier versions
    wrote none, so after a day it is enough that nobody holds it.
    """
    name, about = _COPY.fullmatch(place.name), place.lstat()
    if not name or about.st_uid != os.getuid() or not stat.S_ISDIR(about.st_mode):
        return False
    gone = name["owner"] is not None and not Path("/proc", name["owner"]).exists()
    return (gone or time.time() - about.st_mtime > _A_DAY) and not _is_held(place)


def _is_held(place: Path) -> bool:
    import fcntl

    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks: the number of the process says enough
        return False
    finally:
        os.close(descriptor)
    return False


def _withheld(folder: str, names: list[str]) -> set[str]:
    """Tell which files of a folder do not enter the sandbox."""
    engine, helpers = course_packages()
    out = {name for name in names if name.endswith(".pyc")}
    if Path(folder) == engine:
        out |= set(names) - _ENGINE_INSIDE
    elif Path(folder) == engine / "grade":
        out |= set(names) - {"in_sandbox", "__init__.py"}
    elif Path(folder) == helpers / "labs":
        out |= set(names) - {"__init__.py"}
    return out


class Sandbox:
    """A container that does jobs, one at a time. Started at the first job, and anew after one that was ended.

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
        self._packages, self._task, self._kind = packages, task, kind
        self._readable, self._environment = readable, environment or {}
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
            limits: What it may take.
            receive: Is given each message as it arrives.

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
                pickle.dump({**job, "limits": limits, "private": self._private()}, file)
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
        watched = _Watched(limits, time.monotonic())
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
                # A piece at a time: whoever writes without end is held to the clock all the same.
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

    def _too_large(self, watched: _Watched, kills: int) -> Ending:
        """Return the limit of memory or processes that a job has passed, if it has."""
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
        watched: _Watched,
        kills: int,
    ) -> Ending:
        """Take what is left in the pipe after a job's end, and say how it ended."""
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
        """End the job; the sandbox too if it does not answer at once."""
        with contextlib.suppress(OSError):
            job.shutdown(socket.SHUT_WR)
        if not select.select([job], [], [], 3)[0] or _status(job) is None:
            self.stop()

    def _started(self) -> str:
        """Return the address of the server, which is started unless it is there."""
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
            env=self._variables(),
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

    def _variables(self) -> dict[str, str]:
        home = _PRIVATE[0] if self._kind == "bwrap" else tempfile.gettempdir()
        threads = dict.fromkeys(
            (
                "OMP_NUM_THREADS",
                "OPENBLAS_NUM_THREADS",
                "NUMBA_NUM_THREADS",
                "TF_NUM_INTRAOP_THREADS",
                "TF_NUM_INTEROP_THREADS",
            ),
            "1",
        )
        # A cache that can be written to: the first of a job's folders hides it from submissions.
        compiled = {"NUMBA_CACHE_DIR": f"{home}/numba"} if self._kind == "bwrap" else {}
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": home,
            "TMPDIR": home,
            "LANG": "C.UTF-8",
            "PYTHONPATH": _COURSE if self._kind == "bwrap" else self._parents(),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "MPLCONFIGDIR": f"{home}/matplotlib",
            **threads,
            **compiled,
            **self._environment,
        }  # fmt: skip

    def _command(self, descriptor: int) -> list[str]:
        server = [
            # -P: without it the working folder would come first where modules are looked for.
            sys.executable, "-P", "-m", "labs_engine.grade.in_sandbox.server",
            str(descriptor), self._task, "isolate" if self._kind == "bwrap" else "share",
        ]  # fmt: skip
        if self._kind == "none":
            return server
        # An ordinary user inside: the kernel lets nobody map a superuser into a further namespace.
        command = ["bwrap", "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000"]
        command += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        for folder in (*_SYSTEM, *_SETTINGS):
            path = Path(folder)
            if path.is_symlink() and path.parent == Path("/"):
                command += ["--symlink", str(path.readlink()), folder]
            elif path.exists():
                command += ["--ro-bind", folder, folder]
        command += ["--proc", "/proc", "--dev", "/dev"]
        for folder in (*_PRIVATE, "/tmp"):
            command += ["--tmpfs", folder]
        # The kernel mounts a job's own /proc only where a whole one is in sight; bubblewrap covers parts of its own
        # where the grader is run by root. A job's first folder hides it.
        command += ["--ro-bind", "/proc", f"{_PRIVATE[0]}/proc"]
        for package in self._packages:
            command += ["--ro-bind", str(package), f"{_COURSE}/{package.name}"]
        for folder in self._visible():
            command += ["--ro-bind", folder, folder]
        for hidden in self._installed_copies():
            command += ["--tmpfs", hidden]
        for readable in self._readable:
            # Databases of the cache remember where the instructor's files lie.
            for database in sorted(readable.glob("*.sqlite*")):
                command += ["--ro-bind", "/dev/null", str(database)]
        read_only = ["/dev", "/"] if "/tmp" in self._private() else ["/dev", "/", "/tmp"]
        for folder in read_only:
            command += ["--remount-ro", folder]
        return [*command, "--chdir", "/", "--", *server]

    def _private(self) -> tuple[str, ...]:
        """Return the folders that each job has for itself; /tmp unless libraries lie in it."""
        if any(Path(folder).is_relative_to("/tmp") for folder in self._visible()):
            return _PRIVATE
        return (*_PRIVATE, "/tmp")

    def _visible(self) -> list[str]:
        """Return the folders of Python and its libraries, and those to be readable, none inside another."""
        folders = {sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib")}
        folders |= {str(folder) for folder in self._readable}
        folders |= {str(Path(sys.executable).resolve().parent.parent)}
        wanted = sorted(
            {str(Path(folder)) for folder in folders if not folder.startswith("/usr/") and folder != "/usr"}
        )
        return [
            f for f in wanted if not any(f != other and Path(f).is_relative_to(other) for other in wanted)
        ]

    def _parents(self) -> str:
        """Return the folders in which the packages lie, as a search path."""
        return os.pathsep.join(dict.fromkeys(str(package.parent) for package in self._packages))

    @staticmethod
    def _installed_copies() -> list[str]:
        """Return where the whole packages lie among the libraries, which must not be seen."""
        places = [package.resolve() for package in course_packages()]
        return [str(place) for place in places if place.is_relative_to(Path(sys.prefix).resolve())]

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


class _Watched:
    """What is known of a running job, held against its limits."""

    def __init__(self, limits: Limits, start: float) -> None:
        self._limits, self._start = limits, start
        self._cell_start = start
        self._cell = ""
        self.fault = ""
        self.complete = True

    def note(self, message: Message) -> None:
        """Take note of a message."""
        if message.kind == "cell":
            cell = message.content.get("id")
            self._cell = plain_text(cell)[:80]
            self._cell_start, self.complete = time.monotonic(), False
        elif message.kind == "done":
            self.complete = True
        elif message.kind == "fault":
            self.fault = plain_text(message.content.get("error"))[:500]

    @property
    def place(self) -> str:
        """The cell at work."""
        return f"cell {self._cell!r}" if self._cell else "no cell"

    def out_of_time(self) -> Ending:
        """Return the limit of time that was passed, if one was."""
        now = time.monotonic()
        if now - self._start > self._limits.seconds:
            return Ending(f"more than {self._limits.seconds:g} s in all, at {self.place}", "time")
        if not self.complete and now - self._cell_start > self._limits.cell_seconds + _GRACE:
            return Ending(f"{self.place} did not end after {self._limits.cell_seconds:g} s", "cell time")
        return Ending()

    def too_large(self, memory: float, tasks: int) -> Ending:
        """Return the limit of memory (MB) or processes and threads that was passed, if one was."""
        # A single process is held by the kernel, which tells it; this is for all together.
        if memory > self._limits.all_mb:
            return Ending(f"more than {self._limits.all_mb:g} MB of memory, at {self.place}", "memory")
        if tasks > self._limits.processes:
            return Ending(
                f"more than {self._limits.processes} processes and threads, at {self.place}", "processes"
            )
        return Ending()
