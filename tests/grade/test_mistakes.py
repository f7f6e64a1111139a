"""Every declared mistake typed in, through the sandbox: one wrong exercise, named, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from corpus import INSTRUCTOR, LAB, RELEASE, needs_sandbox, with_cells

from labs_engine.declare.course import find_lab
from labs_engine.grade.graded import Submission
from labs_engine.grade.grader import Settings, close_graders, grade_one

SPEC = find_lab("01")
SETTINGS = Settings(LAB, RELEASE, INSTRUCTOR, "a secret of this test", runs=1)
RAMP = "# TODO 1\ndef noise_free(x, slope, intercept):\n    return "
CODE = {
    "not_bent": f"{RAMP}slope * x + intercept",
    "bent_at_one": f"{RAMP}(x >= 0) * (slope * x + intercept)",
    "square_alone": "# TODO 2\nn_parameters = hidden**2",
    "from_another_run": "# TODO 2\nn_parameters = 46",
    "deviation": "# TODO 3\nnoise_floor = noise",
    "share_exchanged": "# TODO 4\nk = round(holdout * len(x))\n"
    "x_train, x_val, y_train, y_val = x[:k], x[k:], y[:k], y[k:]",
}


@pytest.fixture(scope="module", autouse=True)
def _close() -> Iterator[None]:
    yield
    close_graders()


@needs_sandbox
@pytest.mark.parametrize(
    ("exercise", "mistake"), [(e.name, m.name) for e in SPEC.exercises for m in e.mistakes]
)
def test_what_is_wrong_is_named_and_what_is_right_counts(exercise: str, mistake: str, tmp_path: Path) -> None:
    path = tmp_path / "ada.ipynb"
    path.write_bytes(with_cells(**{exercise: CODE[mistake]})())
    result = grade_one(SETTINGS, Submission("ada", path), tmp_path / "runs")
    found = {name: (e["status"], e["mistake"]) for name, e in result["exercises"].items()}
    passed = {other.name: ("passed", "") for other in SPEC.exercises}
    assert found == passed | {exercise: ("failed", mistake)}
    assert result["points"] == sum(e.points for e in SPEC.exercises if e.name != exercise)
