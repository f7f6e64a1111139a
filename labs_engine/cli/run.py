"""`labs run` and `labs grid`."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from labs_engine.cli.support import CourseError, clear_errors, console, project_of, show_path, split_pairs
from labs_engine.declare.course import course, find_lab, select_labs
from labs_engine.declare.parameters import PROFILES
from labs_engine.run.execute import RunPlan
from labs_engine.run.results import RunResult

_PARAMETER = click.option(
    "-p", "--parameter", "pairs", multiple=True, metavar="NAME=VALUE", help="Set a parameter; repeatable."
)
_PROFILE = click.option("--profile", type=click.Choice(PROFILES), help="Same as -p profile=…")
_WORKERS = click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=lambda: os.cpu_count() or 1,
    show_default="number of cores",
    help="Runs at a time.",
)
_VERSION = click.option(
    "--version",
    "version",
    type=click.Choice(["auto", "solution", "student"]),
    default="auto",
    show_default=True,
    help="Which notebook: auto takes the solution where there is one.",
)
_TIMEOUT = click.option(
    "--cell-timeout", type=click.IntRange(0), default=0, show_default="none", help="Seconds a cell may take."
)


def _out(default: str) -> Callable[[Any], Any]:
    return click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(default),
        show_default=True,
        help="Folder for what the runs produce.",
    )


@click.command()
@click.argument("labs", nargs=-1, metavar="[LAB]...")
@_PARAMETER
@_PROFILE
@_out("build/run")
@_WORKERS
@_VERSION
@_TIMEOUT
@click.option("--open/--no-open", "open_page", default=False, help="Open the index page in a browser.")
@click.pass_context
def run(
    ctx: click.Context,
    labs: tuple[str, ...],
    pairs: tuple[str, ...],
    profile: str | None,
    out: Path,
    workers: int,
    version: str,
    cell_timeout: int,
    open_page: bool,
) -> None:
    """Execute labs and collect what they produce.

    Runs every lab, or those named. Writes executed notebooks, a page of each,
    results.csv, results.json and index.html. Exits with 1 if a notebook failed.
    """
    from labs_engine.run.pages import write_index
    from labs_engine.run.results import write_tables
    from labs_engine.run.schedule import plan_runs

    project = project_of(ctx)
    with clear_errors():
        plans = plan_runs(
            project,
            select_labs(labs),
            _given(pairs, profile),
            out,
            version=version,
            workers=workers,
            cell_timeout=cell_timeout,
        )
        out.mkdir(parents=True, exist_ok=True)
    results = _execute(plans, workers)
    with clear_errors():
        tables = write_tables(results, out)
        page = write_index(
            results, out, title=f"{course().title}: runs", tables=[path.name for path in tables]
        )
    _show_results(results)
    console.print(f"Everything, with executed notebooks and their pages: {show_path(page)}", soft_wrap=True)
    if open_page and not os.environ.get("CI"):
        webbrowser.open(page.resolve().as_uri())
    _exit_status(results, len(plans))


@click.command()
@click.argument("lab")
@_PARAMETER
@_PROFILE
@_out("build/grid")
@_WORKERS
@_VERSION
@_TIMEOUT
@click.pass_context
def grid(
    ctx: click.Context,
    lab: str,
    pairs: tuple[str, ...],
    profile: str | None,
    out: Path,
    workers: int,
    version: str,
    cell_timeout: int,
) -> None:
    """Execute one lab for every combination of parameter values.

    `-p seed=0..4 -p learning_rate=0.1,0.01` are ten runs. Writes table.csv (a row per
    run and score), a figure and index.html. A second call runs only what is missing.
    """
    project = project_of(ctx)
    with clear_errors():
        from labs_engine.run.grid import parse_values, plan_grid, stored_result

        spec = find_lab(lab)
        given = _given(pairs, profile)
        if not given:
            raise CourseError("nothing to vary: give at least one -p NAME=VALUE,VALUE or NAME=0..4")
        values = {name: parse_values(spec, name, text) for name, text in given.items()}
        folder = out / spec.name
        plans = plan_grid(
            project, spec, values, folder, workers=workers, version=version, cell_timeout=cell_timeout
        )
        (folder / "runs").mkdir(parents=True, exist_ok=True)
    stored = [stored_result(plan) for plan in plans]
    missing = [plan for plan, result in zip(plans, stored, strict=True) if result is None]
    console.print(f"{len(plans)} runs, {len(plans) - len(missing)} of them already there")
    fresh = {plan.output: result for plan, result in _run_missing(missing, workers)}
    results = [r or fresh.get(plan.output) for plan, r in zip(plans, stored, strict=True)]
    done = [result for result in results if result is not None]
    with clear_errors():
        _report_grid(done, list(values), folder)
    _exit_status(done, len(plans))


def _run_missing(plans: Sequence[RunPlan], workers: int) -> list[tuple[RunPlan, RunResult]]:
    from labs_engine.run.grid import store_result

    kept: list[tuple[RunPlan, RunResult]] = []

    def keep(index: int, result: RunResult) -> None:
        store_result(plans[index], result)
        kept.append((plans[index], result))

    if plans:
        _execute(plans, workers, keep)
    return kept


def _report_grid(results: Sequence[RunResult], swept: list[str], folder: Path) -> None:
    from labs_engine.run.grid import grid_figure, tidy_table
    from labs_engine.run.pages import write_index

    succeeded = [result for result in results if result.status == "ok"]
    table = tidy_table(succeeded, swept)
    table.to_csv(folder / "table.csv", index=False)
    figures = []
    if len(table):
        from labs_engine.base.style import figure_html

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


def _show_grid(table: Any, swept: Sequence[str]) -> None:
    groups = [name for name in swept if name != "seed" and table[name].nunique() > 1]
    shown = Table(*groups, "Score", box=None, pad_edge=False)
    for heading in ("Runs", "Mean", "Std"):
        shown.add_column(heading, justify="right")
    for keys, rows in table.groupby([*groups, "score"], sort=False)["value"]:
        names = keys if isinstance(keys, tuple) else (keys,)
        spread = rows.std() if len(rows) > 1 else float("nan")
        shown.add_row(*map(str, names), str(len(rows)), f"{rows.mean():.4f}", f"{spread:.4f}")
    console.print(shown)


def _given(pairs: Sequence[str], profile: str | None) -> dict[str, str]:
    given = split_pairs(pairs)
    if profile:
        if given.get("profile", profile) != profile:
            raise CourseError(f"--profile {profile} and -p profile={given['profile']} disagree")
        given["profile"] = profile
    return given


def _execute(
    plans: Sequence[RunPlan], workers: int, finished: Callable[[int, RunResult], None] | None = None
) -> list[RunResult]:
    """Execute with a progress bar; return the results in the order of the plans."""
    from labs_engine.run.schedule import execute_all

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
    from labs_engine.run.pages import DATA_NAMES

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
