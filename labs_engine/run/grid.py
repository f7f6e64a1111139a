"""Parameter grids: the product of some values, each combination run once and kept."""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from labs_engine.base.storage import write_whole
from labs_engine.build.derive import code_digest
from labs_engine.build.project import Project
from labs_engine.declare.framework import LabSpec
from labs_engine.declare.parameters import ParameterError
from labs_engine.run.execute import RunPlan
from labs_engine.run.provenance import teaching_digest
from labs_engine.run.results import RunResult
from labs_engine.run.schedule import plan_runs, threads_per_run

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_RANGE = re.compile(r"^(-?\d+)\.\.(-?\d+)$")
_MOST_RUNS = 10_000


def parse_values(lab: LabSpec, name: str, text: str) -> list[Any]:
    """Return the values that a grid takes for one parameter.

    Args:
        lab: The lab.
        name: The parameter's name.
        text: '0..4' for whole numbers from 0 to 4, '0.1,0.01' for several values, or a
            mixture, '0..2,10'. Lists stand in brackets, '[0.1,0.01],[0.2]'.

    Raises:
        ParameterError: The lab has no such parameter, it cannot take one of the values,
            or there are none.

    Example:
        >>> from labs_engine.declare.parameters import common_parameters
        >>> lab = LabSpec("01", "ramp", "A ramp", "", common_parameters(), ())
        >>> parse_values(lab, "seed", "0..2,10")
        [0, 1, 2, 10]
    """
    declared = {parameter.name: parameter for parameter in lab.parameters}
    if name not in declared:
        raise ParameterError(f"unknown parameter {name!r}; lab {lab.number} has: {', '.join(declared)}")
    values: list[Any] = []
    for part in re.split(r",(?![^\[]*\])", text):
        match = _RANGE.match(part.strip())
        if match and declared[name].kind is not str:
            first, last = int(match[1]), int(match[2])
            if first > last or last - first >= _MOST_RUNS:
                raise ParameterError(f"{name}={part}: expected a range like 0..4, from low to high")
            values += [declared[name].convert(number) for number in range(first, last + 1)]
        else:
            values.append(declared[name].convert(part.strip()))
    return list({repr(value): value for value in values}.values())


def plan_grid(
    project: Project,
    lab: LabSpec,
    values: Mapping[str, Sequence[Any]],
    out: Path,
    *,
    workers: int,
    version: str = "auto",
    cell_timeout: int = 0,
) -> list[RunPlan]:
    """Plan the product of all values; the name of each output is a digest of what decides it."""
    count = 1
    for several in values.values():
        count *= len(several)
    if count > _MOST_RUNS:
        raise ParameterError(f"the grid has {count} runs, more than {_MOST_RUNS}")
    threads = threads_per_run(min(workers, count))
    plans = []
    for combination in itertools.product(*values.values()):
        given = dict(zip(values, combination, strict=True))
        (plan,) = plan_runs(project, [lab], given, out, version=version, cell_timeout=cell_timeout)
        plans.append(replace(plan, output=out / "runs" / f"{_digest(plan)}.ipynb", threads=threads))
    return plans


def stored_result(plan: RunPlan) -> RunResult | None:
    """Return the result of an earlier, successful run of the same plan, or None.

    A damaged file counts as none: the run is done again.
    """
    path = plan.output.with_suffix(".json")
    try:
        result = RunResult.from_record(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return result if result.status == "ok" and plan.output.is_file() else None


def store_result(plan: RunPlan, result: RunResult) -> None:
    """Keep a result beside its notebook, in one step."""
    content = json.dumps(asdict(result), ensure_ascii=False)
    write_whole(plan.output.with_suffix(".json"), content.encode())


def tidy_table(results: Sequence[RunResult], swept: Sequence[str]) -> pd.DataFrame:
    """Return one row per run and score: swept parameters, score, value, spread.

    Args:
        results: Successful runs.
        swept: The parameters that the grid varies.
    """
    import pandas as pd

    rows = [
        {
            "lab": result.lab,
            **{name: _plain(result.parameters[name]) for name in swept},
            "profile": result.profile,
            "data_source": score.data_source,
            "score": score.name,
            "value": score.value,
            "spread": score.spread,
            "seconds": result.seconds,
        }
        for result in results
        for score in result.scores
    ]
    columns = ["lab", *swept, "profile", "data_source", "score", "value", "spread", "seconds"]
    return pd.DataFrame(rows, columns=list(dict.fromkeys(columns)))


def grid_figure(table: pd.DataFrame, swept: Sequence[str]) -> Figure:
    """Draw every score against the first swept parameter, mean and standard deviation over the others.

    The seed is never the horizontal axis if anything else was varied; a second varied
    parameter distinguishes the lines.

    Args:
        table: What `tidy_table` returns, with at least one row.
        swept: The parameters that the grid varies.

    Returns:
        The figure, with alt text.
    """
    import matplotlib as mpl
    import seaborn as sns

    from labs_engine.base.style import PALETTE, describe, use_style

    use_style()
    mpl.rcParams["figure.constrained_layout.use"] = False  # seaborn lays its grids out itself
    varied = [name for name in swept if table[name].nunique() > 1] or list(swept)
    varied.sort(key=lambda name: name == "seed")
    x, hue = varied[0], varied[1] if len(varied) > 1 and varied[1] != "seed" else None
    drawn = sns.catplot(
        table,
        x=x,
        y="value",
        hue=hue,
        col="score",
        col_wrap=min(3, table["score"].nunique()),
        kind="point",
        errorbar="sd",
        capsize=0.1,
        sharey=False,
        height=3.2,
        aspect=1.2,
        palette=PALETTE[: table[hue].nunique()] if hue else None,
    )
    drawn.set_titles("{col_name}")
    drawn.set_axis_labels(x, "mean ± standard deviation")
    for score, ax in drawn.axes_dict.items():
        ax.set_title(_wrapped(str(score)), fontsize="small")
        means = table[table["score"] == score].groupby(x)["value"].agg(["mean", "std"])
        points = ", ".join(f"{at}: {row['mean']:.4g} ± {row['std']:.2g}" for at, row in means.iterrows())
        describe(ax, f"{score} against {x}. {points}.")
    return drawn.figure


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 38))


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list) else value


def _digest(plan: RunPlan) -> str:
    """Return a digest of everything that decides the run's figures: code, helpers, parameters."""
    code = [_notebook_digest(plan.source), teaching_digest()]
    text = json.dumps([plan.lab, plan.version, plan.resolved, *code])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@functools.cache  # the same for every run of a grid
def _notebook_digest(path: Path) -> str:
    return code_digest(nbformat.read(path, as_version=4))
