"""`labs new`, `labs remove`, `labs build` and `labs release`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labs_engine.cli.support import clear_errors, console, project_of, show_path
from labs_engine.declare.course import find_lab, select_labs

if TYPE_CHECKING:
    from nbformat import NotebookNode


@click.command()
@click.argument("labs", nargs=-1, metavar="[LAB]...")
@click.option("--check", is_flag=True, help="Write nothing; list what differs and exit with 1.")
@click.option("--execute", is_flag=True, help="Refresh the stored outputs even if no code has changed.")
@click.pass_context
def build(ctx: click.Context, labs: tuple[str, ...], check: bool, execute: bool) -> None:
    """Derive the notebooks from the sources in solutions/.

    Each solutions/NN_name.py gives its paired notebook, the student's notebook and its
    pair. A solution notebook is executed when its code has changed, for the outputs
    that the tests compare.
    """
    from labs_engine.build.write import build as build_labs
    from labs_engine.build.write import drift

    project = project_of(ctx)
    with clear_errors():
        chosen = select_labs(labs)
        if check:
            lines = drift(project, chosen)
            for line in lines:
                console.print(line, soft_wrap=True)
            if lines:
                console.print("Run `labs build` and commit what it writes.")
                sys.exit(1)
            console.print(f"{len(chosen)} labs: every derived file is what its source gives.")
            return
        changed = build_labs(project, chosen, _execute, refresh=execute)
    for path in changed:
        console.print(f"written: {show_path(path)}")
    if not changed:
        console.print("Nothing to do: every derived file is what its source gives.")


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("build/release"),
    show_default=True,
    help="Folder that the bundle becomes; it must be empty or new.",
)
@click.pass_context
def release(ctx: click.Context, out: Path) -> None:
    """Make the students' bundle: notebooks and a wheel of the course, no solutions."""
    from labs_engine.build.release import make_bundle

    project = project_of(ctx)
    with clear_errors():
        files = make_bundle(project, out)
    for path in files:
        console.print(path.relative_to(out).as_posix())
    console.print(f"{len(files)} files in {show_path(out)}")


@click.command()
@click.argument("name")
@click.option("--title", help="Heading of the notebook; made from the name without this option.")
@click.option("--number", default="", help="Two digits; the next free number without this option.")
@click.pass_context
def new(ctx: click.Context, name: str, title: str | None, number: str) -> None:
    """Begin a new lab NAME ('speech_commands'): source, exercises, tests, the instructor's side.

    What is written works as it stands, with one exercise: write it over, step by step.
    """
    from labs_engine.build.scaffold import new_lab

    project = project_of(ctx)
    with clear_errors():
        files = new_lab(project, name, title or name.replace("_", " ").capitalize(), number)
    source, declaration, test, instructor = map(show_path, files)
    for path, what in (
        (source, "the lesson, with its worked solution"),
        (declaration, "its parameters and exercises, and the mistakes that they recognise"),
        (test, "the parameters under which the exercises are tested"),
        (instructor, "what a graded run draws"),
    ):
        console.print(f"written: {path}: {what}", soft_wrap=True)
    number = files[0].name[:2]
    console.print(
        f"\nNext: labs build {number} derives and executes the notebooks, pytest {test} holds the exercises "
        "against their mistakes. CONTRIBUTING.md, 'How a lab is made', says more. "
        f"labs remove {number} takes the lab away again.",
        soft_wrap=True,
    )


@click.command()
@click.argument("lab")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--force", is_flag=True, help="Remove even what git cannot bring back.")
@click.pass_context
def remove(ctx: click.Context, lab: str, yes: bool, force: bool) -> None:
    """Take a lab away: source, notebooks, declaration, tests, the instructor's side.

    Refuses a lab that other files name, and one with changes that are not committed.
    The table of contents follows.
    """
    from labs_engine.build.removal import check_removable, files_of, remove_lab

    project = project_of(ctx)
    with clear_errors():
        spec = find_lab(lab)
        files = files_of(project, spec)
        check_removable(project, spec, force=force)
    for path in files:
        console.print(show_path(path), soft_wrap=True)
    if not yes:
        click.confirm(f"Remove lab {spec.name}, these {len(files)} files?", abort=True)
    with clear_errors():
        remove_lab(project, spec)
    console.print(f"removed: lab {spec.name}; the table of contents follows.")


def _execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    from nbclient import NotebookClient

    with console.status("executing a solution notebook for its outputs"):
        client = NotebookClient(
            notebook,
            timeout=None,
            resources={"metadata": {"path": str(folder)}},
            extra_arguments=["--log-level=ERROR"],
        )
        return client.execute()
