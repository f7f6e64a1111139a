"""The notebooks' first cell in an environment that is not ours: it adds what is missing and replaces nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from types import MappingProxyType

import packaging
import pytest

from labs_engine.base import bootstrap
from labs_engine.build.derive import read_source
from labs_engine.build.project import Published, find_project
from labs_engine.declare.course import find_lab

PROJECT = find_project(Path(__file__))


def make_wheel(
    folder: Path,
    name: str,
    version: str,
    needs: tuple[str, ...] = (),
    files: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Write a wheel with a module of its name, further files, and requirements."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    needed = "".join(f"Requires-Dist: {requirement}\n" for requirement in needs)
    contents = {
        f"{name}/__init__.py": f"version = {version!r}\n",
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n{needed}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    contents[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*contents, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in contents.items():
            wheel.writestr(file, text)
    return path


class Environment:
    """A virtual environment with some packages, and a folder of wheels in place of the network."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder / "env", with_pip=True)
        self.python = folder / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.shelf, self.work = folder / "shelf", folder / "work"
        self.shelf.mkdir()
        self.work.mkdir()
        here = tuple(
            make_wheel(folder, name, version)
            for name, version in (("tensorthing", "2.19"), ("numberthing", "2.0"))
        )
        self._pip(*map(str, here))
        # packaging itself is in every such environment.
        site = next((folder / "env").rglob("site-packages"))
        for source in (Path(packaging.__file__).parent, Path(metadata.distribution("packaging")._path)):  # type: ignore[attr-defined]
            (site / source.name).symlink_to(source)
        make_wheel(self.shelf, "tensorthing", "2.21")
        make_wheel(self.shelf, "numberthing", "2.5")
        make_wheel(self.shelf, "mapthing", "1.1", ("numberthing>=1", "deepthing"))
        make_wheel(self.shelf, "deepthing", "0.3")
        make_wheel(self.shelf, "greedything", "1.0", ("numberthing>=2.4",))

    def _pip(self, *arguments: str) -> None:
        command = [self.python, "-m", "pip", "install", "--quiet", "--no-index", *arguments]
        subprocess.run(command, check=True)

    def course(self, *needs: str) -> None:
        """Put a course's wheel that needs some packages beside the notebook."""
        for old in self.work.glob("*.whl"):
            old.unlink()
        command = [
            self.python,
            "-m",
            "pip",
            "uninstall",
            "--quiet",
            "--yes",
            "labs-lib",
            "mapthing",
            "deepthing",
        ]
        subprocess.run(command, check=True, capture_output=True)
        source = Path(bootstrap.__file__).read_text(encoding="utf-8")
        engine = {"labs_engine/__init__.py": "", "labs_engine/base/__init__.py": ""}
        files = {**engine, "labs_engine/base/bootstrap.py": source}
        make_wheel(self.work, "labs_lib", "9.9", needs, files)

    def run(self, code: str) -> subprocess.CompletedProcess[str]:
        """Run a cell as the notebook's kernel would; pip finds the shelf and no network."""
        variables = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.shelf)}
        variables.pop("PYTHONPATH", None)
        return subprocess.run(
            [self.python, "-c", code], cwd=self.work, env=variables, capture_output=True, text=True
        )

    def versions(self) -> dict[str, str]:
        """Return what is installed."""
        listed = subprocess.run(
            [self.python, "-m", "pip", "list", "--format", "json"], check=True, capture_output=True, text=True
        )
        return {package["name"]: package["version"] for package in json.loads(listed.stdout)}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("colab"))


def _first_cell(repository: str = "", branch: str = "main") -> str:
    lab = find_lab("01")
    text = PROJECT.source(lab).read_text(encoding="utf-8")
    return read_source(text, lab, Published(repository, branch)).cells[1].source


def test_what_is_missing_comes_and_what_is_there_stays(environment: Environment) -> None:
    environment.course(
        "numberthing>=2.0", "mapthing>=1", 'tensorthing>=2.19; python_version >= "3"', 'x; extra == "y"'
    )
    done = environment.run(_first_cell())
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Installing: mapthing>=1\n"
    found = environment.versions()
    assert found["mapthing"] == "1.1"
    assert found["deepthing"] == "0.3"
    assert (found["numberthing"], found["tensorthing"]) == ("2.0", "2.19")
    assert found["labs-lib"] == "9.9"
    again = environment.run(_first_cell())
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_an_untested_version_is_named_and_left(environment: Environment) -> None:
    environment.course("tensorthing>=2.20,<2.22", "numberthing")
    done = environment.run(_first_cell())
    assert done.returncode == 0, done.stderr
    assert "tested with tensorthing<2.22,>=2.20; here is 2.19. It is left as it is." in done.stdout
    assert environment.versions()["tensorthing"] == "2.19"


def test_what_would_replace_a_package_is_refused(environment: Environment) -> None:
    environment.course("greedything")
    done = environment.run(_first_cell())
    assert done.returncode != 0
    assert "MissingPackages: could not install greedything beside what is here" in done.stderr
    found = environment.versions()
    assert "greedything" not in found
    assert found["numberthing"] == "2.0"


def test_without_a_network_it_says_so(environment: Environment) -> None:
    environment.course("nowherething")
    done = environment.run(_first_cell())
    assert "could not install nowherething" in done.stderr
    assert "Without a network nothing can be installed" in done.stderr


def test_without_a_source_it_says_where_to_look(environment: Environment) -> None:
    environment.course()
    next(environment.work.glob("*.whl")).unlink()
    done = environment.run(_first_cell())
    assert "see the course's README" in done.stderr
    done = environment.run(
        _first_cell("someone/course", "autumn").replace("git+https://github.com", "git+file:///nowhere")
    )
    assert "git+file:///nowhere/someone/course@autumn could not be installed" in done.stderr


def test_where_the_course_is_installed_nothing_happens() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _first_cell()], capture_output=True, text=True, cwd=PROJECT.root
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_notebook_needs_only_what_the_teaching_side_imports() -> None:
    """The operating side's packages are an extra: Colab would install JupyterLab otherwise."""
    names = {requirement.name for requirement in bootstrap.needed("labs-lib")}
    assert {"numpy", "tensorflow", "tf-keras-vis"} <= names
    assert not {"jupyterlab", "papermill", "nbval", "jupytext", "click", "hatchling"} & names
