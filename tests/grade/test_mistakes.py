"""Lab 01 with every declared mistake typed in, through the sandbox: one wrong exercise, named, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest
from corpus import RELEASE, ROOT, needs_sandbox
from mistakes import CODE, notebook_with

from labs_engine.declare.course import find_lab
from labs_engine.grade.grader import Settings, Submission, close_graders, grade_one

SPEC = find_lab("01")
SETTINGS = Settings(
    SPEC.name, RELEASE, ROOT / "solutions" / "grading" / "lab01.py", "a secret of this test", runs=1
)


@pytest.fixture(scope="module", autouse=True)
def _close() -> Iterator[None]:
    yield
    close_graders()


def _plans() -> list[dict[str, str | None]]:
    """Return submissions that hold every mistake once.

    A wrong network is the only mistake of its submission, which leaves training out. The other exercises
    do not depend on each other's answers, so that one submission holds one mistake of each.
    """
    alone: list[dict[str, str | None]] = [{"noise_free": None, "model": name} for name in CODE["model"]]
    others = {exercise: list(found) for exercise, found in CODE.items() if exercise != "model"}
    together = [
        dict(zip(others, row, strict=True)) | {"model": None} for row in zip_longest(*others.values())
    ]
    for plan in together:
        if plan["sgd"] == "epochs":
            del plan["best"]  # a curve of another length is no curve of TODO 4 there, either
    return [*alone, *together]


def test_every_declared_mistake_is_here() -> None:
    declared = {exercise.name: {mistake.name for mistake in exercise.mistakes} for exercise in SPEC.exercises}
    assert {exercise: set(found) for exercise, found in CODE.items()} == declared
    assert sum(len({(e, m) for e, m in p.items() if m}) for p in _plans()) == sum(map(len, CODE.values()))


@needs_sandbox
@pytest.mark.parametrize("plan", _plans(), ids=lambda plan: next(filter(None, plan.values())))
def test_what_is_wrong_is_named_and_what_is_right_counts(plan: dict[str, str | None], tmp_path: Path) -> None:
    path = tmp_path / "ada.ipynb"
    path.write_bytes(notebook_with(plan))
    result = grade_one(SETTINGS, Submission("ada", path), tmp_path / "runs")
    found = {name: (e["status"], e["mistake"]) for name, e in result["exercises"].items()}
    expected = {exercise.name: ("unattempted", "") for exercise in SPEC.exercises}
    expected |= {name: ("failed", mistake) if mistake else ("passed", "") for name, mistake in plan.items()}
    assert found == expected
    assert result["points"] == sum(e.points for e in SPEC.exercises if found[e.name][0] == "passed")
