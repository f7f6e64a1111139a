"""Where the time goes between a WAV file and its features, one thread, one clip after the other.

python benchmarks/stages.py [DATA_HOME]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import scipy.fft
import soundfile
import soxr
from threadpoolctl import threadpool_limits

from labs_lib import audio
from labs_lib.datasets import esc50
from labs_lib.features import kernels, spectral

ROUNDS = 5


def main() -> None:
    """Print the share of each stage."""
    paths = esc50.load(sys.argv[1] if len(sys.argv) > 1 else None).paths[:100]
    how = spectral.Spectral()
    bank = spectral._filter_bank(how)
    with threadpool_limits(1):
        raw = [soundfile.read(path, dtype="int16")[0] for path in paths]
        wide = [(samples * np.float32(1 / 32768)).astype(np.float32) for samples in raw]
        narrow = [audio.load(path, how.rate) for path in paths]
        total = how.frames(len(narrow[0]))
        frames = np.empty((spectral._BATCH, how.n_fft))
        spectra = [scipy.fft.rfft(frames, axis=1)] * -(-total // spectral._BATCH)
        power = np.empty((how.n_mels, total), dtype=np.float32)
        level = spectral.to_db(spectral.mel(narrow[0], how), 80.0)

        def cut(samples: np.ndarray) -> None:
            for first in range(0, total, spectral._BATCH):
                kernels.cut_frames(samples, first, bank.window, how.hop, frames[: total - first])

        def transform(_: object) -> None:
            for _ in range(len(spectra)):
                scipy.fft.rfft(frames, axis=1)

        def add(_: object) -> None:
            for number, spectrum in enumerate(spectra):
                first = number * spectral._BATCH
                kernels.add_bands(
                    spectrum[: total - first], bank.weights, bank.lowest, bank.highest, first, power
                )

        stages: dict[str, tuple[Callable, list]] = {
            "read and decode": (lambda path: soundfile.read(path, dtype="int16"), list(paths)),
            "to float": (lambda x: x.astype(np.float32) * np.float32(1 / 32768), raw),
            "resample 44.1 to 22.05 kHz": (lambda x: soxr.resample(x, 44_100, how.rate, quality="HQ"), wide),
            "cut and window frames": (cut, narrow),
            "Fourier transform": (transform, narrow),
            "power and mel bands": (add, narrow),
            "level in dB": (lambda _: spectral.to_db(power, 80.0), narrow),
            "cosine transform (13 MFCC)": (lambda _: spectral.cepstrum(level, 13), narrow),
        }
        times = {name: _measure(function, items) for name, (function, items) in stages.items()}
        whole = _measure(lambda path: spectral.mel(audio.load(path, how.rate), how), list(paths))
    everything = sum(times.values())
    for name, seconds in times.items():
        print(f"{name:28} {1000 * seconds:6.3f} ms {100 * seconds / everything:5.1f} %")
    print(f"{'sum':28} {1000 * everything:6.3f} ms")
    print(f"{'WAV to mel power, in one':28} {1000 * whole:6.3f} ms")


def _measure(function: Callable, items: list) -> float:
    """Return the time of one call in s: the best of some rounds, averaged over the items."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for item in items:
            function(item)
        best = min(best, time.perf_counter() - start)
    return best / len(items)


if __name__ == "__main__":
    main()
