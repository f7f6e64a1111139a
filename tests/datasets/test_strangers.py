"""Folders as people have them: copies, upper-case endings, two formats of one track, files of another kind."""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from labs_lib.datasets import esc50, fetch, gtzan, instrument_set, uiowa
from labs_lib.datasets.locate import DataNotFound, find
from labs_lib.datasets.recordings import Recordings, copy_of, visible_files
from labs_lib.datasets.registry import data_sets


def _sound(kind: str, seed: int = 0) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, 0.1 * np.random.default_rng(seed).standard_normal(500), 22_050, format=kind)
    return buffer.getvalue()


WAV, AU, AIFF = _sound("WAV"), _sound("AU"), _sound("AIFF")


def _fill(folder: Path, **files: bytes) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _reasons(recordings: Recordings) -> dict[str, str]:
    return {item.path.name: item.reason for item in recordings.skipped}


@pytest.mark.parametrize(
    ("name", "original"),
    [
        ("1-100-A-0 (1).wav", "1-100-A-0.wav"),
        ("1-100-A-0(2).wav", "1-100-A-0.wav"),
        ("blues.00000 - Copy.au", "blues.00000.au"),
        ("blues.00000 - Copy (2).au", "blues.00000.au"),
        ("blues.00000 copy.wav", "blues.00000.wav"),
        ("blues.00000 - Kopie.wav", "blues.00000.wav"),
        ("Horn.ff .C4B4.aiff", ""),
        ("copy.wav", ""),
    ],
)
def test_a_copy_is_known_by_its_name(name: str, original: str) -> None:
    assert copy_of(Path(name)) == original


def test_esc50_reads_upper_case_endings_and_names_the_rest(tmp_path: Path) -> None:
    names = [
        "1-100-A-0.WAV",
        "2-200-A-9.wav",
        "2-200-A-9 (1).wav",
        "2-200-A-9.Wav",
        "3-300-A-1.mp3",
        "x.part",
    ]
    _fill(
        tmp_path / "ESC-50-master" / "audio",
        **dict.fromkeys([*names, "Thumbs.db", ".DS_Store", "._a.wav"], WAV),
    )
    clips = esc50.load(tmp_path)
    if len(visible_files(tmp_path / "ESC-50-master" / "audio")) < len(names):
        pytest.skip("this disk does not tell upper and lower case apart")
    assert [path.name for path in clips.paths] == ["1-100-A-0.WAV", "2-200-A-9.Wav"]
    assert clips.labels.tolist() == [0, 9]
    reasons = _reasons(clips)
    assert reasons.keys() == {"2-200-A-9 (1).wav", "2-200-A-9.wav", "3-300-A-1.mp3", "x.part"}
    assert reasons["2-200-A-9 (1).wav"] == "is a copy of 2-200-A-9.wav by its name"
    assert reasons["2-200-A-9.wav"] == "is the clip of 2-200-A-9.Wav once more"
    assert "is not a clip of ESC-50" in reasons["3-300-A-1.mp3"]
    assert "Left out: " in clips.provenance
    assert "x.part" in clips.provenance


def test_a_folder_with_upper_case_endings_alone_is_found(tmp_path: Path) -> None:
    _fill(tmp_path / "ESC-50-master" / "audio", **{"1-100-A-0.WAV": WAV})
    _fill(tmp_path / "genres" / "blues", **{"blues.00000.WAV": WAV})
    _fill(tmp_path / "uiowa", **{"FLUTE.VIB.FF.A4.AIF": AIFF})
    assert [len(module.load(tmp_path)) for module in (esc50, gtzan, uiowa)] == [1, 1, 1]


def test_a_track_in_two_formats_counts_once(tmp_path: Path) -> None:
    both = {"blues.00000.au": AU, "blues.00000.wav": WAV, "blues.00001.au": AU, "blues.00001.wav": b"broken"}
    _fill(
        tmp_path / "genres" / "blues",
        **both,
        **{"blues.00002.au": AU, "rock.00003.wav": WAV, "input.mf": b"list"},
    )
    tracks = gtzan.load(tmp_path)
    assert [path.name for path in tracks.paths] == ["blues.00000.wav", "blues.00001.au", "blues.00002.au"]
    assert tracks.groups["number"].tolist() == [0, 1, 2]
    reasons = _reasons(tracks)
    assert reasons["blues.00000.au"] == "is the track of blues.00000.wav once more"
    assert "cannot be opened as sound" in reasons["blues.00001.wav"]
    assert reasons["rock.00003.wav"] == "is named as a track of rock and lies in the folder of blues"
    assert reasons["input.mf"] == "has a name that is none of a track"


