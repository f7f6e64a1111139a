"""`labs lab` as its user meets it, without a browser: tests/browser opens it in one."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import psutil
import pytest
import tiny_lib
from lab_browser import end, lab_server, user_environment

from labs_engine.build.project import find_project
from labs_engine.declare.course import all_labs
from labs_engine.frontend import launch

PROJECT = find_project(Path(tiny_lib.__file__))
LABS = [str(Path(sys.executable).with_name("labs"))]


def labs(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*LABS, "lab", "--no-browser", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "COLUMNS": "200", **environment},
    )


@pytest.fixture
def course(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT.notebooks, tmp_path / "course" / "notebooks", ignore=shutil.ignore_patterns(".*"))
    return tmp_path / "course"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["77"], "unknown lab '77'; there are: 01_ramp"),
        (["--port", "0"], "0 is not in the range 1<=x<=65535"),
        (["--port", "many"], "'many' is not a valid integer"),
        (["01", "02"], "unexpected extra argument"),
    ],
)
def test_a_wrong_call_is_refused(arguments: list[str], message: str, course: Path) -> None:
    done = labs(*arguments, cwd=course)
    assert done.returncode != 0
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_outside_a_course_it_says_where_to_go(tmp_path: Path) -> None:
    done = labs(cwd=tmp_path)
    assert done.returncode == 1
    assert "no course found" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_page_that_is_not_there_is_named(course: Path) -> None:
    (course / "notebooks" / "README.md").unlink()
    done = labs(cwd=course)
    assert done.returncode == 1
    assert f"{Path('notebooks', 'README.md')} is missing: restore it" in done.stderr


def test_a_port_that_is_taken_is_said_before_anything_starts(course: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = labs("--port", str(port), cwd=course)
    assert done.returncode == 1
    assert f"port {port} is taken, perhaps by another JupyterLab: choose another one" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    for module, name in (("jupyterlab", "JupyterLab"), ("jupyterlab_jupytext", "jupytext")):
        monkeypatch.setattr(
            importlib.util, "find_spec", lambda wanted, m=module: None if wanted == m else found(wanted)
        )
        with pytest.raises(launch.CannotStart, match=f"{name} is not installed .* `make install`"):
            launch.check_installed()


@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl-C reaches a console, not a process")
def test_it_serves_the_lab_offline_in_pairs_and_ctrl_c_ends_it_with_its_kernels(
    course: Path, tmp_path: Path
) -> None:
    environment = user_environment(tmp_path / "home")
    with lab_server(LABS, course / "notebooks", environment, ["02"]) as (address, process):
        parts = urlsplit(address)
        assert parts.path == "/lab/tree/02_sums.ipynb"

        def ask(path: str, body: dict | None = None) -> str:
            request = urllib.request.Request(
                f"{parts.scheme}://{parts.netloc}{path}",
                data=None if body is None else json.dumps(body).encode(),
                headers={"Authorization": f"token {parts.query.removeprefix('token=')}"},
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read().decode()

        page = ask("/lab")
        assert '"news": {"disabled": true}' in page
        assert '"name": "read-only"' in page
        viewers = ask("/lab/api/settings/@jupyterlab/docmanager-extension:plugin")
        assert '"markdown": "Markdown Preview"' in viewers
        # Only jupytext's contents manager reads a script as a notebook.
        script = json.loads(ask("/api/contents/02_sums.py?type=notebook"))
        assert script["content"]["metadata"]["jupytext"]["formats"] == "ipynb,py:percent"
        kernel = json.loads(ask("/api/kernels", {"name": "python3"}))
        assert kernel["name"] == "python3"
        family = psutil.Process(process.pid).children(recursive=True)
        assert family
        assert end(process) == [], "Ctrl-C ends it"
        assert process.returncode == 0
        assert not any(one.is_running() for one in family), "the kernels end with it"
    assert not list((tmp_path / "home" / "jupyter_runtime_dir").glob("jpserver-*")), "nothing is left behind"


def test_a_notebook_that_was_changed_elsewhere_can_be_opened(course: Path, tmp_path: Path) -> None:
    path = course / "notebooks" / "01_ramp.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].source = "seed = 5"
    nbformat.write(notebook, path)
    script = path.with_suffix(".py")
    os.utime(script, (path.stat().st_mtime - 60,) * 2)
    with socket.socket() as other:
        # A port that is taken ends the command where the server would start.
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = labs("--port", str(other.getsockname()[1]), cwd=course)
    assert f"{script.name} was written anew from it" in " ".join(done.stdout.split())
    assert "\nseed = 5\n" in script.read_text(encoding="utf-8")


def test_the_table_of_contents_links_to_every_lab() -> None:
    text = (PROJECT.notebooks / "README.md").read_text(encoding="utf-8")
    for lab in all_labs():
        assert f"[{lab.title}]({lab.name}.ipynb)" in text
        assert (PROJECT.notebooks / f"{lab.name}.ipynb").is_file()
