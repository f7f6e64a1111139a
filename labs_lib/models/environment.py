"""The networks of lab 05: dense, convolutional, and compact with global pooling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs_lib.models.table import Network, l2, layers

if TYPE_CHECKING:
    import keras

# Of the running statistics of batch normalisation. Keras's 0.99 forgets slowly, over hundreds of
# updates; an epoch of a few hundred clips has 10 to 20.
_MOMENTUM = 0.9


def environment_mlp_table(input_shape: tuple[int, ...], n_classes: int) -> Network:
    """Return the table of `environment_mlp`."""
    return Network(
        input_shape,
        (
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(16, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ),
    )


def environment_cnn_table(input_shape: tuple[int, ...], n_classes: int) -> Network:
    """Return the table of `environment_cnn`."""
    return Network(
        input_shape,
        (
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(3, padding="same"),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, 2, activation="relu"),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.1),
            layers.Dense(n_classes, activation="softmax"),
        ),
    )


def environment_cnn_tuned_table(input_shape: tuple[int, ...], n_classes: int) -> Network:
    """Return the table of `environment_cnn_tuned`."""
    network = environment_cnn_table(input_shape, n_classes)
    for place in (0, 2, 4, 6):
        network = network.changed(place, kernel_regularizer=l2(0.001))
    normalisation = layers.BatchNormalization(momentum=_MOMENTUM)
    return network.inserted(5, normalisation).inserted(4, normalisation)


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
    return environment_mlp_table(input_shape, n_classes).build()


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
    return environment_cnn_table(input_shape, n_classes).build()


def environment_cnn_tuned(input_shape: tuple[int, int, int], n_classes: int) -> keras.Model:
    """Return the convolutional network of lab 05 with L2 regularisation and batch normalisation.

    666 618 parameters for input of shape (128, 216, 1) and ten classes: those of
    `environment_cnn`, and 4 for each of 48 channels, of which 96 are not trained. The count
    is published, the places of the normalisation are not: here they are behind the second
    pooling (16 channels) and the third convolution (32).

    Args:
        input_shape: Mel bands, frames and 1.
        n_classes: Number of classes.

    Returns:
        The model, not compiled; its outputs are probabilities.
    """
    return environment_cnn_tuned_table(input_shape, n_classes).build()


def environment_gap(input_shape: tuple[int | None, int | None, int], n_classes: int) -> keras.Model:
    """Return a compact convolutional network that asks what occurs in a clip, not when.

    Neighbouring mel bands are averaged, which halves the work. Five blocks follow, each of a
    convolution, max pooling by 2 (not in the last), batch normalisation and ReLU; pooling
    comes early in a block because the layers behind it then have a quarter of the work. In
    the end each channel is pooled over all places at once, by its mean (what lasts) and by
    its maximum (what is short). No dense layer looks at places, so the network has a tenth of
    the parameters of `environment_cnn` and takes pictures of any size.

    63 154 parameters for one input channel and ten classes: convolutions of 72 + 1152 + 4608
    + 18 432 + 36 864, normalisation of 4 * (8 + 16 + 32 + 64 + 64), half of it not trained,
    and a dense layer of 128 * 10 + 10.

    Args:
        input_shape: Mel bands, frames and channels; None for bands or frames whose number varies.
        n_classes: Number of classes.

    Returns:
        The model, not compiled; its outputs are probabilities.
    """
    import keras

    inputs = keras.Input(input_shape)
    x = keras.layers.AveragePooling2D((2, 1))(inputs)
    for width, pool in ((8, 2), (16, 2), (32, 2), (64, 2), (64, 1)):
        x = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        x = keras.layers.MaxPooling2D(pool)(x)
        x = keras.layers.BatchNormalization(momentum=_MOMENTUM)(x)
        x = keras.layers.Activation("relu")(x)
    mean = keras.layers.GlobalAveragePooling2D()(x)
    largest = keras.layers.GlobalMaxPooling2D()(x)
    x = keras.layers.Dropout(0.3)(keras.layers.Concatenate()([mean, largest]))
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))
