"""Which part of an input speaks for a class: SmoothGrad and Grad-CAM, with tf-keras-vis."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from labs_lib.random_state import preserve_rng_state

_BATCH = 32  # segments explained together: with 20 noisy copies of each, a hundred megabytes


def saliency(
    model: keras.Model,
    inputs: np.ndarray,
    classes: np.ndarray,
    *,
    samples: int = 20,
    noise: float = 0.2,
    seed: int = 0,
) -> np.ndarray:
    """Return how strongly each number of an input moves the score of a class: SmoothGrad.

    The score is the class's output before the softmax, whose own gradient vanishes where the
    network is certain. Its gradient is taken at `samples` copies of the input with noise added,
    and the absolute values are averaged. Smilkov et al. (2017), arXiv:1706.03825.

    Args:
        model: A functional model whose last layer gives one output per class.
        inputs: What it takes, shape (n, height, width) or (n, height, width, 1).
        classes: The class that is explained for each input, shape (n,).
        samples: Noisy copies of each input; 0 for the plain gradient.
        noise: Standard deviation of the noise, as a share of the range of each input.
        seed: Seed of the noise.

    Returns:
        Maps from 0 (least salient) to 1 (most), each scaled by itself, shape (n, height, width).

    Raises:
        ValueError: The inputs do not fit the model, or the classes do not fit the inputs.
    """
    from tf_keras_vis.saliency import Saliency  # here and below: two seconds to import
    from tf_keras_vis.utils.model_modifiers import ReplaceToLinear
    from tf_keras_vis.utils.scores import CategoricalScore

    inputs, classes = fitting(model, inputs, classes)
    explainer = Saliency(model, model_modifier=ReplaceToLinear(), clone=True)
    maps = []
    with preserve_rng_state(seed), _without_structure_warning():
        for first in range(0, len(inputs), _BATCH):
            rows = slice(first, first + _BATCH)
            # Kept with its last axis: tf-keras-vis would take that of (n, height, width) for channels.
            maps.append(
                explainer(
                    CategoricalScore(classes[rows].tolist()),
                    inputs[rows],
                    smooth_samples=samples,
                    smooth_noise=noise,
                    keepdims=True,
                )
            )
    return _two_axes(np.concatenate(maps))


def grad_cam(
    model: keras.Model, inputs: np.ndarray, classes: np.ndarray, *, layer: str | None = None
) -> np.ndarray:
    """Return where a convolution's channels speak for a class: Grad-CAM.

    The channels of a convolution are added up, each weighted by the mean gradient of the class's
    score over all places; what speaks against the class is left out. The map is as coarse as that
    layer, and is enlarged to the input. Selvaraju et al. (2017), arXiv:1610.02391.

    Args:
        model: A functional model with a convolution, whose last layer gives one output per class.
        inputs: What it takes, shape (n, height, width) or (n, height, width, 1).
        classes: The class that is explained for each input, shape (n,).
        layer: Name of the convolution; by default the last one.

    Returns:
        Maps from 0 to 1, each scaled by itself, shape (n, height, width). Where nothing speaks for
        the class, a map is 0 everywhere; behind convolutions over time alone it is the same over
        the whole width.

    Raises:
        ValueError: The model has no convolution of that name, or the inputs do not fit it, or the
            classes do not fit the inputs.
    """
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.utils.model_modifiers import ReplaceToLinear
    from tf_keras_vis.utils.scores import CategoricalScore

    inputs, classes = fitting(model, inputs, classes)
    chosen = _convolution(model, layer)
    explainer = Gradcam(model, model_modifier=ReplaceToLinear(), clone=True)
    maps = []
    with _without_structure_warning():
        for first in range(0, len(inputs), _BATCH):
            rows = slice(first, first + _BATCH)
            maps.append(
                explainer(CategoricalScore(classes[rows].tolist()), inputs[rows], penultimate_layer=chosen)
            )
    found = np.concatenate(maps)
    if found.ndim == 2:  # a convolution over time alone
        found = np.repeat(found[:, :, None], inputs.shape[2], axis=2)
    return _two_axes(found)


def randomised(model: keras.Model, seed: int) -> keras.Model:
    """Return a network of the same architecture that has learned nothing.

    A map that does not change when all that was learned is lost says nothing about what was
    learned. Adebayo et al. (2018), arXiv:1810.03292.

    Args:
        model: A functional model; it stays as it is.
        seed: Seed of the new weights.

    Returns:
        A new model, not compiled, with freshly drawn weights.
    """
    with preserve_rng_state(seed):
        return keras.models.clone_model(model)


def fitting(model: keras.Model, inputs: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and classes as arrays that a model takes.

    Raises:
        ValueError: They do not fit the model or each other; the message says how.
    """
    inputs, classes = np.asarray(inputs, dtype=np.float32), np.asarray(classes)
    shape = tuple(model.input_shape[1:])
    if inputs.ndim != len(shape) + 1 or any(
        size not in (None, found) for size, found in zip(shape, inputs.shape[1:], strict=True)
    ):
        hint = "; add the axis of channels with inputs[..., None]" if inputs.shape[1:] == shape[:-1] else ""
        raise ValueError(
            f"the network takes inputs of shape (n, {', '.join(map(str, shape))}), found {inputs.shape}{hint}"
        )
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] != 1):
        raise ValueError(f"expected a network for pictures with one channel, not for inputs {shape}")
    n_classes = model.output_shape[-1]
    if classes.shape != inputs.shape[:1] or classes.dtype.kind not in "iu":
        raise ValueError(
            f"expected one whole class number an input, shape ({len(inputs)},), found {classes.shape} of type "
            f"{classes.dtype}"
        )
    if not len(classes) or classes.min() < 0 or classes.max() >= n_classes:
        raise ValueError(f"expected at least one input, and classes from 0 to {n_classes - 1}")
    return inputs, classes


def _convolution(model: keras.Model, layer: str | None) -> str:
    names = [found.name for found in model.layers if isinstance(found, _convolutions())]
    if not names:
        raise ValueError("the network has no convolution, which Grad-CAM needs; use saliency instead")
    if layer is not None and layer not in names:
        raise ValueError(f"the network has no convolution {layer!r}; it has {', '.join(names)}")
    return layer or names[-1]


def _convolutions() -> tuple[Any, ...]:
    layers = keras.layers
    return (layers.Conv1D, layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)


def _two_axes(maps: np.ndarray) -> np.ndarray:
    """Return maps of shape (n, height, width) as float32, without an axis of channels."""
    return np.asarray(maps if maps.ndim == 3 else maps.max(axis=-1), dtype=np.float32)


@contextmanager
def _without_structure_warning() -> Iterator[None]:
    """Keep one warning of Keras off the page: tf-keras-vis hands a network its one input in a list."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The structure of `inputs` doesn't match", UserWarning)
        yield
