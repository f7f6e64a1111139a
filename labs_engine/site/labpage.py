"""The page of a lab: the students' text, with worked solutions and model answers folded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from labs_engine.build.derive import student_version
from labs_engine.build.head import HEAD_TAG, is_head
from labs_engine.build.project import Published
from labs_engine.build.roles import answered_question
from labs_engine.build.stubs import BEGIN, END
from labs_engine.site.executed import ExecutedLab
from labs_engine.site.media import MediaStore, Medium

SOLUTION = "the worked solution"
ANSWER_PROMPT = "Show the model answer and how it is marked"
# The generated cells by a word in them (none in the parameters).
_PROMPTS = {
    "find_spec": "how the notebook is set up",
    "open_lab": "how the lab is opened",
    "": "the parameters of this lab",
}
_SOURCES = {"standin": "synthesised stand-in sounds", "real": "real recordings"}
_BAR = re.compile(r"\d+%\|.*\|")  # as tqdm draws it
_PLOT = re.compile(r"<(Axes|Figure)\b")
_HEADING = re.compile(r"^(#{1,6}) (.+)$")


@dataclass(frozen=True)
class Placed:
    """A medium and the section of the lab that it belongs to."""

    medium: Medium
    section: str


@dataclass(frozen=True)
class LabPage:
    """What the site shows of a lab.

    Attributes:
        lab: The executed lab.
        notebook: The page, for myst-nb.
        media: Figures and sounds, in the order of the page.
    """

    lab: ExecutedLab
    notebook: NotebookNode
    media: list[Placed]


def make_page(lab: ExecutedLab, store: MediaStore, published: Published) -> LabPage:
    """Make the page of a lab.

    Args:
        lab: The executed lab.
        store: Takes the figures and sounds.
        published: Where the course is published.
    """
    cells: list[NotebookNode] = []
    media: list[Placed] = []
    section = lab.spec.title
    students = student_version(lab.notebook).cells
    has_parts = any(
        len(match[1]) == 1 for cell in _prose(lab.notebook) for _, match in _headings(cell.source)
    )
    for cell, asked in zip(lab.notebook.cells, students, strict=True):
        if cell.cell_type == "markdown":
            text = _text(cell, lab, published)
            if has_parts and cell in _prose(lab.notebook):
                text.source = _lower(text.source)  # the page has one first heading, its title
            cells.append(text)
            section = _last_heading(cell.source) or section
            continue
        shown = _shown(cell, asked)
        shown[-1].outputs = _worth_showing(cell.outputs)
        for output in shown[-1].outputs:
            media += [Placed(medium, section) for medium in _externalise(output, store, lab.spec.number)]
        cells += shown
    metadata = {"kernelspec": lab.notebook.metadata["kernelspec"], "language_info": {"name": "python"}}
    return LabPage(lab, new_notebook(cells=cells, metadata=metadata), media)


def conditions(record: dict[str, Any]) -> str:
    """Describe in a sentence what a run was made with."""
    sounds = [_SOURCES[name] for name in record["data_sources"]]
    data = f"on {' and '.join(sounds)}" if sounds else "on synthetic data"
    seed, profile = record["parameters"]["seed"], record["parameters"]["profile"]
    text = f"Executed with seed {seed}, in the {profile} profile, {data}."
    if "standin" in record["data_sources"]:
        text += " Scores on stand-ins say nothing about the real recordings."
    return text


def _prose(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the Markdown cells below the title."""
    return [
        c for c in notebook.cells if c.cell_type == "markdown" and HEAD_TAG not in c.metadata.get("tags", [])
    ]


def _text(cell: NotebookNode, lab: ExecutedLab, published: Published) -> NotebookNode:
    if HEAD_TAG in cell.metadata.get("tags", []):
        return new_markdown_cell(_title(lab, published))
    if answered_question(cell):
        return new_markdown_cell(
            f'<details class="model-answer"><summary>{ANSWER_PROMPT}</summary>\n\n{cell.source}\n\n</details>'
        )
    return new_markdown_cell(cell.source)


def _title(lab: ExecutedLab, published: Published) -> str:
    """Return the head of the page; unlike the notebook's it has a link for Colab, and no picture from there."""
    spec = lab.spec
    paragraphs = [f"# Lab {spec.number} · {spec.title}", spec.summary, f"*{conditions(lab.record)}*"]
    if published:
        paragraphs.append(f"[Open this lab in Colab]({published.colab(spec)})")
    return "\n\n".join(paragraphs)


def _shown(cell: NotebookNode, asked: NotebookNode) -> list[NotebookNode]:
    """Return the parts of a code cell as they are shown, without outputs, which belong to the last part."""
    if BEGIN in cell.source:
        lines = [line for line in cell.source.splitlines() if line.strip() not in (BEGIN, END)]
        return [new_code_cell(asked.source), _folded("\n".join(lines), SOLUTION)]
    if is_head(cell):
        what = next(what for word, what in _PROMPTS.items() if word in cell.source)
        return [_folded(cell.source, what)]
    return [new_code_cell(cell.source)]


def _worth_showing(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return outputs without progress bars and without the names of plots, which say nothing beside the figure."""
    kept = []
    for output in outputs:
        if output.output_type == "stream":
            lines = [line for line in re.split(r"(?<=\n)|\r", output.text) if not _BAR.search(line)]
            output.text = "".join(lines)
        if output.get("text", "…").strip() and not _PLOT.match(output.get("data", {}).get("text/plain", "")):
            kept.append(output)
    return kept


def _folded(source: str, what: str) -> NotebookNode:
    settings = {"code_prompt_show": f"Show {what}"}
    return new_code_cell(source, metadata={"tags": ["hide-input"], "mystnb": settings})


def _externalise(output: NotebookNode, store: MediaStore, number: str) -> list[Medium]:
    """Move what an output embeds into files, and keep one representation of it: HTML if there is one."""
    data = output.get("data", {})
    if "text/html" not in data:
        return []
    html, found = store.extract(data["text/html"], f"lab{number}")
    output["data"] = NotebookNode({"text/html": html})
    return found


def _headings(markdown: str) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield the headings of a Markdown text with the number of their line."""
    fenced = False
    for number, line in enumerate(markdown.splitlines()):
        fenced ^= line.lstrip().startswith("```")
        match = _HEADING.match(line)
        if match and not fenced:
            yield number, match


def _last_heading(markdown: str) -> str:
    """Return the last heading of a Markdown text without its marks, or ''."""
    texts = [match[2] for _, match in _headings(markdown)]
    return re.sub(r"[*`$\\]", "", texts[-1]) if texts else ""


def _lower(markdown: str) -> str:
    """Return a Markdown text with every heading one level lower."""
    lines = markdown.splitlines()
    for number, _ in _headings(markdown):
        lines[number] = f"#{lines[number]}"
    return "\n".join(lines)
