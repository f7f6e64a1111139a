"""The labs in JupyterLab in a real browser, as a new user meets them.

One file, so that its tests share one server and one browser. LABS_SCREENSHOTS names a folder
for pictures of what was seen.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
import pytest
from lab_browser import PATIENCE, NotebookPage, chromium, lab_server, user_environment
from playwright.sync_api import Browser, Locator, Page, expect

from labs_engine.build.project import find_project
from labs_engine.declare.course import all_labs, find_lab
from labs_engine.site.browser import find_browser

PROJECT = find_project(Path(__file__))
LAB = find_lab("01")
PAIRED = "02_gaussian_classification"
SOUND_AND_SLIDER = [
    "import numpy as np\nfrom labs_lib import audio, plots\nplots.use_style()",
    'audio.Player(np.sin(np.arange(22050) * 0.1), 22050, "a tone")',
    "def draw(rate):\n"
    '    return plots.learning_curves({"loss": np.exp(-rate * np.arange(20))}, title=f"rate {rate:.4f}")\n\n\n'
    'plots.explore(draw, [0.1, 0.2, 0.4], label="η = {:.1f}", title="Learning rate")',
]

pytestmark = pytest.mark.skipif(
    find_browser() is None, reason="no browser: install chromium to test the labs in JupyterLab"
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what students have, and a notebook with a player and a slider."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(PROJECT.notebooks, root / "notebooks", ignore=shutil.ignore_patterns(".*"))
    kernel = nbformat.read(PROJECT.notebook(LAB, "student"), as_version=4).metadata.kernelspec
    small = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code) for code in SOUND_AND_SLIDER], metadata={"kernelspec": kernel}
    )
    nbformat.write(small, root / "notebooks" / "small.ipynb")
    return root


@pytest.fixture(scope="module")
def server(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environment = user_environment(tmp_path_factory.mktemp("home"))
    labs = [str(Path(sys.executable).with_name("labs"))]
    with lab_server(labs, course, environment) as (address, _):
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # It ends with this file: while Playwright runs, nothing else in the process can use asyncio.
    with chromium() as started:
        yield started


@dataclass
class Window:
    """A browser window, and what went wrong in it."""

    page: Page
    address: str
    trouble: list[str]

    def open(self, name: str) -> NotebookPage:
        parts = urlsplit(self.address)
        self.page.goto(f"{parts.scheme}://{parts.netloc}/lab/tree/{name}.ipynb?{parts.query}&reset")
        return NotebookPage(self.page)


@pytest.fixture(scope="module")
def window_of_module(browser: Browser, server: str) -> Iterator[Window]:
    yield from _window(browser, server)


@pytest.fixture
def window(browser: Browser, server: str) -> Iterator[Window]:
    yield from _window(browser, server)


def _window(browser: Browser, server: str) -> Iterator[Window]:
    """Open a window; when it is closed nothing may have gone wrong in it, and nobody else been asked."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(PATIENCE)
    page.set_default_navigation_timeout(PATIENCE)
    window = Window(page, server, [])
    host = urlsplit(server).netloc
    page.on("console", lambda m: window.trouble.append(f"console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda error: window.trouble.append(f"error: {error}"))

    def asked(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != host:
            window.trouble.append(f"another host: {url}")
        if parts.path in ("/lab/api/news", "/lab/api/update"):
            window.trouble.append(f"a question to the network: {url}")

    page.on("request", lambda request: asked(request.url))
    page.on("websocket", lambda socket: asked(socket.url))
    yield window
    page.close()
    assert window.trouble == []


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("LABS_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass
class Opened:
    """Lab 01 as released, run down to its first check."""

    notebook: NotebookPage
    opening: str
    figure: dict[str, Any]
    untouched: str
    check: int


@pytest.fixture(scope="module")
def lab01(window_of_module: Window) -> Opened:
    notebook = window_of_module.open(LAB.name)
    opening = notebook.run_until("open_lab(").get_by_role("status").inner_text()
    check = notebook.run_until('lab.check("noise_free"')
    untouched, position = check.get_by_role("status").inner_text(), notebook.position - 1
    drawn = notebook.run_until("np.maximum(0, weight").locator(".jp-OutputArea")
    picture = drawn.locator("img")
    expect(picture).to_be_visible()
    figure = picture.evaluate("img => ({alt: img.alt, width: img.naturalWidth, shown: img.clientWidth})")
    figure["text"] = drawn.inner_text().strip()
    return Opened(notebook, opening, figure, untouched, position)


def test_the_table_of_contents_opens_and_a_click_opens_a_lab(window: Window, shots: Path) -> None:
    page = window.page
    page.goto(window.address)
    expect(page.get_by_role("heading", name="Neural networks on sound")).to_be_visible()
    for lab in all_labs():
        expect(page.get_by_role("link", name=lab.title)).to_be_visible()
    page.screenshot(path=shots / "contents.png")
    page.get_by_role("link", name=LAB.title).click()
    expect(page.get_by_role("heading", name=f"Lab {LAB.number} · {LAB.title}")).to_be_visible()
    expect(page.get_by_role("tab", name=f"{LAB.name}.ipynb")).to_be_visible()
    # No question about news, no hint at a newer version, no error.
    expect(page.locator(".Toastify__toast")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_as_released_the_cards_say_which_lab_it_is_and_that_nothing_is_attempted(lab01: Opened) -> None:
    assert f"Lab {LAB.number} · {LAB.title} · quick profile" in lab01.opening
    assert "not attempted yet" in lab01.untouched
    assert "TODO 1" in lab01.untouched


def test_figures_are_shown_and_described(lab01: Opened) -> None:
    assert lab01.figure["width"] > 300
    assert lab01.figure["shown"] > 300
    assert len(lab01.figure["alt"]) > 30
    assert lab01.figure["text"] == ""  # the figure alone, not the name of its axes


def test_a_known_mistake_gets_its_hint_and_the_right_answer_passes(lab01: Opened, shots: Path) -> None:
    notebook = lab01.notebook
    todo, check = notebook.cell(lab01.check - 1), notebook.cell(lab01.check)
    exercise = LAB.exercise("noise_free")
    mistake = next(mistake for mistake in exercise.mistakes if mistake.name == "no_condition")
    card = _answer(
        notebook, todo, check, "def noise_free(x, slope, intercept):\n    return slope * x + intercept"
    )
    expect(card).to_contain_text("not right yet")
    expect(card).to_contain_text(mistake.hint)
    notebook.page.screenshot(path=shots / "mistake.png")
    solution = nbformat.read(PROJECT.notebook(LAB, "solution"), as_version=4)
    right = next(cell.source for cell in solution.cells if cell.id == "todo-noise_free")
    card = _answer(notebook, todo, check, right)
    expect(card).to_contain_text(f"passed ({exercise.points} of {exercise.points} points)")
    notebook.page.screenshot(path=shots / "passed.png")


def _answer(notebook: NotebookPage, todo: Locator, check: Locator, code: str) -> Locator:
    notebook.write(todo, code)
    notebook.run()
    notebook.run()
    return check.get_by_role("status")


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_cards_are_legible_in_both_themes(lab01: Opened, theme: str, shots: Path) -> None:
    page = lab01.notebook.page
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.locator(".lm-Menu").get_by_text("Theme", exact=True).click()
    page.get_by_role("menuitem", name=theme, exact=True).click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
    wrong = "def noise_free(x, slope, intercept):\n    return slope * x"
    card = _answer(
        lab01.notebook, lab01.notebook.cell(lab01.check - 1), lab01.notebook.cell(lab01.check), wrong
    )
    expect(card).to_contain_text("not right yet")
    page.screenshot(path=shots / f"{theme.split()[1].lower()}.png")
    assert card.locator("div").count() == 3
    for text in [card, *card.locator("div, strong").all()]:
        assert _contrast(text) >= 4.5


def _contrast(text: Locator) -> float:
    """Return the contrast of a text against the colours that lie behind it, as WCAG defines it."""
    layers = text.evaluate(
        """element => {
            const layers = [getComputedStyle(element).color];
            for (let e = element; e; e = e.parentElement) layers.push(getComputedStyle(e).backgroundColor);
            return layers;
        }"""
    )
    ink, *grounds = [[float(n) for n in re.findall(r"[\d.]+", layer)] for layer in layers]
    colour = [255.0, 255.0, 255.0]
    for ground in reversed(grounds):
        alpha = ground[3] if len(ground) == 4 else 1.0
        colour = [alpha * new + (1 - alpha) * old for new, old in zip(ground, colour, strict=False)]
    bright, dark = sorted((_luminance(ink[:3]), _luminance(colour)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_players_play_and_sliders_move(window: Window, shots: Path) -> None:
    notebook = window.open("small")
    notebook.run()
    player = notebook.run().locator("audio")
    expect(player).to_be_visible()
    assert player.evaluate("audio => audio.play().then(() => audio.duration)") == pytest.approx(1.0)
    window.page.wait_for_function("document.querySelector('audio').currentTime > 0.05")

    explored = notebook.run()
    slider, picture = explored.get_by_role("slider"), explored.locator(".jupyter-widgets img")
    expect(picture).to_have_attribute("alt", re.compile("0.1000"))
    before = picture.get_attribute("src")
    slider.focus()
    slider.press("ArrowRight")
    expect(picture).to_have_attribute("alt", re.compile("0.1030"))
    assert picture.get_attribute("src") != before

    frames = explored.locator("fieldset")
    expect(frames.locator("figure:visible")).to_have_count(1)
    expect(frames.locator("figure:visible img")).to_have_attribute("alt", re.compile("0.1000"))
    frames.get_by_label("η = 0.4").check()
    expect(frames.locator("figure:visible")).to_have_count(1)
    expect(frames.locator("figure:visible img")).to_have_attribute("alt", re.compile("0.4000"))
    window.page.screenshot(path=shots / "slider.png")


def test_saving_keeps_both_files_of_a_pair_in_step(window: Window, course: Path) -> None:
    path = course / "notebooks" / f"{PAIRED}.ipynb"
    script = path.with_suffix(".py")
    released, text = nbformat.read(path, as_version=4), script.read_text(encoding="utf-8")
    lines = path.read_text(encoding="utf-8")
    notebook = window.open(PAIRED)
    notebook.save()
    assert script.read_text(encoding="utf-8") == text, "a saved notebook without a change changes nothing"
    saved = nbformat.read(path, as_version=4)
    # All but the kernel's own version, which JupyterLab adds.
    assert saved.metadata.pop("language_info").name == "python"
    assert nbformat.writes(saved) + "\n" == lines
    _same_but_for_sources(path, released)

    cell = notebook.cell(2)
    expect(cell).to_contain_text("n_per_class = 1000")
    parameters = cell.locator(".cm-content")
    notebook.write(cell, "seed = 0\nn_per_class = 77")
    notebook.save()
    assert "\nn_per_class = 77\n" in script.read_text(encoding="utf-8")
    _same_but_for_sources(path, released)

    script.write_text(
        script.read_text(encoding="utf-8").replace("n_per_class = 77", "n_per_class = 88"), encoding="utf-8"
    )
    notebook = window.open(PAIRED)
    expect(parameters).to_contain_text("n_per_class = 88")
    notebook.save()
    assert "n_per_class = 88" in json.dumps(nbformat.read(path, as_version=4))
    _same_but_for_sources(path, released)


def _same_but_for_sources(path: Path, released: nbformat.NotebookNode) -> None:
    """Hold a saved notebook against the released one: ids, tags and nbgrader's metadata are all there."""
    saved = nbformat.read(path, as_version=4)
    for now, before in zip(saved.cells, released.cells, strict=True):
        assert (now.id, now.cell_type) == (before.id, before.cell_type)
        metadata = {key: value for key, value in now.metadata.items() if key != "execution"}
        assert metadata == before.metadata
