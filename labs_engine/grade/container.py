"""The container of a sandbox, as bubblewrap makes it: what is visible inside, what can be written, which environment.

Without protection there is no container: the command and the environment are those of an ordinary process.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from labs_engine.declare.course import course_packages

Kind = Literal["bwrap", "none"]
_COURSE = "/course"  # where the packages lie inside
_PRIVATE = ("/private", "/dev/shm")  # each job has its own; the first is its temporary and its home folder
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_SETTINGS = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/localtime",
)


class Container:
    """What a sandbox is started with.

    Args:
        kind: 'bwrap', or 'none' for no protection at all.
        packages: Folders of the packages to be seen inside, and imported.
        readable: Further folders that are visible inside, read-only.
    """

    def __init__(self, kind: Kind, packages: Sequence[Path], readable: Sequence[Path] = ()) -> None:
        self._kind, self._packages, self._readable = kind, packages, readable

    def command(self, server: Sequence[str]) -> list[str]:
        """Return the command that starts a process inside.

        Args:
            server: The command as it is written inside.
        """
        if self._kind == "none":
            return [*server]
        # An ordinary user inside: the kernel lets nobody map a superuser into a further namespace.
        command = ["bwrap", "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000"]
        command += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        for folder in (*_SYSTEM, *_SETTINGS):
            path = Path(folder)
            if path.is_symlink() and path.parent == Path("/"):
                command += ["--symlink", str(path.readlink()), folder]
            elif path.exists():
                command += ["--ro-bind", folder, folder]
        command += ["--proc", "/proc", "--dev", "/dev"]
        for folder in (*_PRIVATE, "/tmp"):
            command += ["--tmpfs", folder]
        # The kernel mounts a job's own /proc only where a whole one is in sight; bubblewrap covers parts of its own
        # where the grader is run by root. A job's first folder hides it.
        command += ["--ro-bind", "/proc", f"{_PRIVATE[0]}/proc"]
        for package in self._packages:
            command += ["--ro-bind", str(package), f"{_COURSE}/{package.name}"]
        for folder in self._visible():
            command += ["--ro-bind", folder, folder]
        for hidden in self._installed_copies():
            command += ["--tmpfs", hidden]
        for readable in self._readable:
            # Databases of the cache remember where the instructor's files lie.
            for database in sorted(readable.glob("*.sqlite*")):
                command += ["--ro-bind", "/dev/null", str(database)]
        read_only = ["/dev", "/"] if "/tmp" in self.private() else ["/dev", "/", "/tmp"]
        for folder in read_only:
            command += ["--remount-ro", folder]
        return [*command, "--chdir", "/", "--", *server]

    def variables(self, further: Mapping[str, str]) -> dict[str, str]:
        """Return the environment inside.

        Args:
            further: Variables beside those that every sandbox has.
        """
        home = _PRIVATE[0] if self._kind == "bwrap" else tempfile.gettempdir()
        threads = dict.fromkeys(
            (
                "OMP_NUM_THREADS",
                "OPENBLAS_NUM_THREADS",
                "NUMBA_NUM_THREADS",
                "TF_NUM_INTRAOP_THREADS",
                "TF_NUM_INTEROP_THREADS",
            ),
            "1",
        )
        # A cache that can be written to: the first of a job's folders hides it from submissions.
        compiled = {"NUMBA_CACHE_DIR": f"{home}/numba"} if self._kind == "bwrap" else {}
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": home,
            "TMPDIR": home,
            "LANG": "C.UTF-8",
            "PYTHONPATH": _COURSE if self._kind == "bwrap" else self._parents(),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "MPLCONFIGDIR": f"{home}/matplotlib",
            **threads,
            **compiled,
            **further,
        }  # fmt: skip

    def private(self) -> tuple[str, ...]:
        """Return the folders that each job has for itself; /tmp unless libraries lie in it."""
        if any(Path(folder).is_relative_to("/tmp") for folder in self._visible()):
            return _PRIVATE
        return (*_PRIVATE, "/tmp")

    def _visible(self) -> list[str]:
        """Return the folders of Python and its libraries, and those to be readable, none inside another."""
        folders = {sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib")}
        folders |= {str(folder) for folder in self._readable}
        folders |= {str(Path(sys.executable).resolve().parent.parent)}
        wanted = sorted(
            {str(Path(folder)) for folder in folders if not folder.startswith("/usr/") and folder != "/usr"}
        )
        return [
            f for f in wanted if not any(f != other and Path(f).is_relative_to(other) for other in wanted)
        ]

    def _parents(self) -> str:
        """Return the folders in which the packages lie, as a search path."""
        return os.pathsep.join(dict.fromkeys(str(package.parent) for package in self._packages))

    @staticmethod
    def _installed_copies() -> list[str]:
        """Return where the whole packages lie among the libraries, which must not be seen."""
        places = [package.resolve() for package in course_packages()]
        return [str(place) for place in places if place.is_relative_to(Path(sys.prefix).resolve())]
