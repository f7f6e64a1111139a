"""Lab 06 in full size: the seven convolutional networks on segments split at random and by track.

python benchmarks/genres_full.py DIR [--tracks-per-genre 100] [--seeds 0 1 2]
    [--filters 32-32-32-32 256-128-64-64] [--splits random track] [--epochs 200] [--mlps 1 2 3 4 5 6]

Everything that takes time is kept in DIR: the stand-in tracks, their MFCC, and every network as soon as it
is trained. A run that was stopped goes on where it was; DIR/genres.csv and DIR/genres.md hold what is done.
Two runs may work on one DIR, on different splits or seeds. Real tracks are read with --data-home.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections import defaultdict
from pathlib import Path

from labs_lib.models import GENRE_FILTERS, filter_combinations
from labs_lib.models.genres import Filters

COLUMNS = (
    "network",
    "parameters",
    "split",
    "seed",
    "segments",
    "tracks",
    "epochs",
    "seconds",
    "training",
    "published",
)


def main() -> None:
    """Train what is missing, and write the table after every network."""
    options = _parser().parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    os.environ["LABS_CACHE"] = str(options.folder)  # before the package reads it
    from labs_engine.base import storage
    from labs_lib import genre_study, study
    from labs_lib.datasets import gtzan, splits

    tracks = gtzan.load(options.data_home, tracks_per_genre=options.tracks_per_genre)
    data = gtzan.segments(tracks)
    print(f"{tracks.name}: {tracks.provenance} {len(data)} segments, {os.cpu_count()} cores.", flush=True)
    plans = genre_study.mlp_plans(options.mlps) if options.mlps else []
    plans += genre_study.cnn_plans(options.filters, epochs=options.epochs, patience=options.patience)
    published = {genre_study.cnn_name(filters): score for filters, score in GENRE_FILTERS.items()}

    def keep(done: study.Trained) -> None:
        row = {
            "network": done.plan,
            "parameters": done.parameters,
            "split": done.split,
            "seed": done.seed,
            "segments": round(done.accuracy, 4),
            "tracks": round(done.track_accuracy, 4),
            "epochs": done.epochs,
            "seconds": round(done.seconds),
            "training": round(done.history["accuracy"][-1], 4),
            "published": published.get(done.plan, ""),
        }
        print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        with storage.locked(options.folder / "genres.csv"):
            rows = _rows(options.folder / "genres.csv")
            mine = {name: str(value) for name, value in row.items()}
            others = [r for r in rows if any(r[k] != mine[k] for k in ("network", "split", "seed"))]
            _write(options.folder, [*others, mine])

    # Seed by seed over both splits, so that a run that is stopped early has whole tables.
    for seed in options.seeds:
        dealt = {
            "random": lambda seed=seed: splits.random_ignoring_groups(data, 0.2, 0.1, seed=seed),
            "track": lambda seed=seed: splits.by_group(data, "track", 0.2, 0.1, seed=seed),
        }
        for plan in plans:
            study.run(
                [plan],
                data,
                {name: dealt[name]() for name in options.splits},
                seeds=[seed],
                what=plan.name,
                on_done=keep,
            )
    print((options.folder / "genres.md").read_text(encoding="utf-8"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where everything is kept")
    parser.add_argument("--data-home", help="folder of the real tracks; stand-ins without")
    parser.add_argument("--tracks-per-genre", type=int, default=100, metavar="N", help="of the stand-in")
    parser.add_argument("--filters", type=_filters, nargs="+", default=list(GENRE_FILTERS), metavar="A-B-C-D")
    parser.add_argument("--mlps", type=int, nargs="*", default=[], choices=range(1, 7), metavar="K")
    parser.add_argument("--splits", nargs="+", default=["random", "track"], choices=["random", "track"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=200, help="at most")
    parser.add_argument("--patience", type=int, default=20)
    return parser


def _filters(text: str) -> Filters:
    try:
        return filter_combinations(text)[0]
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(folder: Path, rows: list[dict[str, str]]) -> None:
    part = folder / "genres.csv.part"
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    part.replace(folder / "genres.csv")
    (folder / "genres.md").write_text(_table(rows), encoding="utf-8")


def _table(rows: list[dict[str, str]]) -> str:
    import numpy as np

    def cell(values: list[float]) -> str:
        spread = f" ± {100 * np.std(values, ddof=1):.1f}" if len(values) > 1 else ""
        return f"{100 * np.mean(values):.1f}{spread}" if values else "–"

    scores: dict[str, dict[tuple[str, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    about = {row["network"]: (row["parameters"], row["published"]) for row in rows}
    for row in rows:
        for what in ("segments", "tracks"):
            scores[row["network"]][row["split"], what].append(float(row[what]))
    lines = [
        "| network | parameters | published | random: segments | tracks apart: segments | tracks apart: tracks |",
        "|---|---|---|---|---|---|",
    ]
    for network, found in scores.items():
        parameters, published = about[network]
        figures = [
            cell(found[key]) for key in (("random", "segments"), ("track", "segments"), ("track", "tracks"))
        ]
        mark = f"{100 * float(published):.2f}" if published else "–"
        lines.append(f"| {network} | {int(parameters):,} | {mark} | {' | '.join(figures)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
