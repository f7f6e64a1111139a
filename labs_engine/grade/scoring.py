"""Scoring recorded answers: decoded as data, judged by the lab's own checks and by hidden ones.

It runs in a second sandbox, which holds the whole course and none of the submission's code: even an answer that
exploits a hole in the libraries finds no network, no place to store anything, and no other score.
"""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from labs_engine.declare.context import Context
from labs_engine.declare.course import course, find_lab
from labs_engine.declare.framework import Exercise, Failure, Verdict, judge
from labs_engine.declare.plain_data import NotData
from labs_engine.grade.in_sandbox.encoding import decode
from labs_engine.grade.in_sandbox.protocol import send
from labs_engine.grade.in_sandbox.warmup import prepare_for_lab

# A hidden check takes and returns the same as a judge.
Hidden = Callable[[SimpleNamespace, Context], Failure | None]


def prepare() -> None:
    """Load what judging needs; called once, before anything is forked."""
    prepare_for_lab()
    course().call("before_judging")


def run(job: dict[str, Any], out: int) -> None:
    """Judge the answers of one run, and send a verdict for each exercise.

    Args:
        job: `lab`, `parameters`, `probe_seed`; `exercises`, the names of those to judge; `records`, by exercise the
            sandbox's record and its parts; `hidden`, the file of the lab's hidden checks, or ''.
        out: Where messages go.
    """
    spec = find_lab(job["lab"])
    ctx = Context(job["parameters"], job["probe_seed"])
    hidden = hidden_checks(Path(job["hidden"])) if job["hidden"] else {}
    for exercise in map(spec.exercise, job["exercises"]):
        record, parts = job["records"].get(exercise.name, ({}, ()))
        verdict = verdict_on(exercise, record, parts, ctx, hidden.get(exercise.name))
        send(out, "verdict", dataclasses.asdict(verdict))


def verdict_on(
    exercise: Exercise, record: Mapping[str, Any], parts: Any, ctx: Context, hidden: Hidden | None = None
) -> Verdict:
    """Judge what was recorded for one exercise.

    Args:
        exercise: The exercise.
        record: What the sandbox recorded: a status, and what goes with it. It may be anything.
        parts: Arrays and models that belong to it.
        ctx: The run.
        hidden: A check that the students do not have.

    Returns:
        The verdict; 'unattempted' where nothing was recorded.
    """
    status = record.get("status")
    if status == "problem":
        expected, found = str(record.get("expected", ""))[:1000], str(record.get("found", ""))[:1000]
        return Verdict(exercise.name, "failed", expected=expected, found=found, hint=exercise.fallback_hint)
    if status != "answered":
        return Verdict(exercise.name, "unattempted")
    try:
        answers = decode(record.get("answers"), parts)
    except Exception as problem:  # whatever a forged answer makes of it
        found = str(problem) if isinstance(problem, NotData) else f"{type(problem).__name__}: {problem}"
        return Verdict(exercise.name, "failed", expected="an answer that is data", found=found[:1000])
    if set(vars(answers)) != set(exercise.answers):
        return Verdict(exercise.name, "failed", expected="the answers that are asked for", found="others")
    verdict = judge(exercise, answers, ctx)
    if verdict.status == "broken":
        # A judge that raises here was given what no notebook could have given it.
        return Verdict(
            exercise.name, "failed", expected="an answer of the kind asked for", found=verdict.found
        )
    if verdict.status != "passed" or hidden is None:
        return verdict
    return _checked_again(verdict, hidden, answers, ctx)


def _checked_again(verdict: Verdict, hidden: Hidden, answers: SimpleNamespace, ctx: Context) -> Verdict:
    """Return the verdict on answers that have passed, after the check that the students do not have."""
    try:
        wrong = hidden(answers, ctx)
    except Exception as error:  # the other exercises are judged all the same
        wrong = Failure("an answer of the kind asked for", f"{type(error).__name__}: {error}"[:300])
    if wrong is None:
        return verdict
    return Verdict(
        verdict.exercise, "failed", expected=wrong.expected, found=wrong.found, hint=wrong.fallback_hint
    )


def hidden_checks(path: Path) -> dict[str, Hidden]:
    """Return the hidden checks of a lab, by exercise."""
    return dict(getattr(grading_module(path), "HIDDEN", {}))


def grading_module(path: Path) -> ModuleType:
    """Load the instructor's side of a lab, `solutions/grading/labNN.py`.

    Raises:
        FileNotFoundError: There is none.
    """
    spec = importlib.util.spec_from_file_location(f"grading_{path.stem}", path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise FileNotFoundError(f"{path} is not there: it says what a graded run of the lab draws")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
