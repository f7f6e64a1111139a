"""What the tests of labs share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labs_engine.grade.grader import close_graders


@pytest.fixture(scope="module", autouse=True)
def _close_graders() -> Iterator[None]:
    yield
    close_graders()
