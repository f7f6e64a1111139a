"""Documents, reference and commands as pages."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from made_runs import PROJECT

from labs_engine.build.project import Published
from labs_engine.declare.course import course_packages
from labs_engine.site.api import modules_of, read_rows, reference
from labs_engine.site.commands import command_page
from labs_engine.site.documents import DOCUMENTS, as_page
from labs_engine.site.errors import SiteError

PACKAGES = course_packages()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("docs/grading.md", "data/README.md", "labs_lib/here.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def _changed(root: Path, text: str, repository: str = "", document: str = "docs/index.md") -> str:
    path = root / document
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return as_page(root, document, {"gallery.md": ""}, Published(repository))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[a guide](grading.md#late)", "[a guide](grading.md#late)"),
        ("[data](../data/README.md)", "[data](data.md)"),
        ("[`registry` file](../labs_lib/here.py)", "`registry` file"),
        ("[out](https://example.org/x)", "[out](https://example.org/x)"),
        ("[here](#there), [all](gallery.md)", "[here](#there), [all](gallery.md)"),
        ("`[code](nothing.md)`", "`[code](nothing.md)`"),
        ("```\n[code](nothing.md)\n```\n", "```\n[code](nothing.md)\n```\n"),
    ],
)
def test_links_lead_to_pages(root: Path, before: str, after: str) -> None:
    assert _changed(root, before) == after


def test_other_files_are_links_once_the_repository_has_a_name(root: Path) -> None:
    text = _changed(root, "[it](../labs_lib/here.py)", "some/course")
    assert text == "[it](https://github.com/some/course/blob/main/labs_lib/here.py)"


def test_a_link_that_leads_nowhere_is_an_error(root: Path) -> None:
    with pytest.raises(SiteError, match=r"index\.md links to gone\.md"):
        _changed(root, "[it](gone.md)")
    with pytest.raises(SiteError, match="gallery"):  # only the site's own page may name generated ones
        _changed(root, "[it](gallery.md)", document="data/README.md")


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_the_documents_of_the_course_have_no_broken_link(document: str) -> None:
    text = as_page(PROJECT.root, document, {"gallery.md": ""}, Published())
    assert text.startswith("# ")
    assert "\0" not in text


def test_the_reference_has_every_public_module_once() -> None:
    pages = reference((PROJECT.root / "CONTRIBUTING.md").read_text(encoding="utf-8"), PACKAGES)
    named = [name for text in pages.values() for name in re.findall(r"automodule:: (\S+)", text)]
    files = [path.relative_to(package.parent) for package in PACKAGES for path in package.rglob("*.py")]
    public = {".".join(p for p in file.with_suffix("").parts if p != "__init__") for file in files}
    public -= {"labs_lib", "labs_engine"}
    assert sorted(named) == sorted(public)
    assert all(
        f"]({name.removeprefix('api/')})" in pages["api/index.md"] for name in set(pages) - {"api/index.md"}
    )


def test_a_module_that_the_table_lacks_or_invents_is_an_error(tmp_path: Path) -> None:
    package = tmp_path / "some"
    package.mkdir()
    for name in ("audio.py", "plots.py"):
        (package / name).touch()
    with pytest.raises(SiteError, match=r"lack: some\.plots"):
        reference("| `some.audio` | reads |\n", [package])
    with pytest.raises(SiteError, match=r"lists 'some\.models'"):
        reference("| `some.audio`, `some.plots`, `some.models` | reads |\n", [package])
    with pytest.raises(SiteError, match="no table of modules"):
        read_rows("| module | what |\n")


def test_private_modules_are_left_out(tmp_path: Path) -> None:
    package = tmp_path / "labs_lib" / "room"
    package.mkdir(parents=True)
    for name in ("__init__.py", "open.py", "_closed.py"):
        (package / name).touch()
    assert modules_of("labs_lib.room", [tmp_path / "labs_lib"]) == ["labs_lib.room", "labs_lib.room.open"]


def test_every_command_is_described_with_its_options() -> None:
    @click.group()
    def group() -> None:
        """All of it."""

    @group.command()
    @click.option("--loud", is_flag=True, help="Say more.")
    def sing(loud: bool) -> None:
        """Sing a song."""

    text = command_page(group)
    assert "## `labs`" in text
    assert "## `labs sing`" in text
    assert "Sing a song." in text
    assert re.search(r"--loud\s+Say more\.", text)
