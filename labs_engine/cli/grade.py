"""`labs grade`: from submissions to a gradebook."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from labs_engine.cli.support import project_of


@click.command()
@click.argument("submissions", type=click.Path(exists=True, path_type=Path))
@click.option("--lab", required=True, help="Number or name of the lab.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for gradebook, feedback, class page and executed notebooks.",
)
@click.option(
    "--runs", type=click.IntRange(1, 10), default=2, show_default=True, help="Runs of each submission."
)
@click.option(
    "--secret-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="From which parameters are drawn; without it a secret is made and kept in --out.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=lambda: os.cpu_count() or 1,
    show_default="number of cores",
    help="Submissions at a time.",
)
@click.option(
    "--sandbox",
    type=click.Choice(["bwrap", "none"]),
    default="bwrap",
    show_default=True,
    help="'none' runs submissions without any protection; only on a machine that holds nothing of value.",
)
@click.option(
    "--dask", "dask_address", metavar="ADDRESS", help="Scheduler of a dask cluster that does the work."
)
@click.option("--resume", is_flag=True, help="Go on in --out: grade only what is new, changed or was lost.")
@click.option(
    "--roster",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The class list as CSV: ids, names, who handed in nothing.",
)
@click.option(
    "--only", "students", multiple=True, metavar="STUDENT", help="Grade this student alone; repeatable."
)
@click.option(
    "--deadline",
    metavar="TIME",
    help="'2026-11-30 23:59' or '30.11.2026 23:59', with a zone if it is not this machine's; a day alone is its end.",
)
@click.option(
    "--late", "policy", metavar="POLICY", help="What lateness costs: '10%/day max 50% grace 15min'."
)
@click.option(
    "--place",
    "places",
    multiple=True,
    metavar="STUDENT:CELL=NAME",
    help="This cell of a submission is the answer to that exercise or question; kept in placements.csv.",
)
@click.option("--assignment", default="", help="Heading of the column in Canvas' gradebook.")
@click.pass_context
def grade(ctx: click.Context, /, **options: Any) -> None:
    """Grade submissions under parameters that no student has seen.

    SUBMISSIONS is a folder of notebooks, a folder with one for each student, or the zip that Canvas or
    Moodle exports. Each is run in a sandbox, its answers are judged outside of it. Writes gradebook.csv,
    forms for Canvas, Moodle and Gradescope, feedback/, class.html, by_hand.csv and runs/.

    A submission of any kind is a row of the gradebook; exits with 1 if one could not be graded.
    """
    from labs_engine.cli.grading import Grading, grade_submissions

    grade_submissions(project_of(ctx), Grading(**options))
