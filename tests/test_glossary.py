"""The glossary: every term occurs in the lab that is said to introduce it, once, in alphabetical order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = re.findall(
    r"^\| ([^|]+) \| ([^|]+) \| (\d\d) \|$", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.M
)
# What a lab calls by another form of the word.
FORMS = {"standardise": "standardi", "decibel": "decibel"}


def test_terms_stand_once_in_order() -> None:
    terms = [term.lower() for term, _, _ in ROWS]
    assert len(terms) > 40
    assert terms == sorted(set(terms))


@pytest.mark.parametrize(("term", "meaning", "lab"), ROWS, ids=[term for term, _, _ in ROWS])
def test_a_term_occurs_in_its_lab(term: str, meaning: str, lab: str) -> None:
    (source,) = (ROOT / "solutions").glob(f"{lab}_*.py")
    text = " ".join(source.read_text(encoding="utf-8").replace("\n# ", " ").lower().split())
    assert FORMS.get(term, term.lower()) in text
