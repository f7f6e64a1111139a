"""Making the theme lighter: what its pages never use is removed from the finished site."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from labs_engine.site.errors import SiteError

# The theme brings two thousand icons three times over: as names in its style, as fonts and as a script of 1.5 MB.
# The site's own style (docs/_static/course.css) draws the few that are used.
_ICON_NAME = re.compile(r"\.fa-[\w-]+$")
_ICON_FONT = re.compile(r"@font-face\{[^}]*Font Awesome[^}]*\}")
# Parts of Bootstrap that no page has.
_PARTS = (
    "accordion|ablog|carousel|list-group|modal|offcanvas|pagination|popover|progress|toast|input-group|card"
)
_UNUSED_PART = re.compile(rf"\.(?:{_PARTS})\b")
_RULE = re.compile(r"(?<=[{}])([^{}@]+)\{([^{}]*)\}")
_UNUSED = (
    "_static/scripts/fontawesome.*",
    "_static/vendor",
    "_static/**/*.map",
    "_static/locales",
    "_static/images",
    "_static/*.html",
)
_STYLE = "_static/styles/pydata-sphinx-theme.css"


def lighten(site: Path) -> None:
    """Remove what is never used from a built site.

    Raises:
        SiteError: The theme's style does not look as expected; it is another version.
    """
    style = site / _STYLE
    text = style.read_text(encoding="utf-8")
    slim = _RULE.sub(_if_used, _ICON_FONT.sub("", text))
    if "--fa:" not in text or "--fa:" in slim:
        raise SiteError(f"{_STYLE} defines no icons as expected: look at labs_engine/site/theme.py again")
    style.write_text(re.sub(r"/\*# sourceMappingURL=.*?\*/", "", slim), encoding="utf-8")
    for script in (site / "_static" / "scripts").glob("*.js"):
        code = script.read_text(encoding="utf-8")
        script.write_text(
            re.sub(r"^//# sourceMappingURL=.*$", "", code, flags=re.MULTILINE), encoding="utf-8"
        )
    for pattern in _UNUSED:
        for path in sorted(site.glob(pattern), reverse=True):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _if_used(rule: re.Match[str]) -> str:
    """Return a rule of the style, or nothing for one that holds for unused parts alone."""
    selectors = [selector.strip() for selector in rule[1].split(",")]
    icons = "--fa:" in rule[2] and all(map(_ICON_NAME.match, selectors))
    return "" if icons or all(map(_UNUSED_PART.match, selectors)) else rule[0]
