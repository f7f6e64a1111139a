"""The checks of the finished site find what they are there for, and the theme's ballast goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs_engine.site import browser
from labs_engine.site.errors import SiteError
from labs_engine.site.pagecheck import check_pages
from labs_engine.site.theme import lighten

GOOD = (
    '<html lang="en"><head><title>t</title></head><body><main><h1 id="top">Title</h1>{}</main></body></html>'
)


def _site(folder: Path, body: str = "", other: str = "") -> Path:
    (folder / "labs").mkdir()
    (folder / "index.html").write_text(GOOD.format(body), encoding="utf-8")
    (folder / "labs" / "one.html").write_text(GOOD.format(other), encoding="utf-8")
    (folder / "a b.png").touch()
    return folder


@pytest.mark.parametrize(
    "body",
    [
        '<a href="labs/one.html#top">x</a><a href="#top">x</a><a href="labs/">x</a>'.replace(
            'labs/"', 'labs/one.html"'
        ),
        '<img src="a%20b.png" alt="">',
        '<a href="https://example.org/">out</a><a href="mailto:a@b.c">mail</a>',
        '<details class="hide"><summary>s</summary></details><details open></details>',
    ],
)
def test_a_good_page_has_no_fault(tmp_path: Path, body: str) -> None:
    assert check_pages(_site(tmp_path, body)) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="gone.html">x</a>', "links to gone.html, which is not there"),
        ('<a href="labs/one.html#gone">x</a>', "the page has no such place"),
        ('<a href="#gone">x</a>', "the page has no such place"),
        ('<img src="gone.png" alt="">', "loads gone.png, which is not there"),
        ('<img src="a%20b.png">', "1 figures without alt text"),
        ('<script src="https://cdn.example.org/x.js"></script>', "from another host"),
        ('<link rel="stylesheet" href="//fonts.example.org/x.css">', "from another host"),
        ('<audio src="https://example.org/x.wav"></audio>', "from another host"),
        ("<h1>Second</h1>", "2 first headings"),
        ('<p id="top"></p>', "the id top is used 2 times"),
        ('<details class="hide" open></details>', "1 folded parts are open"),
        ('<details class="model-answer" open></details>', "1 folded parts are open"),
    ],
)
def test_each_fault_is_found_and_named(tmp_path: Path, body: str, fault: str) -> None:
    (found,) = check_pages(_site(tmp_path, body))
    assert found.startswith("index.html")
    assert fault in found


def test_icons_and_unused_parts_leave_the_theme(tmp_path: Path) -> None:
    styles, scripts = tmp_path / "_static" / "styles", tmp_path / "_static" / "scripts"
    styles.mkdir(parents=True)
    scripts.mkdir()
    style = styles / "pydata-sphinx-theme.css"
    style.write_text(
        'a{b:c}@font-face{font-family:Font Awesome\\ 7 Free;src:url(x)}.fa-bars,.fa-navicon{--fa:"\\f0c9"}'
        ".fa-lg{width:1em}.carousel .item,.toast{d:e}.bd-card,.card{f:g}@media(x){.modal{h:i}.bd-x{j:k}}",
        encoding="utf-8",
    )
    for name in ("fontawesome.js", "bootstrap.js", "bootstrap.js.map"):
        (scripts / name).write_text("code()\n//# sourceMappingURL=x.map", encoding="utf-8")
    lighten(tmp_path)
    assert style.read_text(encoding="utf-8") == (
        "a{b:c}.fa-lg{width:1em}.bd-card,.card{f:g}@media(x){.bd-x{j:k}}"
    )
    assert [path.name for path in scripts.iterdir()] == ["bootstrap.js"]
    assert "sourceMapping" not in (scripts / "bootstrap.js").read_text(encoding="utf-8")


def test_another_theme_than_expected_is_an_error(tmp_path: Path) -> None:
    styles = tmp_path / "_static" / "styles"
    styles.mkdir(parents=True)
    (styles / "pydata-sphinx-theme.css").write_text("a{b:c}", encoding="utf-8")
    with pytest.raises(SiteError, match="defines no icons as expected"):
        lighten(tmp_path)


@pytest.mark.skipif(bool(browser.why_not()), reason=browser.why_not())
def test_the_browser_sees_what_must_not_be(tmp_path: Path) -> None:
    bad = (
        '<img src="http://127.0.0.2:9/x.png" alt=""><script>undefinedName()</script><script>console.error("bad")</script>'
        '<p style="width:900px;color:#888;background:#999">grey</p><input><img src="gone.png" alt="">'
    )
    site = _site(tmp_path, bad)
    (site / "search.html").write_text(GOOD.format('<div id="search-results"></div>'), encoding="utf-8")
    faults = "\n".join(browser.look_at(site, ["index.html"]).faults)
    for expected in (
        "asks another host: http://127.0.0.2:9/x.png",
        "undefinedName is not defined",
        "console error: bad",
        "404 for",
        "pixels wide in a window of 390",
        "index.html (light): color-contrast",
        "index.html (light): label",
        "index.html (dark): color-contrast",
        "index.html: not shown in dark mode",
        "nothing is found for",
    ):
        assert expected in faults


def test_without_a_browser_it_is_said_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(browser, "BROWSERS", ("no-such-browser",))
    assert "no-such-browser" in browser.why_not() or "not installed" in browser.why_not()
    if "not installed" not in browser.why_not():
        with pytest.raises(FileNotFoundError, match="no browser found"):
            browser.look_at(tmp_path, [])
