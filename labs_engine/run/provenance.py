"""Which code a run was made with: what decides its figures, and the mark that it leaves in the notebook."""

from __future__ import annotations

import functools

from nbformat import NotebookNode

from labs_engine.base.storage import tree_digest
from labs_engine.declare.course import course_packages

# Packages of the engine that decide what a notebook computes and shows; the others run, grade and publish it.
_AT_WORK = ("base", "declare", "session")
_CODE = (".py", ".toml")


@functools.cache  # the same for every run of a process
def teaching_digest() -> str:
    """Return a digest of the code that decides what a notebook computes and shows."""
    engine, helpers = course_packages()
    return tree_digest(*(engine / room for room in _AT_WORK), helpers, suffixes=_CODE)


def mark(notebook: NotebookNode, digest: str) -> None:
    """Write into an executed notebook which code it was executed with."""
    notebook.metadata.setdefault("labs", NotebookNode())["teaching_sha256"] = digest


def marked(notebook: NotebookNode) -> str:
    """Return the digest that `mark` wrote, or '' for a notebook that was executed by something else."""
    return str(notebook.metadata.get("labs", {}).get("teaching_sha256", ""))
