"""What holds for the exercises of every lab, tested on the worked solution itself.

A lab's test module names parameter sets and, for each declared mistake, how to turn the
right answer into that mistake; `make_tests` turns them into the tests.
"""

from __future__ import annotations

import ast
import builtins
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import Any, Literal

import pytest
from changed_rows import changed_rows, same_effect

from labs_engine.build.derive import read_source
from labs_engine.build.project import Published, find_project
from labs_engine.declare.answers import Function
from labs_engine.declare.comparison import Run, code_under
from labs_engine.declare.course import find_lab
from labs_engine.declare.drawings import Shows
from labs_engine.declare.framework import (
    Context,
    Exercise,
    LabSpec,
    Mistake,
    Verdict,
    check,
    collect,
    judge,
)
from labs_engine.declare.parameters import resolve
from labs_engine.grade.in_sandbox.encoding import encode
from labs_engine.grade.scoring import grading_module, verdict_on
from labs_engine.session.lab import Lab
from labs_engine.session.waiting import changes_of, names_of
from labs_lib.kinds.models import Model
from labs_lib.models.table import Network
from labs_lib.notebook import accelerate_fit

Answers = dict[str, Any]


@dataclass(frozen=True)
class Solved:
    """The worked solution, executed under some parameters.

    Attributes:
        lab: The lab's declaration.
        context: The context of its checks.
        answers: What the solution passed to each check, by exercise.
        namespace: The notebook's variables at the end.
        scores: The scores that it reported.
    """

    lab: LabSpec
    context: Context
    answers: Mapping[str, Answers]
    namespace: Mapping[str, Any]
    scores: Sequence[dict[str, Any]]


Extent = Literal["all", "checks", "answers"]
Mutation = Callable[[Answers, Solved], Answers]


class _RecordingLab(Lab):
    def __init__(self, spec: LabSpec, parameters: dict[str, Any]) -> None:
        super().__init__(spec, parameters)
        self.recorded: dict[str, Answers] = {}

    def check(self, exercise: str, /, **answers: Any) -> Any:
        self.recorded[exercise] = answers
        return super().check(exercise, **answers)


def _leading_to_answers(cells: Sequence[Any]) -> list[Any]:
    """Return the cells of TODOs and checks, with those from which they take what they read."""
    needed: set[str] = set()
    kept = []
    for cell in reversed(cells):
        tree = ast.parse(cell.source)
        reads, makes = names_of(tree)
        if cell.id.startswith(("todo-", "check-")) or needed & (makes | changes_of(tree)):
            kept.append(cell)
            needed |= reads
    return kept[::-1]


@functools.cache
def solve(number: str, given: tuple[tuple[str, Any], ...], extent: Extent) -> Solved:
    """Execute the worked solution of a lab in this process.

    Args:
        number: The lab's number.
        given: The parameters that differ from the notebook's own, sorted by name.
        extent: 'all' of the notebook, or up to the last check ('checks'), or what leads to the answers alone
            ('answers'), without the training of networks that no check asks about.
    """
    import matplotlib.pyplot as plt

    accelerate_fit()  # as in an open lab
    spec = find_lab(number)
    project = find_project()
    notebook = read_source(project.source(spec).read_text(encoding="utf-8"), spec, Published())
    parameters = resolve(spec.parameters, dict(given))
    lab = _RecordingLab(spec, parameters)
    namespace: dict[str, Any] = {"__builtins__": builtins, "__name__": "__main__", "lab": lab, **parameters}
    wanted = {exercise.name for exercise in spec.exercises}
    cells = [cell for cell in notebook.cells[4:] if cell.cell_type == "code"]  # without the generated head
    for cell in _leading_to_answers(cells) if extent == "answers" else cells:
        if extent == "all" or set(lab.recorded) != wanted:
            exec(compile(cell.source, f"{spec.name} [{cell.id}]", "exec"), namespace)
            plt.close("all")
    return Solved(spec, lab.context, lab.recorded, namespace, lab.finish().record["scores"])


# What a student may pass instead of an answer: no check may break on any of it.
ODD_VALUES: Sequence[Any] = (
    None,
    True,
    0,
    -1.5,
    float("nan"),
    "text",
    [],
    [1, 2, 3],
    [[1, 2], [3]],
    {},
    {"loss": [1.0]},
    object(),
    int,
    lambda *arguments: None,
    lambda *arguments: 1.0,
    lambda *arguments: [0.0] * 5,
)


