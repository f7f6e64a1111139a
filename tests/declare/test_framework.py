"""Collecting and judging answers; the cards and the session that students see."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tiny_lib import open_lab

from labs_engine.declare.answers import Array, Curves, Function, Number, Text
from labs_engine.declare.framework import Context, Exercise, Failure, LabSpec, Mistake, check
from labs_engine.declare.parameters import common_parameters
from labs_engine.declare.plain_data import describe
from labs_engine.session.cards import MIME, Card
from labs_engine.session.lab import CheckFailed, Lab

CTX = Context({"k": 3}, probe_seed=1)


def _double(a: Any, ctx: Context) -> Failure | None:
    return None if a.value == 2 * ctx["k"] else Failure("twice k", f"{a.value:g}")


def _broken(a: Any, ctx: Context) -> Failure | None:
    raise RuntimeError("a bug in the course")


DOUBLE = Exercise(
    "double",
    "Twice k",
    2,
    {"value": Number()},
    _double,
    (Mistake("square", lambda a, ctx: a.value == ctx["k"] ** 2, "That is the square."),),
    fallback_hint="See section 1.",
)
LAB = LabSpec(
    "98",
    "test",
    "Test",
    "Nothing.",
    common_parameters(),
    (
        Exercise("first", "First", 1, {"value": Number()}, lambda a, ctx: None),
        Exercise(
            "second", "Second", 2, {"value": Number()}, lambda a, ctx: Failure("x", "y"), needs=("first",)
        ),
        Exercise("third", "Third", 3, {"value": Number()}, _broken),
    ),
)


@pytest.fixture
def lab() -> Lab:
    return Lab(LAB, {"seed": 0, "profile": "quick", "source": "auto", "data_home": None})


def test_a_right_answer_passes_with_its_points() -> None:
    verdict = check(DOUBLE, {"value": np.float32(6)}, CTX)
    assert (verdict.status, verdict.points) == ("passed", 2)


def test_a_recognised_mistake_gives_its_own_hint() -> None:
    verdict = check(DOUBLE, {"value": 9}, CTX)
    assert (verdict.status, verdict.points, verdict.mistake) == ("failed", 0, "square")
    assert verdict.hint == "That is the square."


def test_another_wrong_answer_says_expected_found_and_where() -> None:
    verdict = check(DOUBLE, {"value": 7}, CTX)
    assert (verdict.expected, verdict.found, verdict.hint) == ("twice k", "7", "See section 1.")


def test_the_placeholder_is_unattempted_not_wrong() -> None:
    assert check(DOUBLE, {"value": ...}, CTX).status == "unattempted"


def test_a_bug_in_a_check_is_the_courses_fault_and_gives_no_points() -> None:
    verdict = check(LAB.exercise("third"), {"value": 1}, CTX)
    assert (verdict.status, verdict.points) == ("broken", 0)
    assert "a bug in the course" in verdict.found


def test_wrong_keywords_say_how_the_check_is_called() -> None:
    with pytest.raises(TypeError, match=r"lab\.check\('double', value=\.\.\.\)"):
        check(DOUBLE, {"valeu": 6}, CTX)


class EqualToEverything:
    """An answer that would pass any naive comparison."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


@pytest.mark.parametrize("cheat", [EqualToEverything(), float("nan"), True, "6", [6, 6], lambda: 6])
def test_what_is_no_number_is_never_right(cheat: Any) -> None:
    verdict = check(DOUBLE, {"value": cheat}, CTX)
    assert verdict.status == "failed"
    assert "number" in verdict.expected


def test_arrays_are_plain_numbers_of_the_wanted_shape() -> None:
    kind = Array((2, None))
    assert kind.collect([[1, 2], [3, 4]], CTX).shape == (2, 2)
    for wrong in ([1, 2], [[1, 2], [3]], [["a"], ["b"]], [[np.nan], [1]], None, "text"):
        exercise = Exercise("e", "E", 1, {"a": kind}, lambda a, ctx: None)
        assert check(exercise, {"a": wrong}, CTX).status == "failed"


