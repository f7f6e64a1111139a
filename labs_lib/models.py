"""The networks of the course, as functional Keras models."""

from __future__ import annotations

from collections.abc import Sequence

import keras


def mlp(
    inputs: int,
    hidden: Sequence[int],
    outputs: int,
    *,
    activation: str = "relu",
    output_activation: str = "linear",
) -> keras.Model:
    """Return a multilayer perceptron.

    Its parameters: each dense layer of m inputs and n units has (m + 1) * n, so
    `mlp(1, [5, 5], 1)` of lab 01 has 10 + 30 + 6 = 46 and `mlp(2, [5, 5], 1)` of
    lab 02 has 15 + 30 + 6 = 51.

    Args:
        inputs: Number of input features.
        hidden: Units of each hidden layer.
        outputs: Number of outputs.
        activation: Activation of the hidden layers.
        output_activation: Activation of the last layer.

    Returns:
        The model, not compiled.
    """
    x = first = keras.Input((inputs,))
    for units in hidden:
        x = keras.layers.Dense(units, activation=activation)(x)
    return keras.Model(first, keras.layers.Dense(outputs, activation=output_activation)(x))


def environment_mlp(input_shape: tuple[int, int], n_classes: int) -> keras.Model:
    """Return the dense network of lab 05: a spectrogram flattened, 16 - 16 - classes.

    442 826 parameters for log-mel spectrograms of shape (128, 216) and ten classes:
    27 648 inputs * 16 + 16, 16 * 16 + 16, 16 * 10 + 10.

    Args:
        input_shape: Mel bands and frames.
        n_classes: Number of classes.

    Returns:
        The model, not compiled; its outputs are probabilities.
    """
    inputs = keras.Input(input_shape)
    x = keras.layers.Flatten()(inputs)
    x = keras.layers.Dense(16, activation="relu")(x)
    x = keras.layers.Dense(16, activation="relu")(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))


def environment_cnn(input_shape: tuple[int, int, int], n_classes: int) -> keras.Model:
    """Return the convolutional network of lab 05.

    666 426 parameters for input of shape (128, 216, 1) and ten classes: convolutions
    160 + 2320 + 2080, and after pooling to 19 * 34 places with 32 channels a dense layer
    of 20 672 * 32 + 32 and one of 32 * 10 + 10. The first pooling pads its input.

    Args:
        input_shape: Mel bands, frames and 1.
        n_classes: Number of classes.

    Returns:
        The model, not compiled; its outputs are probabilities.
    """
    inputs = keras.Input(input_shape)
    x = keras.layers.Conv2D(16, 3, activation="relu")(inputs)
    x = keras.layers.MaxPooling2D(3, padding="same")(x)
    x = keras.layers.Conv2D(16, 3, activation="relu")(x)
    x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.Conv2D(32, 2, activation="relu")(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(32, activation="relu")(x)
    x = keras.layers.Dropout(0.1)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))
