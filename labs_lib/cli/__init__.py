"""The `labs` command: listing, running, building and releasing the course."""

from labs_lib.cli.app import main

__all__ = ["main"]
