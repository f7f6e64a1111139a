"""A lab in grading mode: `lab.check` records the answers and judges nothing."""

from __future__ import annotations

import pickle
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from labs_engine.declare.context import Context
from labs_engine.declare.framework import Failure, LabSpec, Verdict, collect
from labs_engine.declare.plain_data import AnswerProblem, NotData, Unattempted
from labs_engine.grade.in_sandbox.encoding import encode
from labs_engine.session.cards import Card
from labs_engine.session.lab import Lab, open_with

# Takes the record of an answer, and its parts.
Tell = Callable[[dict[str, Any], list[bytes]], None]


@dataclass(frozen=True)
class Asked:
    """A lab as a sandbox knows it.

    Attributes:
        spec: The declaration without judges, mistakes and hints.
        parameters: Every parameter of this run.
        probe_seed: Seed of the run's probes.
    """

    spec: LabSpec
    parameters: dict[str, Any]
    probe_seed: int


@dataclass(frozen=True)
class Fixed:
    """Probes that were computed outside.

    Attributes:
        pickled: One tuple of arguments a call.
    """

    pickled: bytes

    def __call__(self, ctx: Context) -> tuple[tuple[Any, ...], ...]:
        """Return them as they were made: a check that runs twice must not get a network that it has trained."""
        return pickle.loads(self.pickled)


def unknown_to_the_sandbox(answers: SimpleNamespace, ctx: Context) -> Failure | None:
    """Stand in for a judge."""
    raise NotImplementedError("answers are judged outside")


class RecordedLab(Lab):
    """The lab that a submission works with while it is graded."""

    def __init__(self, asked: Asked, tell: Tell) -> None:
        super().__init__(asked.spec, asked.parameters)
        self._context = Context(asked.parameters, asked.probe_seed)
        self._tell = tell

    def check(self, exercise: str, /, **answers: Any) -> Card:
        """Collect the answers of one TODO and record them."""
        spec = self.spec.exercise(exercise)
        record, parts = self._collected(exercise, answers)
        self._tell({"exercise": exercise, **record}, parts)
        attempted = record["status"] != "unattempted"
        # Cells that build on an answer run as far as they get, whether it is right or wrong.
        self._verdicts[exercise] = Verdict(exercise, "passed" if attempted else "unattempted")
        number = self.spec.todo(exercise)
        return Card(
            "info", f"TODO {number} · {spec.title}: {'recorded' if attempted else 'not attempted'}", []
        )

    def _collected(self, exercise: str, answers: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        try:
            content, parts = encode(collect(self.spec.exercise(exercise), answers, self._context))
        except Unattempted:
            return {"status": "unattempted"}, []
        except AnswerProblem as problem:
            return {
                "status": "problem",
                "expected": problem.expected[:1000],
                "found": problem.found[:1000],
            }, []
        except NotData as problem:
            return {
                "status": "problem",
                "expected": "an answer that is data",
                "found": str(problem)[:1000],
            }, []
        except Exception as error:  # an attempt nevertheless: the report must not say that there was none
            found = f"{type(error).__name__}: {error}"[:1000]
            return {"status": "problem", "expected": "an answer that can be recorded", "found": found}, []
        return {"status": "answered", "answers": content}, parts


def record_labs(asked: Asked, tell: Tell) -> None:
    """Let `open_lab` open the lab that is graded, whatever it is asked for.

    Args:
        asked: The lab and its run.
        tell: Takes what is recorded.
    """

    def opened(_: str, namespace: MutableMapping[str, Any]) -> Lab:
        namespace.update(asked.parameters)
        return RecordedLab(asked, tell)

    open_with(opened)
