"""Kernels that are forked behave like kernels that are started, and none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import tiny_lib
from jupyter_client.manager import KernelManager

from labs_engine.build.project import find_project
from labs_engine.declare.course import find_lab
from labs_engine.declare.parameters import resolve
from labs_engine.run.execute import RunPlan, execute
from labs_engine.run.kernels import fork

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")

PROJECT = find_project(Path(tiny_lib.__file__))
NAMES = fork.VARIABLES


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[int]:
    """A server of these tests' own; its process number."""
    outer = {name: os.environ.pop(name, None) for name in NAMES}
    before = set(psutil.Process().children())
    with fork.kernel_server():
        (process,) = set(psutil.Process().children()) - before
        yield process.pid
    assert not process.is_running()
    assert not set(NAMES) & set(os.environ)
    os.environ.update({name: value for name, value in outer.items() if value is not None})


class Kernel:
    """A kernel and its client."""

    def __init__(self, **options: Any) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(extra_arguments=["--log-level=ERROR"], **options)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    @property
    def pid(self) -> int:
        return self.manager.provisioner.pid

    def print(self, code: str) -> str:
        """Run code and return what it printed, or the name of its error."""
        said: list[str] = []

        def take(message: dict[str, Any]) -> None:
            content = message["content"]
            said.append(content.get("text") or content.get("ename") or " ".join(content.get("data", ())))

        self.client.execute_interactive(code, timeout=60, output_hook=take)
        return "".join(said).strip()

    def end(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    started = Kernel(cwd=str(tmp_path), env={**os.environ, "LABS_MARK": "here", "OMP_NUM_THREADS": "1"})
    yield started
    started.end()


def test_it_is_forked_with_its_own_folder_variables_and_session(
    kernel: Kernel, server: int, tmp_path: Path
) -> None:
    assert psutil.Process(kernel.pid).ppid() == server
    assert kernel.print("import os; print(os.getcwd())") == str(tmp_path)
    assert kernel.print("print(os.environ['LABS_MARK'], os.getsid(0) == os.getpid())") == "here True"
    assert kernel.print("import sys; print(sys.argv[0], '' in sys.path or os.getcwd() in sys.path)").endswith(
        "True"
    )
    assert kernel.print("import tensorflow as tf; print(int(tf.reduce_sum(tf.ones((50, 50)))))") == "2500"
    assert (
        kernel.print("print(__name__, 'labs_engine.run.kernels.server' in sys.modules)") == "__main__ False"
    )


def test_figures_are_shown(tmp_path: Path) -> None:
    inline = Kernel(env={**os.environ, "MPLBACKEND": "module://matplotlib_inline.backend_inline"})
    quiet = Kernel(env={**os.environ, "MPLBACKEND": "agg"})
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    try:
        assert "image/png" in inline.print(draw)
        assert quiet.print(draw) == ""
        assert quiet.print("print(plt.get_backend())") == "agg"
    finally:
        inline.end()
        quiet.end()


def test_a_kernel_with_other_modules_is_not_forked(server: int, tmp_path: Path) -> None:
    (tmp_path / "labs_lib.py").write_text("mine = True", encoding="utf-8")
    kernel = Kernel(env={**os.environ, "PYTHONPATH": str(tmp_path)})
    try:
        assert psutil.Process(kernel.pid).ppid() != server
        assert kernel.print("import labs_lib; print(labs_lib.mine)") == "True"
    finally:
        kernel.end()


def test_what_it_registers_for_its_end_is_done(kernel: Kernel, tmp_path: Path) -> None:
    process = kernel.manager.provisioner.process
    kernel.print(f"import atexit; atexit.register(open, {str(tmp_path / 'done')!r}, 'w')")
    kernel.client.shutdown()
    assert process.wait(30) == 0
    assert (tmp_path / "done").exists()


def test_chance_is_not_shared(kernel: Kernel) -> None:
    draw = "import random, numpy as np; print(random.random(), np.random.rand())"
    other = Kernel()
    try:
        mine, others = kernel.print(draw).split(), other.print(draw).split()
        assert not set(mine) & set(others)
        other.print("shared = 1")
        assert kernel.print("print(shared)") == "NameError"
    finally:
        other.end()


def test_it_is_interrupted_restarted_and_ended(kernel: Kernel) -> None:
    waits = "import time\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('interrupted')"
    interrupt = threading.Timer(1, kernel.manager.interrupt_kernel)
    interrupt.start()
    assert kernel.print(waits) == "interrupted"
    first = kernel.pid
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=60)
    assert kernel.pid != first
    assert not psutil.pid_exists(first)
    assert kernel.print("print('again')") == "again"


def test_its_exit_status_is_told(kernel: Kernel) -> None:
    process = kernel.manager.provisioner.process
    assert process.poll() is None
    kernel.client.execute("import os; os._exit(3)")
    assert process.wait(30) == 3
    assert kernel.pid not in fork.running


def test_a_kernel_ends_with_whoever_asked_for_it(server: int) -> None:
    code = (
        "import os, time; from labs_engine.run.kernels.fork import *; "
        "k = fork_kernel(['-f', '/nowhere/connection.json'], os.environ, None, os.environ[ADDRESS]); "
        "print(k.pid, flush=True); time.sleep(60)"
    )
    asker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert asker.stdout is not None
    kernel = psutil.Process(int(asker.stdout.readline()))
    asker.send_signal(signal.SIGKILL)
    asker.wait()
    kernel.wait(30)
    assert psutil.pid_exists(server)


def test_without_an_answer_a_kernel_starts_as_usual(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: int, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(fork.ADDRESS, str(tmp_path / "nobody"))
    kernel = Kernel()
    try:
        assert psutil.Process(kernel.pid).ppid() == os.getpid()
        assert kernel.print("print(6 * 7)") == "42"
    finally:
        kernel.end()


def test_a_run_gives_the_same_scores_either_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lab = find_lab("01")
    given = {"n_samples": 200}
    results = []
    for folder in ("forked", "started"):
        output = tmp_path / folder / f"{lab.name}.ipynb"
        source = PROJECT.notebook(lab, "solution")
        plan = RunPlan(lab.name, "solution", source, output, given, resolve(lab.parameters, given), 1)
        results.append(execute(plan))
        monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", "local-provisioner")
    forked, started = results
    assert (forked.status, forked.error) == (started.status, started.error) == ("ok", "")
    assert forked.scores == started.scores
    assert forked.points == started.points == forked.points_possible
    assert forked.peak_memory_mb > 50
