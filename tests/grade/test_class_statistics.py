"""Figures of a class: what is drawn is what was given."""

from __future__ import annotations

import pytest

from labs_engine.base.style import alt_text
from labs_engine.grade.class_statistics import exercise_shares, score_histogram


@pytest.mark.parametrize(("totals", "possible"), [([0, 3, 3, 10], 10), ([12.5], 10), ([0.0] * 5, 200)])
def test_every_student_is_in_a_bar(totals: list[float], possible: float) -> None:
    ax = score_histogram(totals, possible)
    assert sum(bar.get_height() for bar in ax.patches) == len(totals)
    assert len(ax.patches) <= 28
    assert f"Points of {len(totals)} students, of {possible:g}" in alt_text(ax.figure)


def test_exercises_stand_in_order_with_their_shares_and_correlations() -> None:
    ax = exercise_shares(
        {"1 easy": 0.9, "2 hard": 0.2, "3 all": 1.0}, {"1 easy": 0.5, "2 hard": -0.6, "3 all": None}
    )
    assert [bar.get_width() for bar in ax.patches] == [0.9, 0.2, 1.0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1 easy", "2 hard", "3 all"]
    points = [(line.get_xdata()[0], line.get_ydata()[0]) for line in ax.lines if line.get_marker() == "D"]
    assert points == [(0.5, 0), (-0.6, 1)]
    assert ax.get_xlim()[0] < -0.6
    assert "lowest 0.20 (2 hard), highest 1.00 (3 all)" in alt_text(ax.figure)


def test_nothing_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="no totals"):
        score_histogram([], 10)
    with pytest.raises(ValueError, match="no exercises"):
        exercise_shares({}, {})
