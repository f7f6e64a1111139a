"""The package is light: heavy libraries arrive when they are first used."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import labs_lib

HEAVY = ("tensorflow", "keras", "librosa", "matplotlib", "sklearn", "scipy", "pandas")
FOLDER = Path(labs_lib.__file__).parent

# Ground floor first; an import goes down, never up.
FLOORS = [
    {"bootstrap"},
    {"progress", "storage", "chance"},
    {"parallel"},
    {"audio"},
    {"features"},
    {"datasets", "backprop", "descent"},
    {"models", "augment"},
    {"programs"},
    {"training", "callbacks", "tracking"},
    {"sweeps", "study"},
    {"genre_study"},
    {"evaluation"},
    {"explain", "classify"},
    {"plots"},
    {"exercises"},
    {"authoring"},
    {"frontend"},
    {"runs"},
    {"grading"},
    {"site"},
    {"cli"},
]


def _loaded_after(code: str) -> set[str]:
    command = f"import sys; {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import labs_lib",
        "import labs_lib.exercises.registry as r; r.all_labs()",
        "import labs_lib.cli",
        "from labs_lib.exercises.session import open_lab; open_lab('01', {})",
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


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda p: p.relative_to(FOLDER).as_posix())
def test_imports_go_down(path: Path) -> None:
    room = path.relative_to(FOLDER).parts[0].removesuffix(".py")
    if room == "__init__":
        return
    height = next(number for number, floor in enumerate(FLOORS) if room in floor)
    for imported in _own_imports(ast.parse(path.read_text(encoding="utf-8"))):
        below = next(number for number, floor in enumerate(FLOORS) if imported in floor)
        assert below < height or imported == room, f"{room} imports {imported}"


def _own_imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "labs_lib":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("labs_lib."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("labs_lib.")}
    return found - {"__version__"}
