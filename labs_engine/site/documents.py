"""The documents of the repository as pages: read from where they are, with links that lead to pages."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from labs_engine.build.project import Published
from labs_engine.site.errors import SiteError

# Documents by their place in the repository, and the pages that they become.
DOCUMENTS = {
    "docs/index.md": "index.md",
    "docs/grading.md": "grading.md",
    "docs/cheating.md": "cheating.md",
    "docs/figures.md": "figures.md",
    "docs/systems.md": "systems.md",
    "docs/first-notebook.md": "first-notebook.md",
    "docs/glossary.md": "glossary.md",
    "docs/origins.md": "origins.md",
    "data/README.md": "data.md",
    "docs/architecture.md": "architecture.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks.md",
}
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])+)\]\(([^()\s]+)\)")
_CODE = re.compile(r"(^```.*?^```|`[^`\n]+`)", flags=re.MULTILINE | re.DOTALL)


def as_page(root: Path, document: str, generated: Mapping[str, str], published: Published) -> str:
    """Return a document with its links changed to what the site has.

    A link to another document leads to its page, one to any other file of the
    repository to that file on GitHub, or is plain text while there is no public repository.

    Args:
        root: The repository.
        document: Path of the document in it.
        generated: Pages that the site makes itself, by name.
        published: Where the course is published.

    Raises:
        SiteError: A link leads nowhere.
    """
    text = (root / document).read_text(encoding="utf-8")

    def changed(match: re.Match[str]) -> str:
        words, target = match.groups()
        path, sign, fragment = target.partition("#")
        if not path or re.match(r"\w+:", path):
            return match[0]
        if document.startswith("docs/") and path in generated:
            return match[0]
        place = posixpath.normpath(posixpath.join(posixpath.dirname(document), path))
        if place in DOCUMENTS:
            return f"[{words}]({DOCUMENTS[place]}{sign}{fragment})"
        if not (root / place).exists():
            raise SiteError(f"{document} links to {target}, which is not there")
        return f"[{words}]({published.file(place)})" if published else words

    return _outside_code(text, lambda prose: _LINK.sub(changed, prose))


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    """Change a text where it is no code.

    Args:
        text: The text, in Markdown.
        change: What is done to it, with a mark where each piece of code stood: a link may have code in its words.
    """
    kept: list[str] = []

    def keep(code: str) -> str:
        kept.append(code)
        return f"\0{len(kept) - 1}\0"

    pieces = _CODE.split(text)  # every second piece is code
    joined = "".join(keep(piece) if number % 2 else piece for number, piece in enumerate(pieces))
    return re.sub(r"\0(\d+)\0", lambda match: kept[int(match[1])], change(joined))
