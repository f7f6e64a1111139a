"""Where the course's files are, and the setting that names its repository."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from labs_engine.build.stubs import SourceError
from labs_engine.declare.framework import LabSpec


class ProjectNotFound(FileNotFoundError):
    """No course checkout above the folder."""


@dataclass(frozen=True)
class Published:
    """The public repository of the course; false while there is none.

    Attributes:
        repository: 'owner/name' on GitHub, or ''.
        branch: The branch that students open.
    """

    repository: str = ""
    branch: str = "main"

    def __bool__(self) -> bool:
        return bool(self.repository)

    @property
    def address(self) -> str:
        """Address of its page."""
        return f"https://github.com/{self.repository}"

    @property
    def requirement(self) -> str:
        """What pip installs the course from."""
        return f"git+{self.address}@{self.branch}"

    def file(self, path: str) -> str:
        """Return the page of a file."""
        return f"{self.address}/blob/{self.branch}/{path}"

    def colab(self, lab: LabSpec) -> str:
        """Return where Colab opens a lab."""
        place = f"{self.repository}/blob/{self.branch}/notebooks/{lab.name}.ipynb"
        return f"https://colab.research.google.com/github/{place}"


@dataclass(frozen=True)
class Project:
    """A checkout of the course, or an unpacked students' bundle.

    Attributes:
        root: Its top folder.
    """

    root: Path

    @cached_property
    def published(self) -> Published:
        """Where the course is published, as pyproject.toml says."""
        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        settings = project.get("tool", {}).get("labs", {})
        return Published(settings.get("repository", ""), settings.get("branch", "main"))

    @property
    def notebooks(self) -> Path:
        """Folder of the students' notebooks."""
        return self.root / "notebooks"

    @property
    def contents(self) -> Path:
        """The table of contents: JupyterLab renders it, and so do the hosts that show a folder's README."""
        return self.notebooks / "README.md"

    @property
    def solutions(self) -> Path:
        """Folder of the sources; absent in a students' bundle."""
        return self.root / "solutions"

    def source(self, lab: LabSpec) -> Path:
        """The hand-edited source of a lab."""
        return self.solutions / f"{lab.name}.py"

    def source_text(self, lab: LabSpec) -> str:
        """Read the source of a lab.

        Raises:
            SourceError: It is not written in UTF-8; the message says where.
        """
        path = self.source(lab)
        content = path.read_bytes()
        try:
            return content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            found = content.splitlines()[line - 1].decode("latin-1").strip()[:80]
            raise SourceError(
                f"solutions/{path.name}, line {line}: the file is not in UTF-8 (in Latin-1 the line reads {found!r}). "
                "Save it as UTF-8 in your editor and build again"
            ) from None

    def notebook(self, lab: LabSpec, version: str) -> Path:
        """The executable notebook of a lab, 'solution' or 'student'."""
        folder = self.solutions if version == "solution" else self.notebooks
        return folder / f"{lab.name}.ipynb"


def find_project(start: Path | None = None) -> Project:
    """Return the course that contains a folder (the current one by default).

    Raises:
        ProjectNotFound: Neither the folder nor one above it holds `notebooks/`
            with labs in it.
    """
    start = (start or Path.cwd()).resolve()
    for folder in [start, *start.parents]:
        if any((folder / "notebooks").glob("[0-9][0-9]_*.ipynb")) or _has_sources(folder):
            return Project(folder)
    raise ProjectNotFound(
        f"no course found in {start} or above it: expected a folder with notebooks/01_….ipynb. "
        "Change into your clone of the course, or name it with --project."
    )


def _has_sources(folder: Path) -> bool:
    return (folder / "pyproject.toml").is_file() and any((folder / "solutions").glob("[0-9][0-9]_*.py"))
