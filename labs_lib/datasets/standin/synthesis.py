"""Building blocks of the stand-in sounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.signal


def coloured_noise(n: int, slope: float, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Return noise of unit power whose amplitude falls as frequency to the power -slope.

    Args:
        n: Number of samples.
        slope: 0 for white noise, 0.5 for pink, 1 for brown.
        rate: Samples per second.
        rng: What it is drawn from.
    """
    spectrum = np.fft.rfft(rng.standard_normal(n))
    spectrum *= np.maximum(np.fft.rfftfreq(n, 1 / rate), 20.0) ** -slope
    noise = np.fft.irfft(spectrum, n)
    return noise / np.sqrt(np.mean(noise**2))


def harmonics(
    pitch: np.ndarray, tilt: float, rate: int, *, highest: float = 12_000, most: int = 40
) -> np.ndarray:
    """Sum the harmonics of a gliding pitch, at unit power.

    Args:
        pitch: Fundamental frequency at each sample in Hz, shape (n,).
        tilt: Fall of the harmonics, as a power of their number.
        rate: Samples per second.
        highest: Frequency in Hz that no harmonic passes.
        most: Number of harmonics that is not passed.
    """
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    count = int(min(most, highest // pitch.max()))
    total = np.zeros(len(pitch))
    # sin(kφ) by recurrence: one multiplication a harmonic instead of one sine.
    before, current, turn = np.zeros(len(pitch)), np.sin(phase), 2 * np.cos(phase)
    for k in range(1, count + 1):
        total += current * k**-tilt
        before, current = current, turn * current - before
    return total / np.sqrt(np.mean(total**2))


def resonance(sound: np.ndarray, frequency: float, rate: int, q: float = 6.0) -> np.ndarray:
    """Return a sound through one resonance.

    Args:
        sound: Shape (n,).
        frequency: Centre in Hz.
        rate: Samples per second.
        q: Centre divided by width.
    """
    b, a = scipy.signal.iirpeak(frequency, Q=q, fs=rate)
    return scipy.signal.lfilter(b, a, sound)


def band_noise(n: int, band: tuple[float, float], rate: int, rng: np.random.Generator) -> np.ndarray:
    """Return noise of unit power within a band, with soft edges.

    Args:
        n: Number of samples.
        band: Lower and upper edge in Hz.
        rate: Samples per second.
        rng: What it is drawn from.
    """
    sos = scipy.signal.butter(1, band, "bandpass", fs=rate, output="sos")
    noise = scipy.signal.sosfilt(sos, rng.standard_normal(n))
    return noise / np.sqrt(np.mean(noise**2))


def slow_curve(n: int, speed: float, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Return a smooth random curve around 0 with a deviation of about 1.

    Args:
        n: Number of samples.
        speed: Turns a second, about.
        rate: Samples per second.
        rng: What it is drawn from.
    """
    knots = rng.standard_normal(3 + int(2 * speed * n / rate))
    # Cosines between the knots: cheap, and without corners.
    place = np.linspace(0, len(knots) - 1.001, n)
    index = place.astype(int)
    step = 0.5 - 0.5 * np.cos(np.pi * (place - index))
    return knots[index] * (1 - step) + knots[index + 1] * step


def peaks(frequency: np.ndarray, resonances: Sequence[tuple[float, float, float]]) -> np.ndarray:
    """Return the gain of several resonances at frequencies in Hz, same shape.

    Args:
        frequency: In Hz, not negative.
        resonances: Of each, centre in Hz, gain in dB (below 0 for a dip) and width in octaves.
    """
    octaves = np.log2(np.maximum(frequency, 1.0))
    decibels = np.zeros_like(octaves)
    for centre, gain, width in resonances:
        decibels += gain * np.exp(-0.5 * ((octaves - np.log2(centre)) / (0.5 * width)) ** 2)
    return 10 ** (decibels / 20)
