"""Where recordings are looked for, and how a stand-in is told from the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs_lib.datasets.locate import DataNotFound, find, find_or_synthesise
from labs_lib.datasets.registry import data_sets
from labs_lib.datasets.standin.corpus import mark

ESC50 = data_sets()["esc50"]


def _real(home: Path, below: str = "ESC-50-master") -> Path:
    audio = home / below / "audio"
    audio.mkdir(parents=True)
    (audio / "1-100-A-0.wav").write_bytes(b"sound")
    return audio.parent


def _never() -> Path:
    raise AssertionError("nothing is to be synthesised")


@pytest.fixture(autouse=True)
def _empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LABS_DATA", raising=False)


def test_the_folder_named_comes_before_the_environment_and_a_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloaded = _real(tmp_path / "cache" / "data" / "esc50")
    assert find(ESC50) == (downloaded, "download", False)
    in_environment = _real(tmp_path / "environment")
    monkeypatch.setenv("LABS_DATA", str(tmp_path / "environment"))
    assert find(ESC50) == (in_environment, "$LABS_DATA", False)
    named = _real(tmp_path / "named")
    assert find(ESC50, tmp_path / "named") == (named, "data_home", False)


@pytest.mark.parametrize("below", ["ESC-50-master", "ESC-50", ".", "esc50/ESC-50-master", "esc50"])
def test_common_layouts_are_found(below: str, tmp_path: Path) -> None:
    folder = _real(tmp_path, below)
    assert find(ESC50, tmp_path).folder.resolve() == folder.resolve()


def test_an_environment_without_the_set_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABS_DATA", str(tmp_path))
    assert find(ESC50) is None
    assert find_or_synthesise(ESC50, None, "auto", lambda: tmp_path) == (tmp_path, "stand-in", True)


def test_a_named_folder_without_the_set_is_an_error(tmp_path: Path) -> None:
    for source in ("auto", "real"):
        with pytest.raises(
            DataNotFound, match="holds no such data set; expected a folder with ESC-50-master"
        ):
            find_or_synthesise(ESC50, tmp_path, source, _never)
        with pytest.raises(DataNotFound, match="does not exist"):
            find_or_synthesise(ESC50, tmp_path / "nowhere", source, _never)


def test_a_stand_in_is_known_wherever_it_lies_and_never_passes_for_real(tmp_path: Path) -> None:
    mark(_real(tmp_path))
    assert find(ESC50, tmp_path).standin
    assert find_or_synthesise(ESC50, tmp_path, "auto", _never).standin
    with pytest.raises(DataNotFound, match=r"holds stand-ins: set data_home to .*labs data get esc50"):
        find_or_synthesise(ESC50, tmp_path, "real", _never)


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(ValueError, match="source='fake': expected one of 'auto', 'real', 'standin'"):
        find_or_synthesise(ESC50, None, "fake", _never)


def test_leftovers_of_macos_are_no_data_set(tmp_path: Path) -> None:
    folder = tmp_path / "genres" / "blues"
    folder.mkdir(parents=True)
    (folder / "._blues.00000.wav").write_bytes(b"left by an archive")
    assert find(data_sets()["gtzan"]) is None


def test_every_set_is_described_in_the_readme_of_the_data_folder() -> None:
    text = (Path(__file__).parents[2] / "data" / "README.md").read_text(encoding="utf-8")
    for data_set in data_sets().values():
        assert data_set.title in text
        assert data_set.example in text
        assert data_set.archive is not None or data_set.manual
        if data_set.archive:
            algorithm, _, digest = data_set.archive.hash.partition(":")
            assert (algorithm, len(digest)) == ("sha256", 64)
            assert all(url.startswith("https://") for url in data_set.archive.urls)
