"""What `labs grade` takes as submissions and workers grow: time and memory.

    python benchmarks/grading_scale.py numbers [--submissions 10 100 1000]
    python benchmarks/grading_scale.py workers [--submissions 30]

`numbers` grades submissions of lab 01 in which the first three TODOs are done, right or with a known mistake:
short runs, so that what grading itself costs (reading, sandboxes, scoring, feedback, gradebook) is most of it.
Two workers, two runs each. Memory is the highest sum over all processes of the grader, sandboxed kernels
included (proportional set size: shared pages count once), and that of the grader's first process alone.

`workers` grades whole submissions, which train, with one and two worker processes and with one and two
one-thread workers of a dask cluster on this machine. Each process computes on one core.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
from grading import CODE, ROOT, answers_to, corpus, notebook_with

from labs_engine.run.watching import PeakMemory

BIN = Path(sys.executable).parent
# No process may use a second core, or one worker would be as fast as two.
ONE_CORE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}


def megabytes(process: int, *, descendants: bool) -> float:
    """Return the memory of a process, alone or with all that it started, in MB."""
    found = 0.0
    # A process may end between being listed and being asked.
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(process)
        for one in (first, *(first.children(recursive=True) if descendants else ())):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
                found += one.memory_full_info().pss / 1e6
    return found


def grade(made: dict[str, bytes], folder: Path, *options: str) -> tuple[float, float, float]:
    """Grade submissions; return the wall time in s, the memory of all processes and of the first, in MB."""
    handed_in = folder / "handed_in"
    handed_in.mkdir(parents=True)
    for student, content in made.items():
        (handed_in / f"{student}.ipynb").write_bytes(content)
    secret = folder / "secret"
    secret.write_text("the same parameters in every grading", encoding="utf-8")
    command = [str(BIN / "labs"), "grade", str(handed_in), "--lab", "01", "--out", str(folder / "out")]
    command += ["--secret-file", str(secret)]
    start = time.perf_counter()
    process = subprocess.Popen(
        [*command, *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **ONE_CORE},
    )
    everything = PeakMemory(partial(megabytes, process.pid, descendants=True), every=1.0)
    first = PeakMemory(partial(megabytes, process.pid, descendants=False), every=1.0)
    with everything, first:
        _, errors = process.communicate()
        seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"labs grade failed:\n{errors[-3000:]}")
    return seconds, everything.peak, first.peak


def short_corpus(number: int) -> dict[str, bytes]:
    """Return submissions with three TODOs done."""
    rng = random.Random(0)
    done = list(CODE)[:3]
    return {f"s{index:05d}": notebook_with(answers_to(done, rng)) for index in range(number)}


def numbers(counts: list[int], folder: Path) -> None:
    """Print what grading takes for so many submissions."""
    print("| submissions | wall time | each | memory of all | memory of the first process | on disk, each |")
    print("|---|---|---|---|---|---|", flush=True)
    for count in counts:
        seconds, everything, first = grade(short_corpus(count), folder / str(count), "--workers", "2")
        size = sum(path.stat().st_size for path in (folder / str(count) / "out").rglob("*") if path.is_file())
        print(
            f"| {count} | {seconds:.0f} s | {seconds / count:.2f} s | {everything:.0f} MB "
            f"| {first:.0f} MB | {size / count / 1000:.0f} kB |",
            flush=True,
        )


@contextlib.contextmanager
def dask_workers(number: int, folder: Path) -> Iterator[str]:
    """Start a scheduler and workers as an administrator would; yield the address."""
    folder.mkdir()
    address = folder / "scheduler.json"
    dask = [str(BIN / "dask")]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = [*dask, "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(address)]
    worker = [*dask, "worker", "--scheduler-file", str(address), "--nworkers", str(number), "--nthreads", "1"]
    environment = {**os.environ, **ONE_CORE}
    processes = [subprocess.Popen(scheduler, cwd=ROOT, env=environment, **quiet)]
    try:
        while not address.exists():
            time.sleep(0.1)
        processes.append(subprocess.Popen([*worker, "--no-dashboard"], cwd=ROOT, env=environment, **quiet))
        yield json.loads(address.read_text(encoding="utf-8"))["address"]
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


def workers(count: int, folder: Path) -> None:
    """Print what one worker and two take, in processes and on a dask cluster."""
    made = corpus(count, count)
    print("| workers | one | two | ratio |")
    print("|---|---|---|---|", flush=True)
    processes = [grade(made, folder / f"p{n}", "--workers", str(n))[0] for n in (1, 2)]
    _print_pair("processes", processes, count)
    cluster = []
    for n in (1, 2):
        with dask_workers(n, folder / f"cluster{n}") as address:
            cluster.append(grade(made, folder / f"d{n}", "--dask", address)[0])
    _print_pair("dask", cluster, count)
    books = [(folder / f"{name}/out/gradebook.csv").read_bytes() for name in ("p1", "p2", "d1", "d2")]
    print(
        f"\ngradebooks that differ in points from the first: {sum(_points(b) != _points(books[0]) for b in books)}"
    )


def _points(gradebook: bytes) -> list[str]:
    lines = gradebook.decode("utf-8-sig").splitlines()
    total = lines[0].split(",").index("total")
    return [line.split(",")[total] for line in lines[1:]]


def _print_pair(name: str, seconds: list[float], count: int) -> None:
    one, two = (60 * count / value for value in seconds)
    print(f"| {name} | {one:.1f} a minute | {two:.1f} a minute | {two / one:.2f} |", flush=True)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["numbers", "workers"])
    parser.add_argument("--submissions", type=int, nargs="*", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="labs-benchmark-") as folder:
        if options.what == "numbers":
            numbers(options.submissions or [10, 100, 1000], Path(folder))
        else:
            workers((options.submissions or [30])[0], Path(folder))


if __name__ == "__main__":
    main()
