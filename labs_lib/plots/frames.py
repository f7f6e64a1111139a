"""A figure that depends on one number: steppable frames everywhere, a live slider where a kernel answers.

The frames are radio buttons and a few lines of style, without a script: they work in
JupyterLab, in an exported page and without a network. Where styles are taken out (an
untrusted notebook) all frames are shown, one below the other.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from labs_engine.base.style import alt_text, figure_html

Draw = Callable[[float], Axes]

_DPI = 130
_COLOURS = 48  # a palette this small makes a frame a fourth as large, and looks the same


@dataclass(frozen=True)
class Frame:
    """One state of the figure.

    Attributes:
        label: The button that shows it.
        alt: What is to be seen.
        png: The picture.
        width: Shown width in CSS pixels.
    """

    label: str
    alt: str
    png: bytes
    width: int


@dataclass(frozen=True)
class Frames:
    """Frames of which a reader picks one with the mouse or the arrow keys.

    Attributes:
        title: What the buttons choose.
        frames: The states, in order.
        first: Index of the frame that is shown at first.
    """

    title: str
    frames: Sequence[Frame]
    first: int = 0

    def html(self) -> str:
        """Return the frames as HTML with style but without a script."""
        digest = hashlib.sha256(b"".join(frame.png for frame in self.frames) + self.title.encode())
        name = f"frames-{digest.hexdigest()[:10]}"
        shown = "".join(
            f"#{name}-{index}:checked~.{name}-{index}{'' if index + 1 == len(self.frames) else ','}"
            for index in range(len(self.frames))
        )
        style = (
            f"<style>#{name} figure{{display:none}}{shown}{{display:block}}"
            f"@media print{{#{name} figure{{display:block}}}}</style>"
        )
        buttons = "".join(
            f'<input type="radio" name="{name}" id="{name}-{index}"{" checked" * (index == self.first)} '
            'style="margin:0 .25em 0 0">'
            f'<label for="{name}-{index}" style="display:inline-block;margin-right:.9em">'
            f"{escape(frame.label)}</label>"
            for index, frame in enumerate(self.frames)
        )
        figures = "".join(
            f'<figure class="{name}-{index}" style="margin:.4em 0 0">'
            f'<img src="data:image/png;base64,{base64.b64encode(frame.png).decode("ascii")}" '
            f'alt="{escape(frame.alt)}" style="width:{frame.width}px;max-width:100%;height:auto"></figure>'
            for index, frame in enumerate(self.frames)
        )
        return (
            f'{style}<fieldset id="{name}" style="border:1px solid #8888;padding:.4em .8em;min-width:0">'
            f"<legend>{escape(self.title)}</legend>{buttons}{figures}</fieldset>"
        )

    def text(self) -> str:
        """Return what the frames show in words."""
        return "\n".join([self.title, *(f"  {frame.label}: {frame.alt}" for frame in self.frames)])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}

    def __repr__(self) -> str:
        return self.text()


def static_frames(
    draw: Draw, values: Sequence[float], *, label: str = "{:g}", title: str = "", first: int = 0
) -> Frames:
    """Draw a figure for several values of one number.

    Args:
        draw: Draws the figure for a value and returns its axes, with alt text.
        values: The values, in order.
        label: Format of a value on its button.
        title: What the buttons choose.
        first: Index of the value that is shown at first.

    Returns:
        The frames, shown by a notebook as the last expression of a cell.
    """
    return Frames(title, [_frame(draw, value, label) for value in values], first)


def live_slider(
    draw: Draw, minimum: float, maximum: float, start: float, *, label: str = "value", steps: int = 100
) -> Any:
    """Return a slider that draws the figure anew for any value; it needs a running kernel.

    Args:
        draw: Draws the figure for a value and returns its axes, with alt text.
        minimum: Smallest value.
        maximum: Largest value.
        start: Value at first.
        label: Name of the number.
        steps: Number of positions of the slider.

    Returns:
        An ipywidgets box with the slider and the figure.
    """
    import ipywidgets as widgets

    slider = widgets.FloatSlider(
        value=start,
        min=minimum,
        max=maximum,
        step=(maximum - minimum) / steps,
        description=label,
        readout_format=".4f",
        continuous_update=False,
        layout=widgets.Layout(width="32em"),
    )
    picture = widgets.HTML(_picture(draw, start))

    def redraw(change: dict[str, Any]) -> None:
        picture.value = _picture(draw, change["new"])

    slider.observe(redraw, names="value")
    return widgets.VBox([slider, picture])


def explore(
    draw: Draw, values: Sequence[float], *, label: str = "{:g}", title: str = "", first: int = 0
) -> Frames:
    """Return static frames, and show a live slider above them where a person works with a kernel.

    A notebook that is executed without a person (papermill, the tests, the site) gets
    the frames alone: a stored widget would ask for a network and show nothing without.

    Args:
        draw: Draws the figure for a value and returns its axes, with alt text.
        values: Values of the frames, ascending; the slider runs from the first to the last.
        label: Format of a value on its button, starting with the number's name: 'η = {:.2f}'.
        title: What is chosen.
        first: Index of the value that is shown at first.

    Returns:
        The frames.
    """
    if has_front_end():
        from IPython.display import display

        name = label.split("=")[0].strip() if "=" in label else "value"
        display(live_slider(draw, min(values), max(values), values[first], label=name))
    return static_frames(draw, values, label=label, title=title, first=first)


def has_front_end() -> bool:
    """Tell whether a person's notebook window is attached: JupyterLab, Colab or VS Code.

    A kernel cannot ask. Jupyter's server names the notebook in the environment of the
    kernels that it starts, Colab has its own package, VS Code leaves a variable.
    """
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return False
    return (
        "JPY_SESSION_NAME" in os.environ
        or "google.colab" in sys.modules
        or "__vsc_ipynb_file__" in shell.user_ns
    )


def _figure_of(draw: Draw, value: float) -> Figure:
    figure = draw(value).figure
    assert isinstance(figure, Figure)
    plt.close(figure)  # or the notebook would show it a second time
    return figure


def _picture(draw: Draw, value: float) -> str:
    return figure_html(_figure_of(draw, value))


def _frame(draw: Draw, value: float, label: str) -> Frame:
    figure = _figure_of(draw, value)
    width = round(figure.get_figwidth() * figure.dpi)
    return Frame(label.format(value), alt_text(figure), _small_png(figure), width)


def _small_png(figure: Figure) -> bytes:
    from PIL import Image

    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", dpi=_DPI)
    with Image.open(full) as image:
        # No dithering: it makes flat areas noisy, and the file large.
        image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()
