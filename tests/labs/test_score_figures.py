"""Reported figures keep their digits, however small or large they are."""

from __future__ import annotations

import pytest

from labs_engine.declare.course import find_lab
from labs_engine.session.lab import Lab


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.81818, 4, "0.8182"),
        (0.0, 4, "0.0000"),
        (9.45e-16, 4, "9.45e-16"),
        (14_611_873_421.0, 1, "1.46e+10"),
        (652, 0, "652"),
        (-0.5, 2, "-0.50"),
        (float("nan"), 2, "nan"),
    ],
)
def test_a_figure_is_shown_with_its_digits_or_as_a_power_of_ten(
    value: float, digits: int, shown: str
) -> None:
    lab = Lab(find_lab("01"), {"profile": "quick"})
    assert lab.score("figure", value, digits=digits).title == f"figure: {shown}"
