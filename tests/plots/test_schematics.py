"""Drawings that explain."""

from __future__ import annotations

from labs_lib import plots


def test_a_network_shows_a_circle_for_each_unit_and_a_line_for_each_weight() -> None:
    ax = plots.network([1, 5, 5, 1], title="Small")
    assert [len(column.get_offsets()) for column in ax.collections] == [1, 5, 5, 1]
    assert len(ax.get_lines()) == 5 + 25 + 5
    assert "hidden 1 5" in plots.alt_text(ax.figure)


def test_of_a_wide_layer_some_units_are_drawn_and_all_are_counted() -> None:
    ax = plots.network([2, 500, 3])
    assert [len(column.get_offsets()) for column in ax.collections] == [2, 12, 3]
    assert "500 units" in " ".join(text.get_text() for text in ax.texts)
