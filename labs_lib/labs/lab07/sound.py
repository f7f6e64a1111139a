"""Exercises of lab 07 on hearing a map: from mel bands to the bins of the transform, and back to sound."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from labs_engine.declare.answers import Array, Function
from labs_engine.declare.framework import Context, Exercise, Mistake

# TODO 10: from bands to bins ------------------------------------------------------------------


def _masks(ctx: Context) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    found = []
    for stream, (frames, bands, bins) in enumerate(((7, 10, 33), (9, 6, 25))):
        rng = ctx.rng(100 + stream)
        centres = np.sort(rng.uniform(100, 1000, bands)) * np.linspace(1, 9, bands)
        hertz = np.linspace(0, 1.1 * centres[-1], bins)
        found.append((rng.random((frames, bands)), centres, hertz))
    return found


def _spread(mask: np.ndarray, centres: np.ndarray, bins: np.ndarray) -> np.ndarray:
    return np.stack([np.interp(bins, centres, frame) for frame in mask], axis=1)


def _nearest(mask: np.ndarray, centres: np.ndarray, bins: np.ndarray) -> np.ndarray:
    return mask.T[np.abs(bins[:, None] - centres).argmin(axis=1)]


def _evenly(mask: np.ndarray, centres: np.ndarray, bins: np.ndarray) -> np.ndarray:
    return _spread(mask, np.linspace(bins[0], bins[-1], mask.shape[1]), bins)


# TODO 11: a sound through a mask ------------------------------------------------------------


def _sounds(ctx: Context) -> list[tuple[np.ndarray, np.ndarray, int, int]]:
    found = []
    for stream, (n_fft, hop) in enumerate(((512, 160), (256, 96))):
        rng = ctx.rng(110 + stream)
        samples = rng.standard_normal(20 * hop + 37).astype(np.float32)
        mask = rng.random((1 + n_fft // 2, 1 + len(samples) // hop))
        found.append((samples, mask, n_fft, hop))
    return found


def _heard(
    samples: np.ndarray, mask: np.ndarray, n_fft: int, hop: int, *, rule: Any = None, **inverse: Any
) -> np.ndarray:
    """Return the sound through a mask; `rule` and `inverse` change how, as mistakes do."""
    import librosa

    spectrum = librosa.stft(samples, n_fft=n_fft, hop_length=hop)
    product = spectrum * mask if rule is None else rule(spectrum, mask)
    settings = {"n_fft": n_fft, "hop_length": hop, "length": len(samples), **inverse}
    return librosa.istft(product.astype(np.complex64), **settings)


EXERCISES = (
    Exercise(
        name="spread",
        title="From mel bands to frequency bins",
        points=2,
        answers={"spread": Function(_masks, Array())},
        right=_spread,
        expects="values on the straight line between two bands, shape (bins, frames)",
        mistakes=[
            Mistake(
                "turned",
                wrong=lambda *probe: _spread(*probe).T,
                hint="The values are right and the axes are not: a network sees (frames, bands), librosa's "
                "transform is (bins, frames). Time and frequency are exchanged.",
            ),
            Mistake(
                "resized",
                wrong=lambda m, c, b: np.resize(m.T, (len(b), len(m))),
                hint="np.resize does not stretch, it repeats the numbers until the new shape is full: bands end up "
                "at frequencies that are not theirs.",
            ),
            Mistake(
                "even_bands",
                wrong=_evenly,
                hint="This treats the bands as equally wide. Mel bands are narrow at low and wide at high "
                "frequencies: their centres are given.",
            ),
            Mistake(
                "nearest",
                wrong=_nearest,
                hint="Each bin takes the value of the nearest band, which leaves steps. Interpolate linearly "
                "between two bands instead.",
            ),
        ],
        fallback_hint="np.interp(bins, centres, values) does one frame; do it for each and stack the results.",
    ),
    Exercise(
        name="hear",
        title="Hear what a mask lets through",
        points=3,
        answers={"hear": Function(_sounds, Array(rtol=1e-3, atol=1e-4))},
        right=_heard,
        expects="the sound that the mask lets through, as many samples as before",
        mistakes=[
            Mistake(
                "phase_lost",
                wrong=[
                    partial(_heard, rule=lambda s, m: np.abs(s) * m),
                    partial(_heard, rule=lambda s, m: np.abs(s) * m, length=None),
                ],
                hint="The mask was laid over the magnitude alone and the phase is lost: every wave starts at "
                "its peak in every window, which sounds like a robot. The transform is complex; multiply "
                "it as it is.",
            ),
            Mistake(
                "power",
                wrong=partial(_heard, rule=lambda s, m: np.abs(s) ** 2 * m),
                hint="The inverse was given the power. It expects the complex transform itself.",
            ),
            Mistake(
                "complement",
                wrong=partial(_heard, rule=lambda s, m: s * (1 - m)),
                hint="This is what the mask takes away, not what it lets through.",
            ),
            Mistake(
                "unmasked",
                wrong=partial(_heard, rule=lambda s, m: s),
                hint="The sound comes back as it was: the product with the mask was not what was transformed "
                "back.",
            ),
            Mistake(
                "own_hop",
                wrong=[partial(_heard, hop_length=None), partial(_heard, hop_length=None, length=None)],
                hint="The inverse used another hop than the transform, so that the sound comes back faster or "
                "slower. Without hop_length librosa takes a quarter of n_fft.",
            ),
            Mistake(
                "cut",
                wrong=partial(_heard, length=None),
                hint="The last samples are missing: the inverse returns only whole hops unless you pass the length.",
            ),
        ],
        fallback_hint="librosa.stft, times the mask, librosa.istft: all with the same n_fft and hop_length.",
        needs=("spread",),
    ),
)
