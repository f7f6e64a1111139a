"""What a fork server does once before the first run, because otherwise every run would have to."""

from __future__ import annotations

import importlib
import os

from labs_engine.declare.course import course

MODULES, WARM_UP = "LABS_GRADING_MODULES", "LABS_GRADING_WARM_UP"


def prepare_for_lab() -> None:
    """Load what the labs need, and what this one needs beyond that.

    The environment says what: LABS_GRADING_MODULES names modules, LABS_GRADING_WARM_UP is set if the course's
    `warm_up` is to be called.
    """
    for name in (*course().preload, *os.environ.get(MODULES, "").split()):
        importlib.import_module(name)
    if os.environ.get(WARM_UP):
        course().call("warm_up")
