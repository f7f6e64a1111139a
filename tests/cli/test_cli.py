"""The command line as its user meets it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_lib

from labs_engine.build.project import find_project

PROJECT = find_project(Path(tiny_lib.__file__))
FEW = ["-p", "n_samples=20"]


def labs(*arguments: str, cwd: Path = PROJECT.root, **environment: str) -> subprocess.CompletedProcess:
    command = [str(Path(sys.executable).with_name("labs")), *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env={**os.environ, "COLUMNS": "200", **environment}
    )


def test_help_names_every_command() -> None:
    done = labs("--help")
    assert done.returncode == 0
    for command in ("lab", "list", "run", "grid", "build", "release"):
        assert f"\n  {command} " in done.stdout


def test_list_shows_labs_parameters_and_exercises() -> None:
    assert "A ramp" in labs("list").stdout
    details = labs("list", "1").stdout
    for text in (
        "holdout",
        "a number from 0.1 to 0.9",
        "quick 50 · full 500",
        "noise_free",
        "not_bent",
    ):
        assert text in details


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "77"], "unknown lab '77'; there are: 01_ramp"),
        (["run", "01", "-p", "nois=0.1"], "unknown parameter 'nois'; lab 01 has: seed, profile"),
        (["run", "01", "-p", "noise=loud"], "noise='loud': expected a number, at least 0 "),
        (["run", "01", "-p", "noise"], "-p noise: expected NAME=VALUE"),
        (["run", "01", "-p", "seed=1", "-p", "seed=2"], "-p seed is given twice"),
        (["run", "01", "--profile", "full", "-p", "profile=quick"], "disagree"),
        (["grid", "01"], "nothing to vary"),
        (["grid", "01", "-p", "seed=4..1"], "expected a range like 0..4"),
        (["build", "77"], "unknown lab '77'"),
        (["list", "77"], "unknown lab '77'"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_runs(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    out = ["--out", str(tmp_path / "out")] if arguments[0] in ("run", "grid") else []
    done = labs(*arguments, *out)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_outside_the_course_it_says_where_to_go(tmp_path: Path) -> None:
    done = labs("run", cwd=tmp_path)
    assert done.returncode == 1
    assert "no course found" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_in_the_place_of_the_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    done = labs("run", "01", "--out", str(tmp_path / "out"))
    assert done.returncode != 0
    assert "out' is a file" in done.stderr
    assert "Traceback" not in done.stderr


def test_run_executes_and_leaves_notebook_page_tables_and_index(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = labs("run", "01", *FEW, "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in out.iterdir()} == {
        "01_ramp.ipynb",
        "01_ramp.html",
        "results.csv",
        "results.json",
        "index.html",
    }
    (result,) = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert (result["status"], result["points"]) == ("ok", 6)
    assert result["parameters"]["n_samples"] == 20
    assert "6 of 6 points" in done.stdout
    assert str(out / "index.html") in done.stdout


def test_a_grid_runs_once_and_then_only_what_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "grid"
    arguments = ["grid", "01", *FEW, "--version", "student", "--out", str(out)]
    first = labs(*arguments, "-p", "seed=0,1")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "2 runs, 0 of them already there" in first.stdout
    second = labs(*arguments, "-p", "seed=0..2")
    assert "3 runs, 2 of them already there" in second.stdout
    assert second.stdout.count(": ok in") == 1
    assert (out / "01_ramp" / "table.csv").is_file()
    assert (out / "01_ramp" / "index.html").is_file()


def test_build_check_passes_on_the_course() -> None:
    done = labs("build", "--check")
    assert done.returncode == 0, done.stdout
    assert "every derived file is what its source gives" in done.stdout
