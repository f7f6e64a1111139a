"""Lab 03: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Answers, Solved, make_tests
from notebook_tests import make_notebook_tests

PARAMETER_SETS: list[dict[str, Any]] = [
    {
        "seed": 1,
        "n": 4,
        "m": 6,
        "q": 3,
        "a": 1.0,
        "b": 6.0,
        "steps": 20,
        "largest_layer": 64,
        "n_samples": 100,
        "epochs": 6,
        "learning_rate": 0.02,
    },
    {
        "seed": 5,
        "n": 7,
        "m": 3,
        "q": 5,
        "a": 8.0,
        "b": 0.5,
        "steps": 30,
        "largest_layer": 128,
        "n_samples": 90,
        "epochs": 4,
        "batch_size": 20,
        "learning_rate": 0.03,
    },
    {
        "seed": 8,
        "n": 3,
        "m": 4,
        "q": 6,
        "a": 2.0,
        "b": 5.0,
        "steps": 12,
        "largest_layer": 64,
        "n_samples": 64,
        "epochs": 5,
        "batch_size": 16,
    },
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


def _fitted(
    *,
    optimizer: str = "SGD",
    loss: str = "mse",
    rate: float = 1,
    epochs: int = 0,
    size: int = 0,
    calls: int = 1,
    shuffle: bool = False,
) -> Any:
    """Return a mutation: the network of lab 01 fitted in another way."""

    def mutate(right: Answers, s: Solved) -> Answers:
        import keras

        p, X, Y = s.context.parameters, s.namespace["X"], s.namespace["Y"]
        network = keras.models.clone_model(right["network"])
        network.set_weights(right["first_weights"])
        for _ in range(calls):
            network.compile(getattr(keras.optimizers, optimizer)(rate * p["learning_rate"]), loss)
            settings = {"batch_size": size or p["batch_size"], "shuffle": shuffle, "verbose": 0}
            history = network.fit(X, Y, epochs=p["epochs"] + epochs, **settings)
        curve = history.history["loss"]
        return {**right, "network": network, "keras_losses": curve, "ax_same": _curves(right, curve)}

    return mutate


def _curves(right: Answers, curve: list[float], scale: str = "log") -> Any:
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    ax.plot(right["losses"], label="loop")
    ax.plot(curve, label="Keras")
    ax.set(xlabel="epoch", ylabel="loss", yscale=scale)
    ax.legend()
    return ax


MUTATIONS = {
    ("signal", "columns_scaled"): _is("back_to_hidden", _scaled_columns),
    ("cost", "signal_forgotten"): _count(lambda n, m, q: (q * m, m * n, m * n, q * m + 2 * m * n)),
    ("cost", "not_shared"): _count(
        lambda n, m, q: (q * m, q * m + m + m * n, q * m + m + m * n, 3 * q * m + 2 * m + 2 * m * n)
    ),
    ("same", "adam"): _fitted(optimizer="Adam"),
    ("same", "absolute_error"): _fitted(loss="mae"),
    ("same", "epochs"): _fitted(epochs=1),
    ("same", "default_rate"): _fitted(rate=2),
    ("same", "batch_size"): _fitted(size=1000),
    ("same", "went_on"): _fitted(calls=2),
    ("same", "shuffled"): _fitted(shuffle=True),
    ("same", "linear"): lambda right, s: {
        **right,
        "ax_same": _curves(right, right["keras_losses"], "linear"),
    },
    ("best_rate", "kappa_upside_down"): _is(
        "best_rate", lambda a, b: (2 / (a + b), (a / b - 1) / (a / b + 1))
    ),
}

TestLab03 = make_tests("03", PARAMETER_SETS, MUTATIONS, later="answers")
# Keras adds in another order where it has another number of threads.
TestNotebook03 = make_notebook_tests("03", PARAMETER_SETS[0], scores_within=1e-5)
