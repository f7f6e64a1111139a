"""Epochs as compiled programs, shared by networks of the same layout.

Keras runs a network's updates one by one, and on a CPU a small network spends most of its time between them. Here
all updates of an epoch are traced into one program. Tracing takes about half a second, whatever the network's size:
most of a short run. A second network with the same layers, optimiser, loss and shapes (another seed, another fold,
a check that trains again) runs the same program on its own variables.
"""

from __future__ import annotations

import inspect
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

# The logs of an epoch by its data and the order of their rows.
Epoch = Callable[[Any, np.ndarray], dict[str, tf.Tensor]]
# What is done with a batch.
Step = Callable[[Any], Any]

_KEPT = 12
_shared: OrderedDict[Hashable, Program] = OrderedDict()


class Program:
    """A traced epoch, which runs on the variables of any network of the same layout."""

    def __init__(self, model: keras.Model, step: Step, data: Any, size: int, xla: bool) -> None:
        """Trace an epoch.

        Args:
            model: The compiled network; it is built, and so are its optimiser and metrics.
            step: Trains or tests the network on a batch.
            data: Arrays or tensors of the whole data set, as the step takes them.
            size: Samples of a batch.
            xla: Whether the program is compiled with XLA.
        """
        samples = len(tf.nest.flatten(data)[0])
        full, rest = divmod(samples, size)

        def epoch(data: Any, order: tf.Tensor) -> dict[str, tf.Tensor]:
            batches = tf.reshape(order[: full * size], (full, size))

            def run(rows: tf.Tensor) -> None:
                # As in Keras, whose losses of single outputs are weighted by the size where it is known.
                if rest:
                    rows = tf.compat.v1.placeholder_with_default(rows, (None,))
                step(tf.nest.map_structure(lambda tensor: tf.gather(tensor, rows), data))

            def body(number: tf.Tensor) -> tuple[tf.Tensor]:
                run(batches[number])
                return (number + 1,)

            if full:
                tf.while_loop(lambda number: number < full, body, (tf.constant(0),))
            if rest:
                run(order[full * size :])
            return model.get_metrics_result()

        specs = [tf.nest.map_structure(lambda tensor: tf.TensorSpec(tensor.shape, tensor.dtype), data)]
        specs += [tf.TensorSpec((samples,), tf.int32)]
        # Without AutoGraph, as Keras traces its steps.
        function = tf.function(epoch, autograph=False, jit_compile=xla)
        self._traced = function.get_concrete_function(*specs)
        places = {id(handle): place for place, handle in enumerate(_handles(model))}
        self._captures = [(places.get(id(tensor)), tensor) for tensor in self._traced.captured_inputs]
        self._lock = threading.Lock()
        # A variable that is not part of the network would be taken from the network that was traced.
        self.is_shareable = all(
            place is not None or tensor.dtype != tf.resource for place, tensor in self._captures
        )

    def bind(self, model: keras.Model) -> Epoch:
        """Return the program for the variables of a network of the same layout.

        Args:
            model: The compiled network, built as the one that was traced.
        """
        handles = _handles(model)
        captures = [tensor if place is None else handles[place] for place, tensor in self._captures]

        def run(data: Any, order: np.ndarray) -> dict[str, tf.Tensor]:
            with self._lock:
                self._traced.set_external_captures(captures)
                return self._traced(data, tf.constant(order))

        return run


class _Bound:
    """The programs that a network has got since it was compiled.

    As in Keras, what changes after that (which layers are trained, say) counts when it is compiled again.
    """

    def __init__(self, model: keras.Model) -> None:
        self.compiled = model._compile_config
        self.layout = _layout(model)
        self.epochs: dict[Hashable, Epoch] = {}


def is_keras_own(model: keras.Model) -> bool:
    """Tell whether a network, its optimiser, loss and metrics consist of nothing but Keras's own parts.

    Args:
        model: A compiled network, built.
    """
    return _bound(model).layout is not None


def epoch_for(
    model: keras.Model,
    step: Step,
    data: Any,
    size: int,
    *,
    key: Hashable,
    xla: bool = False,
) -> Epoch:
    """Return a compiled epoch of a network; one that was traced for a network of the same layout, if there is one.

    Args:
        model: The compiled network; it is built, and so are its optimiser and metrics.
        step: Trains or tests this network on a batch.
        data: Tensors of the whole data set, as the step takes them.
        size: Samples of a batch.
        key: Distinguishes this step from others of the same network.
        xla: Whether the program is compiled with XLA.
    """
    bound = _bound(model)
    specs = [(tuple(tensor.shape), tensor.dtype.name) for tensor in tf.nest.flatten(data)]
    place = (key, str(tf.nest.map_structure(lambda _: None, data)), tuple(specs), size, xla)
    if place not in bound.epochs:
        program = _shared.get((bound.layout, place))
        if program is None:
            program = Program(model, step, data, size, xla)
            if bound.layout is not None and program.is_shareable:
                _shared[bound.layout, place] = program
                while len(_shared) > _KEPT:
                    _shared.popitem(last=False)
        else:
            _shared.move_to_end((bound.layout, place))
        bound.epochs[place] = program.bind(model)
    return bound.epochs[place]


def _bound(model: keras.Model) -> _Bound:
    # Not by `setattr`, with which Keras looks for layers and variables.
    bound = vars(model).get("_bound_epochs")
    if bound is None or bound.compiled is not model._compile_config:
        bound = vars(model)["_bound_epochs"] = _Bound(model)
    return bound


def _handles(model: keras.Model) -> list[tf.Tensor]:
    state = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return [variable.value.handle for variable in state]


def _layout(model: keras.Model) -> str | None:
    """Return all that decides what a training program computes, without names and weights; None if in doubt."""
    parts = [model, *model.layers, model.optimizer]
    if not all(map(_is_of_keras, parts)) or hasattr(model.optimizer, "_exclude_from_weight_decay"):
        return None
    # An optimiser that was built for another network: training the network itself raises Keras's own error.
    built_for = model.optimizer._trainable_variables
    if [*map(id, built_for)] != [*map(id, model.trainable_variables)]:
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


def _is_of_keras(part: Any) -> bool:
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
