"""The `labs` command group. Each command's work is imported when it is called."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import click

from labs_engine.cli.author import build, new, release, remove
from labs_engine.cli.grade import grade
from labs_engine.cli.lab import lab
from labs_engine.cli.listing import list_labs
from labs_engine.cli.run import grid, run
from labs_engine.cli.site import site
from labs_engine.cli.support import CourseError, clear_errors
from labs_engine.declare.course import course, load


class _Group(click.Group):
    """Adds the course's own commands, and turns its errors into one clear line instead of a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *self._of_course()})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return a command by its name."""
        return super().get_command(ctx, name) or self._of_course().get(name)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Begin with the title of the course."""
        with clear_errors():
            title = course().title
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(f"{title}: {self.help}")

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CourseError as error:
            raise click.ClickException(str(error)) from None
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
            sys.exit(130)

    @staticmethod
    def _of_course() -> dict[str, click.Command]:
        with clear_errors():
            commands = map(load, course().commands)
            return {str(command.name): command for command in commands}


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"labs, version {version(course().distribution)}")
        ctx.exit()


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the course; the current one or one above it without this option.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
@click.pass_context
def main(ctx: click.Context, project: Path | None) -> None:
    """open, list, run, grade, build, release and publish the labs."""
    ctx.obj = project


for _command in (lab, list_labs, run, grid, grade, new, remove, build, release, site):
    main.add_command(_command)
