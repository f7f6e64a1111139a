"""What commands print, and errors in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

# Names and paths may hold '[final]' or ':x:': nothing that is printed is taken for markup.
console = Console(highlight=False, markup=False, emoji=False)


class CourseError(Exception):
    """An error whose message is all that the user needs."""


@contextmanager
def clear_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Turn what a user can cause into a `CourseError`.

    Args:
        *kinds: The exceptions that a user can cause, besides KeyError and OSError.
    """
    try:
        yield
    except KeyError as error:
        raise CourseError(error.args[0] if error.args else "unknown key") from None
    except Exception as error:
        if not isinstance(error, (*kinds, OSError)):
            raise
        raise CourseError(str(error)) from None
