"""The site in one piece: built from executed notebooks by Sphinx, then looked at in a browser."""

from __future__ import annotations

import base64
import importlib.util
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_runs import FIGURE, PIXEL, PROJECT, html, make_run, sound

from labs_engine.cli.app import main
from labs_engine.declare.course import all_labs, select_labs
from labs_engine.site import api, browser, build
from labs_engine.site.errors import SiteError
from labs_lib.plots.frames import Frame, Frames

LABS = ("01", "03")
needs_sphinx = pytest.mark.skipif(
    importlib.util.find_spec("sphinx_book_theme") is None, reason="the site's packages: make install-docs"
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of two labs with one of everything that a lab shows."""
    folder = tmp_path_factory.mktemp("runs")
    frames = Frames("Rate", [Frame(f"η = {n}", f"Path {n}.", _pixel(), 300) for n in range(3)], 1)
    table = '<table border="1" class="dataframe"><tr><th></th><th>a</th></tr><tr><th>0</th><td>1</td></tr></table>'
    outputs = {6: [html(FIGURE), html(sound())], 7: [html(frames.html())], 8: [html(table)]}
    for number in LABS:
        make_run(folder, number, outputs=outputs, data_sources=["standin"], data_source="standin")
    return folder


def _pixel() -> bytes:
    return base64.b64decode(PIXEL.partition(",")[2])


@pytest.fixture(scope="module")
def site(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    whole = api.modules_of
    with pytest.MonkeyPatch.context() as patch:
        # One room alone, that names nothing of the others: the whole reference is what takes `make site` its time.
        patch.setattr(
            api, "modules_of", lambda room, package: whole(room, package) if room == "labs_lib.audio" else []
        )
        build.build_site(PROJECT, select_labs(LABS), runs, out, main)
    return out


@needs_sphinx
def test_the_site_is_built_without_a_warning(site: Path) -> None:
    page = (site / "labs" / f"{select_labs(['03'])[0].name}.html").read_text(encoding="utf-8")
    assert page.count("Show the worked solution") >= len(select_labs(["03"])[0].exercises)
    assert "### BEGIN SOLUTION" not in page
    assert "<math" in page
    assert "data:image/png" not in page
    assert 'id="lab03-figure-1"' in page
    assert 'preload="none"' in page
    assert "Executed with seed 0" in page
    assert (site / ".nojekyll").is_file()
    assert 'id="labs_lib.audio.player.Player"' in (site / "api" / "labs_lib.audio.html").read_text(
        encoding="utf-8"
    )
    index = (site / "index.html").read_text(encoding="utf-8")
    assert "Two commands" in index
    assert all(lab.title in index for lab in select_labs(LABS))
    assert sorted(path.name for path in site.parent.iterdir()) == ["site"]  # nothing temporary is left


@needs_sphinx
@pytest.mark.skipif(bool(browser.why_not()), reason=browser.why_not())
def test_the_site_has_no_fault_in_a_browser(site: Path) -> None:
    found = browser.look_at(site, ["gallery.html", f"labs/{select_labs(['01'])[0].name}.html"])
    assert found.faults == []
    assert 0 < found.landing_bytes < 500_000


@needs_sphinx
def test_a_failed_build_leaves_the_site_that_was_there(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "site"
    out.mkdir()
    (out / "searchindex.js").write_text("old", encoding="utf-8")
    monkeypatch.setattr(build, "gallery", lambda *_: "# Gallery\n\n[nowhere](gone.md)\n")
    monkeypatch.setattr(build, "reference", lambda *_: {"api/index.md": "# Reference\n"})
    with pytest.raises(SiteError, match=r"(?s)Sphinx found faults:.*gallery\.md:3: WARNING.*gone\.md"):
        build.build_site(PROJECT, select_labs(["01"]), runs, out, main)
    assert (out / "searchindex.js").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@needs_sphinx
def test_a_folder_with_something_else_is_not_replaced(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(FileExistsError, match="something else than a site"):
        build.build_site(PROJECT, select_labs(["01"]), runs, tmp_path, main)


@needs_sphinx
def test_the_command_refuses_runs_of_other_code_and_real_recordings(tmp_path: Path) -> None:
    options = ["site", "--out", str(tmp_path / "site"), "--browser", "never"]
    done = CliRunner().invoke(main, [*options, "--no-run", "--runs", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert "has not been executed" in done.output
    for lab in all_labs():
        make_run(tmp_path / "runs", lab.number, data_sources=["real"], data_source="real")
    done = CliRunner().invoke(main, [*options, "--runs", str(tmp_path / "runs")])
    assert done.exit_code == 1
    assert "real recordings, which the site must not publish" in done.output
    assert not (tmp_path / "site").exists()


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_PACKAGES", ("no_such_package", "click"))
    with pytest.raises(SiteError, match=r"no_such_package not installed: .*make site"):
        build.require_packages()
