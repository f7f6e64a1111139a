"""Hearing what a network looks at: masks applied to sound, and features turned back into sound."""

from __future__ import annotations

import numpy as np

from labs_lib.features import Spectral


def frequency_mask(mask: np.ndarray, how: Spectral, frames: int | None = None) -> np.ndarray:
    """Return a mask over time and mel bands as one over time and the bins of the Fourier transform.

    A bin between the centres of two bands gets what lies between their values; below the lowest
    and above the highest centre that of the outermost band.

    Args:
        mask: Shape (frames, bands), as a network sees its input; with one band for a mask over time alone.
        how: How the spectrum is taken; its number of mel bands is that of the mask.
        frames: Number of frames of the result; by default those of the mask.

    Returns:
        Mask, shape (1 + n_fft // 2, frames), in the order of a short-time Fourier transform.

    Raises:
        ValueError: The mask has not two axes, or neither one band nor `how.n_mels`.
    """
    import librosa

    mask = np.asarray(mask, dtype=float)
    if mask.ndim != 2 or mask.shape[1] not in (1, how.n_mels):
        hint = "; is it turned around?" if mask.ndim == 2 and mask.shape[0] == how.n_mels else ""
        raise ValueError(
            f"expected a mask of shape (frames, {how.n_mels}) or (frames, 1), found {mask.shape}{hint}"
        )
    if frames is not None and frames != len(mask):
        moments = np.linspace(0, len(mask) - 1, frames)
        mask = np.stack([np.interp(moments, np.arange(len(mask)), band) for band in mask.T], axis=1)
    bins = librosa.fft_frequencies(sr=how.rate, n_fft=how.n_fft)
    if mask.shape[1] == 1:
        return np.repeat(mask.T, len(bins), axis=0)
    fmax = how.fmax or how.rate / 2
    centres = librosa.mel_frequencies(how.n_mels + 2, fmin=how.fmin, fmax=fmax)[1:-1]
    return np.stack([np.interp(bins, centres, frame) for frame in mask], axis=1)


def masked_sound(samples: np.ndarray, mask: np.ndarray, how: Spectral) -> np.ndarray:
    """Return a sound of which only what a mask lets through is left.

    The mask is laid over the short-time Fourier transform, complex numbers that hold magnitude
    and phase, and the product is transformed back. With a mask of ones the sound comes back as it was.

    Args:
        samples: Mono samples, shape (n,).
        mask: From 0 (silent) to 1 (as it was), shape (frames, bands), see `frequency_mask`; its frames
            are spread over the sound if they are more or fewer than the hop gives.
        how: How the features were computed, from which the mask was made.

    Returns:
        Samples, shape (n,), float32.

    Raises:
        ValueError: The mask does not fit, or goes beyond 0 to 1, or the sound is empty.
    """
    import librosa

    samples, mask = np.asarray(samples, dtype=np.float32), np.asarray(mask, dtype=float)
    if samples.ndim != 1 or not len(samples):
        raise ValueError(f"expected samples of one sound, shape (n,) with n above 0, not {samples.shape}")
    if mask.size and (not np.isfinite(mask).all() or mask.min() < 0 or mask.max() > 1):
        raise ValueError(f"expected a mask from 0 to 1, found {mask.min():.3g} to {mask.max():.3g}")
    spectrum = librosa.stft(samples, n_fft=how.n_fft, hop_length=how.hop)
    left = spectrum * frequency_mask(mask, how, spectrum.shape[1])
    return librosa.istft(left, n_fft=how.n_fft, hop_length=how.hop, length=len(samples)).astype(np.float32)


def sound_of_log_mel(
    level: np.ndarray, how: Spectral, *, length: int | None = None, iterations: int = 32, seed: int = 0
) -> np.ndarray:
    """Return a sound that has a given log-mel spectrogram, with phases that are guessed (Griffin-Lim).

    Args:
        level: In dB relative to a power of 1, shape (frames, bands), as a network sees it before scaling.
        how: How it was computed.
        length: Samples of the result; by default what the frames give.
        iterations: Rounds in which phases are made to fit each other.
        seed: Seed of the first guess.

    Returns:
        Samples, shape (n,), float32.

    Raises:
        ValueError: The spectrogram has not as many bands as `how` says.
    """
    import librosa

    level = np.asarray(level, dtype=np.float32)
    if level.ndim != 2 or level.shape[1] != how.n_mels:
        raise ValueError(f"expected levels of shape (frames, {how.n_mels}), found {level.shape}")
    magnitude = librosa.feature.inverse.mel_to_stft(
        librosa.db_to_power(level.T), sr=how.rate, n_fft=how.n_fft, fmin=how.fmin, fmax=how.fmax
    )
    return librosa.griffinlim(
        magnitude,
        n_iter=iterations,
        hop_length=how.hop,
        n_fft=how.n_fft,
        length=length,
        random_state=seed,
    ).astype(np.float32)


def sound_of_mfcc(
    coefficients: np.ndarray,
    how: Spectral,
    *,
    length: int | None = None,
    iterations: int = 32,
    seed: int = 0,
) -> np.ndarray:
    """Return a sound that has given MFCC: what is left of one after a few numbers a frame.

    The cosine transform is undone with zeros for the coefficients that were left out, which gives a
    smooth log-mel spectrogram without harmonics; from there as `sound_of_log_mel`.

    Args:
        coefficients: Shape (frames, coefficients), as a network sees them before scaling.
        how: How they were computed.
        length: Samples of the result; by default what the frames give.
        iterations: Rounds in which phases are made to fit each other.
        seed: Seed of the first guess.

    Returns:
        Samples, shape (n,), float32.

    Raises:
        ValueError: There are not two axes, or more coefficients than mel bands.
    """
    import librosa

    coefficients = np.asarray(coefficients, dtype=np.float32)
    if coefficients.ndim != 2 or not 0 < coefficients.shape[1] <= how.n_mels:
        hint = "; are time and coefficient exchanged?" if coefficients.ndim == 2 else ""
        raise ValueError(
            f"expected MFCC of shape (frames, at most {how.n_mels}), found {coefficients.shape}{hint}"
        )
    power = librosa.feature.inverse.mfcc_to_mel(coefficients.T, n_mels=how.n_mels)
    level = librosa.power_to_db(power, top_db=None).T
    return sound_of_log_mel(level, how, length=length, iterations=iterations, seed=seed)
