"""Lab 06, music genres: parameters, exercises, checks."""

from __future__ import annotations

from labs_engine.declare.framework import LabSpec, ShortAnswer
from labs_engine.declare.parameters import Parameter, common_parameters
from labs_lib.labs.lab06 import answers, networks, sound, split, training
from labs_lib.labs.tracks import TRACKS

LAB = LabSpec(
    number="06",
    slug="music_genres",
    title="Music genres",
    summary="From songs to MFCC, six dense and seven convolutional networks, how much accuracy a leaking split "
    "adds, what a network looks at, and songs it has never heard.",
    parameters=(
        *common_parameters("which tracks: 'auto' takes the real ones where data_home names them"),
        Parameter(
            "tracks_per_genre",
            int,
            None,
            "tracks of each genre in the stand-in",
            quick=4,
            full=100,
            minimum=4,
        ),
        Parameter("n_mfcc", int, 13, "coefficients of each frame", minimum=13, maximum=40),
        Parameter("batch_size", int, 32, "segments per update", minimum=1),
        Parameter(
            "mlps",
            list,
            [1, 2, 3, 4, 5, 6],
            "dense networks that are trained, by number",
            minimum=1,
            maximum=6,
        ),
        Parameter(
            "mlp_epochs", int, None, "epochs of a dense network, at most", quick=30, full=100, minimum=1
        ),
        Parameter(
            "cnns",
            str,
            None,
            "filter combinations that are trained, or 'all' seven",
            quick="32-32-32-32 32-64-128-256",
            full="all",
        ),
        Parameter(
            "cnn_epochs",
            int,
            None,
            "epochs of a convolutional network, at most",
            quick=25,
            full=200,
            minimum=1,
        ),
        Parameter(
            "cnn_rate",
            float,
            None,
            "its first learning rate",
            quick=1e-3,
            full=1e-4,
            minimum=1e-6,
            maximum=0.1,
        ),
        Parameter(
            "explained", int, None, "segments whose maps are put to the test", quick=60, full=200, minimum=10
        ),
        Parameter("song", str, None, "a sound file to classify; None: a test track", optional=True),
    ),
    exercises=(
        sound.PEAK,
        sound.SEGMENTS_OF,
        sound.SHAPE,
        *split.EXERCISES,
        networks.DENSE,
        training.COMPILE,
        training.DECAY,
        training.STOPPING,
        networks.CNN,
        training.STEPS,
        TRACKS,
        answers.INPUT,
        answers.SONG,
        answers.NAME,
    ),
    questions=(
        ShortAnswer("headline", 2),
        ShortAnswer("why_less", 2),
        ShortAnswer("trust_map", 2),
        ShortAnswer("new_song", 2),
    ),
)
