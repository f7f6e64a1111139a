"""Write requirements.txt and requirements-dev.txt: every package pinned, with hashes.

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
LOCKS = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")
HEADER = """\
# {what}, pinned, with hashes.
# Written by `make lock` from pyproject.toml; do not edit.
"""


def main() -> None:
    """Resolve both files; the second holds only what the first does not. `--upgrade` takes the newest versions."""
    purposes = read_purposes((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    core = compile_lock(["--extra", "course"])
    write(
        "requirements.txt",
        HEADER.format(what="Everything that a student and CI install"),
        annotate(core, purposes),
    )
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "core.txt"
        constraints.write_text(re.sub(r" \\\n(    --hash=\S+( \\\n)?)+", "", core), encoding="utf-8")
        everything = compile_lock(["--extra", "course", "--extra", "dev", "-c", str(constraints)])
    known = {name for name, _ in blocks(core)}
    extra = "".join(text for name, text in blocks(everything) if name not in known)
    write(
        "requirements-dev.txt",
        HEADER.format(what="What developers and CI install on top of requirements.txt"),
        annotate(extra, purposes),
    )


def read_purposes(pyproject: str) -> dict[str, str]:
    """Return the comment behind each dependency, by name."""
    found = re.findall(
        r'^\s*"([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?[^"]*",\s*# (.+)$', pyproject, flags=re.MULTILINE
    )
    return {name.lower().replace("_", "-"): purpose.strip() for name, purpose in found}


def compile_lock(options: list[str]) -> str:
    """Return what uv pins for all supported Python versions and systems; what is pinned already stays so."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--universal", "--quiet"]
    flags = [
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--no-emit-index-url",
        "--no-emit-find-links",
    ]
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "requirements.txt"
        if "--upgrade" not in sys.argv[1:]:
            # uv prefers the versions that it finds in the file that it writes.
            lock.write_text("".join(path.read_text(encoding="utf-8") for path in LOCKS if path.exists()))
        done = subprocess.run(
            [*command, *flags, *options, "--output-file", str(lock)], cwd=ROOT, capture_output=True, text=True
        )
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
