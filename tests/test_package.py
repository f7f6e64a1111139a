"""The package is light: heavy libraries arrive when they are first used."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import labs_lib

HEAVY = ("tensorflow", "keras", "librosa", "matplotlib", "sklearn", "scipy", "pandas")
ROOT = Path(labs_lib.__file__).parent.parent


def _loaded_after(code: str) -> set[str]:
    command = f"import sys; {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import labs_lib",
        "import labs_engine",
        "import labs_engine.declare.course as r; r.all_labs()",
        "import labs_engine.cli",
        "import labs_lib; labs_lib.open_lab('01', {})",
    ],
)
def test_heavy_libraries_are_not_imported_early(code: str) -> None:
    assert not _loaded_after(code) & set(HEAVY)


def test_figures_do_not_bring_sound_or_networks() -> None:
    assert not _loaded_after("import labs_lib.plots") & {"librosa", "tensorflow"}


def test_submodules_arrive_at_first_use() -> None:
    assert "labs_lib.models" in _loaded_after("import labs_lib; labs_lib.models.mlp")
    assert set(labs_lib.__all__) <= set(dir(labs_lib))
    with pytest.raises(AttributeError, match="no attribute 'modles'"):
        _ = labs_lib.modles


def test_imports_go_one_way() -> None:
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or "lint-imports"
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_no_file_of_tests_is_left_out(request: pytest.FixtureRequest) -> None:
    if request.config.option.keyword or not {"tests", str(ROOT / "tests")} & set(request.config.args):
        pytest.skip("not all tests were asked for")
    files = {path for path in (ROOT / "tests").rglob("test_*.py") if "tiny_course" not in path.parts}
    optional = {path for path in files if "importorskip" in path.read_text(encoding="utf-8")}
    assert files - optional - {item.path for item in request.session.items} == set()
