"""What holds for every figure of the course, tested once for each module of figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import pytest

from labs_engine.base.style import alt_text


def figure_tests(figures: Mapping[str, Callable[[Any], Any]]) -> Any:
    """Return the test that each figure draws on the axes it is given, labels them and carries alt text.

    Args:
        figures: By name, a function that draws on the axes it is given, or on new ones for None.
    """

    @pytest.mark.parametrize("draw", figures.values(), ids=figures)
    def test(draw: Callable[[Any], Any]) -> None:
        _, ax = plt.subplots()
        assert draw(ax) is ax
        assert ax.get_xlabel()
        assert ax.get_ylabel()
        assert len(alt_text(ax.figure)) > 60
        assert draw(None) is not ax

    return test
