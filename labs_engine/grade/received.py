"""What a run sends, kept as it arrives: limited in size, checked, and rebuilt from plain parts.

A run may send anything. What is kept here has a known place (a cell of the notebook, an exercise of the lab), a
bounded size, and holds only texts, numbers and pictures, so that no later step can fail on it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from labs_engine.base.storage import new_file
from labs_engine.grade.endings import Ending
from labs_engine.grade.in_sandbox.protocol import BrokenStream, Message, plain_text

_MOST_MESSAGES = 20_000  # of a run; an honest one sends a few hundred
_MOST_OUTPUTS = 300  # of a cell
_LONGEST_LINE = 20_000  # characters of an error's text
_DEPTH = 20  # of an output that is a structure, such as the record of a card

# By exercise: the record of its answers, and the arrays and models that belong to it.
Records = dict[str, tuple[dict[str, Any], tuple[bytes, ...]]]


class Received:
    """The answers and outputs that a run has sent.

    Args:
        cells: Ids of the cells that run.
        exercises: Names of the lab's exercises.
        cell_bytes: How much of a cell's outputs is kept.
    """

    def __init__(self, cells: Iterable[str], exercises: Iterable[str], cell_bytes: int) -> None:
        self.answers: Records = {}
        self._outputs: dict[str, list[dict[str, Any]]] = {cell: [] for cell in cells}
        self._left = dict.fromkeys(self._outputs, 2 * cell_bytes)
        self._exercises = set(exercises)
        self._cell = ""
        self._messages = 0

    def take(self, message: Message) -> None:
        """Keep a message if it has a place; of an exercise the last answer counts.

        Raises:
            BrokenStream: There are more messages than any notebook sends.
        """
        self._messages += 1
        if self._messages > _MOST_MESSAGES:
            raise BrokenStream("more messages came out of the run than any notebook sends")
        name = message.content.get("exercise")
        if message.kind == "answer" and isinstance(name, str) and name in self._exercises:
            self.answers[name] = (message.content, message.parts)
        elif message.kind == "cell":
            cell = message.content.get("id")
            self._cell = cell if isinstance(cell, str) and cell in self._outputs else ""
        elif message.kind == "output" and self._cell and len(message.parts) == 1:
            self._keep(message.parts[0])

    def _keep(self, data: bytes) -> None:
        outputs = self._outputs[self._cell]
        self._left[self._cell] -= len(data)
        if self._left[self._cell] < 0 or len(outputs) >= _MOST_OUTPUTS:
            return
        output = output_of(data)
        if output is not None:
            outputs.append(output)

    def write(
        self, path: Path, cells: Iterable[tuple[str, str]], parameters: Mapping[str, Any], ending: Ending
    ) -> None:
        """Write the executed notebook.

        Args:
            path: The file.
            cells: Ids and code.
            parameters: Those of the run.
            ending: How it ended.
        """
        import nbformat
        from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

        lines = [f"- `{name} = {value!r}`" for name, value in parameters.items()]
        head = ["# A graded run", "Parameters:", "", *lines]
        if ending.reason:
            head += ["", f"**Ended early:** {plain_text(ending.reason)}"]
        notebook = new_notebook(cells=[new_markdown_cell("\n".join(head), id="graded-run")])
        for identity, code in cells:
            cell = new_code_cell(plain_text(code), id=identity.replace("+", "-own-")[:64])
            cell.outputs = [nbformat.from_dict(output) for output in self._outputs.get(identity, [])]
            notebook.cells.append(cell)
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_file(path) as part:
            part.write_text(nbformat.writes(notebook), encoding="utf-8")


def output_of(data: bytes) -> dict[str, Any] | None:
    """Return an output of a cell, rebuilt from what a run sent, or None if it is not one.

    Args:
        data: JSON, if it is what it should be.
    """
    try:
        output = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(output, dict):
        return None
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": plain_text(output.get("text"))}
    if kind == "error":
        lines = output.get("traceback")
        return {
            "output_type": "error",
            "ename": plain_text(output.get("ename"))[:200],
            "evalue": plain_text(output.get("evalue"))[:_LONGEST_LINE],
            "traceback": [plain_text(line)[:_LONGEST_LINE] for line in lines[:200]]
            if isinstance(lines, list)
            else [],
        }
    if kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
        shown = dict(_shown(plain_text(mime), value) for mime, value in output["data"].items())
        bundle = {"output_type": kind, "metadata": _image_sizes(output.get("metadata")), "data": shown}
        return bundle | ({"execution_count": None} if kind == "execute_result" else {})
    return None


def _shown(mime: str, value: Any) -> tuple[str, Any]:
    """Return what is shown in one form: text, unless the form is one of JSON."""
    if mime == "application/json" or mime.endswith("+json"):
        return mime, _plain(value)
    lines = value if isinstance(value, list) else [value]
    return mime, "".join(map(plain_text, lines))


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a JSON value without anything that could not be written again."""
    if depth > _DEPTH:
        return None
    if isinstance(value, dict):
        return {plain_text(key): _plain(inside, depth + 1) for key, inside in value.items()}
    if isinstance(value, list):
        return [_plain(inside, depth + 1) for inside in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON cannot express it
    return plain_text(value) if isinstance(value, str) else value


def _image_sizes(metadata: Any) -> dict[str, Any]:
    """Return what metadata say of the size of images, which is all that a page needs of them."""
    sizes = {}
    for mime, about in metadata.items() if isinstance(metadata, dict) else ():
        if mime.startswith("image/") and isinstance(about, dict):
            sizes[plain_text(mime)] = {
                name: int(about[name])
                for name in ("width", "height")
                if isinstance(about.get(name), int | float) and 0 < about[name] < 10_000
            }
    return sizes
