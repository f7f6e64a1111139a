"""Judging by comparison: from an exercise's right and wrong answers, as code, to verdicts.

An exercise names its right answer, and each of its mistakes a wrong one, as code: for a function that students
write, a function of the same arguments; for anything else, a function of the run that returns the value. Both are
collected as a student's answer is. An answer is right if it equals the right one, and shows a mistake if it equals
the mistake's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_engine.declare.answers import Difference, Function, Given, parts_difference
from labs_engine.declare.context import Context

Code = Any  # see `evaluate`


@dataclass(frozen=True, eq=False)
class Run(Context):
    """What right and wrong answers are computed from: parameters, probe inputs, and the student's other answers.

    Attributes:
        given: The student's answers; those of the kind `Given` may be built upon.
    """

    given: SimpleNamespace | None = None


@dataclass(frozen=True)
class FromRun:
    """A function, right or wrong, that needs the run beside its arguments.

    Attributes:
        make: From the run to the function.
    """

    make: Callable[[Run], Callable[..., Any]]


def evaluate(kinds: Mapping[str, Any], code: Code, given: SimpleNamespace, ctx: Context) -> dict[str, Any]:
    """Compute answers from code, and collect them as a student's answers are.

    Args:
        kinds: The kind of each answer.
        code: By answer, a function of the student's arguments for a `Function`, else a value or a function of the
            run that returns it. Where there is only one answer, its code alone; where there are several, also a
            function of the run that returns all.
        given: The student's answers, collected.
        ctx: The run.

    Returns:
        Collected answers by name, of those for which there is code.

    Raises:
        AnswerProblem: The code gives something that is not of the kind.
        Exception: Whatever the code raises.
    """
    run = Run(ctx.parameters, ctx.probe_seed, given)
    with np.errstate(all="ignore"):
        values = code_under(kinds, code, run)
        return {name: kinds[name].of_code(value, run) for name, value in values.items()}


def code_under(kinds: Mapping[str, Any], code: Code, run: Run) -> dict[str, Any]:
    """Return what code stands for under a run, by answer: a function for a `Function`, else a value.

    Args:
        kinds: The kind of each answer.
        code: See `evaluate`.
        run: The run.
    """
    if not isinstance(code, Mapping):
        asked = [name for name, kind in kinds.items() if not isinstance(kind, Given)]
        code = {asked[0]: code} if len(asked) == 1 else code(run)
    return {name: _resolved(kinds[name], one, run) for name, one in code.items()}


def _resolved(kind: Any, code: Code, run: Run) -> Any:
    if isinstance(code, FromRun):
        return code.make(run)
    return code(run) if callable(code) and not isinstance(kind, Function) else code


def shows(
    kinds: Mapping[str, Any],
    right: Code,
    wrong: Code,
    answers: SimpleNamespace,
    ctx: Context,
    *,
    loosely: bool = False,
) -> bool:
    """Tell whether answers are those that a mistake gives.

    Args:
        kinds: The kind of each answer.
        right: The right answers as code.
        wrong: The mistake's answers as code, or a list of several; answers that it does not name may be anything.
        answers: The student's, collected.
        ctx: The run.
        loosely: Whether it is enough that the answer's first difference from the right one is the mistake's, whatever
            else is wrong with it; see `Kind.partly`.
    """
    if loosely and not any(map(_tells_faults, kinds.values())):
        return False  # there is nothing to compare loosely, and the strict comparison has been made
    against = {}
    if loosely and right is not None and not isinstance(right, list):
        against = evaluate(kinds, right, answers, ctx)
    for variant in wrong if isinstance(wrong, list) else [wrong]:
        try:
            expected = evaluate(kinds, variant, answers, ctx)
        except Exception:  # the mistake cannot be made on these probes, under these parameters
            continue
        if all(
            _same_fault(kinds[name], getattr(answers, name), value, against.get(name), ctx)
            for name, value in expected.items()
        ):
            return True
    return False


def _same_fault(kind: Any, given: Any, wrong: Any, right: Any, ctx: Context) -> bool:
    """Tell whether an answer equals a wrong one or, if its kind distinguishes faults, has the same first fault."""
    if wrong is ... or right is None or not _tells_faults(kind):
        return parts_difference(kind, given, wrong, ctx) is None
    if isinstance(kind, Function):
        cases = zip(given, wrong, right, strict=True)
        return all(_same_fault(kind.returns, *case, ctx) for case in cases)
    if isinstance(kind, tuple):
        return all(_same_fault(*part, ctx) for part in zip(kind, given, wrong, right, strict=True))
    return kind.difference(given, right, ctx) == kind.difference(wrong, right, ctx)


def _tells_faults(kind: Any) -> bool:
    parts = kind.returns if isinstance(kind, Function) else kind
    return any(part.partly for part in (parts if isinstance(parts, tuple) else (parts,)))


def compare(
    kinds: Mapping[str, Any], right: Code, answers: SimpleNamespace, ctx: Context
) -> tuple[str, Difference] | None:
    """Return the name of the first answer that is not right, and where it differs, or None.

    Args:
        kinds: The kind of each answer.
        right: The right answers as code, or a list of several sets of answers that are all right.
        answers: The student's, collected.
        ctx: The run.

    Returns:
        For several sets, how the answers differ from the first of them.
    """
    found = [_compare(kinds, code, answers, ctx) for code in (right if isinstance(right, list) else [right])]
    return None if None in found else found[0]


def _compare(
    kinds: Mapping[str, Any], right: Code, answers: SimpleNamespace, ctx: Context
) -> tuple[str, Difference] | None:
    for name, value in evaluate(kinds, right, answers, ctx).items():
        if difference := parts_difference(kinds[name], getattr(answers, name), value, ctx):
            return name, difference
    return None
