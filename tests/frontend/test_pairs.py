"""Pairs of notebook and script: the newer file wins, the older one is kept."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nbformat
import pytest
import tiny_lib

from labs_engine.build.project import find_project
from labs_engine.declare.course import find_lab
from labs_engine.frontend.pairs import refresh_scripts

PROJECT = find_project(Path(tiny_lib.__file__))


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A released notebook, with its script beside it that is a minute older."""
    path = PROJECT.notebook(find_lab("01"), "student")
    for file in (path, path.with_suffix(".py")):
        shutil.copy(file, tmp_path)
    _age(tmp_path / f"{path.stem}.py", 60)
    return tmp_path / path.name


def _age(path: Path, seconds: float) -> None:
    time = path.stat().st_mtime - seconds
    os.utime(path, (time, time))


def _edit(path: Path) -> None:
    content = nbformat.read(path, as_version=4)
    content.cells[2].source = "seed = 5"
    nbformat.write(content, path)


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_files_that_say_the_same_are_left_alone_whatever_their_age(notebook: Path) -> None:
    before = _texts(notebook.parent)
    assert refresh_scripts(notebook.parent) == []
    assert _texts(notebook.parent) == before


def test_a_newer_notebook_wins_and_the_old_script_is_kept(notebook: Path) -> None:
    script = notebook.with_suffix(".py")
    before = script.read_text(encoding="utf-8")
    for count, seed in ((1, 5), (2, 6)):
        _edit(notebook)
        notebook.write_text(
            notebook.read_text(encoding="utf-8").replace("seed = 5", f"seed = {seed}"), encoding="utf-8"
        )
        _age(script, 60)
        kept = script.with_name(f"{script.name}.before-{count}")
        assert refresh_scripts(notebook.parent) == [(script, kept)]
        assert kept.read_text(encoding="utf-8") == before
        before = script.read_text(encoding="utf-8")
        assert f"\nseed = {seed}\n" in before


def test_a_script_in_another_encoding_is_kept_as_it_was(notebook: Path) -> None:
    script = notebook.with_suffix(".py")
    foreign = "# r\xe9seau\n".encode("latin-1")
    script.write_bytes(foreign)
    _age(script, 60)
    ((written, kept),) = refresh_scripts(notebook.parent)
    assert kept.read_bytes() == foreign
    assert "noise_free" in written.read_text(encoding="utf-8")


def test_a_newer_script_is_what_jupyterlab_opens_and_stays(notebook: Path) -> None:
    _edit(notebook)
    _age(notebook, 120)
    before = _texts(notebook.parent)
    assert refresh_scripts(notebook.parent) == []
    assert _texts(notebook.parent) == before


@pytest.mark.parametrize("content", ["", "{", '{"cells": 3}', "[1, 2]", "\ufeff"])
def test_a_damaged_notebook_is_left_for_jupyterlab_to_report(notebook: Path, content: str) -> None:
    notebook.write_text(content, encoding="utf-8")
    before = _texts(notebook.parent)
    assert refresh_scripts(notebook.parent) == []
    assert _texts(notebook.parent) == before


def test_a_script_that_only_has_the_same_name_is_none_of_our_business(notebook: Path) -> None:
    content = nbformat.read(notebook, as_version=4)
    del content.metadata["jupytext"]
    nbformat.write(content, notebook)
    script = notebook.with_suffix(".py")
    script.write_text("def helper(): ...\n", encoding="utf-8")
    _age(script, 60)
    before = _texts(notebook.parent)
    assert refresh_scripts(notebook.parent) == []
    assert _texts(notebook.parent) == before


def test_a_notebook_without_a_pair_gets_none(notebook: Path) -> None:
    notebook.with_suffix(".py").unlink()
    assert refresh_scripts(notebook.parent) == []
    assert [path.name for path in notebook.parent.iterdir()] == [notebook.name]
