"""Lab 07: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

from typing import Any

from harness import make_tests
from notebook_tests import STAGES, make_notebook_tests

# Networks stay tiny; what matters here are the checks, whose probes follow from all parameters.
SMALL = {"tracks_per_genre": 4, "epochs": 1, "n_explained": 12, "noisy_copies": 1, "n_random": 2}

# Every lab needs three sets that differ in all that the answers depend on.
PARAMETER_SETS: list[dict[str, Any]] = [
    {"seed": 1, "units": 6, **SMALL},
    {"seed": 2, "units": 9, **SMALL},
    {"seed": 3, "units": 12, **SMALL},
]


TestLab07 = make_tests("07", PARAMETER_SETS, later="answers")
TestNotebook07 = make_notebook_tests("07", PARAMETER_SETS[0], scores_within=5e-3, stages=STAGES[1:])
