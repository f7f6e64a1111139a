"""University of Iowa Musical Instrument Samples: notes of orchestral instruments.

Recorded since 1997 by Lawrence Fritts at the University of Iowa Electronic Music Studios, free for
any project. Older files hold a scale of several notes, newer ones a single note in stereo.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from labs_lib import audio, features
from labs_lib.audio import printable
from labs_lib.datasets.locate import DataNotFound, Found, find_or_synthesise
from labs_lib.datasets.recordings import Examples, Recordings, Skipped, copy_of, left_out, visible_files
from labs_lib.datasets.registry import data_sets
from labs_lib.datasets.standin import STANDINS

_STANDIN = STANDINS["uiowa"]

RATE = 22_050  # at which notes are analysed
ARRAYS = tuple(f"uiowa_{part}_{what}.npy" for part in ("train", "test") for what in ("data", "labels"))

DYNAMICS = ("ppp", "pp", "p", "mp", "mf", "f", "ff", "fff")

# The names are irregular, so instruments are known by what their first words begin with.
_INSTRUMENTS = {
    "Alto flute": ("altoflute",),
    "Alto saxophone": ("altosax",),
    "Bass clarinet": ("bassclar",),
    "Bass flute": ("bassflute",),
    "Bass trombone": ("basstromb",),
    "B flat clarinet": ("bbclar",),
    "E flat clarinet": ("ebclar",),
    "Soprano saxophone": ("sopsax", "sopranosax"),
    "Tenor trombone": ("tenortromb", "trombone"),
    "Bassoon": ("bassoon",),
    "Cello": ("cello",),
    "Double bass": ("bass", "doublebass"),
    "Flute": ("flute",),
    "Guitar": ("guitar",),
    "Horn": ("horn",),
    "Marimba": ("marimba",),
    "Oboe": ("oboe",),
    "Piano": ("piano",),
    "Trumpet": ("trumpet",),
    "Tuba": ("tuba",),
    "Vibraphone": ("vibraphone", "vibes"),
    "Viola": ("viola",),
    "Violin": ("violin",),
    "Xylophone": ("xylophone", "xylo"),
}
_RANGE = re.compile(r"^([A-G][b#]?\d)([A-G][b#]?\d)?$", re.IGNORECASE)
_STRING = re.compile(r"^sul([A-G])$", re.IGNORECASE)
_VIBRATO = {"vib": True, "vibrato": True, "novib": False, "nonvib": False, "nonvibrato": False}


class NoteName(NamedTuple):
    """What the name of a recording says; None where it says nothing.

    Attributes:
        instrument: Name of the instrument.
        dynamic: 'pp', 'mf', 'ff' and so on.
        vibrato: Whether it is played with vibrato.
        technique: 'arco' (bowed) or 'pizz' (plucked).
        string: The string played, 'A' to 'G'.
        lowest: First note, as a MIDI number (69 is A4, 440 Hz).
        highest: Last note.
    """

    instrument: str
    dynamic: str | None
    vibrato: bool | None
    technique: str | None
    string: str | None
    lowest: int | None
    highest: int | None


def parse_name(name: str) -> NoteName:
    """Parse a name such as 'SopSax.Vib.pp.C6Eb6.aiff', its words in any order after the instrument's.

    Raises:
        ValueError: It begins with no known instrument.

    Example:
        >>> parse_name("Flute.nonvib.ff.B3B4.aiff")
        NoteName(instrument='Flute', dynamic='ff', vibrato=False, technique=None, string=None, lowest=59, highest=71)
    """
    words = [
        word
        for word in re.split(r"[.\s_-]+", re.sub(r"\.(aiff?|aifc)$", "", name, flags=re.IGNORECASE))
        if word
    ]
    # 'Bass' is an instrument, and so is 'Bass Trombone': two words are tried before one.
    instrument = _instrument("".join(words[:2])) or _instrument("".join(words[:1]))
    if instrument is None:
        raise ValueError(
            f"{name!r} begins with no known instrument; expected a name like 'Flute.nonvib.ff.C4B4.aiff'"
        )
    dynamic = vibrato = technique = string = lowest = highest = None
    for word in words[1:]:
        lower = word.lower()
        if lower in DYNAMICS:
            dynamic = lower
        elif lower in _VIBRATO:
            vibrato = _VIBRATO[lower]
        elif lower in ("arco", "pizz"):
            technique = lower
        elif match := _STRING.match(word):
            string = match[1].upper()
        elif match := _RANGE.match(word):
            lowest = _midi(match[1])
            highest = _midi(match[2]) if match[2] else lowest
    return NoteName(instrument, dynamic, vibrato, technique, string, lowest, highest)


def load(
    data_home: str | Path | None = None,
    source: str = "auto",
    *,
    files_per_class: int = _STANDIN.size,
    seed: int = 0,
) -> Recordings:
    """Return the recordings of all instruments found, ordered by instrument and name.

    The groups of the result: 'recording' numbers the files; 'lowest' and 'highest' are the MIDI
    numbers of a file's first and last note, -1 where its name does not say.

    Args:
        data_home: Folder with the AIFF files, in it or up to two folders below.
        source: 'real', 'standin', or 'auto' for the real ones where they are found (here, in
            $LABS_DATA or downloaded) and the stand-in else.
        files_per_class: Files of each instrument in the stand-in.
        seed: Seed of the stand-in.

    Raises:
        DataNotFound: The real recordings were asked for and are not there, or a folder was
            named that does not hold them.
    """
    return _read(
        find_or_synthesise(
            data_sets()["uiowa"],
            data_home,
            source,
            lambda: _STANDIN.folder(files_per_class, seed),
        )
    )


def notes(recordings: Recordings, *, seconds: float | None = None, step: float = 0.1) -> Examples:
    """Return 120 features of each note, or of each excerpt of a note.

    The features are the course's own, see `features.note_statistics`; how those of the published
    arrays were computed is not known.

    Args:
        recordings: Files of one or several notes.
        seconds: Length of an excerpt in s; None takes each note whole.
        step: From one excerpt to the next in s.

    Returns:
        Features of shape (n, 120), mapped from disk. Groups: 'recording'; 'note' numbers the
        notes of all recordings; 'pitch' is the MIDI number of the note, counted in semitones
        from the lowest of its file, or -1 where the name does not say or promises another
        number of notes. Files without a note, and files that cannot be read, are named in
        `skipped`.
    """
    rows = features.from_files(
        recordings.paths, features.Notes(seconds, step), unreadable="skip", what="reading notes"
    )
    empty = sorted(set(range(len(recordings))) - set(rows.item) - set(rows.failed))
    lowest, highest = recordings.groups["lowest"][rows.item], recordings.groups["highest"][rows.item]
    together = np.stack([rows.item, rows.number], axis=1)
    as_named = _notes_in(rows, len(recordings))[rows.item] == highest - lowest + 1
    return Examples(
        name=f"{recordings.name}, {'notes' if seconds is None else f'excerpts of {seconds:g} s'}",
        x=rows.x,
        axes=("feature",),
        labels=recordings.labels[rows.item],
        class_names=recordings.class_names,
        groups={
            "recording": recordings.groups["recording"][rows.item],
            "note": np.unique(together, axis=0, return_inverse=True)[1].reshape(-1),
            "pitch": np.where(as_named & (lowest >= 0), lowest + rows.number, -1),
        },
        standin=recordings.standin,
        provenance=recordings.provenance,
        skipped=[
            *recordings.skipped,
            *(Skipped(recordings.paths[k], why) for k, why in rows.failed.items()),
            *(Skipped(recordings.paths[k], "holds no note") for k in empty),
        ],
    )


def load_arrays(data_home: str | Path) -> tuple[Examples, Examples]:
    """Return the published arrays of features, training and test, where a user has them.

    Args:
        data_home: Folder with the four files `uiowa_{train,test}_{data,labels}.npy`, or one
            with a folder `instrument_dataset` that has them.

    Returns:
        Training and test examples, (66247, 120) and (14904, 120) in the published files, as
        float32. The names of the classes are not in the arrays; they are numbered.

    Raises:
        DataNotFound: A file is missing.
        ValueError: A file is no array, or the arrays do not fit together.
    """
    home = Path(data_home).expanduser()
    folder = next((f for f in (home, home / "instrument_dataset") if (f / ARRAYS[0]).is_file()), home)
    missing = [name for name in ARRAYS if not (folder / name).is_file()]
    if missing:
        raise DataNotFound(f"{folder} lacks {', '.join(missing)}; expected {', '.join(ARRAYS)}")
    x_train, y_train, x_test, y_test = (_array(folder / name) for name in ARRAYS)
    for x, y, part in ((x_train, y_train, "train"), (x_test, y_test, "test")):
        if x.ndim != 2 or y.shape != (len(x),) or x.shape[1] != x_train.shape[1]:
            raise ValueError(
                f"{folder}: data of shape {x.shape} and labels of shape {y.shape} for {part}; expected "
                f"(n, {x_train.shape[-1]}) and (n,)"
            )
    count = int(max(y_train.max(), y_test.max())) + 1
    train, test = (
        Examples(
            name=f"UIowa, published features, {part}",
            x=x.astype(np.float32),
            axes=("feature",),
            labels=y.astype(np.int64),
            class_names=tuple(f"instrument {k}" for k in range(count)),
            groups={},
            standin=False,
            provenance=f"{len(x)} rows, read from {folder.name}; how they were computed is not known.",
        )
        for x, y, part in ((x_train, y_train, "training"), (x_test, y_test, "test"))
    )
    return train, test


def has_arrays(data_home: str | Path | None) -> bool:
    """Tell whether a folder holds the published arrays."""
    if not data_home:
        return False
    home = Path(data_home).expanduser()
    return any((folder / ARRAYS[0]).is_file() for folder in (home, home / "instrument_dataset"))


def _read(found: Found) -> Recordings:
    named, skipped = _recordings_in(found.folder)
    if not named:
        raise DataNotFound(
            f"{printable(found.folder)} holds no recording whose name begins with an instrument"
        )
    named.sort(key=lambda item: (item[0].instrument, item[1].name))
    class_names = sorted({name.instrument for name, _ in named})
    made = "synthesised from a seed" if found.standin else f"read from {printable(found.folder.name)}"
    return Recordings(
        name="UIowa, musical instruments",
        paths=[path for _, path in named],
        labels=np.array([class_names.index(name.instrument) for name, _ in named]),
        class_names=class_names,
        groups={
            "recording": np.arange(len(named)),
            "lowest": np.array([-1 if name.lowest is None else name.lowest for name, _ in named]),
            "highest": np.array([-1 if name.highest is None else name.highest for name, _ in named]),
        },
        standin=found.standin,
        provenance=f"{len(named)} recordings of {len(class_names)} instruments, {made}.{left_out(skipped)}",
        skipped=skipped,
    )


def _recordings_in(folder: Path) -> tuple[list[tuple[NoteName, Path]], list[Skipped]]:
    """Return each recording once, with what its name says, and the files that do not count, with the reason."""
    named: list[tuple[NoteName, Path]] = []
    skipped: list[Skipped] = []
    taken: dict[str, Path] = {}  # by what the name is without its ending
    for path in _files(folder):
        try:
            name = parse_name(path.name)
        except ValueError as error:
            # Of other sound only what is named as a recording of this set belongs here.
            if is_aiff(path):
                skipped.append(Skipped(path, str(error)))
            continue
        stem = path.stem.lower()
        if not is_aiff(path):
            skipped.append(Skipped(path, f"is no AIFF file ({path.suffix})"))
        elif copy_of(path):
            skipped.append(Skipped(path, f"is a copy of {copy_of(path)} by its name"))
        elif stem in taken:
            other = taken[stem].relative_to(folder).as_posix()
            skipped.append(Skipped(path, f"is the recording of {other} once more"))
        else:
            taken[stem] = path
            named.append((name, path))
    return named, skipped


def _notes_in(rows: features.Rows, n_files: int) -> np.ndarray:
    """Count the notes of each file, shape (n_files,)."""
    counts = np.zeros(n_files, dtype=int)
    np.maximum.at(counts, rows.item, rows.number + 1)
    return counts


def _files(folder: Path) -> Sequence[Path]:
    """Return all sound files in a folder and up to two below it."""
    folders = [folder, *(path for depth in ("*", "*/*") for path in folder.glob(depth) if path.is_dir())]
    return [
        path
        for one in sorted(folders)
        for path in visible_files(one)
        if path.suffix.lower() in audio.SUFFIXES
    ]


def is_aiff(path: Path) -> bool:
    """Tell from its ending whether a file is a recording in the format of the set."""
    return path.suffix.lower() in (".aif", ".aiff", ".aifc")


def _instrument(start: str) -> str | None:
    lower = start.lower()
    for instrument, beginnings in _INSTRUMENTS.items():
        if any(lower.startswith(beginning) for beginning in beginnings):
            return instrument
    return None


def _midi(note: str) -> int:
    import librosa  # here: a second to import

    return int(librosa.note_to_midi(note[0].upper() + note[1:]))


def _array(path: Path) -> np.ndarray:
    try:
        array: np.ndarray = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise ValueError(f"{path.name} cannot be read as an array: {error}") from None
    return array
