"""GTZAN, music genres: 1000 tracks of 30 s, ten genres of a hundred.

Tzanetakis, G. & Cook, P. (2002). Musical genre classification of audio signals.
doi 10.1109/TSA.2002.800560. Its faults (repetitions, distortions, wrong labels, several tracks
of one artist) are described by Sturm (2013), arXiv:1306.1461.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import numpy as np

from labs_lib import audio, features
from labs_lib.audio import printable
from labs_lib.datasets.locate import DataNotFound, Found, find_or_synthesise
from labs_lib.datasets.recordings import Examples, Recordings, Skipped, copy_of, left_out, visible_files
from labs_lib.datasets.registry import data_sets
from labs_lib.datasets.splits import Split
from labs_lib.datasets.standin import STANDINS
from labs_lib.features.digests import file_digests

_STANDIN = STANDINS["gtzan"]

CLASS_NAMES = (
    "blues",
    "classical",
    "country",
    "disco",
    "hiphop",
    "jazz",
    "metal",
    "pop",
    "reggae",
    "rock",
)
RATE = 22_050
SEGMENT_SECONDS = 3.0
SEGMENTS = 10  # of each track

_NAME = re.compile(r"^(?P<genre>[a-z]+)\.(?P<number>\d{5})\.(wav|au)$", re.IGNORECASE)


def parse_name(name: str) -> tuple[str, int]:
    """Parse '{genre}.{number}.wav'.

    Raises:
        ValueError: The name is not of this form.

    Example:
        >>> parse_name("blues.00042.wav")
        ('blues', 42)
    """
    match = _NAME.match(name)
    if match is None or match["genre"].lower() not in CLASS_NAMES:
        raise ValueError(f"{name!r} is not a track of GTZAN; expected a name like 'blues.00000.wav'")
    return match["genre"].lower(), int(match["number"])


def load(
    data_home: str | Path | None = None,
    source: str = "auto",
    *,
    tracks_per_genre: int = _STANDIN.size,
    seed: int = 0,
) -> Recordings:
    """Return the tracks, in the order of genre and number; what is left out is named in `skipped`.

    Left out are files that cannot be read, and a second file of a track: a copy, or an .au beside its .wav.

    The groups of the result: 'track' numbers the tracks, with files of identical content under
    one number, so that a group split by track keeps copies on one side as well; 'number' is
    the number in the file's name.

    Args:
        data_home: Folder of the real recordings, in the layout of one of the common copies.
        source: 'real', 'standin', or 'auto' for the real ones if they are found (here, in $LABS_DATA or downloaded),
            otherwise the stand-in.
        tracks_per_genre: Tracks of each genre in the stand-in.
        seed: Seed of the stand-in.

    Raises:
        DataNotFound: The real recordings were asked for and are not there, or a folder was
            named that does not hold them.
    """
    return _read(
        find_or_synthesise(
            data_sets()["gtzan"], data_home, source, lambda: _STANDIN.folder(tracks_per_genre, seed)
        )
    )


def duplicates(tracks: Recordings) -> list[list[str]]:
    """Return the names of tracks whose files are identical, in groups of two or more."""
    names = np.array([path.stem for path in tracks.paths])
    numbers, counts = np.unique(tracks.groups["track"], return_counts=True)
    return [list(names[tracks.groups["track"] == number]) for number in numbers[counts > 1]]


def fault_filtered(tracks: Recordings) -> Split:
    """Return the fault-filtered split: 443, 197 and 290 tracks of the complete set.

    Without repeated, distorted and wrongly labelled tracks, and with no artist on two sides.
    Kereliuk, Sturm & Larsen (2015), doi 10.1109/TMM.2015.2478068.

    Args:
        tracks: The real recordings, or a part of them.

    Returns:
        Rows for training, validation and test.

    Raises:
        ValueError: The tracks are stand-ins, which have no artists.
    """
    if tracks.standin:
        raise ValueError("the fault-filtered split names tracks of the real set, and these are stand-ins")
    parts = _filtered()
    member = [parts.get(parse_name(path.name)) for path in tracks.paths]
    rows = {part: np.flatnonzero([m == part for m in member]) for part in ("train", "valid", "test")}
    return Split(train=rows["train"], test=rows["test"], validation=rows["valid"])


def segments(tracks: Recordings, *, kind: features.Kind = "mfcc", n_mfcc: int = 13) -> Examples:
    """Return the features of each track's segments of 3 s, at most ten of a track.

    The last segment of a track that is a little shorter than 30 s is too short and left out,
    so a thousand tracks give about 9990.

    Args:
        tracks: The tracks.
        kind: 'mfcc', 'mel', 'log_mel' or 'log_stft'.
        n_mfcc: Number of coefficients.

    Returns:
        Features of shape (n, 130, n_mfcc, 128 or 1025), mapped from disk; groups 'track',
        'segment' (0 to 9) and 'file' (the row of its track in `tracks`). Tracks whose sound turned out
        to be broken are named in `skipped`.
    """
    recipe = features.Segments(SEGMENT_SECONDS, SEGMENTS, kind, features.Spectral(rate=RATE), n_mfcc)
    rows = features.from_files(tracks.paths, recipe, unreadable="skip", what="reading tracks")
    return Examples(
        name=f"{tracks.name}, segments of {SEGMENT_SECONDS:g} s",
        x=rows.x,
        axes=("frame", {"mfcc": "coefficient", "log_stft": "frequency bin"}.get(kind, "mel band")),
        labels=tracks.labels[rows.item],
        class_names=tracks.class_names,
        groups={"track": tracks.groups["track"][rows.item], "segment": rows.number, "file": rows.item},
        standin=tracks.standin,
        provenance=tracks.provenance,
        skipped=[*tracks.skipped, *(Skipped(tracks.paths[k], why) for k, why in rows.failed.items())],
    )


def _read(found: Found) -> Recordings:
    paths: list[Path] = []
    labels, numbers, skipped = [], [], []
    folders = {
        path.name.lower(): path for path in sorted(found.folder.iterdir(), reverse=True) if path.is_dir()
    }
    for genre, name in enumerate(CLASS_NAMES):
        tracks, strangers = _files_of_tracks(folders.get(name, found.folder / name), name)
        skipped += strangers
        for number, files in sorted(tracks.items()):
            kept, others = _first_usable(files)
            skipped += others
            if kept is not None:
                paths.append(kept)
                labels.append(genre)
                numbers.append(number)
    if not paths:
        raise DataNotFound(f"{printable(found.folder)} holds no track that can be read")
    made = "synthesised from a seed" if found.standin else f"read from {printable(found.folder.name)}"
    return Recordings(
        name="GTZAN, music genres",
        paths=paths,
        labels=np.array(labels),
        class_names=CLASS_NAMES,
        groups={"track": _by_content(paths), "number": np.array(numbers)},
        standin=found.standin,
        provenance=f"{len(paths)} tracks of about 30 s, {made}.{left_out(skipped)}",
        skipped=skipped,
    )


def _files_of_tracks(folder: Path, genre: str) -> tuple[dict[int, list[Path]], list[Skipped]]:
    """Return the files of each track of a genre, WAV files first, and what is no track."""
    tracks: dict[int, list[Path]] = {}
    strangers = []
    for path in visible_files(folder):
        try:
            named, number = parse_name(path.name)
        except ValueError:
            original = copy_of(path)
            why = f"is a copy of {original} by its name" if original else "has a name that is none of a track"
            strangers.append(Skipped(path, why))
            continue
        if named == genre:
            tracks.setdefault(number, []).append(path)
        else:
            strangers.append(
                Skipped(path, f"is named as a track of {named} and lies in the folder of {genre}")
            )
    for files in tracks.values():
        files.sort(key=lambda path: path.suffix.lower() != ".wav")
    return tracks, strangers


def _first_usable(files: list[Path]) -> tuple[Path | None, list[Skipped]]:
    """Return one file of a track, and why each of the others is left out."""
    kept, others = None, []
    for path in files:
        reason = f"is the track of {kept.name} once more" if kept else _unusable(path)
        if reason:
            others.append(Skipped(path, reason))
        else:
            kept = path
    return kept, others


def _unusable(path: Path) -> str:
    """Say why a file is no sound, or return ''."""
    try:
        if audio.frames(path):
            return ""
        reason = "holds no samples"
    except audio.AudioError as error:
        reason = f"cannot be opened as sound: {error}"
    try:  # a header that gives no length may still have sound behind it
        audio.load(path, None)
    except (audio.AudioError, OSError):
        return reason
    return ""


def _by_content(paths: list[Path]) -> np.ndarray:
    """Number the files, identical ones alike, shape (n,)."""
    first: dict[str, int] = {}
    return np.array([first.setdefault(digest, k) for k, digest in enumerate(file_digests(paths))])


@cache
def _filtered() -> dict[tuple[str, int], str]:
    """Return the part ('train', 'valid' or 'test') of each track of the filtered split."""
    text = Path(__file__).with_name("gtzan_filtered.toml").read_text(encoding="utf-8")
    found = {}
    for part, genres in tomllib.loads(text).items():
        for genre, ranges in genres.items():
            for span in ranges.split():
                first, _, last = span.partition("-")
                for number in range(int(first), int(last or first) + 1):
                    found[genre, number] = part
    return found
