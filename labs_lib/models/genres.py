"""The networks of lab 06: six dense ones and seven convolutional ones on segments of music."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import keras

Filters = tuple[int, int, int, int]  # of the four convolutions

# Kernels and pools of the four blocks, as published.
_KERNELS = (3, 3, 2, 1)
_POOLS = (2, 3, 3, 2)
_DECAY = 1e-4
# Of the running statistics of batch normalisation. Keras's 0.99 forgets over hundreds of updates; with a few
# tracks an epoch has ten, and a network that is stopped early would be tested with statistics of its start.
_MOMENTUM = 0.9

# The published filter combinations, by their number from 1, and the accuracy that the hand-outs give for
# each, from 0 to 1: measured on segments split at random, with segments of one track on both sides.
GENRE_FILTERS: dict[Filters, float] = {
    (32, 32, 32, 32): 0.7029,
    (64, 32, 32, 32): 0.7557,
    (128, 64, 64, 32): 0.7784,
    (256, 128, 64, 64): 0.8565,
    (256, 128, 64, 32): 0.8715,
    (32, 64, 128, 256): 0.7917,
    (64, 128, 256, 256): 0.8328,
}


class DenseShape(NamedTuple):
    """What tells the published dense networks apart.

    Attributes:
        hidden: Units of the hidden layers.
        l2: Weight of the L2 penalty on the kernels of the hidden layers.
        dropout: Rate of the dropout behind each hidden layer.
        normalised: Whether batch normalisation stands behind the flattened input and every hidden layer.
    """

    hidden: tuple[int, ...]
    l2: float = 0.0
    dropout: float = 0.0
    normalised: bool = False


# By the number that the lab gives them.
GENRE_MLPS: dict[int, DenseShape] = {
    1: DenseShape((512, 256, 128, 64, 32)),
    2: DenseShape((256, 128, 64, 32), l2=1e-3, dropout=0.3),
    3: DenseShape((512, 256, 128, 64)),
    4: DenseShape((256, 128, 64), l2=1e-3, dropout=0.3),
    5: DenseShape((512, 256, 128, 64), normalised=True),
    6: DenseShape((512, 256, 128, 64), l2=1e-3, normalised=True),
}


def filter_combinations(text: str) -> list[Filters]:
    """Return the filter combinations that a text names.

    Args:
        text: Combinations such as '32-32-32-32', separated by blanks; 'all' for the seven published ones.

    Raises:
        ValueError: It is something else.
    """
    if text.strip() == "all":
        return list(GENRE_FILTERS)
    found = []
    for part in text.split():
        numbers = part.split("-")
        if len(numbers) != 4 or not all(number.isdecimal() and int(number) for number in numbers):
            break
        found.append((int(numbers[0]), int(numbers[1]), int(numbers[2]), int(numbers[3])))
    if not found or len(found) != len(text.split()):
        raise ValueError(
            f"{text!r} names no filters: expected combinations of four numbers such as '32-32-32-32 64-32-32-32', "
            "or 'all'"
        )
    return found


def genre_mlp(
    input_shape: tuple[int, int],
    n_classes: int,
    hidden: Sequence[int] = (512, 256, 128, 64, 32),
    *,
    l2: float = 0.0,
    dropout: float = 0.0,
    normalised: bool = False,
) -> keras.Model:
    """Return a dense network of lab 06: a segment flattened, hidden layers with ReLU, classes.

    For segments of shape (130, 13), 1690 numbers, and ten classes the six published ones (`GENRE_MLPS`)
    have 1 040 682; 476 458; 1 038 922; 474 698; and twice 1 049 522 parameters. Of the last two 5 300 are
    not trained: running mean and deviation of 1690 + 512 + 256 + 128 + 64 numbers. From this count it
    follows that the input is normalised as well.

    Args:
        input_shape: Frames and coefficients.
        n_classes: Number of classes.
        hidden: Units of the hidden layers.
        l2: Weight of the L2 penalty on the kernels of the hidden layers.
        dropout: Rate of the dropout behind each hidden layer.
        normalised: Whether batch normalisation stands behind the flattened input and every hidden layer.

    Returns:
        The model, not compiled; its outputs are probabilities.
    """
    inputs = keras.Input(input_shape)
    x = keras.layers.Flatten()(inputs)
    if normalised:
        x = keras.layers.BatchNormalization(momentum=_MOMENTUM)(x)
    for units in hidden:
        penalty = keras.regularizers.L2(l2) if l2 else None
        x = keras.layers.Dense(units, activation="relu", kernel_regularizer=penalty)(x)
        if normalised:
            x = keras.layers.BatchNormalization(momentum=_MOMENTUM)(x)
        if dropout:
            x = keras.layers.Dropout(dropout)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))


def genre_cnn(
    input_shape: tuple[int, int, int], n_classes: int, filters: Sequence[int] = (32, 32, 32, 32)
) -> keras.Model:
    """Return the convolutional network of lab 06 with one of its filter combinations.

    Four blocks of a convolution (ReLU, L2 penalty of 1e-4), max pooling with stride 2, batch
    normalisation and dropout of 0.2; then 64 units, dropout of 0.3 and the classes. An input of (130, 13)
    shrinks to (64, 6), (31, 2), (15, 1) and (8, 1).

    For input of shape (130, 13, 1) and ten classes the published combinations (`GENRE_FILTERS`, in their
    order) have 32 362; 42 026; 111 850; 370 122; 351 530; 218 442 and 406 218 parameters. The hand-outs do
    not say how the convolutions are padded; without padding their kernels just fit 13 coefficients.

    Args:
        input_shape: Frames, coefficients and 1.
        n_classes: Number of classes.
        filters: Filters of the four convolutions.

    Returns:
        The model, not compiled; its outputs are probabilities.

    Raises:
        ValueError: There are not four numbers of filters.
    """
    x = inputs = keras.Input(input_shape)
    for width, kernel, pool in zip(filters, _KERNELS, _POOLS, strict=True):
        x = keras.layers.Conv2D(
            width, kernel, activation="relu", kernel_regularizer=keras.regularizers.L2(_DECAY)
        )(x)
        x = keras.layers.MaxPooling2D(pool, strides=2, padding="same")(x)
        x = keras.layers.BatchNormalization(momentum=_MOMENTUM)(x)
        x = keras.layers.Dropout(0.2)(x)
    x = keras.layers.Dense(64, activation="relu")(keras.layers.Flatten()(x))
    x = keras.layers.Dropout(0.3)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))
