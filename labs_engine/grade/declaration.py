"""What a sandbox knows of a lab: what is asked, which kind of answer, on which probes; never what is right."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

from labs_engine.declare.answers import Function
from labs_engine.declare.context import Context
from labs_engine.declare.course import course
from labs_engine.declare.framework import Exercise, LabSpec
from labs_engine.grade.in_sandbox.recording import Asked, Fixed, unknown_to_the_sandbox


def asked_of(spec: LabSpec, ctx: Context) -> bytes:
    """Return what the sandbox needs to collect the answers of one run.

    Judges, mistakes and hints stay here. What a kind of answer computes from the run (the probes of a
    function, the shape of an array) is computed here, so that its code stays here as well.

    Args:
        spec: The lab.
        ctx: The run's parameters and probes.

    Returns:
        A pickle, which is made here and only read inside.
    """
    exercises = tuple(_bare(exercise, ctx) for exercise in spec.exercises)
    bare = dataclasses.replace(spec, exercises=exercises)
    asked = pickle.dumps(Asked(bare, dict(ctx.parameters), ctx.probe_seed))
    course().call("after_probes")
    return asked


def _bare(exercise: Exercise, ctx: Context) -> Exercise:
    kinds = {name: _fixed(kind, ctx) for name, kind in exercise.answers.items()}
    return Exercise(
        exercise.name, exercise.title, exercise.points, kinds, unknown_to_the_sandbox, needs=exercise.needs
    )


def _fixed(kind: Any, ctx: Context) -> Any:
    """Return a kind of answer with everything that it computes from the run computed already."""
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        value = getattr(kind, field.name)
        if isinstance(kind, Function) and field.name == "probes":
            changes["probes"] = Fixed(pickle.dumps(tuple(value(ctx))))
        elif field.name == "shape" and callable(value):
            changes["shape"] = value(ctx)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            changes[field.name] = _fixed(value, ctx)
        elif isinstance(value, tuple) and any(dataclasses.is_dataclass(part) for part in value):
            changes[field.name] = tuple(_fixed(part, ctx) for part in value)
    return dataclasses.replace(kind, **changes) if changes else kind
