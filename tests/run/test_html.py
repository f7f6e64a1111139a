"""The HTML page of a notebook needs no network and shows formulas and alt text."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook

from labs_engine.run.html import write_page


def _page(folder: Path, text: str) -> str:
    nbformat.write(new_notebook(cells=[new_markdown_cell(text)]), folder / "n.ipynb")
    write_page(folder / "n.ipynb", folder / "n.html")
    return (folder / "n.html").read_text(encoding="utf-8")


def test_formulas_are_mathml(tmp_path: Path) -> None:
    page = _page(tmp_path, "Inline $x^2$ and\n\n$$\\frac{a}{b}$$\n\ncost 3 \\$")
    assert re.search(r'<math[^>]*display="inline"[^>]*><mrow><msup>', page)
    assert "<mfrac>" in page
    assert "$x^2$" not in page


def test_nothing_is_fetched(tmp_path: Path) -> None:
    page = _page(tmp_path, "# Title\n\ntext with a [link](https://example.org)")
    assert not re.findall(r"<(?:script|img|iframe)[^>]+src=[\"']?https?:", page)
    assert not re.findall(r"<link[^>]+href=[\"']?https?:", page)
    assert not re.findall(r"@import|url\(\s*[\"']?https?:", page)
