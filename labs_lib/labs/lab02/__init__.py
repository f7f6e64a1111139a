"""Lab 02, Gaussian classification: parameters, exercises, checks."""

from __future__ import annotations

from labs_engine.declare.framework import LabSpec, ShortAnswer
from labs_engine.declare.parameters import Parameter, common_parameters
from labs_lib.labs.lab02 import bayes, boundaries, data, network

LAB = LabSpec(
    number="02",
    slug="gaussian_classification",
    title="Gaussian classification",
    summary="A small network separates two overlapping clouds and is measured against the best possible rule.",
    parameters=(
        *common_parameters(),
        Parameter("n_per_class", int, 1000, "points of each class", minimum=50, maximum=100_000),
        Parameter(
            "center", float, 1.0, "class 1 lies around (center, center), class 0 opposite", minimum=0.1
        ),
        Parameter("variance_0", float, 4.0, "variance of each coordinate of class 0", minimum=0.01),
        Parameter("variance_1", float, 3.0, "variance of each coordinate of class 1", minimum=0.01),
        Parameter("holdout", float, 0.3, "share of the points for validation", minimum=0.05, maximum=0.9),
        Parameter("hidden", int, 5, "units in each hidden layer", minimum=1, maximum=512),
        Parameter("learning_rate", float, 0.01, "learning rate of Adam", minimum=1e-6, maximum=1.0),
        Parameter("batch_size", int, 32, "points per update", minimum=1),
        Parameter("epochs", int, 300, "passes over the training data", minimum=2),
        Parameter("n_seeds", int, None, "networks to train", quick=3, full=10, minimum=1),
    ),
    exercises=(*data.EXERCISES, *network.EXERCISES, *bayes.EXERCISES, *boundaries.EXERCISES),
    questions=(ShortAnswer("above_the_best", 2), ShortAnswer("which_classifier", 2)),
)
