"""From the clone to the first executed cell in JupyterLab, with nothing in any package cache.

    python tools/first_cell.py

Clones this checkout to a temporary folder, installs it there as README says, with empty caches, opens
lab 01 in Chromium and runs its first cell. What is not committed does not take part.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from lab_browser import PATIENCE, NotebookPage, chromium, lab_server, user_environment

ROOT = Path(__file__).resolve().parent.parent
BAR_SECONDS = 180.0


def main() -> None:
    """Measure, print a table, exit with 1 if the whole takes longer than the bar."""
    phases: dict[str, float] = {}

    @contextmanager
    def phase(name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        phases[name] = time.perf_counter() - start
        print(f"{name:<22} {phases[name]:7.1f} s", flush=True)

    load = psutil.getloadavg()[0]
    print(f"{os.cpu_count()} cores, {load:.1f} processes at work on them before", flush=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        course, home = Path(folder) / "course", Path(folder) / "home"
        environment = user_environment(home) | {
            "UV_CACHE_DIR": str(home / "uv"),
            "PIP_CACHE_DIR": str(home / "pip"),
            "LABS_CACHE": str(home / "labs"),
        }
        with phase("clone"):
            run(["git", "clone", "--quiet", str(ROOT), str(course)], Path(folder), environment)
        with phase("make install"):
            run(["make", "--no-print-directory", "install", f"PYTHON={python()}"], course, environment)
        labs = course / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "labs"
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        start = time.perf_counter()
        with lab_server([str(labs)], course, environment, ["01"]) as (address, _):
            phases["labs lab"] = time.perf_counter() - start
            print(f"{'labs lab':<22} {phases['labs lab']:7.1f} s", flush=True)
            with phase("notebook with kernel"):
                page.goto(address)
                notebook = NotebookPage(page)
            with phase("first cell"):
                notebook.run_until("import importlib.util")
            with phase("(until lab.open_lab)"):
                notebook.run_until("open_lab(")
    total = sum(seconds for name, seconds in phases.items() if not name.startswith("("))
    print(f"{'total to first cell':<22} {total:7.1f} s (bar: {BAR_SECONDS:.0f} s)")
    sys.exit(total > BAR_SECONDS)


def python() -> str:
    """Return the Python that made this environment: a new one is made by the same."""
    return str(Path(sys.base_prefix) / ("python.exe" if os.name == "nt" else "bin/python3"))


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    """Run a command; if it fails, end with what it said."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
