"""Taking solutions out of cells."""

from __future__ import annotations

import pytest

from labs_engine.build.stubs import SourceError, names_read, regions, stub

SCALING = """\
# TODO 1: scale.
### BEGIN SOLUTION
mean = X.mean()
X_scaled = X - mean
### END SOLUTION
"""


def test_a_name_used_elsewhere_stays_as_a_placeholder() -> None:
    assert stub(SCALING, {"X_scaled"}) == "# TODO 1: scale.\nX_scaled = ...  # your code here"


def test_a_name_used_nowhere_else_disappears() -> None:
    assert "mean" not in stub(SCALING, {"X_scaled"})


def test_a_solution_that_leaves_nothing_still_shows_where_to_write() -> None:
    assert stub(SCALING, set()).splitlines()[-1] == "...  # your code here"


def test_a_marked_body_keeps_signature_and_docstring_and_returns_the_placeholder() -> None:
    cell = (
        'def f(x, *, k=2):\n    """Double."""\n    ### BEGIN SOLUTION\n    return k * x\n    ### END SOLUTION'
    )
    assert stub(cell, set()) == 'def f(x, *, k=2):\n    """Double."""\n    return ...  # your code here'


def test_a_function_inside_the_marks_keeps_its_signature() -> None:
    cell = '### BEGIN SOLUTION\ndef f(x: int, *rest) -> int:\n    """Add."""\n    return x\n### END SOLUTION'
    code = stub(cell, {"f"})
    namespace: dict = {}
    exec(code, namespace)
    assert namespace["f"](1, 2) is ...
    assert namespace["f"].__doc__ == "Add."


def test_names_assigned_in_a_loop_or_by_unpacking_are_found() -> None:
    cell = "### BEGIN SOLUTION\nfor i in range(3):\n    a, (b, *c) = pair(i)\nwith open(p) as f:\n    d = 1\n### END SOLUTION"
    assert stub(cell, {"a", "b", "c", "d"}).count("= ...") == 4


def test_a_local_name_of_a_function_is_no_placeholder() -> None:
    cell = "### BEGIN SOLUTION\ndef f():\n    inner = 1\n    return inner\nvalue = f()\n### END SOLUTION"
    assert stub(cell, {"value", "inner"}) == "value = ...  # your code here"


def test_what_stands_outside_the_marks_stays() -> None:
    cell = "start = 1\n### BEGIN SOLUTION\nx = start\n### END SOLUTION\nprint(x)"
    assert stub(cell, set()) == "start = 1\nx = ...  # your code here\nprint(x)"


@pytest.mark.parametrize(
    "cell",
    [
        "### BEGIN SOLUTION\nx = 1",
        "x = 1\n### END SOLUTION",
        "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
    ],
)
def test_marks_without_partner_are_refused(cell: str) -> None:
    with pytest.raises(SourceError, match="SOLUTION"):
        regions(cell)


def test_names_read_are_loads_only() -> None:
    assert names_read("a = b\nc.d = e[f]") == {"b", "c", "e", "f"}
