"""The HTML page of an executed notebook: one file, no network, formulas as MathML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import latex2mathml.converter
import nbformat
from nbconvert.exporters.html import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

_TEMPLATES = Path(__file__).parent / "templates"


class _MathMLRenderer(IPythonRenderer):
    """Markdown whose formulas become MathML, which browsers draw without a script."""

    def block_math(self, body: str) -> str:
        return mathml(body, "block")

    def inline_math(self, body: str) -> str:
        return mathml(body, "inline")

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")


class PageExporter(HTMLExporter):
    """nbconvert's HTML exporter with formulas drawn in advance."""

    def markdown2html(self, context: Any, source: str) -> str:
        """Convert a Markdown cell; called by the template through its jinja context."""
        renderer = _MathMLRenderer(escape=False, anchor_link_text=self.anchor_link_text)
        return MarkdownWithMath(renderer=renderer).render(source)

    # jinja passes its context to functions that carry this mark, as the method of the base class does.
    markdown2html.jinja_pass_arg = HTMLExporter.markdown2html.jinja_pass_arg  # type: ignore[attr-defined]


def write_page(notebook: Path, page: Path) -> None:
    """Write the HTML page of a notebook.

    Args:
        notebook: An executed notebook.
        page: Where the page goes.
    """
    exporter = PageExporter(template_name="labs", extra_template_basedirs=[str(_TEMPLATES)])
    content = nbformat.read(notebook, as_version=4)
    body, _ = exporter.from_notebook_node(content, {"metadata": {"name": notebook.stem}})
    page.write_text(body, encoding="utf-8")


def mathml(latex: str, display: str) -> str:
    """Return a formula as MathML, which browsers draw without a script.

    Args:
        latex: The formula.
        display: 'inline' or 'block'.
    """
    return latex2mathml.converter.convert(latex.strip(), display=display)
