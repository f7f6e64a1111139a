"""What the course does for a notebook and for the processes that runs are forked from."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Whose functions are compiled by numba and kept beside their source.
_COMPILED = ("librosa", "labs_lib")


_FIT = "model.fit runs whole epochs as one compiled program; labs_lib.training.accelerate(False) restores Keras's own."


def set_up() -> list[str]:
    """Accelerate Keras's `fit` and set the house style of figures, when a lab opens.

    Returns:
        One line for each, for the lab's card.
    """
    accelerate_fit()
    # Every network compiles its own `predict`, and a lesson that compares networks has many of them.
    logging.getLogger("tensorflow").addFilter(_is_no_advice_on_retracing)
    from labs_engine.base.style import use_style

    use_style()
    return [_FIT]


def _is_no_advice_on_retracing(record: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in record.getMessage()


def accelerate_fit() -> None:
    """Have `model.fit` run in compiled epochs from now on, in this process."""
    with _quiet_stderr():
        training = importlib.import_module("labs_lib.training")
    training.accelerate()


def forget_networks() -> None:
    """Free what Keras keeps of optimisers and networks; otherwise half a megabyte per run accumulates."""
    if "keras" in sys.modules:
        sys.modules["keras"].backend.clear_session(free_memory=False)


def compile_sound() -> None:
    """Let numba compile what features of sounds need, or load it where that was done before."""
    import librosa
    import numpy as np

    from labs_lib import features

    _take_compiled()
    rate = 22_050
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(rate // 5) / rate)
    for kind in (np.float32, np.float64):
        spectrum = librosa.stft(tone.astype(kind))
        librosa.istft(spectrum)
        librosa.feature.spectral_centroid(S=np.abs(spectrum), sr=rate)
        librosa.feature.spectral_bandwidth(S=np.abs(spectrum), sr=rate)
    features.log_mel(tone.astype(np.float32), rate)
    features.mfcc(tone.astype(np.float32), rate, 13)


def _take_compiled() -> None:
    """Copy what numba has compiled beside the libraries to $NUMBA_CACHE_DIR, if that is set.

    numba reads no cache that it cannot write to, and in a sandbox the libraries are read-only: it would compile
    everything anew, 15 seconds' worth.
    """
    wanted = os.environ.get("NUMBA_CACHE_DIR")
    if not wanted:
        return
    from numba.core.caching import UserProvidedCacheLocator

    for package in _COMPILED:
        found = importlib.util.find_spec(package)
        assert found is not None
        assert found.origin is not None
        for path in Path(found.origin).parent.rglob("__pycache__/*.nb[ic]"):
            source = path.parent.parent / "any.py"
            folder = Path(wanted, UserProvidedCacheLocator.get_suitable_cache_subpath(str(source)))
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder)


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep what C code writes to stderr out of the notebook, for as long as an import takes.

    TensorFlow reports a missing GPU before any setting can silence it. A failing import
    still raises.
    """
    sys.stderr.flush()
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)
