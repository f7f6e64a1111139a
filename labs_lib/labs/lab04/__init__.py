"""Lab 04, instruments and the learning rate: parameters, exercises, checks."""

from __future__ import annotations

from labs_engine.declare.framework import LabSpec, ShortAnswer
from labs_engine.declare.parameters import Parameter, common_parameters
from labs_lib.labs.lab04 import data, losses, network, recordings, sweep

LAB = LabSpec(
    number="04",
    slug="instruments",
    title="Instruments and the learning rate",
    summary="Which instrument plays? From recorded notes to features, a classifier, and a sweep of its learning rate.",
    parameters=(
        *common_parameters("which notes: 'auto' takes the real ones where data_home names them"),
        Parameter(
            "step",
            float,
            None,
            "from one excerpt of a note to the next, in s",
            quick=0.02,
            full=0.01,
            minimum=0.005,
            maximum=0.1,
        ),
        Parameter(
            "holdout", float, 0.2, "share of the training set to validate on", minimum=0.05, maximum=0.5
        ),
        Parameter("hidden", int, 256, "units of the hidden layer", minimum=2, maximum=4096),
        Parameter(
            "batch_size", int, None, "examples of an update", quick=32, full=128, minimum=1, maximum=4096
        ),
        Parameter("learning_rate", float, 0.001, "learning rate of Adam", minimum=1e-6, maximum=1.0),
        Parameter("epochs", int, 10, "passes over the training data", minimum=1),
        Parameter(
            "learning_rates",
            list,
            [0.1, 0.01, 0.001, 0.0001],
            "rates of the sweep",
            minimum=1e-6,
            maximum=10.0,
        ),
        Parameter(
            "sweep_epochs", int, None, "epochs at each rate of the sweep", quick=10, full=20, minimum=2
        ),
        Parameter(
            "n_parts", int, None, "parts, each tested on in turn", quick=3, full=5, minimum=2, maximum=14
        ),
    ),
    exercises=(
        *data.EXERCISES,
        *network.EXERCISES,
        *losses.EXERCISES,
        *sweep.EXERCISES,
        *recordings.EXERCISES,
    ),
    questions=(
        ShortAnswer("test_as_validation", 2),
        ShortAnswer("which_rate", 3),
        ShortAnswer("which_score", 2),
    ),
)
