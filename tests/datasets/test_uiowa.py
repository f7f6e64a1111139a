"""UIowa: names that follow no rule, notes of scales, features, published arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from labs_lib.datasets import uiowa
from labs_lib.datasets.locate import DataNotFound

NAMES = {
    "SopSax.Vib.pp.C6Eb6.aiff": ("Soprano saxophone", "pp", True, None, None, 84, 87),
    "sopsax.nonvib.ff.Ab3.stereo.aif": ("Soprano saxophone", "ff", False, None, None, 56, 56),
    "Flute.nonvib.mf.C4B4.aiff": ("Flute", "mf", False, None, None, 60, 71),
    "Flute.vib.ff.A4.stereo.aif": ("Flute", "ff", True, None, None, 69, 69),
    "AltoFlute.NoVib.pp.G3B3.aiff": ("Alto flute", "pp", False, None, None, 55, 59),
    "BbClarinet.ff.D4.stereo.aif": ("B flat clarinet", "ff", None, None, None, 62, 62),
    "BbClar.mf.D3B3.aiff": ("B flat clarinet", "mf", None, None, None, 50, 59),
    "BassClarinet.pp.C2B2.aiff": ("Bass clarinet", "pp", None, None, None, 36, 47),
    "Bass.arco.ff.sulC.C1B1.aiff": ("Double bass", "ff", None, "arco", "C", 24, 35),
    "Bass Trombone.ff.Bb1B1.aif": ("Bass trombone", "ff", None, None, None, 34, 35),
    "Viola.arco.sulA.ff.C5B5.aiff": ("Viola", "ff", None, "arco", "A", 72, 83),
    "Viola.arco.ff.sulG.stereo.aif": ("Viola", "ff", None, "arco", "G", None, None),
    "Cello.pizz.pp.sulD.D3B3.aiff": ("Cello", "pp", None, "pizz", "D", 50, 59),
    "Horn.ff .C4B4.aiff": ("Horn", "ff", None, None, None, 60, 71),
    "Trumpet.novib.mf.Db4B4.aiff": ("Trumpet", "mf", False, None, None, 61, 71),
    "Tuba.mf.C1B1.aiff": ("Tuba", "mf", None, None, None, 24, 35),
    "Violin_arco_ff_sulE_E5.aif": ("Violin", "ff", None, "arco", "E", 76, 76),
    "Marimba.yarn.ff.Db2.stereo.aif": ("Marimba", "ff", None, None, None, 37, 37),
    "Piano.ff.C#4.AIFF": ("Piano", "ff", None, None, None, 61, 61),
}


@pytest.mark.parametrize("name", NAMES)
def test_irregular_names_are_parsed_word_by_word(name: str) -> None:
    assert uiowa.parse_name(name) == NAMES[name]


@pytest.mark.parametrize("name", ["kazoo.ff.C4.aif", "C4B4.aiff", ".aiff", "index.aiff"])
def test_a_name_without_an_instrument_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="begins with no known instrument"):
        uiowa.parse_name(name)


def _scale(path: Path, notes: list[int], seconds: float = 0.5) -> None:
    rate = 44_100
    time = np.arange(round(seconds * rate)) / rate
    parts = [np.zeros(rate // 2)]
    for midi in notes:
        tone = np.sin(2 * np.pi * 440 * 2 ** ((midi - 69) / 12) * time)
        parts += [0.3 * tone * np.minimum(1, np.minimum(time, time[-1] - time) / 0.02), np.zeros(rate // 2)]
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.concatenate(parts), rate, subtype="PCM_24", format="AIFF")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "MIS"
    _scale(home / "Woodwinds" / "flute" / "Flute.nonvib.mf.C4Eb4.aiff", [60, 61, 62, 63])
    _scale(home / "Brass" / "Tuba.mf.C3D3.aiff", [48, 50])  # promises three notes
    _scale(home / "Tuba.ff.C3.stereo.aif", [48])
    (home / "._Tuba.ff.C3.stereo.aif").write_bytes(b"left by an archive")
    (home / "readme.aiff").write_text("not a recording")
    return tmp_path


def test_recordings_are_found_in_folders_and_strangers_are_named(folder: Path) -> None:
    recordings = uiowa.load(folder)
    assert [path.name for path in recordings.paths] == [
        "Flute.nonvib.mf.C4Eb4.aiff",
        "Tuba.ff.C3.stereo.aif",
        "Tuba.mf.C3D3.aiff",
    ]
    assert recordings.class_names == ["Flute", "Tuba"]
    assert recordings.labels.tolist() == [0, 1, 1]
    assert [item.path.name for item in recordings.skipped] == ["readme.aiff"]


def test_each_note_becomes_a_row_with_its_recording_and_pitch(folder: Path) -> None:
    notes = uiowa.notes(uiowa.load(folder))
    assert notes.x.shape == (7, 120)
    assert notes.labels.tolist() == [0] * 4 + [1] * 3
    assert notes.groups["recording"].tolist() == [0, 0, 0, 0, 1, 2, 2]
    assert notes.groups["note"].tolist() == list(range(7))
    # The name of the last promises three notes and it holds two: which they are is not known.
    assert notes.groups["pitch"].tolist() == [60, 61, 62, 63, 48, -1, -1]


def test_excerpts_know_their_note(folder: Path) -> None:
    excerpts = uiowa.notes(uiowa.load(folder), seconds=0.2, step=0.1)
    assert len(excerpts) > 14
    assert np.unique(excerpts.groups["note"]).tolist() == list(range(7))
    assert excerpts.groups["pitch"][excerpts.groups["note"] == 2].tolist() == [62] * np.sum(
        excerpts.groups["note"] == 2
    )


def test_files_that_are_broken_or_silent_are_named(folder: Path) -> None:
    (folder / "MIS" / "Oboe.ff.C4.aif").write_bytes(b"<html>Not found</html>")
    soundfile.write(folder / "MIS" / "Horn.ff.C4.aif", np.zeros(44_100), 44_100, format="AIFF")
    notes = uiowa.notes(uiowa.load(folder))
    reasons = {item.path.name: item.reason for item in notes.skipped}
    assert "an HTML page" in reasons["Oboe.ff.C4.aif"]
    assert reasons["Horn.ff.C4.aif"] == "holds no note"
    assert len(notes) == 7


def _arrays(folder: Path, **changes: np.ndarray) -> Path:
    rng = np.random.default_rng(0)
    arrays = {
        "uiowa_train_data": rng.random((30, 120)),
        "uiowa_train_labels": np.arange(30.0) % 10,
        "uiowa_test_data": rng.random((10, 120)),
        "uiowa_test_labels": np.arange(10.0),
    } | changes
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    return folder


@pytest.mark.parametrize("below", [".", "instrument_dataset"])
def test_published_arrays_are_read(below: str, tmp_path: Path) -> None:
    assert not uiowa.has_arrays(tmp_path)
    _arrays(tmp_path / below)
    assert uiowa.has_arrays(tmp_path)
    train, test = uiowa.load_arrays(tmp_path)
    assert train.x.shape == (30, 120)
    assert train.x.dtype == np.float32
    assert test.labels.tolist() == list(range(10))
    assert len(train.class_names) == 10
    assert not train.standin


def test_arrays_that_are_missing_damaged_or_do_not_fit_are_errors(tmp_path: Path) -> None:
    with pytest.raises(DataNotFound, match=r"lacks uiowa_train_data\.npy"):
        uiowa.load_arrays(tmp_path)
    _arrays(tmp_path, uiowa_test_labels=np.arange(9.0))
    with pytest.raises(ValueError, match=r"data of shape \(10, 120\) and labels of shape \(9,\) for test"):
        uiowa.load_arrays(tmp_path)
    _arrays(tmp_path, uiowa_test_labels=np.array([{"evil": 1}] * 10, dtype=object))
    with pytest.raises(ValueError, match=r"uiowa_test_labels\.npy cannot be read"):
        uiowa.load_arrays(tmp_path)


def test_the_same_loader_reads_the_stand_in() -> None:
    recordings = uiowa.load(source="standin", files_per_class=2)
    assert recordings.standin
    assert len(recordings.class_names) == 10
    assert not recordings.skipped
    notes = uiowa.notes(recordings)
    assert not notes.skipped
    assert (notes.groups["pitch"] > 0).mean() > 0.95, "segmentation finds the notes that the names promise"


def test_the_real_recordings(real_data: Path) -> None:
    recordings = uiowa.load(real_data)
    assert len(recordings) == 46
    assert recordings.class_names == ["B flat clarinet", "Flute", "Oboe", "Trumpet", "Tuba"]
    notes = uiowa.notes(recordings)
    assert notes.x.shape == (44 + 12 + 13, 120)
    assert np.isfinite(notes.x).all()
    assert (notes.groups["pitch"] > 0).all()
