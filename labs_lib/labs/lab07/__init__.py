"""Lab 07, beyond the original labs: parameters, exercises, checks."""

from __future__ import annotations

from labs_engine.declare.framework import LabSpec, ShortAnswer
from labs_engine.declare.parameters import Parameter, common_parameters
from labs_lib.labs.lab07 import data, evidence, networks, sound
from labs_lib.labs.tracks import TRACKS

LAB = LabSpec(
    number="07",
    slug="beyond",
    title="Beyond the original labs",
    summary="Recurrent networks and other inputs for music, maps of what a network looks at, whether these maps say "
    "anything, and what they sound like.",
    parameters=(
        *common_parameters("which tracks: 'auto' takes the real ones where data_home names them"),
        Parameter(
            "tracks_per_genre", int, None, "tracks of each genre, at most", quick=8, full=40, minimum=4
        ),
        Parameter("units", int, 64, "length of the state of a recurrent layer", minimum=2, maximum=512),
        Parameter("epochs", int, None, "epochs of each network", quick=12, full=40, minimum=1),
        Parameter("batch_size", int, 32, "segments per update", minimum=1),
        Parameter("n_explained", int, 100, "test segments whose maps are tested", minimum=10),
        Parameter(
            "noisy_copies",
            int,
            None,
            "copies of a segment that SmoothGrad averages",
            quick=10,
            full=20,
            minimum=1,
        ),
        Parameter("n_random", int, 10, "networks without training that maps are compared with", minimum=2),
    ),
    exercises=(
        data.STANDARDISE,
        TRACKS,
        *networks.EXERCISES,
        data.CHOOSE,
        *evidence.EXERCISES,
        *sound.EXERCISES,
    ),
    questions=(ShortAnswer("which_input", 2), ShortAnswer("what_a_map_says", 2), ShortAnswer("heard", 2)),
)
