"""Lab 01, synthetic regression: parameters, exercises, checks."""

from __future__ import annotations

from labs_engine.declare.framework import LabSpec, ShortAnswer
from labs_engine.declare.parameters import Parameter, common_parameters
from labs_lib.labs.lab01 import curve, data, floor, network, overfitting, training

LAB = LabSpec(
    number="01",
    slug="synthetic_regression",
    title="Synthetic regression",
    summary="A small network learns a bent line from noisy points, and meets a floor it cannot go below.",
    parameters=(
        *common_parameters(),
        Parameter("n_samples", int, 1000, "number of points", minimum=50, maximum=100_000),
        Parameter("slope", float, 2.0, "slope of the line"),
        Parameter("intercept", float, 1.0, "value of the line at 0"),
        Parameter("noise", float, 0.2, "standard deviation of the noise", minimum=0.01),
        Parameter("hidden", int, 5, "units in each hidden layer", minimum=1, maximum=512),
        Parameter("learning_rate", float, 0.01, "learning rate of SGD and Adam", minimum=1e-6, maximum=1.0),
        Parameter("batch_size", int, 32, "points per update", minimum=1),
        Parameter("epochs", int, 300, "passes over the data in the first run", minimum=2),
        Parameter("more_epochs", int, 1000, "passes over the data in the long run", minimum=2),
        Parameter("holdout", float, 0.3, "share of the points for validation", minimum=0.05, maximum=0.9),
        Parameter("n_seeds", int, None, "networks per optimiser", quick=3, full=10, minimum=1),
    ),
    exercises=(
        *data.EXERCISES,
        *network.EXERCISES,
        *training.EXERCISES,
        *curve.EXERCISES,
        *floor.EXERCISES,
        *overfitting.EXERCISES,
    ),
    questions=(ShortAnswer("formula", 1), ShortAnswer("longer", 2), ShortAnswer("beat_the_floor", 2)),
)
