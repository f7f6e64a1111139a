"""Downloads that fail in every way: nothing wrong ever has its final name, and the next call succeeds."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tarfile
import textwrap
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from faulty_server import FaultyServer, serve

from labs_engine.base import storage
from labs_lib.datasets import download as download_module
from labs_lib.datasets import esc50, fetch
from labs_lib.datasets.download import DownloadError
from labs_lib.datasets.locate import DataNotFound, download_folder, find
from labs_lib.datasets.registry import Archive, DataSet, data_sets

NAMES = [f"{fold}-{100 + target}-A-{target}.wav" for fold in range(1, 6) for target in range(10)]


def _wav(seed: int) -> bytes:
    buffer = io.BytesIO()
    noise = 0.1 * np.random.default_rng(seed).standard_normal(4000)
    soundfile.write(buffer, noise, 44_100, format="WAV")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def packed() -> bytes:
    """A small archive in the form of the real one: its top folder carries the name of a commit."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for seed, name in enumerate(NAMES):
            archive.writestr(f"ESC-50-33c8ce9/audio/{name}", _wav(seed))
        archive.writestr("ESC-50-33c8ce9/meta/esc50.csv", "filename,fold\n")
    return buffer.getvalue()


@pytest.fixture
def server(packed: bytes) -> Iterator[FaultyServer]:
    with serve(packed) as running:
        yield running


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(download_module, "STALL_SECONDS", 0.4)
    return tmp_path / "cache"


def _set(server: FaultyServer, *paths: str, size: bool = True) -> DataSet:
    archive = Archive(
        file="ESC-50.zip",
        urls=[path if path.startswith("http") else f"{server.url}/{path}" for path in paths],
        hash=f"sha256:{hashlib.sha256(server.body).hexdigest()}",
        checked=True,
        size=len(server.body) if size else None,
    )
    return replace(data_sets()["esc50"], archive=archive)


def _nothing_wrong(cache: Path) -> None:
    """What has a final name is whole; anything else is called a part."""
    folder = cache / "data" / "esc50"
    if folder.exists():
        assert not fetch.damaged_files(folder)
        assert len(list(folder.glob("ESC-50-master/audio/*.wav"))) == len(NAMES)


def _start(asked: str) -> int:
    return int(asked.removeprefix("bytes=").rstrip("-"))


def _refused() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/nobody"


def test_a_set_is_downloaded_unpacked_and_found_by_its_loader(server: FaultyServer, cache: Path) -> None:
    folder = fetch.get(_set(server, "good"))
    assert folder == cache / "data" / "esc50" / "ESC-50-master"
    clips = esc50.load(source="real")
    assert len(clips) == 50
    assert not clips.standin
    assert "50 of the 400 clips" in clips.provenance
    manifest = json.loads((folder.parent / fetch.MANIFEST).read_text())
    assert len(manifest) == 51
    assert sorted(path.name for path in folder.parent.iterdir()) == ["ESC-50-master", "manifest.json"]
    assert not list((cache / "data").glob("*.part"))


def test_what_is_there_is_not_downloaded_again(server: FaultyServer) -> None:
    for _ in range(2):
        fetch.get(_set(server, "good"))
    assert len(server.requests) == 1


def test_a_damaged_member_is_noticed_and_fetched_anew(server: FaultyServer, cache: Path) -> None:
    folder = fetch.get(_set(server, "good"))
    broken = folder / "audio" / NAMES[3]
    broken.write_bytes(broken.read_bytes()[:-1] + b"?")
    (folder / "audio" / NAMES[4]).unlink()
    found, read, problems = fetch.verify(_set(server, "good"))
    assert found.origin == "download"
    assert read == 49
    assert [(problem.path.name, problem.reason) for problem in problems] == [
        (NAMES[3], "differs from what was unpacked"),
        (NAMES[4], "is missing"),
    ]
    fetch.get(_set(server, "good"))
    _nothing_wrong(cache)
    assert fetch.verify(_set(server, "good"))[1:] == (50, [])


