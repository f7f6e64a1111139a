"""Checking the finished site in Chromium: requests, console messages, accessibility."""

from __future__ import annotations

import functools
import http.server
import importlib.util
import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Nothing in the background: only the pages themselves may ask for anything.
FLAGS = (
    "--no-sandbox",  # Chromium's own needs more rights than a container has
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What axe-core looks at in each mode: everything once, and again what depends on colours.
_MODES: dict[str, dict[str, Any]] = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}
_DESKTOP, _PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
_GRAVE = {"serious", "critical"}
_FIRST_PAGE = "index.html"
_FIRST_PAGE_BYTES = 500_000
_QUERY = "gradient"  # a word that several labs use


@dataclass
class Findings:
    """What the check has found.

    Attributes:
        faults: One line for each fault.
        landing_bytes: Size of the landing page with everything that it loads, in bytes.
        pages: Number of pages that were opened.
    """

    faults: list[str] = field(default_factory=list)
    landing_bytes: int = 0
    pages: int = 0


def why_not() -> str:
    """Say why the site cannot be looked at in a browser here, or return ''."""
    lacking = [
        name for name in ("playwright", "axe_playwright_python") if importlib.util.find_spec(name) is None
    ]
    if lacking:
        return f"{' and '.join(lacking)} not installed (`make install-docs`)"
    return "" if find_browser() else f"no browser found (looked for {', '.join(BROWSERS)})"


def look_at(site: Path, thorough: Sequence[str]) -> Findings:
    """Open every page of a site in Chromium.

    On every page: no request to another host, none that fails, no error in the console,
    and nothing wider than the window of a phone. On those named, in light and in dark
    mode: no serious or critical finding of axe-core. The landing page is small, and the
    search finds something.

    Args:
        site: Folder of the built site.
        thorough: Names of the pages that axe-core looks at.

    Raises:
        FileNotFoundError: There is no browser.
    """
    from playwright.sync_api import sync_playwright

    executable = find_browser()
    if not executable:
        raise FileNotFoundError(why_not())
    findings = Findings()
    with _served(site) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=list(FLAGS))
        try:
            _open_all(browser, address, site, findings)
            for name in thorough:
                findings.faults += _axe_faults(browser, address, name)
            findings.faults += _search_faults(browser, address)
        finally:
            browser.close()
    if findings.landing_bytes > _FIRST_PAGE_BYTES:
        findings.faults.append(
            f"{_FIRST_PAGE} loads {findings.landing_bytes} bytes, at most {_FIRST_PAGE_BYTES} wanted"
        )
    return findings


def _open_all(browser: Browser, address: str, site: Path, findings: Findings) -> None:
    context = browser.new_context(viewport=_PHONE)  # type: ignore[arg-type]
    names = [path.relative_to(site).as_posix() for path in site.rglob("*.html")]
    # The first page comes first: nothing of what it loads is in the browser's cache then.
    for name in sorted(names, key=lambda name: (name != _FIRST_PAGE, name)):
        page = context.new_page()
        log = _Log(page, address)
        page.goto(f"{address}/{name}", wait_until="load")
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.close()
        findings.pages += 1
        findings.faults += [f"{name}: {fault}" for fault in log.faults]
        if wide > _PHONE["width"]:
            findings.faults.append(f"{name}: {wide} pixels wide in a window of {_PHONE['width']}")
        if name == _FIRST_PAGE:
            findings.landing_bytes = log.bytes
    context.close()


class _Log:
    """Requests and console messages of a page while it is open."""

    def __init__(self, page: Page, address: str) -> None:
        self.faults: list[str] = []
        self.bytes = 0
        self._address = address
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self._address, "data:", "blob:")):
            self.faults.append(f"asks another host: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.url.startswith("data:"):
            return
        if response.status >= 400:
            self.faults.append(f"{response.status} for {response.url}")
        self.bytes += int(response.headers.get("content-length", 0))

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text}")


def _axe_faults(browser: Browser, address: str, name: str) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import TimeoutError

    context = browser.new_context(viewport=_DESKTOP)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/{name}", wait_until="load")
    # Otherwise colours would be measured in the middle of a transition, where something unfolds.
    page.add_style_tag(
        content="*, *::before, *::after { transition: none !important; animation: none !important }"
    )
    # Folded parts belong to the page too, so they are unfolded before the check.
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    faults = []
    for mode, rules in _MODES.items():
        page.emulate_media(color_scheme=mode)  # type: ignore[arg-type]
        try:
            page.wait_for_function(
                "mode => document.documentElement.dataset.theme === mode", arg=mode, timeout=5000
            )
        except TimeoutError:
            faults.append(f"{name}: not shown in {mode} mode where the system asks for it")
        options = {"resultTypes": ["violations"], **rules}
        faults += [
            f"{name} ({mode}): {_in_words(violation)}"
            for violation in Axe().run(page, options=options).response["violations"]
            if violation["impact"] in _GRAVE
        ]
    context.close()
    return faults


def _in_words(violation: dict[str, Any]) -> str:
    places = [node["target"][-1] for node in violation["nodes"]]
    why = violation["nodes"][0].get("failureSummary", "").splitlines()[-1].strip()
    return f"{violation['id']}, {violation['help']}: {len(places)} × {places[0]} ({why})"


def _search_faults(browser: Browser, address: str) -> list[str]:
    page = browser.new_page()
    page.goto(f"{address}/search.html?q={_QUERY}", wait_until="networkidle")
    found = page.locator("#search-results ul.search li").count()
    page.close()
    return [] if found else [f"search.html: nothing is found for {_QUERY!r}"]


def find_browser() -> str | None:
    """Return the path of a Chromium on this machine, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Do not log requests."""


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a browser that left before it had received everything; show any other error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def _served(site: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(site))
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
