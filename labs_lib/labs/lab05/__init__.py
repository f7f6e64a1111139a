"""Lab 05, environmental sounds: parameters, exercises, checks."""

from __future__ import annotations

from labs_engine.declare.framework import LabSpec, ShortAnswer
from labs_engine.declare.parameters import Parameter, common_parameters
from labs_lib.labs.lab05 import augmentation, data, networks, split, training

LAB = LabSpec(
    number="05",
    slug="environmental_sounds",
    title="Environmental sounds",
    summary="Dogs, hens and crows: from sound files to log-mel spectrograms, dense and convolutional networks, "
    "and a score to trust.",
    parameters=(
        *common_parameters("which clips: 'auto' takes the real ones where data_home names them"),
        Parameter("sample_rate", int, 22_050, "samples per second", minimum=8000, maximum=44_100),
        Parameter("n_mels", int, 128, "mel bands", minimum=40, maximum=256),
        Parameter("test_fold", int, 1, "official fold to test on", minimum=1, maximum=5),
        Parameter("batch_size", int, 32, "clips per update", minimum=1),
        Parameter("mlp_epochs", int, None, "epochs of a dense network", quick=200, full=300, minimum=1),
        Parameter("cnn_epochs", int, None, "epochs of a convolutional network", quick=12, full=50, minimum=1),
        Parameter(
            "n_folds", int, None, "folds tested on in section 8", quick=2, full=5, minimum=2, maximum=5
        ),
        Parameter("compact_epochs", int, None, "epochs of the compact network", quick=15, full=50, minimum=1),
    ),
    exercises=(
        *data.EXERCISES,
        *split.EXERCISES,
        networks.MLP,
        training.TRAINING,
        training.WATCHED,
        training.BEST_EPOCH,
        networks.REGULARISED,
        networks.CNN,
        networks.TUNED,
        training.SCORES,
        training.SUMMARY,
        *augmentation.EXERCISES,
    ),
    questions=(ShortAnswer("why_fold", 2), ShortAnswer("gap", 2), ShortAnswer("which_score", 2)),
)
