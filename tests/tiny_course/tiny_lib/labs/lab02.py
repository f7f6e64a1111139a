"""Lab 02, sums: parameters, exercises, checks."""

from __future__ import annotations

from labs_engine.declare.answers import Number, Text
from labs_engine.declare.framework import Exercise, LabSpec, Mistake
from labs_engine.declare.parameters import Parameter, common_parameters

LAB = LabSpec(
    number="02",
    slug="sums",
    title="Sums",
    summary="The sum of the first numbers, in one step.",
    parameters=(
        *common_parameters(),
        Parameter("n", int, 10, "how many numbers", minimum=3, maximum=1000),
    ),
    exercises=(
        Exercise(
            name="total",
            title="The sum",
            points=3,
            answers={"total": Number(integer=True)},
            right=lambda run: run["n"] * (run["n"] + 1) // 2,
            expects="the sum of the numbers from 1 to n",
            mistakes=[
                Mistake(
                    "last_left_out",
                    wrong=lambda run: run["n"] * (run["n"] - 1) // 2,
                    hint="The last number is missing: range(n) ends before n.",
                ),
            ],
            fallback_hint="n is among the numbers.",
        ),
        Exercise(
            name="parity",
            title="Even or odd",
            points=1,
            answers={"parity": Text(("even", "odd"), what="what the sum is")},
            right=lambda run: ("even", "odd")[run["n"] * (run["n"] + 1) // 2 % 2],
            fallback_hint="Divide the sum by two: what is left?",
            needs=("total",),
        ),
    ),
)
