"""Every lab can be graded: what a run draws, what a sandbox is told, and that the right answer has all points."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from worked import LARGE, NUMBERS, check_grading, instructor_of

from labs_engine.declare.course import find_lab
from labs_engine.declare.parameters import resolve
from labs_engine.grade.declaration import asked_of
from labs_engine.grade.grader import close_graders
from labs_engine.grade.scoring import grading_module
from labs_engine.session.lab import Lab

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


@pytest.fixture(scope="module", autouse=True)
def _close() -> Iterator[None]:
    yield
    close_graders()


@pytest.mark.parametrize("number", NUMBERS)
def test_every_draw_is_allowed_and_none_is_the_notebooks(number: str) -> None:
    spec, module = find_lab(number), grading_module(instructor_of(number))
    usual = resolve(spec.parameters, {})
    draws = [resolve(spec.parameters, module.sample_parameters(np.random.default_rng(k))) for k in range(50)]
    assert len({repr(sorted(drawn.items())) for drawn in draws}) == len(draws)
    assert all(drawn["seed"] != usual["seed"] for drawn in draws)
    # A graded run never looks for real recordings, which may be here and not there.
    assert not hasattr(module, "prepare") or all(drawn["source"] == "standin" for drawn in draws)


@pytest.mark.parametrize("number", ["01", "02", "03"])
def test_what_a_sandbox_is_told_needs_no_module_of_a_lab(number: str) -> None:
    spec = find_lab(number)
    lab = Lab(spec, resolve(spec.parameters, {}))
    told = asked_of(spec, lab.context)
    assert f"labs_lib.labs.lab{number}".encode() not in told
    for exercise in spec.exercises:
        assert all(mistake.hint.encode() not in told for mistake in exercise.mistakes)


@needs_bubblewrap
@pytest.mark.parametrize("number", [number for number in NUMBERS if number not in LARGE])
def test_right_answers_have_all_points_and_no_answers_none(number: str, tmp_path: Path) -> None:
    check_grading(number, tmp_path)
