"""Notes and recordings of the instrument stand-in, in the air and through a microphone."""

from __future__ import annotations

import numpy as np
import scipy.fft

from labs_lib.datasets.standin import synthesis
from labs_lib.datasets.standin.instruments_voices import Voice

RATE = 44_100
DYNAMICS = ("pp", "mf", "ff")

_TABLE = 16_384  # points of one period; linear interpolation keeps errors 80 dB down
_HIGHEST = 16_000  # Hz that no harmonic passes
_MOST = 90  # harmonics
_PEAK = 0.89  # of full scale, that no recording passes
_LEVEL_STEP = 11.0  # dB from one dynamic to the next
# How far players, instruments, rooms and microphones differ; at 0 little but tuning and level do. Chosen so
# that new recordings are clearly harder than known ones, and still recognised far above chance.
_SPREAD = 0.2


class Player:
    """One player with one instrument: what all notes of a recording have in common.

    Args:
        voice: The kind of instrument.
        rng: What the player is drawn from.
    """

    def __init__(self, voice: Voice, rng: np.random.Generator) -> None:
        self.voice = voice
        self.tuning = rng.normal(0, 9)  # cents
        self._brightness = rng.normal(0, 0.13 * _SPREAD)  # of the tilt
        self._cutoff = np.exp(rng.normal(0, 0.16 * _SPREAD))
        self._even = np.exp(rng.normal(0, 0.3 * _SPREAD))
        self._noise = rng.normal(0, 4 * _SPREAD)  # dB
        self._swell = rng.uniform(-2.5, 2.5)  # dB over a note
        # What is particular to this instrument and its mouthpiece or strings.
        self._shape = rng.normal(0, voice.shape * _SPREAD, _MOST)
        size = np.exp(rng.normal(0, 0.04 * _SPREAD))
        self._body = [
            (
                f * size * np.exp(rng.normal(0, 0.03 * _SPREAD)),
                gain * (1 + rng.normal(0, 0.2 * _SPREAD)),
                width,
            )
            for f, gain, width in voice.body
        ]
        vibrato = voice.vibrato
        self._vibrato = (rng.uniform(*vibrato.rate), rng.uniform(*vibrato.cents)) if vibrato else (5.0, 0.0)

    def note(
        self, midi: int, dynamic: str, vibrato: bool, seconds: float, rng: np.random.Generator
    ) -> np.ndarray:
        """Play one note.

        Args:
            midi: Its pitch, as a MIDI number.
            dynamic: 'pp', 'mf' or 'ff'.
            vibrato: Whether it is played with vibrato.
            seconds: From its beginning to the beginning of its end.
            rng: What differs from note to note is drawn from it.

        Returns:
            The note as the source makes it, before the body, with a level of about 1 at ff.
        """
        voice = self.voice
        force = DYNAMICS.index(dynamic) / 2 + rng.normal(0, 0.06)
        attack = rng.uniform(*voice.attack) * (1.4 - 0.5 * force)
        release = rng.uniform(*voice.release)
        n = round((seconds + 2 * release) * RATE)
        time = np.arange(n) / RATE
        loudness = self._loudness(time, attack, seconds, release, rng)
        swing = self._swing(time, rng) if vibrato and voice.vibrato else np.zeros(n)
        pitch = 440 * 2 ** ((midi - 69) / 12) * np.exp2(self._cents(time, swing, attack, rng) / 1200)
        period = np.cumsum(pitch / RATE) % 1.0
        soft, bright = (
            self._period(pitch[n // 2], force - step, rng.normal(0, 0.6, _MOST)) for step in (0.45, 0.0)
        )
        # Brightness follows loudness: a note begins and ends with few harmonics.
        share = np.minimum(loudness, 1.0) ** 1.5
        places = np.linspace(0, 1, _TABLE + 1)
        tone = np.interp(period, places, soft) * (1 - share) + np.interp(period, places, bright) * share
        if voice.vibrato:
            loudness = loudness * (1 + voice.vibrato.loudness * swing)
        noise = synthesis.band_noise(n, voice.noise_band, RATE, rng)
        breath = 10 ** ((voice.noise + self._noise + 4 * (1 - force)) / 20)
        onset = 1 + 3 * np.exp(-time / (0.5 * attack))
        level = 10 ** (_LEVEL_STEP * 2 * (force - 1) / 20)
        return level * loudness * (tone + breath * onset * noise)

    def body(self, frequency: np.ndarray) -> np.ndarray:
        """Return the gain of the instrument's body at frequencies in Hz, same shape."""
        return synthesis.peaks(frequency, self._body)

    def _period(self, pitch: float, force: float, variation: np.ndarray) -> np.ndarray:
        """Return one period of the source at unit power, and its first point again."""
        voice = self.voice
        count = int(np.clip(_HIGHEST // pitch, 1, _MOST))
        k = np.arange(1, count + 1)
        tilt = np.interp(force, (0, 1), voice.tilt) + self._brightness + max(0.0, -force) * 0.5
        cutoff = self._cutoff * np.exp(np.interp(force, (0, 1), np.log(voice.cutoff)))
        amplitude = k ** -max(tilt, 0.05) / (1 + (k * pitch / cutoff) ** 2)
        # A cylinder with a reed suppresses even harmonics, less so the higher they are.
        even = np.minimum(
            1.0, voice.even * self._even * (1 + (k / 5) ** 2) if voice.even < 0.5 else voice.even
        )
        amplitude = amplitude * np.where(k % 2 == 0, even, 1.0)
        amplitude = amplitude * 10 ** ((self._shape[:count] + variation[:count]) / 20)
        spectrum = np.zeros(_TABLE // 2 + 1, dtype=complex)
        # Fixed phases, spread quadratically, so that the wave has no sharp spike.
        spectrum[1 : count + 1] = amplitude * np.exp(1j * np.pi * k * (k - 1) / count)
        wave = np.fft.irfft(spectrum, _TABLE)
        return np.append(wave, wave[0]) / np.sqrt(np.mean(wave**2))

    def _swing(self, time: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return a vibrato between -1 and 1 that sets in during the first half second."""
        onset = np.clip((time - 0.12) / 0.3, 0, 1)
        return onset * np.sin(2 * np.pi * (self._vibrato[0] * time + rng.uniform(0, 1)))

    def _cents(
        self, time: np.ndarray, swing: np.ndarray, attack: float, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the deviation from equal temperament at A4 = 440 Hz, in cents."""
        cents = self.tuning + rng.normal(0, 5) + rng.normal(0, 4) * time
        cents = cents + 3 * synthesis.slow_curve(len(time), 4.0, RATE, rng)
        cents = cents - self.voice.scoop * rng.uniform(0.3, 1.2) * np.exp(-time / attack)
        return cents + self._vibrato[1] * swing

    def _loudness(
        self, time: np.ndarray, attack: float, seconds: float, release: float, rng: np.random.Generator
    ) -> np.ndarray:
        rise = 0.5 - 0.5 * np.cos(np.pi * np.minimum(time / attack, 1.0))
        sustain = 10 ** (
            (self._swell * (time / seconds - 0.5) + 0.8 * synthesis.slow_curve(len(time), 6.0, RATE, rng))
            / 20
        )
        over = np.maximum(time - seconds, 0.0) / release
        fall = 10**-over * np.clip((2.0 - over) / 0.3, 0, 1)
        return rise * sustain * fall


class Studio:
    """Where a recording was made: room, microphone, background noise, level.

    Args:
        rng: What it is drawn from.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._decay = 0.3 * np.exp(rng.normal(0, 0.6 * _SPREAD))  # s until 60 dB down
        self._wet = 10 ** (rng.normal(-16, 4 * _SPREAD) / 20)
        self._colour = rng.uniform(0.0, 0.5)
        centres = np.exp(rng.uniform(np.log(120), np.log(9000), 4))
        self._microphone = [(f, rng.normal(0, 3.5 * _SPREAD), rng.uniform(0.4, 1.2)) for f in centres]
        self._slope = rng.normal(0, 1.0 * _SPREAD)  # dB an octave
        self._low, self._high = rng.uniform(25, 60), 15_000 * np.exp(rng.normal(0, 0.25 * _SPREAD))
        self._noise = rng.normal(-62, 4 * _SPREAD)  # dB, of the loudest moment at ff
        self._noise_slope = 0.5 + rng.normal(0, 0.2 * _SPREAD)
        self._gain = rng.uniform(-17, -9)  # dB of full scale, for ff

    def record(self, notes: np.ndarray, player: Player, rng: np.random.Generator) -> np.ndarray:
        """Return what the microphone picks up of a player.

        Args:
            notes: What the player does, before the body, shape (n,).
            player: Who plays.
            rng: What the background noise is drawn from.

        Returns:
            Samples, shape (n,), float64, with a peak below 0.9.
        """
        n = scipy.fft.next_fast_len(len(notes) + round(self._decay * RATE), real=True)
        frequency = scipy.fft.rfftfreq(n, 1 / RATE)
        gain = player.body(frequency) * self._response(frequency)
        spectrum = scipy.fft.rfft(notes, n) * gain * (1 + self._wet * self._room(n, rng))
        sound = scipy.fft.irfft(spectrum, n)[: len(notes)]
        background = synthesis.coloured_noise(n, self._noise_slope, RATE, rng)[: len(notes)]
        sound = sound + 10 ** (self._noise / 20) * background
        sound *= 10 ** ((self._gain + player.voice.level) / 20) * 0.5
        peak = np.abs(sound).max()
        return sound * min(1.0, _PEAK / peak)

    def _response(self, frequency: np.ndarray) -> np.ndarray:
        octaves = np.log2(np.maximum(frequency, 20) / 1000)
        tone = synthesis.peaks(frequency, self._microphone) * 10 ** (self._slope * octaves / 20)
        low = (frequency / self._low) ** 2
        return tone * low / (1 + low) / np.sqrt(1 + (frequency / self._high) ** 8)

    def _room(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return the spectrum of a decaying tail of unit power, darker the older it is."""
        time = np.arange(round(self._decay * RATE)) / RATE
        tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / self._decay)
        tail[: round(0.004 * RATE)] = 0.0  # the first wall is some way off
        spectrum = scipy.fft.rfft(tail / np.sqrt(np.sum(tail**2)), n)
        return spectrum / np.maximum(scipy.fft.rfftfreq(n, 1 / RATE) / 200, 1.0) ** self._colour
