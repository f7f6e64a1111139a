"""Where the time of a lab goes: libraries, data and features, training, maps, checks, figures.

    python benchmarks/phases.py [--labs 01 02 ...]

Executes the worked solutions in their quick profile, each in a process and with a cache of its own, and looks every
few milliseconds at what runs. What a check or a figure calls counts as check or figure. Installing and the start of
a kernel are not in it: `time make install` and `benchmarks/course.py` have these.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

import nbformat

from labs_engine.declare.course import select_labs
from labs_engine.run.watching import Watcher

ROOT = Path(__file__).resolve().parent.parent
# By the first of these in a file's path, from the notebook's cell inwards.
PHASES = {
    "labs_lib/labs/": "checks",
    "labs_lib/plots/": "figures",
    "matplotlib": "figures",
    "labs_lib/audio/": "data",
    "labs_lib/datasets/": "data",
    "labs_lib/features/": "data",
    "labs_lib/explain/": "maps",
    "labs_lib/training.py": "training",
    "labs_lib/evaluation/": "training",
    "keras/src/": "training",
}
COLUMNS = ("libraries", "data", "training", "maps", "checks", "figures", "rest")


class Sampler(Watcher):
    """Adds up for how long the main thread was seen in each phase."""

    def __init__(self) -> None:
        super().__init__(self._note, every=0.005)
        self.seconds: Counter[str] = Counter()
        self._main = threading.main_thread().ident
        self._before = time.perf_counter()

    def _note(self) -> None:
        now = time.perf_counter()
        self.seconds[phase_of(sys._current_frames()[self._main])] += now - self._before
        self._before = now


def phase_of(frame: FrameType | None) -> str:
    """Return the phase of a stack: that of its outermost file which has one, 'libraries' wherever one is loaded."""
    found = "rest"
    while frame is not None:
        path = frame.f_code.co_filename
        if "importlib" in path:
            return "libraries"
        found = next((phase for part, phase in PHASES.items() if part in path), found)
        frame = frame.f_back
    return found


def measure(name: str) -> dict[str, float]:
    """Execute a worked solution in this process; return the seconds of each phase."""
    from labs_engine.grade.in_sandbox.cells import Shell

    shell = Shell.instance()
    shell.user_ns["__name__"] = "__main__"
    notebook = nbformat.read(ROOT / "solutions" / f"{name}.ipynb", as_version=4)
    with Sampler() as sampler:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                done = shell.run_cell(cell.source, store_history=True)
                done.raise_error()
    return sampler.seconds


def main() -> None:
    """Measure each lab in a process of its own and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labs", nargs="*", default=[])
    parser.add_argument("--here", metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = [lab.name for lab in select_labs(options.labs)]
    if options.here:
        Path(options.here).write_text(json.dumps(measure(names[0])), encoding="utf-8")
        return
    print(f"| lab | {' | '.join(COLUMNS)} | together |\n|{'---|' * (len(COLUMNS) + 2)}", flush=True)
    for name in names:
        with tempfile.TemporaryDirectory(prefix="labs-benchmark-") as folder:
            result = Path(folder) / "phases.json"
            subprocess.run(
                [sys.executable, __file__, "--labs", name, "--here", str(result)],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={
                    **os.environ,
                    "LABS_CACHE": f"{folder}/cache",
                    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
                },
            )
            seconds = json.loads(result.read_text(encoding="utf-8"))
        shown = " | ".join(f"{seconds.get(column, 0):.1f} s" for column in COLUMNS)
        print(f"| {name} | {shown} | {sum(seconds.values()):.0f} s |", flush=True)


if __name__ == "__main__":
    main()
