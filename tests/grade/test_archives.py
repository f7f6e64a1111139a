"""Archives of others: what is honest is unpacked, what is not leaves nothing behind."""

from __future__ import annotations

import errno
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from labs_engine.base.storage import StorageError
from labs_engine.grade import archives
from labs_engine.grade.archives import ArchiveError, unpack


def _zip(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def _refused(archive: Path, folder: Path, message: str) -> None:
    before = set(folder.rglob("*"))
    with pytest.raises(ArchiveError, match=message):
        unpack(archive, folder / "inside")
    assert set(folder.rglob("*")) == before


def test_files_are_unpacked_with_their_folders(tmp_path: Path) -> None:
    archive = _zip(tmp_path / "a.zip", **{"Zoë 李_1_x/lab.ipynb": "one", "b.ipynb": "two", "empty/": ""})
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "old.ipynb").write_text("of a call before", encoding="utf-8")
    unpack(archive, tmp_path / "to")
    found = {p.relative_to(tmp_path / "to").as_posix(): p.read_text() for p in (tmp_path / "to").rglob("*.*")}
    assert found == {"Zoë 李_1_x/lab.ipynb": "one", "b.ipynb": "two"}


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "..\\x", "C:/x", "C:\\x"])
def test_a_path_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    _refused(_zip(tmp_path / "a.zip", **{"fine": "1", name: "2"}), tmp_path, "leads outside")


def test_a_link_is_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("link.ipynb")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    _refused(tmp_path / "a.zip", tmp_path, "a link or a device")


def test_a_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    _refused(_zip(tmp_path / "a.zip", bomb="0" * 50_000_000), tmp_path, "which no notebook does")


def test_a_size_that_lies_does_not_help_a_bomb(tmp_path: Path) -> None:
    archive = _zip(tmp_path / "a.zip", bomb="0" * 20_000_000)
    honest = struct.pack("<L", 20_000_000)
    archive.write_bytes(archive.read_bytes().replace(honest, struct.pack("<L", 10)))
    # Python itself stops at the declared size and finds the checksum wrong.
    _refused(archive, tmp_path, "cannot be unpacked: Bad CRC")


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_MOST_FILES", 3)
    _refused(
        _zip(tmp_path / "a.zip", **{str(n): "" for n in range(4)}), tmp_path, "holds 4 files, more than 3"
    )


def test_all_files_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_LARGEST_ALL", 1500)
    _refused(_zip(tmp_path / "a.zip", a="1" * 1000, b="2" * 1000), tmp_path, "'b' grows")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_path_twice_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.ipynb", "1")
        archive.writestr("a.ipynb", "2")
    _refused(tmp_path / "a.zip", tmp_path, "the same path twice")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK but no more")
    _refused(tmp_path / "a.zip", tmp_path, "File is not a zip file. Export it again")


def test_a_name_beyond_all_measure_is_refused(tmp_path: Path) -> None:
    _refused(_zip(tmp_path / "a.zip", **{"x" * 3000: "1"}), tmp_path, "too long")


def test_names_that_a_student_chose_do_not_keep_the_class_waiting(tmp_path: Path) -> None:
    long, deep = "Eve_9_x_" + "李" * 200 + ".ipynb", "Eve_9_x/" + "d/" * 40 + "lab.ipynb"
    files = ["Eve_9_x_e\u0301.ipynb", "Eve_9_x_\u00e9.ipynb", long, deep, "xy:", "Ada_1_x_lab.ipynb"]
    archive = _zip(tmp_path / "a.zip", **{name: str(number) for number, name in enumerate(files)})
    unpack(archive, tmp_path / "to")
    found = {path.read_text(): path for path in (tmp_path / "to").rglob("*") if path.is_file()}
    assert set(found) == set("012345")
    assert found["5"] == tmp_path / "to" / "Ada_1_x_lab.ipynb"
    assert found["2"].name.startswith("Eve_9_x_李")
    assert found["2"].suffix == ".ipynb"
    assert found["3"].relative_to(tmp_path / "to").parts[0] == "Eve_9_x"


def test_a_full_disk_is_no_fault_of_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives, "_unpack_one", full)
    with pytest.raises(StorageError, match="no space is left"):
        unpack(_zip(tmp_path / "a.zip", a="1"), tmp_path / "to")
    assert not (tmp_path / "to").exists()
