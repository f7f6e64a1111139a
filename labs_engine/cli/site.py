"""`labs site`: the course as pages."""

from __future__ import annotations

from pathlib import Path

import click

from labs_engine.build.project import Project
from labs_engine.cli.support import CourseError, clear_errors, console, project_of, show_path
from labs_engine.declare.course import all_labs

# Pages that are checked most closely, besides those of the labs: one of each kind.
_THOROUGH = ("index.html", "gallery.html", "api/audio.html", "grading.html", "commands.html", "search.html")


@click.command()
@click.option(
    "--runs",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/run"),
    show_default=True,
    help="Folder of the executed notebooks.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/site"),
    show_default=True,
    help="Folder that the site becomes; a site that is there is replaced.",
)
@click.option(
    "--run/--no-run",
    "may_run",
    default=True,
    show_default=True,
    help="Execute the labs whose executed notebooks are missing or belong to other code; or stop there.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Runs at a time.")
@click.option(
    "--browser",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Look at the finished site in Chromium: where there is one, in any case, or not.",
)
@click.pass_context
def site(ctx: click.Context, runs: Path, out: Path, may_run: bool, workers: int, browser: str) -> None:
    """Build the pages of the course from executed notebooks, and check them.

    Labs whose executed notebooks do not belong to this code are executed first. Runs on
    real recordings are refused: the recordings have owners.
    """
    from labs_engine.site.browser import why_not
    from labs_engine.site.build import build_site, require_packages
    from labs_engine.site.errors import SiteError
    from labs_engine.site.executed import stale_runs

    project, labs = project_of(ctx), all_labs()
    obstacle = why_not() if browser != "never" else "--browser never"
    if browser == "always" and obstacle:
        raise CourseError(f"the site cannot be looked at in a browser: {obstacle}")
    try:
        with clear_errors():
            require_packages()
            stale = stale_runs(project, labs, runs)
            if stale and may_run:
                _execute(project, stale, runs, workers)
            count = build_site(project, labs, runs, out, ctx.find_root().command)
    except SiteError as error:
        raise CourseError(str(error)) from None
    console.print(f"{count} pages without a fault in links, anchors or headings.")
    if obstacle:
        console.print(f"Not looked at in a browser: {obstacle}.")
    else:
        _look(out)
    console.print(f"The site: {show_path(out / 'index.html')}", soft_wrap=True)


def _execute(project: Project, stale: dict[str, str], runs: Path, workers: int) -> None:
    from labs_engine.cli.execution import RunOptions, run_labs

    for name, reason in stale.items():
        console.print(f"{name} is executed: {reason}.")
    # What is published is made from the stand-ins, even if this machine has recordings.
    options = RunOptions(
        pairs=("source=standin",),
        profile=None,
        out=runs,
        workers=workers,
        version="solution",
        cell_timeout=0,
    )
    run_labs(project, [name[:2] for name in stale], options)


def _look(out: Path) -> None:
    from labs_engine.site.browser import look_at

    thorough = [*_THOROUGH, *(f"labs/{lab.name}.html" for lab in all_labs())]
    found = look_at(out, thorough)
    if found.faults:
        raise CourseError("seen in the browser:\n" + "\n".join(f"  {fault}" for fault in found.faults))
    console.print(
        f"{found.pages} pages opened in a browser: no request to another host, no error, nothing too wide. "
        f"{len(thorough)} of them without a serious finding of axe-core, in light and dark mode. "
        f"The first page has {found.landing_bytes / 1000:.0f} kB with all that it loads."
    )
