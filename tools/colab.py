"""Execute labs as Colab does: one .ipynb, other versions of the packages, no labs_lib.

    python tools/colab.py [--python python3.12] [--versions tools/colab-versions.txt] [--labs 01 05]

Makes an environment with the given versions (fetched from the package index), puts a single notebook and a
wheel of labs_lib into an empty folder, executes the notebook there, and verifies that every package that was
there keeps its version. Prints what was installed and how long each lab took; exits with 1 if anything failed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=900, kernel_name="python3").execute()
print("".join(o.get("text", "") for o in notebook.cells[1].outputs), end="")
"""


def main() -> None:
    """Make the environment, execute the labs, compare the versions."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default="python3.12", help="interpreter of Colab's version")
    parser.add_argument("--versions", type=Path, default=ROOT / "tools" / "colab-versions.txt")
    parser.add_argument("--labs", nargs="*", default=["01"], help="their numbers; all without a number")
    parser.add_argument("--solutions", action="store_true", help="execute the worked solutions instead")
    options = parser.parse_args()
    labs = options.labs or sorted(path.name[:2] for path in ROOT.glob("notebooks/[0-9]*.ipynb"))
    with tempfile.TemporaryDirectory(prefix="labs-colab-") as folder:
        python = make_environment(Path(folder), options.python, options.versions)
        wheel = build_wheel(Path(folder))
        failed = [not run_lab(lab, python, wheel, Path(folder), options.solutions) for lab in labs]
    sys.exit(any(failed))


def make_environment(folder: Path, interpreter: str, versions: Path) -> Path:
    """Return the Python of a new environment with the given versions and without labs_lib."""
    subprocess.run([interpreter, "-m", "venv", folder / "env"], check=True)
    python = folder / "env" / "bin" / "python"
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
    subprocess.run([*uv, "-r", str(versions)], check=True)
    return python


def build_wheel(folder: Path) -> Path:
    """Return a wheel of labs_lib as it is now."""
    code = "import sys, hatchling.build as b; b.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("labs_lib-*.whl"))


def run_lab(lab: str, python: Path, wheel: Path, folder: Path, solutions: bool) -> bool:
    """Execute one lab from an empty folder; return whether it ran and changed no version."""
    (notebook,) = (ROOT / ("solutions" if solutions else "notebooks")).glob(f"{lab}_*.ipynb")
    work = folder / "content"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    shutil.copy(notebook, work)
    shutil.copy(wheel, work)
    variables = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    variables["LABS_CACHE"] = str(folder / "cache")
    before, start = installed(python), time.perf_counter()
    done = subprocess.run(
        [python, "-c", EXECUTE, notebook.name], cwd=work, capture_output=True, text=True, env=variables
    )
    seconds, after = time.perf_counter() - start, installed(python)
    changed = {name: (v, after.get(name)) for name, v in before.items() if after.get(name) != v}
    new = sorted(f"{name} {after[name]}" for name in set(after) - set(before))
    print(f"{notebook.stem}: {'ran' if done.returncode == 0 else 'FAILED'} in {seconds:.0f} s")
    print(f"  added: {', '.join(new) or 'nothing'}; changed: {changed or 'nothing'}")
    for line in done.stdout.splitlines():
        print(f"  first cell: {line}")
    if done.returncode:
        print(done.stderr.strip()[-3000:])
    return done.returncode == 0 and not changed


def installed(python: Path) -> dict[str, str]:
    """Return the versions in an environment."""
    uv = [sys.executable, "-m", "uv", "pip", "list", "--quiet", "--format", "json", "--python", str(python)]
    listed = subprocess.run(uv, check=True, capture_output=True, text=True)
    return {package["name"]: package["version"] for package in json.loads(listed.stdout)}


if __name__ == "__main__":
    main()
