"""Only runs of this code, to the end, without anybody's recordings, become pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from made_runs import PROJECT, html, make_run
from nbformat.v4 import new_code_cell

from labs_engine.declare.course import find_lab
from labs_engine.site.errors import NotPublishable, StaleRun
from labs_engine.site.executed import read_runs, stale_runs

LAB = find_lab("01")


def _reason(folder: Path) -> str:
    return stale_runs(PROJECT, [LAB], folder).get(LAB.name, "")


def test_a_run_of_this_code_is_read_with_its_outputs(tmp_path: Path) -> None:
    make_run(tmp_path, outputs={3: [html("<b>seen</b>")]})
    (lab,) = read_runs(PROJECT, [LAB], tmp_path)
    cells = [cell for cell in lab.notebook.cells if cell.cell_type == "code"]
    assert cells[3].outputs[0].data["text/html"] == "<b>seen</b>"
    assert lab.record["lab"] == LAB.name


def test_text_comes_from_the_source_and_not_from_the_run(tmp_path: Path) -> None:
    path = make_run(tmp_path)
    notebook = nbformat.read(path, as_version=4)
    next(cell for cell in notebook.cells if cell.cell_type == "markdown").source = "# An older title"
    nbformat.write(notebook, path)
    (lab,) = read_runs(PROJECT, [LAB], tmp_path)
    assert LAB.title in lab.notebook.cells[0].source


def test_parameters_of_the_run_are_shown_beside_those_of_the_notebook(tmp_path: Path) -> None:
    path = make_run(tmp_path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(3, new_code_cell("seed = 7", metadata={"tags": ["injected-parameters"]}))
    nbformat.write(notebook, path)
    (lab,) = read_runs(PROJECT, [LAB], tmp_path)
    place = [cell.source for cell in lab.notebook.cells].index("seed = 7")
    assert lab.notebook.cells[place - 1].source.startswith("seed = 0")


def test_what_was_not_executed_is_refused_with_the_command_that_executes_it(tmp_path: Path) -> None:
    with pytest.raises(StaleRun, match=r"(?s)has not been executed.*labs run 01 --out"):
        read_runs(PROJECT, [LAB], tmp_path)


def test_other_code_is_refused(tmp_path: Path) -> None:
    path = make_run(tmp_path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source += "\nmore = 1"
    nbformat.write(notebook, path)
    assert _reason(tmp_path) == "its code is not that of the source"


@pytest.mark.parametrize(
    ("digest", "reason"), [("", "does not say which code"), ("0" * 64, "another state of the code")]
)
def test_other_helpers_are_refused(tmp_path: Path, digest: str, reason: str) -> None:
    make_run(tmp_path, digest=digest)
    assert reason in _reason(tmp_path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = make_run(tmp_path)
    path.write_text(path.read_text(encoding="utf-8")[:500], encoding="utf-8")
    assert "cannot be read" in _reason(tmp_path)


def test_a_run_that_did_not_reach_its_end_is_refused(tmp_path: Path) -> None:
    make_run(tmp_path, lab="")
    assert "did not reach the end" in _reason(tmp_path)


def test_a_solution_that_does_not_pass_is_refused(tmp_path: Path) -> None:
    name = LAB.exercises[0].name
    make_run(tmp_path, exercises={name: "failed"})
    assert name in _reason(tmp_path)


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ({"data_sources": ["real", "standin"], "data_source": "standin"}, "real recordings"),
        ({"data_source": "real"}, "real recordings"),
        ({"scores": [{"name": "s", "value": 1.0, "spread": None, "data_source": "real"}]}, "real recordings"),
        ({"parameters": {"seed": 0, "profile": "quick", "song": "mine.mp3"}}, "mine.mp3"),
    ],
)
def test_real_recordings_are_never_published(tmp_path: Path, record: dict[str, Any], what: str) -> None:
    make_run(tmp_path, **record)
    assert not _reason(tmp_path)
    with pytest.raises(NotPublishable, match=rf"(?s){what}.*source=standin"):
        read_runs(PROJECT, [LAB], tmp_path)
