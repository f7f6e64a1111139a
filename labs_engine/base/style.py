"""House style of all figures: readable at notebook width, colour-blind safe, alt text.

Figures have an opaque light background, which is legible on light and on dark pages.
In a notebook they are shown as an HTML image with alt text, because JupyterLab does
not pass the alt text of a bare PNG output on to a screen reader.
"""

from __future__ import annotations

import base64
import io
import os
import re
from html import escape
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe & Ito (2008): distinguishable with every common colour vision.
BLUE, ORANGE, GREEN, VERMILION = "#0072b2", "#e69f00", "#009e73", "#d55e00"
SKY, PURPLE, YELLOW, INK = "#56b4e9", "#cc79a7", "#f0e442", "#222222"
PALETTE = [BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, INK, YELLOW]

_PIXEL_RATIO = 2  # rendered at twice the shown size, sharp on dense screens
_ALT = "_labs_alt"


def use_style() -> None:
    """Set seaborn and matplotlib to the house style and show figures with their alt text."""
    sns.set_theme(
        context="notebook",
        style="whitegrid",
        palette=PALETTE,
        rc={
            "figure.figsize": (7.0, 4.2),
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            "figure.constrained_layout.use": True,
            "axes.edgecolor": "#666666",
            "axes.titlesize": "medium",
            "axes.titlelocation": "left",
            "grid.color": "#dddddd",
            "image.cmap": "magma",
            "legend.frameon": True,
            "legend.framealpha": 0.9,
            "lines.linewidth": 1.8,
            "lines.markersize": 5,
            "font.size": 11,
        },
    )
    _show_with_alt_text()


def describe(ax: Axes, text: str) -> Axes:
    """Give an axes its alt text: what is drawn, and what there is to see in it.

    Args:
        ax: The axes.
        text: One to three sentences, with the figures that matter.

    Returns:
        The axes.
    """
    setattr(ax, _ALT, " ".join(text.split()))
    return ax


def alt_text(figure: Figure) -> str:
    """Return the alt text of a figure: that of its axes, or its titles and labels."""
    texts = [getattr(ax, _ALT) for ax in figure.axes if getattr(ax, _ALT, "")]
    if texts:
        return " ".join(texts)
    parts = []
    for ax in figure.axes:
        title = ax.get_title(loc="left") or ax.get_title() or "plot"
        labels = [label for label in (ax.get_ylabel(), ax.get_xlabel()) if label]
        parts.append(f"{title}: {' against '.join(labels)}" if labels else title)
    return "Figure. " + _read_aloud("; ".join(parts))


def _read_aloud(text: str) -> str:
    """Return a text with plain letters in place of simple formulas: x1 for $x_1$."""
    return re.sub(r"\$([^$]*)\$", lambda formula: re.sub(r"[\\_{}]", "", formula[1]), text)


def axes_or_new(ax: Axes | None, **figure_options: Any) -> Axes:
    """Return the given axes, or those of a new figure in the house style."""
    if ax is not None:
        return ax
    return plt.subplots(**figure_options)[1]


def figure_html(figure: Figure) -> str:
    """Return a figure as an HTML image with alt text, for a notebook or a page."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=figure.dpi * _PIXEL_RATIO)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    width = round(figure.get_figwidth() * figure.dpi)
    return (
        f'<img src="data:image/png;base64,{data}" alt="{escape(alt_text(figure))}" '
        f'style="width:{width}px;max-width:100%;height:auto">'
    )


def _show_with_alt_text() -> None:
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    if shell is None or "inline" not in mpl.get_backend().lower():
        return
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats()  # no bare PNG: the HTML image below carries the alt text
    # A cell that ends with a figure function shows the figure, and not "<Axes: title=...>" above it.
    shell.display_formatter.ipython_display_formatter.for_type(Axes, lambda ax: None)
    formatters = shell.display_formatter.formatters
    if os.environ.get("LABS_FIGURES") != "words":  # drawing takes time, and nobody will see it
        formatters["text/html"].for_type(Figure, figure_html)
    formatters["text/plain"].for_type(Figure, lambda figure, printer, cycle: printer.text(alt_text(figure)))
