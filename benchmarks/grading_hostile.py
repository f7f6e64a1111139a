"""Whether hostile submissions reach honest ones, and whether a grading that was killed ends the same.

    python benchmarks/grading_hostile.py [--submissions 200] [--hostile 20]

Grades the honest submissions of lab 01 alone, and then the same ones with hostile ones among them, two workers, two
runs each. The second grading is killed with SIGKILL when half of it is done, and resumed. The rows of the honest
students must be equal in both, and no hostile one may have more than its answers deserve. Memory of the graders (the
command and its workers, without their sandboxes) is read when a tenth is done and at the end.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "grading"))

from corpus import ALL, CASES, Case, with_cells  # noqa: E402

LABS = Path(sys.executable).parent / "labs"
# These wait for a limit of a minute or more in each run, and are in tests/grade/test_hostile.py.
SLOW = ("an endless loop", "prints 200 MB", "huge")
# What a submission of these kinds tries reaches beyond itself.
ATTACKS = (
    *(
        "modules planted",
        "a file of another",
        "folders unmounted",
        "6 GB in files",
        "an array of no",
        "deep metadata",
    ),
    *(
        "tiny messages",
        "answers to what",
        "letters that are none",
        "more code",
        "os._exit",
        "kills",
        "crashes",
    ),
    *("results forged", "garbage", "30 GB", "writes 20 GB", "a fork bomb", "a daemon", "the judge replaced"),
    *("lab.check replaced", "the network", "NaN", "a huge declared", "an array of objects", "a pickled"),
)


def hostile(number: int) -> list[Case]:
    """Return so many hostile submissions, the kinds in turn."""
    kinds = [case for case in CASES if case.name.startswith(ATTACKS) and not case.name.startswith(SLOW)]
    return list(itertools.islice(itertools.cycle(kinds), number))


def write(folder: Path, honest: int, cases: list[Case]) -> None:
    """Write the submissions; hostile ones stand between honest ones in the alphabet."""
    folder.mkdir()
    right = with_cells()()
    for number in range(honest):
        (folder / f"s{number:04d}.ipynb").write_bytes(right)
    for number, case in enumerate(cases):
        at = number * max(1, honest // len(cases))
        (folder / f"s{at:04d}-hostile.ipynb").write_bytes(case.make())


def graders(command: int) -> float:
    """Return the memory of the command and its workers in MB, without what runs in sandboxes."""
    found = 0.0
    waiting = [psutil.Process(command)]
    while waiting:
        process = waiting.pop()
        try:
            if process.name() not in ("bwrap", "sh"):
                found += process.memory_full_info().uss / 1e6
                waiting += process.children()
        except (psutil.Error, OSError):
            continue
    return found


def grade(submissions: Path, out: Path, *options: str, kill_at: int = 0) -> dict[str, dict[str, str]]:
    """Grade; return the gradebook by student, or nothing where the command was killed."""
    command = [str(LABS), "grade", str(submissions), "--lab", "01", "--out", str(out), "--workers", "2"]
    secret = submissions.parent / "secret"
    secret.write_text("the same parameters in every grading", encoding="utf-8")
    start = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--secret-file", str(secret), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        start_new_session=True,
    )
    total, memory = len(list(submissions.iterdir())), dict.fromkeys(("at a tenth", "at the end"), 0.0)
    while process.poll() is None:
        time.sleep(1)
        done = len(list((out / "rows").glob("*.json"))) if (out / "rows").is_dir() else 0
        if kill_at and done >= kill_at:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            print(f"killed after {done} of {total}", flush=True)
            time.sleep(5)  # workers notice
            return {}
        if done >= total // 10 and not memory["at a tenth"]:
            memory["at a tenth"] = graders(process.pid)
        if process.poll() is None and done < total:
            memory["at the end"] = graders(process.pid) or memory["at the end"]
    print(
        f"{out.name}: {time.perf_counter() - start:.0f} s, status {process.returncode}, graders "
        + ", ".join(f"{value:.0f} MB {when}" for when, value in memory.items()),
        flush=True,
    )
    with (out / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def main() -> None:
    """Grade three times and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--hostile", type=int, default=20)
    given = parser.parse_args()
    cases = hostile(given.hostile)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write(place / "honest", given.submissions - given.hostile, [])
        write(place / "all", given.submissions - given.hostile, cases)
        alone = grade(place / "honest", place / "alone")
        grade(place / "all", place / "together", kill_at=given.submissions // 2)
        together = grade(place / "all", place / "together", "--resume")
    differ = [
        (student, column)
        for student, row in alone.items()
        for column in row
        if column != "again" and row[column] != together[student][column]
    ]
    least = min(float(row["total"]) for row in alone.values())
    print(f"honest: {len(alone)}, least total {least:g} of {ALL}; cells that differ: {differ or 'none'}")
    too_many = []
    for number, case in enumerate(cases):
        at = number * max(1, (given.submissions - given.hostile) // len(cases))
        row = together[f"s{at:04d}-hostile"]
        print(f"  {case.name}: {row['status']}, {row['total']} (deserves {case.points})")
        if float(row["total"]) > case.points:
            too_many.append(case.name)
    sys.exit(bool(differ or too_many or least < ALL))


if __name__ == "__main__":
    main()
