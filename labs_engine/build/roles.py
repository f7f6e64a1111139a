"""What a cell of a lab is for: the check of an exercise, the answer to a question."""

from __future__ import annotations

import re

from nbformat import NotebookNode

ANSWER_TAG = "answer-"
COMPARE_TAG = "nbval-check-output"


def checked_exercise(cell: NotebookNode) -> str | None:
    """Return the exercise that a cell checks, or None."""
    if cell.cell_type != "code":
        return None
    match = re.search(r"^lab\.check\(\s*[\"'](\w+)[\"']", cell.source, flags=re.MULTILINE)
    return match.group(1) if match else None


def answered_question(cell: NotebookNode) -> str | None:
    """Return the short-answer question that a cell answers, or None."""
    tags = [tag for tag in cell.metadata.get("tags", []) if tag.startswith(ANSWER_TAG)]
    return tags[0].removeprefix(ANSWER_TAG) if tags else None
