"""Playing a score and producing the recording: the individuality of each track of the stand-in for GTZAN."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.fft
import scipy.signal

from labs_lib.datasets.standin import synthesis
from labs_lib.datasets.standin.music.drums import ALTERNATIVES, draw_kit, hit
from labs_lib.datasets.standin.music.instruments import RATE, VOICES, individual, tone
from labs_lib.datasets.standin.music.score import Line, Score
from labs_lib.datasets.standin.music.style import Production

PEAK = 0.96  # that no sample passes
_EQ_DB = 3.0  # deviation of the level in each octave from track to track
_KNOTS = (45, 90, 180, 360, 720, 1440, 2880, 5760, 11_025)  # Hz
_BLOCK = 1024
_DRY = ("bass", "walk", "power")  # roles that get little reverberation


def perform(score: Score, seed: Sequence[int], n_samples: int) -> np.ndarray:
    """Play and record a score.

    Args:
        score: What is played.
        seed: Decides the players' instruments, the mix and the production.
        n_samples: Length of the recording.

    Returns:
        Shape (n_samples,), float32, peak at most 0.96, no offset.
    """
    mixing = np.random.default_rng([*seed, 11])
    dry = np.zeros(n_samples, dtype=np.float32)
    wet = np.zeros(n_samples, dtype=np.float32)
    for number, line in enumerate(score.lines):
        sound = _play(line, n_samples, np.random.default_rng([*seed, 12, number]))
        sound *= np.float32(10 ** ((line.gain + mixing.normal(0, 1.5)) / 20))
        dry += sound
        wet += sound * np.float32((0.2 if line.role in _DRY else 1.0) * mixing.uniform(0.5, 1.3))
    if score.hits:
        sound = _drum(score, n_samples, np.random.default_rng([*seed, 13]))
        sound *= np.float32(10 ** ((mixing.uniform(*score.style.drums) + mixing.normal(0, 1.5)) / 20))
        dry += sound
        wet += sound * np.float32(mixing.uniform(0.2, 0.8))
    return _produce(dry, wet, score, np.random.default_rng([*seed, 14]))


def _play(line: Line, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Play a line at unit power; each different note is rendered once."""
    timbre = individual(VOICES[line.voice], rng)
    rendered: dict[tuple[int, float, int], np.ndarray] = {}
    sound = np.zeros(n_samples, dtype=np.float32)
    for number, note in enumerate(line.notes):
        start = round(note.start * RATE)
        if start >= n_samples:
            continue
        name = (note.pitch, note.seconds, number % len(timbre.vowels))
        if name not in rendered:
            rendered[name] = tone(timbre, note.pitch, note.seconds, rng)
        _add(sound, start, rendered[name], note.strength)
    sound /= _power(sound)
    if line.drive:
        sound = _amplified(sound, line.drive, rng)
    if line.cutoff:
        sos = scipy.signal.butter(2, line.cutoff, fs=RATE, output="sos").astype(np.float32)
        sound = scipy.signal.sosfilt(sos, sound)
    return sound / _power(sound)


