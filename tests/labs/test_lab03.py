"""Lab 03: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import make_tests
from notebook_tests import make_notebook_tests

PARAMETER_SETS: list[dict[str, Any]] = [
    {"seed": 1, "n": 4, "m": 6, "q": 3, "a": 1.0, "b": 6.0, "steps": 20, "n_notes": 40, "largest_layer": 64},
    {
        "seed": 5,
        "n": 7,
        "m": 3,
        "q": 5,
        "a": 8.0,
        "b": 0.5,
        "steps": 30,
        "n_notes": 45,
        "largest_layer": 128,
    },
    {"seed": 8, "n": 3, "m": 4, "q": 6, "a": 2.0, "b": 5.0, "steps": 12, "n_notes": 42, "largest_layer": 64},
]


def _is(name: str, function: Any) -> Any:
    return lambda right, s: {name: function}


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def slope(z: np.ndarray) -> np.ndarray:
    return sigmoid(z) * (1 - sigmoid(z))


def _scaled_columns(W2: Any, z: Any, g: Any) -> Any:
    return W2.T @ g, np.diag(slope(z)) * (W2.T @ g)


def _count(formula: Any) -> Any:
    return _is("multiply_adds", formula)


MUTATIONS = {
    ("signal", "columns_scaled"): _is("back_to_hidden", _scaled_columns),
    ("cost", "signal_forgotten"): _count(lambda n, m, q: (q * m, m * n, m * n, q * m + 2 * m * n)),
    ("cost", "not_shared"): _count(
        lambda n, m, q: (q * m, q * m + m + m * n, q * m + m + m * n, 3 * q * m + 2 * m + 2 * m * n)
    ),
    ("best_rate", "kappa_upside_down"): _is(
        "best_rate", lambda a, b: (2 / (a + b), (a / b - 1) / (a / b + 1))
    ),
}

TestLab03 = make_tests("03", PARAMETER_SETS, MUTATIONS, later="answers")
TestNotebook03 = make_notebook_tests("03", PARAMETER_SETS[0])
