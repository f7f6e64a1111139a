"""Starts kernels for Jupyter's client by having them forked; found by its entry point in pyproject.toml."""

from __future__ import annotations

import os
import sys
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from labs_engine.base.forking import ServerLost
from labs_engine.run.kernels.fork import ADDRESS, PATHS, fork_kernel

_LAUNCHER = "ipykernel_launcher"


class ForkingProvisioner(LocalProvisioner):
    """Forks a Python kernel of this environment; starts any other, or without a server, as usual."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel that a command line names.

        Args:
            cmd: The command line.
            **kwargs: Options of `subprocess.Popen`, of which `env` and `cwd` count.

        Returns:
            How to connect to it.
        """
        address = os.environ.get(ADDRESS)
        environment, folder = kwargs.get("env") or dict(os.environ), kwargs.get("cwd")
        same_modules = environment.get("PYTHONPATH", "") == os.environ.get(PATHS, "")
        if address and same_modules and _LAUNCHER in cmd and cmd[0] == sys.executable:
            arguments = cmd[cmd.index(_LAUNCHER) + 1 :]
            try:
                kernel = fork_kernel(arguments, environment, folder and os.fspath(folder), address)
            except ServerLost as lost:
                self.log.warning("%s. The kernel is started as usual, which takes longer.", lost)
            else:
                self.process = kernel  # type: ignore[assignment]
                self.pid, self.pgid, self.cwd = kernel.pid, kernel.pid, folder
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)
