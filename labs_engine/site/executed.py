"""Executed notebooks that may be shown: made by this code, run to the end, without anybody's recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from labs_engine.build.derive import code_digest, read_source
from labs_engine.build.head import PARAMETERS_TAG
from labs_engine.build.project import Project
from labs_engine.declare.course import course
from labs_engine.declare.framework import LabSpec
from labs_engine.run.provenance import marked, teaching_digest
from labs_engine.run.results import record_of
from labs_engine.site.errors import NotPublishable, StaleRun

_INJECTED = "injected-parameters"  # papermill's tag of the cell that holds a run's own parameters


@dataclass(frozen=True)
class ExecutedLab:
    """A lab whose run may be shown.

    Attributes:
        spec: The lab.
        notebook: Its solution as the source has it now, with the outputs of the run.
        record: What its last cell reported.
    """

    spec: LabSpec
    notebook: NotebookNode
    record: dict[str, Any]


def read_runs(project: Project, labs: Sequence[LabSpec], runs: Path) -> list[ExecutedLab]:
    """Read the executed notebooks of the labs.

    Text comes from the sources as they are now, outputs from the runs, whose code must
    be that of the sources.

    Args:
        project: The course.
        labs: The labs.
        runs: Folder that `labs run` wrote.

    Raises:
        StaleRun: A notebook is missing, was executed with other code, or did not reach its end.
        NotPublishable: A run used real recordings.
    """
    stale = stale_runs(project, labs, runs)
    if stale:
        raise StaleRun(
            f"the executed notebooks in {runs} cannot be shown:\n"
            + "\n".join(f"  {name}: {reason}" for name, reason in stale.items())
            + f"\nExecute them with: labs run {' '.join(name[:2] for name in stale)} --out {runs}"
        )
    return [_read(project, lab, runs) for lab in labs]


def stale_runs(project: Project, labs: Sequence[LabSpec], runs: Path) -> dict[str, str]:
    """Say by lab why its executed notebook cannot be shown; labs whose notebook can are left out."""
    reasons = {lab.name: _why_stale(project, lab, runs / f"{lab.name}.ipynb") for lab in labs}
    return {name: reason for name, reason in reasons.items() if reason}


def _why_stale(project: Project, lab: LabSpec, path: Path) -> str:
    if not path.is_file():
        return "it has not been executed"
    try:
        notebook = nbformat.read(path, as_version=4)
    except (
        ValueError,
        OSError,
        AttributeError,
    ) as error:  # nbformat lets some damage through as AttributeError
        return f"{path.name} cannot be read ({type(error).__name__})"
    if code_digest(_without_injected(notebook)) != code_digest(_source(project, lab)):
        return "its code is not that of the source"
    if not marked(notebook):
        return "it does not say which code it was executed with"
    if marked(notebook) != teaching_digest():
        return "it was executed with another state of the code"
    record = record_of(notebook)
    if record.get("lab") != lab.name:
        return "its run did not reach the end"
    missed = [name for name, status in record["exercises"].items() if status != "passed"]
    return f"its own solutions do not pass: {', '.join(missed)}" if missed else ""


def _read(project: Project, lab: LabSpec, runs: Path) -> ExecutedLab:
    executed = nbformat.read(runs / f"{lab.name}.ipynb", as_version=4)
    record = record_of(executed)
    _refuse_recordings(lab, record)
    source = _source(project, lab)
    outputs = iter(_code_cells(_without_injected(executed)))
    for cell in _code_cells(source):
        cell.outputs = next(outputs).outputs
    given = [cell for cell in executed.cells if _INJECTED in cell.metadata.get("tags", [])]
    for cell in given:
        cell.metadata["tags"] = [PARAMETERS_TAG]
    place = 1 + next(
        n for n, cell in enumerate(source.cells) if PARAMETERS_TAG in cell.metadata.get("tags", [])
    )
    source.cells[place:place] = given
    return ExecutedLab(lab, source, record)


def _refuse_recordings(lab: LabSpec, record: dict[str, Any]) -> None:
    """Refuse a run that read, and so plays or draws, recordings that are not the course's to publish."""
    used = {*record["data_sources"], record["data_source"], *(s["data_source"] for s in record["scores"])}
    if "real" in used:
        what = "real recordings"
    elif own := [f"{n}={record['parameters'][n]}" for n in course().own_files if record["parameters"].get(n)]:
        what = f"a file of its own ({', '.join(own)})"
    else:
        return
    raise NotPublishable(
        f"{lab.name} was executed on {what}, which the site must not publish. Expected a run on the synthesised "
        f"stand-ins: unset LABS_DATA and execute it with: labs run {lab.number} -p source=standin"
    )


def _source(project: Project, lab: LabSpec) -> NotebookNode:
    return read_source(project.source_text(lab), lab, project.published)


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _without_injected(notebook: NotebookNode) -> NotebookNode:
    kept = [cell for cell in notebook.cells if _INJECTED not in cell.metadata.get("tags", [])]
    return NotebookNode({**notebook, "cells": kept})