@pytest.mark.parametrize("first", ["missing", "wrong", "page", "short", "short-unknown", "stall", "refused"])
@pytest.mark.parametrize("size", [True, False], ids=["size known", "size unknown"])
def test_a_mirror_that_fails_is_followed_by_the_next(
    first: str, size: bool, server: FaultyServer, cache: Path
) -> None:
    bad = _refused() if first == "refused" else first
    fetch.get(_set(server, bad, "good", size=size))
    _nothing_wrong(cache)
    assert server.seen("/good"), "the second mirror was asked"


REASONS = {
    "missing": "it answers 404",
    "wrong": "its hash differs",
    "page": "its hash differs|broke off after 37 of",
    "short": "broke off",
    "short-unknown": "broke off after|its hash differs",
    "stall": r"nothing arrived for 0\.4 s",
    "refused": "no connection",
}


@pytest.mark.parametrize("fault", REASONS)
def test_without_a_good_mirror_each_ones_fault_is_named_and_the_next_call_succeeds(
    fault: str, server: FaultyServer, cache: Path
) -> None:
    bad = _refused() if fault == "refused" else fault
    with pytest.raises(DownloadError, match=f"(?s)could not be downloaded.*{REASONS[fault]}.*call again"):
        fetch.get(_set(server, bad))
    assert find(data_sets()["esc50"]) is None
    assert not (cache / "data" / "esc50").exists()
    fetch.get(_set(server, "good"))
    _nothing_wrong(cache)


def test_a_cut_download_goes_on_where_it_stopped(server: FaultyServer, cache: Path) -> None:
    fetch.get(_set(server, "once-cut"))
    first, second = server.seen("/once-cut")
    assert first is None
    assert _start(second) > len(server.body) // 2 - 2**16, "all but the last, broken block is kept"
    _nothing_wrong(cache)


def test_a_stalled_download_goes_on_at_the_next_call(server: FaultyServer, cache: Path) -> None:
    with pytest.raises(DownloadError):
        fetch.get(_set(server, "stall"))
    fetch.get(_set(server, "good"))
    (asked,) = server.seen("/good")
    assert _start(asked) >= len(server.body) // 2
    _nothing_wrong(cache)


@pytest.mark.parametrize("left", [b"something else entirely", bytes(10_000_000)], ids=["shorter", "longer"])
@pytest.mark.parametrize("way", ["good", "no-ranges"])
def test_a_wrong_beginning_is_given_up(left: bytes, way: str, server: FaultyServer, cache: Path) -> None:
    archive = cache / "data" / ".esc50.part" / "archive"
    archive.mkdir(parents=True)
    (archive / "ESC-50.zip.part").write_bytes(left)
    fetch.get(_set(server, way))
    _nothing_wrong(cache)


def test_an_archive_at_hand_is_taken_and_kept(server: FaultyServer, tmp_path: Path, cache: Path) -> None:
    mine = tmp_path / "mine.zip"
    mine.write_bytes(server.body)
    fetch.get(_set(server, "missing"), mine)
    _nothing_wrong(cache)
    assert mine.read_bytes() == server.body
    assert not server.requests
    mine.write_bytes(server.body[:-10])
    with pytest.raises(DataNotFound, match="is not the archive that the course knows"):
        fetch.get(replace(_set(server, "missing"), name="other"), mine)


