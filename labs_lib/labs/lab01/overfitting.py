"""Lab 01, TODO 14 to 16: validation data, and overfitting."""

from __future__ import annotations

from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Curves, Given
from labs_engine.declare.comparison import Run
from labs_engine.declare.drawings import Drawing, Shows, over_epochs
from labs_engine.declare.framework import Context, Exercise, Failure, Mistake, close
from labs_lib.kinds.models import Model
from labs_lib.kinds.trained import Trained, Training
from labs_lib.labs.lab01.common import LINEAR, Answers, points, predict

# TODO 14: validation data ---------------------------------------------------------------


def _judge_split(a: Answers, ctx: Context) -> Failure | None:
    x, y = points(ctx)
    lengths = [len(v) for v in (a.x_train, a.y_train, a.x_val, a.y_val)]
    n_val = round(ctx["holdout"] * len(x))
    if lengths[0] != lengths[1] or lengths[2] != lengths[3]:
        return Failure("as many targets as inputs on each side", f"lengths {lengths} (inputs, targets, …)")
    if abs(lengths[2] - n_val) > 1 or lengths[0] + lengths[2] != len(x):
        return Failure(
            f"{ctx['holdout']:.0%} of the {len(x)} points for validation, the others for training",
            f"{lengths[0]} for training, {lengths[2]} for validation",
        )
    if np.intersect1d(a.x_train, a.x_val).size:
        return Failure("no point on both sides", f"{np.intersect1d(a.x_train, a.x_val).size} points on both")
    target = dict(zip(x.tolist(), y.tolist(), strict=True))
    for side, xs, ys in (("training", a.x_train, a.y_train), ("validation", a.x_val, a.y_val)):
        expected = [target.get(value, np.nan) for value in xs.tolist()]
        if not close(ys, expected):
            return Failure("each input with its own target", f"other pairs among the {side} points")
    return None


def _pairs_swapped(a: Answers, ctx: Context) -> bool:
    x, y = points(ctx)
    return bool(np.isin(a.y_train, x).all() and np.isin(a.x_val, y).all())


def _overlaps(a: Answers, ctx: Context) -> bool:
    return bool(np.intersect1d(a.x_train, a.x_val).size)


def _pairs_broken(a: Answers, ctx: Context) -> bool:
    targets = np.concatenate([a.y_train, a.y_val])
    return len(a.x_train) == len(a.y_train) and close(np.sort(targets), np.sort(points(ctx)[1]))


# TODO 15 and 16: overfitting ------------------------------------------------------------

FEW = 30  # points to overfit
_SPLIT = ("x_train", "y_train", "x_val", "y_val")

_OVERFITTING = Training(
    lambda a, ctx: [
        Trained(
            a.large,
            a.overfit,
            ctx["more_epochs"],
            0.01,
            data=(a.x_train[:FEW, None], a.y_train[:FEW]),
            batch_size=ctx["batch_size"],
        )
    ],
    optimizer="Adam",
    loss="mean_squared_error",
    units=lambda ctx: [128, 128, 1],
)


def _paired(a: Answers) -> bool:
    return len(a.x_train) == len(a.y_train) > 0 < len(a.x_val) == len(a.y_val)


def _judge_overfit(a: Answers, ctx: Context) -> Failure | None:
    if not _paired(a):
        lengths = [len(getattr(a, name)) for name in _SPLIT]
        return Failure("the four arrays of TODO 14", f"arrays of lengths {lengths}")
    if (wrong := _OVERFITTING.judge(a, ctx)) is not None:
        return wrong
    if "val_loss" not in a.overfit:
        return Failure(
            "a history with 'loss' and 'val_loss'", f"the curves {', '.join(map(repr, a.overfit))}"
        )
    loss = _error(a.large, a.x_val, a.y_val)
    if not close(a.overfit["val_loss"][-1], loss, rtol=1e-2):
        return Failure(
            f"a validation curve that ends at this network's error on the validation data, {loss:.4f}",
            f"{a.overfit['val_loss'][-1]:.4f}",
        )
    if not 0.3 * a.overfit["loss"][-1] < (now := _error(a.large, a.x_train[:FEW], a.y_train[:FEW])) + 1e-4:
        return Failure(
            f"a network trained on the first {FEW} training points", f"an error of {now:.4f} on them"
        )
    return None


