"""HTML pages with untrusted texts: everything is escaped, and the content security policy lets nothing run.

The pages hold no script. Should something get through nevertheless, the policy in their heads lets a browser neither
run it nor fetch anything: styles are one block, known by its digest, and images are data.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from labs_engine.base.storage import write_whole

_TEMPLATES = Path(__file__).parent / "templates"


@functools.lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.globals["style"] = Markup(
        style
    )  # our own file; escaped it would not be the text of the digest
    environment.globals["policy"] = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return environment


def render(template: str, **values: Any) -> str:
    """Return a page made from a template.

    Args:
        template: Its file name.
        **values: What it shows; every text is escaped.
    """
    return _environment().get_template(template).render(**values)


def image(png: bytes, alt: str, width: int) -> Markup:
    """Return an image that lies in the page itself.

    Args:
        png: A picture that has been checked.
        alt: Its text.
        width: At which it is shown, in pixels.
    """
    data = base64.b64encode(png).decode("ascii")
    return Markup('<img src="data:image/png;base64,{}" alt="{}" width="{}">').format(data, alt, width)


def write_page(path: Path, page: str) -> None:
    """Write a page."""
    write_whole(path, page.encode("utf-8", errors="replace"))
