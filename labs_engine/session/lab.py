"""A lab at work in a notebook: parameters, checks, scores, progress."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, MutableMapping
from typing import Any

from labs_engine.declare.answers import Given
from labs_engine.declare.course import Course, find_lab
from labs_engine.declare.framework import Context, LabSpec, Verdict, check
from labs_engine.declare.parameters import resolve
from labs_engine.session.cards import Card, verdict_card
from labs_engine.session.waiting import Waiting, follow


class CheckFailed(Exception):
    """Raised instead of returning a card where only an exception counts (nbgrader)."""


class Lab:
    """An open lab. Made by `open_lab`, used in the notebook as `lab`.

    Attributes:
        spec: The lab's declaration.
        parameters: The resolved parameters of this run.
        data_source: 'synthetic', 'real' or 'standin'; set by `use`.
    """

    def __init__(self, spec: LabSpec, parameters: dict[str, Any]) -> None:
        self.spec = spec
        self.parameters = parameters
        self.data_source = "synthetic"
        self._data_sources: set[str] = set()
        self._verdicts: dict[str, Verdict] = {}
        self._scores: dict[str, dict[str, Any]] = {}
        self._context = Context(parameters, probe_seed=_probe_seed(spec, parameters))

    @property
    def profile(self) -> str:
        """The profile of this run, 'quick' or 'full'."""
        return self.parameters["profile"]

    @property
    def context(self) -> Context:
        """What a check may know beside the answers."""
        return self._context

    def use(self, data: Any) -> Any:
        """Remember which data this lab works on, and show whether they are a stand-in.

        Args:
            data: A data set with the attributes `name`, `standin` and `provenance`.

        Returns:
            The data set.
        """
        self.data_source = "standin" if data.standin else "real"
        self._data_sources.add(self.data_source)
        if data.standin:
            title = f"Stand-in data: {data.name}, synthesised"
            note = "Scores on them say nothing about the real recordings."
            Card("notice", title, [("", data.provenance), ("", note)]).show()
        else:
            Card("info", f"Real data: {data.name}", [("", data.provenance)]).show()
        return data

    def check(self, exercise: str, /, **answers: Any) -> Card:
        """Check the answers to one TODO.

        Args:
            exercise: The exercise's name.
            **answers: What you made, by the names that the exercise asks for.

        Returns:
            A card that says passed, or what was expected, what was found and where to look.

        Raises:
            KeyError: The lab has no exercise of that name.
            TypeError: The keywords are not those of the exercise.
            CheckFailed: Under nbgrader, when the answer does not pass.
        """
        spec = self.spec.exercise(exercise)
        verdict = check(spec, answers, self._context)
        waiting = self._open(spec.needs)
        if verdict.status == "unattempted" and waiting:
            verdict = Verdict(exercise, "waiting", waits_for=waiting)
        self._verdicts[exercise] = verdict
        card = verdict_card(self.spec.todo(exercise), spec, verdict, self._todos(waiting))
        # nbgrader gives the points of a cell that raises nothing, so here a wrong answer must raise.
        if verdict.status != "passed" and os.environ.get("NBGRADER_EXECUTION"):
            raise CheckFailed(card.text())
        return card

    def waiting(self, namespace: MutableMapping[str, Any]) -> Waiting:
        """Return what decides which cells of a notebook run at this stage."""
        makes = {
            exercise.name: tuple(
                name for name, kind in exercise.answers.items() if not isinstance(kind, Given)
            )
            for exercise in self.spec.exercises
        }
        return Waiting(makes, namespace, self._show_skipped, self._show_failed)

    def _show_skipped(self, exercises: tuple[str, ...]) -> None:
        Card("waiting", f"This cell waits for {self._todos(exercises)}").show()

    def _show_failed(self, exercises: tuple[str, ...]) -> None:
        if not_passed := self._open(exercises):
            Card("notice", f"This cell uses what has not passed its check: {self._todos(not_passed)}").show()

    def score(self, name: str, value: float, *, digits: int = 4, spread: float | None = None) -> Card:
        """Report a figure of this run; it appears in the result table of `labs run`.

        Args:
            name: What was measured and on what, 'validation accuracy'.
            value: The figure.
            digits: Digits shown behind the point; a figure too small or too large for them is
                shown as a power of ten.
            spread: Standard deviation over seeds or folds.

        Returns:
            A card with the figure and what it was measured on.
        """
        self._scores[name] = {
            "value": float(value),
            "spread": None if spread is None else float(spread),
            "data_source": self.data_source,
        }
        text = _figure(value, digits) + ("" if spread is None else f" ± {_figure(spread, digits)}")
        return Card("info", f"{name}: {text}", [("Measured on", self._conditions())])

    def finish(self) -> Card:
        """Show the progress: points so far and open TODOs. Called at the end of every lab."""
        total = sum(exercise.points for exercise in self.spec.exercises)
        earned = sum(verdict.points for verdict in self._verdicts.values())
        names = [exercise.name for exercise in self.spec.exercises]
        todo = self._open(tuple(names))
        lines = [("Open", self._todos(todo) if todo else "nothing")]
        if self.spec.questions:
            points = sum(question.points for question in self.spec.questions)
            lines.append(("Manually graded", f"{len(self.spec.questions)} short answers, {points} points"))
        record = {
            "lab": self.spec.name,
            "parameters": self.parameters,
            "data_source": self.data_source,
            # All that the lab used, because it decides what of a run may be published.
            "data_sources": sorted(self._data_sources),
            "points": earned,
            "points_possible": total,
            "exercises": {
                name: self._verdicts[name].status if name in self._verdicts else "unattempted"
                for name in names
            },
            # A list, because a notebook file sorts the keys of a mapping.
            "scores": [{"name": name, **score} for name, score in self._scores.items()],
        }
        title = f"Lab {self.spec.number}: {earned} of {total} points so far"
        return Card("passed" if not todo else "info", title, lines, record)

    def _conditions(self) -> str:
        data = {"standin": "stand-in data (synthesised)", "real": "real recordings"}
        return f"{data.get(self.data_source, 'synthetic data')}, {self.profile} profile"

    def _open(self, exercises: tuple[str, ...]) -> tuple[str, ...]:
        passed = {name for name, verdict in self._verdicts.items() if verdict.status == "passed"}
        return tuple(name for name in exercises if name not in passed)

    def _todos(self, names: tuple[str, ...]) -> str:
        return ", ".join(f"TODO {self.spec.todo(name)} ({self.spec.exercise(name).title})" for name in names)


_instead: Callable[[str, MutableMapping[str, Any]], Lab] | None = None


def open_with(opener: Callable[[str, MutableMapping[str, Any]], Lab]) -> None:
    """Replace how this process opens labs: grading records answers instead of judging them."""
    global _instead
    _instead = opener


def open_lab(course: Course, name: str, namespace: MutableMapping[str, Any]) -> Lab:
    """Open a lab with the parameters of the notebook.

    Parameters that the profile decides (their value is None) are filled in, in the
    notebook itself: afterwards the variables hold the values of this run.

    Args:
        course: The course.
        name: Number or name of the lab.
        namespace: The notebook's variables, `globals()`.

    Returns:
        The open lab.

    Raises:
        UnknownLab: There is no such lab.
        ParameterError: A parameter is missing or has a value that it cannot take.
    """
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    notes = [] if shell is None else course.call("at_open") or []
    lab = _opened(course, name, namespace, notes) if _instead is None else _instead(name, namespace)
    if shell is not None:
        follow(shell, lab.waiting(namespace))
    return lab


def _opened(course: Course, name: str, namespace: MutableMapping[str, Any], notes: list[str]) -> Lab:
    spec = find_lab(name, course)
    given = {p.name: namespace[p.name] for p in spec.parameters if p.name in namespace}
    parameters = resolve(spec.parameters, given)
    namespace.update(parameters)
    decided = [f"{p.name} = {parameters[p.name]}" for p in spec.parameters if p.by_profile]
    profile = parameters["profile"]
    lines = [("", "Set by the profile: " + ", ".join(decided))] if decided else []
    lines += [("", note) for note in notes]
    Card("info", f"Lab {spec.number} · {spec.title} · {profile} profile", lines).show()
    return Lab(spec, parameters)


def _figure(value: float, digits: int) -> str:
    number = float(value)
    fits = number == 0 or 0.5 * 10**-digits <= abs(number) < 1e6 or not math.isfinite(number)
    return f"{number:.{digits}f}" if fits else f"{number:.2e}"


def _probe_seed(spec: LabSpec, parameters: dict[str, Any]) -> int:
    """Derive the seed of the probe inputs from the whole run, so that other parameters give other probes."""
    text = repr((spec.name, sorted(parameters.items(), key=lambda item: item[0])))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
