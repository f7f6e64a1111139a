"""Exercises of lab 07 on hearing a map: from mel bands to the bins of the transform, and back to sound."""

from __future__ import annotations

from typing import Any

import numpy as np

from labs_lib.exercises.answers import Array, Function
from labs_lib.exercises.framework import Context, Exercise, Mistake, Wrong, close
from labs_lib.exercises.lab07.common import Answers, follows, largest_difference

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


def _judge_spread(a: Answers, ctx: Context) -> Wrong | None:
    for given, probe in zip(a.spread, _masks(ctx), strict=True):
        right = _spread(*probe)
        if given.shape != right.shape:
            return Wrong(
                f"shape (bins, frames) = {right.shape} for {probe[0].shape[0]} frames and {len(probe[2])} bins",
                f"shape {given.shape}",
            )
        if not close(given, right):
            return Wrong("values on the straight line between two bands", largest_difference(given, right))
    return None


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


def _judge_hear(a: Answers, ctx: Context) -> Wrong | None:
    for given, probe in zip(a.hear, _sounds(ctx), strict=True):
        right = _heard(*probe)
        if given.shape != right.shape:
            return Wrong(f"as many samples as before, {len(right)}", f"shape {given.shape}")
        if not close(given, right, rtol=1e-3, atol=1e-4):
            return Wrong("the sound that the mask lets through", largest_difference(given, right))
    return None


def _gives(*rules: dict[str, Any]) -> Any:
    """Return a predicate: the outputs are what one of some changed ways gives."""

    def same(a: Answers, ctx: Context) -> bool:
        for change in rules:
            wanted = [_heard(*probe, **change) for probe in _sounds(ctx)]
            if all(close(g, w, rtol=1e-3, atol=1e-4) for g, w in zip(a.hear, wanted, strict=True)):
                return True
        return False

    return same


_OWN_HOP: dict[str, Any] = {"hop_length": None}  # librosa then takes a quarter of n_fft

EXERCISES = (
    Exercise(
        "spread",
        "From mel bands to frequency bins",
        2,
        {"spread": Function(_masks, Array())},
        _judge_spread,
        (
            Mistake(
                "turned",
                follows("spread", _masks, lambda *probe: _spread(*probe).T),
                "The values are right and the axes are not: a network sees (frames, bands), librosa's transform is "
                "(bins, frames). Time and frequency are exchanged.",
            ),
            Mistake(
                "resized",
                follows("spread", _masks, lambda m, c, b: np.resize(m.T, (len(b), len(m)))),
                "np.resize does not stretch, it repeats the numbers until the new shape is full: bands land at "
                "frequencies that they know nothing of.",
            ),
            Mistake(
                "even_bands",
                follows("spread", _masks, _evenly),
                "This takes the bands for equally wide. Mel bands are narrow at low and wide at high frequencies: "
                "their centres are given.",
            ),
            Mistake(
                "nearest",
                follows("spread", _masks, _nearest),
                "Each bin takes the value of the nearest band, which leaves steps. Go along the straight line "
                "between two bands instead.",
            ),
        ),
        where="np.interp(bins, centres, values) does one frame; do it for each and put the results side by side.",
    ),
    Exercise(
        "hear",
        "Hear what a mask lets through",
        3,
        {"hear": Function(_sounds, Array())},
        _judge_hear,
        (
            Mistake(
                "phase_lost",
                _gives(
                    {"rule": lambda s, m: np.abs(s) * m},
                    {"rule": lambda s, m: np.abs(s) * m, "length": None},
                ),
                "The mask was laid over the magnitude alone and the phase is lost: every wave starts at its peak in "
                "every window, which sounds like a robot. The transform is complex; multiply it as it is.",
            ),
            Mistake(
                "power",
                _gives({"rule": lambda s, m: np.abs(s) ** 2 * m}),
                "The inverse was given the power. It expects the complex transform itself.",
            ),
            Mistake(
                "complement",
                _gives({"rule": lambda s, m: s * (1 - m)}),
                "This is what the mask takes away, not what it lets through.",
            ),
            Mistake(
                "unmasked",
                _gives({"rule": lambda s, m: s}),
                "The sound comes back as it was: the product with the mask was not what was transformed back.",
            ),
            Mistake(
                "own_hop",
                _gives({**_OWN_HOP}, {**_OWN_HOP, "length": None}),
                "The inverse used another hop than the transform, so that the sound comes back faster or slower. "
                "Without hop_length librosa takes a quarter of n_fft.",
            ),
            Mistake(
                "cut",
                _gives({"length": None}),
                "The last samples are missing: the inverse knows only whole hops unless it is told the length.",
            ),
        ),
        where="librosa.stft, times the mask, librosa.istft: all with the same n_fft and hop_length.",
        needs=("spread",),
    ),
)
