"""Figures of sound: axes in seconds and hertz, and descriptions that tell what is there."""

from __future__ import annotations

import numpy as np
import pytest
from figure_contract import figure_tests

from labs_engine.base.style import alt_text
from labs_lib import features, plots

RATE = 22_050
TIME = np.arange(2 * RATE) / RATE
# 440 Hz, louder from 1 s on.
TONE = (np.where(TIME < 1, 0.1, 0.5) * np.sin(2 * np.pi * 440 * TIME)).astype(np.float32)

FIGURES = {
    "waveform": lambda ax: plots.waveform(TONE, RATE, ax=ax),
    "waveform, short": lambda ax: plots.waveform(TONE[:100], RATE, ax=ax),
    "power_spectrum": lambda ax: plots.power_spectrum(TONE, RATE, ax=ax),
    "stft": lambda ax: plots.stft(TONE, RATE, ax=ax),
    "mel_spectrogram": lambda ax: plots.mel_spectrogram(features.log_mel(TONE, RATE), RATE, ax=ax),
    "mfcc": lambda ax: plots.mfcc(features.mfcc(TONE, RATE, 13), RATE, ax=ax),
}


test_a_figure_uses_the_axes_it_is_given_labels_them_and_carries_alt_text = figure_tests(FIGURES)


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_the_horizontal_axis_has_its_unit(draw) -> None:
    assert "(" in draw(None).get_xlabel()


@pytest.mark.parametrize("silent", [np.zeros(RATE, np.float32), np.zeros(100, np.float32)], ids=len)
def test_silence_is_drawn_without_a_complaint(silent: np.ndarray) -> None:
    plots.waveform(silent, RATE)
    plots.power_spectrum(silent, RATE)
    plots.mel_spectrogram(features.log_mel(silent, RATE), RATE)
    plots.mfcc(features.mfcc(silent, RATE), RATE)


def test_the_waveform_loses_no_peak() -> None:
    click = np.zeros(10 * RATE, np.float32)
    click[123_456] = 0.9
    ax = plots.waveform(click, RATE)
    assert ax.get_xlim() == (0, 10)
    drawn = ax.collections[0].get_paths()[0].vertices
    assert drawn[:, 1].max() == pytest.approx(0.9)
    assert "0.9 of full scale, is at 5.6 s" in alt_text(ax.figure)


def test_the_power_spectrum_peaks_at_the_pitch() -> None:
    ax = plots.power_spectrum(TONE, RATE)
    frequencies, level = ax.lines[0].get_data()
    assert frequencies[np.argmax(level)] == pytest.approx(440, abs=RATE / 4096)
    assert level.max() == pytest.approx(0, abs=1e-6)
    assert [int(label.get_text().replace("k", "000")) for label in ax.get_xticklabels()] == sorted(
        2**k for k in range(5, 14)
    )


def test_the_stft_has_the_tone_at_its_frequency() -> None:
    ax = plots.stft(TONE, RATE, highest=2000)
    image = ax.images[0]
    left, right, bottom, top = image.get_extent()
    values = image.get_array()
    row = int(np.argmax(values.mean(axis=1)))
    centre = bottom + (row + 0.5) * (top - bottom) / len(values)
    assert centre == pytest.approx(440, abs=RATE / 2048)
    assert ax.get_ylim() == (0, 2000)
    assert (left + right) / 2 == pytest.approx(1.0, abs=512 / RATE)
    assert "strongest frequency is 441 Hz" in alt_text(ax.figure)


def test_the_mel_spectrogram_has_real_axes() -> None:
    spectrogram = np.full((128, 216), -60.0)
    spectrogram[40, 100] = 0.0
    ax = plots.mel_spectrogram(spectrogram, RATE)
    assert ax.get_xlim() == pytest.approx((0, 215 * 512 / RATE))
    labels = [int(label.get_text()) for label in ax.get_yticklabels()]
    assert labels == [256, 512, 1024, 2048, 4096, 8192]
    assert f"the loudest moment is at {100 * 512 / RATE:.1f} s" in alt_text(ax.figure)


def test_a_mel_ticks_place_is_that_of_its_frequency() -> None:
    tone = np.sin(2 * np.pi * 1024 * TIME).astype(np.float32)
    ax = plots.mel_spectrogram(features.log_mel(tone, RATE, fmax=8000.0), RATE, fmax=8000.0)
    row = int(np.argmax(ax.images[0].get_array().mean(axis=1)))
    tick = dict(zip([label.get_text() for label in ax.get_yticklabels()], ax.get_yticks(), strict=True))[
        "1024"
    ]
    assert abs(row + 0.5 - tick) < 1


def test_colours_of_mfcc_span_what_the_others_than_the_first_do() -> None:
    coefficients = np.vstack([np.full((1, 50), -500.0), np.random.default_rng(0).normal(0, 20, (12, 50))])
    ax = plots.mfcc(coefficients, RATE)
    low, high = ax.images[0].get_clim()
    assert low == coefficients[1:].min()
    assert high == coefficients[1:].max()


def test_the_panel_shows_one_clip_in_four_ways_over_the_same_time() -> None:
    axes = plots.clip_panel(TONE, RATE, title="a tone")
    assert len(axes) == 4
    assert {ax.get_xlim() for ax in axes} == {(0.0, 2.0)}
    text = alt_text(axes[0].figure)
    for part in ("waveform", "Fourier transform", "log-mel", "MFCC"):
        assert part in text
