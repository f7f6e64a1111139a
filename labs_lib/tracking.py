"""TensorBoard: what a training run writes, shown live where that is possible, and read back as curves.

Every run has a folder of its own below one log folder. TensorBoard reads them while they grow;
`read_curves` reads the same event files for a page that has no server behind it.
"""

from __future__ import annotations

import struct
import tempfile
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from labs_engine.base import storage

# Keras's own names: the curves of training and of validation lie in two folders under the same tags.
_SIDES = {"train": "", "validation": "val_"}
_TAG = "epoch_"


_KEPT = 5  # log folders of a lab; those of older runs are removed


def new_log_folder(name: str) -> Path:
    """Return a new, empty log folder in the cache for one run of a lab; the oldest ones of it are removed.

    Args:
        name: Of the lab, such as '06'.

    Raises:
        StorageError: The cache cannot be written to.
    """
    home = storage.cache_folder() / "tensorboard"
    with storage.explained(home):
        home.mkdir(parents=True, exist_ok=True)
        stamp = time.strftime("%Y%m%d-%H%M%S")
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-{stamp}-", dir=home))
        for old in sorted(home.glob(f"{name}-*"))[:-_KEPT]:
            if old != folder:
                storage.remove(old)
    return folder


def logger(folder: Path) -> keras.callbacks.Callback:
    """Return a callback that writes the curves of one run, after every epoch.

    It is Keras's own, without the drawing of the network, which takes longer than a small network's
    epochs.

    Args:
        folder: Where the event files go; a folder of its own for every run.
    """
    return keras.callbacks.TensorBoard(log_dir=str(folder), write_graph=False)


def read_curves(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """Read the curves of all runs below a folder from their event files.

    Args:
        folder: A log folder, such as TensorBoard is given.

    Returns:
        For each run (its path below the folder, such as 'track/CNN 1') the values of each curve, shape
        (epochs,), under the names of a Keras history: 'loss', 'val_loss' and so on. A file that was cut off gives its
        complete records.

    Raises:
        FileNotFoundError: There are no event files below the folder.
    """
    runs: dict[str, dict[str, dict[int, float]]] = {}
    for path in sorted(folder.rglob("events.out.tfevents.*")):
        side = path.parent.name
        run = path.parent.parent if side in _SIDES else path.parent
        curves = runs.setdefault(run.relative_to(folder).as_posix(), {})
        for step, tag, value in _scalars(path):
            if not tag.startswith(_TAG):
                continue  # Keras also writes what each evaluation gave, by the number of updates
            name = _SIDES.get(side, "") + tag.removeprefix(_TAG)
            curves.setdefault(name, {})[step] = value  # of a run that was repeated, the last one counts
    if not runs:
        raise FileNotFoundError(f"no event files of TensorBoard below {folder}: was anything trained yet?")
    return {
        run: {name: np.array([values[step] for step in sorted(values)]) for name, values in curves.items()}
        for run, curves in runs.items()
    }


def _scalars(path: Path) -> list[tuple[int, str, float]]:
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    from tensorboard.util import tensor_util

    found = []
    try:
        for event in EventFileLoader(str(path)).Load():
            for value in event.summary.value:
                number = tensor_util.make_ndarray(value.tensor)
                if number.shape == () and number.dtype.kind == "f":
                    found.append((int(event.step), value.tag, float(number)))
    except (OSError, ValueError, struct.error):
        pass  # a record that was cut off ends the file
    return found


def live() -> bool:
    """Tell whether a person works in this notebook, so that a board can be shown.

    A front end with a person in front of it can answer questions, and says so to the kernel with every cell; one that
    executes a notebook from the command line says that it cannot.
    """
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    return bool(getattr(getattr(shell, "kernel", None), "_allow_stdin", False))


def board(folder: Path) -> str | None:
    """Show TensorBoard in the notebook, as `%load_ext tensorboard` and `%tensorboard --logdir` do.

    Args:
        folder: The log folder.

    Returns:
        None if it is shown; otherwise how to see it, in words.
    """
    if not live():
        return f"Without a person at the notebook no board is shown. In a terminal: tensorboard --logdir {folder}"
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    shell.run_line_magic("load_ext", "tensorboard")
    shell.run_line_magic("tensorboard", f'--logdir "{folder}"')
    return None
