"""Checks of the finished pages that need no browser: links, anchors, headings, foreign hosts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Elements whose address the browser loads by itself, and the attribute that holds it.
_LOADED = {"img": "src", "script": "src", "audio": "src", "source": "src", "iframe": "src", "link": "href"}
_FOLDED = {"hide", "model-answer"}  # solutions and answers; the theme has folds of its own
_NOT_LOADED = {"canonical", "index", "search", "next", "prev", "author", "copyright", "help", "contents"}


@dataclass
class Page:
    """What the check needs to know of a page.

    Attributes:
        ids: How often each id occurs.
        links: Targets of its links.
        loads: Addresses that a browser loads to show the page.
        headings: Number of first headings.
        images: Number of figures without alt text.
        open_folds: Number of folded parts that are open at first.
    """

    ids: Counter[str] = field(default_factory=Counter)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    headings: int = 0
    images: int = 0
    open_folds: int = 0


def check_pages(site: Path) -> list[str]:
    """Return the faults of a site's pages, one line each.

    The check requires: every relative link and anchor leads somewhere, nothing is loaded from
    another host, an id is used once, each page has one first heading, figures have alt
    text, and what is folded is folded at first.

    Args:
        site: Folder of the built site.
    """
    pages = {path.relative_to(site).as_posix(): _read(path) for path in sorted(site.rglob("*.html"))}
    faults = []
    for name, page in pages.items():
        faults += [f"{name}: {fault}" for fault in _own_faults(page)]
        for target in page.loads:
            faults += [f"{name} loads {fault}" for fault in _fault_of(site, pages, name, target, loaded=True)]
        for target in page.links:
            faults += [
                f"{name} links to {fault}" for fault in _fault_of(site, pages, name, target, loaded=False)
            ]
    return faults


def _own_faults(page: Page) -> list[str]:
    faults = [f"the id {name} is used {count} times" for name, count in page.ids.items() if count > 1]
    if page.headings != 1:
        faults.append(f"{page.headings} first headings, expected one")
    if page.images:
        faults.append(f"{page.images} figures without alt text")
    if page.open_folds:
        faults.append(f"{page.open_folds} folded parts are open at first")
    return faults


def _fault_of(site: Path, pages: dict[str, Page], name: str, target: str, *, loaded: bool) -> list[str]:
    address = urlsplit(target)
    if address.scheme or address.netloc:
        foreign = loaded and address.scheme != "data"
        return [f"{target} from another host"] if foreign else []
    wanted = (site / name).parent / unquote(address.path) if address.path else site / name
    if wanted.is_dir():
        wanted /= "index.html"
    if not wanted.is_file():
        return [f"{target}, which is not there"]
    place = wanted.resolve().relative_to(site.resolve()).as_posix()
    if address.fragment and place in pages and unquote(address.fragment) not in pages[place].ids:
        return [f"{target}: the page has no such place"]
    return []


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if values.get("id"):
            self.page.ids[values["id"]] += 1
        if tag == "a" and values.get("href"):
            self.page.links.append(values["href"])
        relations = set(values.get("rel", "").split())
        if values.get(_LOADED.get(tag, "")) and not relations & _NOT_LOADED:
            self.page.loads.append(values[_LOADED[tag]])
        self.page.headings += tag == "h1"
        self.page.images += tag == "img" and "alt" not in values
        folded = tag == "details" and _FOLDED & set(values.get("class", "").split())
        self.page.open_folds += bool(folded) and "open" in values


def _read(path: Path) -> Page:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    return reader.page
