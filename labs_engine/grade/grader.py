"""Grading one submission: assembled, run under secret parameters, scored; the result is plain data.

`grade_one` is what a worker does, in a process of this machine or of a cluster. It keeps its two sandboxes
from one submission to the next: one that runs submissions, one that judges what they answered.
"""

from __future__ import annotations

import atexit
import dataclasses
import functools
import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs_engine.base import storage
from labs_engine.declare.course import VARIABLE, course, course_packages, find_lab
from labs_engine.declare.parameters import resolve
from labs_engine.grade.assemble import Assembled, assemble
from labs_engine.grade.container import Kind
from labs_engine.grade.course_copy import course_without_answers
from labs_engine.grade.declaration import asked_of
from labs_engine.grade.graded import Submission, file_name, new_result, worst_of_runs
from labs_engine.grade.helpers_used import helpers_used
from labs_engine.grade.in_sandbox import warmup
from labs_engine.grade.in_sandbox.limits import Limits
from labs_engine.grade.in_sandbox.protocol import Message
from labs_engine.grade.reading import UnreadableSubmission, read_submission
from labs_engine.grade.received import Received, Records
from labs_engine.grade.sampling import sample_parameters
from labs_engine.grade.sandbox import Sandbox, SandboxError
from labs_engine.grade.scoring import grading_module
from labs_engine.session.lab import Lab

_MOST_UNPLACED = 30  # pieces of a submission that a page shows
_SCORING = Limits(seconds=300, memory_mb=6000)


@dataclass(frozen=True)
class Settings:
    """Settings shared by all submissions of a grading.

    Attributes:
        lab: The lab's name.
        release: The students' version, as released: an .ipynb file.
        instructor: The lab's file in `solutions/grading`.
        secret: The secret from which parameters are drawn.
        runs: Runs of each submission.
        sandbox: 'bwrap' or 'none'.
        limits: Limits of a run; None for those of the lab's file in `solutions/grading`.
    """

    lab: str
    release: Path
    instructor: Path
    secret: str
    runs: int = 2
    sandbox: Kind = "bwrap"
    limits: Limits | None = None

    def __post_init__(self) -> None:
        """Make paths absolute: a sandbox has another working folder."""
        for name in ("release", "instructor"):
            object.__setattr__(self, name, getattr(self, name).resolve())

    def digest(self) -> str:
        """Return a digest of everything that a result depends on beside the submission."""
        parts = [
            repr((self.lab, self.secret, self.runs, self.sandbox, self.limits)).encode(),
            self.release.read_bytes(),
            self.instructor.read_bytes(),
            storage.tree_digest(*course_packages()).encode(),
        ]
        return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]


def grade_one(settings: Settings, submission: Submission, notebooks: Path) -> dict[str, Any]:
    """Grade a submission.

    Args:
        settings: The settings of the grading.
        submission: The submission; its file may hold anything.
        notebooks: Folder for the executed notebooks.

    Returns:
        The result, as JSON takes it: `status` ('graded' or 'unreadable'), `points`, by exercise what was
        found, by run its parameters and how it ended. The same for the same submission and settings.
    """
    spec = find_lab(settings.lab)
    result = new_result(
        submission.student,
        "graded",
        [submission.remark] if submission.remark else [],
        name=submission.name,
        file=submission.path.name,
        points_possible=sum(exercise.points for exercise in spec.exercises),
        late_seconds=submission.late_seconds,
    )
    result["sandbox"] = settings.sandbox
    try:
        cells = read_submission(submission.path, settings.lab)
        assembled = assemble(release_of(settings.release), cells, dict(submission.placed))
    except UnreadableSubmission as error:
        result |= {"status": "unreadable", "remarks": [*result["remarks"], str(error)]}
        return result
    result["remarks"] += assembled.remarks
    result["unplaced"] = [dataclasses.asdict(piece) for piece in assembled.unplaced[:_MOST_UNPLACED]]
    result["helpers"] = helpers_used(assembled.answers, [source for _, source in assembled.cells])
    result["questions"] = {q.name: assembled.texts.get(q.name, "")[:20_000] for q in spec.questions}
    grader = _grader(settings)
    verdicts = []
    for number in range(settings.runs):
        run, judged = grader.run(assembled, submission.student, number, notebooks)
        result["runs"].append(run)
        verdicts.append(judged)
    result["exercises"] = worst_of_runs(spec, verdicts)
    result["points"] = sum(found["points"] for found in result["exercises"].values())
    return result


