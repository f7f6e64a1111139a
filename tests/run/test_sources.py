"""Notebooks as editors leave them, cells that print very much, and what a kernel inherits."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import nbformat
import pytest
import tiny_lib
import zmq
from nbformat.v4 import new_code_cell, new_notebook
from papermill.clientwrap import PapermillNotebookClient

from labs_engine.build.project import find_project
from labs_engine.declare.course import find_lab
from labs_engine.run import execute as executing
from labs_engine.run.execute import RunPlan, execute
from labs_engine.run.kernels.listening import ListeningManager
from labs_engine.run.schedule import plan_runs

PROJECT = find_project(Path(tiny_lib.__file__))


def _plan(folder: Path, *cells: str) -> RunPlan:
    """Plan a run of a small notebook in place of lab 01's."""
    lab = find_lab("01")
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    source = folder / "source.ipynb"
    nbformat.write(notebook, source)
    (plan,) = plan_runs(PROJECT, [lab], {}, folder / "out")
    return RunPlan(lab.name, "student", source, folder / "out" / "lab.ipynb", plan.given, plan.resolved)


def test_a_notebook_with_a_byte_order_mark_is_executed(tmp_path: Path) -> None:
    plan = _plan(tmp_path, "print('caf\u00e9')")
    plan.source.write_bytes(b"\xef\xbb\xbf" + plan.source.read_bytes())
    result = execute(plan)
    assert (result.status, result.error) == ("ok", "")
    executed = nbformat.read(plan.output, as_version=4)
    assert executed.cells[-1].outputs[0].text == "caf\u00e9\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "source.ipynb cannot be read as a notebook"),
        (b"<html>", "does not appear to be JSON|not JSON"),
        ("{}".encode("utf-16"), "codec can't decode"),
    ],
)
def test_what_is_no_notebook_is_a_failed_run_that_says_so(
    content: bytes, reason: str, tmp_path: Path
) -> None:
    plan = _plan(tmp_path)
    plan.source.write_bytes(content)
    result = execute(plan)
    assert result.status == "failed"
    assert result.error.startswith("source.ipynb cannot be read as a notebook: ")
    assert re.search(reason, result.error)


def test_a_cell_that_prints_more_than_can_be_taken_down_at_once_is_no_time_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = PapermillNotebookClient.process_message

    def slow(*arguments, **keywords):
        time.sleep(0.02)  # as if there were 100 000 lines
        return process(*arguments, **keywords)

    monkeypatch.setattr(PapermillNotebookClient, "process_message", slow)
    result = execute(_plan(tmp_path, "for k in range(300):\n    print(k, flush=True)", "print('end')"))
    assert (result.status, result.error) == ("ok", "")
    executed = nbformat.read(tmp_path / "out" / "lab.ipynb", as_version=4)
    (printed,) = executed.cells[-2].outputs
    assert printed.text.split() == [str(k) for k in range(300)]


def test_a_client_holds_more_than_the_thousand_messages_that_zeromq_holds_by_itself() -> None:
    manager = ListeningManager()
    manager.write_connection_file()
    client = manager.client()
    try:
        assert client.connect_iopub().getsockopt(zmq.RCVHWM) == 0
    finally:
        client.context.destroy(linger=0)
        manager.cleanup_connection_file()


def test_output_that_never_arrives_is_not_called_a_long_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = PapermillNotebookClient.process_message

    def slow(*arguments, **keywords):
        time.sleep(0.05)
        return process(*arguments, **keywords)

    monkeypatch.setattr(PapermillNotebookClient, "process_message", slow)
    monkeypatch.setattr(executing, "_OUTPUT_SECONDS", 1)
    result = execute(_plan(tmp_path, "for k in range(100):\n    print(k, flush=True)"))
    assert result.status == "failed"
    assert "did not arrive within 1 s" in result.error


def test_kernels_find_data_whose_folder_was_named_from_where_the_command_ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "recordings").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABS_DATA", "recordings")
    plan = _plan(tmp_path, "import os; print(os.environ['LABS_DATA'])")
    assert execute(plan).status == "ok"
    printed = nbformat.read(plan.output, as_version=4).cells[-1].outputs[0].text
    assert Path(printed.strip()) == tmp_path / "recordings"
    assert os.environ["LABS_DATA"] == "recordings"
