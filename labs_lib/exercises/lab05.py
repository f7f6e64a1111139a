"""Lab 05, environmental sounds: parameters, exercises, checks."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from labs_lib.exercises.answers import Array, Curves, Function, Model, Number, Text
from labs_lib.exercises.framework import Context, Exercise, LabSpec, Mistake, ShortAnswer, Wrong, close
from labs_lib.exercises.networks import (
    activations,
    layers_of,
    learning_rate,
    loss_name,
    optimizer_name,
    units,
)
from labs_lib.exercises.parameters import Parameter, common_parameters

Answers = SimpleNamespace

SECONDS, HOP, N_CLASSES = 5, 512, 10


def _clips(ctx: Context) -> Any:
    return _load(ctx["data_home"], ctx["source"])


@lru_cache(maxsize=2)
def _load(data_home: str | None, source: str) -> Any:
    from labs_lib.datasets import esc50

    return esc50.load(data_home, source)


def _frames(ctx: Context) -> int:
    return 1 + SECONDS * ctx["sample_rate"] // HOP


# TODO 1: file names ---------------------------------------------------------------------


def _names(ctx: Context) -> list[tuple[str]]:
    rng = ctx.rng(1)
    names = []
    for target in (int(rng.integers(0, 10)), int(rng.integers(10, 50)), int(rng.integers(10, 50))):
        fold, source = rng.integers(1, 6), rng.integers(1000, 300_000)
        names.append((f"{fold}-{source}-{'ABCDEF'[rng.integers(0, 6)]}-{target}.wav",))
    return names


def _parts(name: str) -> tuple[int, int, str, int]:
    fold, source, take, target = name.removesuffix(".wav").split("-")
    return int(fold), int(source), take.lower(), int(target)


def _judge_names(a: Answers, ctx: Context) -> Wrong | None:
    for given, (name,) in zip(a.parse, _names(ctx), strict=True):
        if tuple(given) != _parts(name):
            return Wrong("fold, source, take and target, in this order", f"{tuple(given)} for {name!r}")
    return None


def _reads_as(rule: Any) -> Any:
    def same(a: Answers, ctx: Context) -> bool:
        return all(tuple(g) == rule(_parts(name)) for g, (name,) in zip(a.parse, _names(ctx), strict=True))

    return same


# TODO 2: decibels -----------------------------------------------------------------------


def _powers(ctx: Context) -> list[tuple[np.ndarray]]:
    rng = ctx.rng(3)
    powers = [10 ** rng.uniform(-9.5, 2.5, (4, 6)) for _ in range(2)]
    powers[1][0, 0] = 0.0
    return [(power,) for power in powers]


def _decibels(power: np.ndarray) -> np.ndarray:
    return 10 * np.log10(np.maximum(power, 1e-10))


def _judge_decibels(a: Answers, ctx: Context) -> Wrong | None:
    for given, (power,) in zip(a.to_decibels, _powers(ctx), strict=True):
        if given.shape != power.shape:
            return Wrong(f"the shape of the input, {power.shape}", f"{given.shape}")
        if not np.all(np.isfinite(given)):
            return Wrong("finite numbers, also where the power is 0", "infinity or NaN")
        if not close(given, _decibels(power), atol=1e-3):
            at = np.unravel_index(np.argmax(np.abs(given - _decibels(power))), power.shape)
            return Wrong(
                "decibels relative to a power of 1", f"{given[at]:.2f} for a power of {power[at]:.3g}"
            )
    return None


def _computes(formula: Any) -> Any:
    """Return a predicate: where the power is above the floor, the outputs follow another formula."""

    def same(a: Answers, ctx: Context) -> bool:
        return all(
            given.shape == power.shape and close(given[power > 0], formula(power)[power > 0], atol=1e-3)
            for given, (power,) in zip(a.to_decibels, _powers(ctx), strict=True)
        )

    return same


def _decibels_80(power: np.ndarray) -> np.ndarray:
    return np.maximum(_decibels(power), _decibels(power).max() - 80)


# TODO 3: the shape of the data ----------------------------------------------------------


def _judge_shape(a: Answers, ctx: Context) -> Wrong | None:
    if close(a.shape, (len(_clips(ctx)), ctx["n_mels"], _frames(ctx))):
        return None
    return Wrong("clips, mel bands, frames", f"{tuple(int(v) for v in a.shape)}")


# TODO 4: the split ----------------------------------------------------------------------


def _rows(values: np.ndarray) -> np.ndarray:
    return np.flatnonzero(values) if values.dtype.kind == "b" else np.sort(values.astype(int))


def _judge_split(a: Answers, ctx: Context) -> Wrong | None:
    folds = _clips(ctx).folds
    train, test = _rows(a.train_rows), _rows(a.test_rows)
    for side, rows in (("training", train), ("test", test)):
        if len(rows) == 0 or rows.min() < 0 or rows.max() >= len(folds):
            return Wrong(f"row numbers from 0 to {len(folds) - 1}", f"others among the {side} rows")
    shared = np.intersect1d(train, test).size
    if shared:
        return Wrong("no clip on both sides", f"{shared} clips on both")
    if not np.array_equal(test, np.flatnonzero(folds == ctx["test_fold"])):
        return Wrong(f"the clips of fold {ctx['test_fold']} to test on", f"folds {sorted(set(folds[test]))}")
    if not np.array_equal(train, np.flatnonzero(folds != ctx["test_fold"])):
        return Wrong("all clips of the other folds to train on", f"{len(train)} clips")
    return None


def _random_split(a: Answers, ctx: Context) -> bool:
    folds, test = _clips(ctx).folds, _rows(a.test_rows)
    return len(test) > 0 and test.max() < len(folds) and len(set(folds[test])) > 1


# TODO 5: standardise ---------------------------------------------------------------------


def _train_shape(ctx: Context) -> tuple[int | None, ...]:
    return (int(np.sum(_clips(ctx).folds != ctx["test_fold"])), ctx["n_mels"], _frames(ctx))


def _test_shape(ctx: Context) -> tuple[int | None, ...]:
    return (int(np.sum(_clips(ctx).folds == ctx["test_fold"])), ctx["n_mels"], _frames(ctx))


def _judge_scaled(a: Answers, ctx: Context) -> Wrong | None:
    mean, std = float(np.mean(a.X_train_scaled)), float(np.std(a.X_train_scaled))
    if abs(mean) > 0.01 or abs(std - 1) > 0.01:
        return Wrong(
            "training data of mean 0 and standard deviation 1", f"mean {mean:.3f}, deviation {std:.3f}"
        )
    if _own_statistics(a, ctx):
        return Wrong(
            "test data shifted and scaled as the training data were", "mean 0 and deviation 1 exactly"
        )
    if not 0.2 < float(np.std(a.X_test_scaled)) < 5 or abs(float(np.mean(a.X_test_scaled))) > 3:
        return Wrong(
            "test data on the same scale as the training data",
            f"mean {np.mean(a.X_test_scaled):.3g}, deviation {np.std(a.X_test_scaled):.3g}",
        )
    return None


def _own_statistics(a: Answers, ctx: Context) -> bool:
    return abs(float(np.mean(a.X_test_scaled))) < 1e-4 and abs(float(np.std(a.X_test_scaled)) - 1) < 1e-4


def _all_statistics(a: Answers, ctx: Context) -> bool:
    both = np.concatenate([a.X_train_scaled.ravel(), a.X_test_scaled.ravel()]).astype(float)
    return abs(both.mean()) < 1e-3 and abs(both.std() - 1) < 1e-3


# TODO 6 and 7: the networks --------------------------------------------------------------


def _mlp_inputs(ctx: Context) -> list[tuple[tuple[int, int], int]]:
    return [((ctx["n_mels"], _frames(ctx)), N_CLASSES), ((20, 30), 4)]


def _cnn_inputs(ctx: Context) -> list[tuple[tuple[int, int, int], int]]:
    return [((ctx["n_mels"], _frames(ctx), 1), N_CLASSES), ((40, 50, 1), 4)]


def _judge_mlp(a: Answers, ctx: Context) -> Wrong | None:
    for model, (shape, n_classes) in zip(a.build_mlp, _mlp_inputs(ctx), strict=True):
        wrong = _input(model, shape) or _head(model, n_classes) or _dense(model, [16, 16, n_classes])
        if wrong:
            return wrong
    return None


def _judge_cnn(a: Answers, ctx: Context) -> Wrong | None:
    from labs_lib.models import environment_cnn

    for model, (shape, n_classes) in zip(a.build_cnn, _cnn_inputs(ctx), strict=True):
        wrong = _input(model, shape)
        if wrong:
            return wrong
        convolutions = layers_of(model, "Conv2D")
        found = [(layer.filters, *layer.kernel_size) for layer in convolutions]
        if found != [(16, 3, 3), (16, 3, 3), (32, 2, 2)]:
            return Wrong(
                "the three convolutions of the table",
                f"(filters, height, width): {found or 'no convolution'}",
            )
        if any(layer.activation.__name__ != "relu" for layer in convolutions):
            return Wrong("a ReLU in every convolution", f"{[c.activation.__name__ for c in convolutions]}")
        wrong = _head(model, n_classes) or _dense(model, [32, n_classes])
        if wrong:
            return wrong
        if [layer.rate for layer in layers_of(model, "Dropout")] != [0.1]:
            return Wrong("one dropout layer of the rate in the table", "another number or rate")
        right = environment_cnn(shape, n_classes).count_params()
        if model.count_params() != right:
            return Wrong(f"{right:,} parameters for input {shape}", f"{model.count_params():,}")
    return None


def _input(model: Any, shape: tuple[int, ...]) -> Wrong | None:
    if model.input_shape != (None, *shape):
        return Wrong(f"inputs of the shape passed in, {shape}", f"input shape {model.input_shape}")
    return None


def _head(model: Any, n_classes: int) -> Wrong | None:
    if model.output_shape != (None, n_classes):
        return Wrong(f"one output a class, shape (None, {n_classes})", f"output shape {model.output_shape}")
    if activations(model)[-1:] != ["softmax"]:
        return Wrong(
            "outputs that are probabilities over the classes", f"{activations(model)[-1:]} at the end"
        )
    return None


def _dense(model: Any, wanted: list[int]) -> Wrong | None:
    if units(model) != wanted:
        return Wrong(f"dense layers of {wanted} units", f"{units(model)}")
    if activations(model)[:-1] != ["relu"] * (len(wanted) - 1):
        return Wrong("a ReLU in every dense layer before the last", f"{activations(model)}")
    return None


def _last_activation(name: str, kind: str) -> Any:
    def same(a: Answers, ctx: Context) -> bool:
        return activations(getattr(a, name)[0])[-1:] == [kind]

    return same


def _first_pool_unpadded(a: Answers, ctx: Context) -> bool:
    pools = layers_of(a.build_cnn[0], "MaxPooling2D")
    return bool(pools) and pools[0].padding == "valid"


# TODO 8: training -------------------------------------------------------------------------


def _trials(ctx: Context) -> list[tuple[Any, ...]]:
    from labs_lib.models import mlp

    rng = ctx.rng(8)
    x = rng.standard_normal((40, 6)).astype(np.float32)
    y = rng.integers(0, 3, 40)
    rate = float(np.round(10 ** rng.uniform(-3, -2), 4))
    return [
        (mlp(6, [4], 3, output_activation="softmax"), x, y, epochs, rate)
        for epochs in (2, 2 + int(rng.integers(1, 4)))
    ]


def _judge_training(a: Answers, ctx: Context) -> Wrong | None:
    for (model, curves), (_, _, _, epochs, rate) in zip(a.train, _trials(ctx), strict=True):
        if optimizer_name(model) != "Adam":
            return Wrong("the Adam optimiser", optimizer_name(model))
        if not close(learning_rate(model), rate, rtol=1e-3):
            return Wrong(f"the learning rate passed in, {rate:g}", f"{learning_rate(model):g}")
        if loss_name(model) != "sparse_categorical_crossentropy":
            return Wrong("the cross-entropy for labels that are class numbers", loss_name(model))
        if "accuracy" not in curves:
            return Wrong("a curve of the accuracy beside the loss", f"curves {', '.join(curves)}")
        if len(curves["loss"]) != epochs:
            return Wrong(f"{epochs} epochs", f"{len(curves['loss'])}")
    return None


# TODO 9: scores ---------------------------------------------------------------------------


def _test_accuracy(model: Any, x: np.ndarray, ctx: Context) -> float:
    clips = _clips(ctx)
    y = clips.labels[clips.folds == ctx["test_fold"]]
    inputs = x if len(model.input_shape) == x.ndim else x[..., None]
    return float(np.mean(np.argmax(model.predict(inputs, verbose=0), axis=1) == y))


def _judge_scores(a: Answers, ctx: Context) -> Wrong | None:
    for name, model, given in (("MLP", a.mlp, a.mlp_accuracy), ("CNN", a.cnn, a.cnn_accuracy)):
        right = _test_accuracy(model, a.X_test_scaled, ctx)
        if not close(given, right, atol=0.002):
            return Wrong(f"the share of test clips that the {name} gets right", f"{given:.4f}")
    return None


def _is_training_accuracy(a: Answers, ctx: Context) -> bool:
    return close(a.mlp_accuracy, a.mlp_history["accuracy"][-1], atol=0.002) or close(
        a.cnn_accuracy, a.cnn_history["accuracy"][-1], atol=0.002
    )


LAB = LabSpec(
    number="05",
    slug="environmental_sounds",
    title="Environmental sounds",
    summary="Dogs, hens and crows: from sound files to log-mel spectrograms, a dense and a convolutional network.",
    parameters=(
        *common_parameters("which clips: 'auto' takes the real ones where data_home names them"),
        Parameter("sample_rate", int, 22_050, "samples per second", minimum=8000, maximum=44_100),
        Parameter("n_mels", int, 128, "mel bands", minimum=40, maximum=256),
        Parameter("test_fold", int, 1, "official fold to test on", minimum=1, maximum=5),
        Parameter("batch_size", int, 32, "clips per update", minimum=1),
        Parameter("mlp_epochs", int, None, "epochs of the dense network", quick=60, full=300, minimum=1),
        Parameter("cnn_epochs", int, None, "epochs of the CNN", quick=12, full=50, minimum=1),
    ),
    exercises=(
        Exercise(
            "parse",
            "Read a file name",
            2,
            {
                "parse": Function(
                    _names,
                    (
                        Number(integer=True),
                        Number(integer=True),
                        Text(tuple("abcdefgh")),
                        Number(integer=True),
                    ),
                )
            },
            _judge_names,
            (
                Mistake(
                    "last_digit",
                    _reads_as(lambda p: (p[0], p[1], p[2], p[3] % 10)),
                    "Only the last digit of the target is read. Targets go up to 49: split at the hyphens "
                    "instead of counting characters.",
                ),
                Mistake(
                    "fold_and_target",
                    _reads_as(lambda p: (p[3], p[1], p[2], p[0])),
                    "Fold and target are exchanged: which number comes first in the name?",
                ),
                Mistake(
                    "take_and_source",
                    lambda a, ctx: all(
                        g[0] == _parts(n)[0] and g[1] == g[3]
                        for g, (n,) in zip(a.parse, _names(ctx), strict=True)
                    ),
                    "The source is the target again: each of the four parts has a place of its own.",
                ),
            ),
            where="str.split('-') gives the four parts; the ending .wav still hangs on the last. Numbers are "
            "wanted as int, the take as its letter.",
        ),
        Exercise(
            "decibels",
            "From power to decibels",
            2,
            {"to_decibels": Function(_powers, Array(finite=False))},
            _judge_decibels,
            (
                Mistake(
                    "no_floor",
                    lambda a, ctx: not np.all(np.isfinite(a.to_decibels[1])),
                    "Digital silence has power 0, and the logarithm of 0 is minus infinity. Raise the power to "
                    "the floor first.",
                ),
                Mistake(
                    "natural_logarithm",
                    _computes(lambda p: 10 * np.log(np.maximum(p, 1e-10))),
                    "np.log is the natural logarithm; decibels use the one to base 10.",
                ),
                Mistake(
                    "amplitude",
                    _computes(lambda p: 20 * np.log10(np.maximum(p, 1e-10))),
                    "The factor 20 belongs to amplitudes. These are powers, amplitudes squared.",
                ),
                Mistake(
                    "bels",
                    _computes(lambda p: np.log10(np.maximum(p, 1e-10))),
                    "This is in bels. What does the deci in decibel mean?",
                ),
                Mistake(
                    "relative_to_maximum",
                    _computes(lambda p: _decibels(p) - _decibels(p).max()),
                    "Every clip is measured against its own loudest value, so loud and quiet clips become "
                    "alike. The reference is a power of 1 for all.",
                ),
                Mistake(
                    "top_db",
                    _computes(_decibels_80),
                    "Quiet values are cut at 80 dB below the loudest: that is the default of librosa's "
                    "power_to_db, see its argument top_db.",
                ),
            ),
            where="Ten times the logarithm to base 10 of the power, where the power is at least 1e-10.",
        ),
        Exercise(
            "shape",
            "What the three numbers mean",
            1,
            {"shape": Array((3,))},
            _judge_shape,
            (
                Mistake(
                    "no_first_frame",
                    lambda a, ctx: close(a.shape, (len(_clips(ctx)), ctx["n_mels"], _frames(ctx) - 1)),
                    "One frame is missing: the first is centred on the very first sample, before any hop.",
                ),
                Mistake(
                    "time_first",
                    lambda a, ctx: close(a.shape, (len(_clips(ctx)), _frames(ctx), ctx["n_mels"])),
                    "The numbers are right, the order is not: librosa puts frequency before time.",
                ),
                Mistake(
                    "samples",
                    lambda a, ctx: a.shape[2] == SECONDS * ctx["sample_rate"],
                    "The last number counts samples. A spectrogram has one column a hop.",
                ),
                Mistake(
                    "default_parameters",
                    lambda a, ctx: close(a.shape[1:], (128, 216)),
                    "This is the shape for other parameters. Compute it from n_mels and sample_rate.",
                ),
            ),
            where="How many clips, how many bands, and how many times does a hop of 512 samples fit into 5 s?",
        ),
        Exercise(
            "split",
            "Split by the official folds",
            2,
            {"train_rows": Array((None,)), "test_rows": Array((None,))},
            _judge_split,
            (
                Mistake(
                    "test_from_training",
                    lambda a, ctx: bool(np.intersect1d(_rows(a.train_rows), _rows(a.test_rows)).size),
                    "The test clips are also trained on: the score then measures memory.",
                ),
                Mistake(
                    "random",
                    _random_split,
                    "The test clips come from several folds. Clips cut from one recording share a fold; a random "
                    "split puts such twins on both sides.",
                ),
                Mistake(
                    "other_fold",
                    lambda a, ctx: len(set(_clips(ctx).folds[_rows(a.test_rows)])) == 1,
                    "The test clips are one fold, but not the one that the parameter test_fold names.",
                ),
            ),
            where="folds == test_fold is True for the clips to test on; np.flatnonzero turns it into row numbers.",
        ),
        Exercise(
            "standardise",
            "Standardise",
            2,
            {"X_train_scaled": Array(_train_shape), "X_test_scaled": Array(_test_shape)},
            _judge_scaled,
            (
                Mistake(
                    "own_statistics",
                    _own_statistics,
                    "The test data were standardised with their own mean and deviation. A single new clip could "
                    "not be treated so; use the numbers of the training data.",
                ),
                Mistake(
                    "all_statistics",
                    _all_statistics,
                    "Mean and deviation were taken over all clips, those to test on included: what is known "
                    "about the test data has leaked into training.",
                ),
                Mistake(
                    "not_centred",
                    lambda a, ctx: abs(float(np.std(a.X_train_scaled)) - 1) < 0.01,
                    "The spread is right; the mean was not subtracted.",
                ),
                Mistake(
                    "variance",
                    lambda a, ctx: (
                        abs(float(np.mean(a.X_train_scaled))) < 0.01 and float(np.std(a.X_train_scaled)) < 0.5
                    ),
                    "The result is squeezed: divided by the variance instead of its square root?",
                ),
            ),
            where="Two numbers, the mean and the standard deviation of everything in X_train, and both arrays "
            "shifted and scaled by them.",
            needs=("split",),
        ),
        Exercise(
            "mlp",
            "The dense network",
            2,
            {"build_mlp": Function(_mlp_inputs, Model())},
            _judge_mlp,
            (
                Mistake(
                    "not_flattened",
                    lambda a, ctx: len(a.build_mlp[0].output_shape) > 2,
                    "A dense layer acts on the last axis only: without flattening every mel band gets its own "
                    "answer.",
                ),
                Mistake(
                    "no_softmax",
                    _last_activation("build_mlp", "linear"),
                    "The outputs are any numbers. Which activation makes them positive with sum 1?",
                ),
                Mistake(
                    "sigmoid",
                    _last_activation("build_mlp", "sigmoid"),
                    "With a sigmoid each class is a yes or no of its own. Here exactly one class is right.",
                ),
                Mistake(
                    "classes_typed_in",
                    lambda a, ctx: a.build_mlp[1].output_shape == a.build_mlp[0].output_shape,
                    "The network always has the same number of outputs: use the argument n_classes.",
                ),
            ),
            where="Input, Flatten, then the dense layers of the table.",
        ),
        Exercise(
            "cnn",
            "The convolutional network",
            3,
            {"build_cnn": Function(_cnn_inputs, Model())},
            _judge_cnn,
            (
                Mistake(
                    "no_softmax",
                    _last_activation("build_cnn", "linear"),
                    "The outputs are any numbers. Which activation makes them positive with sum 1?",
                ),
                Mistake(
                    "linear_convolution",
                    lambda a, ctx: any(
                        c.activation.__name__ == "linear" for c in layers_of(a.build_cnn[0], "Conv2D")
                    ),
                    "A convolution has no activation unless you give it one; without, the first layers together "
                    "are one linear map.",
                ),
                Mistake(
                    "dropout_missing",
                    lambda a, ctx: not layers_of(a.build_cnn[0], "Dropout"),
                    "The dropout layer of the table is missing.",
                ),
                Mistake(
                    "pool_not_padded",
                    _first_pool_unpadded,
                    "The count differs by what the first pooling throws away: 214 columns do not divide by 3. The "
                    "table asks for padding there.",
                ),
                Mistake(
                    "classes_typed_in",
                    lambda a, ctx: a.build_cnn[1].output_shape == a.build_cnn[0].output_shape,
                    "The network always has the same number of outputs: use the argument n_classes.",
                ),
            ),
            where="Follow the table row by row; model.summary() shows the shape after each layer.",
        ),
        Exercise(
            "training",
            "Train a classifier",
            2,
            {"train": Function(_trials, (Model(compiled=True), Curves()))},
            _judge_training,
            (
                Mistake(
                    "rate_ignored",
                    lambda a, ctx: (
                        optimizer_name(a.train[0][0]) == "Adam"
                        and not close(learning_rate(a.train[0][0]), _trials(ctx)[0][4], rtol=1e-3)
                    ),
                    "The optimiser has another rate than the argument: passing the text 'adam' uses a default.",
                ),
                Mistake(
                    "sgd",
                    lambda a, ctx: optimizer_name(a.train[0][0]).startswith("SGD"),
                    "This is SGD; the text asks for Adam.",
                ),
                Mistake(
                    "epochs_ignored",
                    lambda a, ctx: len(a.train[0][1]["loss"]) == len(a.train[1][1]["loss"]),
                    "The number of epochs is the same whatever is asked for.",
                ),
                Mistake(
                    "no_accuracy",
                    lambda a, ctx: "accuracy" not in a.train[0][1],
                    "Keras only records what it is told to: see the argument metrics of compile.",
                ),
            ),
            where="compile with Adam at the given rate, the sparse categorical cross-entropy and "
            "metrics=['accuracy']; then training.fit; return both.",
        ),
        Exercise(
            "scores",
            "Score on the test fold",
            2,
            {
                "mlp_accuracy": Number(),
                "cnn_accuracy": Number(),
                "mlp": Model(),
                "cnn": Model(),
                "mlp_history": Curves(("accuracy",)),
                "cnn_history": Curves(("accuracy",)),
                "X_test_scaled": Array(_test_shape),
            },
            _judge_scores,
            (
                Mistake(
                    "percent",
                    lambda a, ctx: a.mlp_accuracy > 1 or a.cnn_accuracy > 1,
                    "A share lies between 0 and 1. Is this in percent, or the loss?",
                ),
                Mistake(
                    "training_accuracy",
                    _is_training_accuracy,
                    "This is the accuracy on the clips that were trained on.",
                ),
                Mistake(
                    "exchanged",
                    lambda a, ctx: close(
                        a.cnn_accuracy, _test_accuracy(a.mlp, a.X_test_scaled, ctx), atol=0.002
                    ),
                    "The score given for the CNN is the dense network's.",
                ),
            ),
            where="Predict the test clips, take the class of the largest probability, compare with y_test.",
            needs=("standardise", "mlp", "cnn", "training"),
        ),
    ),
    questions=(ShortAnswer("why_fold", 2), ShortAnswer("gap", 2)),
)
