"""Helpers for the course "Neural networks on sound".

The package is light to import: TensorFlow, librosa and matplotlib arrive with
the submodule that needs them, at its first use.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from labs_lib.exercises.session import open_lab

# TensorFlow's C++ side reports missing GPUs and the like on stderr at every start, which a
# notebook shows in red. Errors that matter arrive as Python exceptions all the same.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_SUBMODULES = (
    "audio",
    "augment",
    "classify",
    "datasets",
    "evaluation",
    "explain",
    "features",
    "models",
    "plots",
    "study",
    "tracking",
    "training",
)

__all__ = ["__version__", "open_lab", *_SUBMODULES]


def __getattr__(name: str) -> Any:
    """Import submodules and `open_lab` when they are first asked for (PEP 562)."""
    if name == "open_lab":
        return importlib.import_module("labs_lib.exercises.session").open_lab
    if name in _SUBMODULES:
        return importlib.import_module(f"labs_lib.{name}")
    raise AttributeError(f"module 'labs_lib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
