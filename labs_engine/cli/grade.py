"""`labs grade`: from submissions to a gradebook."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from labs_engine.base.storage import StorageError, cache_folder, explained
from labs_engine.cli.support import CourseError, clear_errors, console, project_of, show_path
from labs_engine.declare.course import find_lab

_TIMES = "'2026-11-30 23:59' or '30.11.2026 23:59', or a day alone as '2026-11-30' or '30.11.2026'"


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
def grade(
    ctx: click.Context,
    submissions: Path,
    lab: str,
    out: Path,
    runs: int,
    secret_file: Path | None,
    workers: int,
    sandbox: str,
    dask_address: str | None,
    resume: bool,
    roster: Path | None,
    students: tuple[str, ...],
    deadline: str | None,
    policy: str | None,
    places: tuple[str, ...],
    assignment: str,
) -> None:
    """Grade submissions under parameters that nobody saw.

    SUBMISSIONS is a folder of notebooks, a folder with one for each student, or the zip that Canvas or
    Moodle exports. Each is run in a sandbox, its answers are judged outside of it. Writes gradebook.csv,
    forms for Canvas, Moodle and Gradescope, feedback/, class.html, by_hand.csv and runs/.

    A submission of any kind is a row of the gradebook; exits with 1 if one could not be graded.
    """
    from labs_engine.grade.archives import ArchiveError
    from labs_engine.grade.grader import Settings, release_of
    from labs_engine.grade.late import NO_PENALTY, LatePolicy, LatePolicyError
    from labs_engine.grade.manual_grading import unanswered_in
    from labs_engine.grade.placements import add_placements, with_placements
    from labs_engine.grade.reports import write_reports
    from labs_engine.grade.roster import read_roster
    from labs_engine.grade.sampling import SecretError, secret_of
    from labs_engine.grade.sandbox import SandboxError, check_sandbox
    from labs_engine.grade.schedule import dask_cluster, grade_all, processes
    from labs_engine.grade.submissions import (
        NoSubmissions,
        Unclear,
        find_submissions,
        missing_results,
        unclear_results,
    )
    from labs_engine.grade.tables import TableError

    project = project_of(ctx)
    try:
        with clear_errors(), _storage_errors(out):
            spec = find_lab(lab)
            instructor = project.root / "solutions" / "grading" / f"lab{spec.number}.py"
            if not instructor.is_file():
                raise CourseError(
                    f"{show_path(instructor)} is not there: it says what a graded run of the lab draws"
                )
            if sandbox == "bwrap":
                check_sandbox()
            _new_or_resumed(out, resume, spec)
            _have_a_cache(out)
            due = _deadline(deadline)
            late = LatePolicy.parse(policy) if policy else NO_PENALTY
            people = read_roster(roster) if roster else None
            found = find_submissions(
                submissions,
                lab=spec.name,
                roster=roster,
                deadline=due,
                unpack_to=out / "submissions",
                leave_out=out,
            )
            table = out / "placements.csv"
            if places:
                add_placements(table, places, spec, found)
            found = with_placements(found, table, spec)
            secret = secret_of(secret_file, out)
            settings = Settings(
                lab=spec.name,
                release=project.notebook(spec, "student"),
                instructor=instructor,
                secret=secret,
                runs=runs,
                sandbox="none" if sandbox == "none" else "bwrap",
            )
            if policy and due is None:
                _say_what_late_is_worth(found, people)
            chosen = [one for one in _chosen(found, students) if not isinstance(one, Unclear)]
            make = (
                dask_cluster(dask_address) if dask_address else processes(min(workers, max(1, len(chosen))))
            )
    except (ArchiveError, LatePolicyError, NoSubmissions, SandboxError, SecretError, TableError) as error:
        raise CourseError(str(error)) from None
    if sandbox == "none":
        console.print(
            "Without a sandbox: submissions can read and change everything that you can.", style="bold"
        )
    with _storage_errors(out):
        results = _with_progress(settings, chosen, out, make, workers, grade_all)
    if students:
        results += unclear_results(_chosen(found, students), spec)
        _show_rows(results, out)
        console.print("--only writes no gradebook: call with --resume and without --only for that.")
    else:
        results += unclear_results(found, spec)
        if people is not None:
            results += missing_results(people, found, spec)
        with clear_errors(), _storage_errors(out):
            try:
                write_reports(
                    sorted(results, key=lambda result: result["student"]),
                    spec,
                    out,
                    rerun=_rerun(ctx.params, project.root, spec.number, due),
                    policy=late,
                    roster=people,
                    unanswered=unanswered_in(release_of(settings.release)),
                    assignment=assignment,
                    students=[submission.student for submission in found],
                )
            except TableError as error:
                raise CourseError(str(error)) from None
        console.print(
            f"Gradebook: {show_path(out / 'gradebook.csv')}, class page: {show_path(out / 'class.html')}",
            soft_wrap=True,
        )
    _exit_status(results, len(chosen), "see above" if students else "see the gradebook")


def _new_or_resumed(out: Path, resume: bool, spec: Any) -> None:
    """Refuse to mix two gradings."""
    from labs_engine.grade.schedule import lab_held

    if (out / "rows").is_dir() and not resume:
        raise CourseError(
            f"{show_path(out)} holds a grading already. Add --resume to grade what is new or changed there, or "
            "give another folder."
        )
    held = lab_held(out)
    if held not in ("", spec.name):
        raise CourseError(
            f"{show_path(out)} holds a grading of the lab {held}, not of {spec.name}. Give --lab {held} to go on "
            "with it, or another folder."
        )
    with explained(out):
        out.mkdir(parents=True, exist_ok=True)


def _have_a_cache(out: Path) -> None:
    """Keep stand-ins and features beside the reports where this user's own cache cannot be written to."""
    folder = cache_folder()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return
    os.environ["LABS_CACHE"] = str((out / "cache").resolve())
    console.print(
        f"The cache {show_path(folder)} cannot be written to: {show_path(out / 'cache')} is used instead.",
        soft_wrap=True,
    )


