"""Training: Keras's own `fit`, made fast without changing what is learned.

On a CPU a small network spends most of a training between its updates, not in them. `accelerate` replaces
`keras.Model.fit` in place, as scikit-learn-intelex's `patch_sklearn` does with estimators: for arrays, all updates
of an epoch run as one compiled program (`labs_lib.programs`). They are the same updates, and all around them is
still Keras's `fit`: callbacks, validation, history, progress bar. Any other call goes to Keras as it is.
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.trainers.data_adapters import array_slicing
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

from labs_lib.programs import Epoch, epoch_for, is_keras_own

# Compiling with XLA takes 1 to 2 s longer than tracing; an update saves 0.1 to 0.3 ms.
_UPDATES_THAT_REPAY_XLA = 5000
# What XLA makes faster on a CPU. Convolutions and recurrent layers get slower, and random layers (dropout) would draw
# other numbers than they do in Keras.
_LAYERS_FOR_XLA = (
    keras.layers.InputLayer,
    keras.layers.Dense,
    keras.layers.Flatten,
    keras.layers.Reshape,
    keras.layers.Rescaling,
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.ELU,
    keras.layers.PReLU,
    keras.layers.Softmax,
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
    keras.layers.Concatenate,
    keras.layers.Add,
)
# A model that overrides one of these trains in a way of its own.
_METHODS = ("train_step", "test_step", "make_train_function", "make_test_function", "evaluate")
_BATCH_EVENTS = [
    f"on_{batch}_{when}" for batch in ("batch", "train_batch", "test_batch") for when in ("begin", "end")
]

_keras_fit = keras.Model.fit


def warm_cosine(rate: float, updates: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return a learning rate that rises for a tenth of a run and then falls along a cosine.

    The first updates, taken before the optimiser knows the size of the gradients, are small; so
    are the last, which settle what was found. It begins at a twentieth of the rate and ends at 0.
    Loshchilov & Hutter (2017), SGDR, arXiv:1608.03983; warm-up after Goyal et al. (2017), arXiv:1706.02677.

    Args:
        rate: The highest rate.
        updates: Number of updates of the whole run.
    """
    warming = updates // 10
    return keras.optimizers.schedules.CosineDecay(
        rate / 20, updates - warming, warmup_target=rate, warmup_steps=warming
    )


def accelerate(on: bool = True) -> None:
    """Have `model.fit` run each epoch as one compiled program, wherever that makes the same updates.

    That is so for arrays (NumPy, tensors, pandas), with any layers, optimiser, loss and metrics. Data sets,
    generators, callbacks that act on single batches, models with a training step of their own, distribution, XLA or
    eager running asked for in `compile`, and computers with a GPU are left to Keras.

    What differs from Keras: every epoch visits the samples in a new order, drawn from NumPy's global generator, so
    `keras.utils.set_random_seed` makes it repeatable; the progress bar moves once an epoch; and Ctrl-C waits for
    the end of the epoch's updates.

    Args:
        on: Whether to accelerate, or to put Keras's own method back.
    """
    if on:
        keras.Model.fit = _fit
    elif vars(keras.Model).get("fit") is _fit:
        del keras.Model.fit  # what is left is the method that it inherits


@functools.wraps(_keras_fit)
def _fit(model: keras.Model, *args: Any, **kwargs: Any) -> keras.callbacks.History:
    try:
        arguments = inspect.signature(_fit).bind(model, *args, **kwargs).arguments
        run = _prepared(arguments.pop("self"), **arguments)
    except Exception:  # whatever is wrong with the call, Keras says it best
        logging.getLogger(__name__).debug("left to Keras", exc_info=True)
        run = None
    return run() if run else _keras_fit(model, *args, **kwargs)


