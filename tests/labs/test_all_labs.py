"""What holds for every lab of the course: its parameters, its hints, its formulas."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from labs_engine.build.project import find_project
from labs_engine.declare.course import all_labs
from labs_engine.declare.framework import LabSpec
from labs_engine.declare.parameters import resolve
from labs_engine.run.html import write_page

PROJECT = find_project(Path(__file__))
each_lab = pytest.mark.parametrize("lab", all_labs(), ids=lambda lab: lab.name)


@each_lab
def test_every_lab_declares_the_common_parameters_and_its_cell_runs(lab: LabSpec) -> None:
    names = [parameter.name for parameter in lab.parameters]
    assert names[:4] == ["seed", "profile", "source", "data_home"]
    assert len(set(names)) == len(names)
    cell: dict[str, Any] = {}
    exec("\n".join(parameter.cell_line() for parameter in lab.parameters), cell)
    given = {name: cell[name] for name in names}
    assert resolve(lab.parameters, given) == resolve(lab.parameters, {})
    assert all(parameter.help for parameter in lab.parameters)


@each_lab
def test_no_hint_is_missing_and_no_name_is_used_twice(lab: LabSpec) -> None:
    assert len({e.name for e in lab.exercises}) == len(lab.exercises)
    for exercise in lab.exercises:
        assert exercise.points > 0
        assert exercise.fallback_hint
        assert exercise.mistakes
        assert all(len(mistake.hint) > 20 for mistake in exercise.mistakes)
        assert all(lab.todo(needed) < lab.todo(exercise.name) for needed in exercise.needs)


@each_lab
def test_every_formula_of_the_course_converts(lab: LabSpec, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    write_page(PROJECT.notebook(lab, "student"), page)
    text = page.read_text(encoding="utf-8")
    # latex2mathml leaves commands that it does not know as text.
    assert not re.findall(r"<mi>\\[a-zA-Z]+</mi>|<mtext>\\[a-zA-Z]+", text)
    body = re.sub(r"<pre>.*?</pre>|<style.*?</style>|<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.findall(r"\$[^$<]{1,80}\$", body)
