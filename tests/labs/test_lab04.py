"""Lab 04: right answers pass, each mistake fails with its own hint, numbers typed in do not survive."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Answers, Solved, make_tests
from notebook_tests import make_notebook_tests
from trainings import How, training_mutations

from labs_lib.models import mlp

# Excerpts far apart and few epochs keep it quick; the sets differ in all that the answers depend on.
# Lists are given as text, as on the command line: the harness keeps solved labs by their parameters.
PARAMETER_SETS: list[dict[str, Any]] = [
    {
        "seed": 1,
        "step": 0.05,
        "hidden": 20,
        "batch_size": 64,
        "learning_rate": 0.004,
        "epochs": 2,
        "learning_rates": "[0.03, 0.003, 0.0003]",
        "sweep_epochs": 2,
        "n_parts": 2,
    },
    {
        "seed": 2,
        "step": 0.08,
        "holdout": 0.25,
        "hidden": 12,
        "batch_size": 50,
        "learning_rate": 0.002,
        "epochs": 1,
        "learning_rates": "[0.002, 0.02, 0.0001]",
        "sweep_epochs": 3,
        "n_parts": 2,
    },
    {
        "seed": 3,
        "step": 0.1,
        "holdout": 0.3,
        "hidden": 30,
        "batch_size": 40,
        "learning_rate": 0.01,
        "epochs": 1,
        "learning_rates": "[0.05, 0.005]",
        "sweep_epochs": 2,
        "n_parts": 2,
    },
]


def _parts(change: Any) -> Any:
    return lambda right, s: {**right, **change(right)}


def _last_rows(right: Answers) -> Answers:
    cut = len(right["fit_rows"])
    return {"fit_rows": np.arange(cut), "val_rows": np.arange(cut, cut + len(right["val_rows"]))}


def _fresh(s: Solved) -> Any:
    return mlp(120, [s.context["hidden"]], 10, activation="sigmoid", output_activation="softmax")


def _train(how: How) -> Any:
    """Return a mutation: `train` with one thing done in another way."""

    def mutate(right: Answers, s: Solved) -> Answers:
        import keras

        p = s.context.parameters

        def train(X: Any, y: Any, validation_data: Any, epochs: int) -> Any:
            keras.utils.set_random_seed(p["seed"])
            return how.train(
                lambda: _fresh(s),
                X,
                y,
                validation_data,
                loss="sparse_categorical_crossentropy",
                rate=p["learning_rate"],
                epochs=epochs,
                batch_size=p["batch_size"],
            )

        return {"train": train}

    return mutate


def _sweep(
    rebuild: bool = True,
    shared: bool = False,
    seeded: bool = True,
    batch: float = 1.0,
    epochs: int | None = None,
    rates: Any = lambda asked, s: asked,
    histories: Any = lambda found: found,
    models: Any = lambda found: found,
) -> Any:
    """Return a mutation: `run_sweep` with one thing done in another way."""

    def mutate(right: Answers, s: Solved) -> Answers:
        import keras

        p = s.context.parameters

        def run_sweep(asked: Any, X: Any, y: Any, n: int) -> Any:
            found: tuple[list[Any], list[Any]] = ([], [])
            one = keras.optimizers.Adam(asked[0])
            keras.utils.set_random_seed(p["seed"])
            model = _fresh(s)
            for number, rate in enumerate(rates(asked, s)):
                keras.utils.set_random_seed(p["seed"] if seeded else 100 + number)
                model = _fresh(s) if rebuild else model
                optimizer = one if shared else keras.optimizers.Adam(rate)
                model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
                history = model.fit(
                    X, y, epochs=epochs or n, batch_size=round(p["batch_size"] * batch), verbose=0
                )
                found[0].append(model)
                found[1].append({name: list(curve) for name, curve in history.history.items()})
            return models(found[0]), histories(found[1])

        return {"run_sweep": run_sweep}

    return mutate


def _typed(found: list[Any]) -> list[Any]:
    """Curves with the right starts that end elsewhere."""
    return [{"loss": [curve["loss"][0], *(0.5 * value for value in curve["loss"][1:])]} for curve in found]


def _compared(order: Any, answer: Any) -> Any:
    """Return a mutation: curves that end in a given order, and an answer of the student's.

    Args:
        order: From the rates, sorted upwards, those that end lowest, second and highest.
        answer: From the final losses and the rates to the best rate given.
    """

    def mutate(right: Answers, s: Solved) -> Answers:
        rates = s.context["learning_rates"]
        ends = [0.1 * (1 + order(sorted(rates)).index(rate)) for rate in rates]
        curves = np.array([np.linspace(2.0, end, s.context["sweep_epochs"]) for end in ends])
        return {
            "loss_curves": curves,
            "histories": [{"loss": curve, "accuracy": 1 - curve} for curve in curves],
            "best_rate": answer(ends, rates),
        }

    return mutate


def _histories(key: str) -> Any:
    """Return a mutation: another curve of the histories in the place of the loss."""

    def mutate(right: Answers, s: Solved) -> Answers:
        histories = [
            {**h.history, "val_loss": [v + 0.3 for v in h.history["loss"]]} for h in right["histories"]
        ]
        return {**right, "histories": histories, "loss_curves": np.array([h[key] for h in histories])}

    return mutate


MUTATIONS = {
    **training_mutations(
        "train",
        _train,
        (
            "from_logits",
            "sgd",
            "rate_ignored",
            "epochs_ignored",
            "no_accuracy",
            "other_metric",
            "no_validation",
            "not_rebuilt",
            "batch_size",
            "validated_on_training",
        ),
    ),
    ("validation", "overlap"): _parts(
        lambda r: {"fit_rows": np.arange(len(r["fit_rows"]) + len(r["val_rows"]))}
    ),
    ("validation", "share_exchanged"): _parts(
        lambda r: {"fit_rows": r["val_rows"], "val_rows": r["fit_rows"]}
    ),
    ("validation", "not_shuffled"): _parts(_last_rows),
    ("validation", "rows_left_out"): _parts(lambda r: {"fit_rows": r["fit_rows"][:-40]}),
    ("sweep", "shared_optimizer"): _sweep(shared=True),
    ("sweep", "not_rebuilt"): _sweep(rebuild=False),
    ("sweep", "own_rates"): _sweep(rates=lambda asked, s: s.context["learning_rates"]),
    ("sweep", "one_rate"): _sweep(rates=lambda asked, s: [asked[0]] * len(asked)),
    ("sweep", "order"): _sweep(rates=lambda asked, s: sorted(asked)),
    ("sweep", "last_only"): _sweep(histories=lambda found: found[-1:], models=lambda found: found[-1:]),
    ("sweep", "epochs_ignored"): _sweep(epochs=2),
    ("sweep", "batch_size"): _sweep(batch=4.0),
    ("sweep", "same_curve"): _sweep(histories=lambda found: found[:1] * len(found)),
    ("sweep", "histories_exchanged"): _sweep(histories=lambda found: found[::-1]),
    ("sweep", "not_seeded"): _sweep(seeded=False),
    ("sweep", "typed_in"): _sweep(histories=_typed),
    ("compare", "accuracy"): _histories("accuracy"),
    ("compare", "validation_loss"): _histories("val_loss"),
    ("compare", "transposed"): lambda right, s: {**right, "loss_curves": right["loss_curves"].T},
    ("compare", "largest"): _compared(
        lambda rates: [rates[2], rates[0], rates[1]], lambda ends, rates: rates[int(np.argmax(ends))]
    ),
    ("compare", "position"): _compared(
        lambda rates: [rates[1], rates[0], rates[2]], lambda ends, rates: int(np.argmin(ends))
    ),
    ("compare", "largest_rate"): _compared(
        lambda rates: [rates[1], rates[2], rates[0]], lambda ends, rates: max(rates)
    ),
    ("compare", "smallest_rate"): _compared(
        lambda rates: [rates[1], rates[0], rates[2]], lambda ends, rates: min(rates)
    ),
}

TestLab04 = make_tests("04", PARAMETER_SETS, MUTATIONS)
TestNotebook04 = make_notebook_tests("04", PARAMETER_SETS[0])
