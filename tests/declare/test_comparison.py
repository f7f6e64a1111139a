"""Exercises declared by right and wrong answers: whatever is right passes, whatever differs is named, nothing raises."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labs_engine.declare.answers import (
    Array,
    Difference,
    Each,
    Function,
    Given,
    Number,
    Pieces,
    Rows,
    Text,
    parts_difference,
)
from labs_engine.declare.comparison import FromRun
from labs_engine.declare.framework import Context, Exercise, Mistake, check

CTX = Context({"k": 3}, probe_seed=1)
FLOATS = hnp.arrays(
    st.sampled_from([np.float32, np.float64]),
    hnp.array_shapes(min_dims=0, max_dims=3, max_side=4),
    elements=st.floats(allow_nan=True, allow_infinity=True, width=32),
)


def _numbers(ctx: Context) -> list[tuple[Any, ...]]:
    rng = ctx.rng(1)
    return [(rng.uniform(1, 2, 5), 2.5), (rng.uniform(1, 2, 8), 4.0)]


SCALE = Exercise(
    name="scale",
    title="Scale",
    points=2,
    answers={"scale": Function(_numbers, (Array(), Number()))},
    right=lambda x, factor: (factor * x, factor),
    expects="x times the factor, and the factor",
    mistakes=[
        Mistake("added", wrong=lambda x, factor: (x + factor, ...), hint="Added."),
        Mistake(
            "of_the_run", wrong=FromRun(lambda run: lambda x, _: (run["k"] * x, ...)), hint="Of the run."
        ),
        Mistake("impossible", wrong=lambda x, factor: np.linalg.inv(x), hint="Never."),
        Mistake(
            "halved", wrong=[lambda x, f: (..., f / 2), lambda x, f: (f * x / 2, ...)], hint="One is a half."
        ),
    ],
    fallback_hint="Multiply.",
)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (lambda x, f: (x + f, f), "added"),
        (lambda x, f: (x + f, 7), "added"),
        (lambda x, f: (3 * x, 0), "of_the_run"),
        (lambda x, f: (f * x, f / 2), "halved"),
        (lambda x, f: (f * x / 2, f), "halved"),
        (lambda x, f: (f * x - 1, f), ""),
    ],
)
def test_a_wrong_answer_shows_its_mistake_and_what_it_leaves_open_may_be_anything(
    answer: Any, mistake: str
) -> None:
    verdict = check(SCALE, {"scale": answer}, CTX)
    assert (verdict.status, verdict.mistake) == ("failed", mistake)
    assert verdict.expected == "x times the factor, and the factor"


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, f: (f * x, f),
        lambda x, f: [list(f * x), np.float32(f)],
        lambda x, f: ((f * x).astype(np.float32), np.array([f])),
    ],
)
def test_a_right_answer_passes_however_it_was_made(answer: Any) -> None:
    assert check(SCALE, {"scale": answer}, CTX).status == "passed"


def test_several_answers_may_be_right() -> None:
    exercise = Exercise(
        "deviation", "D", 1, {"value": Number()}, right=[np.sqrt(2), 1.0], expects="one of two"
    )
    assert [check(exercise, {"value": v}, CTX).status for v in (1, 2**0.5, 1.2)] == [
        "passed",
        "passed",
        "failed",
    ]


def test_what_is_given_is_built_upon_and_not_judged() -> None:
    exercise = Exercise(
        "mean",
        "Mean",
        1,
        {"x": Given(Array()), "mean": Number()},
        right=lambda run: run.given.x.mean(),
        expects="the mean of x",
        mistakes=[Mistake("sum", wrong=lambda run: run.given.x.sum(), hint="This is the sum.")],
    )
    assert check(exercise, {"x": [1, 5], "mean": 3}, CTX).status == "passed"
    assert check(exercise, {"x": [1, 5], "mean": 6}, CTX).mistake == "sum"


def test_rows_in_any_order_or_as_a_mask() -> None:
    kind = Rows("the rows")
    right = kind.collect([0, 2, 5], CTX)
    for same in ([5, 0, 2], np.array([5.0, 2.0, 0.0]), np.isin(np.arange(7), [0, 2, 5])):
        assert parts_difference(kind, kind.collect(same, CTX), right, CTX) is None
    for other in ([0, 2], [0, 2, 5, 5], [0, 2, 4], [], [0, 2, 6]):
        assert parts_difference(kind, kind.collect(other, CTX), right, CTX) is not None


@given(right=FLOATS)
@settings(max_examples=150, deadline=None)
def test_any_array_equals_itself_and_nothing_warns(right: np.ndarray) -> None:
    kind = Array(finite=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parts_difference(kind, right, right.copy(), CTX) is None


@given(one=FLOATS, other=FLOATS)
@settings(max_examples=200, deadline=None)
def test_two_arrays_are_equal_or_their_difference_is_told(one: np.ndarray, other: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = parts_difference(Array(finite=False), one, other, CTX)
    equal = one.shape == other.shape and np.allclose(one, other, rtol=1e-4, atol=1e-6, equal_nan=True)
    assert (found is None) == equal
    assert found is None or found.found


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (Text(("a", "b")), "a", "b"),
        (Each(Number()), [1.0, 2.0], [1.0]),
        (Each(Number()), [1.0, 2.0], [1.0, 3.0]),
        (Pieces(), [np.arange(3.0), np.arange(2.0)], [np.arange(3.0), np.arange(3.0)]),
        (Pieces(), [np.arange(3.0)], [np.arange(3.0), np.arange(3.0)]),
        (Array(), np.zeros((2, 3)), np.zeros((3, 2))),
        (Array(), np.zeros((20,)), np.full((20,), np.nan)),
    ],
)
def test_each_kind_tells_what_differs(kind: Any, right: Any, wrong: Any) -> None:
    assert parts_difference(kind, right, right, CTX) is None
    found = parts_difference(kind, wrong, right, CTX)
    assert found is not None
    assert found.found


def test_an_exercise_needs_something_to_be_judged_by() -> None:
    with pytest.raises(TypeError, match="right answer"):
        Exercise("e", "E", 1, {"a": Number()})
    with pytest.raises(TypeError, match="wrong answer"):
        Mistake("m", hint="?")


class _Count(Number):
    def difference(self, given: Any, right: Any, ctx: Context) -> Difference | None:
        return None if given == right else Difference(f"{given:g}", hint=f"It is {given - right:+g} off.")


def test_what_a_kind_says_comes_behind_known_mistakes_and_ahead_of_the_pointer() -> None:
    exercise = Exercise(
        "count",
        "Count",
        1,
        {"count": Function(lambda ctx: [(2,)], _Count())},
        right=lambda n: n,
        mistakes=[Mistake("doubled", wrong=lambda n: 2 * n, hint="Doubled.")],
        fallback_hint="Count.",
    )
    answers = (lambda n: 2 * n, lambda n: n + 1, lambda n: "three")
    hints = [check(exercise, {"count": answer}, CTX).hint for answer in answers]
    assert hints == ["Doubled.", "It is +1 off.", "Count."]
