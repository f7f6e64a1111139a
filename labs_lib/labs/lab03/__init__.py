"""Lab 03, backpropagation and descent by hand: parameters, exercises, checks."""

from __future__ import annotations

from labs_engine.declare.framework import LabSpec, ShortAnswer
from labs_engine.declare.parameters import Parameter, common_parameters
from labs_lib.labs.lab03 import chain, descent, features, gradients

LAB = LabSpec(
    number="03",
    slug="backpropagation",
    title="Backpropagation and descent by hand",
    summary="The gradients of a small network derived, coded and verified, and what decides how fast descent is.",
    parameters=(
        *common_parameters(),
        Parameter("n", int, 6, "inputs of the network", minimum=1, maximum=64),
        Parameter("m", int, 5, "hidden units", minimum=1, maximum=64),
        Parameter("q", int, 3, "outputs", minimum=1, maximum=64),
        Parameter("a", float, 1.0, "curvature of the bowl along w1", minimum=0.01, maximum=1000),
        Parameter("b", float, 10.0, "curvature of the bowl along w2", minimum=0.01, maximum=1000),
        Parameter("steps", int, 60, "updates of each descent", minimum=4, maximum=2000),
        Parameter("n_notes", int, None, "notes whose features are compared", quick=60, full=200, minimum=40),
        Parameter(
            "largest_layer",
            int,
            None,
            "most inputs of the networks whose gradients are timed",
            quick=1024,
            full=4096,
            minimum=64,
        ),
    ),
    exercises=(*chain.EXERCISES, *gradients.EXERCISES, *descent.EXERCISES, *features.EXERCISES),
    questions=(ShortAnswer("never_built", 3), ShortAnswer("one_over_max", 3), ShortAnswer("what_remains", 3)),
)
