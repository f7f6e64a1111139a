"""What `labs run` and `labs grid` do: runs are planned, executed and reported, and what happens is printed."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from labs_engine.build.project import Project
from labs_engine.cli.support import CourseError, clear_errors, console, show_path, split_pairs
from labs_engine.declare.course import course, find_lab, select_labs
from labs_engine.run.execute import RunPlan
from labs_engine.run.grid import grid_figure, parse_values, plan_grid, store_result, stored_result, tidy_table
from labs_engine.run.pages import DATA_NAMES, write_index
from labs_engine.run.results import RunResult, write_tables
from labs_engine.run.schedule import execute_all, plan_runs

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RunOptions:
    """The options that `labs run` and `labs grid` have in common.

    Attributes:
        pairs: Parameters as 'NAME=VALUE'.
        profile: The profile, or None.
        out: Folder for what the runs produce.
        workers: Runs at a time.
        version: 'solution', 'student', or 'auto' for the solution where there is one.
        cell_timeout: Seconds that a cell may take, 0 for any time.
    """

    pairs: tuple[str, ...]
    profile: str | None
    out: Path
    workers: int
    version: str
    cell_timeout: int

    def parameters(self) -> dict[str, str]:
        """Return the parameters by name, the profile among them.

        Raises:
            CourseError: A pair is none, a name is given twice, or two profiles are.
        """
        given = split_pairs(self.pairs)
        if self.profile:
            if given.get("profile", self.profile) != self.profile:
                raise CourseError(f"--profile {self.profile} and -p profile={given['profile']} disagree")
            given["profile"] = self.profile
        return given


def run_labs(project: Project, labs: Sequence[str], options: RunOptions, *, open_page: bool = False) -> None:
    """Execute labs, print their results, and end with 1 if one failed.

    Args:
        project: The course.
        labs: Numbers or names; none for all labs.
        options: How to run them.
        open_page: Whether to open the index page in a browser.

    Raises:
        CourseError: Something that the user gave cannot be used.
    """
    with clear_errors():
        plans = plan_runs(
            project,
            select_labs(labs),
            options.parameters(),
            options.out,
            version=options.version,
            workers=options.workers,
            cell_timeout=options.cell_timeout,
        )
        options.out.mkdir(parents=True, exist_ok=True)
    results = _execute(plans, options.workers)
    with clear_errors():
        tables = [path.name for path in write_tables(results, options.out)]
        page = write_index(results, options.out, title=f"{course().title}: runs", tables=tables)
    _show_results(results)
    console.print(f"Everything, with executed notebooks and their pages: {show_path(page)}", soft_wrap=True)
    if open_page and not os.environ.get("CI"):
        webbrowser.open(page.resolve().as_uri())
    _exit_status(results, len(plans))


def run_grid(project: Project, lab: str, options: RunOptions) -> None:
    """Execute a lab for every combination of values, print a table, and end with 1 if a run failed.

    Args:
        project: The course.
        lab: Number or name of the lab.
        options: How to run it; a parameter may have several values.

    Raises:
        CourseError: Something that the user gave cannot be used, or nothing is varied.
    """
    with clear_errors():
        spec = find_lab(lab)
        given = options.parameters()
        if not given:
            raise CourseError("nothing to vary: give at least one -p NAME=VALUE,VALUE or NAME=0..4")
        values = {name: parse_values(spec, name, text) for name, text in given.items()}
        folder = options.out / spec.name
        plans = plan_grid(
            project,
            spec,
            values,
            folder,
            workers=options.workers,
            version=options.version,
            cell_timeout=options.cell_timeout,
        )
        (folder / "runs").mkdir(parents=True, exist_ok=True)
    done = _missing_executed(plans, options.workers)
    with clear_errors():
        _report_grid(done, list(values), folder)
    _exit_status(done, len(plans))


def _missing_executed(plans: Sequence[RunPlan], workers: int) -> list[RunResult]:
    """Execute the runs of which no result is stored; return all results that there are, in the order of the plans."""
    results = {plan.output: result for plan in plans if (result := stored_result(plan)) is not None}
    missing = [plan for plan in plans if plan.output not in results]
    console.print(f"{len(plans)} runs, {len(plans) - len(missing)} of them already there")

    def keep(index: int, result: RunResult) -> None:
        store_result(missing[index], result)
        results[missing[index].output] = result

    if missing:
        _execute(missing, workers, keep)
    return [results[plan.output] for plan in plans if plan.output in results]


def _report_grid(results: Sequence[RunResult], swept: list[str], folder: Path) -> None:
    succeeded = [result for result in results if result.status == "ok"]
    table = tidy_table(succeeded, swept)
    table.to_csv(folder / "table.csv", index=False)
    figures = []
    if len(table):
        from labs_engine.base.style import figure_html  # with matplotlib and seaborn

        figure = grid_figure(table, swept)
        figure.savefig(folder / "figure.png", dpi=160)
        figures.append(figure_html(figure))
        _show_grid(table, swept)
    labels = [", ".join(f"{name}={result.parameters[name]}" for name in swept) for result in results]
    for result in results:
        result.notebook = f"runs/{Path(result.notebook).name}"
        result.page = f"runs/{Path(result.page).name}" if result.page else ""
    page = write_index(
        results,
        folder,
        title=f"Grid over {', '.join(swept)}: lab {find_lab(results[0].lab).title}" if results else "Grid",
        tables=["table.csv"],
        figures=figures,
        labels=labels,
    )
    console.print(f"Table, figure and pages: {show_path(page)}", soft_wrap=True)


def _show_grid(table: pd.DataFrame, swept: Sequence[str]) -> None:
    groups = [name for name in swept if name != "seed" and table[name].nunique() > 1]
    shown = Table(*groups, "Score", box=None, pad_edge=False)
    for heading in ("Runs", "Mean", "Std"):
        shown.add_column(heading, justify="right")
    for keys, rows in table.groupby([*groups, "score"], sort=False)["value"]:
        names = keys if isinstance(keys, tuple) else (keys,)
        spread = rows.std() if len(rows) > 1 else float("nan")
        shown.add_row(*map(str, names), str(len(rows)), f"{rows.mean():.4f}", f"{spread:.4f}")
    console.print(shown)


def _execute(
    plans: Sequence[RunPlan], workers: int, finished: Callable[[int, RunResult], None] | None = None
) -> list[RunResult]:
    """Execute with a progress bar; return the results in the order of the plans."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        overall = progress.add_task("runs", total=len(plans))
        bars: dict[int, Any] = {}

        def report(index: int, done: int, total: int) -> None:
            if index not in bars:
                bars[index] = progress.add_task(f"  {plans[index].lab} (cells)", total=total)
            progress.update(bars[index], completed=done)

        def ended(index: int, result: RunResult) -> None:
            if index in bars:
                progress.update(bars[index], visible=False)
            sign = ("ok", "green") if result.status == "ok" else ("failed", "red")
            progress.console.print(Text.assemble(f"{result.lab}: ", sign, f" in {result.seconds:.1f} s"))
            if result.error:
                progress.console.print(f"  {result.error}")
            progress.advance(overall)
            if finished:
                finished(index, result)

        results = execute_all(plans, workers, report, ended)
    if len(results) < len(plans):
        console.print(f"Stopped: {len(plans) - len(results)} of {len(plans)} runs did not end.")
    return [results[index] for index in sorted(results)]


def _show_results(results: Sequence[RunResult]) -> None:
    table = Table("Lab", "Score", box=None, pad_edge=False)
    table.add_column("Value", justify="right")
    table.add_column("Measured on")
    for result in results:
        for score in result.scores:
            value = f"{score.value:.4g}" + ("" if score.spread is None else f" ± {score.spread:.2g}")
            where = f"{DATA_NAMES[score.data_source]}, {result.profile}"
            table.add_row(find_lab(result.lab).number, score.name, value, where)
    console.print(table)
    for result in results:
        console.print(
            f"{result.lab}: {result.status}, {result.points} of {result.points_possible} points, "
            f"{result.seconds:.1f} s, {result.peak_memory_mb:.0f} MB"
        )


def _exit_status(results: Sequence[RunResult], planned: int) -> None:
    if len(results) < planned:
        sys.exit(130)
    if any(result.status != "ok" for result in results):
        sys.exit(1)