class _Grader:
    """The two sandboxes of a worker."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._spec = find_lab(settings.lab)
        self._instructor = grading_module(settings.instructor)
        self._stack = ExitStack()
        visible = self._stack.enter_context(course_without_answers())
        self._limits: Limits = settings.limits or getattr(self._instructor, "LIMITS", None) or Limits()
        inside = "labs_engine.grade"
        common = {VARIABLE: course().name, "LABS_CACHE_READ": str(storage.cache_folder())}
        modules = {warmup.MODULES: " ".join(getattr(self._instructor, "PRELOAD", ()))}
        warm = getattr(self._instructor, "WARM_UP", ())
        self._runner = Sandbox(
            visible,
            f"{inside}.in_sandbox.cells:run",
            kind=settings.sandbox,
            readable=_shared_cache(),
            environment=common | modules | _warm_up("runs" in warm),
        )
        self._scorer = Sandbox(
            course_packages(),
            f"{inside}.scoring:run",
            kind=settings.sandbox,
            readable=[settings.instructor.parent, *_shared_cache()],
            environment=common | _warm_up("checks" in warm),
        )
        self._stack.enter_context(self._runner)
        self._stack.enter_context(self._scorer)
        self._try()

    def _try(self) -> None:
        """Try an empty run: a failure now is the sandbox's fault; later it would look like a student's."""
        # Without exercises, whose probes may take long to make.
        spec = dataclasses.replace(self._spec, exercises=())
        lab = Lab(spec, resolve(spec.parameters, {}))
        job = {"cells": [], "asked": asked_of(spec, lab.context), "pictures": False}
        ending = self._runner.run(job, self._limits, _ignore)
        if ending.reason:
            self.close()
            raise SandboxError(f"the sandbox does not work here: {ending.reason}")

    def close(self) -> None:
        """End both sandboxes."""
        self._stack.close()

    def run(
        self, assembled: Assembled, student: str, number: int, notebooks: Path
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Run a submission once and judge it; return the run's record and its verdicts."""
        settings = self._settings
        parameters = sample_parameters(self._spec, self._instructor, settings.secret, student, number)
        lab = Lab(self._spec, parameters)
        # Stand-ins and features are computed once, out here, and not by every run.
        getattr(self._instructor, "prepare", _nothing)(parameters)
        # The instructor may look at the first run. Of the others only the answers count.
        cells = assembled.cells if number == 0 else _up_to_the_last_check(assembled.cells)
        job = {"cells": cells, "asked": asked_of(self._spec, lab.context), "pictures": number == 0}
        names = [exercise.name for exercise in self._spec.exercises]
        received = Received([cell for cell, _ in cells], names, 1000 * self._limits.cell_output_kb)
        ending = self._runner.run(job, self._limits, received.take)
        name = f"{file_name(student)}-{number + 1}.ipynb"
        received.write(notebooks / name, cells, parameters, ending)
        verdicts = self._judge(lab, received.answers)
        record = {
            "parameters": parameters,
            "notebook": name,
            "ended": ending.reason,
            "limit": ending.limit,
            "points": sum(verdict["points"] for verdict in verdicts.values()),
        }
        return record, verdicts

    def _judge(self, lab: Lab, records: Records) -> dict[str, dict[str, Any]]:
        """Judge the recorded answers; one that ends the judge fails, and the others are still judged."""
        verdicts: dict[str, dict[str, Any]] = {}
        open_ones = [exercise.name for exercise in self._spec.exercises]

        def take(message: Message) -> None:
            if message.kind == "verdict" and message.content.get("exercise") in open_ones:
                verdicts[message.content["exercise"]] = message.content

        while open_ones := [name for name in open_ones if name not in verdicts]:
            job = {
                "lab": self._spec.name,
                "parameters": dict(lab.context.parameters),
                "probe_seed": lab.context.probe_seed,
                "exercises": open_ones,
                "records": {name: records[name] for name in open_ones if name in records},
                "hidden": str(self._settings.instructor),
            }
            ending = self._scorer.run(job, _SCORING, take)
            if ending.limit == "fault" and not verdicts:
                raise SandboxError(f"nothing could be judged, which is no student's fault: {ending.reason}")
            stuck = next((name for name in open_ones if name not in verdicts), None)
            if stuck is not None:
                reason = f"its answer could not be judged: {ending.reason}"
                verdicts[stuck] = {"exercise": stuck, "status": "failed", "points": 0, "found": reason}
        return verdicts


def _up_to_the_last_check(cells: list[tuple[str, str]]) -> list[tuple[str, str]]:
    checks = [place for place, (identity, _) in enumerate(cells) if identity.startswith("check-")]
    return cells[: checks[-1] + 1] if checks else cells


def _ignore(message: Message) -> None:
    """Take a message and do nothing."""


def _shared_cache() -> list[Path]:
    """Return the folders of the cache that every run may read: sounds and features, no personal data."""
    folders = [storage.cache_folder() / name for name in course().shared_cache]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    return folders


def _warm_up(wanted: bool) -> dict[str, str]:
    """Return the variable that makes a sandbox do what the course does ahead of some labs."""
    return {warmup.WARM_UP: "yes"} if wanted else {}


def _nothing(parameters: Mapping[str, Any]) -> None:
    """Prepare nothing."""


@functools.lru_cache(maxsize=4)
def release_of(path: Path) -> Any:
    """Return the students' version of a lab, read once."""
    import nbformat

    return nbformat.read(path, as_version=4)


_graders: dict[Settings, _Grader] = {}


def _grader(settings: Settings) -> _Grader:
    """Return this process's grader; one of other settings is closed."""
    if settings not in _graders:
        close_graders()
        _graders[settings] = _Grader(settings)
    return _graders[settings]


def close_graders() -> None:
    """End the sandboxes of this process."""
    while _graders:
        _graders.popitem()[1].close()


atexit.register(close_graders)
