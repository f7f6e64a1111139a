"""Keras's objects as answers."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from labs_engine.declare.answers import AnswerProblem, Difference, Kind, describe, first_difference, reading
from labs_engine.declare.context import Context
from labs_lib.kinds.frozen import NotPlain, plain_model
from labs_lib.kinds.layers import network_difference
from labs_lib.models.table import Network


@dataclass(frozen=True)
class Model(Kind):
    """A Keras model.

    Attributes:
        compiled: Whether it must have been compiled.
    """

    partly: ClassVar[bool] = True

    compiled: bool = False

    def collect(self, value: Any, ctx: Context) -> Any:
        """Return the model, expressed in Keras's own layers where it was written in another way.

        What could not be graded is refused here, in the notebook, and not weeks later.
        """
        if not _is_keras_model(value):
            raise AnswerProblem("a Keras model", describe(value))
        if not value.built:
            raise AnswerProblem(
                "a model that knows its input shape", "one without (start it with keras.Input)"
            )
        if self.compiled and not value.compiled:
            raise AnswerProblem("a compiled model", "one that was not compiled")
        try:
            return plain_model(value)
        except NotPlain as problem:
            expected = "a model made of Keras's own layers: another one cannot be graded"
            raise AnswerProblem(expected, f"a model with {problem}") from None

    def of_code(self, value: Any, ctx: Context) -> Any:
        """Return a model, or the table of one."""
        return value if value is ... or isinstance(value, Network) else self.collect(value, ctx)

    def difference(self, given: Any, right: Network, ctx: Context) -> Difference | None:
        """Return the first layer that differs."""
        return network_difference(given, right)


@dataclass(frozen=True)
class Stopper(Kind):
    """Keras's callback that stops early, as plain data."""

    def collect(self, value: Any, ctx: Context) -> Mapping[str, Any]:
        """Return what it watches, how long it waits, and whether it goes back."""
        expected = "a callback that stops early"
        with reading(value, expected):
            if type(value).__name__ != "EarlyStopping":
                raise AnswerProblem(expected, describe(value))
            return {
                "monitor": str(value.monitor),
                "patience": int(value.patience),
                "restores": bool(value.restore_best_weights),
            }

    def difference(
        self, given: Mapping[str, Any], right: Mapping[str, Any], ctx: Context
    ) -> Difference | None:
        """Return the first setting that differs."""
        return first_difference(
            Difference(f"{name} = {given[name]}", f"{name} = {value}")
            for name, value in right.items()
            if given[name] != value
        )


def _is_keras_model(value: Any) -> bool:
    keras = sys.modules.get("keras")  # not imported: then nothing can be one of its models
    return keras is not None and isinstance(value, keras.Model)