def test_a_recording_counts_once_whatever_its_copies_are_called(tmp_path: Path) -> None:
    _fill(
        tmp_path / "uiowa",
        **{
            "Flute.vib.ff.A4.aif": AIFF,
            "Flute.vib.ff.A4.aiff": AIFF,
            "Flute.vib.ff.A4 (1).aif": AIFF,
            "Flute.vib.ff.A4.wav": WAV,
            "backup/flute.vib.ff.a4.AIF": AIFF,
            "Tuba.ff.C3.AIFF": AIFF,
            "song.wav": WAV,
        },
    )
    recordings = uiowa.load(tmp_path)
    assert [path.name for path in recordings.paths] == ["Flute.vib.ff.A4.aif", "Tuba.ff.C3.AIFF"]
    assert _reasons(recordings) == {
        "Flute.vib.ff.A4.aiff": "is the recording of Flute.vib.ff.A4.aif once more",
        "Flute.vib.ff.A4 (1).aif": "is a copy of Flute.vib.ff.A4.aif by its name",
        "Flute.vib.ff.A4.wav": "is no AIFF file (.wav)",
        "flute.vib.ff.a4.AIF": "is the recording of Flute.vib.ff.A4.aif once more",
    }


def test_many_files_that_are_left_out_are_counted(tmp_path: Path) -> None:
    _fill(
        tmp_path / "ESC-50" / "audio", **{"1-100-A-0.wav": WAV}, **{f"note {k}.txt": b"" for k in range(30)}
    )
    clips = esc50.load(tmp_path)
    assert len(clips.skipped) == 30
    assert clips.provenance.endswith(", and 23 more.")


LAYOUTS = [
    ("esc50", "ESC-50-master/audio/1-100-A-0.wav"),
    ("esc50", "ESC-50-main/audio/1-100-A-0.wav"),
    ("esc50", "ESC-50-33c8ce9eb2cf0b1c2f8bcf322eb349b6be34dbb6/audio/1-100-A-0.wav"),
    ("esc50", "ESC-50-master/ESC-50-master/audio/1-100-A-0.wav"),
    ("esc50", "esc50/ESC-50/audio/1-100-A-0.wav"),
    ("gtzan", "genres/blues/blues.00000.wav"),
    ("gtzan", "genres/genres/blues/blues.00000.au"),
    ("gtzan", "Data/genres_original/blues/blues.00000.wav"),
    ("gtzan", "archive/Data/genres_original/blues/blues.00000.wav"),
    ("gtzan", "gtzan/genres/blues/blues.00000.wav"),
    ("uiowa", "uiowa/Flute.vib.ff.A4.aif"),
    ("uiowa", "MIS/Woodwinds/flute/Flute.vib.ff.A4.aiff"),
]


@pytest.mark.parametrize(("name", "file"), LAYOUTS)
def test_the_environment_takes_the_layouts_of_data_home(
    name: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))
    neighbours = {other: path for other, path in LAYOUTS if other != name}  # one of each of the other sets
    _fill(tmp_path / "home", **dict.fromkeys([file, *neighbours.values()], WAV))
    data_set = data_sets()[name]
    named = find(data_set, tmp_path / "home")
    monkeypatch.setenv("LABS_DATA", str(tmp_path / "home"))
    assert find(data_set) == named._replace(origin="$LABS_DATA")
    assert named.folder in (tmp_path / "home" / file).parents
    for other in neighbours:
        assert find(data_sets()[other]) is not None


def test_the_published_arrays_are_found_through_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in ("train", "test"):
        np.save(tmp_path / f"uiowa_{part}_data.npy", np.zeros((4, 120)))
        np.save(tmp_path / f"uiowa_{part}_labels.npy", np.arange(4))
    monkeypatch.setenv("LABS_DATA", str(tmp_path))
    assert instrument_set.load().train.name == "UIowa, published features, training"
    with pytest.raises(DataNotFound):
        instrument_set.load(tmp_path / "nowhere")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are text there")
