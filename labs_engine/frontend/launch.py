"""Starting JupyterLab on the course, for people who may be offline.

JupyterLab elsewhere is not affected: a user's own settings override the course's defaults, and nothing is written to
the user's configuration.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

# A folder like those on Jupyter's configuration path. labconfig/default_setting_overrides.json
# holds other defaults for JupyterLab's settings, which each user may still change: Markdown is shown
# rendered, no news, no look for updates.
CONFIG = Path(__file__).with_name("config")


class CannotStart(RuntimeError):
    """JupyterLab cannot be started; the message says why and what to do."""


def server_arguments(folder: Path, page: str, port: int | None, browser: bool) -> list[str]:
    """Return the command line with which JupyterLab serves the course.

    Args:
        folder: The folder that it shows.
        page: The file in it that it opens.
        port: Where it listens; None for the first free one from 8888.
        browser: Whether to open a browser window.
    """
    arguments = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{quote(page)}",
        # Nothing is fetched from the network: no news, no newer version, no list of extensions.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        # A saved notebook writes its .py, and the other way round.
        "--ServerApp.jpserver_extensions={'jupyterlab_jupytext': True}",
        # It listens on this machine only and asks for a token, even in a container, where every user is root.
        "--ServerApp.allow_root=True",
        "--ServerApp.log_level=ERROR",
        "--LabApp.log_level=ERROR",
    ]
    if port is not None:
        arguments += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        arguments.append("--no-browser")
    return arguments


def check_port(port: int) -> None:
    """Make sure that a server can listen at a port.

    Raises:
        CannotStart: Another program does already, or the system does not allow it.
    """
    from tornado.netutil import bind_sockets

    try:
        sockets = bind_sockets(port, "localhost")  # as the server itself does a moment later
    except PermissionError:
        raise CannotStart(f"the system does not allow port {port}: choose one above 1023") from None
    except OSError:
        raise CannotStart(
            f"port {port} is taken, perhaps by another JupyterLab: choose another one, or leave out --port "
            "and the first free one is taken"
        ) from None
    for socket in sockets:
        socket.close()


def check_installed() -> None:
    """Make sure that JupyterLab and jupytext are there.

    Raises:
        CannotStart: One of them is not installed.
    """
    for module, name in (("jupyterlab", "JupyterLab"), ("jupyterlab_jupytext", "jupytext")):
        if importlib.util.find_spec(module) is None:
            raise CannotStart(
                f"{name} is not installed in this environment: install the course's requirements, with `make "
                "install` or `python -m pip install --no-deps --require-hashes -r requirements.txt`"
            )


def serve(folder: Path, page: str, port: int | None = None, browser: bool = True) -> NoReturn:
    """Start JupyterLab; the process ends with it.

    Args:
        folder: The folder that it shows.
        page: The file in it that it opens.
        port: Where it listens; None for the first free one from 8888.
        browser: Whether to open a browser window.

    Raises:
        CannotStart: It is not installed, or the port is taken.
    """
    check_installed()
    if port is not None:
        check_port(port)
    given = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([str(CONFIG), *([given] if given else [])])
    from jupyterlab.labapp import LabApp

    server = LabApp.initialize_server(server_arguments(folder, page, port, browser))
    # In a terminal Jupyter would ask whether it is meant, elsewhere it would not listen. The kernels are ended
    # either way, and what is open saves itself every two minutes.
    signal.signal(signal.SIGINT, lambda number, frame: server.stop(from_signal=True))
    server.start()
    # Everything is done and cleaned up, but threads that read files for the server would wait for work for ever, and
    # the interpreter for these threads.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