def _drum(score: Score, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Play the drums at unit power."""
    kit = draw_kit(score.kit, rng)
    names = sorted({stroke.drum for stroke in score.hits})
    takes = {name: [hit(name, kit, rng) for _ in range(ALTERNATIVES)] for name in names}
    balance = {name: 10 ** (rng.normal(0, 2.0) / 20) for name in names}
    sound = np.zeros(n_samples, dtype=np.float32)
    for number, stroke in enumerate(score.hits):
        start = round(stroke.start * RATE)
        take = takes[stroke.drum][number % ALTERNATIVES]
        _add(sound, start, take, stroke.strength * balance[stroke.drum])
    return sound / _power(sound)


def _add(sound: np.ndarray, start: int, part: np.ndarray, gain: float) -> None:
    """Add a part that may begin before the sound and end after it."""
    part = part[max(-start, 0) : max(len(sound) - start, 0)]
    start = max(start, 0)
    sound[start : start + len(part)] += np.float32(gain) * part


def _power(sound: np.ndarray) -> np.float32:
    """Return the RMS of a sound where it sounds."""
    blocks = _blocks(sound)
    active = blocks > 0.01 * blocks.max(initial=0.0)
    return np.float32(np.sqrt(blocks[active].mean())) if active.any() else np.float32(1.0)


def _blocks(sound: np.ndarray) -> np.ndarray:
    """Return the power of each block, the last one filled up with silence."""
    padded = np.pad(sound, (0, -len(sound) % _BLOCK))
    return (padded.reshape(-1, _BLOCK) ** 2).mean(axis=1)


def _amplified(sound: np.ndarray, drive: float, rng: np.random.Generator) -> np.ndarray:
    """Overdrive a guitar: tube at twice the rate, so that its harmonics don't fold back, then loudspeaker."""
    twice = scipy.signal.resample_poly(sound, 2, 1)
    gain, bias = np.float32(10 ** (drive / 20)), np.float32(rng.uniform(0, 0.3))
    driven = scipy.signal.resample_poly(np.tanh(gain * twice + bias) - np.tanh(bias), 1, 2)
    sos = np.concatenate(
        [
            scipy.signal.butter(2, rng.uniform(70, 130), "highpass", fs=RATE, output="sos"),
            scipy.signal.butter(3, rng.uniform(3200, 6000), fs=RATE, output="sos"),
        ]
    )
    return scipy.signal.sosfilt(sos.astype(np.float32), driven.astype(np.float32))


def _produce(dry: np.ndarray, wet: np.ndarray, score: Score, rng: np.random.Generator) -> np.ndarray:
    production = score.style.production
    room = _room(production, score.tempo, rng)
    n = len(dry)
    size = scipy.fft.next_fast_len(n + len(room), real=True)
    mixed = scipy.fft.rfft(dry, size) + scipy.fft.rfft(wet, size) * scipy.fft.rfft(room, size)
    frequencies = np.linspace(0, RATE / 2, size // 2 + 1, dtype=np.float32)
    mixed *= _equaliser(production, frequencies, rng)
    sound: np.ndarray = scipy.fft.irfft(mixed, size)[:n].astype(np.float32)
    sound = _compressed(sound / _power(sound), rng.uniform(*production.ratio))
    drive = np.float32(0.25 * 10 ** (rng.uniform(*production.drive) / 20))
    sound = np.tanh(drive * sound) / drive
    sound += _noise(production, n, rng) * _power(sound)
    return _levelled(sound, rng.uniform(*production.level))


def _room(production: Production, tempo: float, rng: np.random.Generator) -> np.ndarray:
    """Return the response of the room: decaying noise that gets darker, and repeats where there are some."""
    decay = rng.uniform(*production.reverb)
    time = np.arange(round(decay * RATE)) / RATE
    tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / decay)
    b, a = scipy.signal.butter(1, rng.uniform(1500, 6000), fs=RATE)
    tail = scipy.signal.lfilter(b, a, tail)
    response = 10 ** (rng.uniform(*production.wet) / 20) * tail / np.linalg.norm(tail)
    response = np.pad(response, (round(rng.uniform(0.005, 0.04) * RATE), 0))
    echo = rng.uniform(*production.echo)
    if echo > -50:
        gap = round(0.75 * 60 / tempo * RATE)
        response = np.pad(response, (0, max(0, 4 * gap + 1 - len(response))))
        response[gap : 4 * gap + 1 : gap] += 10 ** (echo / 20) * 0.5 ** np.arange(4)
    return response.astype(np.float32)


def _equaliser(production: Production, frequencies: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the gain at each frequency: a curve of the track's own within the band of the medium."""
    curve = rng.normal(0, _EQ_DB, len(_KNOTS))
    octaves = np.log2(np.maximum(frequencies, 20) / 1000)
    decibels = (
        np.interp(octaves, np.log2(np.array(_KNOTS) / 1000), curve) + rng.uniform(*production.tilt) * octaves
    )
    low, high = rng.uniform(*production.low), rng.uniform(*production.high)
    passed = 1 / np.sqrt((1 + (low / np.maximum(frequencies, 1)) ** 6) * (1 + (frequencies / high) ** 10))
    passed[0] = 0
    return (10 ** (decibels / 20) * passed).astype(np.float32)


def _compressed(sound: np.ndarray, ratio: float) -> np.ndarray:
    """Bring loud and soft passages of a sound of unit power nearer to each other."""
    loudness = np.convolve(np.pad(_blocks(sound), 2, mode="edge"), np.full(5, 0.2), "valid")
    gains = np.maximum(np.sqrt(loudness), 0.25) ** (1 / ratio - 1)
    centres = (np.arange(len(gains)) + 0.5) * _BLOCK
    return sound * np.interp(np.arange(len(sound)), centres, gains).astype(np.float32)


def _noise(production: Production, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return hiss, hum and crackle for a sound of unit power."""
    size = scipy.fft.next_fast_len(n, real=True)
    noise = synthesis.coloured_noise(size, rng.uniform(0, 0.8), RATE, rng)[:n]
    hum = np.sin(2 * np.pi * float(rng.choice([50, 60])) * np.arange(n) / RATE) * rng.uniform(0, 0.6)
    noise = (noise + hum) * 10 ** (-rng.uniform(*production.snr) / 20)
    for start in rng.integers(0, n - 64, rng.poisson(rng.uniform(*production.crackle) * n / RATE)):
        noise[start : start + 64] += rng.exponential(0.35) * rng.standard_normal(64) * np.hanning(64)
    return noise.astype(np.float32)


def _levelled(sound: np.ndarray, level: float) -> np.ndarray:
    """Bring a sound to a level in dB below full scale; a soft limiter holds the peaks."""
    sound = sound - sound.mean()
    sound *= np.float32(10 ** (level / 20) / np.sqrt(np.mean(sound**2)))
    knee = 0.6 * PEAK
    loud = np.abs(sound) > knee
    sound[loud] = np.sign(sound[loud]) * (
        knee + (PEAK - knee) * np.tanh((np.abs(sound[loud]) - knee) / (PEAK - knee))
    )
    sound -= sound.mean()
    edge = np.minimum(np.arange(len(sound), dtype=np.float32) / 300, 1)
    return np.clip(sound * edge * edge[::-1], -PEAK, PEAK).astype(np.float32)
