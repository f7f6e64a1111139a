"""The guides name the tests that hold what they promise: each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
DOCUMENTS = sorted(TESTS.parent.glob("docs/*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_that_a_guide_names_is_there(document: Path) -> None:
    file = None
    for name in re.findall(r"`((?:\w+/)?test_\w+(?:\.py)?)`", document.read_text(encoding="utf-8")):
        if name.endswith(".py"):
            file = TESTS / name
            assert file.is_file(), name
        elif file is not None:  # a function of the file that was named last
            assert f"def {name}(" in file.read_text(encoding="utf-8"), f"{name} is not in {file.name}"
