"""`labs lab`: the course in JupyterLab."""

from __future__ import annotations

import click

from labs_engine.cli.support import CourseError, clear_errors, console, project_of, show_path
from labs_engine.declare.course import find_lab


@click.command()
@click.argument("lab", required=False)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Where JupyterLab listens; the first free one from 8888 without.",
)
@click.option("--no-browser", is_flag=True, help="Open no browser window; the address is printed.")
@click.pass_context
def lab(ctx: click.Context, lab: str | None, port: int | None, no_browser: bool) -> None:
    """Open the course in JupyterLab.

    Without LAB its table of contents, from which a click opens each lab; with one (05, or its name)
    that lab. Ctrl-C ends it.
    """
    from labs_engine.frontend.launch import CannotStart, serve
    from labs_engine.frontend.pairs import refresh_scripts

    project = project_of(ctx)
    with clear_errors():
        page = project.notebook(find_lab(lab), "student") if lab else project.contents
        if not page.is_file():
            raise CourseError(f"{show_path(page)} is missing: restore it, or make it anew with `labs build`")
        for script, kept in refresh_scripts(project.notebooks):
            console.print(
                f"{script.with_suffix('.ipynb').name} was changed outside of JupyterLab: {script.name} was written "
                f"anew from it. Its text until now is in {kept.name}.",
            )
    console.print(f"Starting JupyterLab in {show_path(project.notebooks)}. Ctrl-C ends it.")
    try:
        serve(project.notebooks, page.name, port, not no_browser)
    except CannotStart as error:
        raise CourseError(str(error)) from None
