"""The whole course executed: one cold `papermill` after another, and `labs run` with two workers.

    python benchmarks/course.py [--labs 01 02 ...] [--workers 2]

Both execute the worked solutions in their quick profile, each with an empty cache of its own, so that both
synthesise the stand-ins and train every network. The scores must be the same. Prints a row for each lab: its
cold time, how much of that passes before the first cell, in the cells that import, and in the others, and its
time in `labs run`, which has one core for each of two labs at a time; then the two totals and their ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat

from labs_engine.declare.course import select_labs
from labs_engine.run.results import record_of

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def main() -> None:
    """Measure both ways and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labs", nargs="*", default=[])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    names = [lab.name for lab in select_labs(options.labs)]
    with tempfile.TemporaryDirectory(prefix="labs-benchmark-") as folder:
        cold = {name: run_cold(name, Path(folder)) for name in names}
        total, ours = run_together(names, options.workers, Path(folder))
    print("\n| lab | cold, one after another | before the first cell | imports | the rest | `labs run` |")
    print("|---|---|---|---|---|---|")
    for name in names:
        c = cold[name]
        print(
            f"| {name} | {c['wall']:.0f} s | {c['start']:.1f} s | {c['imports']:.1f} s | {c['rest']:.0f} s "
            f"| {ours[name]['seconds']:.0f} s |"
        )
    whole = sum(c["wall"] for c in cold.values())
    print(f"| all | {whole:.0f} s | | | | {total:.0f} s |")
    print(f"\n`labs run` takes {total / whole:.2f} of the time.")
    different = [name for name in names if cold[name]["scores"] != ours[name]["scores"]]
    print(f"scores that differ: {', '.join(different) or 'none'}")
    for name in different:
        for (what, before), (_, after) in zip(cold[name]["scores"], ours[name]["scores"], strict=True):
            if before != after:
                print(f"  {name}, {what}: {before:.6g}, {after:.6g}")


def run_cold(name: str, folder: Path) -> dict[str, Any]:
    """Execute a lab with papermill alone, in a kernel that loads everything anew."""
    output = folder / f"{name}.ipynb"
    command = [str(BIN / "papermill"), "--no-progress-bar", "-k", "python3"]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, str(ROOT / "solutions" / f"{name}.ipynb"), str(output)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "LABS_CACHE": str(folder / "cold")},
    )
    wall = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"papermill failed on {name}:\n{done.stderr[-2000:]}")
    notebook = nbformat.read(output, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    # The lab's own import cell, and the one that opens the lab and thereby loads Keras.
    imports = sum(_seconds(c) for c in cells if c.source.startswith("import ") or "open_lab(" in c.source)
    spent = sum(map(_seconds, cells))
    print(f"{name}: {wall:.1f} s cold", flush=True)
    scores = [(score["name"], score["value"]) for score in record_of(notebook)["scores"]]
    return {
        "wall": wall,
        "start": wall - spent,
        "imports": imports,
        "rest": spent - imports,
        "scores": scores,
    }


def _seconds(cell: nbformat.NotebookNode) -> float:
    times = cell.metadata.get("papermill", {})
    if not times.get("end_time"):
        return 0.0
    begin, end = (datetime.fromisoformat(times[key]) for key in ("start_time", "end_time"))
    return (end - begin).total_seconds()


def run_together(names: list[str], workers: int, folder: Path) -> tuple[float, dict[str, dict[str, Any]]]:
    """Execute all labs with `labs run`; return the whole time, and by lab its own time and scores."""
    out = folder / "together"
    command = [str(BIN / "labs"), "run", *names, "--workers", str(workers), "--out", str(out)]
    start = time.perf_counter()
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "LABS_CACHE": str(folder / "warm")},
    )
    total = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"labs run failed:\n{(done.stdout + done.stderr)[-2000:]}")
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    found = {
        r["lab"]: {"seconds": r["seconds"], "scores": [(s["name"], s["value"]) for s in r["scores"]]}
        for r in results
    }
    return total, found


if __name__ == "__main__":
    main()
