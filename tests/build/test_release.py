"""The students' bundle."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from labs_engine.build.project import find_project
from labs_engine.build.release import make_bundle
from labs_engine.declare.course import all_labs

PROJECT = find_project(Path(__file__))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("release") / "bundle"
    make_bundle(PROJECT, out)
    return out


def test_it_holds_every_notebook_and_no_solution(bundle: Path) -> None:
    names = {path.name for path in bundle.rglob("*")}
    assert {f"{lab.name}.ipynb" for lab in all_labs()} <= names
    assert (bundle / "notebooks" / "README.md").is_file(), "the table of contents, which `labs lab` opens"
    assert not [name for name in names if "solution" in name]
    for path in bundle.rglob("*"):
        if path.suffix in (".py", ".ipynb", ".md"):
            assert "BEGIN SOLUTION" not in path.read_text(encoding="utf-8"), path


def test_its_wheel_holds_the_package_and_nothing_hidden(bundle: Path) -> None:
    (wheel,) = bundle.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "labs_lib/labs/lab01/__init__.py" in names
    assert "labs_engine/build/project.py" in names, "`.gitignore` passes over build/ at the top alone"
    assert "labs_engine/run/templates/index.html.j2" in names
    assert "labs_engine/frontend/config/labconfig/default_setting_overrides.json" in names
    assert all(name.startswith(("labs_engine/", "labs_lib/", "labs_lib-")) for name in names)


def test_its_wheel_works_from_elsewhere(bundle: Path, tmp_path: Path) -> None:
    (wheel,) = bundle.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); import labs_lib, labs_engine.cli.app; "
        "from labs_engine.declare.course import all_labs; print(labs_lib.__file__, len(all_labs()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=bundle, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(str(tmp_path))
    assert done.stdout.split()[-1] == str(len(all_labs()))


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="not an empty folder"):
        make_bundle(PROJECT, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
