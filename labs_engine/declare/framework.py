"""Exercises, declared once: what is asked, what must hold, which mistakes are recognised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np

from labs_engine.declare.comparison import compare, shows
from labs_engine.declare.context import Context
from labs_engine.declare.parameters import Parameter
from labs_engine.declare.plain_data import AnswerProblem, Unattempted

Status = Literal["passed", "failed", "unattempted", "waiting", "broken"]


@dataclass(frozen=True)
class Failure:
    """Why an answer does not hold.

    Attributes:
        expected: What must hold, in words that do not give the answer away.
        found: What the answer is instead.
        fallback_hint: Where to look, if the exercise's own pointer is not the best place.
    """

    expected: str
    found: str
    fallback_hint: str = ""


__all__ = [
    "Context",
    "Exercise",
    "Failure",
    "LabSpec",
    "Mistake",
    "ShortAnswer",
    "Verdict",
    "check",
    "close",
    "collect",
    "judge",
]

Judge = Callable[[SimpleNamespace, Context], Failure | None]


@dataclass(frozen=True)
class Mistake:
    """A known way to go wrong.

    Attributes:
        name: Identifier, counted in the instructor's class page.
        recognises: Tells from the collected answers whether this mistake was made, where comparing with the wrong
            answer cannot.
        hint: What happened and where to look, without the answer.
        wrong: The wrong answers as code, see `comparison.evaluate`, or a list of several ways to make the mistake.
            Answers that it does not name may be anything. Tests try each.
    """

    name: str
    recognises: Callable[[SimpleNamespace, Context], bool] | None = None
    hint: str = ""
    wrong: Any = None

    def __post_init__(self) -> None:
        if self.recognises is None and self.wrong is None:
            raise TypeError(f"mistake {self.name!r} needs a wrong answer, or a function that recognises it")

    def is_shown(
        self, exercise: Exercise, answers: SimpleNamespace, ctx: Context, *, loosely: bool = False
    ) -> bool:
        """Tell whether answers show this mistake.

        Args:
            exercise: The exercise that they answer.
            answers: The collected answers, which are not right.
            ctx: The run.
            loosely: Whether there may be other faults behind it, see `comparison.shows`.
        """
        if self.recognises is not None:
            return not loosely and self.recognises(answers, ctx)
        return shows(exercise.answers, exercise.right, self.wrong, answers, ctx, loosely=loosely)


@dataclass(frozen=True)
class Exercise:
    """One TODO of a lab.

    Attributes:
        name: Identifier, used in `lab.check(name, ...)`.
        title: What is asked, in a few words.
        points: Points for a full answer.
        answers: The kind of each answer, by the keyword argument of `lab.check`.
        judge: Returns None if the answers hold, else what is wrong; needed only where `right` cannot say it.
        mistakes: Known mistakes, the most specific first.
        fallback_hint: Where to look when no known mistake is recognised.
        needs: Exercises whose answers this one builds on.
        right: The right answers as code, see `comparison.evaluate`.
        expects: What must hold, in words that do not give the answer away, where the kinds do not say it.
    """

    name: str
    title: str
    points: int
    answers: Mapping[str, Any]
    judge: Judge | None = None
    mistakes: Sequence[Mistake] = ()
    fallback_hint: str = ""
    needs: tuple[str, ...] = ()
    right: Any = None
    expects: str = ""

    def __post_init__(self) -> None:
        if self.judge is None and self.right is None:
            raise TypeError(f"exercise {self.name!r} needs its right answer, or a judge")

    def find_wrong(self, answers: SimpleNamespace, ctx: Context) -> Failure | None:
        """Return what is wrong with collected answers, or None."""
        if self.judge is not None:
            return self.judge(answers, ctx)
        found = compare(self.answers, self.right, answers, ctx)
        if found is None:
            return None
        name, difference = found
        shown = f"{name}: {difference.found}" if len(self.answers) > 1 else difference.found
        expected = difference.expected or self.expects or f"another {name}"
        return Failure(expected, shown, difference.hint)


@dataclass(frozen=True)
class ShortAnswer:
    """A question answered in prose and graded manually.

    Attributes:
        name: Identifier; the answer's cell carries the tag `answer-NAME`.
        points: Points for a full answer.
    """

    name: str
    points: int


@dataclass(frozen=True)
class LabSpec:
    """A lab: its parameters, exercises and questions.

    Attributes:
        number: Two digits, '01'.
        slug: The file name without number and ending.
        title: As the heading of the notebook shows it.
        summary: One sentence for lists and index pages.
        parameters: Everything a run can set.
        exercises: In the order in which the notebook asks them.
        questions: Short-answer questions, in order.
    """

    number: str
    slug: str
    title: str
    summary: str
    parameters: tuple[Parameter, ...]
    exercises: tuple[Exercise, ...]
    questions: tuple[ShortAnswer, ...] = ()

    @property
    def name(self) -> str:
        """The lab's file name without ending, '01_synthetic_regression'."""
        return f"{self.number}_{self.slug}"

    def exercise(self, name: str) -> Exercise:
        """Return the exercise of that name.

        Raises:
            KeyError: There is none; the message names those that exist.
        """
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        known = ", ".join(exercise.name for exercise in self.exercises)
        raise KeyError(f"lab {self.number} has no exercise {name!r}; it has: {known}")

    def todo(self, name: str) -> int:
        """Return the number under which the notebook asks the exercise, from 1."""
        return self.exercises.index(self.exercise(name)) + 1


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes:
        exercise: The exercise's name.
        status: passed, failed, unattempted, waiting (for another TODO), or broken
            (the check itself failed: the course's fault, not the student's).
        points: Points earned.
        expected: What must hold.
        found: What was found.
        hint: What happened and where to look.
        mistake: The name of the recognised mistake.
        waits_for: Exercises to be done first.
    """

    exercise: str
    status: Status
    points: int = 0
    expected: str = ""
    found: str = ""
    hint: str = ""
    mistake: str = ""
    waits_for: tuple[str, ...] = field(default=())


def collect(exercise: Exercise, given: Mapping[str, Any], ctx: Context) -> SimpleNamespace:
    """Turn the student's objects into plain data.

    Args:
        exercise: What they answer.
        given: The objects by keyword.
        ctx: The run's context.

    Returns:
        The collected answers as attributes.

    Raises:
        Unattempted: One of them is still the placeholder.
        AnswerProblem: One of them is not of the kind asked for.
        TypeError: The keywords are not those of the exercise.
    """
    if set(given) != set(exercise.answers):
        wanted = ", ".join(f"{name}=..." for name in exercise.answers)
        raise TypeError(f"this check is called as lab.check({exercise.name!r}, {wanted})")
    if any(value is ... for value in given.values()):
        raise Unattempted
    collected = SimpleNamespace()
    for name, kind in exercise.answers.items():
        try:
            setattr(collected, name, kind.collect(given[name], ctx))
        except AnswerProblem as problem:
            raise AnswerProblem(f"{name}: {problem.expected}", problem.found) from None
    return collected


def judge(exercise: Exercise, answers: SimpleNamespace, ctx: Context) -> Verdict:
    """Judge collected answers: the same code in the notebook and in grading.

    A check that raises is reported as broken, because a student must never see its traceback, and the instructor must
    learn of it.
    """
    try:
        wrong = exercise.find_wrong(answers, ctx)
        if wrong is None:
            return Verdict(exercise.name, "passed", exercise.points)
        mistake = find_mistake(exercise, answers, ctx)
    except Exception as error:
        return Verdict(exercise.name, "broken", found=f"{type(error).__name__}: {error}")
    return Verdict(
        exercise.name,
        "failed",
        expected=wrong.expected,
        found=wrong.found,
        hint=mistake.hint if mistake else wrong.fallback_hint or exercise.fallback_hint,
        mistake=mistake.name if mistake else "",
    )


def find_mistake(exercise: Exercise, answers: SimpleNamespace, ctx: Context) -> Mistake | None:
    """Return the mistake that wrong answers show: the first that explains them fully, else one among other faults."""
    for loosely in (False, True):
        for mistake in exercise.mistakes:
            if mistake.is_shown(exercise, answers, ctx, loosely=loosely):
                return mistake
    return None


def check(exercise: Exercise, given: Mapping[str, Any], ctx: Context) -> Verdict:
    """Collect and judge the answers of one exercise."""
    try:
        answers = collect(exercise, given, ctx)
    except Unattempted:
        return Verdict(exercise.name, "unattempted")
    except AnswerProblem as problem:
        return Verdict(
            exercise.name,
            "failed",
            expected=problem.expected,
            found=problem.found,
            hint=exercise.fallback_hint,
        )
    return judge(exercise, answers, ctx)


def close(a: Any, b: Any, rtol: float = 1e-4, atol: float = 1e-6) -> bool:
    """Tell whether two answers agree in shape and value; never raises on a shape.

    Example:
        >>> close([1.0, 2.0], [1.00001, 2.0]), close([1.0, 2.0], [[1.0, 2.0]])
        (True, False)
    """
    first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return first.shape == second.shape and bool(np.allclose(first, second, rtol=rtol, atol=atol))
