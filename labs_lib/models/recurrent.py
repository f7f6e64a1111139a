"""The networks of lab 07: recurrent ones over the frames of a segment, and one for spectra of any height."""

from __future__ import annotations

import keras

# Of the running statistics of batch normalisation; Keras's 0.99 forgets too slowly for short runs.
_MOMENTUM = 0.9
_COLUMNS = 64  # what the first convolution of `spectrum_cnn` leaves of coefficients, bands or bins


def rnn(
    input_shape: tuple[int | None, int], n_classes: int, units: int = 64, *, cell: str = "gru"
) -> keras.Model:
    """Return a network that reads a segment frame by frame and answers from its last state.

    With m coefficients a frame and n units, a GRU has 3 * n * (m + n + 2) parameters (Keras keeps two
    biases a gate), an LSTM 4 * n * (m + n + 1); the dense layer behind has (n + 1) * classes. For 13
    coefficients, 64 units and ten classes: 15 168 + 650 = 15 818, and 19 968 + 650 = 20 618.

    Cho et al. (2014), arXiv:1406.1078; Hochreiter & Schmidhuber (1997), doi 10.1162/neco.1997.9.8.1735.

    Args:
        input_shape: Frames (None for any number) and coefficients.
        n_classes: Number of classes.
        units: Length of the state.
        cell: 'gru' or 'lstm'.

    Returns:
        The model, not compiled; its outputs are probabilities.

    Raises:
        ValueError: There is no such cell.
    """
    cells = {"gru": keras.layers.GRU, "lstm": keras.layers.LSTM}
    if cell not in cells:
        raise ValueError(f"expected a cell 'gru' or 'lstm', not {cell!r}")
    inputs = keras.Input(input_shape)
    x = cells[cell](units)(inputs)
    x = keras.layers.Dropout(0.3)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))


def crnn(input_shape: tuple[int | None, int], n_classes: int, units: int = 64) -> keras.Model:
    """Return a convolutional recurrent network: convolutions over time, then a GRU over what they found.

    Two blocks of a convolution over five frames, max pooling by 3 and by 2, batch normalisation and
    ReLU make a sequence of a sixth of the length, whose steps each know what happened within half a
    second; the GRU has that many fewer steps to go.

    32 618 parameters for 13 coefficients, 64 units and ten classes. After Choi et al. (2017),
    arXiv:1609.04243, but much smaller and over time alone.

    Args:
        input_shape: Frames (None for any number) and coefficients.
        n_classes: Number of classes.
        units: Length of the state.

    Returns:
        The model, not compiled; its outputs are probabilities.
    """
    inputs = x = keras.Input(input_shape)
    for width, pool in ((32, 3), (48, 2)):
        x = keras.layers.Conv1D(width, 5, padding="same", use_bias=False)(x)
        x = keras.layers.MaxPooling1D(pool, padding="same")(x)
        x = keras.layers.BatchNormalization(momentum=_MOMENTUM)(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.GRU(units)(x)
    x = keras.layers.Dropout(0.3)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))


def spectrum_cnn(input_shape: tuple[int, int, int], n_classes: int) -> keras.Model:
    """Return a small convolutional network for MFCC, log-mel and Fourier spectra alike.

    The first convolution is as wide as it must be to leave about 64 columns, whatever the input's
    width: from the 1025 bins of a Fourier transform it learns its own summary, as mel bands are a
    given one. Two more convolutions follow, and the mean over all places.

    24 282, 24 378 and 25 722 parameters for 13 coefficients, 128 bands and 1025 bins, ten classes.

    Args:
        input_shape: Frames, coefficients (or bands, or bins) and 1.
        n_classes: Number of classes.

    Returns:
        The model, not compiled; its outputs are probabilities.
    """
    step = max(round(input_shape[1] / _COLUMNS), 1)
    inputs = x = keras.Input(input_shape)
    kernels = (((3, 2 * step + 1), (2, step), 16), ((3, 3), 1, 32), ((3, 3), 1, 64))
    for number, (kernel, strides, width) in enumerate(kernels):
        x = keras.layers.Conv2D(width, kernel, strides=strides, padding="same", use_bias=False)(x)
        x = keras.layers.MaxPooling2D(2, padding="same")(x) if number else x
        x = keras.layers.BatchNormalization(momentum=_MOMENTUM)(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(0.3)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))
