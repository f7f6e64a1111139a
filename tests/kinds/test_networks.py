"""The small network of two labs, and sizes that do not depend on what was asked for."""

from __future__ import annotations

from types import SimpleNamespace

from labs_engine.declare.framework import Context
from labs_lib.kinds.networks import ignores_size
from labs_lib.labs.small_network import hidden_widths, small_network

CTX = Context({"hidden": 4})


def test_the_second_width_is_another() -> None:
    assert hidden_widths(CTX) == [(4,), (7,)]


def test_sizes_that_were_typed_in_are_told_from_others() -> None:
    same = ignores_size("build", "Dense", "units")
    for widths, expected in (((5, 5), True), ((5, 6), False)):
        models = [small_network(1, width).build() for width in widths]
        assert same(SimpleNamespace(build=models), CTX) is expected
    assert ignores_size("build", "GRU", "units")(SimpleNamespace(build=models), CTX) is False
