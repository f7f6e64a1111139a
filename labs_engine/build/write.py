"""`labs build`: writing the derived files of each lab, or listing those that have drifted."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from labs_engine.base.storage import write_whole
from labs_engine.build.contents import BEGIN, contents_text, with_table
from labs_engine.build.derive import code_digest, read_source, student_version, to_percent
from labs_engine.build.project import Project
from labs_engine.build.roles import COMPARE_TAG
from labs_engine.declare.course import all_labs
from labs_engine.declare.framework import LabSpec

Executor = Callable[[NotebookNode, Path], NotebookNode]


class StaleOutputs(RuntimeError):
    """The stored outputs belong to other code than the source's."""


def derived_files(
    project: Project, lab: LabSpec, execute: Executor | None = None, refresh: bool = False
) -> dict[Path, str]:
    """Return the text of every file of a lab, the normalised source included.

    Args:
        project: The course.
        lab: The lab.
        execute: Runs a notebook to get the outputs that are compared; without it,
            outputs that do not belong to the code are an error.
        refresh: Whether to execute even if the code has not changed.

    Returns:
        Texts by path: the source with its generated head, the solution notebook, the
        student's notebook and its paired script.

    Raises:
        SourceError: The source breaks a rule.
        StaleOutputs: The code has changed and `execute` is None.
    """
    source = project.source(lab)
    solution = read_source(project.source_text(lab), lab, project.published)
    _store_outputs(solution, project.notebook(lab, "solution"), execute, refresh)
    student = student_version(solution)
    return {
        source: to_percent(solution),
        project.notebook(lab, "solution"): _notebook_text(solution),
        project.notebook(lab, "student").with_suffix(".py"): to_percent(student),
        project.notebook(lab, "student"): _notebook_text(student),
    }


def build(project: Project, labs: Iterable[LabSpec], execute: Executor, refresh: bool = False) -> list[Path]:
    """Write the files of the labs and the tables of all labs; return those that changed.

    Everything of a lab is derived before anything is written, and each file is
    replaced in one step, so that an error or an interruption leaves no half-built lab.
    """
    changed = []
    for lab in labs:
        changed += _write(derived_files(project, lab, execute, refresh))
    return changed + write_contents(project)


def write_contents(project: Project) -> list[Path]:
    """Write what is derived from all labs together; return the files that changed."""
    return _write(course_contents(project))


def _write(files: dict[Path, str]) -> list[Path]:
    changed = [path for path, text in files.items() if not path.is_file() or _text_of(path) != text]
    for path in changed:
        write_whole(path, files[path].encode())
    return changed


def course_contents(project: Project) -> dict[Path, str]:
    """Return what is derived from all labs together, by path.

    That is the table of contents, from the students' notebooks that are there, and each document of the course in
    which the table of the labs is marked.
    """
    notebooks = ((lab, project.notebook(lab, "student")) for lab in all_labs())
    labs = [(lab, nbformat.read(path, as_version=4)) for lab, path in notebooks if path.is_file()]
    files = {project.contents: contents_text(labs)}
    for path in (project.root / "README.md", *sorted(project.root.glob("docs/*.md"))):
        folder = "notebooks/" if path.parent == project.root else "../notebooks/"
        text = _text_of(path) if path.is_file() else ""
        if BEGIN in text:
            files[path] = with_table(text, labs, folder)
    return files


def drift(project: Project, labs: Iterable[LabSpec]) -> list[str]:
    """Return a line for each derived file that differs from what the sources give."""
    lines = []
    for lab in labs:
        try:
            files = derived_files(project, lab)
        except StaleOutputs as error:
            lines.append(str(error))
            continue
        for path, text in files.items():
            lines += _difference(project, path, text, f"solutions/{lab.name}.py gives")
    for path, text in course_contents(project).items():
        lines += _difference(project, path, text, "the labs give")
    return lines


def _difference(project: Project, path: Path, text: str, origin: str) -> list[str]:
    name = path.relative_to(project.root).as_posix()
    if not path.is_file():
        return [f"{name} is missing"]
    return [] if _text_of(path) == text else [f"{name} differs from what {origin}"]


def _text_of(path: Path) -> str:
    """Read a derived file; bytes that are not UTF-8 make it differ, but raise no error."""
    return path.read_text(encoding="utf-8", errors="replace")


def _store_outputs(solution: NotebookNode, path: Path, execute: Executor | None, refresh: bool) -> None:
    digest = code_digest(solution)
    stored = nbformat.read(path, as_version=4) if path.is_file() else None
    current = stored is not None and stored.metadata.get("labs", {}).get("code_sha256") == digest
    if refresh or not current:
        if execute is None:
            raise StaleOutputs(f"solutions/{path.name}: its outputs belong to other code; run `labs build`")
        stored = execute(copy.deepcopy(solution), path.parent)
    assert stored is not None
    outputs = {cell.id: cell.get("outputs", []) for cell in stored.cells}
    code_cells = [cell for cell in solution.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code_cells, start=1):
        if COMPARE_TAG in cell.metadata.get("tags", []):
            # nbval wants a count, as after a run from the top.
            cell.execution_count = count
            cell.outputs = [_with_count(output, count) for output in outputs[cell.id]]
    solution.metadata["labs"] = {"code_sha256": digest}


def _with_count(output: NotebookNode, count: int) -> NotebookNode:
    output = copy.deepcopy(output)
    if "execution_count" in output:
        output["execution_count"] = count
    return output


def _notebook_text(notebook: NotebookNode) -> str:
    nbformat.validate(notebook)
    # As JupyterLab writes it: a save without a change changes no line.
    return nbformat.writes(notebook) + "\n"
