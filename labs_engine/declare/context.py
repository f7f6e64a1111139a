"""What a check may know besides the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)  # compared by identity, because checks cache what they compute for a run
class Context:
    """What a check may know besides the answers.

    Attributes:
        parameters: The run's parameters by name.
        probe_seed: Seed of the inputs on which functions are tried.
    """

    parameters: Mapping[str, Any]
    probe_seed: int = 0

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]

    def rng(self, stream: int = 0) -> np.random.Generator:
        """Return a generator for probe inputs, the same for the same run and stream."""
        return np.random.default_rng([self.probe_seed, stream])
