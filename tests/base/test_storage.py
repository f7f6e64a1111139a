"""Files and folders that are whole or not there."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from labs_engine.base import storage


def test_a_folder_appears_when_it_is_filled(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "set"
    with storage.new_folder(folder) as part:
        (part / "a").write_text("a")
        assert not folder.exists()
    assert (folder / "a").read_text() == "a"
    with storage.new_folder(folder) as part:
        assert part is None, "it is there already"


def _fill(path: Path, then: BaseException) -> None:
    path.write_text("a")
    raise then


def test_what_fails_leaves_nothing_under_the_name_and_nothing_beside_it(tmp_path: Path) -> None:
    folder, file = tmp_path / "set", tmp_path / "file"
    with pytest.raises(KeyboardInterrupt), storage.new_folder(folder) as part:
        _fill(part / "a", KeyboardInterrupt())
    with pytest.raises(RuntimeError), storage.new_file(file) as part:
        _fill(part, RuntimeError())
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".lock"]


def test_resumed_work_finds_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    with pytest.raises(RuntimeError), storage.new_folder(folder, resume=True) as part:
        _fill(part / "a", RuntimeError())
    with storage.new_folder(folder, resume=True) as part:
        assert (part / "a").read_text() == "a"
        (part / "b").write_text("b")
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    with storage.new_file(file) as part:
        part.write_text("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"


def test_a_discarded_folder_is_gone(tmp_path: Path) -> None:
    (tmp_path / "set" / "deep").mkdir(parents=True)
    storage.discard(tmp_path / "set")
    storage.discard(tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_a_lock_keeps_processes_apart(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from labs_engine.base import storage
        path = Path(sys.argv[1])
        for _ in range(20):
            with storage.locked(path):
                lines = path.read_text() if path.exists() else ""
                path.write_text(lines + "x")
        """
    )
    command = [sys.executable, "-c", script, str(tmp_path / "count")]
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert (tmp_path / "count").read_text() == "x" * 60


def test_the_lock_of_a_killed_process_is_free_and_its_leftovers_go(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from labs_engine.base import storage
        with storage.new_folder(Path(sys.argv[1])) as part:
            (part / "half").write_text("half")
            print("ready", flush=True)
            time.sleep(60)
        """
    )
    folder = tmp_path / "set"
    process = subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not folder.exists()
    with storage.new_folder(folder) as part:
        assert not list(part.iterdir())
    assert folder.is_dir()


@pytest.mark.parametrize(
    ("number", "message"),
    [(28, "no space is left"), (30, "cannot be written to"), (13, "cannot be written to")],
)
def test_errors_of_the_disk_say_what_to_do(number: int, message: str, tmp_path: Path) -> None:
    expected = pytest.raises(storage.StorageError, match=rf"{message}.*set LABS_CACHE to another folder")
    with expected, storage.new_folder(tmp_path / "set"):
        raise OSError(number, "as the system says")
    with pytest.raises(FileNotFoundError), storage.explained(tmp_path):
        raise FileNotFoundError("another error stays what it is")


def test_the_digest_of_code_changes_with_the_code() -> None:
    assert storage.code_digest([storage]) == storage.code_digest([storage])
    assert storage.code_digest([storage]) != storage.code_digest([textwrap])
