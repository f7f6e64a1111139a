"""The labs with large data can be graded as well; a file of its own, so that another worker takes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from worked import LARGE, check_grading

from labs_engine.grade.grader import close_graders

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


@pytest.fixture(scope="module", autouse=True)
def _close() -> Iterator[None]:
    yield
    close_graders()


@pytest.mark.parametrize(("number", "cheap"), LARGE.items())
def test_right_answers_have_all_points(number: str, cheap: dict[str, Any], tmp_path: Path) -> None:
    check_grading(number, tmp_path, untouched=False, **cheap)  # as released they are executed in a kernel
