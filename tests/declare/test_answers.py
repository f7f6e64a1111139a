"""Whatever object a student hands in becomes plain data or a message in words; nothing else leaves a check."""

from __future__ import annotations

import array
import datetime
import decimal
import time
from collections import deque
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs_engine.declare.answers import Array, Curves, Each, Function, Number, Pieces, Text
from labs_engine.declare.framework import Context, Exercise, LabSpec, check
from labs_engine.declare.parameters import common_parameters
from labs_engine.declare.plain_data import AnswerProblem, Unattempted, describe
from labs_engine.session.cards import Card, verdict_card
from labs_engine.session.lab import Lab
from labs_lib.kinds.models import Stopper

CTX = Context({}, probe_seed=1)


@pytest.mark.parametrize(
    "value",
    [Fraction(5, 2), Decimal("2.5"), np.float16(2.5), [Fraction(5, 2)], np.array(Decimal("2.5")), "2.5"],
)
def test_a_number_may_be_a_fraction_or_a_decimal(value: Any) -> None:
    if isinstance(value, str):
        with pytest.raises(AnswerProblem):
            Number().collect(value, CTX)
    else:
        assert Number().collect(value, CTX) == 2.5
        assert type(Number().collect(value, CTX)) is float


def test_arrays_may_hold_fractions_decimals_and_large_whole_numbers() -> None:
    collected = Array((2, 2)).collect([[Fraction(1, 2), Decimal("0.25")], [10**30, 1]], CTX)
    assert collected.dtype == np.float64
    assert collected.tolist() == [[0.5, 0.25], [1e30, 1.0]]


class ScalarTensor:
    """As a single number of TensorFlow: an array by request, whose length is asked for in vain."""

    def __len__(self) -> int:
        raise TypeError("Scalar tensor has no `len()`")

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array(1.5, dtype)

    def __float__(self) -> float:
        return 1.5


def test_a_list_may_hold_single_tensors() -> None:
    np.testing.assert_array_equal(Array((None,)).collect([ScalarTensor(), ScalarTensor()], CTX), [1.5, 1.5])


@pytest.mark.parametrize("value", [True, np.True_, np.array(True), [True], np.array([True])])
def test_a_truth_value_is_no_number_whoever_made_it(value: Any) -> None:
    with pytest.raises(AnswerProblem, match="expected a number"):
        Number().collect(value, CTX)


@pytest.mark.parametrize("value", [True, np.True_, np.array(True)])
def test_a_single_truth_value_is_no_array_and_a_mask_is_one(value: Any) -> None:
    with pytest.raises(AnswerProblem, match="expected an array of numbers"):
        Array().collect(value, CTX)
    assert Array((2,)).collect([True, False], CTX).dtype == bool


MASKED = [
    np.ma.masked,
    np.ma.array(6.0, mask=True),
    np.ma.array([6.0], mask=[True]),
    np.ma.array([6.0, 6.0], mask=[True, True]),
    np.ma.array([6.0, 6.0], mask=[False, True]),
    [np.ma.array([6.0, 6.0], mask=True)],
    [[1.0, np.ma.masked]],
]


class GivesMasked:
    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.ma.array([6.0, 6.0], mask=True)


@pytest.mark.parametrize("value", [*MASKED, GivesMasked()], ids=map(str, range(8)))
def test_what_is_masked_does_not_count_as_its_hidden_data(value: Any) -> None:
    for kind in (Number(), Array()):
        with pytest.raises(AnswerProblem, match="masked"):
            kind.collect(value, CTX)
    with pytest.raises(AnswerProblem):
        Pieces().collect([value], CTX)
    with pytest.raises(AnswerProblem):
        Curves().collect({"loss": value}, CTX)


