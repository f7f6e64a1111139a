"""Figures and sounds leave the outputs for files, with everything that says what they are."""

from __future__ import annotations

import base64
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from bs4 import BeautifulSoup
from made_runs import FIGURE, PIXEL, sound

from labs_engine.base.style import describe
from labs_engine.site.errors import SiteError
from labs_engine.site.media import MediaStore
from labs_lib.plots.frames import static_frames


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media", "../media/")


def test_a_figure_becomes_a_file_that_loads_late_and_keeps_its_alt_text(store: MediaStore) -> None:
    html, (figure,) = store.extract(FIGURE, "lab01")
    image = BeautifulSoup(html, "html.parser").img
    assert image is not None
    assert image["src"] == f"../media/{figure.file}"
    assert (store.folder / figure.file).read_bytes() == base64.b64decode(PIXEL.partition(",")[2])
    assert (image["alt"], image["loading"], image["id"]) == ("A curve that falls.", "lazy", figure.anchor)
    assert (image["width"], image["height"]) == ("1", "1")
    assert (figure.kind, figure.anchor, figure.shown) == ("figure", "lab01-figure-1", True)


def test_a_sound_loads_when_it_is_played(store: MediaStore) -> None:
    html, (heard,) = store.extract(sound("a tone of 440 Hz"), "lab04")
    player = BeautifulSoup(html, "html.parser").audio
    assert player is not None
    assert player["preload"] == "none"
    assert player.has_attr("controls")
    assert (store.folder / heard.file).read_bytes()[:4] == b"RIFF"
    assert heard.text.startswith("a tone of 440 Hz")
    assert "a tone of 440 Hz" in html.partition("<audio")[0]  # the visible caption


def test_anchors_are_numbered_and_equal_files_are_kept_once(store: MediaStore) -> None:
    first = store.extract(FIGURE, "lab01")[1] + store.extract(FIGURE, "lab01")[1]
    other = store.extract(FIGURE, "lab02")[1]
    assert [m.anchor for m in first + other] == ["lab01-figure-1", "lab01-figure-2", "lab02-figure-1"]
    assert len(list(store.folder.iterdir())) == 1


def test_of_steppable_frames_the_chosen_one_is_shown(store: MediaStore) -> None:
    frames = static_frames(lambda v: describe(plt.subplots()[1], f"value {v}"), [1, 2, 3], first=1)
    html, found = store.extract(frames.html(), "lab03")
    assert [medium.shown for medium in found] == [False, True, False]
    assert "<style>" in html  # the buttons work through it
    assert html.count('type="radio"') == 3


def test_a_table_scrolls_in_a_frame_that_the_keyboard_reaches(store: MediaStore) -> None:
    html, _ = store.extract('<style scoped>x</style><table border="1" class="dataframe"></table>', "lab01")
    page = BeautifulSoup(html, "html.parser")
    assert page.style is None
    assert page.table is not None
    assert page.table["class"] == ["dataframe", "table"]
    assert not page.table.has_attr("border")
    assert page.table.parent is not None
    assert page.table.parent["tabindex"] == "0"


@pytest.mark.parametrize(
    ("html", "why"),
    [
        (f'<img src="{PIXEL}">', "without alt text"),
        ('<audio src="data:audio/wav;base64,AAAA"></audio>', "without caption"),
        ('<img alt="a" src="data:image/tiff;base64,AAAA">', "expected base64 of image/png"),
        ('<img alt="a" src="data:image/png,AAAA">', "expected base64"),
    ],
)
def test_what_cannot_be_shown_is_refused(store: MediaStore, html: str, why: str) -> None:
    with pytest.raises(SiteError, match=why):
        store.extract(html, "lab01")


def test_html_without_media_is_left_as_it_is(store: MediaStore) -> None:
    html = '<div role="status" style="color:inherit"><strong>✔ passed</strong></div>'
    assert store.extract(html, "lab01") == (html, [])
    assert not store.folder.exists()


def test_text_of_a_program_takes_the_colours_of_the_page(store: MediaStore) -> None:
    html, _ = store.extract(
        '<pre style="white-space:pre"><span style="color: #0087ff">Dense</span></pre>', "lab01"
    )
    assert html == '<pre style="white-space:pre" tabindex="0"><span>Dense</span></pre>'