def _prepared(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    epochs: int = 1,
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: bool | str = True,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_batch_size: int | None = None,
    **others: Any,
) -> Callable[[], keras.callbacks.History] | None:
    """Return what runs a call of `fit`, arguments as in Keras, in compiled epochs; None where only Keras can."""
    if not _trains_plainly(model) or isinstance(callbacks, keras.callbacks.CallbackList):
        return None
    if any(map(_acts_on_batches, keras.tree.flatten(callbacks or []))):
        return None
    if not isinstance(shuffle, bool) or steps_per_epoch is not None or validation_steps is not None:
        return None
    if validation_split and validation_data is None:
        (x, y, sample_weight), validation_data = array_slicing.train_validation_split(
            (x, y, sample_weight), validation_split=validation_split
        )
    train = _Epochs(x, y, sample_weight, batch_size=batch_size, shuffle=shuffle, class_weight=class_weight)
    held_out = None
    if validation_data is not None:
        held_out = _Epochs(
            *keras.utils.unpack_x_y_sample_weight(validation_data),
            batch_size=validation_batch_size or batch_size,
        )
    _build(model, train)
    functions = _functions(model, train, held_out, xla=_repays_xla(model, train, epochs - initial_epoch))
    others |= {"epochs": epochs, "callbacks": callbacks, "initial_epoch": initial_epoch}
    return functools.partial(_run, model, train, held_out, functions, **others)


def _trains_plainly(model: keras.Model) -> bool:
    """Tell whether a model is compiled and trained in the ordinary way, on one CPU."""
    overridden = [
        name
        for name in _METHODS
        if getattr(getattr(model, name), "__func__", None) is not getattr(keras.Model, name)
    ]
    limited = keras.config.max_epochs() or keras.config.max_steps_per_epoch()
    eager = model.run_eagerly or tf.config.functions_run_eagerly() or not tf.executing_eagerly()
    distributed = (
        model._distribute_strategy or tf.distribute.has_strategy() or keras.distribution.distribution()
    )
    elsewhere = model.jit_compile or distributed or tf.config.list_physical_devices("GPU")
    return model.compiled and not (overridden or limited or eager or elsewhere)


def _acts_on_batches(callback: keras.callbacks.Callback) -> bool:
    """Tell whether a callback does more at single batches than Keras's own do that act once an epoch."""
    methods = [getattr(callback, name) for name in _BATCH_EVENTS]
    methods = [method for method in methods if not getattr(method, "_is_default", False)]
    if not all(str(method.__module__).startswith("keras.") for method in methods):
        return True
    if isinstance(callback, keras.callbacks.TensorBoard):
        return callback.update_freq != "epoch" or callback.write_steps_per_second or callback._should_trace
    if isinstance(callback, (keras.callbacks.ModelCheckpoint, keras.callbacks.BackupAndRestore)):
        return callback.save_freq != "epoch"
    return bool(methods) and not isinstance(callback, keras.callbacks.ProgbarLogger)


class _Epochs(ArrayDataAdapter):
    """Arrays that Keras takes for a data set of one batch, which is the whole epoch."""

    def __init__(self, x: Any, y: Any, sample_weight: Any, **how: Any) -> None:
        """Convert arrays as Keras does.

        Args:
            x: Inputs.
            y: Targets.
            sample_weight: Weights of the samples.
            **how: Further arguments of Keras's adapter.
        """
        super().__init__(x, y, **how, sample_weight=sample_weight)
        arrays = array_slicing.convert_to_sliceable(self._inputs, target_backend="tensorflow")
        self.data = tf.nest.map_structure(tf.convert_to_tensor, keras.tree.lists_to_tuples(arrays))
        if any(tensor.dtype == tf.string for tensor in tf.nest.flatten(self.data)):
            raise TypeError("texts are left to Keras")
        self.updates: int = super().num_batches

    @property
    def num_batches(self) -> int:
        """What Keras counts: one call an epoch."""
        return 1

    def get_tf_dataset(self) -> _Epochs:
        """Return what Keras iterates over, and hands to the function that trains or tests."""
        return self

    def __iter__(self) -> _Epochs:
        return self

    def __next__(self) -> np.ndarray:
        """Return the order of the samples in the next epoch."""
        samples = self._num_samples
        order = np.random.permutation(samples) if self._shuffle else np.arange(samples)  # noqa: NPY002
        return order.astype(np.int32)


