"""`labs lab` and a Chromium in front of it, as a person would use them: for tests and for measuring.

Playwright's own download of a browser is not used: Debian's, a distribution's or Google's does.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from playwright.sync_api import Browser, Locator, Page, Response, TimeoutError, expect, sync_playwright

from labs_engine.run.kernels.fork import VARIABLES as KERNEL_VARIABLES
from labs_engine.site.browser import BROWSERS, FLAGS, find_browser

_FLAGS = (
    *FLAGS,
    "--autoplay-policy=no-user-gesture-required",
    # Nobody is asked for the address of another host: what works here works offline.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
_START_SECONDS = 90.0
_END_SECONDS = 30.0
_SOON = 10_000  # milliseconds that a press of keys takes
PATIENCE = 60_000  # milliseconds that a page may take on a machine that has other things to do


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless Chromium with an empty profile; it ends with the block.

    Raises:
        FileNotFoundError: There is none on this machine.
    """
    path = find_browser()
    if path is None:
        raise FileNotFoundError(f"no browser found; one of these is needed: {', '.join(BROWSERS)}")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def lab_server(
    labs: Sequence[str], course: Path, environment: dict[str, str], arguments: Sequence[str] = ()
) -> Iterator[tuple[str, subprocess.Popen]]:
    """Start `labs lab` without a browser window; the server and its kernels end with the block.

    Args:
        labs: The command `labs`, as a list.
        course: The folder in which it is called.
        environment: Environment variables.
        arguments: Further arguments of `labs lab`.

    Yields:
        The address that it prints, with the token; and the process.

    Raises:
        RuntimeError: It ended, or printed no address in time; the message holds what it did print.
    """
    process = subprocess.Popen(
        [*labs, "lab", "--no-browser", "--port", str(free_port()), *arguments],
        cwd=course,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said: list[str] = []
    too_late = threading.Timer(_START_SECONDS, process.kill)
    too_late.start()
    try:
        address = None
        while address is None and (line := process.stdout.readline()):
            said.append(line)
            address = re.search(r"http://localhost:\d+/\S+", line)
        too_late.cancel()
        if address is None:
            raise RuntimeError(f"labs lab did not start:\n{''.join(said)}")
        _wait_for(address.group(), process)
        # Whoever writes to a full pipe waits: somebody has to read on.
        threading.Thread(target=said.extend, args=(process.stdout,), daemon=True).start()
        yield address.group(), process
    finally:
        too_late.cancel()
        end(process)


def _wait_for(address: str, process: subprocess.Popen) -> None:
    """Wait until a server listens: it prints its address a moment earlier."""
    parts = urlsplit(address)
    for _ in range(int(_START_SECONDS / 0.1)):
        with suppress(OSError), socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"labs lab does not listen at {address}")


def end(process: subprocess.Popen) -> list[psutil.Process]:
    """Press Ctrl-C for a server and wait; kill what is left of it and its kernels.

    Returns:
        Those that did not end by themselves.
    """
    if process.poll() is not None:
        return []
    server = psutil.Process(process.pid)
    kernels = server.children(recursive=True)
    if sys.platform == "win32":  # there Ctrl-C reaches a console, not a process
        process.kill()
    else:
        process.send_signal(signal.SIGINT)
    left = []
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        left.append(server)
        process.kill()
        process.wait()
    _, kernels_left = psutil.wait_procs(kernels, timeout=_END_SECONDS)
    for kernel in kernels_left:
        kernel.kill()
    return left + kernels_left


def user_environment(home: Path) -> dict[str, str]:
    """Return this process's environment with Jupyter's and IPython's folders in a new place.

    Args:
        home: A folder for them: no setting of the developer plays a part, and none is changed. Kernels
            start as a user's do, and are not forked.
    """
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    places = {name: str(home / name.lower()) for name in names}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("MPLBACKEND", "JUPYTER_CONFIG_PATH", *KERNEL_VARIABLES)
    }
    return {**kept, **places}


class NotebookPage:
    """A notebook that is open in JupyterLab.

    JupyterLab keeps only the cells around the visible ones in the page, so one works like a
    person: from the top, cell by cell.

    Args:
        page: The browser's page.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        # Before it is loaded a notebook looks like an empty one, behind a spinner.
        expect(page.locator(".jp-NotebookPanel")).to_be_visible()
        expect(page.locator(".jp-Spinner")).to_have_count(0)
        self.active = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell.jp-mod-active")
        expect(self.active).to_be_visible()
        # Without a kernel a run is forgotten. The sign in the toolbar says idle before there is one.
        expect(page.locator("#jp-main-statusbar")).to_contain_text("(ipykernel) | Idle")

    def cell(self, index: int) -> Locator:
        """Return the cell at a position."""
        return self.page.locator(
            f'.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell[data-windowed-list-index="{index}"]'
        )

    @property
    def position(self) -> int:
        """Where the active cell stands."""
        return int(self.active.get_attribute("data-windowed-list-index") or 0)

    def run(self) -> Locator:
        """Run the active cell and go on to the next; return the one that ran, when it has."""
        position = self.position
        cell = self.cell(position)
        code = "jp-CodeCell" in (cell.get_attribute("class") or "")
        cell.press("Shift+Enter")
        expect(self.cell(position + 1)).to_contain_class("jp-mod-active")
        if code:
            expect(cell.locator(".jp-InputArea-prompt")).to_have_text(re.compile(r"\[\d+\]:"))
        return cell

    def run_until(self, text: str) -> Locator:
        """Run cells up to the first one whose code holds a text, that one included."""
        while True:
            found = text in self.active.inner_text()
            cell = self.run()
            if found:
                return cell

    def write(self, cell: Locator, code: str) -> None:
        """Replace the text of a cell by another one."""
        editor = cell.locator(".cm-content")
        editor.click()
        editor.fill(code)
        expect(editor).to_have_text(code.replace("\n", ""))

    def save(self) -> None:
        """Press Ctrl-S and wait until the notebook counts as saved.

        Like a run, a save that is asked for before JupyterLab is ready is forgotten: then a person presses again.
        """
        for patience in (_SOON, _SOON, PATIENCE):
            with suppress(TimeoutError):
                with self.page.expect_response(_is_save, timeout=patience) as answer:
                    self.page.keyboard.press("ControlOrMeta+s")
                assert answer.value.ok, answer.value.text()
                return
        raise AssertionError("the notebook was not saved")


def _is_save(response: Response) -> bool:
    return response.request.method == "PUT" and "/api/contents/" in response.url
