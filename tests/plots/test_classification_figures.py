"""Figures of classifiers and of notes: axes passed in and returned, alt text that tells what matters."""

from __future__ import annotations

import numpy as np
from figure_contract import figure_tests

from labs_engine.base.style import alt_text
from labs_lib import plots

RNG = np.random.default_rng(0)
COUNTS = np.array([[8, 2, 0], [0, 5, 5], [1, 0, 9]])
EPOCHS = np.array([[0.5, 1.0], [1.5, 2.0]])
TONE = np.sin(np.arange(4000) / 5)
FIGURES = {
    "confusion_matrix": lambda ax: plots.confusion_matrix(COUNTS, ["oboe", "horn", "tuba"], title="T", ax=ax),
    "batch_losses": lambda ax: plots.batch_losses(EPOCHS, np.array([[3.0, 2.0], [1.0, 0.5]]), ax=ax),
    "final_losses": lambda ax: plots.final_losses([0.1, 0.001, 0.01], [0.5, 0.2, 0.05], ax=ax),
    "marked_notes": lambda ax: plots.marked_notes(TONE, 1000, [(500, 1500), (2000, 3500)], title="T", ax=ax),
    "note_features": lambda ax: plots.note_features(
        RNG.normal(0, 10, 12), ["mean", "deviation", "smallest"], ax=ax
    ),
}


test_a_figure_uses_the_axes_it_is_given_labels_them_and_carries_alt_text = figure_tests(FIGURES)


def test_the_confusion_matrix_is_in_percent_of_the_true_class_and_names_the_worst_pair() -> None:
    ax = FIGURES["confusion_matrix"](None)
    assert ax.images[0].get_array().tolist() == [[80, 20, 0], [0, 50, 50], [10, 0, 90]]
    assert sorted(text.get_text() for text in ax.texts) == ["10", "20", "50", "50", "80", "90"]
    text = alt_text(ax.figure)
    assert "73 % of all examples lie on the diagonal" in text
    assert "Most often horn is taken for tuba, in 50 %" in text


def test_a_confusion_matrix_without_mistakes_or_with_an_empty_class_says_so() -> None:
    ax = plots.confusion_matrix(np.diag([3, 0, 4]), ["a", "b", "c"])
    assert "No class is taken for another." in alt_text(ax.figure)


def test_batch_losses_show_every_batch_and_the_mean_of_each_epoch() -> None:
    ax = FIGURES["batch_losses"](None)
    assert ax.lines[0].get_xydata().tolist() == [[0.5, 3], [1, 2], [1.5, 1], [2, 0.5]]
    assert ax.lines[1].get_xydata().tolist() == [[1, 2.5], [2, 0.75]]


def test_final_losses_are_drawn_in_order_of_the_rates_and_mark_the_best() -> None:
    ax = FIGURES["final_losses"](None)
    assert ax.lines[0].get_xdata().tolist() == [0.001, 0.01, 0.1]
    assert ax.lines[1].get_xydata().tolist() == [[0.01, 0.05]]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_notes_are_marked_where_they_are() -> None:
    ax = FIGURES["marked_notes"](None)
    assert [text.get_text() for text in ax.texts] == ["1", "2"]
    assert "0.50 to 1.50 s, 2.00 to 3.50 s" in alt_text(ax.figure)


def test_note_features_have_a_row_for_each_statistic() -> None:
    ax = FIGURES["note_features"](None)
    assert ax.images[0].get_array().shape == (3, 4)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["mean", "deviation", "smallest"]
