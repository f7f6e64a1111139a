"""Features of sound: spectral ones of samples, the same of many files, and rows on disk."""

from labs_lib.features.files import clips_mel_power, from_files
from labs_lib.features.recipes import Clips, Kind, Notes, Segments, note_statistics
from labs_lib.features.rows import Rows
from labs_lib.features.spectral import Spectral, log_mel, mel_power, mfcc, to_db

__all__ = [
    "Clips",
    "Kind",
    "Notes",
    "Rows",
    "Segments",
    "Spectral",
    "clips_mel_power",
    "from_files",
    "log_mel",
    "mel_power",
    "mfcc",
    "note_statistics",
    "to_db",
]
