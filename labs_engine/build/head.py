"""The generated first cells of every lab."""

from __future__ import annotations

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from labs_engine.build.project import Published
from labs_engine.declare.course import course
from labs_engine.declare.framework import LabSpec

HEAD_TAG = "head"
PARAMETERS_TAG = "parameters"


def head_cells(lab: LabSpec, published: Published) -> list[NotebookNode]:
    """Return title and badge, bootstrap, parameters, and the cell that opens the lab.

    Args:
        lab: The lab.
        published: Where the course is published.
    """
    return [
        _tagged(new_markdown_cell(_title(lab, published)), HEAD_TAG),
        _tagged(new_code_cell(_bootstrap(published)), HEAD_TAG),
        _tagged(new_code_cell("\n".join(p.cell_line() for p in lab.parameters)), PARAMETERS_TAG),
        _tagged(
            new_code_cell(
                f'import {course().package}\n\nlab = {course().package}.open_lab("{lab.number}", globals())'
            ),
            HEAD_TAG,
        ),
    ]


def is_head(cell: NotebookNode) -> bool:
    """Tell whether a cell is one of the generated ones."""
    return bool({HEAD_TAG, PARAMETERS_TAG} & set(cell.metadata.get("tags", ())))


def _tagged(cell: NotebookNode, tag: str) -> NotebookNode:
    cell.metadata["tags"] = [tag]
    return cell


def _title(lab: LabSpec, published: Published) -> str:
    if published:
        badge = "https://colab.research.google.com/assets/colab-badge.svg"
        way_in = f"[![Open this lab in Colab]({badge})]({published.colab(lab)})"
    else:
        way_in = "*No Colab badge: this copy of the course does not name its public repository.*"
    parts = [f"# Lab {lab.number} · {lab.title}", lab.summary, course().rule, way_in]
    return "\n\n".join(part for part in parts if part)


def _bootstrap(published: Published) -> str:
    source = published.requirement if published else ""
    package, distribution = course().package, course().distribution
    wheel = distribution.replace("-", "_") + "-*.whl"
    return f'''\
# Installs the course's helper package, and what it needs, where they are missing (on Colab, for example).
# What is there already is never replaced.
import importlib.util
import subprocess
import sys
from pathlib import Path

if importlib.util.find_spec("{package}") is None:
    wheels = sorted(str(wheel) for folder in (".", "..") for wheel in Path(folder).glob("{wheel}"))
    source = wheels[-1] if wheels else "{source}"
    if not source:
        raise ModuleNotFoundError("{package} is not installed: see the course's README, 'Start here'.")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "packaging"]
    if subprocess.run([*pip, source]).returncode:
        raise RuntimeError(f"{{source}} could not be installed: is there a network? pip says more above.")
    importlib.invalidate_caches()
    importlib.import_module("labs_engine.base.bootstrap").install_missing("{distribution}")'''
