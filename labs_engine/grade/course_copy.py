"""The copy of the course that lies beside a submission: without the labs, and removed even after a killed grader."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from labs_engine.declare.course import course_packages

_PREFIX = "labs-grading-"  # of its copy of the course, with the grader's process number behind it
_COPY = re.compile(rf"{_PREFIX}(?:(?P<owner>\d+)-)?[a-z0-9_]{{8}}")
_A_DAY = 86400
# What of the engine is needed beside a submission. Its judges are of no use without the labs, which stay outside.
_ENGINE_INSIDE = {"__init__.py", "base", "declare", "session", "grade"}


@contextlib.contextmanager
def course_without_answers() -> Iterator[tuple[Path, Path]]:
    """Give copies of both packages, without the labs (they know the right answers) and without what runs the course."""
    _remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as folder, _held(folder):
        engine, helpers = (Path(folder) / package.name for package in course_packages())
        for source, target in zip(course_packages(), (engine, helpers), strict=True):
            shutil.copytree(source, target, ignore=_withheld)
        yield engine, helpers


@contextlib.contextmanager
def _held(folder: str) -> Iterator[None]:
    """Hold a folder as long as its grader lives: the kernel releases a lock when a process ends, however it ends."""
    import fcntl  # not on Windows, where there is no sandbox either

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _remove_abandoned() -> None:
    """Remove what this user's graders that were killed have left in the temporary folder."""
    for place in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's, or gone meanwhile
            if _is_abandoned(place):
                shutil.rmtree(place, ignore_errors=True)


def _is_abandoned(place: Path) -> bool:
    """Tell whether a folder is a grader's of this user, and the grader is gone.

    That is so if nobody holds it, and its process is gone. Process numbers are reused and earlier versions wrote
    none, so after a day it is enough that nobody holds it.
    """
    name, about = _COPY.fullmatch(place.name), place.lstat()
    if not name or about.st_uid != os.getuid() or not stat.S_ISDIR(about.st_mode):
        return False
    gone = name["owner"] is not None and not Path("/proc", name["owner"]).exists()
    return (gone or time.time() - about.st_mtime > _A_DAY) and not _is_held(place)


def _is_held(place: Path) -> bool:
    import fcntl

    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks: the number of the process says enough
        return False
    finally:
        os.close(descriptor)
    return False


def _withheld(folder: str, names: list[str]) -> set[str]:
    """Return the files of a folder that must not enter the sandbox."""
    engine, helpers = course_packages()
    out = {name for name in names if name.endswith(".pyc")}
    if Path(folder) == engine:
        out |= set(names) - _ENGINE_INSIDE
    elif Path(folder) == engine / "grade":
        out |= set(names) - {"in_sandbox", "__init__.py"}
    elif Path(folder) == helpers / "labs":
        out |= set(names) - {"__init__.py"}
    return out
