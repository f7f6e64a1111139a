"""What features cost as the number of clips grows: time and memory.

    python benchmarks/features_scale.py [--data-home DIR] [--clips 10 100 1000 10000]

Clips of ESC-50 (real ones with --data-home or $LABS_DATA, else stand-ins) to mel power, each number in a process of
its own with an empty cache; where there are fewer clips than asked for, they are taken again as copies under other
names. Memory is the most that the process itself takes (anonymous pages: the result lies in a file that is mapped),
above what it took before the first clip. The second call maps what the first one kept.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from labs_engine.run.watching import PeakMemory


def own_megabytes() -> float:
    """Return the memory of this process that is not a mapped file, in MB."""
    (kilobytes,) = re.findall(r"RssAnon:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(kilobytes) / 1000


def measure(data_home: str | None, count: int, folder: Path) -> None:
    """Print the row of one number of clips."""
    os.environ["LABS_CACHE"] = str(folder / "cache")
    from labs_lib import features
    from labs_lib.datasets import esc50

    known = esc50.load(data_home).paths
    paths = []
    for number in range(count):
        copy = folder / f"{number:05d}.wav"
        shutil.copyfile(known[number % len(known)], copy)
        paths.append(copy)
    features.clips_mel_power(known[:1], 22_050, progress=False)
    before = own_megabytes()
    with PeakMemory(own_megabytes, every=0.005) as memory:
        start = time.perf_counter()
        features.clips_mel_power(paths, 22_050, progress=False)
        seconds = time.perf_counter() - start
    start = time.perf_counter()
    features.clips_mel_power(paths, 22_050, progress=False)
    again = time.perf_counter() - start
    print(
        f"| {count} | {seconds:.2f} s | {1000 * seconds / count:.2f} ms | {memory.peak - before:.0f} MB "
        f"| {1000 * again:.0f} ms |",
        flush=True,
    )


def main() -> None:
    """Measure each number in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-home", default=os.environ.get("LABS_DATA"))
    parser.add_argument("--clips", type=int, nargs="*", default=[10, 100, 1000, 10_000])
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        measure(options.data_home, options.clips[0], Path(options.folder))
        return
    print("| clips | first call | each | memory | second call |\n|---|---|---|---|---|", flush=True)
    for count in options.clips:
        with tempfile.TemporaryDirectory(prefix="labs-benchmark-") as folder:
            command = [sys.executable, __file__, "--clips", str(count), "--folder", folder]
            command += ["--data-home", options.data_home] if options.data_home else []
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