def test_a_function_is_known_by_its_outputs_and_cannot_spoil_the_probes() -> None:
    probes = [(np.arange(3.0),), (np.arange(3.0),)]
    kind = Function(lambda ctx: probes, Array((3,)))

    def in_place(x: np.ndarray) -> np.ndarray:
        x += 1
        return x

    first, second = kind.collect(in_place, CTX)
    assert first.tolist() == second.tolist() == [1, 2, 3]
    assert probes[0][0].tolist() == [0, 1, 2]


def test_a_function_that_raises_is_told_in_one_line() -> None:
    exercise = Exercise("e", "E", 1, {"f": Function(lambda ctx: [(1,)])}, lambda a, ctx: None)
    verdict = check(exercise, {"f": lambda x: x.missing}, CTX)
    assert verdict.status == "failed"
    assert verdict.found == "AttributeError: 'int' object has no attribute 'missing'"


def test_a_function_that_returns_the_placeholder_is_unattempted() -> None:
    exercise = Exercise("e", "E", 1, {"f": Function(lambda ctx: [(1,)])}, lambda a, ctx: None)
    assert check(exercise, {"f": lambda x: ...}, CTX).status == "unattempted"


def test_curves_need_their_keys_and_one_length() -> None:
    kind = Curves(("loss", "accuracy"))
    assert set(kind.collect({"loss": [1, 2], "accuracy": [0, 1]}, CTX)) == {"loss", "accuracy"}
    exercise = Exercise("e", "E", 1, {"h": kind}, lambda a, ctx: None)
    for wrong in ({"loss": [1, 2]}, {"loss": [1, 2], "accuracy": [1]}, [1, 2], None):
        assert check(exercise, {"h": wrong}, CTX).status == "failed"


def test_a_text_is_one_of_its_choices() -> None:
    assert Text(("up", "down")).collect(" Up ", CTX) == "up"


@pytest.mark.parametrize("value", [None, 1, 2.5, "x", [1], {}, object(), int, len, np.zeros(3), True])
def test_anything_can_be_described(value: Any) -> None:
    assert describe(value)


def test_a_card_reads_as_text_and_as_safe_html() -> None:
    card = Card("failed", "TODO 1 · <b>", [("Found", "<script>alert(1)</script>")])
    assert "<script>" in card.text()
    assert "<script>" not in card.html()
    assert 'role="status"' in card.html()
    assert set(card._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_a_later_todo_says_which_one_it_waits_for(lab: Lab) -> None:
    assert "Waits for: TODO 1 (First)" in lab.check("second", value=...).text()
    lab.check("first", value=1)
    assert "not attempted yet (0 of 2 points)" in lab.check("second", value=...).text()


def test_progress_counts_points_and_names_what_is_open(lab: Lab) -> None:
    lab.check("first", value=1)
    lab.check("second", value=1)
    card = lab.finish()
    assert "1 of 6 points" in card.title
    assert "TODO 2 (Second), TODO 3 (Third)" in card.text()
    record = card._repr_mimebundle_()[MIME]
    assert record["exercises"] == {"first": "passed", "second": "failed", "third": "unattempted"}


def test_an_answer_made_worse_loses_its_points(lab: Lab) -> None:
    lab.check("first", value=1)
    lab.check("first", value="no number")
    assert "0 of 6 points" in lab.finish().title


def test_scores_say_what_they_were_measured_on(lab: Lab) -> None:
    assert "synthetic data, quick profile" in lab.score("loss", 0.5, spread=0.1).text()
    (score,) = lab.finish().record["scores"]
    assert score == {"name": "loss", "value": 0.5, "spread": 0.1, "data_source": "synthetic"}


def test_under_nbgrader_a_wrong_answer_raises(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    lab.check("first", value=1)
    with pytest.raises(CheckFailed, match="not right yet"):
        lab.check("second", value=1)
    with pytest.raises(CheckFailed, match="not attempted"):
        lab.check("first", value=...)


def test_opening_a_lab_fills_in_what_the_profile_decides() -> None:
    notebook: dict[str, Any] = {"profile": "full", "n_samples": None, "noise": 0.3}
    lab = open_lab("01", notebook)
    assert notebook["n_samples"] == 500
    assert lab.parameters["noise"] == 0.3


def test_the_probes_change_with_every_parameter() -> None:
    seeds = {open_lab("01", {"seed": seed})._context.probe_seed for seed in range(5)}
    assert len(seeds) == 5
