"""Judging by comparison: from an exercise's right and wrong answers, as code, to verdicts.

An exercise names its right answer, and each of its mistakes a wrong one, as code: for a function that students
write, a function of the same arguments; for anything else, a function of the run that returns the value. Both are
collected as a student's answer is. An answer is right if it equals the right one, and shows a mistake if it equals
the mistake's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_lib.exercises.answers import Each, Function, Given, Model, Pieces, Rows, Stopper, Text
from labs_lib.exercises.context import Context
from labs_lib.exercises.layers import Difference, Network, network_difference

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
        return {name: _evaluated(kinds[name], value, run) for name, value in values.items()}


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


def _evaluated(kind: Any, value: Any, run: Run) -> Any:
    if not isinstance(kind, Function):
        return _collected(kind, value, run)
    return [_collected(kind.returns, value(*probe), run) for probe in kind.probes(run)]


def _collected(kind: Any, value: Any, run: Run) -> Any:
    """Collect what code gives: a mistake may leave it open, and a network may be a table of layers."""
    if isinstance(kind, tuple):
        return tuple(_collected(*part, run) for part in zip(kind, value, strict=True))
    return value if value is ... or isinstance(value, Network) else kind.collect(value, run)


def find_difference(kind: Any, given: Any, right: Any, ctx: Context) -> Difference | None:
    """Return where an answer differs from another, or None.

    Args:
        kind: Its kind, with tolerances.
        given: The answer, collected.
        right: The other one, collected; what is `...` in it is not looked at.
        ctx: The run.
    """
    if right is ...:
        return None
    match kind:
        case Function() if isinstance(given, str) or isinstance(right, str):  # an error that is an answer
            return (
                None if given is right else Difference("an error" if isinstance(given, str) else "no error")
            )
        case Function():
            probes = kind.probes(ctx)
            return _first(_on_probe(kind, *case, ctx) for case in zip(given, right, probes, strict=True))
        case tuple():
            return _first(find_difference(*part, ctx) for part in zip(kind, given, right, strict=True))
        case Each() | Pieces() if len(given) != len(right):
            return Difference(f"{len(given)} of them", f"{len(right)} of them")
        case Each():
            return _first(find_difference(kind.kind, *pair, ctx) for pair in zip(given, right, strict=True))
        case Pieces():
            return _first(_numbers_differ(kind, *pair) for pair in zip(given, right, strict=True))
        case Model():
            return network_difference(given, right)
        case Rows():
            return _rows_differ(given, right)
        case Stopper():
            return _first(
                Difference(f"{name} = {given[name]}", f"{name} = {value}")
                for name, value in right.items()
                if given[name] != value
            )
        case Text():
            return None if given == right else Difference(repr(given), kind.what)
        case _:
            return _numbers_differ(kind, np.asarray(given), np.asarray(right))


def _first(differences: Iterable[Difference | None]) -> Difference | None:
    return next((difference for difference in differences if difference), None)


def _on_probe(
    kind: Function, given: Any, right: Any, probe: tuple[Any, ...], ctx: Context
) -> Difference | None:
    difference = find_difference(kind.returns, given, right, ctx)
    if difference is None:
        return None
    shown = ", ".join(filter(None, map(_short, probe)))  # arrays say nothing in a line
    return Difference(f"{difference.found} for {shown}", difference.expected) if shown else difference


def _short(argument: Any) -> str:
    """Return an argument in a few characters, or nothing."""
    text = f"{argument:.6g}" if isinstance(argument, float | np.floating) else repr(argument)
    return text if len(text) <= 40 and not isinstance(argument, np.ndarray) and "<" not in text else ""


def _rows_differ(given: np.ndarray, right: np.ndarray) -> Difference | None:
    if np.array_equal(given, right):
        return None
    missing, extra = np.setdiff1d(right, given).size, np.setdiff1d(given, right).size
    if not missing and not extra:
        return Difference("a row more than once", "each row once")
    return Difference(f"{len(given)} rows, of which {extra} do not belong there, and {missing} missing")


_SMALL = 6  # numbers that are told together


def _numbers_differ(kind: Any, given: np.ndarray, right: np.ndarray) -> Difference | None:
    first, second = given.astype(float), right.astype(float)
    same_shape = first.shape == second.shape
    if same_shape and np.allclose(first, second, rtol=kind.rtol, atol=kind.atol, equal_nan=True):
        return None
    if first.ndim <= 1 and first.size <= _SMALL:
        values = [f"{value:.6g}" for value in first.reshape(-1)]
        return Difference(values[0] if first.ndim == 0 else f"({', '.join(values)})", kind.what)
    if not same_shape:
        return Difference(f"shape {first.shape}", f"shape {second.shape}")
    with np.errstate(invalid="ignore"):
        off = np.where(np.isnan(first) & np.isnan(second), 0.0, np.abs(first - second))
    at = np.unravel_index(int(np.argmax(np.nan_to_num(off, nan=np.inf))), first.shape)
    return Difference(f"{first[at]:.5g} at [{', '.join(map(str, at))}]", kind.what)


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
        loosely: Whether it is enough for a network to differ from the right one first as the mistake's does,
            whatever else is wrong with it. Answers without networks never show a mistake loosely.
    """
    if loosely and not any(map(_has_networks, kinds.values())):
        return False  # there is nothing to be loose about: it was compared already
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
    """Tell whether an answer is a wrong one, or, for a network, differs from the right one first as that does."""
    if wrong is ... or right is None or not _has_networks(kind):
        return find_difference(kind, given, wrong, ctx) is None
    if isinstance(kind, Function):
        cases = zip(given, wrong, right, strict=True)
        return all(_same_fault(kind.returns, *case, ctx) for case in cases)
    if isinstance(kind, tuple):
        return all(_same_fault(*part, ctx) for part in zip(kind, given, wrong, right, strict=True))
    return network_difference(given, right) == network_difference(wrong, right)


def _has_networks(kind: Any) -> bool:
    parts = kind.returns if isinstance(kind, Function) else kind
    return any(isinstance(part, Model) for part in (parts if isinstance(parts, tuple) else (parts,)))


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
        if difference := find_difference(kinds[name], getattr(answers, name), value, ctx):
            return name, difference
    return None
