"""Results of grading as `grade_one` returns them, made up: no submission is run."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs_engine.declare.framework import Exercise, LabSpec, Mistake, ShortAnswer
from labs_engine.declare.parameters import common_parameters


def _exercise(name: str, title: str, points: int, mistakes: str) -> Exercise:
    known = [Mistake(m, wrong=0, hint=f"What happened with {name}: {m}.") for m in mistakes.split()]
    return Exercise(
        name, title, points, {}, right=1, mistakes=known, fallback_hint=f"Where to look for {name}."
    )


# A lab that is only written about.
SPEC = LabSpec(
    number="01",
    slug="regression",
    title="Regression",
    summary="A small network learns a bent line.",
    parameters=common_parameters(),
    exercises=(
        _exercise("noise_free", "The generating function", 2, "no_condition boundary"),
        _exercise("model", "A network with two hidden layers", 2, "relu_output output_missing"),
        _exercise("count", "Count the parameters", 1, "no_biases output_forgotten default_width"),
        _exercise("sgd", "Train with SGD", 2, "adam default_rate epochs"),
        _exercise("best", "The smallest loss and its epoch", 1, "last from_zero"),
        _exercise("curve", "The prediction as a curve", 2, "not_sorted order_lost"),
        _exercise("fresh", "A fresh network for every run", 2, "not_rebuilt seed_ignored"),
        _exercise("floor", "The noise floor", 1, "deviation half"),
        _exercise("holdout", "Hold out data", 2, "overlap pairs_broken"),
    ),
    questions=(ShortAnswer("longer", 2), ShortAnswer("beat_the_floor", 2)),
)
SECRET_NUMBER = 271828  # a parameter of every made-up run, which no page may show
# Texts that attack what shows them.
SCRIPT = '<script>alert(1)</script><img src=x onerror="alert(2)">'
FORMULA = '=HYPERLINK("http://example.org","x")'
NAMES = (
    SCRIPT,
    FORMULA,
    "../../../etc/passwd",
    "@SUM(A1)",
    "Zoë Ünal 李雷",
    "A" * 3000,
    "-1+1|cmd",
    "'t Hooft",
    "a\tb\r\nc",
)


def result(
    student: str = "ada", wrong: Mapping[str, str] | None = None, *, spec: LabSpec = SPEC, **changes: Any
) -> dict[str, Any]:
    """Return a result in which every exercise is right but those in `wrong`, each with its mistake or ''."""
    wrong = wrong or {}
    exercises = {}
    for exercise in spec.exercises:
        mistake = wrong.get(exercise.name)
        hint = next((m.hint for m in exercise.mistakes if m.name == mistake), exercise.fallback_hint)
        failed = {"expected": "what must hold", "found": SCRIPT, "hint": hint, "mistake": mistake}
        passed = {"expected": "", "found": "", "hint": "", "mistake": ""}
        exercises[exercise.name] = {
            "status": "passed" if mistake is None else "failed",
            "points": exercise.points if mistake is None else 0,
            "points_possible": exercise.points,
            "passed_runs": 2 if mistake is None else 0,
            **(passed if mistake is None else failed),
        }
    made = {
        "student": student,
        "name": "",
        "file": "lab.ipynb",
        "status": "graded",
        "points": sum(found["points"] for found in exercises.values()),
        "points_possible": sum(exercise.points for exercise in spec.exercises),
        "remarks": [],
        "late_seconds": 0.0,
        "sandbox": "bwrap",
        "exercises": exercises,
        "questions": {question.name: f"What {student} says." for question in spec.questions},
        "unplaced": [{"number": 4, "kind": "markdown", "text": f"A thought of mine.\n{SCRIPT}"}],
        "helpers": {"model": ["models.mlp"], "sgd": ["models.mlp", "training.warm_cosine"]},
        "runs": [
            {
                "parameters": {"seed": SECRET_NUMBER},
                "notebook": f"{student}-{number}.ipynb",
                "ended": "",
                "limit": "",
                "points": 0,
            }
            for number in (1, 2)
        ],
    }
    return made | changes


def not_graded(student: str, status: str, remark: str) -> dict[str, Any]:
    """Return a result of something that was not run."""
    return result(student, status=status, points=0, exercises={}, questions={}, runs=[], remarks=[remark])


def school(size: int = 300) -> list[dict[str, Any]]:
    """Return the results of a large class: better and worse students, hostile names, all that can happen."""
    rng = random.Random(1)
    results = []
    for number in range(size):
        student = f"s{number:03d}"
        if number % 50 in (7, 8):
            results.append(not_graded(student, ("unreadable", "missing")[number % 2], SCRIPT))
            continue
        skill = rng.gauss(0.5, 1)
        wrong = {
            exercise.name: rng.choice([*(m.name for m in exercise.mistakes), ""])
            for exercise in SPEC.exercises
            if rng.gauss(0, 1) > skill
        }
        made = result(student, wrong, name=NAMES[number % len(NAMES)])
        if number % 40 == 3:
            made["runs"][1] |= {"ended": "cell 'todo-sgd' did not end after 60 s", "limit": "cell time"}
        results.append(made)
    return results
