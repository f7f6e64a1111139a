"""What `labs grade` does: submissions are found, graded and reported, and what happens is printed."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from labs_engine.base.storage import StorageError, cache_folder, explained
from labs_engine.build.project import Project
from labs_engine.cli.support import CourseError, clear_errors, console, show_path
from labs_engine.declare.course import find_lab
from labs_engine.declare.framework import LabSpec
from labs_engine.grade import schedule
from labs_engine.grade.archives import ArchiveError
from labs_engine.grade.container import Kind
from labs_engine.grade.graded import Submission
from labs_engine.grade.grader import Settings, release_of
from labs_engine.grade.handed_in import NoSubmissions
from labs_engine.grade.late import NO_PENALTY, LatePolicy, LatePolicyError
from labs_engine.grade.manual_grading import unanswered_in
from labs_engine.grade.placements import add_placements, with_placements
from labs_engine.grade.reports import write_reports
from labs_engine.grade.roster import Roster, read_roster
from labs_engine.grade.sampling import SecretError, secret_of
from labs_engine.grade.sandbox import SandboxError, check_sandbox
from labs_engine.grade.spreadsheet import TableError, nearest
from labs_engine.grade.submissions import Unclear, find_submissions, missing_results, unclear_results
from labs_engine.grade.times import AmbiguousTime, end_of_day, moment_of

_TIMES = "'2026-11-30 23:59' or '30.11.2026 23:59', or a day alone as '2026-11-30' or '30.11.2026'"


@dataclass(frozen=True)
class Grading:
    """What the options of `labs grade` say.

    Attributes:
        submissions: The folder, zip or notebook to grade.
        lab: Number or name of the lab.
        out: Folder of the reports.
        runs: Runs of each submission.
        secret_file: File with the secret from which parameters are drawn; None for the secret kept in `out`.
        workers: Submissions at a time.
        sandbox: 'bwrap' or 'none'.
        dask_address: Scheduler of a dask cluster, or None.
        resume: Whether `out` may hold a grading that is to be continued.
        roster: The class list, or None.
        students: Ids of those to grade; none for all.
        deadline: The deadline as it was typed, or None.
        policy: What lateness costs, as it was typed, or None.
        places: Placements of cells, 'STUDENT:CELL=NAME'.
        assignment: Heading of the column in Canvas' gradebook.
    """

    submissions: Path
    lab: str
    out: Path
    runs: int
    secret_file: Path | None
    workers: int
    sandbox: Kind
    dask_address: str | None
    resume: bool
    roster: Path | None
    students: tuple[str, ...]
    deadline: str | None
    policy: str | None
    places: tuple[str, ...]
    assignment: str


@dataclass(frozen=True)
class _Prepared:
    """All that a grading needs, read and checked before the first submission runs."""

    spec: LabSpec
    settings: Settings
    found: list[Submission]
    chosen: list[Submission]
    to_run: list[Submission]  # without those that are `Unclear`
    people: Roster | None
    late: LatePolicy
    due: datetime | None
    make: schedule.MakeExecutor


def grade_submissions(project: Project, asked: Grading) -> None:
    """Grade, print what came out, and end with 1 if a submission could not be graded.

    Args:
        project: The course.
        asked: The options.

    Raises:
        CourseError: Something that the instructor gave cannot be used.
    """
    prepared = _prepared(project, asked)
    if asked.sandbox == "none":
        console.print(
            "Without a sandbox: submissions can read and change everything that you can.", style="bold"
        )
    with _storage_errors(asked.out):
        results = _with_progress(prepared, asked)
    results += unclear_results(prepared.chosen, prepared.spec)
    if asked.students:
        _show_rows(results, asked.out)
        console.print("--only writes no gradebook: call with --resume and without --only for that.")
    else:
        if prepared.people is not None:
            results += missing_results(prepared.people, prepared.found, prepared.spec)
        _report(results, prepared, asked, project)
        gradebook, page = show_path(asked.out / "gradebook.csv"), show_path(asked.out / "class.html")
        console.print(f"Gradebook: {gradebook}, class page: {page}", soft_wrap=True)
    _exit_status(results, len(prepared.to_run), "see above" if asked.students else "see the gradebook")


def _prepared(project: Project, asked: Grading) -> _Prepared:
    """Read and check everything; nothing is graded yet."""
    try:
        with clear_errors(), _storage_errors(asked.out):
            spec = find_lab(asked.lab)
            instructor = project.root / "solutions" / "grading" / f"lab{spec.number}.py"
            if not instructor.is_file():
                raise CourseError(
                    f"{show_path(instructor)} is not there: it says what a graded run of the lab draws"
                )
            if asked.sandbox == "bwrap":
                check_sandbox()
            _new_or_resumed(asked.out, asked.resume, spec)
            _have_a_cache(asked.out)
            due = _deadline(asked.deadline)
            late = LatePolicy.parse(asked.policy) if asked.policy else NO_PENALTY
            people = read_roster(asked.roster) if asked.roster else None
            found = _submissions(asked, spec, due)
            settings = Settings(
                lab=spec.name,
                release=project.notebook(spec, "student"),
                instructor=instructor,
                secret=secret_of(asked.secret_file, asked.out),
                runs=asked.runs,
                sandbox=asked.sandbox,
            )
            if asked.policy and due is None:
                _warn_if_nobody_is_late(found, people)
            chosen = _chosen(found, asked.students)
            to_run = [one for one in chosen if not isinstance(one, Unclear)]
            make = (
                schedule.dask_cluster(asked.dask_address)
                if asked.dask_address
                else schedule.processes(min(asked.workers, max(1, len(to_run))))
            )
            return _Prepared(spec, settings, found, chosen, to_run, people, late, due, make)
    except (ArchiveError, LatePolicyError, NoSubmissions, SandboxError, SecretError, TableError) as error:
        raise CourseError(str(error)) from None


def _submissions(asked: Grading, spec: LabSpec, due: datetime | None) -> list[Submission]:
    """Return what was handed in, with the cells that the instructor placed."""
    found = find_submissions(
        asked.submissions,
        lab=spec.name,
        roster=asked.roster,
        deadline=due,
        unpack_to=asked.out / "submissions",
        leave_out=asked.out,
    )
    table = asked.out / "placements.csv"
    if asked.places:
        add_placements(table, asked.places, spec, found)
    return with_placements(found, table, spec)


def _report(
    results: Sequence[schedule.Result], prepared: _Prepared, asked: Grading, project: Project
) -> None:
    """Write the gradebook and all other reports."""
    with clear_errors(), _storage_errors(asked.out):
        try:
            write_reports(
                sorted(results, key=lambda result: result["student"]),
                prepared.spec,
                asked.out,
                rerun=_rerun(asked, project.root, prepared.spec.number, prepared.due),
                policy=prepared.late,
                roster=prepared.people,
                unanswered=unanswered_in(release_of(prepared.settings.release)),
                assignment=asked.assignment,
                students=[submission.student for submission in prepared.found],
            )
        except TableError as error:
            raise CourseError(str(error)) from None


def _new_or_resumed(out: Path, resume: bool, spec: LabSpec) -> None:
    """Refuse to mix two gradings."""
    if (out / "rows").is_dir() and not resume:
        raise CourseError(
            f"{show_path(out)} holds a grading already. Add --resume to grade what is new or changed there, or "
            "give another folder."
        )
    held = schedule.lab_held(out)
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
    """Explain what a full disk or a read-only folder means for a grading: nothing that is done is lost."""
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


def _warn_if_nobody_is_late(found: Sequence[Submission], people: Roster | None) -> None:
    """Say that --late takes nothing off where nothing says when a submission came."""
    known = any(person.late_seconds is not None for person in people.people) if people else False
    if not known and not any(submission.late_seconds for submission in found):
        console.print(
            "--late takes nothing off: nobody is marked late by Canvas or the roster, and there is no --deadline."
        )


def _chosen(found: list[Submission], students: tuple[str, ...]) -> list[Submission]:
    if not students:
        return found
    there = [submission.student for submission in found]
    unknown = sorted(set(students) - set(there))
    if unknown:
        raise CourseError(f"no submission of: {', '.join(unknown)}{nearest(unknown[0], there)}")
    return [submission for submission in found if submission.student in students]


def _with_progress(prepared: _Prepared, asked: Grading) -> list[schedule.Result]:
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(prepared.to_run))

        def finished(result: schedule.Result) -> None:
            progress.update(task, advance=1, description=f"{result['student']}: {result['points']}")

        return schedule.grade_all(
            prepared.settings,
            prepared.to_run,
            asked.out,
            prepared.make,
            at_once=asked.workers,
            finished=finished,
        )


def _rerun(asked: Grading, root: Path, lab: str, due: datetime | None) -> Callable[[str], str]:
    """Return how to write the command that grades one student alone, with the same parameters, from any folder."""
    out = asked.out.resolve()
    words = ["labs", "--project", str(root.resolve()), "grade", str(asked.submissions.resolve())]
    words += ["--lab", lab, "--runs", str(asked.runs)]
    words += ["--secret-file", str((asked.secret_file or out / "secret.txt").resolve())]
    words += ["--sandbox", asked.sandbox] if asked.sandbox != "bwrap" else []
    words += ["--roster", str(asked.roster.resolve())] if asked.roster else []
    words += ["--deadline", due.isoformat(sep=" ")] if due else []
    words += ["--late", asked.policy] if asked.policy else []

    def command(student: str) -> str:
        return shlex.join([*words, "--only", student, "--out", str(out.with_name(f"{out.name}-again"))])

    return command


def _show_rows(results: Sequence[schedule.Result], out: Path) -> None:
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


def _exit_status(results: Sequence[schedule.Result], asked: int, where: str) -> None:
    done = [result for result in results if result["status"] not in ("missing", "unclear")]
    if len(done) < asked:
        console.print(f"stopped: {len(done)} of {asked} graded. Add --resume to go on.")
        sys.exit(130)
    lost = [result["student"] for result in results if result["status"] in ("lost", "unreadable", "unclear")]
    if lost:
        console.print(f"could not be graded: {', '.join(lost)} ({where})")
        sys.exit(1)
