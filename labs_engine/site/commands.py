"""The page of the `labs` command: the help of each of its commands, as a terminal shows it."""

from __future__ import annotations

import click

_INTRODUCTION = """\
# The `labs` command

What each command says of itself (`labs COMMAND --help`)."""
_WIDTH = 88


def command_page(command: click.Command) -> str:
    """Return the page of a command and all that it holds, as Markdown."""
    return "\n\n".join([_INTRODUCTION, *_described(command, "labs")]) + "\n"


def _described(command: click.Command, name: str) -> list[str]:
    context = click.Context(command, info_name=name, terminal_width=_WIDTH, max_content_width=_WIDTH)
    parts = [f"## `{name}`", f"```text\n{command.get_help(context)}\n```"]
    if isinstance(command, click.Group):
        for inner in sorted(command.commands):
            parts += _described(command.commands[inner], f"{name} {inner}")
    return parts
