"""Compiled epochs, kept for networks of the same layout.

Tracing and compiling an epoch takes about a second, whatever the network's size: most of a short run. A second
network with the same layers, optimiser, loss and shapes (another seed, another fold, a check that trains again)
needs the same program. Here each program belongs to a network of its own, a copy that nobody else sees; to run it
for another one, that one's state is copied in before and out afterwards.
"""

from __future__ import annotations

import inspect
import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from labs_lib.augment import Augment
from labs_lib.chance import own_chance

Tensors = tuple[tf.Tensor, tf.Tensor]
# 'xla': epochs compiled with XLA. 'graph': traced, and rewritten by TensorFlow before they run. 'short': run as traced,
# because rewriting takes some tenths of a second, once a training, and makes an update at most a tenth faster.
Way = Literal["xla", "graph", "short"]
_Compiled = Callable[..., dict[str, tf.Tensor]]

# Up to this size, validation inputs are evaluated in one batch: one program less to trace.
_NUMBERS_IN_ONE_BATCH = 500_000
_KEPT = 12

_programs: OrderedDict[Hashable, EpochProgram] = OrderedDict()


class EpochProgram:
    """One epoch of training or evaluation, compiled once and run many times."""

    def __init__(self, model: keras.Model, way: Way, size: int, augment: Augment | None = None) -> None:
        """Prepare; what runs is traced and compiled at its first use, for any number of samples.

        Args:
            model: The compiled network that is trained.
            way: How epochs are made ready to run.
            size: Samples of a batch.
            augment: Changes each batch before its update.
        """
        self.model = model
        self._way, self._size = way, size
        self._has_metrics = False

        def update(x: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> None:
            model.train_step((x, y) if augment is None else augment(x, y, seed))

        def evaluate(x: tf.Tensor, y: tf.Tensor, _: tf.Tensor) -> None:
            model.test_step((x, y))

        self._train = self._compiled(update, size, way == "xla")
        # A smaller last batch and the evaluation run once an epoch: too rarely to repay XLA's compilation, or a
        # program for each size.
        self._train_last = self._compiled(update)
        self._test = self._compiled(evaluate)

    def _compiled(
        self, step: Callable[..., None], size: int | None = None, use_xla: bool = False
    ) -> _Compiled:
        """Return a program for batches of one size, or of any, which is traced once."""
        function = tf.function(partial(self._batches, step), jit_compile=use_xla)
        traced: list[_Compiled] = []

        def run(x: tf.Tensor, y: tf.Tensor, *batches: tf.Tensor) -> dict[str, tf.Tensor]:
            if not traced:
                specs = [tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype) for tensor in (x, y)]
                specs += [tf.TensorSpec((None, width), tf.int32) for width in (size, 2)]
                traced.append(function.get_concrete_function(*specs, tf.TensorSpec((), tf.bool)))
            return traced[0](x, y, *batches)

        return run

    def train(self, data: Tensors, order: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
        """Train for one epoch; return the metrics over it.

        Args:
            data: Inputs and targets.
            order: In which the samples are visited, shape (samples,).
            rng: From which the seeds of augmentation are drawn.
        """
        if not self._has_metrics:
            # Keras makes their variables at the first step; a program that makes variables is traced twice.
            self.model.test_step((data[0][:1], data[1][:1]))
            self._has_metrics = True
        return self._epoch((self._train, self._train_last), data, order, self._size, rng)

    def evaluate(self, data: Tensors) -> dict[str, float]:
        """Return the metrics on data; nothing is learned from them."""
        # Larger batches give the same figures sooner.
        samples, numbers = len(data[0]), int(tf.size(data[0]))
        size = max(self._size, 256) if numbers > _NUMBERS_IN_ONE_BATCH else max(samples, 1)
        return self._epoch((self._test, self._test), data, np.arange(samples), size, np.random.default_rng(0))

    def _epoch(
        self,
        programs: tuple[_Compiled, _Compiled],
        data: Tensors,
        order: np.ndarray,
        size: int,
        rng: np.random.Generator,
    ) -> dict[str, float]:
        order = order.astype(np.int32)
        full = len(order) // size * size
        seeds = rng.integers(2**31, size=(full // size + 1, 2), dtype=np.int32)
        results: dict[str, tf.Tensor] = {}
        with _not_rewritten() if self._way == "short" else nullcontext():
            if full:
                rows = tf.constant(order[:full].reshape(-1, size))
                results = programs[0](*data, rows, tf.constant(seeds[:-1]), tf.constant(True))
            if full < len(order):
                rows = tf.constant(order[None, full:])
                results = programs[1](*data, rows, tf.constant(seeds[-1:]), tf.constant(full == 0))
        return {name: float(value) for name, value in results.items()}

    def _batches(
        self,
        step: Callable[..., None],
        x: tf.Tensor,
        y: tf.Tensor,
        order: tf.Tensor,
        seeds: tf.Tensor,
        first: bool,
    ) -> dict[str, tf.Tensor]:
        if first:
            self.model.reset_metrics()
        for batch in tf.range(tf.shape(order)[0]):
            rows = order[batch]
            step(tf.gather(x, rows), tf.gather(y, rows), seeds[batch])
        return self.model.get_metrics_result()


@contextmanager
def _not_rewritten() -> Iterator[None]:
    """Have TensorFlow run graphs as they were traced."""
    name = "disable_meta_optimizer"
    before = tf.config.optimizer.get_experimental_options().get(name, False)
    tf.config.optimizer.set_experimental_options({name: True})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({name: before})


def program_for(
    model: keras.Model, way: Way, size: int, augment: Augment | None, sample: Hashable
) -> EpochProgram:
    """Return a program that trains networks of a model's layout; its own network is another one.

    Where the layout cannot be told for certain (layers or losses that are not Keras's own), the program is new
    and belongs to the model itself.

    Args:
        model: A compiled model; its optimiser is built.
        way: How epochs are made ready to run.
        size: Samples of a batch.
        augment: Changes each batch before its update.
        sample: Shape and type of a sample and its target.
    """
    model.optimizer.build(model.trainable_variables)
    layout = _layout(model)
    if layout is None or not isinstance(augment, Hashable):
        return EpochProgram(model, way, size, augment)
    key = (layout, way, size, augment, sample)
    if key not in _programs:
        _programs[key] = EpochProgram(_copy(model), way, size, augment)
        while len(_programs) > _KEPT:
            _programs.popitem(last=False)
    _programs.move_to_end(key)
    return _programs[key]


def copy_state(source: keras.Model, target: keras.Model) -> None:
    """Copy weights, seeds and the optimiser's state to a network of the same layout; nothing if it is the same."""
    if source is not target:
        for ours, theirs in zip(_state(source), _state(target), strict=True):
            # Once an epoch where there are callbacks: `assign` takes three times as long.
            now = tf.raw_ops.ReadVariableOp(resource=ours.value.handle, dtype=ours.value.dtype)
            tf.raw_ops.AssignVariableOp(resource=theirs.value.handle, value=now)


def _state(model: keras.Model) -> Sequence[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]


def _copy(model: keras.Model) -> keras.Model:
    with own_chance():  # making a network draws its seeds
        copied = keras.models.clone_model(model)
        copied.compile_from_config(model.get_compile_config())
    return copied


def _layout(model: keras.Model) -> str | None:
    """Return all that decides what a training program computes, without names and weights; None if in doubt."""
    parts = [model, *model.layers, model.optimizer]
    if not model.built or not all(map(_is_keras_own, parts)):
        return None
    # An optimiser that was built for another network: training the network itself raises Keras's own error.
    if any(
        v is not w
        for v, w in zip(model.trainable_variables, model.optimizer._trainable_variables, strict=False)
    ):
        return None
    network, compiled = model.get_config(), model.get_compile_config()
    if not _is_serialised_keras([network, compiled]):
        return None
    optimizer = compiled["optimizer"]["config"]
    del optimizer["name"]
    if isinstance(optimizer.get("learning_rate"), float):
        del optimizer["learning_rate"]  # a variable, part of the state
    numbers = {part.name: number for number, part in enumerate(parts)}
    # What is trained may have been set on a variable.
    variables = [(tuple(v.shape), v.dtype, v.trainable) for v in model.variables]
    return json.dumps([_numbered(network, numbers), compiled, variables], sort_keys=True)


def _numbered(config: Any, numbers: dict[str, int]) -> Any:
    """Return a network's settings with numbers in place of the layers' names, which differ from network to network."""
    if isinstance(config, dict):
        return {
            key: numbers.get(value, value)
            if key == "name" and isinstance(value, str)
            else _numbered(value, numbers)
            for key, value in config.items()
        }
    if isinstance(config, (list, tuple)):
        if [type(value) for value in config] == [str, int, int]:  # where a tensor comes from
            return [numbers.get(config[0], config[0]), *config[1:]]
        return [_numbered(value, numbers) for value in config]
    return config


def _is_keras_own(part: Any) -> bool:
    """Tell whether a layer, model or optimiser is Keras's own, and so are the functions that it was given."""
    functions = [value for value in vars(part).values() if inspect.isfunction(value)]
    return all(str(x.__module__).startswith("keras.") for x in (type(part), *functions))


def _is_serialised_keras(config: Any) -> bool:
    """Tell whether a serialised network holds nothing but Keras's own classes and functions."""
    if isinstance(config, dict):
        if str(config.get("module") or "keras").partition(".")[0] not in ("keras", "builtins"):
            return False
        if config.get("class_name") in ("function", "__lambda__") or config.get("registered_name"):
            return False
        return not config.get("stateful") and all(map(_is_serialised_keras, config.values()))
    if isinstance(config, (list, tuple)):
        return all(map(_is_serialised_keras, config))
    return config is None or isinstance(config, (bool, int, float, str))
