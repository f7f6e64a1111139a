"""The time of one update of each network of the course: `model.fit`, accelerated, and the products alone.

    python benchmarks/steps.py [--only NAME ...] [--rounds 3] [--cpu]

Random data in the labs' sizes, batch sizes and optimisers. Both ways make the same updates on the same batches;
tracing and compiling are left out: a long run less a short one, divided by the updates between. The limit is
what no implementation on these libraries can go far below: for each dense layer (NumPy's BLAS) and convolution
(TensorFlow's oneDNN) the three products of an update (output, gradient of the weights, gradient of the input, the
last not for the first layer), in float32, and nothing else; of recurrent layers, the products of all steps.
The three are measured one after the other; of each the least of some rounds counts. `--cpu` counts the time of the
processor instead, for a computer that has other work to do.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from unittest.mock import patch

import keras
import numpy as np
import tensorflow as tf

from labs_engine.declare.course import find_lab
from labs_lib import models, training

Product = Callable[[], object]

clock = time.perf_counter


class Network(NamedTuple):
    """A network of the course and how it is trained.

    Attributes:
        build: Returns the network.
        batch: Examples of an update.
        updates: Updates of an epoch.
    """

    build: Callable[[], keras.Model]
    batch: int
    updates: int


def asked(lab: str, exercise: str, *arguments: Any) -> keras.Model:
    """Return a network that a lab asks for."""
    return find_lab(lab).exercise(exercise).right(*arguments).build()


def lstm() -> keras.Model:
    """Return the network of lab 07 with an LSTM."""
    layers = [keras.layers.LSTM(64), keras.layers.Dropout(0.3), keras.layers.Dense(10, "softmax")]
    return keras.Sequential([keras.Input((130, 13)), *layers])


def spectrum_cnn() -> keras.Model:
    """Return the network of lab 07 for log-mel spectra."""
    layers: list[keras.layers.Layer] = []
    for filters, kernel, strides in ((16, (3, 5), 2), (32, 3, 1), (64, 3, 1)):
        layers.append(keras.layers.Conv2D(filters, kernel, strides, padding="same", use_bias=False))
        layers += [keras.layers.MaxPooling2D(2, padding="same")] * (strides == 1)
        layers += [keras.layers.BatchNormalization(momentum=0.9), keras.layers.ReLU()]
    layers += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dropout(0.3)]
    return keras.Sequential([keras.Input((130, 128, 1)), *layers, keras.layers.Dense(10, "softmax")])


NETWORKS = {
    "lab 01, 1-5-5-1": Network(lambda: models.mlp(1, [5, 5], 1), 32, 32),
    "lab 02, 2-10-10-1": Network(lambda: models.mlp(2, [10, 10], 1, output_activation="sigmoid"), 32, 32),
    "lab 04, 120-256-10": Network(
        lambda: models.mlp(120, [256], 10, activation="sigmoid", output_activation="softmax"), 128, 400
    ),
    "lab 05, dense": Network(lambda: models.environment_mlp((128, 216), 10), 32, 10),
    "lab 05, convolutional": Network(lambda: models.environment_cnn((128, 216, 1), 10), 32, 10),
    "lab 05, compact": Network(lambda: models.environment_gap((128, 216, 1), 10), 16, 10),
    "lab 06, dense 1": Network(
        lambda: asked("06", "ffnn", (130, 13), 10, (512, 256, 128, 64, 32), 0.0, 0.0, False), 32, 100
    ),
    "lab 06, CNN 32-32-32-32": Network(lambda: asked("06", "cnn", (130, 13, 1), 10, (32,) * 4), 32, 20),
    "lab 06, CNN 64-128-256-256": Network(
        lambda: asked("06", "cnn", (130, 13, 1), 10, (64, 128, 256, 256)), 32, 10
    ),
    "lab 07, LSTM": Network(lstm, 32, 10),
    "lab 07, CRNN": Network(lambda: asked("07", "crnn", (130, 13), 10, 64), 32, 10),
    "lab 07, spectrum CNN": Network(spectrum_cnn, 32, 10),
}


def products(model: keras.Model, batch: int) -> list[Product]:
    """Return the products of one update, each as a function of no arguments."""
    found: list[Product] = []
    for layer in model.layers:
        weights = layer.trainable_weights
        if not weights:
            continue
        first = not found
        if isinstance(layer, keras.layers.Dense):
            found += _matrix_products((batch, layer.kernel.shape[0]), layer.kernel.shape[1], first)
        elif isinstance(layer, keras.layers.Conv2D):
            found += _convolutions((batch, *layer.input.shape[1:]), layer, first)
        elif isinstance(layer, keras.layers.Conv1D):
            steps, channels = layer.input.shape[1:]
            size = layer.kernel.shape[0] * channels
            found += _matrix_products((batch * steps, size), layer.kernel.shape[2], first)
        elif isinstance(layer, (keras.layers.GRU, keras.layers.LSTM)):
            steps, channels = layer.input.shape[1:]
            gates, units = layer.cell.recurrent_kernel.shape[1], layer.units
            found += _matrix_products((batch * steps, channels), gates, first)
            found += _matrix_products((batch, units), gates, False) * steps
    return found


def _matrix_products(rows: tuple[int, int], width: int, first: bool) -> list[Product]:
    rng = np.random.default_rng(0)
    shapes = (rows, (rows[1], width), (rows[0], width))
    x, w, g = (rng.standard_normal(shape, dtype=np.float32) for shape in shapes)
    out, to_w, to_x = np.empty_like(g), np.empty_like(w), np.empty_like(x)
    three = [
        lambda: np.matmul(x, w, out=out),
        lambda: np.matmul(x.T, g, out=to_w),
        lambda: np.matmul(g, w.T, out=to_x),
    ]
    return three[: 2 if first else 3]


def _convolutions(shape: tuple[int, ...], layer: keras.layers.Conv2D, first: bool) -> list[Product]:
    x, w = tf.random.normal(shape), tf.random.normal(layer.kernel.shape)
    how = {"strides": [1, *layer.strides, 1], "padding": layer.padding.upper()}
    g = tf.nn.conv2d(x, w, **how)
    three = [
        lambda: tf.nn.conv2d(x, w, **how),
        lambda: tf.raw_ops.Conv2DBackpropFilter(input=x, filter_sizes=tf.shape(w), out_backprop=g, **how),
        lambda: tf.raw_ops.Conv2DBackpropInput(input_sizes=tf.shape(x), filter=w, out_backprop=g, **how),
    ]
    return three[: 2 if first else 3]


def limit(network: Network, rounds: int) -> float:
    """Return the time in s of one update's products, the least of some rounds."""
    parts = products(network.build(), network.batch)

    def run() -> None:
        for part in parts:
            part()

    repeats = max(3, int(0.1 / max(_timed(run), 1e-4)))
    return min(_timed(lambda: [run() for _ in range(repeats)]) for _ in range(rounds)) / repeats


