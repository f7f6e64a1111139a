"""Submissions of lab 01 graded by `labs grade`, by nbgrader and by otter, the same notebooks in one run.

    python benchmarks/grading.py [--submissions 200] [--workers 2] [--chunk 50] [--sample 10]
                                 [--nbgrader PYTHON] [--otter PYTHON]

PYTHON is that of an environment with the course and nbgrader (the extra `nbgrader`) or otter-grader; without one
that tool is left out. The tools take turns, a chunk of submissions each, so that whatever else the machine does
falls on all of them. With --sample the other tools grade only the first ones of each chunk. All notebooks train
equally long: what nbgrader and otter get has parameters as a graded run draws them. `labs grade` runs each
submission twice, sandboxed; the others once, as they are. Wall time, start-up and reports included.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
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


class Tool:
    """What grades; `seconds` has the wall time of a submission, chunk by chunk."""

    name: str
    python: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()
        self.where = folder
        self.seconds: list[float] = []
        self.submissions = 0

    def grade(self, made: dict[str, bytes]) -> None:
        """Grade a chunk of submissions and remember how long each took."""
        self.hand_in(made)
        start = time.perf_counter()
        self.run(list(made))
        self.seconds.append((time.perf_counter() - start) / len(made))
        self.submissions += len(made)
        print(f"{self.name}: {self.submissions} graded, {self.seconds[-1]:.2f} s each", flush=True)

    def call(self, *command: str, **variables: str) -> None:
        """Run a command in the tool's environment, from the folder that it expects."""
        path = os.pathsep.join([str(Path(self.python).parent), os.environ["PATH"]])
        environment = {**os.environ, "PATH": path, **variables}
        done = subprocess.run(command, cwd=self.where, capture_output=True, text=True, env=environment)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-3000:]}")

    def hand_in(self, made: dict[str, bytes]) -> None:
        """Put submissions where the tool looks for them."""
        raise NotImplementedError

    def run(self, students: list[str]) -> None:
        """Grade what these students handed in."""
        raise NotImplementedError

    def points(self) -> dict[str, float]:
        """Return the points of each student."""
        raise NotImplementedError


class Labs(Tool):
    """`labs grade`: two runs with parameters of the student's own, sandboxed, then scored outside."""

    python = sys.executable

    def __init__(self, folder: Path, workers: int) -> None:
        super().__init__(folder)
        self.where = ROOT
        self.workers = workers
        self.name = f"labs grade, 2 runs, sandboxed, {workers} worker{'s' * (workers > 1)}"
        (folder / "handed_in").mkdir()

    def hand_in(self, made: dict[str, bytes]) -> None:
        for student, content in made.items():
            (self.folder / "handed_in" / f"{student}.ipynb").write_bytes(content)

    def run(self, students: list[str]) -> None:
        labs = Path(self.python).with_name("labs")
        options = ["--out", str(self.folder / "out"), "--workers", str(self.workers), "--resume"]
        self.call(str(labs), "grade", str(self.folder / "handed_in"), "--lab", "01", *options)

    def points(self) -> dict[str, float]:
        return _column(self.folder / "out" / "gradebook.csv", "student", "total")


class Nbgrader(Tool):
    """`nbgrader autograde`, with the settings of the instructor's guide."""

    name = "nbgrader autograde, 1 run"

    def __init__(self, folder: Path, python: str) -> None:
        super().__init__(folder)
        self.python = python
        guide = (ROOT / "docs" / "grading.md").read_text(encoding="utf-8")
        (settings,) = re.findall(r"```python\n(# nbgrader_config\.py\n.*?)```", guide, flags=re.DOTALL)
        (folder / "nbgrader_config.py").write_text(settings, encoding="utf-8")
        _write(folder / "source" / LAB / f"{LAB}.ipynb", _solution())
        self.call(python, "-m", "nbgrader", "generate_assignment", LAB)

    def hand_in(self, made: dict[str, bytes]) -> None:
        for student, content in made.items():
            _write(self.folder / "submitted" / student / LAB / f"{LAB}.ipynb", _with_parameters(content))

    def run(self, students: list[str]) -> None:
        chunk = students[0].partition("s")[0]
        self.call(self.python, "-m", "nbgrader", "autograde", LAB, "--student", f"{chunk}s*")

    def points(self) -> dict[str, float]:
        self.call(self.python, "-m", "nbgrader", "export", "--to", "grades.csv")
        return _column(self.folder / "grades.csv", "student_id", "score")


