"""A kernel client that loses none of a cell's output."""

from __future__ import annotations

from typing import Any

import zmq
from jupyter_client.manager import AsyncKernelManager


class ListeningManager(AsyncKernelManager):
    """Manages a kernel whose output is received without a limit.

    By default ZeroMQ holds 1000 messages and drops the rest. A cell that prints faster than its output is stored
    would lose lines, and with them the message that it has ended.
    """

    def client(self, **kwargs: Any) -> Any:
        """Return a client that holds all messages until they are looked at."""
        client = super().client(**kwargs)
        client.context.setsockopt(zmq.RCVHWM, 0)  # of the sockets that it opens from now on
        return client
