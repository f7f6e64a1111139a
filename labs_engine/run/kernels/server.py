"""The process from which kernels are forked: `python -m labs_engine.run.kernels.server DESCRIPTOR`.

Its requests arrive at the listening socket DESCRIPTOR. A request comes with four descriptors: a file that holds
it as JSON, and standard input, output and error of the kernel. The answer is the kernel's process number; later,
over the same connection, its exit status. A connection that closes ends its kernel, and the end of this process's
own standard input ends everything. The libraries are loaded at the first request.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import random
import select
import selectors
import signal
import socket
import sys
from dataclasses import dataclass
from typing import Any

from labs_engine.declare.course import course

# No operation is run here: threads would not live through a fork. The backend for figures is left out: it takes up
# its work in the notebook that loads it.
_KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel")


@dataclass
class _Kernel:
    pid: int
    handle: int
    connection: socket.socket


class KernelServer:
    """Forks kernels and tells how they end.

    Args:
        listener: Where requests arrive.
        alive: A descriptor that ends when nobody needs the server any more.
    """

    def __init__(self, listener: socket.socket, alive: int) -> None:
        self._listener, self._alive = listener, alive
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(alive, selectors.EVENT_READ)
        self._kernels: list[_Kernel] = []
        self._loaded = False

    def serve(self) -> None:
        """Work until `alive` ends; then end every kernel."""
        try:
            while True:
                for key, _ in self._selector.select():
                    if key.fileobj == self._alive:
                        return
                    if key.fileobj is self._listener:
                        self._start(self._listener.accept()[0])
                    else:
                        self._end(key.data)
        finally:
            for kernel in list(self._kernels):
                self._end(kernel)

    def _start(self, connection: socket.socket) -> None:
        message, descriptors, _, _ = socket.recv_fds(connection, 16, 4)
        if not message:
            connection.close()
            return
        if not self._loaded:
            _load()
            self._loaded = True
        pid = os.fork()
        if pid == 0:
            self._become_kernel(descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        kernel = _Kernel(pid, os.pidfd_open(pid), connection)
        self._kernels.append(kernel)
        self._selector.register(kernel.handle, selectors.EVENT_READ, kernel)
        self._selector.register(connection, selectors.EVENT_READ, kernel)
        with contextlib.suppress(OSError):
            connection.sendall(f"{pid}\n".encode())

    def _end(self, kernel: _Kernel) -> None:
        """Take the status of a kernel that has ended, or end one that nobody listens to."""
        if kernel not in self._kernels:
            return
        self._kernels.remove(kernel)
        self._selector.unregister(kernel.handle)
        self._selector.unregister(kernel.connection)
        if not select.select([kernel.handle], [], [], 0)[0]:
            os.kill(kernel.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(kernel.pid, signal.SIGKILL)  # what it started and left behind
        status = os.waitstatus_to_exitcode(os.waitpid(kernel.pid, 0)[1])
        os.close(kernel.handle)
        with contextlib.suppress(OSError):
            kernel.connection.sendall(f"{status}\n".encode())
        kernel.connection.close()

    def _become_kernel(self, descriptors: list[int]) -> None:
        """Go on as a kernel; never returns."""
        status = 1
        try:
            os.setsid()
            request, *standard = descriptors
            for number, descriptor in enumerate(standard):
                os.dup2(descriptor, number)
            with os.fdopen(request, "rb") as file:
                file.seek(0)
                wanted = json.load(file)
            for descriptor in standard:
                os.close(descriptor)
            self._selector.close()
            self._listener.close()
            for kernel in self._kernels:
                kernel.connection.close()
                os.close(kernel.handle)
            status = _run_kernel(wanted)
        finally:
            # Without the server's own clean-up, which is not the kernel's.
            os._exit(status)


def _load() -> None:
    for name in (*_KERNEL, *course().preload):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is loaded stays shared: no collection writes to it


def _run_kernel(wanted: dict[str, Any]) -> int:
    os.environ.clear()
    os.environ.update(wanted["env"])
    if wanted["cwd"]:
        os.chdir(wanted["cwd"])
    for stream in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stream, signal.SIG_DFL if stream == signal.SIGTERM else signal.default_int_handler)
    _as_if_started_now()
    sys.argv = ["ipykernel_launcher", *wanted["arguments"]]
    from ipykernel.kernelapp import IPKernelApp

    try:
        # The kernel watches its parent, which is this process's.
        IPKernelApp.launch_instance(
            argv=[*wanted["arguments"], f"--IPKernelApp.parent_handle={os.getppid()}"]
        )
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        atexit._run_exitfuncs()  # the kernel's own clean-up: its connection file, for example
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _as_if_started_now() -> None:
    """Set what libraries take from the environment and from chance when they are loaded."""
    import matplotlib as mpl
    import numpy as np
    from threadpoolctl import threadpool_limits

    random.seed()
    np.random.seed()  # noqa: NPY002 - the global state, which every fork would share
    if os.environ.get("MPLBACKEND"):
        mpl.rcParams["backend"] = os.environ["MPLBACKEND"]
    threadpool_limits(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))


def main() -> None:
    """Serve."""
    # `python -m` puts the folder in which it is called before everything else.
    sys.path[:] = [folder for folder in sys.path if folder not in ("", os.getcwd())]  # noqa: PTH109
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        KernelServer(listener, 0).serve()


if __name__ == "__main__":
    main()