def test_a_tape_archive_is_unpacked_and_kept_inside_its_folder(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tape:
        for number in range(2):
            member = tarfile.TarInfo(f"genres/blues/blues.{number:05d}.wav")
            content = _wav(number)
            member.size = len(content)
            tape.addfile(member, io.BytesIO(content))
    with serve(buffer.getvalue()) as server:
        gtzan = replace(_set(server, "good"), name="gtzan", folders=["genres"], holds=["*/*.wav"])
        assert fetch.get(gtzan).name == "genres"
    evil = io.BytesIO()
    with tarfile.open(fileobj=evil, mode="w:gz") as tape:
        member = tarfile.TarInfo("../../outside.wav")
        tape.addfile(member, io.BytesIO(b""))
    with serve(evil.getvalue()) as server, pytest.raises(DownloadError, match="cannot be unpacked"):
        fetch.get(replace(_set(server, "good"), name="evil"))
    assert not list(tmp_path.rglob("outside.wav"))


def test_an_archive_of_something_else_is_refused(server: FaultyServer, cache: Path) -> None:
    other = replace(_set(server, "good"), holds=["sounds/*.wav"])
    with pytest.raises(DownloadError, match="holds no ESC-50-master/audio"):
        fetch.get(other)
    assert not (cache / "data" / "esc50").exists()


def test_a_set_without_an_archive_says_how_it_is_had() -> None:
    with pytest.raises(DataNotFound, match=r"no archive: fetch the recordings .* data_home or LABS_DATA"):
        fetch.get(data_sets()["uiowa"])


def test_too_little_room_is_said_before_anything_is_fetched(server: FaultyServer) -> None:
    huge = _set(server, "good")
    huge = replace(huge, archive=replace(huge.archive, size=10**16))
    with pytest.raises(storage.StorageError, match=r"needs about .* MB for a while"):
        fetch.get(huge)
    assert not server.requests


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB: too small for the archive."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs Linux and its root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_fills_up_is_an_error_and_leaves_nothing_wrong(
    server: FaultyServer, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABS_CACHE", str(small_disk))
    with pytest.raises(storage.StorageError, match=r"no space is left .* set LABS_CACHE to another folder"):
        fetch.get(_set(server, "good", size=False))
    assert not (small_disk / "data" / "esc50").exists()
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    fetch.get(_set(server, "good", size=False))
    _nothing_wrong(small_disk)


def test_a_read_only_cache_is_read_and_a_missing_set_is_an_error(
    server: FaultyServer, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    monkeypatch.setenv("LABS_CACHE", str(small_disk))
    fetch.get(_set(server, "good"))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert fetch.get(_set(server, "good")).is_dir()
    assert len(esc50.load(source="real")) == 50
    with pytest.raises(storage.StorageError, match="cannot be written to"):
        fetch.get(replace(_set(server, "good"), name="another"))


SCRIPT = textwrap.dedent(
    """
    import signal, sys
    from dataclasses import replace
    from labs_lib.datasets import fetch
    from labs_lib.datasets.registry import Archive, data_sets

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job may have started us without
    url, digest, size = sys.argv[1:]
    archive = Archive("ESC-50.zip", [url], digest, True, int(size))
    print("ready", flush=True)
    print(fetch.get(replace(data_sets()["esc50"], archive=archive)), flush=True)
    """
)


def _process(server: FaultyServer, path: str) -> subprocess.Popen:
    archive = _set(server, path).archive
    command = [sys.executable, "-c", SCRIPT, archive.urls[0], archive.hash, str(archive.size)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)


def test_killed_at_any_moment_the_next_call_succeeds(server: FaultyServer, cache: Path) -> None:
    chance = random.Random(1)
    for path in ("slow", "slow", "slow", "good", "good", "good"):
        process = _process(server, path)
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 0.5 if path == "slow" else 0.1))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        _nothing_wrong(cache)
    assert any(server.seen("/slow")), "a later call went on with what an earlier one had left"
    out, _ = _process(server, "good").communicate(timeout=60)
    assert out.rstrip().endswith("ESC-50-master")
    _nothing_wrong(cache)
    assert not list((cache / "data").glob(".*.part"))


def test_killed_while_it_unpacks_the_next_call_succeeds(
    server: FaultyServer, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = _process(server, "slow")
    unpacked = cache / "data" / ".esc50.part" / "content"
    deadline = time.monotonic() + 30
    while not list(unpacked.rglob("*.wav")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    process.kill()
    process.communicate()
    _nothing_wrong(cache)
    fetch.get(_set(server, "missing"))  # the archive was complete: nothing is asked of the server
    _nothing_wrong(cache)


def test_two_processes_download_once(server: FaultyServer, cache: Path) -> None:
    both = [_process(server, "slow") for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert all(out.rstrip().endswith("ESC-50-master") for out in outputs)
    assert len(server.requests) == 1
    _nothing_wrong(cache)


def test_ctrl_c_keeps_what_has_arrived(server: FaultyServer, cache: Path) -> None:
    process = _process(server, "slow")
    part = download_folder(data_sets()["esc50"]).parent / ".esc50.part" / "archive" / "ESC-50.zip.part"
    deadline = time.monotonic() + 30
    while not (part.is_file() and part.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert part.stat().st_size > 0
    fetch.get(_set(server, "good"))
    assert server.seen("/good")[0].startswith("bytes=")
    _nothing_wrong(cache)
