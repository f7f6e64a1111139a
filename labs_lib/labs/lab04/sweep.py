"""Lab 04, TODO 8 and 9: a sweep of learning rates, and which one is best."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Curves, Each, Function, Number
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake, close
from labs_lib.kinds.models import Model
from labs_lib.kinds.networks import cross_entropy, learning_rate, optimizer_name
from labs_lib.kinds.trained import Trained, Training
from labs_lib.labs.lab04.data import N_FEATURES, Answers, n_classes

SHARED = "one optimiser for several networks"


# TODO 8: the sweep -----------------------------------------------------------------------

_EPOCHS = 3


def _trial(ctx: Context) -> tuple[list[float], np.ndarray, np.ndarray, int]:
    """Return rates in no order, inputs, classes, epochs.

    All rows are alike, so the curves do not depend on the order in which batches are drawn.
    """
    rng = ctx.rng(8)
    rates = [float(np.round(10 ** rng.uniform(low, low + 0.4), 5)) for low in (-3.0, -1.6, -4.2)]
    row = rng.standard_normal(N_FEATURES).astype(np.float32)
    rows = 2 * ctx["batch_size"] + 3
    return rates, np.tile(row, (rows, 1)), np.full(rows, rng.integers(0, n_classes(ctx))), _EPOCHS


def _sweeps(ctx: Context) -> list[tuple[Any, ...]]:
    return [_trial(ctx)]


def _trained(a: Answers, ctx: Context) -> list[Trained]:
    rates, x, y, epochs = _trial(ctx)
    return [
        Trained(model, curves, epochs, rate, data=(x, y), batch_size=ctx["batch_size"])
        for model, curves, rate in zip(*a.run_sweep[0], rates, strict=False)
    ]


_TRAINING = Training(_trained, units=lambda ctx: [ctx["hidden"], n_classes(ctx)])


def _judge_sweep(a: Answers, ctx: Context) -> Failure | None:
    if a.run_sweep == SHARED:
        return Failure("an optimiser of its own for each network", "one that was made for another network")
    models, histories = a.run_sweep[0]
    rates, x, y, _ = _trial(ctx)
    if len(models) != len(rates) or len(histories) != len(rates):
        return Failure(
            f"one network and one history for each of {len(rates)} rates",
            f"{len(models)} networks, {len(histories)} histories",
        )
    if len({id(model) for model in models}) < len(models):
        return Failure("a network of its own for each rate", "the same network more than once")
    if (wrong := _TRAINING.judge(a, ctx)) is not None:
        return wrong
    for model, curves, rate, (alone, end) in zip(
        models, histories, rates, _alone(models[0], ctx), strict=True
    ):
        if not close(curves["loss"], alone, rtol=0.01, atol=1e-3):
            return Failure(
                f"at rate {rate:g} the curve of this network, started from the weights of seed {ctx['seed']}",
                f"another curve, from {curves['loss'][0]:.4f} to {curves['loss'][-1]:.4f}",
            )
        if not close(loss := cross_entropy(model, x, y), end, rtol=0.01, atol=1e-3):
            return Failure(
                f"at rate {rate:g} the network to which the curve belongs",
                f"one whose loss is {loss:.4f}, where the curve ended at {curves['loss'][-1]:.4f}",
            )
    return None


@lru_cache(maxsize=2)  # several mistakes are told from one another by it
def _alone(like: Any, ctx: Context) -> list[tuple[list[float], float]]:
    """Return for each rate the losses of a network that starts afresh from the run's seed, and its loss at the end."""
    import keras

    rates, x, y, epochs = _trial(ctx)
    keras.utils.set_random_seed(ctx["seed"])
    model = keras.models.clone_model(like)  # the same layers with new weights
    first, found = model.get_weights(), []
    for rate in rates:
        model.set_weights(first)
        model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
        history = model.fit(x, y, epochs=epochs, batch_size=ctx["batch_size"], verbose=0)
        found.append((history.history["loss"], cross_entropy(model, x, y)))
    return found


def _complete(a: Answers, ctx: Context) -> bool:
    """Tell whether each rate has a network and a curve."""
    models, histories = a.run_sweep[0]
    return len(models) == len(histories) == len(_trial(ctx)[0]) and all(map(_length, histories))


def _not_rebuilt(a: Answers, ctx: Context) -> bool:
    """Tell whether the curves go on where the one before stopped: one network for all rates."""
    models, histories = a.run_sweep[0]
    same = len({id(model) for model in models}) < len(models)
    return _complete(a, ctx) and (same or all(_goes_on(*pair) for pair in pairwise(histories)))


