"""Helpers for the course "Neural networks on sound".

The package is light to import: TensorFlow, librosa and matplotlib arrive with
the submodule that needs them, at its first use.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labs_engine.session.lab import Lab

__version__ = "0.1.0"

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
    "tracking",
    "training",
)

__all__ = ["__version__", "open_lab", *_SUBMODULES]


def open_lab(name: str, namespace: MutableMapping[str, Any]) -> Lab:
    """Open a lab with the parameters that stand in the notebook.

    Args:
        name: Number or name of the lab.
        namespace: The notebook's variables, `globals()`.

    Returns:
        The open lab, see `labs_engine.session.lab.open_lab`.
    """
    from labs_engine.session.lab import open_lab
    from labs_lib.labs import COURSE

    return open_lab(COURSE, name, namespace)


def __getattr__(name: str) -> Any:
    """Import submodules when they are first asked for (PEP 562)."""
    if name in _SUBMODULES:
        return importlib.import_module(f"labs_lib.{name}")
    raise AttributeError(f"module 'labs_lib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