def wrong_answers(exercise: Exercise, mistake: Mistake, solved: Solved) -> list[Answers]:
    """Return what students hand in who make a mistake that is declared as code: one for each way to make it."""
    right = dict(solved.answers[exercise.name])
    run = Run(solved.context.parameters, solved.context.probe_seed, collect(exercise, right, solved.context))
    variants = mistake.wrong if isinstance(mistake.wrong, list) else [mistake.wrong]
    return [{**right, **_as_student(exercise, variant, right, run)} for variant in variants]


def _as_student(exercise: Exercise, code: Any, right: Answers, run: Run) -> Answers:
    return {
        name: _filled(value, right[name]) if isinstance(exercise.answers[name], Function) else _made(value)
        for name, value in code_under(exercise.answers, code, run).items()
    }


def _made(value: Any) -> Any:
    """Return what a student would have made of a description: a figure, a network."""
    if isinstance(value, Shows):
        return value.draw()
    return value.build() if isinstance(value, Network) else value


def _filled(wrong: Callable[..., Any], right: Callable[..., Any]) -> Callable[..., Any]:
    """Return a wrong function with tables built, and with the right values where it leaves them open."""

    def function(*arguments: Any) -> Any:
        given = wrong(*arguments)
        if isinstance(given, tuple) and any(part is ... for part in given):
            return tuple(r if part is ... else part for part, r in zip(given, right(*arguments), strict=True))
        return _made(given)

    return function


