"""A Keras model as plain data: its layers, its weights, how it was compiled; and back.

What a check sees of a model must not depend on code that only the student's notebook has. A metric, a loss, an
initialiser or a penalty of the student's own changes nothing that is checked, so its name is all that is kept.
Layers and activations of their own are replaced by the layers and operations of Keras that they are made of.
"""

from __future__ import annotations

import contextlib
import inspect
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labs_engine.declare.answers import NotData

# Layers and markers that carry code, or read files, wherever they come from.
_CODE = {
    "Lambda",
    "__lambda__",
    "function",
    "TFSMLayer",
    "TorchModuleWrapper",
    "JaxLayer",
    "FlaxLayer",
    "Wrapper",
}
_PARTS = ("initializer", "regularizer", "constraint", "activation")
# Functions that a layer may have been given as an object, such as tf.nn.relu, in the names that Keras knows.
_ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax", "elu", "selu", "gelu", "softplus", "silu")
_SAMPLES = np.linspace(-3, 3, 12, dtype=np.float32).reshape(3, 4)


class NotPlain(ValueError):
    """A model that cannot be written down as Keras's own layers; the message says which part and why."""


@dataclass(frozen=True)
class FrozenModel:
    """A model as plain data.

    Attributes:
        kind: 'Functional' or 'Sequential'.
        config: What Keras writes of its layers, as JSON takes it.
        weights: Its weights, in the order of the layers.
        compiled: Optimiser, loss and metrics, empty for a model that was not compiled.
    """

    kind: str
    config: dict[str, Any]
    weights: list[np.ndarray]
    compiled: dict[str, Any] = field(default_factory=dict)


def freeze(model: Any) -> FrozenModel:
    """Return a model as plain data.

    Args:
        model: A Keras model of any kind that knows its input shape.

    Raises:
        NotPlain: A part of it is code that cannot be expressed in Keras's own layers and operations.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whatever the student's settings make of Keras's own
        plain = model if is_plain(model) else _traced(model)
        with _without_own_parts(plain):
            config = plain.get_config()
    kind = "Sequential" if type(plain).__name__ == "Sequential" else "Functional"
    weights = [np.asarray(weight) for weight in plain.get_weights()]
    return FrozenModel(kind, config, weights, _compiled(model) if model.compiled else {})


def thaw(frozen: FrozenModel) -> Any:
    """Build the model that plain data describe; no code but Keras's own runs.

    Args:
        frozen: What `freeze` returned, or what somebody says it returned.

    Raises:
        NotPlain: It names anything but Keras's own parts.
        Exception: Whatever Keras raises on data that describe no model.
    """
    import keras

    if frozen.kind not in ("Functional", "Sequential"):
        raise NotPlain(f"a model of kind {frozen.kind!r:.40}")
    _check_own(frozen.config)
    kind = keras.Sequential if frozen.kind == "Sequential" else keras.Model
    model = kind.from_config(frozen.config)
    model.set_weights(frozen.weights)
    if frozen.compiled:
        _compile(model, frozen.compiled)
    return model


def write(model: Any) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Return a model as what JSON takes, and its weights.

    Raises:
        NotData: It is no model, or a part of it is code that cannot be expressed in Keras's own layers.
    """
    import keras

    if not isinstance(model, keras.Model):
        raise NotData(f"an object of type {type(model).__name__}")
    try:
        frozen = freeze(model)
    except NotPlain as problem:
        raise NotData(f"a model with {problem}") from None
    return {"kind": frozen.kind, "config": frozen.config, "compiled": frozen.compiled}, frozen.weights


def read(about: dict[str, Any], weights: list[np.ndarray]) -> Any:
    """Build the model that `write` was given; no code but Keras's own runs.

    Args:
        about: What JSON took.
        weights: Its weights.

    Raises:
        Exception: Whatever comes of data that describe no model.
    """
    return thaw(FrozenModel(about["kind"], about["config"], weights, about["compiled"]))


def shared(model: Any) -> Any:
    """Return what several models may share: the optimiser, or None."""
    return getattr(model, "optimizer", None)


def share(model: Any, owner: Any) -> None:
    """Give a model the optimiser of another one."""
    model.optimizer = owner.optimizer


