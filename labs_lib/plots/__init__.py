"""Figures of the course. Each function takes an optional `ax`, returns it, and carries alt text."""

from labs_lib.plots.curves import learning_curves
from labs_lib.plots.points import regression_scatter
from labs_lib.plots.style import alt_text, describe, use_style

__all__ = [
    "alt_text",
    "describe",
    "learning_curves",
    "regression_scatter",
    "use_style",
]
