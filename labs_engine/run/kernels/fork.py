"""The server of kernels seen from outside: started, asked for a kernel, ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path

from labs_engine.base.forking import fork, listening
from labs_engine.base.variables import variables

# Where the server listens; a process that inherits this variable has its kernels forked.
ADDRESS = "LABS_KERNEL_SERVER"
# Where the server looks for modules first: a kernel that must look elsewhere is not forked.
PATHS = "LABS_KERNEL_PATHS"
PROVISIONER = "labs-fork"
VARIABLES = (ADDRESS, PATHS, "JUPYTER_DEFAULT_PROVISIONER_NAME")
_START_SECONDS = 120.0  # for the libraries to load on a busy machine

# The running kernels of this process.
running: set[int] = set()


@contextlib.contextmanager
def kernel_server() -> Iterator[None]:
    """Have kernels forked for the duration of the block, in this process and in those that it starts.

    Does nothing if there is a server already, on systems other than Linux, or if Jupyter's client would not find the
    provisioner, because an earlier version of the course is installed.
    """
    known = entry_points(group="jupyter_client.kernel_provisioners").names
    if os.environ.get(ADDRESS) or sys.platform != "linux" or PROVISIONER not in known:
        yield
        return
    # One thread there, so that a fork loses none; each kernel sets its own number.
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with listening() as (listener, address):
        process = subprocess.Popen(
            [sys.executable, "-m", "labs_engine.run.kernels.server", str(listener.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            start_new_session=True,  # Ctrl-C is for those who use the kernels
            env={**os.environ, **single},
            cwd=Path(address).parent,
        )
        listener.close()
        mine = dict(zip(VARIABLES, (address, os.environ.get("PYTHONPATH", ""), PROVISIONER), strict=True))
        try:
            with variables(mine):
                yield
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class ForkedKernel:
    """A kernel's process; what Jupyter's client needs of `subprocess.Popen`.

    Attributes:
        pid: Its number.
        returncode: Its exit status, negative for a signal; None while it runs.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection
        running.add(pid)

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        return self._status(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit status.

        Raises:
            subprocess.TimeoutExpired: It takes longer.
        """
        status = self._status(timeout)
        if status is None:
            raise subprocess.TimeoutExpired("kernel", timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _status(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                answer = self._connection.recv(16)
            except (BlockingIOError, TimeoutError):
                return None
            except OSError:
                answer = b""
            # Without an answer the server is gone, and with it its kernels.
            self.returncode = int(answer) if answer.strip() else -signal.SIGKILL
            self._connection.close()
            running.discard(self.pid)
        return self.returncode


def fork_kernel(
    arguments: Sequence[str], environment: Mapping[str, str], folder: str | None, address: str
) -> ForkedKernel:
    """Have a kernel forked.

    Args:
        arguments: What follows `ipykernel_launcher` on its command line.
        environment: Its environment variables.
        folder: Its working folder; None for that of the server.
        address: Where the server listens.

    Raises:
        ServerLost: There is no server, or it does not answer.
    """
    with tempfile.TemporaryFile() as file:
        request = {"arguments": list(arguments), "env": dict(environment), "cwd": folder}
        file.write(json.dumps(request).encode())
        file.flush()
        return ForkedKernel(*fork(address, [file.fileno(), *_standard_streams()], _START_SECONDS))


def _standard_streams() -> list[int]:
    """Return this process's standard descriptors, which a kernel inherits."""
    found = []
    for number in (0, 1, 2):
        try:
            os.fstat(number)
            found.append(number)
        except OSError:  # closed: the kernel gets the next best
            found.append(2 if number != 2 else 1)
    return found
