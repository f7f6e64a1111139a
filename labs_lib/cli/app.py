"""The `labs` command group. Each command's work is imported when it is called."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import labs_lib
from labs_lib.cli.author import build, new, release
from labs_lib.cli.data import data
from labs_lib.cli.grade import grade
from labs_lib.cli.lab import lab
from labs_lib.cli.listing import list_labs
from labs_lib.cli.run import grid, run
from labs_lib.cli.site import site
from labs_lib.cli.support import CourseError


class _Group(click.Group):
    """Turns the course's own errors into one clear line instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CourseError as error:
            raise click.ClickException(str(error)) from None
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
            sys.exit(130)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the course; the current one or one above it without this option.",
)
@click.version_option(labs_lib.__version__, prog_name="labs")
@click.pass_context
def main(ctx: click.Context, project: Path | None) -> None:
    """Neural networks on sound: open, list, run, grade, build, release and publish the labs, look after their data."""
    ctx.obj = project


for _command in (lab, list_labs, run, grid, grade, data, new, build, release, site):
    main.add_command(_command)
