"""Figures of executed notebooks: those of the course are let through, everything else is not."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labs_engine.grade.pictures import NotAPicture, checked_png, pictures_in


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int = 4,
    height: int = 3,
    pixels: bytes | None = None,
    header: bytes = b"\x08\x02\0\0\0",
    extra: bytes = b"",
    end: bytes = b"",
) -> bytes:
    """Return a picture of three bytes a pixel, or something that is nearly one."""
    rows = (b"\0" + b"\x7f" * 3 * width) * height if pixels is None else pixels
    head = chunk(b"IHDR", struct.pack(">II", width, height) + header)
    return (
        b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"") + end
    )


def _notebook(folder: Path, *data: Any) -> Path:
    outputs = [{"output_type": "display_data", "data": one, "metadata": {}} for one in data]
    path = folder / "run.ipynb"
    path.write_text(json.dumps({"cells": [{"id": "a", "outputs": outputs}, {"id": "b"}]}), encoding="utf-8")
    return path


def _html(
    data: bytes, alt: str = "a curve", rest: str = ' style="width:300px;max-width:100%;height:auto"'
) -> str:
    return f'<img src="data:image/png;base64,{base64.b64encode(data).decode()}" alt="{alt}"{rest}>'


def test_a_figure_of_the_course_is_shown_with_its_text_and_width(tmp_path: Path) -> None:
    import matplotlib.pyplot as plt

    from labs_engine.base.style import describe, figure_html

    figure, ax = plt.subplots(figsize=(3, 2))
    ax.imshow(np.arange(12).reshape(3, 4))
    describe(ax, 'Twelve "fields" & <more>.')
    (found,) = pictures_in(_notebook(tmp_path, {"text/html": figure_html(figure), "text/plain": "x"}))
    assert (found.alt, found.width, found.cell) == ('Twelve "fields" & <more>.', 300, "a")
    buffer = io.BytesIO(found.png)
    assert plt.imread(buffer).shape[:2] == (400, 600)


def test_a_bare_png_is_shown_too(tmp_path: Path) -> None:
    data = base64.b64encode(png()).decode()
    notebook = _notebook(
        tmp_path, {"image/png": [data[:8] + "\n", data[8:]], "text/plain": "<Figure size 1x1>"}
    )
    (found,) = pictures_in(notebook)
    assert (found.png, found.alt, found.width) == (png(), "A figure without a description", 4)


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        _html(png()) + "<script>alert(1)</script>",
        _html(png(), rest=' onload="alert(1)"'),
        _html(png(), alt='x" onerror="alert(1)'),
        _html(png(), rest=' style="width:300px" onerror="x"'),
        _html(b"<svg onload=alert(1)>"),
        '<img src="http://example.org/x.png" alt="x">',
        '<img src="data:image/svg+xml;base64,AAAA" alt="x">',
        "",
    ],
)
def test_html_that_is_no_figure_is_left_out(tmp_path: Path, html: str) -> None:
    assert pictures_in(_notebook(tmp_path, {"text/html": html})) == []


def test_what_a_picture_does_not_need_is_taken_out() -> None:
    extra = (
        chunk(b"tEXt", b"comment\0<script>") + chunk(b"iCCP", b"profile") + chunk(b"eXIf", b"where I live")
    )
    assert checked_png(png(extra=extra, end=b"<script>alert(1)</script>")) == png()


def test_palettes_and_transparency_are_kept() -> None:
    palette = chunk(b"PLTE", b"\xff\0\0\0\xff\0") + chunk(b"tRNS", b"\x80")
    data = png(pixels=b"\0\x10" * 3, width=8, header=b"\x01\x03\0\0\0", extra=palette)
    assert checked_png(data) == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no PNG file"),
        (b"GIF89a", "no PNG file"),
        (png()[:-4], "cut off|broken chunk"),
        (png()[:30], "cut off|broken chunk"),
        (png().replace(b"IDAT", b"IDAX"), "broken chunk"),
        (png(extra=chunk(b"ABCD", b"")), "unknown chunk"),
        (png(extra=chunk(b"IHDR", b"\0" * 13)), "no beginning or end"),
        (png(0), "no pixels, or too many"),
        (png(100_000, 100_000, pixels=b"\0"), "no pixels, or too many"),
        (png(pixels=b"\0" * 10), "more or fewer pixels"),
        (png(pixels=b"\0" * 10_000_000), "more or fewer pixels"),
        (png(pixels=b"\x09" * 39), "unknown filter"),
        (png(header=b"\x08\x02\0\0\1"), "another kind"),
        (png(header=b"\x03\x02\0\0\0"), "another kind"),
        (png(header=b"\x08\x03\0\0\0"), "no palette"),
        (png(extra=chunk(b"PLTE", b"\0")), "broken palette"),
    ],
)
def test_what_is_no_sound_picture_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(NotAPicture, match=message):
        checked_png(data)


@pytest.mark.parametrize(
    "content", ["", "[]", '{"cells": 1}', '{"cells": [1]}', '{"cells": [{"outputs": [1]}]}', "[" * 100_000]
)
def test_a_notebook_that_is_none_has_no_figures(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.ipynb").write_text(content, encoding="utf-8")
    assert pictures_in(tmp_path / "run.ipynb") == []
    assert pictures_in(tmp_path / "none.ipynb") == []


def test_the_number_of_figures_has_a_limit(tmp_path: Path) -> None:
    assert len(pictures_in(_notebook(tmp_path, *[{"text/html": _html(png())}] * 9), most=5)) == 5
