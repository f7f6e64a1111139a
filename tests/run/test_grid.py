"""Parameter grids: which runs, which are kept, table and figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tiny_lib

from labs_engine.base.style import alt_text
from labs_engine.build.project import find_project
from labs_engine.declare.course import find_lab
from labs_engine.declare.parameters import ParameterError
from labs_engine.run.grid import grid_figure, parse_values, plan_grid, store_result, stored_result, tidy_table
from labs_engine.run.results import RunResult, Score

PROJECT = find_project(Path(tiny_lib.__file__))
LAB = find_lab("01")


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("seed", "0..3", [0, 1, 2, 3]),
        ("seed", "0..2,10,1", [0, 1, 2, 10]),
        ("slope", "0.1,0.01", [0.1, 0.01]),
        ("profile", "quick,full", ["quick", "full"]),
    ],
)
def test_ranges_and_lists_become_values(name: str, text: str, values: list[Any]) -> None:
    assert parse_values(LAB, name, text) == values


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("seed", "3..0"),
        ("seed", ""),
        ("seed", "a..b"),
        ("slope", "0.1,fast"),
        ("sead", "1"),
        ("seed", "0..99999999"),
    ],
)
def test_wrong_values_are_refused_before_anything_runs(name: str, text: str) -> None:
    with pytest.raises(ParameterError):
        parse_values(LAB, name, text)


def _plans(out: Path, **values: list[Any]):
    return plan_grid(PROJECT, LAB, values, out, workers=2)


def test_a_grid_is_the_product_and_each_run_has_a_place_of_its_own(tmp_path: Path) -> None:
    plans = _plans(tmp_path, seed=[0, 1], noise=[0.1, 0.2, 0.3])
    assert len({plan.output for plan in plans}) == 6
    assert [plan.given for plan in plans][:2] == [{"seed": 0, "noise": 0.1}, {"seed": 0, "noise": 0.2}]
    assert {plan.output for plan in _plans(tmp_path, noise=[0.3], seed=[1])} <= {
        plan.output for plan in plans
    }


def _result(plan, value: float, status: str = "ok") -> RunResult:
    return RunResult(
        plan.lab,
        plan.version,
        status,
        plan.resolved,
        "quick",
        1.0,
        1.0,
        {},
        plan.output.name,
        "synthetic",
        scores=[Score("loss", value, None, "synthetic")],
    )


def test_only_whole_successful_results_are_kept(tmp_path: Path) -> None:
    (plan,) = _plans(tmp_path, seed=[0])
    plan.output.parent.mkdir(parents=True)
    assert stored_result(plan) is None
    store_result(plan, _result(plan, 1.0))
    assert stored_result(plan) is None, "the notebook is missing"
    plan.output.write_text("{}", encoding="utf-8")
    assert stored_result(plan) == _result(plan, 1.0)
    store_result(plan, _result(plan, 1.0, status="failed"))
    assert stored_result(plan) is None
    plan.output.with_suffix(".json").write_text('{"lab": "01', encoding="utf-8")
    assert stored_result(plan) is None


def test_table_and_figure_show_mean_and_spread_over_seeds(tmp_path: Path) -> None:
    plans = _plans(tmp_path, seed=[0, 1], slope=[0.1, 0.01])
    results = [_result(plan, plan.given["seed"] + 10 * plan.given["slope"]) for plan in plans]
    table = tidy_table(results, ["seed", "slope"])
    assert list(table.columns[:3]) == ["lab", "seed", "slope"]
    assert table.groupby("slope")["value"].mean().to_dict() == pytest.approx({0.01: 0.6, 0.1: 1.5})
    figure = grid_figure(table, ["seed", "slope"])
    assert figure.axes[0].get_xlabel() == "slope"
    assert "0.1: 1.5 ± 0.71" in alt_text(figure)
