"""`labs data`: what recordings are here, getting and verifying them, writing stand-ins."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click
from rich.table import Table

from labs_engine.base import storage
from labs_engine.base.terminal import CourseError, clear_errors, console
from labs_lib.audio import printable
from labs_lib.datasets.recordings import Recordings
from labs_lib.datasets.registry import DataSet, data_sets

_NAME = click.argument("name", metavar="NAME", type=click.Choice(sorted(data_sets())))
_HOME = click.option(
    "--data-home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the recordings; without it $LABS_DATA and downloads are looked at.",
)


@click.group("data")
def data() -> None:
    """Show, get and verify recordings; write stand-ins."""


@data.command()
@_HOME
def status(data_home: Path | None) -> None:
    """Show which recordings are here, and what the cache holds."""
    from labs_lib.datasets.locate import DataNotFound, find

    table = Table("Set", "Labs", "Here", box=None, pad_edge=False)
    for heading in ("Where", "Licence"):
        table.add_column(heading, overflow="fold")
    for data_set in data_sets().values():
        try:
            found = find(data_set, data_home)
        except DataNotFound:
            found = find(data_set)
        if found is None:
            here, where = "stand-in only", "synthesised when a lab first needs it"
        else:
            here = f"{'stand-in' if found.standin else 'real'} ({found.origin})"
            where = str(found.folder)
        table.add_row(data_set.name, data_set.labs, here, where, data_set.licence)
    console.print(table)
    named = os.environ.get("LABS_DATA")
    console.print(f"\n$LABS_DATA: {named or 'not set'}")
    cache = storage.cache_folder()
    console.print(f"Cache: {cache}")
    for kind in ("data", "standin", "features"):
        size = sum(path.stat().st_size for path in (cache / kind).rglob("*") if path.is_file())
        console.print(f"  {kind:9} {size / 1e6:8,.0f} MB")
    console.print("It may be removed at any time: what is needed is downloaded or computed again.")


@data.command()
@_NAME
@click.option(
    "--archive",
    "archive_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="An archive that is already here, instead of a download.",
)
def get(name: str, archive_file: Path | None) -> None:
    """Download a data set, unpack and verify it.

    A download that was stopped goes on where it was. Nothing is fetched if the set is there and whole.
    """
    from labs_lib.datasets.fetch import get as get_set

    data_set = data_sets()[name]
    console.print(f"{data_set.title}\nLicence: {data_set.licence}\n{data_set.citation}")
    if data_set.archive is not None and not data_set.archive.checked:
        console.print(
            "The checksum of this archive was taken from its description and has not been tried in a download "
            "yet; a file that differs is refused."
        )
    with clear_errors():
        folder = get_set(data_set, archive_file)
    console.print(f"In {folder}. Labs find it there.")


@data.command()
@_NAME
@_HOME
def verify(name: str, data_home: Path | None) -> None:
    """Read every sound file of a data set; exit with 1 if one is damaged or missing."""
    from labs_lib.datasets.fetch import verify as verify_set

    data_set = data_sets()[name]
    with clear_errors():
        found, count, problems = verify_set(data_set, data_home)
    known = [problem for problem in problems if problem.path.name in data_set.known_faults]
    others = [problem for problem in problems if problem not in known]
    console.print(f"{found.folder} ({'stand-in' if found.standin else 'real'}): {count:,} files read")
    for problem in known:
        console.print(f"  {problem.path.name}: broken in all common copies, labs leave it out")
    for problem in others:
        console.print(f"  {printable(problem.path.relative_to(found.folder.parent))}: {problem.reason}")
    for line in _peculiarities(data_set, data_home):
        console.print(f"  {line}", markup=False)
    if others:
        again = f"`labs data get {name}`" if found.origin == "download" else "copy or unpack them again"
        console.print(f"{len(others)} files are damaged or missing: {again}.")
        sys.exit(1)


@data.command()
@click.argument("dest", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--set",
    "names",
    multiple=True,
    type=click.Choice(sorted(data_sets())),
    help="Which set; repeatable. All without.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of all sounds.")
@click.option(
    "--scale", type=click.IntRange(1, 1000), default=1, show_default=True, help="Times the quick size."
)
def standin(dest: Path, names: tuple[str, ...], seed: int, scale: int) -> None:
    """Write stand-ins to a folder, in the layouts of the real sets.

    They carry a mark, so labs that are pointed at DEST still know them for stand-ins.
    """
    from labs_lib.datasets.standin import STANDINS

    for name in names or sorted(STANDINS):
        made = STANDINS[name]
        with clear_errors(), storage.new_folder(dest / name) as part:
            if part is None:
                raise CourseError(f"{dest / name} is already there and was left as it is")
            made.write(scale * made.size, seed, part)
        console.print(f"{dest / name}: {scale * made.size} {made.unit}")
    console.print(f"To use them: LABS_DATA={dest}, or -p data_home={dest}")


def _peculiarities(data_set: DataSet, data_home: Path | None) -> list[str]:
    """Say what a user of a set must know: files that labs leave out, identical files, recordings in two folds."""
    from labs_lib.datasets import esc50, gtzan, uiowa

    loaders: dict[str, Callable[..., Recordings]] = {
        "esc50": esc50.load,
        "gtzan": gtzan.load,
        "uiowa": uiowa.load,
    }
    recordings = loaders[data_set.name](data_home)
    lines = [
        f"left out by the labs: {printable(path.name)} {reason}"
        for path, reason in recordings.skipped
        if path.name not in data_set.known_faults
    ]
    if data_set.name == "gtzan":
        lines += [f"identical: {' = '.join(names)}" for names in gtzan.duplicates(recordings)]
    if data_set.name == "esc50":
        several = esc50.sources_in_several_folds(recordings)
        lines += [
            f"clips of recording {number} lie in two folds, as in the official set" for number in several
        ]
    return lines
