"""Executing notebooks: what a run leaves behind, also when it fails or is stopped."""

from __future__ import annotations

import csv
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
import tiny_lib
from nbformat.v4 import new_code_cell, new_notebook

from labs_engine.build.project import Project, find_project
from labs_engine.declare.course import find_lab, select_labs
from labs_engine.run import provenance
from labs_engine.run.execute import RunPlan, execute
from labs_engine.run.pages import write_index
from labs_engine.run.provenance import marked, teaching_digest
from labs_engine.run.results import RunResult, Score, read_results, record_of, write_tables
from labs_engine.run.schedule import execute_all, plan_runs, threads_per_run

PROJECT = find_project(Path(tiny_lib.__file__))
HEAD = 'import tiny_lib\nlab = tiny_lib.open_lab("01", globals())'


def _plan(folder: Path, *cells: str, given: dict[str, Any] | None = None, timeout: int = 0) -> RunPlan:
    """Plan a run of a small notebook in place of lab 01's."""
    lab = find_lab("01")
    parameters = new_code_cell(
        "\n".join(p.cell_line() for p in lab.parameters), metadata={"tags": ["parameters"]}
    )
    notebook = new_notebook(cells=[parameters, *map(new_code_cell, cells)])
    notebook.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    source = folder / "source.ipynb"
    nbformat.write(notebook, source)
    (plan,) = plan_runs(PROJECT, [lab], given or {}, folder / "out")
    return RunPlan(
        lab.name,
        "student",
        source,
        folder / "out" / "lab.ipynb",
        plan.given,
        plan.resolved,
        cell_timeout=timeout,
    )


