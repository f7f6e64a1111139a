"""The index page of a folder of runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2

from labs_engine.declare.course import find_lab
from labs_engine.run.results import RunResult

DATA_NAMES = {"synthetic": "synthetic", "standin": "stand-in", "real": "real recordings", "": "none read"}


def write_index(
    results: Sequence[RunResult],
    folder: Path,
    *,
    title: str,
    tables: Sequence[str],
    figures: Sequence[str] = (),
    labels: Sequence[str] = (),
) -> Path:
    """Write index.html: what ran, how it went, what was measured, on what.

    Args:
        results: The runs.
        folder: Where the page goes, beside the notebooks.
        title: The page's heading.
        tables: File names of the tables to link.
        figures: HTML images to show.
        labels: What to call each run; by default the lab's title.

    Returns:
        The page's path.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
    )
    runs: list[dict[str, Any]] = [
        {
            **vars(result),
            "label": labels[index] if labels else _label(result),
            "data": DATA_NAMES[result.data_source],
        }
        for index, result in enumerate(results)
    ]
    page = folder / "index.html"
    page.write_text(
        environment.get_template("index.html.j2").render(
            title=title,
            summary=_summary(results),
            notices=_notices(results),
            runs=runs,
            figures=figures,
            data_names=DATA_NAMES,
            packages=next((r.packages for r in results if r.packages), {}),
            tables=tables,
        ),
        encoding="utf-8",
    )
    return page


def _summary(results: Sequence[RunResult]) -> str:
    failed = sum(result.status != "ok" for result in results)
    return f"{len(results)} run{'' if len(results) == 1 else 's'}, " + (
        f"{failed} of them failed." if failed else "all of them executed to the end."
    )


def _label(result: RunResult) -> str:
    spec = find_lab(result.lab)
    return f"{spec.number} {spec.title}" + (" (student's version)" if result.version == "student" else "")


def _notices(results: Sequence[RunResult]) -> list[str]:
    notices = []
    if any(score.data_source == "standin" for result in results for score in result.scores):
        notices.append(
            "Some scores were measured on stand-in data, synthesised for trying the labs out. "
            "They say nothing about the real recordings."
        )
    if any(result.profile == "quick" for result in results):
        notices.append("Some runs used the quick profile: fewer repetitions than the full one.")
    return notices