def make_tests(
    number: str,
    parameter_sets: Sequence[dict[str, Any]],
    mutations: Mapping[tuple[str, str], Mutation] = MappingProxyType({}),
    *,
    later: Extent = "checks",
) -> type:
    """Return the test class of a lab's exercises.

    Args:
        number: The lab's number.
        parameter_sets: At least three sets, small and different in everything that the
            exercises depend on.
        mutations: For each (exercise, mistake) that declares no wrong answer, from the right answers and the solved
            lab to the answers of a student who made that mistake.
        later: How much of the notebook is executed under the second and later sets; all of it under the first.
    """
    spec = find_lab(number)
    frozen = [tuple(sorted(parameters.items())) for parameters in parameter_sets]
    exercises = [exercise.name for exercise in spec.exercises]
    declared = [(e.name, m.name) for e in spec.exercises for m in e.mistakes]
    networks = [e.name for e in spec.exercises if e.right and any(map(_builds_networks, e.answers.values()))]
    by_hand = [(e.name, m.name) for e in spec.exercises for m in e.mistakes if m.wrong is None]

    def solution(given: Any) -> Solved:
        return solve(number, given, "all" if given == frozen[0] else later)

    def made(exercise: str, mistake: str, solved: Solved) -> list[Answers]:
        if (exercise, mistake) in mutations:
            return [mutations[exercise, mistake](dict(solved.answers[exercise]), solved)]
        asked = spec.exercise(exercise)
        return wrong_answers(asked, next(m for m in asked.mistakes if m.name == mistake), solved)

    class TestExercises:
        def test_there_are_three_parameter_sets(self) -> None:
            assert len(set(frozen)) >= 3

        def test_every_declared_mistake_has_a_mutation(self) -> None:
            assert sorted(mutations) == sorted(by_hand)

        @pytest.mark.parametrize("given", frozen, ids=range(len(frozen)))
        def test_the_worked_solution_passes(self, given: Any) -> None:
            solved = solution(given)
            for exercise in spec.exercises:
                verdict = check(exercise, solved.answers[exercise.name], solved.context)
                assert verdict.status == "passed", f"{exercise.name}: {verdict}"
                assert verdict.points == exercise.points

        @pytest.mark.parametrize(("exercise", "mistake"), declared)
        def test_a_mistake_fails_with_its_own_hint(self, exercise: str, mistake: str) -> None:
            solved = solution(frozen[0])
            hint = next(m.hint for m in spec.exercise(exercise).mistakes if m.name == mistake)
            for wrong in made(exercise, mistake, solved):
                verdict = check(spec.exercise(exercise), wrong, solved.context)
                assert (verdict.status, verdict.mistake, verdict.hint) == ("failed", mistake, hint), verdict

        @pytest.mark.parametrize("exercise", networks)
        def test_a_network_with_one_row_changed_fails_with_a_hint_that_names_it(self, exercise: str) -> None:
            asked, ctx = spec.exercise(exercise), Context(resolve(spec.parameters, dict(parameter_sets[0])))
            (name, kind), *_ = asked.answers.items()
            build = code_under(asked.answers, asked.right, Run(ctx.parameters))[name]
            tables = [build(*probe) for probe in kind.probes(ctx)]
            table, others = tables[0], [table.build() for table in tables[1:]]
            for change, network, row in changed_rows(table):
                try:
                    model = network.build()
                except ValueError:  # pictures have become too small: nobody can hand that in
                    continue
                answers = SimpleNamespace(**{name: [model, *others]})
                verdict = judge(asked, answers, ctx)
                if verdict.status == "passed":
                    assert same_effect(table, network), change
                    continue
                assert verdict.status == "failed", f"{change}: {verdict}"
                wrong = asked.find_wrong(answers, ctx)
                assert wrong is not None
                assert row.kind in wrong.fallback_hint, f"{change}: {wrong}"
                assert verdict.mistake or verdict.hint == wrong.fallback_hint

        def test_a_graded_run_finds_the_worked_solution_right(self) -> None:
            solved = solution(frozen[0])
            module = grading_module(find_project().root / "solutions" / "grading" / f"lab{number}.py")
            for exercise in spec.exercises:
                verdict = _graded(exercise, solved.answers[exercise.name], solved, module.HIDDEN)
                assert verdict.status == "passed", f"{exercise.name}: {verdict}"

        @pytest.mark.parametrize(("exercise", "mistake"), declared)
        def test_a_graded_run_recognises_the_same_mistake(self, exercise: str, mistake: str) -> None:
            solved = solution(frozen[1])  # and so under other parameters
            for wrong in made(exercise, mistake, solved):
                verdict = _graded(spec.exercise(exercise), wrong, solved, {})
                assert (verdict.status, verdict.mistake) == ("failed", mistake), verdict

        @pytest.mark.parametrize("exercise", exercises)
        def test_a_hard_coded_answer_passes_at_most_once(self, exercise: str) -> None:
            solved = [solution(given) for given in frozen]
            passed = [
                check(
                    spec.exercise(exercise), _frozen_copy(solved[0].answers[exercise], solved[0]), s.context
                )
                for s in solved
            ]
            assert sum(verdict.status == "passed" for verdict in passed) <= 1

        @pytest.mark.parametrize("exercise", exercises)
        def test_odd_values_never_break_a_check(self, exercise: str) -> None:
            solved = solution(frozen[0])
            right = solved.answers[exercise]
            for name in right:
                for odd in ODD_VALUES:
                    verdict = check(spec.exercise(exercise), {**right, name: odd}, solved.context)
                    assert verdict.status in ("failed", "passed"), f"{name}={odd!r}: {verdict}"
                    if verdict.status == "failed":
                        assert verdict.expected
                        assert verdict.found

        @pytest.mark.parametrize("exercise", exercises)
        def test_the_placeholder_is_unattempted(self, exercise: str) -> None:
            solved = solution(frozen[0])
            for name in solved.answers[exercise]:
                answers = {**solved.answers[exercise], name: ...}
                assert check(spec.exercise(exercise), answers, solved.context).status == "unattempted"

    TestExercises.__qualname__ = f"TestLab{number}"
    return TestExercises


def _builds_networks(kind: Any) -> bool:
    return isinstance(kind, Function) and isinstance(kind.returns, Model)


def _graded(exercise: Exercise, given: Answers, solved: Solved, hidden: Mapping[str, Any]) -> Verdict:
    """Judge answers as grading does: collected, turned into bytes, read from them."""
    content, parts = encode(collect(exercise, given, solved.context))
    told = {"status": "answered", "answers": json.loads(json.dumps(content))}
    return verdict_on(exercise, told, parts, solved.context, hidden.get(exercise.name))


def _frozen_copy(answers: Answers, solved: Solved) -> Answers:
    """Hard-code the answers: what was right in one run, whatever the parameters now are.

    A function becomes one that replays its recorded outputs, call by call.
    """

    def replay(function: Callable[..., Any], kind: Any) -> Callable[..., Any]:
        outputs = iter(kind.collect(function, solved.context))
        return lambda *arguments: next(outputs)

    kinds = {name: kind for e in solved.lab.exercises for name, kind in e.answers.items()}
    return {
        name: replay(value, kinds[name]) if hasattr(kinds[name], "probes") else value
        for name, value in answers.items()
    }
