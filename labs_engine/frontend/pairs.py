"""Pairs of notebook and script that went out of step, because a program changed only one of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat

from labs_engine.base.storage import write_whole
from labs_engine.build.derive import FORMATS, to_percent

# jupytext's own margin, in seconds: files that were copied or checked out together differ by less.
_MARGIN = 1.0


def refresh_scripts(folder: Path) -> list[tuple[Path, Path]]:
    """Rewrite each script that is older than its notebook and differs from it.

    A notebook may come back from Colab, or be edited in a program that does not know about pairs. jupytext then
    refuses to open it, because the script would win. Here the newer file wins and the older is kept.

    Args:
        folder: The folder of the notebooks.

    Returns:
        For each script that was written, itself and the copy of what it was before.
    """
    written = []
    for path in sorted(folder.glob("*.ipynb")):
        script = path.with_suffix(".py")
        if not script.is_file() or path.stat().st_mtime <= script.stat().st_mtime + _MARGIN:
            continue
        try:
            notebook = nbformat.read(path, as_version=4)
            if notebook.metadata.get("jupytext", {}).get("formats") != FORMATS:
                continue  # not a pair: a script of the student's own happens to have this name
            text = to_percent(notebook)
        except Exception:
            # A damaged file makes nbformat fail in any way. JupyterLab says so when the file is opened.
            continue
        if text != script.read_text(encoding="utf-8", errors="replace"):
            kept = _free_name(script)
            shutil.copy2(script, kept)
            write_whole(script, text.encode())
            written.append((script, kept))
    return written


def _free_name(script: Path) -> Path:
    count = 1
    while (kept := script.with_name(f"{script.name}.before-{count}")).exists():
        count += 1
    return kept
