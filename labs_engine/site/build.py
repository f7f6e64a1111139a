"""Building the site: pages are gathered in a temporary folder, Sphinx turns them into HTML, and this is checked."""

from __future__ import annotations

import html
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import nbformat

from labs_engine.build.project import Project
from labs_engine.declare.course import course_packages
from labs_engine.declare.framework import LabSpec
from labs_engine.site.api import reference
from labs_engine.site.commands import command_page
from labs_engine.site.documents import DOCUMENTS, as_page
from labs_engine.site.errors import SiteError
from labs_engine.site.executed import read_runs
from labs_engine.site.gallery import gallery
from labs_engine.site.labpage import make_page
from labs_engine.site.media import MediaStore
from labs_engine.site.pagecheck import check_pages
from labs_engine.site.theme import lighten

MEDIA = "_media"
_MARK = "searchindex.js"  # every site has this file: a folder with it may be replaced
_PACKAGES = ("sphinx", "myst_nb", "sphinx_book_theme", "bs4")


def build_site(
    project: Project, labs: Sequence[LabSpec], runs: Path, out: Path, command: click.Command
) -> int:
    """Build the site from executed notebooks.

    The site appears in its place complete and checked, or not at all; an earlier site stays until then.

    Args:
        project: The course.
        labs: The labs to show.
        runs: Folder that `labs run` wrote.
        out: Folder of the site; replaced if it holds one.
        command: The `labs` command, whose help has a page.

    Returns:
        Number of pages.

    Raises:
        SiteError: Sphinx warned, a page has a fault, or packages are missing.
        StaleRun: The executed notebooks are not those of this code.
        NotPublishable: They hold what must not be published.
        FileExistsError: `out` holds something other than a site.
    """
    require_packages()
    _require_replaceable(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".site-") as folder:
        sources, site = Path(folder) / "sources", Path(folder) / "site"
        for name, text in gather(project, labs, runs, site, command).items():
            path = sources / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        _run_sphinx(project, sources, site, Path(folder) / "doctrees")
        lighten(site)
        faults = check_pages(site)
        if faults:
            raise SiteError("the pages have faults:\n" + "\n".join(f"  {fault}" for fault in faults))
        if out.exists():
            shutil.rmtree(out)
        site.replace(out)
    return sum(1 for _ in out.rglob("*.html"))


def gather(
    project: Project, labs: Sequence[LabSpec], runs: Path, site: Path, command: click.Command
) -> dict[str, str]:
    """Return the sources of all pages by name, and write the media of the labs into the site.

    Args:
        project: The course.
        labs: The labs to show.
        runs: Folder that `labs run` wrote.
        site: Folder of the HTML pages.
        command: The `labs` command.
    """
    store = MediaStore(site / MEDIA, f"../{MEDIA}/")
    pages = [make_page(lab, store, project.published) for lab in read_runs(project, labs, runs)]
    texts = {f"labs/{page.lab.spec.name}.ipynb": nbformat.writes(page.notebook) for page in pages}
    texts["labs-table.txt"] = _lab_table(labs)
    texts["gallery.md"] = gallery(pages, f"{MEDIA}/")
    texts |= reference((project.root / "CONTRIBUTING.md").read_text(encoding="utf-8"), course_packages())
    texts["commands.md"] = command_page(command)
    for document, name in DOCUMENTS.items():
        texts[name] = as_page(project.root, document, texts, project.published)
    return texts


def require_packages() -> None:
    """Raise a `SiteError` that says what to install where a package that builds the site is missing."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise SiteError(
            f"{', '.join(missing)} not installed: the site is built with `make site`, which installs it"
        )


def _require_replaceable(out: Path) -> None:
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or (out / _MARK).is_file())):
        raise FileExistsError(
            f"{out} holds something else than a site: choose another folder or remove it first"
        )


def _lab_table(labs: Sequence[LabSpec]) -> str:
    rows = [
        f"| {lab.number} | [{lab.title}](labs/{lab.name}.ipynb) | {html.escape(lab.summary)} |"
        for lab in labs
    ]
    return "\n".join(["| | lab | what you meet |", "|---|---|---|", *rows]) + "\n"


def _run_sphinx(project: Project, sources: Path, site: Path, doctrees: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "--builder",
        "html",
        "--quiet",
        "--fail-on-warning",
        "--keep-going",
    ]
    command += ["--nitpicky", "--jobs", "auto", "--conf-dir", str(project.root / "docs"), "-d", str(doctrees)]
    done = subprocess.run(
        [*command, str(sources), str(site)], capture_output=True, text=True, cwd=project.root
    )
    if done.returncode:
        # The temporary folder is gone when the message is read: name the page without it.
        messages = done.stderr.replace(f"{sources}/", "").strip()
        raise SiteError(f"Sphinx found faults:\n{messages}")
