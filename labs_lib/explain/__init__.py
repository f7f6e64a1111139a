"""What a network looks at: maps of saliency, whether they say anything, and what they sound like."""

from labs_lib.explain.faithfulness import (
    DeletionTest,
    ShareCurve,
    deletion_curve,
    deletion_test,
    insertion_curve,
    map_correlation,
)
from labs_lib.explain.maps import grad_cam, randomised, saliency
from labs_lib.explain.sound import frequency_mask, masked_sound, sound_of_log_mel, sound_of_mfcc

__all__ = [
    "DeletionTest",
    "ShareCurve",
    "deletion_curve",
    "deletion_test",
    "frequency_mask",
    "grad_cam",
    "insertion_curve",
    "map_correlation",
    "masked_sound",
    "randomised",
    "saliency",
    "sound_of_log_mel",
    "sound_of_mfcc",
]
