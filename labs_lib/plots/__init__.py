"""Figures of the course. Each function takes an optional `ax`, returns it, and carries alt text."""

from labs_engine.base.style import alt_text, describe, use_style
from labs_lib.plots.classification import batch_losses, confusion_matrix, final_losses
from labs_lib.plots.curves import learning_curves
from labs_lib.plots.descent import (
    convergence,
    cost_against_time,
    descent_contours,
    descent_panels,
    difference_errors,
    rate_curve,
)
from labs_lib.plots.frames import explore, static_frames
from labs_lib.plots.music import envelope, leak, sampling, song, track_panel
from labs_lib.plots.notes import marked_notes, note_features
from labs_lib.plots.saliency import paired_drops, saliency_map, share_curves
from labs_lib.plots.schematics import computation_graph, network
from labs_lib.plots.sound import clip_panel, mel_spectrogram, mfcc, power_spectrum, stft, waveform

__all__ = [
    "alt_text",
    "batch_losses",
    "clip_panel",
    "computation_graph",
    "confusion_matrix",
    "convergence",
    "cost_against_time",
    "descent_contours",
    "descent_panels",
    "describe",
    "difference_errors",
    "envelope",
    "explore",
    "final_losses",
    "leak",
    "learning_curves",
    "marked_notes",
    "mel_spectrogram",
    "mfcc",
    "network",
    "note_features",
    "paired_drops",
    "power_spectrum",
    "rate_curve",
    "saliency_map",
    "sampling",
    "share_curves",
    "song",
    "static_frames",
    "stft",
    "track_panel",
    "use_style",
    "waveform",
]
