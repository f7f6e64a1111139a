"""Figures and sounds, extracted from the outputs of a notebook into files."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from labs_engine.site.errors import SiteError

_ENDINGS = {"image/png": ".png", "audio/wav": ".wav"}


@dataclass(frozen=True)
class Medium:
    """A figure or a sound on a page.

    Attributes:
        kind: 'figure' or 'sound'.
        anchor: Id of its element on the page of the lab.
        file: Name of its file in the folder of media.
        text: Alt text of a figure, caption of a sound.
        size: Width and height of a figure in pixels, (0, 0) of a sound.
        shown: Whether it is visible at first; of frames to step through only one is.
    """

    kind: str
    anchor: str
    file: str
    text: str
    size: tuple[int, int] = (0, 0)
    shown: bool = True


@dataclass
class MediaStore:
    """A folder of media, named after their content, so that duplicates are stored once.

    Attributes:
        folder: Where the files go.
        address: Prefix of a file's name in a page's links.
    """

    folder: Path
    address: str
    _count: dict[str, int] = field(default_factory=dict)

    def extract(self, html: str, prefix: str) -> tuple[str, list[Medium]]:
        """Move what is embedded in a piece of HTML into files.

        Figures load when they come near the window, sounds when they are played. Tables that are too wide scroll in a
        frame, and text gets the colours of the page.

        Args:
            html: An output of a cell.
            prefix: Start of the anchors; they are numbered by prefix and kind.

        Returns:
            The HTML with links, and the media in the order of the page.

        Raises:
            SiteError: Something is embedded that the site has no file type for, or a figure
                has no alt text.
        """
        page = BeautifulSoup(html, "html.parser")
        found = [
            medium
            for tag in page.find_all(["img", "audio"])
            if str(tag.get("src", "")).startswith("data:")
            for medium in [self._move(tag, prefix)]
        ]
        for style in page.find_all("style", scoped=True):
            style.decompose()  # pandas' own style of tables: that of the theme has a dark mode
        for text in page.find_all("pre"):
            _plain(text)
        for table in page.find_all("table"):
            _frame_table(page, table)
        return str(page), found

    def _move(self, tag: Tag, prefix: str) -> Medium:
        kind = "figure" if tag.name == "img" else "sound"
        text = str(tag.get("alt" if kind == "figure" else "aria-label") or "").strip()
        if not text:
            raise SiteError(f"{prefix}: a {kind} without {'alt text' if kind == 'figure' else 'caption'}")
        data, name = self._save(str(tag["src"]), prefix)
        self._count[prefix + kind] = number = self._count.get(prefix + kind, 0) + 1
        anchor = f"{prefix}-{kind}-{number}"
        tag["src"], tag["id"] = self.address + name, anchor
        if kind == "sound":
            tag["preload"] = "none"
            return Medium(kind, anchor, name, text)
        width, height = _png_size(data)
        # The browser reserves the space before the figure arrives.
        tag["width"], tag["height"], tag["loading"], tag["decoding"] = (
            str(width),
            str(height),
            "lazy",
            "async",
        )
        return Medium(kind, anchor, name, text, (width, height), _is_shown(tag))

    def _save(self, source: str, prefix: str) -> tuple[bytes, str]:
        head, _, body = source.partition(",")
        mime = head.removeprefix("data:").removesuffix(";base64")
        if mime not in _ENDINGS or not head.endswith(";base64"):
            raise SiteError(f"{prefix}: {head} is embedded; expected base64 of {' or '.join(_ENDINGS)}")
        data = base64.b64decode(body, validate=True)
        name = hashlib.sha256(data).hexdigest()[:16] + _ENDINGS[mime]
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(data)
        return data, name


def _png_size(data: bytes) -> tuple[int, int]:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        return image.size


def _is_shown(image: Tag) -> bool:
    """Tell whether a figure is visible at first: frames are chosen by radio buttons with ids of their own."""
    figure, fieldset = image.find_parent("figure"), image.find_parent("fieldset")
    if figure is None or fieldset is None:
        return True
    chosen = fieldset.find("input", checked=True)
    return chosen is None or chosen["id"] in (figure.get("class") or [])


def _frame_table(page: BeautifulSoup, table: Tag) -> None:
    del table["border"]
    table["class"] = " ".join([*filter(None, table.get_attribute_list("class")), "table"])
    # A frame that scrolls must be reachable by keyboard.
    frame = page.new_tag("div", attrs={"class": "course-table", "tabindex": "0", "role": "group"})
    frame["aria-label"] = "Table"
    table.wrap(frame)


def _plain(text: Tag) -> None:
    """Remove the colours from text that a program made for white pages, such as Keras's summaries."""
    text["tabindex"] = "0"  # it scrolls where it is too wide
    for piece in text.find_all("span", style=True):
        del piece["style"]
