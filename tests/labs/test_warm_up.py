"""A sandbox takes what numba has compiled beside the libraries, and compiles nothing anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labs_lib import notebook


def _run(code: str, **variables: str) -> None:
    command = [sys.executable, "-c", f"from labs_lib.notebook import _take_compiled, compile_sound; {code}"]
    subprocess.run(command, check=True, env={**os.environ, **variables})


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_what_is_compiled_is_taken_and_not_made_again(tmp_path: Path) -> None:
    _run("compile_sound()")  # beside the libraries, as `make install` does
    _run("_take_compiled()", NUMBA_CACHE_DIR=str(tmp_path))
    taken = _files(tmp_path)
    assert {path.name.partition(".")[0] for path in taken} >= {"kernels", "spectrum", "utils"}
    _run("compile_sound()", NUMBA_CACHE_DIR=str(tmp_path))
    assert _files(tmp_path) == taken


def test_nothing_is_copied_where_numba_may_write_beside_the_libraries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(notebook, "shutil", None)
    notebook._take_compiled()
