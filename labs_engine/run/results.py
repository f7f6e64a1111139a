"""What a run left behind: read from the executed notebook, written as tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from labs_engine.session.cards import MIME

COLUMNS = (
    "lab",
    "version",
    "status",
    "profile",
    "data_source",
    "points",
    "points_possible",
    "seconds",
    "peak_memory_mb",
    "score",
    "value",
    "spread",
    "error",
    "parameters",
    "packages",
)


@dataclass(frozen=True)
class Score:
    """One figure that a lab reported.

    Attributes:
        name: What was measured.
        value: The figure.
        spread: Standard deviation over seeds or folds, or None.
        data_source: What it was measured on: 'synthetic', 'standin' or 'real'.
    """

    name: str
    value: float
    spread: float | None
    data_source: str


@dataclass
class RunResult:
    """One executed notebook.

    Attributes:
        lab: The lab's name.
        version: 'solution' or 'student'.
        status: 'ok' or 'failed'.
        parameters: Every parameter of the run by name.
        profile: 'quick' or 'full'.
        data_source: 'synthetic', 'standin', 'real', or '' if the run did not get that far; the last one if a lab uses
            several.
        points: Points reached by the checks.
        points_possible: Highest possible number of points.
        exercises: Status of each exercise.
        scores: What the lab reported, in order.
        seconds: Wall time from kernel start to end.
        peak_memory_mb: Largest resident memory of the kernel, in MB.
        packages: Versions that decide the figures.
        error: What stopped the run, or ''.
        notebook: File name of the executed notebook.
        page: File name of its HTML page, or ''.
    """

    lab: str
    version: str
    status: str
    parameters: dict[str, Any]
    profile: str
    seconds: float
    peak_memory_mb: float
    packages: dict[str, str]
    notebook: str
    data_source: str = ""
    points: int = 0
    points_possible: int = 0
    exercises: dict[str, str] = field(default_factory=dict)
    scores: list[Score] = field(default_factory=list)
    error: str = ""
    page: str = ""

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> RunResult:
        """Make a result from what `dataclasses.asdict` wrote.

        Raises:
            TypeError: The record has other fields.
            KeyError: It has no scores.
        """
        return cls(**{**record, "scores": [Score(**score) for score in record["scores"]]})


def record_of(notebook: Any) -> dict[str, Any]:
    """Return what the lab's last cell reported, or an empty dict if it was not reached.

    Args:
        notebook: An executed notebook (nbformat).
    """
    for cell in reversed(notebook.cells):
        for output in cell.get("outputs", []):
            record = output.get("data", {}).get(MIME)
            if record is not None:
                return dict(record)
    return {}


def write_tables(results: Sequence[RunResult], folder: Path) -> tuple[Path, Path]:
    """Write results.json (everything) and results.csv (a row per score).

    Args:
        results: The runs.
        folder: Where the tables go.

    Returns:
        The paths of both.
    """
    as_json, as_csv = folder / "results.json", folder / "results.csv"
    as_json.write_text(
        json.dumps([asdict(r) for r in results], indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    with as_csv.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for result in results:
            writer.writerows(_rows(result))
    return as_json, as_csv


def read_results(path: Path) -> list[RunResult]:
    """Read results.json back."""
    return [RunResult.from_record(record) for record in json.loads(path.read_text(encoding="utf-8"))]


def _rows(result: RunResult) -> Iterable[dict[str, Any]]:
    whole = {name: getattr(result, name) for name in COLUMNS if hasattr(result, name)}
    whole |= {
        "parameters": json.dumps(result.parameters, ensure_ascii=False),
        "packages": json.dumps(result.packages, ensure_ascii=False),
    }
    if not result.scores:
        yield whole
    for score in result.scores:
        yield {
            **whole,
            "score": score.name,
            "value": score.value,
            "spread": score.spread,
            "data_source": score.data_source,
        }
