"""Removing a lab, with all files that belong to it alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from labs_engine.build.contents import without_table
from labs_engine.build.project import Project
from labs_engine.build.scaffold import hand_edited
from labs_engine.build.stubs import SourceError
from labs_engine.build.write import write_contents
from labs_engine.declare.framework import LabSpec

_HISTORY = "CHANGELOG.md"  # mentions labs of the past


def files_of(project: Project, lab: LabSpec) -> list[Path]:
    """Return the files of a lab, as far as they are there.

    Raises:
        SourceError: The course has no sources, or the command runs from another copy of it.
    """
    written = hand_edited(project, lab.number, lab.slug)
    derived = [project.notebook(lab, version) for version in ("solution", "student")]
    derived.append(project.notebook(lab, "student").with_suffix(".py"))
    folders = [path.with_suffix("") for path in written if path.with_suffix("").is_dir()]
    inside = [path for folder in folders for path in folder.rglob("*") if "__pycache__" not in path.parts]
    return sorted(path for path in {*written, *derived, *inside} if path.is_file())


def check_removable(project: Project, lab: LabSpec, *, force: bool = False) -> None:
    """Refuse a removal that would break the course or could not be undone.

    Args:
        project: The course, with its sources.
        lab: The lab to be removed.
        force: Whether changes that are not committed may be lost.

    Raises:
        SourceError: Other files name the lab, or git does not hold its files as they are. The message names the files.
    """
    named = _named_in(project, lab)
    if named:
        raise SourceError(f"lab {lab.name} is not removed, because other files name it: {', '.join(named)}")
    changed = [] if force else _uncommitted(project, files_of(project, lab))
    if changed:
        raise SourceError(
            f"lab {lab.name} is not removed, because git could not bring it back; not committed: "
            f"{', '.join(changed)}. Commit them, or remove them with --force"
        )


def remove_lab(project: Project, lab: LabSpec) -> None:
    """Delete the files of a lab and rewrite what is derived from the remaining labs."""
    for path in files_of(project, lab):
        path.unlink()
    for path in hand_edited(project, lab.number, lab.slug):
        shutil.rmtree(path.with_suffix(""), ignore_errors=True)  # Python's cache in the folder of a long lab
    write_contents(project)


def _named_in(project: Project, lab: LabSpec) -> list[str]:
    """Return the other files of the course that name a lab, each with its first such line."""
    listed = rf"labs?[ _]?(\d\d(,| and| to)? )*{lab.number}"  # labNN, 'Lab NN', 'labs KK, MM and NN'
    name = re.compile(rf"(?<![a-z0-9])({listed}|{lab.name})(?![a-z0-9])", re.IGNORECASE)
    passed_over = {*files_of(project, lab), project.contents, project.root / _HISTORY}
    found = []
    for path in _course_files(project):
        if path in passed_over or not path.is_file():
            continue
        try:
            lines = without_table(path.read_text(encoding="utf-8")).splitlines()
        except UnicodeDecodeError:
            continue  # a picture or a sound
        at = next((number for number, line in enumerate(lines, 1) if name.search(line)), 0)
        if at:
            found.append(f"{path.relative_to(project.root).as_posix()}, line {at}")
    return found


def _course_files(project: Project) -> list[Path]:
    listed = _git(project, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return [project.root / name for name in listed.split("\0") if name]


def _uncommitted(project: Project, files: list[Path]) -> list[str]:
    status = _git(project, "status", "--porcelain", "-z", "--untracked-files=all", "--", *map(str, files))
    return [entry[3:] for entry in status.split("\0") if entry]


def _git(project: Project, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=project.root, capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        raise SourceError("git was not found: it knows which files belong to the course") from None
    except subprocess.CalledProcessError as error:
        raise SourceError(f"git cannot read {project.root}: {error.stderr.strip()}") from None
    return done.stdout
