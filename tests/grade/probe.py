"""A sandbox without TensorFlow, whose jobs run a few lines of code and tell what they found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

from labs_engine.grade.container import Kind
from labs_engine.grade.course_copy import course_without_answers
from labs_engine.grade.endings import Ending
from labs_engine.grade.in_sandbox.limits import Limits
from labs_engine.grade.in_sandbox.protocol import Message
from labs_engine.grade.sandbox import Sandbox

_TASK = """
import json, traceback
from labs_engine.grade.in_sandbox.protocol import send

def run(job, out):
    told = []
    names = {"tell": told.append, "out": out}
    try:
        exec(job["code"], names)
    except BaseException:
        told.append(traceback.format_exc(limit=-2))
    send(out, "told", {"told": told})
"""


class Probe:
    """Runs code in a sandbox.

    Attributes:
        sandbox: The sandbox.
        ending: How the last job ended.
    """

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self.sandbox, self.limits, self.ending = sandbox, limits, Ending()

    def __call__(self, code: str) -> list[Any]:
        """Run code; return what it passed to `tell`, an exception's text as the last."""
        told: list[Any] = []

        def take(message: Message) -> None:
            if message.kind == "told":
                told.extend(message.content["told"])

        self.ending = self.sandbox.run({"code": dedent(code)}, self.limits, take)
        return told


@contextmanager
def probing(limits: Limits, kind: Kind = "bwrap", lacking: str = "") -> Iterator[Probe]:
    """Open a sandbox for code of a test, without a module if one is named."""
    with course_without_answers() as packages:
        seen = [*packages, _package(packages[0].parent / "probing", _TASK)]
        if lacking:
            seen.append(_package(packages[0].parent / lacking, "raise ImportError('not on this system')"))
        with Sandbox(seen, "probing:run", kind=kind) as sandbox:
            yield Probe(sandbox, limits)


def _package(folder: Path, code: str) -> Path:
    folder.mkdir()
    (folder / "__init__.py").write_text(code)
    return folder