def _build(model: keras.Model, train: _Epochs) -> None:
    """Make all variables of a model, its metrics and optimiser, as Keras does at the first batch."""
    model._symbolic_build(
        data_batch=tf.nest.map_structure(lambda tensor: tensor[: train.batch_size], train.data)
    )


def _repays_xla(model: keras.Model, train: _Epochs, epochs: int) -> bool:
    """Tell whether a training is faster with XLA, compilation included, and gives the same."""
    return (
        epochs * train.updates >= _UPDATES_THAT_REPAY_XLA
        and all(type(layer) in _LAYERS_FOR_XLA for layer in model.layers)
        and model.dtype_policy.name == "float32"
        and is_keras_own(model)
        and _has_labels_in_range(model, train)
    )


def _has_labels_in_range(model: keras.Model, train: _Epochs) -> bool:
    """Tell whether class numbers are classes of the network; with XLA others give NaN, and no error."""
    if "sparse" not in str(model.get_compile_config()["loss"]).lower():
        return True
    labels = tf.nest.flatten(keras.utils.unpack_x_y_sample_weight(train.data)[1])
    classes = min(output.shape[-1] for output in model.outputs)
    return all(tf.reduce_min(y) >= 0 and tf.reduce_max(y) < classes for y in labels)


def _functions(
    model: keras.Model, train: _Epochs, held_out: _Epochs | None, *, xla: bool
) -> dict[str, Epoch]:
    """Return the compiled epochs of a training, by the function of Keras whose place they take."""
    functions = {
        "train_function": epoch_for(
            model, model.train_step, train.data, train.batch_size, key="train", xla=xla
        )
    }
    if held_out is not None:
        # Once an epoch: too rarely to repay XLA's compilation.
        functions["test_function"] = epoch_for(
            model, model.test_step, held_out.data, held_out.batch_size, key="test"
        )
    return functions


def _run(
    model: keras.Model,
    train: _Epochs,
    held_out: _Epochs | None,
    functions: dict[str, Epoch],
    *,
    epochs: int,
    callbacks: Any = None,
    verbose: int | str = "auto",
    **others: Any,
) -> keras.callbacks.History:
    """Run Keras's `fit` with compiled epochs in the place of its functions."""
    events = _Events(
        callbacks,
        add_history=True,
        add_progbar=verbose != 0,
        model=model,
        verbose=verbose,
        epochs=epochs,
        steps=train.updates,
    )
    validation_data = None if held_out is None else (held_out,)
    with ExitStack() as stack:
        stack.enter_context(_not_rewritten())
        for name, epoch in functions.items():
            stack.enter_context(_in_place_of(model, name, epoch))
        return _keras_fit(
            model,
            train,
            epochs=epochs,
            callbacks=events,
            validation_data=validation_data,
            **others,
        )


class _Events(keras.callbacks.CallbackList):
    """Calls callbacks; the one batch that Keras reports is the last of its epoch."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Report that the last batch of an epoch is done."""
        super().on_train_batch_end(self.params["steps"] - 1, logs)


@contextmanager
def _in_place_of(model: keras.Model, name: str, epoch: Epoch) -> Iterator[None]:
    """Have a compiled epoch take the place of the function that Keras makes of a step."""
    keras_function = getattr(model, name)

    def function(iterator: Any) -> Any:
        nonlocal keras_function
        if isinstance(iterator, _Epochs):
            return epoch(iterator.data, next(iterator))
        if keras_function is None:  # a callback that evaluates other data, or trains on a batch
            getattr(model, f"make_{name}")(force=True)
            keras_function = getattr(model, name)
            setattr(model, name, function)
        return keras_function(iterator)

    setattr(model, name, function)
    try:
        yield
    finally:
        if getattr(model, name) is function:  # otherwise a callback compiled the model anew
            setattr(model, name, keras_function)


@contextmanager
def _not_rewritten() -> Iterator[None]:
    """Have TensorFlow run graphs as they were traced.

    Rewriting them takes longer than it saves: some tenths of a second, once a training, for at most a tenth of an
    update of a convolutional network.
    """
    name = "disable_meta_optimizer"
    before = tf.config.optimizer.get_experimental_options().get(name, False)
    tf.config.optimizer.set_experimental_options({name: True})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({name: before})
