"""Figures of the course. Each function takes an optional `ax`, returns it, and carries alt text."""

from labs_lib.plots.boundaries import class_scatter, decision_boundaries, reliability_diagram
from labs_lib.plots.curves import learning_curves
from labs_lib.plots.descent import (
    convergence,
    cost_against_time,
    descent_contours,
    descent_panels,
    difference_errors,
    excess_loss,
    rate_curve,
    spectra,
)
from labs_lib.plots.frames import explore, static_frames
from labs_lib.plots.points import regression_scatter
from labs_lib.plots.sound import clip_panel, mel_spectrogram, mfcc, power_spectrum, stft, waveform
from labs_lib.plots.style import alt_text, describe, use_style

__all__ = [
    "alt_text",
    "class_scatter",
    "clip_panel",
    "convergence",
    "cost_against_time",
    "decision_boundaries",
    "descent_contours",
    "descent_panels",
    "describe",
    "difference_errors",
    "excess_loss",
    "explore",
    "learning_curves",
    "mel_spectrogram",
    "mfcc",
    "power_spectrum",
    "rate_curve",
    "regression_scatter",
    "reliability_diagram",
    "spectra",
    "static_frames",
    "stft",
    "use_style",
    "waveform",
]