def test_a_masked_array_without_a_mask_is_its_data() -> None:
    collected = Array((2,)).collect(np.ma.array([1.0, 2.0], mask=[False, False]), CTX)
    assert type(collected) is np.ndarray
    assert collected.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "value",
    [10**400, -(10**400), [10**400], Fraction(10**400, 3), Decimal("1e400"), 10**5000],
    ids=lambda value: type(value).__name__,
)
def test_a_number_beyond_all_floats_gets_a_card(value: Any) -> None:
    exercise = Exercise("big", "Big", 1, {"value": Number()}, lambda a, ctx: None)
    verdict = check(exercise, {"value": value}, CTX)
    assert verdict.status == "failed"
    assert "not right yet" in verdict_card(1, exercise, verdict).text()


def test_a_large_number_is_described_by_its_digits() -> None:
    assert describe(10**400) == "a whole number of about 400 digits"
    assert describe(Fraction(1, 4)) == "the number 0.25"


@pytest.mark.parametrize("error", [SystemExit(3), RecursionError(), MemoryError(), StopIteration()])
def test_a_function_that_ends_in_an_error_of_any_kind_is_told(error: BaseException) -> None:
    def ends(x: Any) -> None:
        raise error

    with pytest.raises(AnswerProblem, match=f"ends to run on the number 1, found {type(error).__name__}"):
        Function(lambda ctx: [(1,)]).collect(ends, CTX)


def test_ctrl_c_still_stops_a_function() -> None:
    def slow(x: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Function(lambda ctx: [(1,)]).collect(slow, CTX)


def test_half_a_character_in_a_message_does_not_stop_the_card() -> None:
    card = Card("failed", "caf\udce9", [("Found", "\ud800")])
    for text in (card.text(), card.html()):
        text.encode("utf-8")
    assert r"caf\udce9" in card.text()


class Refuses:
    """Raises whatever it is asked."""

    def _refuse(self, *arguments: Any, **keywords: Any) -> Any:
        raise RuntimeError("no")

    __array__ = __float__ = __int__ = __index__ = __eq__ = __repr__ = __str__ = __len__ = __iter__ = _refuse
    __getitem__ = __bool__ = __format__ = __getattr__ = __contains__ = _refuse
    __hash__ = object.__hash__


class RefusesItsClass(Refuses):
    @property
    def __class__(self) -> Any:
        raise RuntimeError("no")


class OddList(list):
    __iter__ = __len__ = Refuses._refuse


class OddText(str):
    strip = lower = __eq__ = __repr__ = __getitem__ = Refuses._refuse
    __hash__ = str.__hash__


class OddFloat(float):
    __float__ = __format__ = __repr__ = Refuses._refuse


class OddMapping(dict):
    __contains__ = __iter__ = items = Refuses._refuse


class OddName(type):
    @property
    def __name__(cls) -> str:
        raise RuntimeError("no")


class Nameless(metaclass=OddName):
    pass


class Endless:
    """A sequence that says it has more entries than memory has room for."""

    def __len__(self) -> int:
        return 10**15

    def __getitem__(self, at: int) -> float:
        return 0.0


class EarlyStopping:
    monitor = property(Refuses._refuse)


class SilentError(Exception):
    __str__ = __repr__ = Refuses._refuse


def _raises(*arguments: Any) -> None:
    raise SilentError


def _nested(depth: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value, value]
    return value


def _objects(*items: Any) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        array[place] = item
    return array


def _own() -> list:
    value: list = [1.0]
    value.append(value)
    return value


ODD = [
    Refuses, RefusesItsClass, OddList, lambda: OddList([1, 2]), lambda: OddText("up"), lambda: OddFloat(1.0),
    lambda: OddMapping(loss=[1.0]), lambda: Nameless(), lambda: Nameless, Endless, EarlyStopping, lambda: _raises, _own,
    lambda: _nested(6), lambda: _nested(40), lambda: range(10**15), lambda: (k for k in range(3)),
    lambda: np.broadcast_to(0.0, (10**6, 10**6)), lambda: np.zeros(3, dtype="f4,i8"), lambda: np.zeros(0),
    lambda: np.array(["a"]), lambda: np.array(["2020-01-01"], dtype="M8[D]"), lambda: np.array([None, ...]),
    lambda: _objects(Refuses(), ...), lambda: np.ma.array([1.0, 2.0], mask=True), lambda: np.ma.masked,
    lambda: np.longdouble(1e300), lambda: np.complex64(1), lambda: np.matrix([[1.0]]), lambda: deque([1.0]),
    lambda: array.array("d", [1.0]), lambda: memoryview(b"ab"), lambda: bytearray(b"ab"), lambda: ..., lambda: [...],
    lambda: {"loss": [..., 1]}, lambda: Decimal("sNaN"), lambda: decimal.getcontext(), lambda: datetime.datetime.min,
    lambda: int, lambda: len, lambda: print, lambda: NotImplemented, lambda: {1, 2}, lambda: {"loss": []}, object,
]  # fmt: skip
LEAF = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(0, 500).map(lambda digits: 10**digits), st.floats(),
    st.complex_numbers(), st.fractions(), st.decimals(), st.text(max_size=5), st.binary(max_size=5),
    st.datetimes(), st.timedeltas(), st.sampled_from(["up", " UP ", "caf\udce9", "loss"]),
    st.sampled_from([np.True_, np.int8(3), np.float16("nan"), np.float64(2), np.str_("up"), np.bytes_(b"up")]),
    st.sampled_from(ODD).map(lambda make: make()),
)  # fmt: skip
OBJECT = st.recursive(
    LEAF,
    lambda inside: st.one_of(
        st.lists(inside, max_size=4),
        st.lists(inside, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from(["loss", "accuracy", 3, None]), inside, max_size=3),
        st.lists(inside, max_size=3).map(lambda items: _objects(*items)),
        inside.map(lambda value: lambda *arguments: value),
        inside.map(lambda value: type("History", (), {"history": value})()),
    ),
    max_leaves=8,
)
PROBES = lambda ctx: [(1,), (np.arange(3.0),)]  # noqa: E731
KINDS = [
    Number(), Number(integer=True), Array(), Array((2, None)), Array((None,), finite=False), Text(("up", "down")),
    Function(PROBES), Function(PROBES, (Number(), Array())), Function(PROBES, Number(), {"no": "recognised"}),
    Curves(), Curves(("loss", "accuracy")), Each(Number()), Each(Text(("up",))), Pieces(), Stopper(),
]  # fmt: skip


