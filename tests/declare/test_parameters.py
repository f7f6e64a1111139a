"""Typed parameters: what they take, what they refuse, and in which words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from labs_engine.declare.course import UnknownLab, find_lab, select_labs
from labs_engine.declare.parameters import Parameter, ParameterError, common_parameters, resolve

COUNT = Parameter("count", int, 3, "how many", minimum=1, maximum=10)
RATE = Parameter("rate", float, 0.1, "how fast", minimum=0.0)
RATES = Parameter("rates", list, [0.1], "several", minimum=0.0)
MODE = Parameter("mode", str, "a", "which", choices=("a", "b"))
EPOCHS = Parameter("epochs", int, None, "how long", quick=2, full=20, minimum=1)
HOME = Parameter("home", str, None, "where", optional=True)


@pytest.mark.parametrize(
    ("parameter", "given", "value"),
    [
        (COUNT, "4", 4),
        (COUNT, 4.0, 4),
        (RATE, "1e-3", 0.001),
        (RATE, ".01", 0.01),
        (RATE, "1.", 1.0),
        (RATE, "+.5", 0.5),
        (COUNT, "+1", 1),
        (COUNT, " 7 ", 7),
        (COUNT, "1e1", 10),
        (COUNT, "07", 7),
        (RATE, "1_000", 1000.0),
        (RATES, ".01", [0.01]),
        (RATES, "[.01, 1e-3, +1, 1_000]", [0.01, 0.001, 1.0, 1000.0]),
        (RATES, ".1, .2", [0.1, 0.2]),
        (RATE, 1, 1.0),
        (RATES, "[0.1, 1]", [0.1, 1.0]),
        (RATES, 0.5, [0.5]),
        (MODE, "b", "b"),
        (EPOCHS, "None", None),
        (EPOCHS, 7, 7),
        (HOME, None, None),
        (HOME, "/some/where", "/some/where"),
    ],
)
def test_values_and_texts_become_the_declared_type(parameter: Parameter, given: Any, value: Any) -> None:
    converted = parameter.convert(given)
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("parameter", "given", "expected"),
    [
        (COUNT, "four", "a whole number from 1 to 10"),
        (COUNT, 2.5, "a whole number"),
        (COUNT, 0, "from 1 to 10"),
        (COUNT, True, "a whole number"),
        (COUNT, None, "a whole number"),
        (COUNT, "true", "a whole number"),
        (COUNT, "True", "a whole number"),
        (COUNT, "", "a whole number"),
        (RATE, 10**400, "a number"),
        (RATE, "1e400", "a number"),
        (RATE, "1,5", "a number"),
        (RATE, "1+1", "a number"),
        (RATE, "9" * 5000, "a number"),
        (RATES, "[" * 5000, "a list of numbers"),
        (RATES, "[.1, 'a']", "a list of numbers"),
        (RATE, "-1", "a number, at least 0"),
        (RATE, "nan", "a number"),
        (RATE, float("inf"), "a number"),
        (RATES, "[0.1, -2]", "a list of numbers"),
        (RATES, [], "a list of numbers"),
        (MODE, "c", "'a' or 'b'"),
        (MODE, 1, "'a' or 'b'"),
    ],
)
def test_a_wrong_value_is_refused_with_what_was_expected(
    parameter: Parameter, given: Any, expected: str
) -> None:
    with pytest.raises(ParameterError, match=re.escape(expected)):
        parameter.convert(given)


def test_the_profile_decides_what_nobody_gave() -> None:
    declared = (*common_parameters(), EPOCHS)
    assert resolve(declared, {})["epochs"] == 2
    assert resolve(declared, {"profile": "full"})["epochs"] == 20
    assert resolve(declared, {"profile": "full", "epochs": 5})["epochs"] == 5


def test_an_unknown_name_is_refused_and_the_known_ones_named() -> None:
    with pytest.raises(ParameterError, match="'learning_rat'; this lab has: seed, profile"):
        resolve(common_parameters(), {"learning_rat": 0.1})


def test_labs_are_found_by_number_and_name() -> None:
    assert find_lab("1") is find_lab("01") is find_lab("01_ramp.ipynb")
    assert [lab.number for lab in select_labs(["02", "1", "01"])] == ["02", "01"]
    with pytest.raises(UnknownLab, match="unknown lab '99'; there are: 01_ramp"):
        find_lab("99")