def plain_model(model: Any) -> Any:
    """Return a model without a student's code in it: itself where it has none, else one that computes the same.

    Args:
        model: A Keras model of any kind that knows its input shape.

    Raises:
        NotPlain: A part of it cannot be expressed in Keras's own layers and operations.
    """
    frozen = freeze(model)
    activations = [
        part
        for layer in _inner_layers(model)
        for name, part in vars(layer).items()
        if name.endswith("activation") and part is not None
    ]
    return model if is_plain(model) and all(map(_is_of_keras, activations)) else thaw(frozen)


# Layers --------------------------------------------------------------------------------------------------


def is_plain(model: Any) -> bool:
    """Tell whether a model is a graph of Keras's own layers, without code."""
    import keras

    if type(model) not in (keras.Sequential, keras.Model) and type(model).__name__ != "Functional":
        return False
    return not any(_is_own_code(layer) for layer in _inner_layers(model)) and bool(model.inputs)


def _inner_layers(model: Any) -> list[Any]:
    return list(model._flatten_layers(include_self=False))


def _is_own_code(layer: Any) -> bool:
    """Tell whether a layer runs code of the student's."""
    kind = type(layer)
    return kind.__name__ in _CODE or not kind.__module__.startswith("keras.")


def _traced(model: Any) -> Any:
    """Return a model of Keras's own layers that computes the same, on the same weights."""
    import keras

    own = {type(layer) for layer in _inner_layers(model) if _is_own_code(layer)}
    try:
        inputs = keras.tree.map_structure(
            lambda shape: keras.Input(batch_shape=(None, *shape[1:])), _input_shapes(model)
        )
        with _inlined(own):
            outputs = model.call(inputs)
        traced = keras.Model(inputs, outputs)
    except Exception as error:
        reason = next(iter(str(error).splitlines()), "")[:200]
        raise NotPlain(
            f"code of your own, not made of Keras's layers and keras.ops ({type(error).__name__}: {reason})"
        ) from None
    if len(traced.weights) != len(model.weights):
        raise NotPlain("weights of its own beside those of Keras's layers")
    return traced


def _input_shapes(model: Any) -> Any:
    """Return the shape, or the shapes, that a model takes."""
    if getattr(model, "inputs", None):
        shapes = [tuple(tensor.shape) for tensor in model.inputs]
        return _Shape(shapes[0]) if len(shapes) == 1 else [_Shape(shape) for shape in shapes]
    known = model.get_build_config() or {}
    shape = known.get("input_shape")
    if shape is None:
        raise ValueError("its input shape is not known")
    return _Shape(shape)


class _Shape(tuple):
    """A shape that counts as one thing where structures are walked through."""

    __slots__ = ()


@contextlib.contextmanager
def _inlined(classes: set[type]) -> Iterator[None]:
    """Let a call of these layers be what their code does, and not a step of its own."""
    missing = object()
    before = {kind: kind.__dict__.get("__call__", missing) for kind in classes}
    try:
        for kind in classes:
            kind.__call__ = _call_inside  # type: ignore[method-assign]
        yield
    finally:
        for kind, call in before.items():
            if call is missing:
                del kind.__call__
            else:
                kind.__call__ = call  # type: ignore[method-assign]


def _call_inside(layer: Any, *arguments: Any, **keywords: Any) -> Any:
    return layer.call(*arguments, **keywords)


# Parts of layers -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _without_own_parts(model: Any) -> Iterator[None]:
    """Let the layers have Keras's own parts for a while, in place of those that a student wrote.

    How weights began is not asked once they are there, nor what was taken off their loss by a rule that Keras does
    not have. An activation is the one of Keras's that computes the same.

    Raises:
        NotPlain: An activation that Keras does not have.
    """
    before: list[tuple[Any, str, Any]] = []
    try:
        for layer in _inner_layers(model):
            for name, part in list(vars(layer).items()):
                if part is None or not name.endswith(_PARTS) or _is_of_keras(part):
                    continue
                before.append((layer, name, part))
                object.__setattr__(layer, name, _instead(name, part))
        yield
    finally:
        for layer, name, part in before:
            object.__setattr__(layer, name, part)


def _is_of_keras(part: Any) -> bool:
    kind = part if inspect.isfunction(part) else type(part)
    return isinstance(part, str) or kind.__module__.startswith("keras.")


def _instead(name: str, part: Any) -> Any:
    import keras

    if name.endswith("initializer"):
        return keras.initializers.GlorotUniform()
    if not name.endswith("activation"):
        return None
    known = _name_of(part)
    if not known:
        raise NotPlain(f"an activation that Keras does not have ({getattr(part, '__name__', part)!s:.60})")
    return keras.activations.get(known)


