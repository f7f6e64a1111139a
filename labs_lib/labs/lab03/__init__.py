"""Lab 03, backpropagation and descent by hand: parameters, exercises, checks."""

from __future__ import annotations

from labs_engine.declare.framework import LabSpec, ShortAnswer
from labs_engine.declare.parameters import Parameter, common_parameters
from labs_lib.labs.lab03 import chain, descent, gradients, training

LAB = LabSpec(
    number="03",
    slug="backpropagation",
    title="Backpropagation and descent by hand",
    summary="The gradients of a network derived, checked and trained with, and what decides how fast descent is.",
    parameters=(
        *common_parameters(),
        Parameter("n", int, 6, "inputs of the network", minimum=1, maximum=64),
        Parameter("m", int, 5, "hidden units", minimum=1, maximum=64),
        Parameter("q", int, 3, "outputs", minimum=1, maximum=64),
        Parameter("a", float, 1.0, "curvature of the bowl along w1", minimum=0.01, maximum=1000),
        Parameter("b", float, 10.0, "curvature of the bowl along w2", minimum=0.01, maximum=1000),
        Parameter("steps", int, 60, "updates of each descent", minimum=4, maximum=2000),
        Parameter(
            "n_samples",
            int,
            1000,
            "number of points that a network is trained on",
            minimum=20,
            maximum=100_000,
        ),
        Parameter("learning_rate", float, 0.01, "learning rate of that training", minimum=1e-6, maximum=0.1),
        Parameter("batch_size", int, 32, "points per update", minimum=1),
        Parameter("epochs", int, 100, "passes over the points", minimum=2, maximum=2000),
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
    exercises=(*chain.EXERCISES, *gradients.EXERCISES, *training.EXERCISES, *descent.EXERCISES),
    questions=(ShortAnswer("never_built", 3), ShortAnswer("depth", 3), ShortAnswer("one_over_max", 3)),
)