def _error(model: Any, x: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean((predict(model, x) - y) ** 2))


def _overfit_figure(run: Run, *, floor: bool = True, log: str = "y") -> Shows:
    assert run.given is not None
    curves = [over_epochs(run["more_epochs"], run.given.overfit[name]) for name in ("loss", "val_loss")]
    return Shows(curves=curves, levels=[run["noise"] ** 2] if floor else [], log=log, legend=True)


EXERCISES = (
    Exercise(
        name="holdout",
        title="Validation data",
        points=2,
        answers={name: Array((None,)) for name in _SPLIT},
        judge=_judge_split,
        mistakes=[
            Mistake(
                "returned_order",
                _pairs_swapped,
                hint="Inputs and targets of the two sides are exchanged: train_test_split(x, y) returns both "
                "parts of x first, then both parts of y.",
            ),
            Mistake(
                "overlap",
                _overlaps,
                hint="Some points are on both sides: a network is then tested on points that it was trained on.",
            ),
            Mistake(
                "share_exchanged",
                lambda a, ctx: (
                    abs(len(a.x_train) - round(ctx["holdout"] * ctx["n_samples"])) <= 1
                    and len(a.x_train) == len(a.y_train) != len(a.x_val)
                ),
                hint="The smaller part is used for training: `holdout` is the share of the validation data.",
            ),
            Mistake(
                "pairs_broken",
                _pairs_broken,
                hint="The right points are there, but inputs and targets no longer belong together: shuffle "
                "both with one and the same order.",
            ),
        ],
        fallback_hint="sklearn.model_selection.train_test_split takes several arrays and keeps their rows "
        "together.",
        needs=("draw",),
    ),
    Exercise(
        name="overfit",
        title="Memorise 30 points",
        points=2,
        answers={
            "large": Model(compiled=True),
            "overfit": Curves(),
            **{name: Given(Array((None,))) for name in _SPLIT},
        },
        judge=_judge_overfit,
        mistakes=[
            *_OVERFITTING.mistakes(
                sgd="",
                default_rate="The optimiser is Adam, with another rate than 0.01. Its name as a text stands for "
                "Keras's default.",
                epochs="The number of epochs is not `more_epochs`.",
                no_validation="",
            ),
            Mistake(
                "all_points",
                lambda a, ctx: (
                    a.large.optimizer.iterations
                    == ctx["more_epochs"] * -(-len(a.x_train) // ctx["batch_size"])
                    != ctx["more_epochs"] * -(-FEW // ctx["batch_size"])
                ),
                hint="The network made as many updates as all training points need. It should see the first `few`.",
            ),
            Mistake(
                "validated_on_training",
                lambda a, ctx: (
                    "val_loss" in a.overfit
                    and _paired(a)
                    and close(
                        a.overfit["val_loss"][-1],
                        _error(a.large, a.x_train[:FEW], a.y_train[:FEW]),
                        rtol=1e-2,
                    )
                ),
                hint="The validation curve is measured on the points that the network is trained on.",
            ),
        ],
        fallback_hint="build_model(128), compile, then fit on x_train[:few, None] and y_train[:few] with "
        "validation_data.",
        needs=("model", "holdout"),
    ),
    Exercise(
        name="overfit_figure",
        title="Overfitting in a figure",
        points=1,
        answers={"ax_overfit": Drawing(), "overfit": Given(Curves(("loss", "val_loss")))},
        right=lambda run: _overfit_figure(run),
        mistakes=[
            Mistake("linear", wrong=lambda run: _overfit_figure(run, log=""), hint=LINEAR),
            Mistake(
                "no_floor",
                wrong=lambda run: _overfit_figure(run, floor=False),
                hint="The curves are there; the line at the expected floor is missing.",
            ),
        ],
        fallback_hint="overfit.history['loss'] and overfit.history['val_loss'] are the two curves.",
        needs=("overfit", "floor"),
    ),
)
