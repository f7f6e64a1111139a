"""Small messages in a notebook: HTML for the page, plain text for everything else.

Colours are translucent and the text inherits the page's own colour, so that a card
reads well on light and dark pages; the status is always said in words as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from labs_engine.declare.framework import Exercise, Verdict

MIME = "application/vnd.labs-lib+json"

# Okabe-Ito colours: distinguishable with every common colour vision.
_COLOURS = {
    "passed": "#009e73",
    "failed": "#d55e00",
    "broken": "#cc79a7",
    "waiting": "#e69f00",
    "unattempted": "#888888",
    "notice": "#e69f00",
    "info": "#56b4e9",
}
_SIGNS = {
    "passed": "✔",
    "failed": "✘",
    "broken": "!",
    "waiting": "…",
    "unattempted": "○",
    "notice": "!",
    "info": "i",
}


@dataclass(frozen=True)
class Card:
    """A titled message with labelled lines.

    Attributes:
        status: Decides sign and colour.
        title: First line.
        lines: Pairs of label and text; an empty label for a plain line.
        record: What a runner reads from the notebook, as JSON values.
    """

    status: str
    title: str
    lines: Sequence[tuple[str, str]] = ()
    record: dict[str, Any] | None = field(default=None, repr=False)

    def text(self) -> str:
        """Return the card as plain text."""
        rows = [f"{_SIGNS[self.status]} {self.title}"]
        rows += [f"    {label + ': ' if label else ''}{line}" for label, line in self.lines]
        return _sendable("\n".join(rows))

    def html(self) -> str:
        """Return the card as HTML that needs no style sheet and no script."""
        colour = _COLOURS[self.status]
        rows = "".join(
            '<div style="margin-top:.25em">'
            + (f"<strong>{escape(label)}:</strong> " if label else "")
            + f"{escape(line)}</div>"
            for label, line in self.lines
        )
        return _sendable(
            f'<div role="status" style="border-left:.35em solid {colour};background:{colour}22;'
            'color:inherit;padding:.5em .8em;margin:.3em 0;border-radius:.2em;max-width:48em">'
            f'<strong><span aria-hidden="true">{_SIGNS[self.status]}</span> {escape(self.title)}</strong>'
            f"{rows}</div>"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": self.text(), "text/html": self.html()}
        if self.record is not None:
            bundle[MIME] = self.record
        return bundle

    def __repr__(self) -> str:
        return self.text()

    def show(self) -> None:
        """Display the card now, wherever the code runs."""
        from IPython.display import display

        display(self)  # outside a notebook this prints the text


def _sendable(text: str) -> str:
    """Escape half characters, as in a file name that is not UTF-8: no text can be sent with them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def verdict_card(number: int, exercise: Exercise, verdict: Verdict, waits: str = "") -> Card:
    """Return the card that tells a student how a check went.

    Args:
        number: The TODO's number.
        exercise: What was asked.
        verdict: What was found.
        waits: The TODOs to be done first, in words.
    """
    points = f"{verdict.points} of {exercise.points} point{'' if exercise.points == 1 else 's'}"
    title = f"TODO {number} · {exercise.title}: "
    if verdict.status == "passed":
        return Card("passed", f"{title}passed ({points})")
    if verdict.status == "unattempted":
        return Card("unattempted", f"{title}not attempted yet (0 of {exercise.points} points)")
    if verdict.status == "waiting":
        return Card("waiting", f"{title}not attempted yet", [("Waits for", waits)])
    if verdict.status == "broken":
        return Card(
            "broken",
            f"{title}the check itself failed",
            [("", f"This is a fault of the course, not yours. Please report it: {verdict.found}")],
        )
    lines = [("Expected", verdict.expected), ("Found", verdict.found)]
    if verdict.hint:
        lines.append(("Hint", verdict.hint))
    return Card("failed", f"{title}not right yet ({points})", lines)
