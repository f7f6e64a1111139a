"""Submissions of lab 01 graded by `labs grade` and by nbgrader, the same notebooks in one run.

    python benchmarks/grading.py [--submissions 200] [--workers 2] [--nbgrader PYTHON] [--chunk 50] [--sample]

PYTHON is that of an environment with the course and its extra `nbgrader`; without it only `labs grade` is
measured. With --sample nbgrader grades the first ten of each chunk: its time grows with their number. Both tools
take turns, a chunk of submissions each, so that whatever else the machine does falls on both. Their notebooks
train equally long: the release that nbgrader gets has parameters as a graded run draws them. `labs grade` runs
each submission twice, sandboxed; nbgrader once. For each tool: wall time and CPU time (of it and all that it
started) for each submission.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "grading"))

from mistakes import CODE, notebook_with  # noqa: E402

LAB = "01_synthetic_regression"
# What solutions/grading/lab01.py draws, in the middle of its ranges.
EQUAL_WORK = {
    "seed": 5,
    "n_samples": 400,
    "noise": 0.25,
    "hidden": 6,
    "epochs": 50,
    "more_epochs": 100,
    "n_seeds": 1,
}


@dataclass
class Tool:
    """What a tool took, chunk by chunk."""

    name: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    submissions: int = 0
    points: dict[str, float] = field(default_factory=dict)

    def call(self, command: list[str], submissions: int, **options: object) -> None:
        """Run a command and add what it took."""
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, **options)
        self.wall.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        self.submissions += submissions
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-3000:]}")

    def row(self) -> str:
        """Return a line of the table."""
        return (
            f"| {self.name} | {self.submissions} | {sum(self.wall) / self.submissions:.2f} s "
            f"| {sum(self.cpu) / self.submissions:.2f} s |"
        )


def corpus(number: int, chunk: int) -> dict[str, bytes]:
    """Return submissions as a class hands them in: finished or not, each TODO right or with a known mistake.

    Students are named after their chunk, so that a pattern can name a chunk.
    """
    rng = random.Random(0)
    made = {}
    for index in range(number):
        done = list(CODE)[: rng.choice((3, 5, 7, len(CODE), len(CODE), len(CODE)))]
        answers = {name: rng.choice(list(CODE[name])) if rng.random() < 0.15 else None for name in done}
        made[f"c{index // chunk:02d}s{index % chunk:03d}"] = notebook_with(answers)
    return made


def nbgrader_course(folder: Path, python: str, made: dict[str, bytes]) -> None:
    """Make a course whose release and submissions have parameters as a graded run draws them."""
    folder.mkdir()
    guide = (ROOT / "docs" / "grading.md").read_text(encoding="utf-8")
    (settings,) = re.findall(r"```python\n(# nbgrader_config\.py\n.*?)```", guide, flags=re.DOTALL)
    (folder / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    source = folder / "source" / LAB / f"{LAB}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_bytes(_with_parameters((ROOT / "solutions" / f"{LAB}.ipynb").read_bytes()))
    for student, content in made.items():
        handed_in = folder / "submitted" / student / LAB / f"{LAB}.ipynb"
        handed_in.parent.mkdir(parents=True)
        handed_in.write_bytes(_with_parameters(content))
    command = [python, "-m", "nbgrader", "generate_assignment", LAB]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment(python))


def _with_parameters(content: bytes) -> bytes:
    notebook = nbformat.reads(content.decode(), as_version=4)
    (cell,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
    cell.source += "".join(f"\n{name} = {value!r}" for name, value in EQUAL_WORK.items())
    return nbformat.writes(notebook).encode()


def environment(python: str) -> dict[str, str]:
    """Return the environment in which nbgrader finds its own commands."""
    return {**os.environ, "PATH": os.pathsep.join([str(Path(python).parent), os.environ["PATH"]])}


def points_of(table: Path, student: str, points: str) -> dict[str, float]:
    """Return the points of each student in a table."""
    with table.open(newline="", encoding="utf-8-sig") as file:
        return {row[student]: float(row[points]) for row in csv.DictReader(file)}


def measure(
    made: dict[str, bytes], workers: int, nbgrader: str, chunk: int, sample: bool, folder: Path
) -> list[Tool]:
    """Grade in chunks, with both tools in turn."""
    ours, theirs = (
        Tool(f"labs grade, 2 runs, sandboxed, {workers} workers"),
        Tool("nbgrader autograde, 1 run"),
    )
    handed_in, out = folder / "handed_in", folder / "graded"
    handed_in.mkdir()
    if nbgrader:
        nbgrader_course(folder / "course", nbgrader, made)
    labs = [str(Path(sys.executable).parent / "labs"), "grade", str(handed_in), "--lab", "01", "--resume"]
    students = list(made)
    for begin in range(0, len(students), chunk):
        some = students[begin : begin + chunk]
        for student in some:
            (handed_in / f"{student}.ipynb").write_bytes(made[student])
        ours.call([*labs, "--out", str(out), "--workers", str(workers)], len(some), cwd=ROOT)
        print(f"labs grade: {begin + len(some)} done, {ours.wall[-1] / len(some):.2f} s each", flush=True)
        if nbgrader:
            some = some[:10] if sample else some
            command = [nbgrader, "-m", "nbgrader", "autograde", LAB, "--student"]
            command.append(f"{some[0][:3]}s00*" if sample else f"{some[0][:3]}*")
            theirs.call(command, len(some), cwd=folder / "course", env=environment(nbgrader))
            print(
                f"nbgrader: {theirs.submissions} done, {theirs.wall[-1] / len(some):.2f} s each", flush=True
            )
    ours.points = points_of(out / "gradebook.csv", "student", "total")
    if nbgrader:
        export = [nbgrader, "-m", "nbgrader", "export", "--to", "grades.csv"]
        course = folder / "course"
        subprocess.run(export, cwd=course, check=True, capture_output=True, env=environment(nbgrader))
        theirs.points = points_of(course / "grades.csv", "student_id", "score")
    return [ours, theirs] if nbgrader else [ours]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--nbgrader", default="", metavar="PYTHON")
    parser.add_argument("--chunk", type=int, default=50)
    parser.add_argument("--sample", action="store_true")
    options = parser.parse_args()
    made = corpus(options.submissions, options.chunk)
    with tempfile.TemporaryDirectory(prefix="labs-benchmark-") as folder:
        tools = measure(made, options.workers, options.nbgrader, options.chunk, options.sample, Path(folder))
    print("\n| tool | submissions | wall time each | CPU time each |\n|---|---|---|---|")
    for tool in tools:
        print(tool.row())
    if len(tools) == 2:
        ours, theirs = tools
        per_chunk = 10 if options.sample else options.chunk
        ratio = [(t / per_chunk) / (o / options.chunk) for o, t in zip(ours.wall, theirs.wall, strict=True)]
        print(f"\nwall time, nbgrader : labs grade, by chunk: {', '.join(f'{r:.1f}' for r in ratio)}")
        same = [s for s, points in theirs.points.items() if ours.points[s] == points]
        print(f"the same points: {len(same)} of {len(theirs.points)}")
        for student in sorted(set(theirs.points) - set(same))[:20]:
            print(f"  {student}: labs grade {ours.points[student]:g}, nbgrader {theirs.points[student]:g}")


if __name__ == "__main__":
    main()