def _is_plain(data: Any) -> bool:
    if type(data) in (list, tuple):
        return all(map(_is_plain, data))
    if type(data) is dict:
        return all(type(key) is str for key in data) and all(map(_is_plain, data.values()))
    if type(data) is np.ndarray:
        return data.dtype.kind in "iufb"
    return type(data) in (float, int, str, bool)


def _outcome(kind: Any, value: Any) -> Any:
    """Return what was collected, or the message."""
    try:
        return kind.collect(value, CTX)
    except AnswerProblem as problem:
        return [problem.expected, problem.found]
    except Unattempted:
        return "unattempted"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(OBJECT)
def test_any_object_becomes_plain_data_or_a_message(value: Any) -> None:
    for kind in KINDS:
        start = time.perf_counter()
        assert _is_plain(_outcome(kind, value)), kind
        assert time.perf_counter() - start < 10
    assert describe(value)


@pytest.mark.parametrize("make", ODD, ids=map(str, range(len(ODD))))
@pytest.mark.parametrize("kind", KINDS, ids=map(str, range(len(KINDS))))
def test_each_odd_object_ends_in_a_card(make: Any, kind: Any) -> None:
    exercise = Exercise("odd", "Odd", 1, {"value": kind}, lambda a, ctx: None)
    lab = Lab(
        LabSpec("98", "test", "Test", "Nothing.", common_parameters(), (exercise,)),
        {"seed": 0, "profile": "quick", "source": "auto", "data_home": None},
    )
    card = lab.check("odd", value=make())
    assert card.status in ("passed", "failed", "unattempted")
    assert card.text()
    assert len(card.text()) < 2000
