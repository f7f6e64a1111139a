"""Configuration of the site. `labs site` gathers the pages in a folder and calls Sphinx with this file."""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.ext.autodoc.mock import MockFinder

from labs_engine.build.project import Project
from labs_engine.run.html import mathml

project = "Neural networks on sound"
published = Project(Path(__file__).parent.parent).published

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.githubpages"]
exclude_patterns = ["*.txt"]

# The notebooks were executed by `labs run`: the site shows that run and no other.
nb_execution_mode = "off"
# Widgets would load require.js from another host. The labs show steppable frames instead.
nb_ipywidgets_js: dict[str, Any] = {}
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
# Formulas are drawn by the browser itself, so MathJax has nothing to be told.
myst_update_mathjax = False
html_math_renderer = "mathml"

autodoc_member_order = "bysource"
# Signatures and docstrings do not need them, and importing them takes longer than all the rest. autodoc_mock_imports
# would not do: for the bases of a class autodoc imports the real package after all.
sys.meta_path.insert(0, MockFinder(["tensorflow", "keras", "tf_keras_vis", "tensorboard"]))
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True  # as the source has them: an object's own text would break the signature
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # attributes as a list: described as objects they would be there twice
# A name of the course that is not found is a fault. Names of other packages lead outside, where nothing is looked up.
# Type variables and names of types have no entry of their own.
nitpick_ignore_regex = [(r"py:.*", r"(?!labs_).*"), (r"py:class", r"labs_\w+\.[\w.]+\.(Item|Result|Job)")]
default_role = "code"  # docstrings set names in single backticks

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["_static"]
templates_path = ["_templates"]
html_css_files = ["course.css"]
html_copy_source = False
html_use_index = False
html_domain_indices = False
html_favicon = "_static/icons/course.svg"
html_show_copyright = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "home_page_in_toc": False,
    "logo": {"text": project},
    # No bar above the page: the sidebar has the search, the page its own buttons.
    "navbar_start": [],
    "navbar_center": [],
    "navbar_end": [],
    "navbar_persistent": [],
    "show_toc_level": 2,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "footer_content_items": ["extra-footer.html"],
    "extra_footer": "Code: BSD 3-Clause. Lessons: CC BY 4.0. Sounds: synthesised by the course.",
}
if published:
    # In words: the theme's button is an icon of a font that is not published.
    html_theme_options["extra_footer"] += f' <a href="{published.address}">Source of the course</a>.'


def setup(app: Sphinx) -> None:
    """Register how formulas, folded cells and docstrings become HTML."""
    app.connect("html-page-context", _less_style)
    app.connect("autodoc-process-docstring", _as_prose, priority=400)  # before napoleon, which is at 500
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
    app.add_node(HideCodeCellNode, override=True, html=(_fold, _end_of_fold))


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    # A formula may be wider than a phone: its frame scrolls, and so is reachable by keyboard.
    frame = '<div class="course-formula" tabindex="0" role="group" aria-label="Formula">'
    writer.body.append(f"{frame}{mathml(node.astext(), 'block')}</div>")
    raise nodes.SkipNode


def _fold(writer: Any, node: HideCodeCellNode) -> None:
    """Open a folded cell. myst-nb's own summary has the same name for all of them, and two sentences in it."""
    writer.body.append(f'<details class="hide"><summary>{escape(node["prompt_show"])}</summary>')


def _end_of_fold(writer: Any, node: HideCodeCellNode) -> None:
    writer.body.append("</details>")


def _as_prose(app: Sphinx, what: str, name: str, target: Any, options: Any, lines: list[str]) -> None:
    """Let signs in a docstring mean themselves: it is prose, and `max |x|`, `*rest` or `val_` are no marks in it."""
    for number, line in enumerate(lines):
        # Every second piece is code or a word that is meant to stand out.
        pieces = re.split(r"(`[^`]*`|(?<![\w*])\*\w[^*`]*\w\*(?![\w*]))", line)
        pieces[::2] = [re.sub(r"[*|]|(?<=\w)_(?!\w)", r"\\\g<0>", piece) for piece in pieces[::2]]
        lines[number] = "".join(pieces)


def _less_style(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Load myst-nb's style with the labs alone."""
    if not page.startswith("labs/"):
        context["css_files"] = [style for style in context["css_files"] if "mystnb" not in style.filename]
