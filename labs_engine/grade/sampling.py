"""Parameters that nobody can foresee: drawn for each student and run from a secret."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from labs_engine.base.storage import new_file
from labs_engine.declare.framework import LabSpec
from labs_engine.declare.parameters import resolve

_SECRET_BYTES = 16


class SecretError(ValueError):
    """The secret cannot be used."""


def secret_of(path: Path | None, folder: Path) -> str:
    """Return the secret: that of a file, or one that the first call makes and keeps in the output folder.

    Args:
        path: A text file with the secret, or None.
        folder: Where a secret that was made is kept.

    Raises:
        SecretError: The file is not there, or holds less than 16 characters.
    """
    own = folder / "secret.txt"
    if path is None and not own.exists():
        with new_file(own) as part:
            part.write_text(secrets.token_hex(_SECRET_BYTES) + "\n", encoding="utf-8")
            part.chmod(0o600)
    place = path or own
    try:
        text = place.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"the secret cannot be read from {place}: {error}") from None
    if len(text) < _SECRET_BYTES:
        raise SecretError(
            f"the secret in {place} has {len(text)} characters; give it at least {_SECRET_BYTES}"
        )
    return text


def sample_parameters(
    spec: LabSpec, instructor: ModuleType, secret: str, student: str, run: int
) -> dict[str, Any]:
    """Return all parameters of one graded run.

    Args:
        spec: The lab.
        instructor: The lab's module in `solutions/grading`; its `sample_parameters` makes the values.
        secret: Known to the instructor alone.
        student: The student's id.
        run: Number of the run, from 0.

    Returns:
        The parameters, resolved. The same for the same secret, student and run.
    """
    text = f"{spec.name}\0{student}\0{run}"
    digest = hmac.new(secret.encode(), text.encode(), "sha256").digest()
    rng = np.random.default_rng(int.from_bytes(digest, "big"))
    return resolve(spec.parameters, instructor.sample_parameters(rng))
