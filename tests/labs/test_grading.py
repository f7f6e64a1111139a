"""Every lab can be graded: what a run draws, what a sandbox is told, and what an untouched release is given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from graded_run import ROOT, checked_twice, graded, instructor_of, needs_bubblewrap

from labs_engine.declare.course import all_labs, find_lab
from labs_engine.declare.parameters import resolve
from labs_engine.grade.declaration import asked_of
from labs_engine.grade.scoring import grading_module
from labs_engine.session.lab import Lab

SMALL = ["01", "02", "03"]


@pytest.mark.parametrize("number", [lab.number for lab in all_labs()])
def test_every_draw_is_allowed_and_none_is_the_notebooks(number: str) -> None:
    spec, module = find_lab(number), grading_module(instructor_of(number))
    usual = resolve(spec.parameters, {})
    draws = [resolve(spec.parameters, module.sample_parameters(np.random.default_rng(k))) for k in range(50)]
    assert len({repr(sorted(drawn.items())) for drawn in draws}) == len(draws)
    assert all(drawn["seed"] != usual["seed"] for drawn in draws)
    # A graded run never looks for real recordings, which may be here and not there.
    assert not hasattr(module, "prepare") or all(drawn["source"] == "standin" for drawn in draws)


@pytest.mark.parametrize("number", SMALL)
def test_what_a_sandbox_is_told_needs_no_module_of_a_lab(number: str) -> None:
    spec = find_lab(number)
    lab = Lab(spec, resolve(spec.parameters, {}))
    told = asked_of(spec, lab.context)
    assert f"labs_lib.labs.lab{number}".encode() not in told
    for exercise in spec.exercises:
        assert all(mistake.hint.encode() not in told for mistake in exercise.mistakes)


# Right answers are graded beside the exercises of each lab, under parameters that these are tested with.
@needs_bubblewrap
def test_what_is_drawn_leaves_right_answers_right(tmp_path: Path) -> None:
    worked, _ = graded("01", checked_twice("01", tmp_path), tmp_path / "worked")
    assert {e["status"] for e in worked["exercises"].values()} == {"passed"}
    assert worked["points"] == worked["points_possible"] > 0


@needs_bubblewrap
@pytest.mark.parametrize("number", SMALL)
def test_an_untouched_release_has_no_points_and_no_cell_that_fails(number: str, tmp_path: Path) -> None:
    bare, _ = graded(number, ROOT / "notebooks" / f"{find_lab(number).name}.ipynb", tmp_path)
    assert bare["points"] == 0
    assert {e["status"] for e in bare["exercises"].values()} == {"unattempted"}
