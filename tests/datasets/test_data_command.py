"""`labs data` as its user meets it: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from labs_lib.datasets import esc50, uiowa


def labs(*arguments: object, **environment: str) -> subprocess.CompletedProcess:
    command = [str(Path(sys.executable).with_name("labs")), "data", *map(str, arguments)]
    env = {**os.environ, "COLUMNS": "160", "http_proxy": "", "https_proxy": "", **environment}
    return subprocess.run(command, capture_output=True, text=True, env=env)


def _clip(home: Path, name: str) -> Path:
    path = home / "ESC-50-master" / "audio" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.1 * np.random.default_rng(len(name)).standard_normal(44_100), 44_100)
    return path


def test_status_says_what_is_here_and_what_is_not(tmp_path: Path) -> None:
    _clip(tmp_path, "1-100-A-0.wav")
    done = labs("status", LABS_DATA=str(tmp_path), LABS_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert "real ($LABS_DATA)" in lines["esc50"]
    assert "stand-in only" in lines["gtzan"]
    assert "stand-in only" in lines["uiowa"]
    assert not (tmp_path / "cache").exists(), "a look changes nothing"


def test_verify_names_what_is_broken_and_says_so_by_its_exit_status(tmp_path: Path) -> None:
    _clip(tmp_path, "1-100-A-0.wav")
    broken = _clip(tmp_path, "2-134049-A-6.wav")
    _clip(tmp_path, "3-134049-A-1.wav")
    cache = str(tmp_path / "cache")
    done = labs("verify", "esc50", "--data-home", tmp_path, LABS_CACHE=cache)
    assert done.returncode == 0, done.stderr
    assert "3 files read" in done.stdout
    assert "recording 134049 lie in two folds" in done.stdout
    broken.write_bytes(broken.read_bytes()[:1000])
    done = labs("verify", "esc50", "--data-home", tmp_path, LABS_CACHE=cache)
    assert done.returncode == 1
    assert "2-134049-A-6.wav is cut off" in done.stdout
    assert "1 files are damaged or missing: copy or unpack them again" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("verify", "uiowa"), "is not here: name its folder with --data-home or LABS_DATA"),
        (("verify", "esc50", "--data-home", "nowhere"), "data_home=nowhere does not exist"),
        (("get", "uiowa"), "comes as no archive: fetch the recordings"),
        (("get", "esc50", "--archive", "missing.zip"), "no archive at missing.zip"),
        (("get", "esc51"), "'esc51' is not one of 'esc50', 'gtzan', 'uiowa'"),
        (("standin", "x", "--scale", "0"), "0 is not in the range"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    done = labs(*arguments, LABS_CACHE=str(tmp_path))
    assert done.returncode != 0
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_without_a_network_get_says_so_and_what_to_do(tmp_path: Path) -> None:
    # A proxy at a port where nobody listens: whatever the machine, nothing is reached.
    done = labs("get", "esc50", LABS_CACHE=str(tmp_path), https_proxy="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "could not be downloaded" in done.stderr
    assert "no connection" in done.stderr
    assert "call again" in done.stderr
    assert "has not been tried in a download" in " ".join(done.stdout.split())


def test_stand_ins_are_written_once_marked_and_read_back(tmp_path: Path) -> None:
    done = labs("standin", tmp_path / "all", "--set", "uiowa", "--seed", 3)
    assert done.returncode == 0, done.stderr
    recordings = uiowa.load(tmp_path / "all")
    assert recordings.standin
    assert "To use them: LABS_DATA=" in done.stdout
    again = labs("standin", tmp_path / "all", "--set", "uiowa")
    assert again.returncode == 1
    assert "is already there and was left as it is" in again.stderr


def test_a_stand_in_in_the_place_of_the_real_set_is_not_real(tmp_path: Path) -> None:
    clips = esc50.load(source="standin")
    copied = esc50.load(clips.paths[0].parents[2])
    assert copied.standin
