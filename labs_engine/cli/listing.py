"""`labs list`: labs, parameters, exercises."""

from __future__ import annotations

import click
from rich.table import Table
from rich.text import Text

from labs_engine.cli.support import clear_errors, console
from labs_engine.declare.course import select_labs
from labs_engine.declare.framework import LabSpec


@click.command("list")
@click.argument("labs", nargs=-1, metavar="[LAB]...")
def list_labs(labs: tuple[str, ...]) -> None:
    """Show labs with their parameters and exercises.

    Without LAB every lab is shown in a line; with one (01, or its name) its parameters,
    defaults and exercises.
    """
    with clear_errors():
        found = select_labs(labs)
    if not labs:
        _overview(found)
        return
    for lab in found:
        _details(lab)


def _overview(labs: list[LabSpec]) -> None:
    table = Table("Lab", "Title", "What it shows", box=None, pad_edge=False)
    for column, heading in (("TODOs", "right"), ("Points", "right")):
        table.add_column(column, justify=heading)  # type: ignore[arg-type]
    for lab in labs:
        points = sum(e.points for e in lab.exercises) + sum(q.points for q in lab.questions)
        table.add_row(lab.number, lab.title, lab.summary, str(len(lab.exercises)), str(points))
    console.print(table)
    console.print("\nParameters and exercises of one: labs list 01")


def _details(lab: LabSpec) -> None:
    console.print(Text.assemble((lab.name, "bold"), f"  {lab.title}\n{lab.summary}\n"))
    parameters = Table("Parameter", "Default", "Takes", "Meaning", box=None, pad_edge=False)
    for p in lab.parameters:
        parameters.add_row(p.name, p.default_text(), p.kind_text(), p.help)
    console.print(parameters)
    exercises = Table("TODO", "Name", "Exercise", box=None, pad_edge=False)
    exercises.add_column("Points", justify="right")
    exercises.add_column("Mistakes it recognises")
    for number, e in enumerate(lab.exercises, start=1):
        known = ", ".join(m.name for m in e.mistakes)
        exercises.add_row(str(number), e.name, e.title, str(e.points), known)
    for q in lab.questions:
        exercises.add_row("", q.name, "short answer, graded manually", str(q.points), "")
    console.print()
    console.print(exercises)
    console.print()