def test_folders_and_files_with_names_that_are_no_utf8(tmp_path: Path) -> None:
    home = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    odd = os.fsdecode(b"caf\xe9.wav")
    _fill(home / "ESC-50" / "audio", **{"1-100-A-0.wav": WAV, odd: WAV})
    _fill(home / "genres" / "blues", **{"blues.00000.wav": WAV, odd: WAV, "blues.00001.wav": b"broken"})
    _fill(home / "uiowa", **{"Flute.vib.ff.A4.aif": AIFF, os.fsdecode(b"caf\xe9.aif"): AIFF})
    for module in (esc50, gtzan, uiowa):
        recordings = module.load(home)
        assert len(recordings) == 1
        assert r"caf\xe9." in recordings.provenance
        for text in (recordings.provenance, *_reasons(recordings).values()):
            text.encode("utf-8")


@pytest.mark.parametrize(
    ("folder", "hint"),
    [
        (
            "ESC-50-master",
            r"ZIP file of a branch.* \(its folder is ESC-50-master\): unpack it and name .*data_home",
        ),
        ("ESC-50-main", "ZIP file of a branch"),
        ("ESC-50-33c8ce9", "another packing"),
        ("Data", r"another packing \(its folder is Data\)"),
        ("", r"a ZIP file without ESC-50-master/audio"),
    ],
)
def test_another_archive_is_told_what_it_is_and_which_is_meant(
    folder: str, hint: str, tmp_path: Path
) -> None:
    path = tmp_path / "master.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(f"{folder}/audio/1-100-A-0.wav" if folder else "notes.txt", WAV)
    data_set = replace(data_sets()["esc50"], name="esc50-of-this-test")
    with pytest.raises(DataNotFound, match=rf"(?s)master\.zip is not the archive .*{hint}.*codeload\.github"):
        fetch.get(data_set, path)
    path.write_bytes(b"no archive")
    with pytest.raises(DataNotFound, match="another file, or one that is damaged"):
        fetch.get(data_set, path)


BASES = [
    "1-100-A-0", "2-200-A-9", "3-300-B-10", "9-1-A-0", "blues.00000", "blues.00001", "rock.00000", "blues.1",
    "Flute.vib.ff.A4", "Tuba.ff.C3D3", "Bass.arco.ff.sulC.C1B1", "notes", ".hidden", "._blues.00000",
]  # fmt: skip
DECORATIONS = ["", " (1)", "(2)", " - Copy", " copy", ".part"]
ENDINGS = [".wav", ".WAV", ".au", ".AU", ".aif", ".aiff", ".AIFF", ".mp3", ".txt", ""]
CONTENTS = [WAV, AU, AIFF, b"", b"<html>", WAV[:100]]
FILE = st.tuples(
    *map(st.sampled_from, (BASES, DECORATIONS, ENDINGS, CONTENTS, [True, True, True, True, False]))
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(FILE, max_size=12, unique_by=lambda file: file[:3]), st.sampled_from(["esc50", "gtzan", "uiowa"])
)
def test_every_file_is_used_once_or_named_with_its_reason(files: list, name: str) -> None:
    folders = {"esc50": "ESC-50/audio", "gtzan": "genres/blues", "uiowa": "uiowa/flute"}
    module = {"esc50": esc50, "gtzan": gtzan, "uiowa": uiowa}[name]
    home = Path(tempfile.mkdtemp())
    try:
        folder = home / folders[name]
        folder.mkdir(parents=True)
        for base, decoration, ending, content, is_file in files:
            path = folder / f"{base}{decoration}{ending}"
            if is_file:
                path.write_bytes(content)
            else:
                path.symlink_to(home / "nowhere")
        try:
            recordings = module.load(home)
        except DataNotFound:
            return
        _hold(name, recordings, visible_files(folder))
    finally:
        shutil.rmtree(home)


def _hold(name: str, recordings: Recordings, files: list[Path]) -> None:
    used, named = list(recordings.paths), [item.path for item in recordings.skipped]
    assert len(set(used) | set(named)) == len(used) + len(named), "each file once"
    assert all(item.reason for item in recordings.skipped)
    keys = [path.stem.lower() for path in used]
    assert len(set(keys)) == len(keys), "no recording twice"
    assert len(recordings.labels) == len(used)
    rest = set(files) - set(used) - set(named)
    if name == "gtzan":
        assert not rest
    elif name == "esc50":  # clips of the other forty classes
        assert all(esc50.parse_name(path.name).target > 9 for path in rest)
    else:  # of what is no AIFF file only that which is named as a recording
        assert not any(uiowa.is_aiff(path) for path in rest)