@contextmanager
def _storage_errors(out: Path) -> Iterator[None]:
    """Say what a full disk or a read-only folder means for a grading: nothing that is done is lost."""
    try:
        yield
    except StorageError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise CourseError(
            f"{show_path(out)} cannot be written to: {reason}. What is graded so far is kept there. Make room or make "
            "the folder writable, and call again with --resume"
        ) from None


def _deadline(text: str | None) -> datetime | None:
    """Return the deadline, and say how it is read."""
    from labs_engine.grade.roster import AmbiguousTime, end_of_day, moment_of

    if text is None:
        return None
    try:
        day = end_of_day(text)
        moment = day or moment_of(text)
    except AmbiguousTime as error:
        raise CourseError(f"--deadline: {error}; write it as {_TIMES}") from None
    if moment is None:
        raise CourseError(f"--deadline {text!r}: expected a time such as {_TIMES}")
    how = ["the end of that day"] if day else []
    how += ["in this machine's time zone"] if moment.tzinfo is None else []
    console.print(f"Deadline: {moment.isoformat(sep=' ')}" + (f" ({', '.join(how)})" if how else ""))
    return moment


def _say_what_late_is_worth(found: list[Any], people: Any) -> None:
    known = any(person.late_seconds is not None for person in people.people) if people else False
    if not known and not any(submission.late_seconds for submission in found):
        console.print(
            "--late takes nothing off: nobody is marked late by Canvas or the roster, and there is no --deadline."
        )


def _chosen(found: list[Any], students: tuple[str, ...]) -> list[Any]:
    from labs_engine.grade.tables import nearest

    if not students:
        return found
    there = [submission.student for submission in found]
    unknown = sorted(set(students) - set(there))
    if unknown:
        raise CourseError(f"no submission of: {', '.join(unknown)}{nearest(unknown[0], there)}")
    return [submission for submission in found if submission.student in students]


def _with_progress(
    settings: Any, chosen: list[Any], out: Path, make: Any, workers: int, grade_all: Any
) -> Any:
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(chosen))

        def finished(result: dict[str, Any]) -> None:
            progress.update(task, advance=1, description=f"{result['student']}: {result['points']}")

        return grade_all(settings, chosen, out, make, at_once=workers, finished=finished)


def _rerun(given: dict[str, Any], root: Path, lab: str, due: datetime | None) -> Any:
    """Return how to write the command that grades one student alone, with the same parameters, from any folder."""
    out = given["out"].resolve()
    words = ["labs", "--project", str(root.resolve()), "grade", str(given["submissions"].resolve())]
    words += ["--lab", lab, "--runs", str(given["runs"])]
    words += ["--secret-file", str((given["secret_file"] or out / "secret.txt").resolve())]
    words += ["--sandbox", given["sandbox"]] if given["sandbox"] != "bwrap" else []
    words += ["--roster", str(given["roster"].resolve())] if given["roster"] else []
    words += ["--deadline", due.isoformat(sep=" ")] if due else []
    words += ["--late", given["policy"]] if given["policy"] else []

    def command(student: str) -> str:
        return shlex.join([*words, "--only", student, "--out", str(out.with_name(f"{out.name}-again"))])

    return command


def _show_rows(results: list[dict[str, Any]], out: Path) -> None:
    for result in results:
        console.print(
            f"{result['student']}: {result['status']}, {result['points']} of {result['points_possible']}"
        )
        for remark in result["remarks"]:
            console.print(f"  {remark}")
        for name, exercise in result["exercises"].items():
            words = [exercise["status"], exercise["mistake"], exercise["found"]]
            console.print(f"  {name}: " + ", ".join(filter(None, words)), soft_wrap=True)
        for run in result["runs"]:
            ended = run["ended"] or "to its end"
            console.print(f"  {show_path(out / 'runs' / run['notebook'])}: {ended}", soft_wrap=True)


def _exit_status(results: list[dict[str, Any]], asked: int, where: str) -> None:
    done = [result for result in results if result["status"] not in ("missing", "unclear")]
    if len(done) < asked:
        console.print(f"stopped: {len(done)} of {asked} graded. Add --resume to go on.")
        sys.exit(130)
    lost = [result["student"] for result in results if result["status"] in ("lost", "unreadable", "unclear")]
    if lost:
        console.print(f"could not be graded: {', '.join(lost)} ({where})")
        sys.exit(1)