def trainer(network: Network, way: str) -> Callable[[int], float]:
    """Return what trains a network anew for so many epochs and tells the time in s, tracing and compiling included."""
    shape = network.build().input_shape[1:]
    rng = np.random.default_rng(0)
    examples = network.batch * network.updates
    x = rng.standard_normal((examples, *shape), dtype=np.float32)
    classes = network.build().output_shape[-1]
    y = rng.integers(0, classes, examples) if classes > 1 else rng.standard_normal(examples, np.float32)
    loss = "sparse_categorical_crossentropy" if classes > 1 else "mse"

    def seconds(epochs: int) -> float:
        keras.utils.set_random_seed(0)
        model = network.build()
        model.compile(keras.optimizers.Adam(1e-3), loss)
        # As long runs are: XLA is chosen by the length, and these are short to save time.
        with patch.object(training, "_UPDATES_THAT_REPAY_XLA", 1):
            training.accelerate(way == "ours")
            try:
                settings = {"epochs": epochs, "batch_size": network.batch, "shuffle": False, "verbose": 0}
                return _timed(lambda: model.fit(x, y, **settings))
            finally:
                training.accelerate(False)

    return seconds


def seconds_an_update(network: Network, train: Callable[[int], float], rounds: int) -> float:
    """Return the time in s of one update: a long run less a short one, of each the least of some rounds."""
    short = min(train(1) for _ in range(rounds))
    epochs = 2
    while (long := train(1 + epochs)) < short + 0.5:  # so long that what tracing varies by does not matter
        epochs *= 2
    long = min(long, *(train(1 + epochs) for _ in range(rounds - 1))) if rounds > 1 else long
    return (long - short) / (epochs * network.updates)


def _timed(function: Callable[[], object]) -> float:
    start = clock()
    function()
    return clock() - start


def main() -> None:
    """Print a row for each network."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", default=list(NETWORKS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpu", action="store_true")
    options = parser.parse_args()
    if options.cpu:
        global clock
        clock = time.process_time
        tf.config.threading.set_intra_op_parallelism_threads(1)
    print("| network | batch | `model.fit` | accelerated | ratio | products alone | accelerated to them |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for name in options.only:
        network = NETWORKS[name]
        least = limit(network, options.rounds)
        plain, ours = (
            seconds_an_update(network, trainer(network, way), options.rounds) for way in ("plain", "ours")
        )
        plain, ours, least = 1000 * plain, 1000 * ours, 1000 * min(least, limit(network, options.rounds))
        print(
            f"| {name} | {network.batch} | {plain:.2f} ms | {ours:.2f} ms | {plain / ours:.1f} "
            f"| {least:.2f} ms | {ours / least:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
