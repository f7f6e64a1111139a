"""Write requirements.txt, requirements-dev.txt and requirements-docs.txt: every package pinned, with hashes.

Run by `make lock`. The pins come from uv; the comment that stands behind each direct
dependency in pyproject.toml, its purpose, is copied to its pin.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = """\
# {what}, pinned, with hashes.
# Written by `make lock` from pyproject.toml; do not edit.
"""


# File, what it is for, extras that it and those above it are resolved with. Each holds only what those above do not.
FILES = [
    ("requirements.txt", "Everything that a student and CI install", ["course"]),
    ("requirements-dev.txt", "What developers and CI install on top of requirements.txt", ["course", "dev"]),
    (
        "requirements-docs.txt",
        "What the site is built with, on top of the other two",
        ["course", "dev", "docs"],
    ),
]

# Asked for by an extra of jsonschema, for the syntax of international addresses, which no schema here has. The
# package builds a grammar when it is imported: 1.7 s of every process that loads nbformat or Jupyter.
LEFT_OUT = ("rfc3987-syntax", "lark")


def main() -> None:
    """Resolve the files, each one with the pins of those above it; `--upgrade` takes the newest versions."""
    purposes = read_purposes((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pinned = ""
    for name, what, extras in FILES:
        extra = "".join(text for _, text in missing(compile_lock(extras, pinned), pinned))
        write(name, HEADER.format(what=what), annotate(extra, purposes))
        pinned += extra


def missing(lock: str, pinned: str) -> list[tuple[str, str]]:
    """Return the requirements of a lock that another one does not hold."""
    known = {head for head, _ in blocks(pinned)}
    return [(head, text) for head, text in blocks(lock) if head not in known]


def read_purposes(pyproject: str) -> dict[str, str]:
    """Return the comment behind each dependency, by name."""
    found = re.findall(
        r'^\s*"([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?[^"]*",\s*# (.+)$', pyproject, flags=re.MULTILINE
    )
    return {name.lower().replace("_", "-"): purpose.strip() for name, purpose in found}


def compile_lock(extras: list[str], pinned: str) -> str:
    """Return what uv pins for all supported Python versions and systems; what is pinned already stays so.

    Args:
        extras: Extras of pyproject.toml to resolve with the dependencies.
        pinned: Requirements whose versions hold.
    """
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--universal", "--quiet"]
    flags = [
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--no-emit-find-links",
        *(f"--extra={extra}" for extra in extras),
        *(f"--no-emit-package={name}" for name in LEFT_OUT),
    ]
    with tempfile.TemporaryDirectory() as folder:
        constraints, lock = Path(folder) / "pinned.txt", Path(folder) / "requirements.txt"
        constraints.write_text("".join(f"{head}\n" for head, _ in blocks(pinned)), encoding="utf-8")
        if "--upgrade" not in sys.argv[1:]:
            # uv prefers the versions that it finds in the file that it writes.
            known = [ROOT / name for name, _, _ in FILES if (ROOT / name).exists()]
            lock.write_text("".join(path.read_text(encoding="utf-8") for path in known), encoding="utf-8")
        command += [*flags, "--constraint", str(constraints), "--output-file", str(lock)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"uv could not resolve the dependencies:\n{done.stderr}")
        return lock.read_text(encoding="utf-8")


def blocks(lock: str) -> list[tuple[str, str]]:
    """Split a lock into its requirements: name with marker, and text with hashes."""
    found = re.findall(r"^([A-Za-z0-9_.-]+==[^\n]*?) \\\n((?:    --hash=\S+(?: \\)?\n)+)", lock, re.MULTILINE)
    return [(head, f"{head} \\\n{hashes}") for head, hashes in found]


def annotate(lock: str, purposes: dict[str, str]) -> str:
    """Put the purpose of each direct dependency above its pin."""
    lines = []
    for head, text in blocks(lock):
        name = head.split("==")[0].lower().replace("_", "-")
        if name in purposes:
            lines.append(f"# {purposes[name]}\n")
        lines.append(text)
    return "".join(lines)


def write(name: str, header: str, text: str) -> None:
    """Write a lock file and say how many packages it pins."""
    (ROOT / name).write_text(f"{header}\n{text}", encoding="utf-8", newline="\n")
    print(f"{name}: {len(blocks(text))} packages")


if __name__ == "__main__":
    main()
