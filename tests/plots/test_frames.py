"""Frames that work without a kernel, a script or a network; a slider where a kernel answers."""

from __future__ import annotations

import io
import re
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import IPython.core.getipython
import IPython.display
import ipywidgets
import matplotlib.pyplot as plt
import pytest
from matplotlib.image import imread
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

from labs_engine.base.style import describe
from labs_lib.plots import frames


def _draw(value: float) -> plt.Axes:
    _, ax = plt.subplots(figsize=(4, 2))
    ax.plot([0, value], [0, 1])
    return describe(ax, f"A line to {value:g}, with <angle> brackets.")


@pytest.fixture(scope="module")
def shown() -> frames.Frames:
    return frames.static_frames(_draw, [1, 2, 3], label="x = {:g}", title="Where to", first=1)


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attributes}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_each_frame_has_a_labelled_button_and_a_picture_with_alt_text(shown) -> None:
    tags = _Tags(shown.html())
    buttons, labels, pictures = tags.all("input"), tags.all("label"), tags.all("img")
    assert [button["id"] for button in buttons] == [label["for"] for label in labels]
    assert len({button["name"] for button in buttons}) == 1  # one group: the arrow keys step through it
    assert [picture["alt"] for picture in pictures] == [
        f"A line to {x}, with <angle> brackets." for x in (1, 2, 3)
    ]
    assert [("checked" in button) for button in buttons] == [False, True, False]
    assert "<legend>Where to</legend>" in shown.html()
    assert "x = 3</label>" in shown.html()


def test_a_button_shows_its_own_frame_and_all_are_hidden_else(shown) -> None:
    html = shown.html()
    tags = _Tags(html)
    (name,) = {button["name"] for button in tags.all("input")}
    figures = [figure["class"] for figure in tags.all("figure")]
    rules = re.findall(rf"#({name}-\d):checked~\.({name}-\d)", html)
    assert rules == [(f"{name}-{k}", figures[k]) for k in range(3)]
    assert f"#{name} figure{{display:none}}" in html
    # `~` reaches later siblings: nothing may open between the first button and the last figure.
    between = html[html.index("<input") : html.rindex("</figure>")]
    assert "<div" not in between


def test_frames_need_no_script_and_nothing_from_elsewhere(shown) -> None:
    html = shown.html()
    assert "<script" not in html
    assert "http" not in html
    assert re.search(r"\son\w+=", re.sub(r'"[^"]*"', '""', html)) is None


def test_pictures_are_small_and_still_pictures(shown) -> None:
    picture = imread(io.BytesIO(shown.frames[0].png))
    assert picture.shape[:2] == (260, 520)
    assert len(shown.frames[0].png) < 12_000
    assert shown.frames[0].width == 400


def test_the_same_frames_give_the_same_page_and_others_another_group(shown) -> None:
    same = frames.static_frames(_draw, [1, 2, 3], label="x = {:g}", title="Where to", first=1)
    other = frames.static_frames(_draw, [1, 2, 4], label="x = {:g}", title="Where to", first=1)
    assert same.html() == shown.html()
    assert _Tags(other.html()).all("input")[0]["name"] != _Tags(shown.html()).all("input")[0]["name"]


def test_no_figure_is_left_open(shown) -> None:
    plt.close("all")
    frames.static_frames(_draw, [1, 2])
    assert plt.get_fignums() == []


def test_an_exported_page_keeps_the_frames(shown) -> None:
    bundle = shown._repr_mimebundle_()
    output = new_output("execute_result", data=bundle, execution_count=1)
    page, _ = HTMLExporter().from_notebook_node(new_notebook(cells=[new_code_cell("f", outputs=[output])]))
    # nbconvert writes the tags anew, so the parts that matter are compared.
    here, there = _Tags(shown.html()), _Tags(page)
    assert there.all("input") == here.all("input")
    assert [picture for picture in there.all("img") if "alt" in picture] == here.all("img")
    assert re.findall(r"<style>.*?</style>", shown.html())[0] in page
    assert "A line to 2" in bundle["text/plain"]


def test_the_slider_draws_the_figure_anew() -> None:
    box = frames.live_slider(_draw, 1, 3, 2, label="x")
    slider, picture = box.children
    assert (slider.min, slider.max, slider.value, slider.description) == (1, 3, 2, "x")
    before = picture.value
    slider.value = 2.5
    assert picture.value != before
    assert 'alt="A line to 2.5' in picture.value


@pytest.fixture
def displayed(monkeypatch) -> list[object]:
    shown: list[object] = []
    monkeypatch.setattr(IPython.display, "display", shown.append)
    return shown


def _shell(monkeypatch, **variables: str) -> None:
    shell = SimpleNamespace(kernel=object(), user_ns=variables)
    monkeypatch.setattr(IPython.core.getipython, "get_ipython", lambda: shell)


def test_without_a_person_only_the_frames_are_stored(monkeypatch, displayed) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    _shell(monkeypatch)
    assert len(frames.explore(_draw, [1, 2], label="x = {:g}").frames) == 2
    assert displayed == []


@pytest.mark.parametrize("place", ["jupyterlab", "colab", "vscode"])
def test_a_person_at_a_kernel_gets_the_slider_as_well(monkeypatch, displayed, place) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    _shell(monkeypatch, **({"__vsc_ipynb_file__": "x.ipynb"} if place == "vscode" else {}))
    if place == "jupyterlab":
        monkeypatch.setenv("JPY_SESSION_NAME", "notebooks/x.ipynb")
    if place == "colab":
        monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace())
    assert len(frames.explore(_draw, [1, 2], label="x = {:g}").frames) == 2
    (box,) = displayed
    assert isinstance(box, ipywidgets.VBox)
    assert box.children[0].description == "x"


def test_plain_python_has_no_front_end() -> None:
    assert not frames.has_front_end()
