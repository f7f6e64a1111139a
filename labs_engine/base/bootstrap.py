"""Prepare a foreign environment for the labs: install what is missing, replace nothing.

Colab and similar services come with a TensorFlow and a NumPy that fit their machines. If a notebook lets pip resolve
the course's requirements, pip may replace them, which takes minutes and makes a restart of the kernel necessary. So
the first cell of each notebook installs the course alone and calls `install_missing`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement


class MissingPackages(RuntimeError):
    """What the labs need could not be installed; the message says what and what to do."""


def install_missing(distribution: str) -> list[str]:
    """Install the packages that a distribution needs and that are not installed at all.

    Every installed package keeps its version. One that is older or newer than the versions that the labs are tested
    with is named in a printed line and left as it is.

    Args:
        distribution: The distribution, which is installed already, but without its requirements.

    Returns:
        What was installed, as requirements.

    Raises:
        MissingPackages: pip could not install it, for example because there is no network.
    """
    wanted = needed(distribution)
    missing = [requirement for requirement in wanted if _version(requirement.name) is None]
    if missing:
        names = [str(requirement) for requirement in missing]
        print("Installing:", ", ".join(names), flush=True)
        _pip_install(names)
    for requirement in wanted:
        version = _version(requirement.name)
        if version is not None and not requirement.specifier.contains(version, prereleases=True):
            print(f"The labs are tested with {requirement}; here is {version}. It is left as it is.")
    return [str(requirement) for requirement in missing]


def needed(distribution: str) -> list[Requirement]:
    """Return what a distribution needs in this environment, without its extras."""
    from packaging.requirements import Requirement

    requirements = [Requirement(text) for text in metadata.requires(distribution) or ()]
    return [r for r in requirements if r.marker is None or r.marker.evaluate({"extra": ""})]


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _pip_install(requirements: Sequence[str]) -> None:
    """Install requirements without changing the version of any installed package."""
    held = {d.name: d.version for d in metadata.distributions() if d.name and d.version}
    with tempfile.TemporaryDirectory(prefix="labs-") as folder:
        constraints = Path(folder) / "held.txt"
        constraints.write_text("".join(f"{n}=={v}\n" for n, v in sorted(held.items())), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run(
            [*command, "--constraint", str(constraints), *requirements], capture_output=True, text=True
        )
    if done.returncode:
        raise MissingPackages(
            f"could not install {', '.join(requirements)} beside what is here. pip says:\n"
            f"{done.stderr.strip()[-2000:]}\n"
            "Without a network nothing can be installed; with one, start a new runtime and run this cell again."
        )
