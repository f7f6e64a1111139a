"""Tables of the labs, in the page that `labs lab` opens and in documents: derived, so that they cannot drift."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from nbformat import NotebookNode

from labs_engine.declare.course import course
from labs_engine.declare.framework import LabSpec

# The estimate of the time for a first pass; the page says how it is made.
_WORDS_PER_MINUTE = 100
_MINUTES_PER_TODO = 8
_MINUTES_PER_QUESTION = 6

_HEAD = """\
# {title}

A click on a lab opens it.

"""
_TABLE_HEAD = """\
| | Lab | What you meet | Points | Time |
|---|---|---|---|---|
"""
# In other documents the table stands between two comments, which no page shows.
BEGIN, END = "<!-- labs -->", "<!-- /labs -->"
_MARKED = re.compile(f"(?<={BEGIN}\n).*?(?={END})", re.DOTALL)

_FOOT = f"""
**Points** are those of the checks, which you see at once, and those of the short answers, which are graded manually.
**Time** is an estimate for a first pass: {_WORDS_PER_MINUTE} words a minute, {_MINUTES_PER_TODO} minutes for each \
TODO and {_MINUTES_PER_QUESTION} for each short answer.

## How a lab works

- Work from top to bottom. **Shift + Enter** runs a cell and moves on to the next.
- Each **TODO** is followed by a check. Run it as often as you like: it recognises the usual mistakes, and says what \
happened and where to look.
- You may leave out a TODO: cells that build on it say which TODO they wait for.
- **Ctrl + S** saves (⌘ + S on a Mac). Each notebook is paired with a script of the same name that ends in `.py`. \
Saving writes both, and if you edit the script in another editor, the notebook shows the change when you open it again.
- If something is odd, choose *Kernel › Restart Kernel and Run All Cells…*: it starts from a clean slate, and keeps \
what you wrote.
"""


def contents_text(labs: Iterable[tuple[LabSpec, NotebookNode]]) -> str:
    """Return the table of contents as Markdown.

    Args:
        labs: Each lab with its student's notebook, in order.
    """
    return _HEAD.format(title=course().title) + _table(labs, "") + _FOOT


def with_table(text: str, labs: Iterable[tuple[LabSpec, NotebookNode]], folder: str) -> str:
    """Return a document with the table of the labs between its marks; without marks the document as it is.

    Args:
        text: The document, Markdown.
        labs: Each lab with its student's notebook, in order.
        folder: Where the notebooks lie as seen from the document, 'notebooks/'.
    """
    return _MARKED.sub(lambda _: _table(labs, folder), text, count=1)


def without_table(text: str) -> str:
    """Return a document with blank lines where the table of the labs stands."""
    return _MARKED.sub(lambda match: "\n" * match[0].count("\n"), text)


def expected_hours(lab: LabSpec, notebook: NotebookNode) -> float:
    """Estimate how long a first pass takes, in hours, rounded up to halves.

    Args:
        lab: The lab.
        notebook: Its student's notebook, for the words that are to be read.
    """
    words = sum(len(cell.source.split()) for cell in notebook.cells)
    minutes = (
        words / _WORDS_PER_MINUTE
        + _MINUTES_PER_TODO * len(lab.exercises)
        + _MINUTES_PER_QUESTION * len(lab.questions)
    )
    return math.ceil(minutes / 30) / 2


def _table(labs: Iterable[tuple[LabSpec, NotebookNode]], folder: str) -> str:
    return _TABLE_HEAD + "".join(_row(lab, notebook, folder) for lab, notebook in labs)


def _row(lab: LabSpec, notebook: NotebookNode, folder: str) -> str:
    checked = sum(exercise.points for exercise in lab.exercises)
    read = sum(question.points for question in lab.questions)
    points = f"{checked} + {read}" if read else f"{checked}"
    cells = [
        lab.number,
        f"[{lab.title}]({folder}{lab.name}.ipynb)",
        lab.summary,
        points,
        f"{expected_hours(lab, notebook):g} h",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
