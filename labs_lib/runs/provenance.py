"""Which code a run was made with: what decides its figures, and the mark that it leaves in the notebook."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from nbformat import NotebookNode

import labs_lib

# Rooms of labs_lib that run, judge and publish labs; what a notebook computes does not hang on them.
_OPERATING = frozenset({"authoring", "runs", "grading", "site", "cli"})
_CODE = (".py", ".toml")


@functools.cache  # the same for every run of a process
def teaching_digest() -> str:
    """Return a digest of the part of labs_lib that decides what a notebook computes."""
    folder = Path(labs_lib.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _CODE):
        name = path.relative_to(folder)
        if name.parts[0] not in _OPERATING:
            digest.update(name.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def mark(notebook: NotebookNode, digest: str) -> None:
    """Write into an executed notebook which labs_lib it was executed with."""
    notebook.metadata.setdefault("labs", NotebookNode())["teaching_sha256"] = digest


def marked(notebook: NotebookNode) -> str:
    """Return the digest that `mark` wrote, or '' for a notebook that was executed by something else."""
    return str(notebook.metadata.get("labs", {}).get("teaching_sha256", ""))