class Otter(Tool):
    """`otter run`, one process for each submission; its tests are the notebook's own check cells."""

    name = "otter run, 1 run"

    def __init__(self, folder: Path, python: str) -> None:
        super().__init__(folder)
        self.python = python
        for cell in nbformat.reads(_solution().decode(), as_version=4).cells:
            marks = cell.metadata.get("nbgrader", {})
            if marks.get("grade") and cell.cell_type == "code":
                _write(folder / "tests" / f"{marks['grade_id']}.py", _otter_test(cell).encode())
        self.call(str(Path(python).with_name("otter")), "generate", "--tests-dir", "tests")

    def hand_in(self, made: dict[str, bytes]) -> None:
        for student, content in made.items():
            _write(self.folder / student / f"{LAB}.ipynb", _with_parameters(content))

    def run(self, students: list[str]) -> None:
        otter = str(Path(self.python).with_name("otter"))
        for student in students:
            # Under nbgrader's variable a check that fails raises, which is what otter's tests go by, too.
            self.call(otter, "run", f"{student}/{LAB}.ipynb", "--output-dir", student, NBGRADER_EXECUTION="1")

    def points(self) -> dict[str, float]:
        found = {}
        for path in self.folder.glob("c*/results.json"):
            tests = json.loads(path.read_text(encoding="utf-8"))["tests"]
            found[path.parent.name] = float(sum(test.get("score", 0.0) for test in tests))
        return found


def _otter_test(cell: nbformat.NotebookNode) -> str:
    # eval: the cell's names are those of the notebook, which otter hands over as `env`.
    marks = cell.metadata["nbgrader"]
    return (
        "from otter.test_files import test_case\n\n"
        f"OK_FORMAT = False\nname = {marks['grade_id']!r}\npoints = {marks['points']!r}\n\n\n"
        f"@test_case()\ndef test(env):\n    eval({cell.source!r}, env)\n"
    )


def _solution() -> bytes:
    return _with_parameters((ROOT / "solutions" / f"{LAB}.ipynb").read_bytes())


def _with_parameters(content: bytes) -> bytes:
    notebook = nbformat.reads(content.decode(), as_version=4)
    (cell,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
    cell.source += "".join(f"\n{name} = {value!r}" for name, value in EQUAL_WORK.items())
    return nbformat.writes(notebook).encode()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _column(table: Path, student: str, points: str) -> dict[str, float]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        return {row[student]: float(row[points]) for row in csv.DictReader(file)}


def corpus(number: int, chunk: int) -> dict[str, bytes]:
    """Return submissions as a class hands them in: finished or not, each TODO right or with a known mistake.

    Students are named after their chunk, so that a pattern can name a chunk.
    """
    rng = random.Random(0)
    made = {}
    for index in range(number):
        done = list(CODE)[: rng.choice((3, 5, 7, len(CODE), len(CODE), len(CODE)))]
        made[f"c{index // chunk:02d}s{index % chunk:03d}"] = notebook_with(answers_to(done, rng))
    return made


def answers_to(todos: list[str], rng: random.Random) -> dict[str, str | None]:
    """Return for each TODO None, the right answer, or in one of seven a known mistake."""
    return {name: rng.choice(list(CODE[name])) if rng.random() < 0.15 else None for name in todos}


def report(ours: Labs, others: list[Tool]) -> None:
    """Print the table, how the ratio varied over the chunks, and whether the points agree."""
    print("\n| tool | submissions | wall time each | ratio to labs grade, by chunk |\n|---|---|---|---|")
    for tool in (ours, *others):
        ratios = [theirs / own for theirs, own in zip(tool.seconds, ours.seconds, strict=True)]
        spread = f"{statistics.fmean(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"| {tool.name} | {tool.submissions} | {statistics.fmean(tool.seconds):.2f} s | {spread} |")
    own = ours.points()
    for tool in others:
        points = tool.points()
        differ = {student: value for student, value in points.items() if own[student] != value}
        print(f"\n{tool.name}: the same points for {len(points) - len(differ)} of {len(points)}")
        for student, value in sorted(differ.items()):
            print(f"  {student}: labs grade {own[student]:g}, {tool.name.split()[0]} {value:g}")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--chunk", type=int, default=50)
    parser.add_argument("--sample", type=int, default=0, help="how many of a chunk the others grade (0: all)")
    parser.add_argument("--nbgrader", default="", metavar="PYTHON")
    parser.add_argument("--otter", default="", metavar="PYTHON")
    options = parser.parse_args()
    made = corpus(options.submissions, options.chunk)
    with tempfile.TemporaryDirectory(prefix="labs-benchmark-") as name:
        folder = Path(name)
        ours, others = Labs(folder / "labs", options.workers), list[Tool]()
        if options.nbgrader:
            others.append(Nbgrader(folder / "nbgrader", options.nbgrader))
        if options.otter:
            others.append(Otter(folder / "otter", options.otter))
        for begin in range(0, len(made), options.chunk):
            chunk = dict(list(made.items())[begin : begin + options.chunk])
            ours.grade(chunk)
            for tool in others:
                tool.grade(dict(list(chunk.items())[: options.sample or None]))
        report(ours, others)


if __name__ == "__main__":
    main()
