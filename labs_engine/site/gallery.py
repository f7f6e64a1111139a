"""The gallery: every figure and sound of the labs on one page, each with a link to where it is made."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from labs_engine.site.labpage import LabPage, Placed, conditions

_INTRODUCTION = """\
# Figures and sounds

Everything that the labs draw and play, in their order. A figure, and the line below the name of a sound, lead to the
place in the lab where it is made, with the code that makes it. Of a figure with several states one is shown here.

The sounds are synthesised by the course itself, as stand-ins for recordings that have owners. They are there to show
what the labs do, and they are no replacement for real sounds."""


def gallery(pages: Sequence[LabPage], address: str) -> str:
    """Return the gallery as Markdown.

    Args:
        pages: The pages of the labs.
        address: Prefix of the address of a figure's or sound's file.
    """
    parts = [_INTRODUCTION]
    for page in pages:
        shown = [placed for placed in page.media if placed.medium.shown]
        if not shown:
            continue
        spec = page.lab.spec
        parts += [f"## Lab {spec.number} · {spec.title}", conditions(page.lab.record)]
        for kind, draw in (("sound", _sound), ("figure", _figure)):
            cards = [
                draw(placed, f"labs/{spec.name}.html", address)
                for placed in shown
                if placed.medium.kind == kind
            ]
            if cards:
                parts.append(f'<div class="gallery gallery-{kind}s">\n' + "\n".join(cards) + "\n</div>")
    return "\n\n".join(parts) + "\n"


def _figure(placed: Placed, page: str, address: str) -> str:
    medium, (width, height) = placed.medium, placed.medium.size
    link = f"{page}#{medium.anchor}"
    return (
        f'<figure><a href="{link}"><img src="{address}{medium.file}" alt="{escape(medium.text)}" '
        f'width="{width}" height="{height}" loading="lazy" decoding="async"></a>'
        f"<figcaption>{escape(placed.section)}</figcaption></figure>"
    )


def _sound(placed: Placed, page: str, address: str) -> str:
    medium = placed.medium
    return (
        f'<figure><figcaption>{escape(medium.text)}<br><a href="{page}#{medium.anchor}">{escape(placed.section)}</a>'
        f'</figcaption><audio controls preload="none" aria-label="{escape(medium.text)}" '
        f'src="{address}{medium.file}"></audio></figure>'
    )
