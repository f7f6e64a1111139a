"""Getting a data set: downloaded, unpacked beside its place, verified, moved there whole."""

from __future__ import annotations

import json
import shutil
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePath

import pooch
import xxhash

from labs_engine.base import storage
from labs_engine.base.parallel import in_threads
from labs_engine.base.progress import track
from labs_lib import audio
from labs_lib.datasets.download import DownloadError, download
from labs_lib.datasets.locate import DataNotFound, Found, download_folder, find
from labs_lib.datasets.recordings import Skipped
from labs_lib.datasets.registry import Archive, DataSet

MANIFEST = "manifest.json"

_ROOM = 2.5  # archive and its content lie side by side for a while


def get(data_set: DataSet, archive_file: Path | None = None) -> Path:
    """Download and unpack a data set, or go on with a download that was stopped.

    Where it is already there, whole, nothing is done; where it is damaged, it is fetched anew.

    Args:
        data_set: What to get.
        archive_file: An archive that the user has, instead of a download; it is not changed.

    Returns:
        The folder of the data set, below the cache folder.

    Raises:
        DataNotFound: There is no archive to download, or the file given is not the archive.
        DownloadError: No mirror gave the right file, or it could not be unpacked.
        StorageError: No space, or no right to write there.
    """
    archive = data_set.archive
    if archive is None:
        raise DataNotFound(
            f"{data_set.title} comes as no archive: {data_set.manual}, and name the folder with data_home "
            "or LABS_DATA"
        )
    folder = download_folder(data_set)
    if folder.is_dir():
        if not damaged_files(folder):
            return _content(data_set, folder)
        storage.discard(folder)
    with storage.new_folder(folder, resume=True) as part:
        if part is not None:
            _check_room(archive, part)
            _fill(part, data_set, archive, archive_file)
    return _content(data_set, folder)


def damaged_files(folder: Path) -> list[Skipped]:
    """Compare a downloaded data set with the manifest that was written when it was unpacked.

    Returns:
        The files that are missing or differ; empty if all is well.
    """
    try:
        manifest: dict[str, str] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return [Skipped(folder / MANIFEST, "is missing or cannot be read")]
    digests = _digests([folder / name for name in manifest])
    return [
        Skipped(folder / name, "is missing" if found is None else "differs from what was unpacked")
        for (name, expected), found in zip(manifest.items(), digests, strict=True)
        if found != expected
    ]


def verify(data_set: DataSet, data_home: str | Path | None = None) -> tuple[Found, int, list[Skipped]]:
    """Read every sound file of a data set.

    Args:
        data_set: What to verify.
        data_home: The folder that the user named, or None.

    Returns:
        Where the data set is, the number of sound files that were read, and what is wrong with the others.

    Raises:
        DataNotFound: It is not there.
    """
    found = find(data_set, data_home)
    if found is None:
        raise DataNotFound(
            f"{data_set.title} is not here: name its folder with --data-home or LABS_DATA, or run "
            f"`labs data get {data_set.name}`"
        )
    problems = damaged_files(download_folder(data_set)) if found.origin == "download" else []
    paths = sorted(
        path
        for path in found.folder.rglob("*")
        if path.suffix.lower() in audio.SUFFIXES and not path.name.startswith("._")
    )
    reasons = list(in_threads(_unreadable, paths, "reading every file"))
    known = {problem.path for problem in problems}
    problems += [
        Skipped(path, why) for path, why in zip(paths, reasons, strict=True) if why and path not in known
    ]
    return found, len(paths) - sum(map(bool, reasons)), problems


def _fill(part: Path, data_set: DataSet, archive: Archive, archive_file: Path | None) -> None:
    packed = (
        _checked(archive_file, data_set, archive) if archive_file else download(archive, part / "archive")
    )
    for left in part.iterdir():  # by a stopped call: only its archive is of use
        if left.name != "archive":
            storage.remove(left)
    content = part / "content"
    content.mkdir()
    try:
        _unpack(packed, content)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise DownloadError(f"{packed.name} cannot be unpacked: {error}") from None
    _put_in_layout(data_set, content)
    files = sorted(path for path in content.rglob("*") if path.is_file())
    names = [path.relative_to(content).as_posix() for path in files]
    manifest = dict(zip(names, _digests(files), strict=True))
    for path in content.iterdir():
        path.replace(part / path.name)
    content.rmdir()
    shutil.rmtree(part / "archive", ignore_errors=True)
    (part / MANIFEST).write_text(json.dumps(manifest, indent=0), encoding="utf-8")


def _checked(path: Path, data_set: DataSet, archive: Archive) -> Path:
    if not path.is_file():
        raise DataNotFound(f"no archive at {path}")
    algorithm, _, digest = archive.hash.partition(":")
    if pooch.file_hash(path, alg=algorithm) != digest:
        raise DataNotFound(
            f"{path.name} is not the archive that the course knows (its {algorithm} differs)"
            + _what_it_is(path, data_set, archive)
        )
    return path


def _what_it_is(path: Path, data_set: DataSet, archive: Archive) -> str:
    """Say what another archive looks like, and what to do with it."""
    meant = f". The archive that is meant: {archive.urls[0]}"
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, OSError):
        return f": another file, or one that is damaged{meant}"
    top = names[0].partition("/")[0] if names else ""
    holds = any(PurePath(name).match(pattern) for name in names for pattern in data_set.holds)
    if not holds:
        return f": a ZIP file without {data_set.example}{meant}"
    kind = (
        "the ZIP file of a branch, which is packed anew with every change"
        if _of_branch(top)
        else "another packing"
    )
    return (
        f". It looks like {kind} (its folder is {top}): unpack it and name the folder with data_home{meant}"
    )


def _of_branch(folder: str) -> bool:
    return folder.endswith(("-master", "-main"))


def _unpack(packed: Path, folder: Path) -> None:
    if zipfile.is_zipfile(packed):
        with zipfile.ZipFile(packed) as archive:
            for member in track(archive.namelist(), "unpacking"):
                archive.extract(member, folder)
    else:
        with tarfile.open(packed) as tape:
            for entry in track(tape.getmembers(), "unpacking"):
                tape.extract(entry, folder, filter="data")


def _put_in_layout(data_set: DataSet, content: Path) -> None:
    """Give the folder of the recordings the name by which loaders know it."""
    if any(data_set.is_in(content / layout) for layout in data_set.folders):
        return
    for folder in (path for path in content.iterdir() if path.is_dir()):
        if data_set.is_in(folder):
            folder.replace(content / data_set.folders[0])
            return
    raise DownloadError(f"the archive of {data_set.title} holds no {data_set.example}")


def _content(data_set: DataSet, folder: Path) -> Path:
    return next(folder / layout for layout in data_set.folders if data_set.is_in(folder / layout))


def _check_room(archive: Archive, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if archive.size is not None and free < _ROOM * archive.size:
        raise storage.StorageError(
            f"{archive.file} needs about {_ROOM * archive.size / 1e6:,.0f} MB for a while, and {folder.parent} "
            f"has {free / 1e6:,.0f} MB; free some, or set LABS_CACHE to another folder"
        )


def _digests(paths: Sequence[Path]) -> list[str | None]:
    def digest(path: Path) -> str | None:
        try:
            return xxhash.xxh3_128_hexdigest(path.read_bytes())
        except OSError:
            return None

    return list(in_threads(digest, paths, "verifying"))


def _unreadable(path: Path) -> str:
    try:
        audio.load(path, None)
    except (audio.AudioError, OSError) as error:
        return str(error)
    return ""
