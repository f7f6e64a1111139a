"""Every declared mistake of lab 01 as a student would type it: code for one TODO of a notebook."""

from __future__ import annotations

import nbformat
from corpus import RELEASE, SOLUTION

_RULE = "def noise_free(x, slope, intercept):\n    return "
_NETWORK = """def build_model(hidden):
    inputs = keras.Input((1,))
    {}
    return keras.Model(inputs, outputs)"""
_TRAIN = """training.set_seed(seed)
model = build_model(hidden)
model.compile(optimizer={optimizer}, loss="{loss}")
history = training.fit(model, x[:, None], y, epochs={epochs}, batch_size=batch_size, seed=seed)"""
_SGD = "keras.optimizers.SGD(learning_rate)"
_BEST = """best_loss = np.min(history.history["loss"])
best_epoch = np.argmin(history.history["loss"]) + 1"""
_FRESH = """def train_fresh(optimizer, epochs, seed):
    training.set_seed(seed)
    model = build_model(hidden)
    model.compile(optimizer=optimizer, loss="mse")
    history = training.fit(model, x[:, None], y, epochs=epochs, batch_size=batch_size, seed=seed)
    return model, history"""
_SPLIT = """order = np.random.default_rng(seed).permutation(len(x))
n_val = round(holdout * len(x))
x_val, y_val = x[order[:n_val]], y[order[:n_val]]
x_train, y_train = x[order[n_val:]], y[order[n_val:]]
"""


def _network(*lines: str) -> str:
    return _NETWORK.format("\n    ".join(lines))


def _hidden(inputs: str, units: str = "hidden", activation: str = "relu") -> str:
    return f'h = keras.layers.Dense({units}, activation="{activation}")({inputs})'


def _train(optimizer: str = _SGD, loss: str = "mse", epochs: str = "epochs") -> str:
    return _TRAIN.format(optimizer=optimizer, loss=loss, epochs=epochs)


# By exercise and declared mistake. What follows `# TODO` tells which cell it is.
CODE: dict[str, dict[str, str]] = {
    "noise_free": {
        "no_condition": f"{_RULE}slope * x + intercept",
        "condition_flipped": f"{_RULE}np.where(x < 0, slope * x + intercept, 0)",
        "offset_missing": f"{_RULE}np.where(x > 0, slope * x, 0)",
        "offset_everywhere": f"{_RULE}np.where(x > 0, slope * x, 0) + intercept",
        "slope_everywhere": f"{_RULE}slope * x + intercept * (x > 0)",
        "boundary": f"{_RULE}np.where(x >= 0, slope * x + intercept, 0)",
        "arguments_ignored": f"{_RULE}np.where(x > 0, 2 * x + 1, 0)",
    },
    "model": {
        "width_typed_in": _network(
            _hidden("inputs", "5"), _hidden("h", "5"), "outputs = keras.layers.Dense(1)(h)"
        ),
        "relu_output": _network(
            _hidden("inputs"), _hidden("h"), 'outputs = keras.layers.Dense(1, activation="relu")(h)'
        ),
        "linear_hidden": _network(
            _hidden("inputs", activation="linear"),
            _hidden("h", activation="linear"),
            "outputs = keras.layers.Dense(1)(h)",
        ),
        "hidden_layer_missing": _network(_hidden("inputs"), "outputs = keras.layers.Dense(1)(h)"),
        "output_missing": _network(_hidden("inputs"), "outputs = keras.layers.Dense(hidden)(h)"),
    },
    "count": {
        "no_biases": "n_parameters = hidden + hidden * hidden + hidden",
        "output_forgotten": "n_parameters = 2 * hidden + (hidden + 1) * hidden",
        "one_hidden_layer": "n_parameters = 2 * hidden + hidden + 1",
        "default_width": "n_parameters = 46",
    },
    "sgd": {
        "adam": _train("keras.optimizers.Adam(learning_rate)"),
        "default_rate": _train("keras.optimizers.SGD(2 * learning_rate)"),
        "absolute_error": _train(loss="mae"),
        "continued": _train("keras.optimizers.Adam(0.03)", epochs="40")
        + f'\nmodel.compile(optimizer={_SGD}, loss="mse")\n'
        + _train().splitlines()[-1],
        "epochs": _train(epochs="epochs + 1"),
    },
    "best": {
        "last": 'history.history["loss"].append(max(history.history["loss"]))\n'
        f'{_BEST}\nbest_loss = history.history["loss"][-1]',
        "from_zero": f"{_BEST} - 1",
        "largest": f'{_BEST}\nbest_loss = max(history.history["loss"])',
    },
    "curve": {
        "not_sorted": "x_sorted = x\ny_sorted = model.predict(x[:, None], verbose=0)[:, 0]",
        "order_lost": "x_sorted = np.sort(x)\ny_sorted = model.predict(x[:, None], verbose=0)[:, 0]",
        "targets": "x_sorted = np.sort(x)\ny_sorted = y",
        "predictions_sorted": "# A network whose prediction rises and falls, so that sorting it changes it.\n"
        "model = models.mlp(1, [2], 1)\n"
        "model.set_weights([np.array([[1.0, -1.0]]), np.zeros(2), np.ones((2, 1)), np.zeros(1)])\n"
        "x_sorted = np.sort(x)\ny_sorted = np.sort(model.predict(x_sorted[:, None], verbose=0)[:, 0])",
    },
    "fresh": {
        "not_rebuilt": "kept = build_model(hidden)\n\n\n" + _FRESH.replace("build_model(hidden)", "kept", 1),
        "epochs_ignored": _FRESH.replace("epochs=epochs", "epochs=5"),
        "optimizer_ignored": _FRESH.replace("optimizer=optimizer", f"optimizer={_SGD}"),
        "seed_ignored": "calls = []\n\n\n"
        + _FRESH.replace("set_seed(seed)", "set_seed(seed + len(calls))\n    calls.append(seed)"),
    },
    "floor": {
        "deviation": "noise_floor = noise",
        "half": "noise_floor = noise**2 / 2",
        "default_noise": "noise_floor = 0.04",
    },
    "holdout": {
        "returned_order": f"{_SPLIT}y_train, x_val = x_val, y_train",
        "overlap": f"{_SPLIT}x_val = x_train[: len(x_val)]",
        "share_exchanged": f"{_SPLIT}x_train, y_train, x_val, y_val = x_val, y_val, x_train, y_train",
        "pairs_broken": f"{_SPLIT}y_train = y_train[::-1]",
    },
}


def notebook_with(answers: dict[str, str | None]) -> bytes:
    """Return lab 01 as a student hands it in.

    Args:
        answers: By exercise the name of a declared mistake, or None for the right answer; what is not
            named is left as it was released.
    """
    notebook = nbformat.read(RELEASE, as_version=4)
    solved = {cell.id: cell.source for cell in nbformat.read(SOLUTION, as_version=4).cells}
    for cell in notebook.cells:
        exercise = cell.id.removeprefix("todo-")
        if cell.id.startswith("todo-") and exercise in answers:
            mistake = answers[exercise]
            comment = cell.source.splitlines()[0]
            cell.source = f"{comment}\n{CODE[exercise][mistake]}" if mistake else solved[cell.id]
    return nbformat.writes(notebook).encode()
