"""The process from which kernels are forked: `python -m labs_engine.run.kernels.server DESCRIPTOR`.

Requests arrive at the listening socket DESCRIPTOR, see `labs_engine.base.forking`. A kernel takes four descriptors: a
file that holds its arguments as JSON, and standard input, output and error.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
from typing import Any

from labs_engine.base.forking import ForkServer
from labs_engine.declare.course import course

# No operation is run here, because threads do not survive a fork. The backend for figures is left out, because it
# starts its work in the notebook that loads it.
_KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel")


def load() -> None:
    """Load what kernels need."""
    for name in (*_KERNEL, *course().preload):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is loaded stays shared: no collection writes to it


def become_kernel(descriptors: list[int]) -> int:
    """Continue as a kernel, and return its exit status."""
    request, *standard = descriptors
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
    with os.fdopen(request, "rb") as file:
        file.seek(0)
        wanted = json.load(file)
    for descriptor in standard:
        os.close(descriptor)
    return _run_kernel(wanted)


def _run_kernel(wanted: dict[str, Any]) -> int:
    os.environ.clear()
    os.environ.update(wanted["env"])
    if wanted["cwd"]:
        os.chdir(wanted["cwd"])
    for stream in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stream, signal.SIG_DFL if stream == signal.SIGTERM else signal.default_int_handler)
    _as_if_started_now()
    sys.argv = ["ipykernel_launcher", *wanted["arguments"]]
    from ipykernel.kernelapp import IPKernelApp

    try:
        # The kernel watches its parent, which is this process's.
        IPKernelApp.launch_instance(
            argv=[*wanted["arguments"], f"--IPKernelApp.parent_handle={os.getppid()}"]
        )
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        atexit._run_exitfuncs()  # the kernel's own clean-up: its connection file, for example
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _as_if_started_now() -> None:
    """Set what libraries take from the environment and from chance when they are loaded."""
    import matplotlib as mpl
    import numpy as np
    from threadpoolctl import threadpool_limits

    random.seed()
    np.random.seed()  # noqa: NPY002 - the global state, which every fork would share
    if os.environ.get("MPLBACKEND"):
        mpl.rcParams["backend"] = os.environ["MPLBACKEND"]
    threadpool_limits(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))


def main() -> None:
    """Serve."""
    # `python -m` puts the folder in which it is called before everything else.
    sys.path[:] = [folder for folder in sys.path if folder not in ("", os.getcwd())]  # noqa: PTH109
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        ForkServer(listener, become_kernel, load).serve()


if __name__ == "__main__":
    main()
