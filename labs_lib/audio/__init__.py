"""Sound: reading files, cutting them up, playing them in a notebook."""

from labs_lib.audio.cutting import equal_segments, split_notes
from labs_lib.audio.files import SUFFIXES, AudioError, AudioWarning, frames, load, printable
from labs_lib.audio.player import Player, comfortable

__all__ = [
    "SUFFIXES",
    "AudioError",
    "AudioWarning",
    "Player",
    "comfortable",
    "equal_segments",
    "frames",
    "load",
    "printable",
    "split_notes",
]