def _name_of(function: Any) -> str:
    """Return Keras's name of an activation that computes the same, '' if there is none."""
    import keras

    try:
        given = np.asarray(function(keras.ops.convert_to_tensor(_SAMPLES)))
    except Exception:
        return ""
    for name in _ACTIVATIONS:
        right = np.asarray(keras.activations.get(name)(keras.ops.convert_to_tensor(_SAMPLES)))
        if given.shape == right.shape and np.allclose(given, right, atol=1e-6):
            return name
    return ""


def _is_own(config: dict[str, Any]) -> bool:
    """Tell whether a part of a configuration is Keras's own, and no code."""
    registered, module = config.get("registered_name"), config.get("module")
    if config["class_name"] in _CODE or (registered and ">" in str(registered)):
        return False
    return module is None or module == "keras" or str(module).startswith("keras.")


def _check_own(config: Any) -> None:
    """Refuse a configuration that names anything but Keras's own parts."""
    if isinstance(config, dict):
        if "class_name" in config and not (isinstance(config["class_name"], str) and _is_own(config)):
            raise NotPlain(f"a part that Keras does not have ({config['class_name']!s:.60})")
        for value in config.values():
            _check_own(value)
    elif isinstance(config, list | tuple):
        for value in config:
            _check_own(value)


# Optimiser, loss, metrics ------------------------------------------------------------------------------------


def _compiled(model: Any) -> dict[str, Any]:
    optimizer = model.optimizer
    told = {"name": type(optimizer).__name__, "iterations": int(optimizer.iterations)}
    settings = {
        name: value
        for name, value in optimizer.get_config().items()
        if isinstance(value, bool | int | float | str) and name != "name"
    }
    # A schedule is kept as the rate that it has now.
    settings["learning_rate"] = float(np.asarray(optimizer.learning_rate))
    return {
        "optimizer": told | {"settings": settings},
        "loss": _told(model.loss),
        "metrics": [_told(metric) for metric in _metrics(model)],
    }


def _metrics(model: Any) -> list[Any]:
    import keras

    given = getattr(getattr(model, "_compile_metrics", None), "_user_metrics", None)
    return [metric for metric in keras.tree.flatten(given) if metric is not None] if given else []


def _told(thing: Any) -> Any:
    """Return a loss or metric in words: Keras's own with its settings, another one by its name."""
    import keras

    if thing is None or isinstance(thing, str):
        return thing
    if inspect.isfunction(thing) or inspect.isbuiltin(thing):
        return thing.__name__.strip("<>")  # of a lambda
    if type(thing).__module__.startswith("keras."):
        with contextlib.suppress(Exception):
            config = keras.saving.serialize_keras_object(thing)
            _check_own(config)
            return config
    return str(getattr(thing, "name", None) or getattr(thing, "__name__", type(thing).__name__))


def _compile(model: Any, compiled: dict[str, Any]) -> None:
    model.compile(
        optimizer=_optimizer(compiled["optimizer"]),
        loss=_thing(compiled["loss"], "losses"),
        metrics=[_thing(metric, "metrics") for metric in compiled["metrics"]],
    )


def _optimizer(told: dict[str, Any]) -> Any:
    """Return the optimiser, one of its name where it is the student's own."""
    import keras

    kind: Any = getattr(keras.optimizers, str(told["name"]), None)
    settings = dict(told["settings"])
    if not (inspect.isclass(kind) and issubclass(kind, keras.optimizers.Optimizer)):
        kind = type(str(told["name"]), (keras.optimizers.SGD,), {})
        settings = {name: settings[name] for name in ("learning_rate", "momentum") if name in settings}
    optimizer = kind.from_config(settings)
    optimizer.iterations.assign(int(told["iterations"]))
    return optimizer


def _thing(told: Any, room: str) -> Any:
    """Return a loss or metric: Keras's own, or something of that name that computes nothing."""
    import keras

    if told is None:
        return None
    if isinstance(told, dict):
        _check_own(told)
        return keras.saving.deserialize_keras_object(told)
    try:
        getattr(keras, room).get(told)
    except (ValueError, TypeError):

        def by_name(*_: Any) -> Any:
            raise NotImplementedError("its code is not here")

        by_name.__name__ = str(told)
        return by_name
    return str(told)
