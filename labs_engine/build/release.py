"""The students' bundle: everything that a student needs and nothing that gives answers away."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from labs_engine.build.project import Project
from labs_engine.build.stubs import BEGIN, SourceError
from labs_engine.build.write import drift
from labs_engine.declare.course import all_labs

_FILES = ("README.md", "LICENSE", "LICENSE-lessons", "requirements.txt")


def make_bundle(project: Project, out: Path) -> list[Path]:
    """Write the students' bundle.

    It is assembled beside its final place and moved there at the end, so that a failure leaves no partial bundle.

    Args:
        project: The course, with its sources.
        out: The bundle's folder; must not exist or be empty.

    Returns:
        The files of the bundle.

    Raises:
        FileExistsError: There is something in the folder already.
        SourceError: A derived notebook has drifted from its source.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f"{out} is not an empty folder: choose another one or empty it first")
    stale = drift(project, all_labs())
    if stale:
        raise SourceError("run `labs build` first:\n" + "\n".join(stale))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".bundle-") as folder:
        bundle = Path(folder) / "bundle"
        (bundle / "notebooks").mkdir(parents=True)
        for lab in all_labs():
            notebook = project.notebook(lab, "student")
            for path in (notebook, notebook.with_suffix(".py")):
                if BEGIN in path.read_text(encoding="utf-8"):
                    raise SourceError(f"{path.name} still holds a solution")
                shutil.copy2(path, bundle / "notebooks")
        shutil.copy2(project.contents, bundle / "notebooks")
        for name in _FILES:
            if (project.root / name).is_file():
                shutil.copy2(project.root / name, bundle)
        _build_wheel(project.root, bundle)
        if out.exists():
            out.rmdir()
        bundle.replace(out)
    return sorted(path for path in out.rglob("*") if path.is_file())


def _build_wheel(root: Path, folder: Path) -> None:
    """Build the wheel of the course with the installed build backend: no network is needed."""
    command = "import sys, hatchling.build as b; print(b.build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", command, str(folder.resolve())], cwd=root, capture_output=True, text=True
    )
    if done.returncode:
        raise SourceError(f"the wheel of the course could not be built:\n{done.stderr.strip()[-2000:]}")
