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


def test_a_computation_graph_names_every_value_with_its_shape_and_every_gradient_but_that_of_the_target() -> (
    None
):
    forward, both = plots.computation_graph(6, 5, 3), plots.computation_graph(6, 5, 3, backward=True)
    for ax, arrows in ((forward, 7), (both, 13)):
        texts = [text.get_text() for text in ax.texts if text.get_text()]
        assert {"$x$\n(6,)", "$W_1$\n(5,6)", "$E$\na number"} <= set(texts)
        assert sum("partial" in text for text in texts) == arrows - 7
        assert len(ax.texts) - len(texts) == arrows  # an arrow is an annotation without a text
    assert "Orange arrows" in plots.alt_text(both.figure)
    assert "Orange arrows" not in plots.alt_text(forward.figure)
