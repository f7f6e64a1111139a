"""`labs run` and `labs grid`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from labs_engine.cli.support import project_of
from labs_engine.declare.parameters import PROFILES

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
def run(ctx: click.Context, /, labs: tuple[str, ...], open_page: bool, **options: Any) -> None:
    """Execute labs and collect what they produce.

    Runs every lab, or those named. Writes executed notebooks, a page of each,
    results.csv, results.json and index.html. Exits with 1 if a notebook failed.
    """
    from labs_engine.cli.execution import RunOptions, run_labs

    run_labs(project_of(ctx), labs, RunOptions(**options), open_page=open_page)


@click.command()
@click.argument("lab")
@_PARAMETER
@_PROFILE
@_out("build/grid")
@_WORKERS
@_VERSION
@_TIMEOUT
@click.pass_context
def grid(ctx: click.Context, /, lab: str, **options: Any) -> None:
    """Execute one lab for every combination of parameter values.

    `-p seed=0..4 -p learning_rate=0.1,0.01` are ten runs. Writes table.csv (a row per
    run and score), a figure and index.html. A second call runs only what is missing.
    """
    from labs_engine.cli.execution import RunOptions, run_grid

    run_grid(project_of(ctx), lab, RunOptions(**options))
