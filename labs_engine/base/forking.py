"""Processes that start fast: forked from a server that has loaded the libraries, on Linux.

A request arrives over a connection of its own, with descriptors that the child takes. The answer is the child's process
number and, when it has ended, its exit status. When the other end of a connection is shut, its child is ended; the end
of the server's standard input ends everything. The libraries are loaded at the first request.
"""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_FORK, _LOAD = b"fork", b"load"
_MOST_DESCRIPTORS = 8


class ServerLost(RuntimeError):
    """The server does not answer."""


@contextlib.contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """Give a listening socket and its address, which other users cannot reach, until the block ends.

    A request that arrives before the server is up waits for it.
    """
    # Not in $TMPDIR: a socket's path must be short.
    folder = tempfile.mkdtemp(prefix="labs-", dir="/tmp" if os.access("/tmp", os.W_OK) else None)
    address = str(Path(folder) / "server")
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            listener.listen(64)
            yield listener, address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def have_loaded(address: str, seconds: float) -> None:
    """Wait until a server has loaded its libraries.

    Args:
        address: Where it listens.
        seconds: How long to wait at most.

    Raises:
        ServerLost: There is no server, or it does not answer.
    """
    _ask(address, _LOAD, (), seconds)[1].close()


def fork(address: str, descriptors: Sequence[int], seconds: float) -> tuple[int, socket.socket]:
    """Have a child forked.

    Args:
        address: Where the server listens.
        descriptors: What the child takes.
        seconds: How long to wait at most.

    Returns:
        Its process number, and the connection over which its exit status will come.

    Raises:
        ServerLost: There is no server, or it does not answer.
    """
    return _ask(address, _FORK, descriptors, seconds)


def _ask(address: str, word: bytes, descriptors: Sequence[int], seconds: float) -> tuple[int, socket.socket]:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(seconds)
    try:
        connection.connect(address)
        socket.send_fds(connection, [word], list(descriptors))
        number = int(connection.makefile("rb", buffering=0).readline())
    except (OSError, ValueError) as error:
        connection.close()
        raise ServerLost(f"no answer from {address}: {type(error).__name__}: {error}") from None
    connection.settimeout(None)
    return number, connection


@dataclass
class _Child:
    pid: int
    handle: int
    connection: socket.socket


class ForkServer:
    """Forks children and tells how they end.

    Args:
        listener: Where requests arrive.
        work: What a child does with its descriptors; returns its exit status.
        load: Called at the first request.
        alone: Whether no other processes share this PID namespace, so that whatever a child leaves behind can be
            ended.
    """

    def __init__(
        self,
        listener: socket.socket,
        work: Callable[[list[int]], int],
        load: Callable[[], None],
        *,
        alone: bool = False,
    ) -> None:
        self._listener, self._work, self._load, self._alone = listener, work, load, alone
        self._loaded = False
        self._children: list[_Child] = []
        self._selector = selectors.DefaultSelector()

    def serve(self, alive: int = 0) -> None:
        """Serve until the stream of a descriptor ends, by default standard input; then end every child."""
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(alive, selectors.EVENT_READ)
        try:
            while True:
                for key, _ in self._selector.select():
                    if key.fileobj == alive:
                        return
                    if key.fileobj is self._listener:
                        self._accept(self._listener.accept()[0])
                    else:
                        self._end(key.data)
        finally:
            for child in list(self._children):
                self._end(child)

    def _accept(self, connection: socket.socket) -> None:
        word, descriptors, _, _ = socket.recv_fds(connection, 16, _MOST_DESCRIPTORS)
        if word and not self._loaded:
            self._load()
            self._loaded = True
        if word == _FORK:
            self._fork(connection, descriptors)
        else:
            with contextlib.suppress(OSError):
                connection.sendall(b"0\n" if word == _LOAD else b"")
            connection.close()

    def _fork(self, connection: socket.socket, descriptors: list[int]) -> None:
        pid = os.fork()
        if pid == 0:
            connection.close()
            self._become_child(descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        child = _Child(pid, os.pidfd_open(pid), connection)
        self._children.append(child)
        self._selector.register(child.handle, selectors.EVENT_READ, child)
        self._selector.register(connection, selectors.EVENT_READ, child)
        with contextlib.suppress(OSError):
            connection.sendall(f"{pid}\n".encode())

    def _end(self, child: _Child) -> None:
        """Collect the status of a child that has ended, or end one that nobody listens to, and what it left behind."""
        if child not in self._children:
            return
        self._children.remove(child)
        self._selector.unregister(child.handle)
        self._selector.unregister(child.connection)
        if not select.select([child.handle], [], [], 0)[0]:
            signal.pidfd_send_signal(child.handle, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            if self._alone:  # whatever session or group it hid in
                os.kill(-1, signal.SIGKILL)
            else:
                os.killpg(child.pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
        os.close(child.handle)
        with contextlib.suppress(OSError):
            child.connection.sendall(f"{status}\n".encode())
        child.connection.close()

    def _become_child(self, descriptors: list[int]) -> None:
        """Continue as a child; never returns."""
        status = 1
        try:
            os.setsid()
            self._selector.close()
            self._listener.close()
            for child in self._children:
                child.connection.close()
                os.close(child.handle)
            status = self._work(descriptors)
        finally:
            # Without the server's own clean-up, which is not the child's.
            os._exit(status)
