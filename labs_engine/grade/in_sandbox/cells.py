"""Executing a notebook's cells in this process, and sending each output and answer at once.

The cells run in the shell of a Jupyter kernel, so that what works for a student works here: magics, rich displays,
figures. The results go to a pipe. Without sockets between two processes there is nothing to start, nothing to sign,
and no front end that a cell could talk to.
"""

from __future__ import annotations

import builtins
import getpass
import io
import json
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from traitlets import Type

from labs_engine.grade.in_sandbox.protocol import send
from labs_engine.grade.in_sandbox.warmup import prepare_for_lab

Sink = Callable[[dict[str, Any]], None]


class CellTimeout(BaseException):
    """A cell took too long. Not an Exception, so that `except Exception` lets it through."""


class _Publisher(DisplayPublisher):
    """Hands over what `display` shows."""

    shell: Any

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **_: Any) -> None:
        output = {"output_type": "display_data", "data": data, "metadata": metadata or {}}
        self.shell.sink(output)

    def clear_output(self, wait: bool = False) -> None:
        """Keep what was shown: a graded run is read afterwards."""


class _Hook(DisplayHook):
    """Hands over the value of a cell's last line."""

    shell: Any

    def write_output_prompt(self) -> None:
        """Show no prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.sink({"output_type": "execute_result", "data": format_dict, "metadata": md_dict or {}})

    def finish_displayhook(self) -> None:
        """Do nothing: there is no line to end."""
        self._is_active = False


class _Stream(io.TextIOBase):
    """Hands over what is printed."""

    def __init__(self, name: str, shell: Any) -> None:
        self._name, self._shell = name, shell

    def write(self, text: str) -> int:
        self._shell.sink({"output_type": "stream", "name": self._name, "text": str(text)})
        return len(text)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False


class Shell(ZMQInteractiveShell):
    """The shell of a Jupyter kernel, without the kernel or a front end."""

    sink: Sink = staticmethod(lambda output: None)
    displayhook_class: Any = Type(_Hook)
    display_pub_class: Any = Type(_Publisher)

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        formatter: Any = self.display_formatter
        formatter.active_types = list(formatter.formatters)

    def init_history(self) -> None:
        """Keep no history: there is no place for its database."""
        self.config.HistoryManager.enabled = False
        super().init_history()

    def enable_gui(self, gui: Any = None) -> None:
        """Open no windows: figures are shown in the notebook, whatever a magic asks for."""

    def ask_exit(self) -> None:
        """Continue with the next cell; a front end would start the kernel again."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.sink(
            {
                "output_type": "error",
                "ename": getattr(etype, "__name__", str(etype)),
                "evalue": _text(evalue),
                "traceback": [str(line) for line in stb],
            }
        )


def prepare() -> None:
    """Load what every run needs; called once, before anything is forked."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    Shell.instance()
    prepare_for_lab()


def run(job: dict[str, Any], out: int) -> None:
    """Execute the cells of a notebook in order; a cell that fails is shown, and the next one runs.

    Args:
        job: `cells`, pairs of an id and code; `asked`, what `declaration.asked_of` made; `limits`; `pictures`,
            whether figures are drawn.
        out: Where messages go.
    """
    from labs_engine.grade.in_sandbox.recording import record_labs

    limits, shell = job["limits"], Shell.instance()
    asked = pickle.loads(job["asked"])  # made outside
    record_labs(asked, lambda content, parts: send(out, "answer", content, parts))
    if not job["pictures"]:
        os.environ["LABS_FIGURES"] = "words"
    shell.user_ns["__name__"] = "__main__"
    # As in Jupyter, modules are found beside the notebook: here in a folder that is empty, and this run's own.
    sys.path.insert(0, "")
    builtins.input = getpass.getpass = _nobody_answers
    sys.stdout, sys.stderr = _Stream("stdout", shell), _Stream("stderr", shell)
    signal.signal(signal.SIGALRM, _too_long)
    for cell, code in job["cells"]:
        sink = _Outputs(out, 1000 * limits.cell_output_kb)
        shell.sink = sink
        send(out, "cell", {"id": cell})
        start = time.perf_counter()
        _run_one(shell, code, limits.cell_seconds)
        sink.flush()
        send(out, "done", {"id": cell, "seconds": round(time.perf_counter() - start, 3)})


def _run_one(shell: Any, code: str, seconds: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        shell.run_cell(code, store_history=True)
    except CellTimeout:
        shell.sink(
            {
                "output_type": "error",
                "ename": "CellTimeout",
                "evalue": f"more than {seconds:g} s",
                "traceback": [],
            }
        )
    except BaseException as error:  # what IPython lets through; the next cell runs all the same
        shell.sink(
            {"output_type": "error", "ename": type(error).__name__, "evalue": _text(error), "traceback": []}
        )
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _nobody_answers(*_: object, **__: object) -> str:
    raise StdinNotImplementedError("nobody sits in front of a graded run: an answer cannot ask for input")


def _too_long(*_: object) -> None:
    raise CellTimeout


class _Outputs:
    """Takes the outputs of a cell, up to a size; consecutive texts are joined."""

    def __init__(self, out: int, limit: int) -> None:
        self._out, self._left = out, limit
        self._stream: dict[str, Any] | None = None

    def __call__(self, output: dict[str, Any]) -> None:
        from ipykernel.jsonutil import encode_images, json_clean

        if self._left <= 0:
            return
        if "data" in output:
            output = {
                **output,
                "data": json_clean(encode_images(dict(output["data"]))),
                "metadata": json_clean(output["metadata"]),
            }
        size = sum(len(value) for value in output.get("data", {}).values() if isinstance(value, str))
        size += len(output.get("text", "")) + sum(map(len, output.get("traceback", ()))) + 200
        if size > self._left:
            if output["output_type"] == "stream":
                output = {**output, "text": output["text"][: self._left]}
            else:
                output = {"output_type": "stream", "name": "stderr", "text": ""}
            self._left = 0
            output["text"] += "\n[the rest of this cell's output was left out]\n"
        self._left -= size
        if output["output_type"] == "stream" and self._stream and self._stream["name"] == output["name"]:
            self._stream["text"] += output["text"]
            if len(self._stream["text"]) >= 10_000:
                self.flush()
            return
        self.flush()
        if output["output_type"] == "stream":
            self._stream = dict(output)
        else:
            self._send(output)

    def flush(self) -> None:
        """Hand over what is still buffered."""
        if self._stream:
            self._send(self._stream)
        self._stream = None

    def _send(self, output: dict[str, Any]) -> None:
        # As a part: headers are short, and a figure is not.
        send(self._out, "output", {}, [json.dumps(output).encode()])


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:
        return f"an object of type {type(value).__name__}"
