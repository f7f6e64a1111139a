"""The `labs` command: listing, running, building and releasing the course."""

import sys

try:
    from labs_engine.cli.app import main
except ModuleNotFoundError as error:
    if error.name not in ("click", "rich"):
        raise
    sys.exit(
        f"The labs command needs {error.name}: install the course with its extra `course`, see README, 'Start here'."
    )

__all__ = ["main"]