def test_a_run_reports_scores_parameters_time_and_memory(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    plan = _plan(
        tmp_path,
        HEAD,
        "lab.score('loss of the test', noise, spread=0.5)",
        "lab.finish()",
        given={"noise": "0.3"},
    )
    result = execute(plan, lambda done, total: seen.append((done, total)))
    assert (result.status, result.error) == ("ok", "")
    assert result.scores == [Score("loss of the test", 0.3, 0.5, "synthetic")]
    assert result.parameters["noise"] == 0.3
    assert result.parameters["n_samples"] == 50
    assert (result.profile, result.data_source) == ("quick", "synthetic")
    assert result.points_possible == 6
    assert set(result.exercises.values()) == {"unattempted"}
    assert result.seconds > 0
    assert result.peak_memory_mb > 50
    assert result.packages["numpy"]
    assert seen[-1][0] == seen[-1][1]


def test_a_run_says_which_code_it_was_made_with_and_which_data_it_used(tmp_path: Path) -> None:
    data = "from types import SimpleNamespace as Data\n"
    uses = "".join(f"lab.use(Data(name='a', standin={flag}, provenance=''))\n" for flag in (False, True))
    plan = _plan(tmp_path, HEAD, data + uses, "lab.finish()")
    result = execute(plan)
    notebook = nbformat.read(plan.output, as_version=4)
    assert marked(notebook) == teaching_digest()
    assert result.data_source == "standin"  # the last
    assert record_of(notebook)["data_sources"] == ["real", "standin"]


def test_the_digest_of_the_teaching_side_changes_with_it_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ("engine/cli/run.py", "engine/session/cards.py", "helpers/audio/files.py")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("a = 1\n", encoding="utf-8")
    packages = (tmp_path / "engine", tmp_path / "helpers")
    monkeypatch.setattr(provenance, "course_packages", lambda: packages)
    digests = [teaching_digest.__wrapped__()]
    for name in names:
        (tmp_path / name).write_text("a = 2\n", encoding="utf-8")
        digests.append(teaching_digest.__wrapped__())
    assert digests[0] == digests[1]
    assert len(set(digests[1:])) == 3


def test_a_failing_notebook_keeps_what_it_reached_and_says_why(tmp_path: Path) -> None:
    result = execute(_plan(tmp_path, "reached = 6 * 7\nreached", "1 / 0", "never = True"))
    assert result.status == "failed"
    assert "ZeroDivisionError: division by zero" in result.error
    cells = nbformat.read(tmp_path / "out" / "lab.ipynb", as_version=4).cells
    assert any(o.get("data", {}).get("text/plain") == "42" for c in cells for o in c.get("outputs", []))
    assert (tmp_path / "out" / result.page).is_file()


def test_a_kernel_that_dies_is_a_failed_run(tmp_path: Path) -> None:
    result = execute(_plan(tmp_path, "import os; os._exit(1)"))
    assert result.status == "failed"
    assert "kernel died" in result.error.lower()


def test_a_cell_over_its_time_is_a_failed_run(tmp_path: Path) -> None:
    result = execute(_plan(tmp_path, "import time; time.sleep(60)", timeout=2))
    assert result.status == "failed"
    assert "more than 2 s" in result.error


def test_the_others_go_on_when_one_fails(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir()
    bad.mkdir()
    plans = [_plan(bad, "raise ValueError('no')"), _plan(good, "1 + 1")]
    results = execute_all(plans, workers=2)
    assert [results[0].status, results[1].status] == ["failed", "ok"]


def test_a_run_leaves_nothing_in_the_environment(tmp_path: Path) -> None:
    before = dict(os.environ)
    execute(_plan(tmp_path, "1"))
    assert dict(os.environ) == before


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder for temporary files: sockets in it must not have longer paths than a system takes, about 100 letters."""
    with tempfile.TemporaryDirectory(prefix="labs-") as folder:
        yield Path(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_ctrl_c_ends_the_runs_and_keeps_what_had_ended(tmp_path: Path, short_folder: Path) -> None:
    slow = tmp_path / "slow"
    slow.mkdir()
    _plan(slow, "import time; time.sleep(600)")
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "import pickle, signal; from labs_engine.run.schedule import execute_all\n"
        # A job in the background, as a whole test run may be, starts with Ctrl-C ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "if __name__ == '__main__':\n"
        "    plans = pickle.loads(Path(sys.argv[2]).read_bytes())\n"
        "    print('ended', len(execute_all(plans, 2, report=lambda *a: print('cell', flush=True))), flush=True)\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code, encoding="utf-8")
    plans = tmp_path / "plans.pickle"
    plans.write_bytes(pickle.dumps([_plan(slow, "1", "import time; time.sleep(600)")]))
    process = subprocess.Popen(
        [sys.executable, str(script), str(PROJECT.root), str(plans)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(short_folder)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "cell\n"
    helpers = psutil.Process(process.pid).children(recursive=True)
    assert len(helpers) >= 2, "a worker and its kernel"
    os.killpg(process.pid, signal.SIGINT)
    start = time.monotonic()
    out, _ = process.communicate(timeout=60)
    assert "ended 0" in out
    assert time.monotonic() - start < 40
    assert (slow / "out" / "lab.ipynb").is_file()
    assert psutil.wait_procs(helpers, timeout=20)[1] == [], "nothing is left running"
    assert list(short_folder.iterdir()) == [], "nothing temporary is left"


def test_tables_and_index_say_the_same_as_the_results(tmp_path: Path) -> None:
    base = {
        "version": "solution",
        "parameters": {"seed": 0},
        "profile": "quick",
        "seconds": 1.0,
        "peak_memory_mb": 10.0,
        "packages": {"numpy": "1"},
    }
    results = [
        RunResult(
            lab="01_ramp",
            status="ok",
            notebook="a.ipynb",
            page="a.html",
            data_source="standin",
            scores=[Score("accuracy", 0.5, None, "standin"), Score("loss", 2.0, 0.1, "synthetic")],
            **base,
        ),
        RunResult(
            lab="02_sums",
            status="failed",
            notebook="b.ipynb",
            error="cell 3: <b>no</b>",
            **base,
        ),
    ]
    as_json, as_csv = write_tables(results, tmp_path)
    assert read_results(as_json) == results
    with as_csv.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["lab"][:2], row["score"], row["value"]) for row in rows] == [
        ("01", "accuracy", "0.5"),
        ("01", "loss", "2.0"),
        ("02", "", ""),
    ]
    assert [row["data_source"] for row in rows] == ["standin", "synthetic", ""]
    assert json.loads(rows[0]["parameters"]) == {"seed": 0}
    page = write_index(results, tmp_path, title="T", tables=["results.csv"]).read_text(encoding="utf-8")
    assert "2 runs, 1 of them failed" in page
    assert "&lt;b&gt;no" in page
    assert "stand-in data" in page
    assert 'href="a.html"' in page
    assert "2 ± 0.1" in page


def test_threads_are_shared_among_runs() -> None:
    assert threads_per_run(1) == 0
    assert threads_per_run(1000) == 1


def test_a_parameter_goes_to_the_labs_that_have_it(tmp_path: Path) -> None:
    plans = plan_runs(PROJECT, select_labs(["01", "02"]), {"noise": "0.3", "seed": "4"}, tmp_path)
    assert [plan.given for plan in plans] == [{"noise": 0.3, "seed": 4}, {"seed": 4}]


def test_a_missing_notebook_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"01_ramp\.ipynb is not there; run `labs build`"):
        plan_runs(Project(tmp_path), [find_lab("01")], {}, tmp_path)


def test_workers_end_with_a_parent_that_was_killed() -> None:
    code = (
        "import multiprocessing, os, time\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from labs_engine.run.schedule import stop_on_sigterm\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    pool = ProcessPoolExecutor(2, context, initializer=stop_on_sigterm)\n"
        "    busy = pool.submit(time.sleep, 600)\n"
        "    print(pool.submit(os.getpid).result(), flush=True)\n"
        "    time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert int(parent.stdout.readline()) > 0
    workers = psutil.Process(parent.pid).children(recursive=True)
    assert len(workers) >= 2
    parent.kill()
    parent.wait()
    assert psutil.wait_procs(workers, timeout=30)[1] == []
