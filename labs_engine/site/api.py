"""The reference: a page for each row of the table of modules in CONTRIBUTING.md, filled by Sphinx from docstrings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labs_engine.site.errors import SiteError

_ROW = re.compile(r"^\| ((?:`\w+\.\w+`(?:, )?)+) \| (.+) \|$", flags=re.MULTILINE)

_INTRODUCTION = """\
# The packages `{package}` and `labs_engine`

Written from the docstrings. Notebooks import `{package}`. The engine declares, opens, builds, runs, grades and
publishes a course, and knows nothing of what it teaches. In each of them the rows go from the ground floor up: what
stands in one uses only what stands above it.
"""


@dataclass(frozen=True)
class Row:
    """A row of the table of modules.

    Attributes:
        rooms: Names of the modules and packages in it, with the package before a point.
        purpose: What they do.
    """

    rooms: tuple[str, ...]
    purpose: str

    @property
    def page(self) -> str:
        """Name of its page."""
        return self.rooms[0]


def read_rows(contributing: str) -> list[Row]:
    """Read the table of modules.

    Raises:
        SiteError: There is none.
    """
    rows = [Row(tuple(re.findall(r"[\w.]+", names)), text) for names, text in _ROW.findall(contributing)]
    if not rows:
        raise SiteError(
            "CONTRIBUTING.md has no table of modules: expected rows like | `package.room`, `package.other` | … |"
        )
    return rows


def modules_of(room: str, packages: Sequence[Path]) -> list[str]:
    """Return the full names of all public modules of a room: itself, or a package and what is in it.

    Args:
        room: Name of a module or package of one of the packages.
        packages: Their folders.

    Raises:
        SiteError: There is no such module.
    """
    places = {f"{package.name}.{path.stem}": path for package in packages for path in _rooms(package)}
    if room not in places:
        raise SiteError(f"CONTRIBUTING.md lists {room!r}, which is no module or package of the course")
    place = places[room]
    files = [place] if place.suffix else sorted(place.rglob("*.py"))
    root = place.parent.parent
    names = [path.relative_to(root).with_suffix("").parts for path in files]
    public = [
        parts for parts in names if not any(part.startswith("_") and part != "__init__" for part in parts)
    ]
    return sorted(".".join(part for part in parts if part != "__init__") for parts in public)


def reference(contributing: str, packages: Sequence[Path]) -> dict[str, str]:
    """Return the pages of the reference by name.

    Args:
        contributing: Text of CONTRIBUTING.md.
        packages: Folders of the packages.

    Raises:
        SiteError: The table and the packages disagree.
    """
    rows = read_rows(contributing)
    listed = {room for row in rows for room in row.rooms}
    there = {f"{package.name}.{path.stem}" for package in packages for path in _rooms(package)}
    if there - listed:
        raise SiteError(f"the tables in CONTRIBUTING.md lack: {', '.join(sorted(there - listed))}")
    pages = {f"api/{row.page}.md": _page(row, packages) for row in rows}
    table = "\n".join(f"| {_names(row, link=True)} | {row.purpose} |" for row in rows)
    tree = "\n".join(row.page for row in rows)
    introduction = _INTRODUCTION.format(package=packages[-1].name)
    pages["api/index.md"] = (
        f"{introduction}\n| modules | what they do |\n|---|---|\n{table}\n\n```{{toctree}}\n:hidden:\n\n{tree}\n```\n"
    )
    return pages


def _rooms(package: Path) -> list[Path]:
    return [
        path
        for path in package.iterdir()
        if not path.name.startswith("_") and (path.suffix == ".py" or (path / "__init__.py").is_file())
    ]


def _names(row: Row, *, link: bool) -> str:
    names = ", ".join(f"`{room}`" for room in row.rooms)
    return f"[{names}]({row.page}.md)" if link else names


def _page(row: Row, packages: Sequence[Path]) -> str:
    parts = [f"# {_names(row, link=False)}", f"{row.purpose[0].upper()}{row.purpose[1:]}."]
    for room in row.rooms:
        for module in modules_of(room, packages):
            # Names that a package passes on from its modules are described there, once.
            options = "   :members:\n   :ignore-module-all:\n   :show-inheritance:"
            parts += [f"## `{module}`", f"```{{eval-rst}}\n.. automodule:: {module}\n{options}\n```"]
    return "\n\n".join(parts) + "\n"