def _goes_on(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> bool:
    gained = before["loss"][0] - before["loss"][-1]
    return bool(gained > 0.02 and abs(after["loss"][0] - before["loss"][-1]) < 0.5 * gained)


def _found_rates(a: Answers) -> list[float]:
    return [
        learning_rate(model) if optimizer_name(model) == "Adam" else np.nan for model in a.run_sweep[0][0]
    ]


def _order(a: Answers, ctx: Context) -> bool:
    rates, found = _trial(ctx)[0], _found_rates(a)
    return close(sorted(found), sorted(rates), rtol=1e-3) and not close(found, rates, rtol=1e-3)


def _own_rates(a: Answers, ctx: Context) -> bool:
    return close(_found_rates(a), ctx["learning_rates"], rtol=1e-3)


def _one_rate(a: Answers, ctx: Context) -> bool:
    found = _found_rates(a)
    return len(found) > 1 and bool(np.ptp(found) < 1e-9)


def _exchanged(a: Answers, ctx: Context) -> bool:
    """Tell whether the curves are the right ones in another order."""
    models, histories = a.run_sweep[0]
    if not _complete(a, ctx):
        return False
    ends = sorted(curves["loss"][-1] for curves in histories)
    return close(ends, sorted(curve[-1] for curve, _ in _alone(models[0], ctx)), rtol=0.01, atol=1e-3)


def _other_start(a: Answers, ctx: Context) -> bool:
    """Tell whether the networks start apart although each is new."""
    if not _complete(a, ctx):
        return False
    first = [curves["loss"][0] for curves in a.run_sweep[0][1]]
    smallest = int(np.argmin(_trial(ctx)[0]))
    alone, _ = _alone(a.run_sweep[0][0][0], ctx)[smallest]
    return abs(first[smallest] - alone[0]) > 0.01 * alone[0]


def _same_curve(a: Answers, ctx: Context) -> bool:
    histories = a.run_sweep[0][1]
    return len(histories) > 1 and all(close(h["loss"], histories[0]["loss"]) for h in histories)


# TODO 9: comparing -----------------------------------------------------------------------


def _judge_compare(a: Answers, ctx: Context) -> Failure | None:
    rates, epochs = ctx["learning_rates"], ctx["sweep_epochs"]
    if len(a.histories) != len(rates) or any(len(curves["loss"]) != epochs for curves in a.histories):
        return Failure(
            f"histories of {epochs} epochs at each of {len(rates)} rates",
            f"{len(a.histories)} histories of {sorted({len(c['loss']) for c in a.histories})} epochs",
        )
    if a.loss_curves.shape != (len(rates), epochs):
        return Failure(
            f"one row a rate and one column an epoch, shape ({len(rates)}, {epochs})",
            f"shape {a.loss_curves.shape}",
        )
    if not close(a.loss_curves, _curves(a, "loss")):
        return Failure("the training losses of the sweep", "other numbers")
    if not close(a.best_rate, rates[int(np.argmin(a.loss_curves[:, -1]))]):
        return Failure("the rate with the smallest training loss in the last epoch", f"{a.best_rate:g}")
    return None


def _curves(a: Answers, key: str) -> np.ndarray:
    return np.array([curves.get(key, np.full(len(curves["loss"]), np.nan)) for curves in a.histories])


def _ends(a: Answers) -> np.ndarray:
    """Return the losses of the last epoch, of those histories that have one."""
    return np.array([curves["loss"][-1] for curves in a.histories if len(curves["loss"])])


def _curves_are(key: str) -> Callable[[Answers, Context], bool]:
    return lambda a, ctx: (
        len({len(c["loss"]) for c in a.histories}) == 1 and close(a.loss_curves, _curves(a, key))
    )


def _at(which: Callable[[np.ndarray], Any]) -> Callable[[Answers, Context], bool]:
    """Return a predicate: the best rate is the one at another place."""

    def same(a: Answers, ctx: Context) -> bool:
        ends = _ends(a)
        return len(ends) == len(ctx["learning_rates"]) and close(
            a.best_rate, ctx["learning_rates"][int(which(ends))]
        )

    return same


def _transposed(a: Answers, ctx: Context) -> bool:
    return a.loss_curves.ndim == 2 and close(a.loss_curves.T, _curves(a, "loss"))


EXERCISES = (
    Exercise(
        name="sweep",
        title="The sweep",
        points=4,
        answers={
            "run_sweep": Function(
                _sweeps,
                (Each(Model(compiled=True)), Each(Curves())),
                # What Keras says of an optimiser that belongs to another network.
                recognised={"Unknown variable": SHARED},
            )
        },
        judge=_judge_sweep,
        mistakes=[
            Mistake(
                "shared_optimizer",
                lambda a, ctx: a.run_sweep == SHARED,
                hint="The networks share one optimiser, with its rate and its memory of former gradients. Each "
                "needs one of its own.",
            ),
            Mistake(
                "own_rates",
                _own_rates,
                hint="These are the rates of the parameter `learning_rates`, whatever is asked for: use the "
                "argument.",
            ),
            Mistake(
                "order",
                _order,
                hint="The rates are right, their order is not: the first network belongs to the first rate.",
            ),
            Mistake(
                "not_rebuilt",
                _not_rebuilt,
                hint="One network goes through all rates: from the second rate on, the curves start where the "
                "one before ended. A rate can only be judged on a network that has not learned anything "
                "yet.",
            ),
            Mistake(
                "one_rate",
                _one_rate,
                hint="All networks were trained at the same rate. Where does the rate of the loop go?",
            ),
            Mistake(
                "last_only",
                lambda a, ctx: len(a.run_sweep[0][0]) == 1 or len(a.run_sweep[0][1]) == 1,
                hint="Only one rate comes back. Is the return inside the loop, or is each result written over "
                "the one before?",
            ),
            Mistake(
                "epochs_ignored",
                lambda a, ctx: _complete(a, ctx) and len({*map(_length, a.run_sweep[0][1])} - {_EPOCHS}) > 0,
                hint="The number of epochs is not the one asked for: use the argument `epochs`.",
            ),
            *_TRAINING.mistakes(batch_size="The number of updates does not fit `batch_size`."),
            Mistake(
                "same_curve",
                _same_curve,
                hint="All rates have exactly the same curve. These cannot be the curves of these networks.",
            ),
            Mistake(
                "histories_exchanged",
                _exchanged,
                hint="The curves belong to other rates than the networks beside them.",
            ),
            Mistake(
                "not_seeded",
                _other_start,
                hint="The networks do not start from the weights that the seed gives. Seed before each network "
                "is built, so that the rates differ in nothing else.",
            ),
            Mistake(
                "typed_in",
                lambda a, ctx: all(one.updates_fit for one in _trained(a, ctx)),
                hint="The curves are not those that these networks give in training: return what fit returned.",
            ),
        ],
        fallback_hint="For each rate: seed, build, compile with an optimiser made for this rate, fit; and "
        "collect the network and its history in two lists.",
        needs=("numbers", "model"),
    ),
    Exercise(
        name="compare",
        title="Compare the rates",
        points=2,
        answers={
            "loss_curves": Array((None, None)),
            "best_rate": Number(),
            "histories": Each(Curves()),
        },
        judge=_judge_compare,
        mistakes=[
            Mistake(
                "accuracy",
                _curves_are("accuracy"),
                hint="These are accuracies. They reach 1 and stop telling rates apart; the loss goes on.",
            ),
            Mistake(
                "validation_loss",
                _curves_are("val_loss"),
                hint="These are the validation losses. The text asks for the training loss: how well does each "
                "rate descend?",
            ),
            Mistake(
                "transposed",
                _transposed,
                hint="Rows and columns are exchanged: one row is one rate.",
            ),
            Mistake(
                "largest",
                _at(np.argmax),
                hint="This rate ends with the largest loss. Is that what is wanted of a loss?",
            ),
            Mistake(
                "position",
                lambda a, ctx: bool(len(_ends(a))) and a.best_rate == int(np.argmin(_ends(a))),
                hint="This is the place of the rate in the list, not the rate.",
            ),
            Mistake(
                "largest_rate",
                lambda a, ctx: close(a.best_rate, max(ctx["learning_rates"])),
                hint="This is the largest rate, which does not end lowest here. Look at the last column.",
            ),
            Mistake(
                "smallest_rate",
                lambda a, ctx: close(a.best_rate, min(ctx["learning_rates"])),
                hint="This is the smallest rate, which does not end lowest here. Look at the last column.",
            ),
        ],
        fallback_hint="history.history['loss'] is the row of one rate; np.argmin tells where its last column is "
        "smallest.",
        needs=("numbers", "standardise", "validation", "sweep"),
    ),
)


def _length(curves: dict[str, np.ndarray]) -> int:
    return len(curves["loss"])
